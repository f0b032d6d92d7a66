//! placeholder
use std::path::Path;
#[derive(clap::Args)]
pub(crate) struct Args {}
pub(crate) fn run(_: &Path, _: &Args) -> bool {
    true
}
