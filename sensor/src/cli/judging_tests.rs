//! Which rules the command line chooses.

use clap::Parser;

use super::*;
use crate::cli::{Cli, Command};

fn run(arguments: &[&str]) -> Result<Judging, String> {
    let cli =
        Cli::try_parse_from(["vigie", "run"].iter().chain(arguments)).map_err(|error| error.to_string())?;
    match cli.into_command() {
        Ok(Command::Run(run)) => Ok(run.judging),
        other => Err(format!("{other:?}")),
    }
}

fn name(text: &str) -> Selector {
    Selector::Name(text.to_owned())
}

fn tag(text: &str) -> Selector {
    Selector::Tag(text.to_owned())
}

#[test]
fn choices_keep_their_order_over_different_flags() {
    let judging = run(&[
        "--disable-rule",
        "*",
        "--enable-tag=x",
        "--rules",
        "r.yaml",
        "--disable-rule=A b",
        "--enable-rule",
        "a*",
        "--disable-tag",
        "y",
        "--enable-tag",
        "z",
    ]);
    let wanted = vec![
        Choice::Disable(name("*")),
        Choice::Enable(tag("x")),
        Choice::Disable(name("A b")),
        Choice::Enable(name("a*")),
        Choice::Disable(tag("y")),
        Choice::Enable(tag("z")),
    ];
    assert_eq!(judging.unwrap().choices, Choices(wanted));
    let other_way = run(&["--enable-tag", "x", "--disable-rule", "*"]).unwrap();
    assert_eq!(other_way.choices.0, [Choice::Enable(tag("x")), Choice::Disable(name("*"))]);
}

#[test]
fn without_flags_the_rules_decide() {
    let judging = run(&[]).unwrap();
    assert_eq!(judging.selection(), Selection::default());
    assert_eq!(Matching::from(judging.rule_matching), Matching::First);
    assert!(judging.append_output.is_empty());
}

#[test]
fn the_least_priority_is_read_as_rules_write_it() {
    let least = |text: &str| run(&["--priority", text]).map(|judging| judging.selection().least);
    assert_eq!(least("WARNING"), Ok(Some(Priority::Warning)));
    assert_eq!(least("info"), Ok(Some(Priority::Informational)));
    let message = least("urgent").unwrap_err();
    assert!(message.contains("expected one of emergency, alert,"), "{message}");
}

#[test]
fn a_replay_chooses_like_a_run() {
    let arguments = ["vigie", "replay", "f", "--disable-tag", "x", "--rule-matching", "all"];
    let Ok(Command::Replay(replay)) = Cli::try_parse_from(arguments).unwrap().into_command() else {
        panic!("not replay")
    };
    assert_eq!(replay.judging.choices.0, [Choice::Disable(tag("x"))]);
    assert_eq!(Matching::from(replay.judging.rule_matching), Matching::All);
}

#[test]
fn a_broken_output_is_refused_with_the_place_in_it() {
    let judging = run(&["--append-output", "a=%proc.name", "--append-output", "b"]).unwrap();
    assert_eq!(judging.append_output.len(), 2);
    let message = run(&["--append-output", "é %proc.nmae"]).unwrap_err();
    let wanted = "at character 3: unknown field `proc.nmae`; did you mean `proc.name`?";
    assert!(message.contains(wanted), "{message}");
}
