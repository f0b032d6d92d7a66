//! Gets the tools that later steps need, or says what to type.

use std::fs;

use sha2::{Digest, Sha256};

use super::Outcome;
use super::browser;
use super::context::Context;
use super::error::StepError;
use super::javascript;
use crate::command::{self, command, installed, output};

/// The oldest node whose test runner and WebSocket the SDK's tests use.
const NODE_MAJOR: u32 = 20;
/// Pinned versions of the JavaScript tools, with their hashes.
const TOOLS: &str = "crates/xtask/js-tools";
const PINNED: [&str; 2] = ["package.json", "package-lock.json"];
/// Notes which pinned versions are installed.
const STAMP: &str = "installed";

/// Checks node, installs the JavaScript tools and, as root, Chromium.
pub(super) fn run(context: &mut Context) -> Result<Outcome, StepError> {
    node(context)?;
    javascript_tools(context)?;
    chromium(context)?;
    Ok(Outcome::Passed)
}

fn node(context: &Context) -> Result<(), StepError> {
    let missing = |what: String| StepError::Missing {
        what,
        remedy: "apt-get install nodejs npm    (or see https://nodejs.org/download)".into(),
    };
    if !installed("node") {
        return Err(missing(format!("node {NODE_MAJOR} or newer")));
    }
    let version = output(command(&context.root, "node").arg("--version"))?;
    println!("node {}", version.trim());
    match major(&version) {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        _ => Err(missing(format!("node {NODE_MAJOR} or newer (here is {})", version.trim()))),
    }
}

/// The first number of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Installs TypeScript and playwright-core below the target directory, once per pinned version.
fn javascript_tools(context: &mut Context) -> Result<(), StepError> {
    let tools = javascript::tools(context)?;
    let pinned = context.root.join(TOOLS);
    let mut sha = Sha256::new();
    fs::create_dir_all(&tools).map_err(|source| StepError::file(&tools, source))?;
    for name in PINNED {
        let (from, to) = (pinned.join(name), tools.join(name));
        let bytes = fs::read(&from).map_err(|source| StepError::file(&from, source))?;
        sha.update(&bytes);
        fs::write(&to, &bytes).map_err(|source| StepError::file(&to, source))?;
    }
    let wanted: String = sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let stamp = tools.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|held| held == wanted) {
        println!("TypeScript and playwright-core are installed");
        return Ok(());
    }
    if !installed("npm") {
        let remedy = "apt-get install npm".into();
        return Err(StepError::Missing { what: "npm".into(), remedy });
    }
    let mut npm = command(&context.root, "npm");
    npm.arg("ci").arg("--prefix").arg(&tools);
    command::run(npm.args(["--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).map_err(|source| StepError::file(&stamp, source))
}

fn chromium(context: &Context) -> Result<(), StepError> {
    if browser::chromium().is_none() {
        let missing = StepError::Missing {
            what: "Chromium".into(),
            remedy: "apt-get install chromium    (or set TICKWIRE_CHROMIUM to a browser's path)"
                .into(),
        };
        let root_user = output(command(&context.root, "id").arg("-u"))?.trim() == "0";
        if !root_user || !installed("apt-get") {
            return Err(missing);
        }
        let install = ["install", "--yes", "--no-install-recommends", "chromium"];
        for arguments in [&["update"][..], &install] {
            let mut apt = command(&context.root, "apt-get");
            command::run(apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))?;
        }
        if browser::chromium().is_none() {
            return Err(missing);
        }
    }
    if let Some(path) = browser::chromium() {
        println!("Chromium {}", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.11.1\n"), Some(20));
        assert_eq!(major("v6.0.0"), Some(6));
        assert_eq!(major("unknown"), None);
    }
}
