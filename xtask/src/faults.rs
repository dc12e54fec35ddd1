//! The page of faults and evasions names tests, and they are there.

use std::ops::RangeInclusive;
use std::path::Path;

use crate::workspace::Workspace;

/// The rows that are there: what is done to the sensor's eyes, and what is done to the guard.
const ROWS: [RangeInclusive<u32>; 2] = [1..=46, 76..=85];

/// A row: its number, and the tests it names as file and name.
fn row(line: &str) -> Option<(u32, Vec<(&str, &str)>)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let number = cells.next()?.parse().ok()?;
    let tests = cells.last()?.split('`').skip(1).step_by(2);
    Some((number, tests.filter_map(|test| test.split_once(' ')).collect()))
}

/// Whether a file has a test of this name.
fn has_test(file: &Path, name: &str) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let mut tests = text.split("#[test]").skip(1).chain(text.split("#[tokio::test]").skip(1));
    tests.any(|test| test.split_once("fn ").is_some_and(|(_, rest)| rest.starts_with(&format!("{name}("))))
}

#[test]
fn every_fault_has_tests_that_are_there() {
    let root = Workspace::find().unwrap().root;
    let page = std::fs::read_to_string(root.join("docs/faults.md")).unwrap();
    let rows: Vec<_> = page.lines().filter_map(row).collect();
    let numbers: Vec<u32> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, ROWS.into_iter().flatten().collect::<Vec<_>>(), "each row is there once, in order");
    for (number, tests) in rows {
        assert!(!tests.is_empty(), "row {number} names no test");
        for (file, name) in tests {
            assert!(
                has_test(&root.join("sensor").join(file), name),
                "row {number}: {file} has no test {name}"
            );
        }
    }
}

#[test]
fn a_name_that_is_no_test_is_noticed() {
    let root = Workspace::find().unwrap().root;
    let file = root.join("xtask/src/faults.rs");
    assert!(has_test(&file, "a_name_that_is_no_test_is_noticed"));
    assert!(!has_test(&file, "has_test") && !has_test(&file, "a_name_that_is_no_test"));
    assert!(!has_test(Path::new("/nothing"), "row"));
}
