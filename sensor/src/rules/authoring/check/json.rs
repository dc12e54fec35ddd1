//! The report in the shape of Falco's `-V` with JSON output.

use serde::Serialize;

use super::codes::{Code, of_concern, of_problem};
use super::snippet::snippet;
use super::{Report, Texts};
use crate::rules::source::{Fault, Place, Warning};

#[derive(Serialize)]
struct Results {
    falco_load_results: Vec<FileResult>,
}

#[derive(Serialize)]
struct FileResult {
    name: String,
    successful: bool,
    errors: Vec<Entry>,
    warnings: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    codedesc: &'static str,
    message: String,
    context: Context,
}

#[derive(Serialize)]
struct Context {
    locations: [Location; 1],
    snippet: String,
}

#[derive(Serialize)]
struct Location {
    item_type: &'static str,
    item_name: &'static str,
    position: Position,
}

#[derive(Serialize)]
struct Position {
    name: String,
    line: usize,
    column: usize,
}

pub(super) fn report(report: &Report) -> String {
    let (faults, warnings): (&[Fault], &[Warning]) = match &report.result {
        Ok((_, warnings)) => (&[], warnings),
        Err(error) => (&error.faults, &[]),
    };
    let results = names(report, faults).into_iter().map(|name| file(&report.files, name, faults, warnings));
    let results = Results { falco_load_results: results.collect() };
    // Texts and numbers only: nothing here can fail to be written.
    serde_json::to_string(&results).unwrap_or_default() + "\n"
}

/// The files, those included that could not be read.
fn names(report: &Report, faults: &[Fault]) -> Vec<String> {
    let mut names: Vec<String> = report.files.iter().map(|(name, _)| name.clone()).collect();
    for fault in faults {
        if !names.iter().any(|name| **name == *fault.place.file) {
            names.push(fault.place.file.to_string());
        }
    }
    names
}

fn file(files: &Texts, name: String, faults: &[Fault], warnings: &[Warning]) -> FileResult {
    let faults = faults.iter().filter(|fault| *fault.place.file == *name);
    let errors: Vec<_> = faults
        .map(|fault| entry(files, of_problem(&fault.problem), fault.problem.to_string(), &fault.place))
        .collect();
    let warnings = warnings.iter().filter(|warning| *warning.place.file == *name);
    let warnings = warnings
        .map(|warning| {
            entry(files, of_concern(&warning.concern), warning.concern.to_string(), &warning.place)
        })
        .collect();
    FileResult { successful: errors.is_empty(), name, errors, warnings }
}

fn entry(files: &Texts, (code, codedesc): Code, message: String, place: &Place) -> Entry {
    let position = Position { name: place.file.to_string(), line: place.line, column: place.column };
    let location = Location { item_type: "file", item_name: "", position };
    let snippet = snippet(files, place).unwrap_or_default();
    Entry { code, codedesc, message, context: Context { locations: [location], snippet } }
}
