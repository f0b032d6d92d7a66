//! `cargo xtask bless`: the crates that own shared vectors write them anew.

use std::path::Path;

use crate::command::{self, cargo};

/// Crates with tests that compare vectors below `assets/web`, and rewrite them when
/// `TICKWIRE_UPDATE_VECTORS` is set. None of them starts a server, which would refuse that name.
pub(crate) const VECTOR_CRATES: [&str; 3] = ["tickwire-wire", "tickwire-game", "tickwire-skirmish"];

/// Rewrites all vectors; true when every crate's tests passed.
pub(crate) fn run(root: &Path) -> bool {
    let mut tests = cargo(root);
    tests.arg("test").env("TICKWIRE_UPDATE_VECTORS", "1");
    for name in VECTOR_CRATES {
        tests.args(["--package", name]);
    }
    match command::run(&mut tests) {
        Ok(()) => {
            println!("vectors are written; `git diff -- assets/web` shows what changed");
            true
        }
        Err(error) => {
            eprintln!("bless: {error}");
            false
        }
    }
}
