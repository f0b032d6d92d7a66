//! `#[allow]` and `#[expect]` say why.

use super::Offence;
use super::tree::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Offence> {
    tree.with_extension(&["rs"]).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Offence> {
    let mut found = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some(lint) = opening(line) else { continue };
        let whole = attribute(&lines[index..]);
        let comment_before = index > 0 && lines[index - 1].trim_start().starts_with("//");
        let comment_behind = whole.rsplit(']').next().is_some_and(|rest| rest.contains("//"));
        if !(whole.contains("reason") || comment_before || comment_behind) {
            let what = format!("{lint}…)] without a reason: add `reason = \"...\"`");
            found.push(Offence::new(&file.path, index + 1, what));
        }
    }
    found
}

/// How a lint level attribute begins, when this line begins one.
fn opening(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    ["#[allow(", "#![allow(", "#[expect(", "#![expect("]
        .into_iter()
        .find(|opening| line.starts_with(opening))
}

/// The attribute that starts on the first line, up to the end of the line that closes it.
fn attribute(lines: &[&str]) -> String {
    let mut whole = String::new();
    for line in lines {
        whole.push_str(line);
        whole.push('\n');
        if line.contains(")]") {
            break;
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lint_levels_without_a_reason_are_refused() {
        // The bar keeps the planted attributes from being found in this file.
        let text = "
            |#[allow(dead_code)]
            |fn a() {}
            |    #![expect(clippy::all)]
            |#[allow(dead_code, reason = \"kept for the test\")]
            |#[expect(
            |    dead_code,
            |    reason = \"long\"
            |)]
            |#[expect(
            |    dead_code,
            |    unused
            |)]
            |#[allow(unused)] // the macro writes it
            |// The platform has no other name for it.
            |#[allow(unused)]
            |#[derive(Debug)]
            |let text = \"#[allow(x)]\";
        "
        .trim()
        .lines()
        .map(|line| line.trim_start().trim_start_matches('|').to_owned() + "\n")
        .collect::<String>();
        let found = check(&Tree::planted(&[("a.rs", &text)]));
        let lines: Vec<usize> = found.iter().map(|offence| offence.line).collect();
        assert_eq!(lines, [1, 3, 9]);
    }
}
