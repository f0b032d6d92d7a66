//! Puts `assets/web` and `assets/maps` into the binary: writes a table of `include_bytes!` lines.
//!
//! A script of our own instead of a macro over the folder, because cargo must notice new files and
//! because tests and tool folders that live beside the pages are not to be shipped.

use std::error::Error;
use std::path::{Path, PathBuf};

/// Names of files and folders that are not part of what is served.
const LEFT_OUT: [&str; 4] = ["node_modules", "test", "tests", "package-lock.json"];

fn main() -> Result<(), Box<dyn Error>> {
    let assets = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../assets");
    let mut files = Vec::new();
    for folder in ["web", "maps"] {
        println!("cargo:rerun-if-changed={}", assets.join(folder).display());
        collect(&assets.join(folder), folder, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files {
        table.push_str(&format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        ));
    }
    table.push_str("]\n");
    let target = Path::new(&std::env::var("OUT_DIR")?).join("embedded.rs");
    std::fs::write(target, table)?;
    Ok(())
}

/// Appends every file below `folder` with its name as the server knows it (`web/sdk/…`).
fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path().canonicalize()?;
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if LEFT_OUT.contains(&name) || name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}/{name}");
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else {
            files.push((name, path));
        }
    }
    Ok(())
}
