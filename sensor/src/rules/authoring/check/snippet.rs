//! The line of a file that a message is about.

use crate::rules::source::{Place, Source};
use crate::rules::yaml::printable;

/// Most characters of a line that are shown before and behind the place.
const AROUND: usize = 60;

/// The line at a place and, below it, a mark under the column; each ends with a line break. `None` for a file that
/// is not there.
pub(super) fn snippet(files: &[(String, String)], place: &Place) -> Option<String> {
    let (name, text) = files.iter().find(|(name, _)| **name == *place.file)?;
    let source = Source::new(name, text).ok()?;
    let start = source.byte(place.line, 1);
    let line = source.text.get(start..)?.lines().next().unwrap_or_default();
    let column = place.column.saturating_sub(1);
    let skipped = column.saturating_sub(AROUND);
    let before: String = line.chars().skip(skipped).take(column - skipped).collect();
    let behind: String = line.chars().skip(column).take(AROUND).collect();
    let (before, behind) = (printable(&before), printable(&behind));
    let mark = " ".repeat(before.chars().count());
    Some(format!("{before}{behind}\n{mark}^\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, line: usize, column: usize) -> Option<String> {
        let files = [("f".to_owned(), text.to_owned())];
        snippet(&files, &Place { file: "f".into(), line, column })
    }

    #[test]
    fn the_mark_stands_under_the_place() {
        assert_eq!(at("a\n  ä b\n", 2, 5).as_deref(), Some("  ä b\n    ^\n"));
        assert_eq!(at("a\x1b b\n", 1, 4).as_deref(), Some("a\\u{1b} b\n        ^\n"));
        assert_eq!(at("a", 1, 9).as_deref(), Some("a\n ^\n"));
        assert_eq!(at("a\n", 5, 1).as_deref(), Some("\n^\n"));
    }

    #[test]
    fn of_a_long_line_only_the_surroundings_are_shown() {
        let line = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let snippet = at(&line, 1, 501).unwrap();
        let (shown, mark) = snippet.split_once('\n').unwrap();
        assert_eq!((shown.len(), shown.find('X')), (120, mark.find('^')));
    }

    #[test]
    fn a_file_that_is_not_there_has_no_lines() {
        assert_eq!(snippet(&[], &Place { file: "f".into(), line: 1, column: 1 }), None);
    }
}
