//! Where the repository lies.

use std::path::{Path, PathBuf};

/// The repository's root: two directories above this crate.
pub(crate) fn find() -> PathBuf {
    // Cargo sets it when it runs the chore; the value from compile time serves a bare binary.
    let crate_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    crate_dir.ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf()
}
