//! The source tree as the rules see it: paths and texts.

use std::fs;
use std::io;
use std::path::Path;

/// Directories that are not ours: outputs, installed packages, git's own.
const SKIPPED: [&str; 3] = ["target", "node_modules", ".git"];
/// Larger files are data, not text that people read.
const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;

/// One text file.
#[derive(Debug)]
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// What follows the last dot of the name.
    pub(super) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Lines with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// All text files, sorted by path.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

impl Tree {
    /// Reads every text file below `root`.
    pub(super) fn load(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The file at `path`.
    pub(super) fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Files with one of these extensions.
    pub(super) fn with_extension(&self, extensions: &[&str]) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| extensions.contains(&file.extension()))
    }
}

fn collect(dir: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(&entry.path(), &path, files)?;
            }
        } else if kind.is_file() && entry.metadata()?.len() <= MAX_TEXT_BYTES {
            // What is not UTF-8 is an image or an archive.
            if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                files.push(File { path, text });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
impl Tree {
    /// A tree of these files, for planting offences.
    pub(super) fn planted(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| File { path: (*path).to_string(), text: (*text).to_string() })
            .collect();
        Self { files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_files_are_found_and_foreign_directories_skipped() {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in [
            ("b.rs", &b"fn b() {}"[..]),
            ("a/x.js", b"1"),
            ("target/debug/c.rs", b"c"),
            ("a/node_modules/d.js", b"d"),
            (".ci/run", b"#!"),
            ("logo.png", b"\xff\xfe"),
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let tree = Tree::load(dir.path()).unwrap();
        let paths: Vec<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".ci/run", "a/x.js", "b.rs"]);
        assert_eq!(tree.get("a/x.js").unwrap().text, "1");
        assert_eq!(tree.get("a/x.js").unwrap().extension(), "js");
        assert_eq!(tree.get(".ci/run").unwrap().extension(), "");
    }
}
