//! Adding up what libtest prints at the end of each test program.

use std::fmt;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Totals {
    /// Adds the figures of `line` if it is libtest's `test result: ...` line.
    pub(super) fn add_line(&mut self, line: &[u8]) {
        if let Some(Self { passed, failed }) = parse(line) {
            self.passed = self.passed.saturating_add(passed);
            self.failed = self.failed.saturating_add(failed);
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn parse(line: &[u8]) -> Option<Totals> {
    let line = std::str::from_utf8(line).ok()?;
    let figures = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let figure =
        |name: &str| figures.split("; ").find_map(|part| part.strip_suffix(name)?.trim().parse().ok());
    Some(Totals { passed: figure("passed")?, failed: figure("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_of_several_programs_add_up() {
        let mut totals = Totals::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.02s",
            "test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
            "  test result: ok. 100 passed; 0 failed",
            "test result: ok.",
            "test result: ok. many passed; 0 failed",
        ] {
            totals.add_line(line.as_bytes());
        }
        assert_eq!(totals, Totals { passed: 15, failed: 2 });
        assert_eq!(totals.to_string(), "15 passed, 2 failed");
    }

    #[test]
    fn bytes_that_are_no_text_are_passed_over() {
        let mut totals = Totals::default();
        totals.add_line(b"test result: ok. \xff passed; 0 failed");
        assert_eq!(totals, Totals::default());
    }
}
