//! Type check and node tests of the web assets, and where the tools for both lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Outcome;
use super::context::Context;
use super::counts::Counts;
use super::error::StepError;
use crate::command::{command, run, run_lines};

/// Where the pages, the SDK and their tests are, from the root.
const WEB: &str = "assets/web";
/// The test that needs a running server; the `browser` step gives it one.
pub(super) const BROWSER_TEST: &str = "assets/web/skirmish/test/browser.test.js";

/// Directory with the `node_modules` that the `setup` step installs.
pub(super) fn tools(context: &mut Context) -> Result<PathBuf, StepError> {
    Ok(context.target()?.join("js-tools"))
}

/// `tsc` over the JSDoc types, as strict as `assets/web/tsconfig.json` says.
pub(super) fn types(context: &mut Context) -> Result<Outcome, StepError> {
    let compiler = tools(context)?.join("node_modules/typescript/bin/tsc");
    if !compiler.is_file() {
        let remedy = "cargo xtask test --only setup".into();
        return Err(StepError::Missing { what: "TypeScript".into(), remedy });
    }
    let project = context.root.join(WEB).join("tsconfig.json");
    run(command(&context.root, "node").arg(compiler).arg("--project").arg(project))?;
    Ok(Outcome::Passed)
}

/// Every test file below `assets/web` but the browser's.
pub(super) fn tests(context: &mut Context) -> Result<Outcome, StepError> {
    let web = context.root.join(WEB);
    let mut files = Vec::new();
    test_files(&web, &mut files).map_err(|source| StepError::file(&web, source))?;
    files.sort();
    files.retain(|file| *file != context.root.join(BROWSER_TEST));
    if files.is_empty() {
        return Err(StepError::Wrong(format!("no test files below {WEB}")));
    }
    run_node_tests(command(&context.root, "node"), &files, &mut context.counts)?;
    Ok(Outcome::Passed)
}

/// Runs test files under `node` (a command that has its environment already) and counts.
pub(super) fn run_node_tests(
    mut node: Command,
    files: &[PathBuf],
    counts: &mut Counts,
) -> Result<(), StepError> {
    // One report for people, one to count from.
    node.args(["--test", "--test-reporter=spec", "--test-reporter-destination=stderr"]);
    node.args(["--test-reporter=tap", "--test-reporter-destination=stdout"]);
    node.args(files);
    let before = *counts;
    run_lines(&mut node, |line| counts.add_node_line(line))?;
    if *counts == before {
        return Err(StepError::Wrong("node ran no test".into()));
    }
    Ok(())
}

/// Files `*.test.js` in directories named `test`.
fn test_files(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            test_files(&path, files)?;
        } else if dir.ends_with("test") && path.to_string_lossy().ends_with(".test.js") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_files_in_test_directories_are_found() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["sdk/test/a.test.js", "sdk/test/arrange.js", "sdk/b.test.js", "test/c.test.js"]
        {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut files = Vec::new();
        test_files(dir.path(), &mut files).unwrap();
        files.sort();
        assert_eq!(files, ["sdk/test/a.test.js", "test/c.test.js"].map(|f| dir.path().join(f)));
    }
}
