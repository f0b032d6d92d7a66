//! `cargo xtask tidy`: promises of ARCHITECTURE.md that no compiler checks.
//!
//! Each rule is a function from the tree (or cargo's metadata) to offences, so that its tests can
//! plant one.

mod attributes;
mod client_core;
mod files;
mod layers;
mod manifests;
mod paths;
mod protocol;
mod tree;

use std::fmt;
use std::path::Path;

use crate::command::{cargo, output};
use tree::Tree;

/// Flags of `tidy`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Notes that PROTOCOL.md agrees with the code: do it after having looked.
    #[arg(long)]
    bless_protocol: bool,
}

/// One broken promise.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Offence {
    /// File, relative to the root.
    path: String,
    /// Line from 1; 0 for the file as a whole.
    line: usize,
    /// What is wrong and what to do.
    what: String,
}

impl Offence {
    fn new(path: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.into(), line, what: what.into() }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// Prints every offence; true when there is none.
pub(crate) fn run(root: &Path, args: &Args) -> bool {
    if args.bless_protocol {
        return bless_protocol(root);
    }
    match offences(root) {
        Ok(offences) if offences.is_empty() => {
            println!("tidy: layers, files, names, manifests, attributes, paths and protocol hold");
            true
        }
        Ok(offences) => {
            for offence in &offences {
                println!("{offence}");
            }
            println!("tidy: {} offences", offences.len());
            false
        }
        Err(error) => {
            eprintln!("tidy: {error}");
            false
        }
    }
}

/// All offences of the tree at `root`, sorted.
pub(crate) fn offences(root: &Path) -> Result<Vec<Offence>, Box<dyn std::error::Error>> {
    let tree = Tree::load(root)?;
    let mut metadata = cargo(root);
    let metadata = output(metadata.args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata = serde_json::from_str(&metadata)?;
    let mut found = layers::check(&metadata);
    for name in layers::pure_crates() {
        let tree = output(cargo(root).args(layers::TREE).arg(name))?;
        found.extend(layers::check_pure(name, &tree));
    }
    found.extend(client_core::check(&tree));
    found.extend(files::check(&tree));
    found.extend(manifests::check(&tree));
    found.extend(attributes::check(&tree));
    found.extend(paths::check(&tree));
    found.extend(protocol::check(&tree));
    found.sort();
    Ok(found)
}

fn bless_protocol(root: &Path) -> bool {
    let written = Tree::load(root)
        .and_then(|tree| std::fs::write(root.join(protocol::LOCK), protocol::lock_text(&tree)));
    match written {
        Ok(()) => println!("tidy: {} is written", protocol::LOCK),
        Err(ref error) => eprintln!("tidy: {}: {error}", protocol::LOCK),
    }
    written.is_ok()
}
