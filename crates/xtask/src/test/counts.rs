//! Counting tests from what the test programs print.

use std::fmt;

/// Tests that ran.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Counts {
    /// Adds a line of `cargo test`: `test result: ok. 3 passed; 0 failed; …` of each test program.
    pub(super) fn add_rust_line(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else { return };
        let Some((_, counts)) = result.split_once(". ") else { return };
        for part in counts.split("; ") {
            match part.split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// Adds a line of node's TAP report: `# pass 3`, `# fail 0`, `# cancelled 0` at its end.
    pub(super) fn add_node_line(&mut self, line: &str) {
        let Some((what, number)) = line.strip_prefix("# ").and_then(|rest| rest.split_once(' '))
        else {
            return;
        };
        let Ok(number) = number.parse::<u64>() else { return };
        match what {
            "pass" => self.passed += number,
            "fail" | "cancelled" => self.failed += number,
            _ => {}
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_results_are_summed() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; in 0.1s",
            "test a::passed ... ok",
            "test result: FAILED. 2 passed; 5 failed; 0 ignored; 0 measured; 7 filtered out",
            "test result: nonsense",
        ] {
            counts.add_rust_line(line);
        }
        assert_eq!(counts, Counts { passed: 5, failed: 5 });
        assert_eq!(counts.to_string(), "5 passed, 5 failed");
    }

    #[test]
    fn node_results_are_summed() {
        let mut counts = Counts::default();
        for line in [
            "ok 1 - bits",
            "# Subtest: pass 9",
            "# tests 6",
            "# pass 3",
            "# fail 1",
            "# cancelled 2",
            "# skipped 4",
            "    # pass 100",
            "# duration_ms 5.5",
        ] {
            counts.add_node_line(line);
        }
        assert_eq!(counts, Counts { passed: 3, failed: 3 });
    }
}
