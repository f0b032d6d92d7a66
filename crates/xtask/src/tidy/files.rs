//! Sizes and names of files: one noun each, short enough to read in one sitting.

use super::Offence;
use super::tree::Tree;

/// Lines of the longest file that may stand.
const MAX_LINES: usize = 600;
/// What people read; data and lock files may be long.
const READ: [&str; 4] = ["rs", "js", "css", "html"];
/// Names that say nothing about what is inside.
const NAMELESS: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "stuff"];

pub(super) fn check(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.with_extension(&READ) {
        let lines = file.text.lines().count();
        if lines > MAX_LINES {
            let what = format!("{lines} lines, at most {MAX_LINES}: split it along its nouns");
            found.push(Offence::new(&file.path, 0, what));
        }
        if file.name() == "mod.rs" {
            let what = "no mod.rs: write `foo.rs` beside a directory `foo/`";
            found.push(Offence::new(&file.path, 0, what));
        }
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or(part);
            if nameless(stem) {
                let what = format!("`{stem}` says nothing: name it after what it holds");
                found.push(Offence::new(&file.path, 0, what));
            }
        }
    }
    for file in tree.with_extension(&["rs"]) {
        for (number, line) in file.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(at) = words.iter().position(|word| *word == "mod") else { continue };
            let visible = words[..at].iter().all(|word| word.starts_with("pub"));
            let name = words.get(at + 1).map_or("", |word| word.trim_end_matches([';', '{']));
            if visible && nameless(name) {
                let what = format!("module `{name}` says nothing: name it after what it holds");
                found.push(Offence::new(&file.path, number, what));
            }
        }
    }
    found
}

fn nameless(stem: &str) -> bool {
    NAMELESS.contains(&stem.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_listed_with_their_length() {
        let long = "x\n".repeat(601);
        let fits = "x\n".repeat(600);
        let tree = Tree::planted(&[
            ("a.rs", &long),
            ("b.js", &fits),
            ("c.css", &long),
            ("d.html", &long),
            ("map.json", &long),
            ("README.md", &long),
        ]);
        let found = check(&tree);
        let paths: Vec<&str> = found.iter().map(|offence| offence.path.as_str()).collect();
        assert_eq!(paths, ["a.rs", "c.css", "d.html"]);
        assert!(found[0].what.starts_with("601 lines, at most 600"));
    }

    #[test]
    fn mod_rs_is_refused() {
        let found = check(&Tree::planted(&[("crates/x/src/y/mod.rs", "")]));
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("no mod.rs"));
    }

    #[test]
    fn names_that_say_nothing_are_refused() {
        let tree = Tree::planted(&[
            ("crates/x/src/utils.rs", ""),
            ("crates/common/src/lib.rs", ""),
            ("assets/web/helpers.js", ""),
            (
                "crates/x/src/lib.rs",
                "mod a;\npub(crate) mod utils {\n}\n// mod utils\nlet mod_ = 1;",
            ),
            ("crates/x/src/commonwealth.rs", "use common::x;"),
        ]);
        let found = check(&tree);
        let places: Vec<(&str, usize)> =
            found.iter().map(|offence| (offence.path.as_str(), offence.line)).collect();
        let expected = [
            ("crates/x/src/utils.rs", 0),
            ("crates/common/src/lib.rs", 0),
            ("assets/web/helpers.js", 0),
            ("crates/x/src/lib.rs", 2),
        ];
        assert_eq!(places, expected);
    }
}
