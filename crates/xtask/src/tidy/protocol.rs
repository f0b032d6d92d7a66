//! PROTOCOL.md is looked at whenever the code that writes or reads its bytes changes.
//!
//! A checked-in list holds a hash of the document and of every file that implements it. Comments,
//! blank lines and unit tests do not count: they change no byte.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Offence;
use super::tree::{File, Tree};

/// Where the hashes are kept.
pub(super) const LOCK: &str = "crates/wire/protocol.lock";
const DOCUMENT: &str = "crates/wire/PROTOCOL.md";
const RUST: &str = "crates/wire/src/";
const SCRIPT: &str = "assets/web/sdk/";
/// Modules of the SDK that touch no byte of the protocol; a new module counts until listed here.
const NO_BYTES: [&str; 17] = [
    "agenda.js",
    "api.js",
    "backoff.js",
    "blend.js",
    "clock.js",
    "connection.js",
    "emitter.js",
    "errors.js",
    "history.js",
    "interpolator.js",
    "math.js",
    "own-row.js",
    "playback.js",
    "predictor.js",
    "rows.js",
    "session.js",
    "stats.js",
];
const REMEDY: &str = "changes since it was written: look at PROTOCOL.md, then run \
    `cargo xtask tidy --bless-protocol`";
const HEADER: &str = "\
# Hashes of PROTOCOL.md and of the code that implements it, without comments and tests.
# After a change: look at PROTOCOL.md, then run `cargo xtask tidy --bless-protocol`.
";

pub(super) fn check(tree: &Tree) -> Vec<Offence> {
    if tree.get(DOCUMENT).is_none() {
        return vec![Offence::new(DOCUMENT, 0, "the protocol's description is missing")];
    }
    let held = tree.get(LOCK).map(|file| parse(&file.text)).unwrap_or_default();
    let now = hashes(tree);
    let changed: Vec<&str> = now
        .iter()
        .filter(|(path, hash)| held.get(**path) != Some(&hash.as_str()))
        .map(|(path, _)| *path)
        .chain(held.keys().copied().filter(|path| !now.contains_key(path)))
        .collect();
    if changed.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Offence> = changed
        .into_iter()
        .map(|path| Offence::new(path, 0, "may write or read other bytes than PROTOCOL.md says"))
        .collect();
    found.push(Offence::new(LOCK, 0, REMEDY));
    found
}

/// What the list of hashes should hold now.
pub(super) fn lock_text(tree: &Tree) -> String {
    let mut text = HEADER.to_string();
    for (path, hash) in hashes(tree) {
        text.push_str(&format!("{hash}  {path}\n"));
    }
    text
}

fn parse(lock: &str) -> BTreeMap<&str, &str> {
    lock.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, path)| (path, hash))
        .collect()
}

fn hashes(tree: &Tree) -> BTreeMap<&str, String> {
    tree.files
        .iter()
        .filter(|file| counts(&file.path))
        .map(|file| (file.path.as_str(), hash(file)))
        .collect()
}

/// Whether the file describes, writes or reads bytes of the protocol.
fn counts(path: &str) -> bool {
    if let Some(module) = path.strip_prefix(SCRIPT) {
        return module.ends_with(".js") && !module.contains('/') && !NO_BYTES.contains(&module);
    }
    path == DOCUMENT || path.starts_with(RUST) && path.ends_with(".rs")
}

/// The first 8 bytes of the SHA-256 of what matters, in hex.
fn hash(file: &File) -> String {
    let mut sha = Sha256::new();
    let code = file.path != DOCUMENT;
    let mut lines = file.text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let unit_tests = lines.peek().is_some_and(|next| next.starts_with("mod tests"));
        if code && line == "#[cfg(test)]" && unit_tests {
            break; // they stand at the end of a file
        }
        if line.is_empty() || code && comment(line, file.extension()) {
            continue;
        }
        sha.update(line);
        sha.update("\n");
    }
    sha.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn comment(line: &str, extension: &str) -> bool {
    let block = ["/*", "* ", "*/"].iter().any(|start| line.starts_with(start)) || line == "*";
    line.starts_with("//") || extension == "js" && block
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "fn kind() -> u8 {\n    1\n}\n";
    const FILE: &str = "crates/wire/src/kind.rs";

    fn tree<'a>(document: &'a str, code: &'a str, lock: &'a str) -> Tree {
        Tree::planted(&[
            (DOCUMENT, document),
            (FILE, code),
            ("crates/wire/src/deep/er.rs", "x"),
            ("assets/web/sdk/bits.js", "// bits\n/**\n * doc\n */\nexport const a = 1;"),
            ("assets/web/sdk/math.js", "export const b = 1;"),
            ("assets/web/sdk/test/bits.test.js", "test();"),
            ("crates/room/src/lib.rs", "room"),
            (LOCK, lock),
        ])
    }

    fn blessed() -> String {
        lock_text(&tree("doc", CODE, ""))
    }

    fn offenders(document: &str, code: &str, lock: &str) -> Vec<String> {
        check(&tree(document, code, lock)).into_iter().map(|offence| offence.path).collect()
    }

    #[test]
    fn a_blessed_tree_passes_and_lists_what_has_bytes() {
        let lock = blessed();
        assert_eq!(offenders("doc", CODE, &lock), Vec::<String>::new());
        let paths: Vec<&str> = parse(&lock).into_keys().collect();
        let expected = ["assets/web/sdk/bits.js", DOCUMENT, "crates/wire/src/deep/er.rs", FILE];
        assert_eq!(paths, expected);
    }

    #[test]
    fn a_changed_file_or_document_is_named() {
        let lock = blessed();
        assert_eq!(offenders("doc", &CODE.replace('1', "2"), &lock), [FILE, LOCK]);
        assert_eq!(offenders("other", CODE, &lock), [DOCUMENT, LOCK]);
        let told = check(&tree("other", CODE, &lock)).remove(1).what;
        assert!(told.contains("look at PROTOCOL.md"), "{told}");
        assert!(told.contains("cargo xtask tidy --bless-protocol"), "{told}");
    }

    #[test]
    fn comments_blanks_and_tests_change_nothing() {
        let code = format!("// why\n\n{CODE}\n#[cfg(test)]\nmod tests {{}}\n");
        assert_eq!(offenders("doc", &code, &blessed()), Vec::<String>::new());
        let code = format!("#[cfg(test)]\nuse x;\n{CODE}");
        assert_eq!(offenders("doc", &code, &blessed()), [FILE, LOCK]);
    }

    #[test]
    fn new_and_removed_files_are_named() {
        let lock = blessed();
        let without = lock.replace(FILE, "crates/wire/src/gone.rs");
        assert_eq!(offenders("doc", CODE, &without), [FILE, "crates/wire/src/gone.rs", LOCK]);
        assert_eq!(offenders("doc", CODE, "").len(), 5);
    }

    #[test]
    fn the_document_must_exist() {
        let found = check(&Tree::planted(&[(FILE, CODE)]));
        assert_eq!(found[0].path, DOCUMENT);
    }
}
