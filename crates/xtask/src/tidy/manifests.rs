//! Every dependency is justified in one line, beside its entry or in the workspace's table; every crate
//! takes the workspace's lints, which forbid `unsafe`, but for one; and the pure crates share one list
//! of what clippy keeps out of them.

use std::collections::BTreeSet;

use super::Offence;
use super::tree::{File, Tree};

const ROOT: &str = "Cargo.toml";
/// The list of what is not deterministic, and the crates that must have a copy of it: clippy reads
/// only the configuration nearest to a crate.
const PURE_CLIPPY: &str = "crates/game/clippy.toml";
const PURE_CLIPPY_COPIES: [&str; 3] =
    ["crates/wire/clippy.toml", "crates/room/clippy.toml", "crates/skirmish/clippy.toml"];

/// The one crate that may hold `unsafe`: a forbidden lint cannot be allowed in places, so that it has a
/// table of its own, with these lines in it.
const UNSAFE: &str = "crates/ring/Cargo.toml";
const UNSAFE_LINTS: [&str; 3] = [
    "unsafe_code = \"deny\"",
    "unsafe_op_in_unsafe_fn = \"deny\"",
    "undocumented_unsafe_blocks = \"deny\"",
];

pub(super) fn check(tree: &Tree) -> Vec<Offence> {
    let mut found = check_reasons(tree);
    found.extend(check_lints(tree));
    found.extend(check_clippy(tree));
    found
}

fn check_reasons(tree: &Tree) -> Vec<Offence> {
    let justified = tree.get(ROOT).map(justified).unwrap_or_default();
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.name() == "Cargo.toml") {
        for entry in entries(file) {
            let shared = entry.text.contains("workspace = true");
            let ours = entry.name.starts_with("tickwire");
            if entry.comment || ours || shared && justified.contains(entry.name) {
                continue;
            }
            let what = format!("`{}` without a comment that says what it is for", entry.name);
            found.push(Offence::new(&file.path, entry.line, what));
        }
    }
    found
}

fn check_lints(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.name() == "Cargo.toml" && file.path != ROOT) {
        let has = |line: &str| file.lines().any(|(_, text)| text.trim() == line);
        if file.path == UNSAFE {
            let missing = UNSAFE_LINTS.into_iter().filter(|line| !has(line));
            found.extend(
                missing
                    .map(|line| Offence::new(&file.path, 0, format!("without the lint `{line}`"))),
            );
        } else if !inherits_lints(file) {
            let what = "without the workspace's lints: `[lints]` and `workspace = true`";
            found.push(Offence::new(&file.path, 0, what));
        }
    }
    found
}

fn inherits_lints(file: &File) -> bool {
    let mut lines = file.lines().map(|(_, text)| text.trim());
    lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true")
}

/// One dependency's entry.
struct Entry<'a> {
    name: &'a str,
    line: usize,
    text: &'a str,
    comment: bool,
}

/// The dependency entries of a manifest: one line each, which is how ours are written.
fn entries(file: &File) -> Vec<Entry<'_>> {
    let mut inside = false;
    let mut entries = Vec::new();
    for (number, text) in file.lines() {
        let text = text.trim();
        if text.starts_with('[') {
            let table = text.trim_matches(['[', ']']);
            inside = table.ends_with("dependencies");
            if let Some((_, name)) = table.split_once("dependencies.") {
                // A table of its own has no line to carry the comment.
                entries.push(Entry { name, line: number, text, comment: false });
            }
            continue;
        }
        let Some((name, value)) = text.split_once('=') else { continue };
        if inside && !name.starts_with('#') {
            let name = name.trim().trim_end_matches(".workspace");
            let comment = comment(value).is_some_and(|comment| !comment.trim().is_empty());
            entries.push(Entry { name, line: number, text, comment });
        }
    }
    entries
}

/// What follows the first `#` outside of a string.
fn comment(value: &str) -> Option<&str> {
    let mut quoted = false;
    for (at, c) in value.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return Some(&value[at + 1..]),
            _ => {}
        }
    }
    None
}

/// Names of the workspace's own table that carry a comment.
fn justified(root: &File) -> BTreeSet<&str> {
    entries(root).into_iter().filter(|entry| entry.comment).map(|entry| entry.name).collect()
}

fn check_clippy(tree: &Tree) -> Vec<Offence> {
    let Some(list) = tree.get(PURE_CLIPPY) else { return Vec::new() };
    PURE_CLIPPY_COPIES
        .into_iter()
        .filter(|path| tree.get(path).is_none_or(|copy| copy.text != list.text))
        .map(|path| Offence::new(path, 0, format!("must be a copy of {PURE_CLIPPY}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: &str = "\
[workspace.dependencies]
tickwire-wire = { path = \"crates/wire\" }
tokio = { version = \"1\" } # runtime
bare = \"1\"
git = { git = \"https://example.org/#x\" }

[workspace.lints.rust]
unsafe_code = \"forbid\"
";

    fn planted(crate_manifest: &str) -> Vec<(String, usize)> {
        let tree = Tree::planted(&[(ROOT, WORKSPACE), ("crates/x/Cargo.toml", crate_manifest)]);
        check_reasons(&tree).into_iter().map(|offence| (offence.path, offence.line)).collect()
    }

    #[test]
    fn the_workspace_table_is_held_to_it() {
        let expected = [(ROOT.to_string(), 4), (ROOT.to_string(), 5)];
        assert_eq!(planted(""), expected);
    }

    #[test]
    fn a_crate_justifies_what_the_workspace_does_not() {
        let manifest = "\
[package]
name = \"x\"
[dependencies]
tokio = { workspace = true }
tokio2.workspace = true
bare = { workspace = true } # numbers
tickwire-wire = { workspace = true }
[dev-dependencies]
bare = { workspace = true }
other = \"1\" #
[target.'cfg(unix)'.dependencies]
third = \"1\"
[dependencies.fourth]
version = \"1\"
[features]
free = []
";
        let lines: Vec<usize> = planted(manifest)
            .into_iter()
            .filter(|(path, _)| path != ROOT)
            .map(|(_, line)| line)
            .collect();
        assert_eq!(lines, [5, 9, 10, 12, 13]);
    }

    #[test]
    fn only_one_crate_has_lints_of_its_own() {
        let own = "[lints.rust]\nunsafe_code = \"deny\"\nunsafe_op_in_unsafe_fn = \"deny\"\n";
        let tree = Tree::planted(&[
            (UNSAFE, own),
            ("crates/x/Cargo.toml", own),
            ("crates/y/Cargo.toml", "[lints]\nworkspace = true\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|o| (o.path, o.what)).collect();
        let what = "without the workspace's lints: `[lints]` and `workspace = true`";
        let missing = "without the lint `undocumented_unsafe_blocks = \"deny\"`";
        assert_eq!(found[0], (UNSAFE.to_owned(), missing.to_owned()));
        assert_eq!(found[1], ("crates/x/Cargo.toml".to_owned(), what.to_owned()));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn pure_crates_share_one_clippy_list() {
        let tree = Tree::planted(&[
            (PURE_CLIPPY, "a"),
            (PURE_CLIPPY_COPIES[0], "a"),
            (PURE_CLIPPY_COPIES[1], "b"),
        ]);
        let paths: Vec<String> = check(&tree).into_iter().map(|offence| offence.path).collect();
        assert_eq!(paths, PURE_CLIPPY_COPIES[1..]);
    }
}
