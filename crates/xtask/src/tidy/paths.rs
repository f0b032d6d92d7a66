//! Nothing of the machine it was written on: no local path, no registry address.

use super::Offence;
use super::tree::Tree;

/// Roots of paths that exist on somebody's machine only. Written in pieces, lest this file offend.
const ROOTS: [&str; 6] = [
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "work/"),
    concat!("/", "Users/"),
    concat!("/", "tmp/"),
    concat!("C:", "\\Users"),
];
/// How npm notes where a package was downloaded from.
const RESOLVED: &str = concat!("\"resol", "ved\":");

pub(super) fn check(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            for root in ROOTS.into_iter().filter(|root| holds(line, root)) {
                let what = format!("a path of somebody's machine: {root}…");
                found.push(Offence::new(&file.path, number, what));
            }
            if file.name() == "package-lock.json" && line.contains(RESOLVED) {
                let what = "a registry's address: npm install --omit-lockfile-registry-resolved";
                found.push(Offence::new(&file.path, number, what));
            }
        }
    }
    found
}

/// Whether `line` has `root` at the start of a path, not inside a longer one or an address.
fn holds(line: &str, root: &str) -> bool {
    line.match_indices(root).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | ')'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_paths_are_refused_wherever_they_begin() {
        let text = [
            ("a {root}x", 0),
            ("\"{root}ada/x\"", 1),
            ("https://example.org{root}x", 1),
            ("crates{root}x", 2),
            ("${DIR}{root}x", 4),
            ("={root}x", 4),
            ("{root}ada", 5),
        ]
        .map(|(line, root)| line.replace("{root}", ROOTS[root]))
        .join("\n");
        let found = check(&Tree::planted(&[("notes.md", &text)]));
        let lines: Vec<usize> = found.iter().map(|offence| offence.line).collect();
        assert_eq!(lines, [1, 2, 6, 7]);
    }

    #[test]
    fn lock_files_name_no_registry() {
        let text = concat!("{\n\"resol", "ved\": \"https://registry.example/x.tgz\"\n}");
        let found = check(&Tree::planted(&[("a/package-lock.json", text), ("b.json", text)]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("a/package-lock.json", 2));
    }
}
