//! `cargo xtask train-priors`: learns the priors in this repository anew.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args as ClapArgs;

use crate::command::{self, CommandError, cargo};

/// The prior that the protocol ships, and the same for browsers.
const SHIPPED: &str = "crates/wire/src/prior/shipped.bin";
const SCRIPT: &str = "assets/web/sdk/prior.js";
/// Skirmish's own.
const SKIRMISH: &str = "crates/skirmish/prior.bin";
/// Characters of base64 in a line of the script.
const LINE_CHARS: usize = 116;

/// Arguments of the chore.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only compare: fails when what is learnt is not what is there.
    #[arg(long)]
    check: bool,
}

/// Why priors were not learnt.
#[derive(Debug, thiserror::Error)]
enum PriorsError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{0} is not what is learnt from these sources: cargo xtask train-priors")]
    Stale(&'static str),
}

/// Learns the priors; true when they are written, or compared and the same.
pub(crate) fn run(root: &Path, args: &Args) -> bool {
    let done = train(root, args.check);
    match &done {
        Ok(()) if args.check => println!("the priors are what is learnt from these sources"),
        Ok(()) => println!("{SHIPPED}, {SCRIPT} and {SKIRMISH} are written"),
        Err(error) => eprintln!("train-priors: {error}"),
    }
    done.is_ok()
}

fn train(root: &Path, check: bool) -> Result<(), PriorsError> {
    let scratch = root.join("target/priors");
    fs::create_dir_all(&scratch)
        .map_err(|source| PriorsError::File { path: scratch.clone(), source })?;
    let keep = |name: &'static str, bytes: &[u8]| {
        let path = root.join(name);
        if check {
            let same = fs::read(&path).is_ok_and(|there| there == bytes);
            return if same { Ok(()) } else { Err(PriorsError::Stale(name)) };
        }
        fs::write(&path, bytes).map_err(|source| PriorsError::File { path, source })
    };
    let shipped = learn(root, &scratch.join("shipped.bin"), "tickwire-scenes", &["train"])?;
    keep(SHIPPED, &shipped)?;
    keep(SCRIPT, script(&shipped).as_bytes())?;
    // From the one just written: a game's own prior starts from the protocol's.
    let arguments = ["train-prior", "--", "--workload", "skirmish"];
    let own = learn(root, &scratch.join("skirmish.bin"), "tickwire-benches", &arguments)?;
    keep(SKIRMISH, &own)
}

/// Runs a program that learns a prior; returns its bytes.
fn learn(
    root: &Path,
    out: &Path,
    package: &str,
    arguments: &[&str],
) -> Result<Vec<u8>, PriorsError> {
    let mut program = cargo(root);
    program.args(["run", "--release", "--quiet", "--package", package, "--bin"]).args(arguments);
    if !arguments.contains(&"--") {
        program.arg("--");
    }
    command::run(program.arg("--out").arg(out))?;
    fs::read(out).map_err(|source| PriorsError::File { path: out.to_path_buf(), source })
}

/// The module that browsers load when a room speaks a level that starts from this prior.
fn script(prior: &[u8]) -> String {
    let text = STANDARD.encode(prior);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(LINE_CHARS)
        .map(|line| str::from_utf8(line).unwrap_or_default())
        .collect();
    format!(
        "// The prior that the protocol ships (PROTOCOL section 4.1). Written by `cargo xtask train-priors`.\n\
         \n\
         /** Its bytes as base64. */\n\
         export const PRIOR_BASE64 =\n  '{}';\n\
         \n\
         /** @returns {{Uint8Array}} its bytes */\n\
         export function shippedPrior() {{\n  \
         return Uint8Array.from(atob(PRIOR_BASE64), (char) => char.charCodeAt(0));\n\
         }}\n",
        lines.join("' +\n  '")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_holds_the_bytes_of_the_shipped_prior() {
        let root = crate::root::find();
        let shipped = fs::read(root.join(SHIPPED)).unwrap();
        let there = fs::read_to_string(root.join(SCRIPT)).unwrap();
        assert_eq!(there, script(&shipped), "cargo xtask train-priors");
        let quoted: String = there
            .lines()
            .filter(|line| line.starts_with("  '"))
            .flat_map(|line| line.split('\'').nth(1))
            .collect();
        assert_eq!(STANDARD.decode(quoted).unwrap(), shipped);
        assert!(there.lines().all(|line| line.len() <= 124));
    }
}
