//! The browser step: a release server, and a headless Chromium that plays on its page.

use std::path::PathBuf;

use super::Outcome;
use super::context::Context;
use super::error::StepError;
use super::javascript::{self, BROWSER_TEST, run_node_tests};
use super::server::Server;
use crate::command::{command, find};

/// Names under which browsers of the Chromium family are installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Names a browser that is not on the path.
const CHROMIUM: &str = "TICKWIRE_CHROMIUM";

/// The browser to use, when there is one.
pub(super) fn chromium() -> Option<PathBuf> {
    match std::env::var_os(CHROMIUM) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => NAMES.into_iter().find_map(find),
    }
}

/// Plays the Skirmish page; screenshots stay below the target directory.
pub(super) fn run(context: &mut Context) -> Result<Outcome, StepError> {
    let remedy = || "cargo xtask test --only setup".to_string();
    let chromium = chromium()
        .ok_or_else(|| StepError::Missing { what: "Chromium".into(), remedy: remedy() })?;
    let tools = javascript::tools(context)?;
    if !tools.join("node_modules/playwright-core").is_dir() {
        return Err(StepError::Missing { what: "playwright-core".into(), remedy: remedy() });
    }
    let shots = context.out()?.join("shots");
    let server = Server::start(context, "browser")?;
    let mut node = command(&context.root, "node");
    node.env("TICKWIRE_URL", server.url()).env(CHROMIUM, chromium);
    node.env("TICKWIRE_JS_TOOLS", tools).env("TICKWIRE_SHOTS", &shots);
    let test = context.root.join(BROWSER_TEST);
    let played = run_node_tests(node, &[test], &mut context.counts);
    if played.is_err() {
        server.show_log();
    }
    played?;
    println!("screenshots: {}", shots.display());
    server.stop()?;
    Ok(Outcome::Passed)
}
