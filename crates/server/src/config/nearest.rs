//! "Did you mean": the known name nearest to one that was mistyped.

/// The candidate with the fewest edits to `name`, unless even that is further than half of the name.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|candidate| (edits(name, candidate), candidate))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, _)| *edits * 2 <= name.len())
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in bytes: insertions, removals and replacements from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a_byte) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b_byte) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(a_byte != b_byte);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_meant_name_and_stays_silent_when_nothing_is_near() {
        let names = ["limits.hello_ms", "limits.idle_ms", "listen"];
        assert_eq!(nearest("limits.helo_ms", names.into_iter()), Some("limits.hello_ms"));
        assert_eq!(nearest("lisen", names.into_iter()), Some("listen"));
        assert_eq!(nearest("tls", names.into_iter()), None);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
    }
}
