//! The report for people.

use super::Report;
use super::snippet::snippet;
use crate::rules::rule_set::RuleSet;
use crate::rules::source::{LoadError, Warning};

/// How far the lines of files are set in.
const INDENT: &str = "    ";

pub(super) fn report(report: &Report) -> String {
    match &report.result {
        Ok((rules, warnings)) => passed(report, rules, warnings),
        Err(error) => failed(report, error),
    }
}

fn passed(report: &Report, rules: &RuleSet, warnings: &[Warning]) -> String {
    let mut text = String::new();
    for warning in warnings {
        entry(&mut text, &warning.to_string(), snippet(&report.files, &warning.place).as_deref());
    }
    let disabled = rules.rules().iter().filter(|rule| !rule.enabled).count();
    let (total, warnings) = (rules.rules().len(), warnings.len());
    text + &format!("ok: {total} rules, {disabled} of them disabled, {warnings} warnings\n")
}

fn failed(report: &Report, error: &LoadError) -> String {
    let mut text = String::new();
    for fault in &error.faults {
        entry(&mut text, &fault.to_string(), snippet(&report.files, &fault.place).as_deref());
    }
    text + &format!("failed: {}\n", count(error.faults.len()))
}

fn entry(text: &mut String, message: &str, snippet: Option<&str>) {
    text.push_str(message);
    text.push('\n');
    for line in snippet.into_iter().flat_map(str::lines) {
        text.push_str(INDENT);
        text.push_str(line);
        text.push('\n');
    }
}

fn count(faults: usize) -> String {
    match faults {
        1 => "1 error".to_owned(),
        LoadError::MAX_FAULTS => format!("{faults} errors or more"),
        _ => format!("{faults} errors"),
    }
}
