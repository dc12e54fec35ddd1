//! Loads rules files and prints, as JSON, what each rule consists of: `cargo xtask upstream` compares that with what
//! is known of the rules.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports to its caller")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use sensor::rules::{Description, Rule, RuleSet, files};
use serde_json::{Value, json};

/// Load rules files, in this order, and describe their rules.
#[derive(Debug, Parser)]
struct Arguments {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match described(&Arguments::parse().files) {
        Ok(rules) => {
            println!("{rules}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn described(paths: &[PathBuf]) -> Result<Value> {
    let texts = files::read_rules(paths)?;
    let (rules, _) = RuleSet::load(&texts)?;
    Ok(rules.rules().iter().map(|rule| describe(&rules, rule)).collect())
}

fn describe(rules: &RuleSet, rule: &Rule) -> Value {
    let Description { checks, ands, ors, nots, fields } = Description::of(rules, rule);
    let output_fields: Vec<&str> = rule.output().fields().iter().map(|(name, _)| &**name).collect();
    let event_types: Vec<&str> = rule.event_types().iter().map(sensor::rules::EventType::name).collect();
    json!({
        "rule": rule.name, "priority": rule.priority.name(), "enabled": rule.enabled, "tags": rule.tags,
        "evt_types": event_types, "all_fields": fields, "checks": checks,
        "bool": { "and": ands, "or": ors, "not": nots }, "output_fields": output_fields,
    })
}
