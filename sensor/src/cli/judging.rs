//! By which rules events are judged, and how.

use std::{iter::zip, path::PathBuf};

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum, builder::ValueParser, error::Error,
};

use crate::rules::{Choice, Matching, Output, Priority, Selection, Selector};

/// Options of every command that alerts.
#[derive(Clone, Debug, Args)]
pub struct Judging {
    /// A rule file, or a directory of them; may be given several times. Replaces the default policies.
    #[arg(long, short, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Which of the rules are used.
    #[command(flatten)]
    pub choices: Choices,
    /// Use only rules at least as urgent as this, whatever is chosen by name or tag.
    #[arg(long, value_name = "LEAST", value_parser = priority)]
    pub priority: Option<Priority>,
    /// How many rules may match one event.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = RuleMatching::First)]
    pub rule_matching: RuleMatching,
    /// Add this to the text of every alert, and the fields in it to the alert's fields. May be given several times.
    #[arg(long, value_name = "FORMAT", value_parser = output)]
    pub append_output: Vec<Output>,
}

impl Judging {
    /// Which of the rules to use.
    pub fn selection(&self) -> Selection {
        Selection { choices: self.choices.0.clone(), least: self.priority }
    }
}

/// How many rules may match one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleMatching {
    /// The first one that does, in the order of the files.
    First,
    /// All that do.
    All,
}

impl From<RuleMatching> for Matching {
    fn from(matching: RuleMatching) -> Self {
        match matching {
            RuleMatching::First => Self::First,
            RuleMatching::All => Self::All,
        }
    }
}

fn priority(text: &str) -> Result<Priority, String> {
    let names = || Priority::ALL.map(|priority| priority.name().to_ascii_lowercase()).join(", ");
    Priority::parse(text).ok_or_else(|| format!("expected one of {}", names()))
}

fn output(text: &str) -> Result<Output, String> {
    Output::parse(text).map_err(|(at, problem)| {
        let before = text.get(..at).unwrap_or(text);
        format!("at character {}: {problem}", before.chars().count() + 1)
    })
}

/// Rules switched on and off, in the order of the command line, over all four flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(pub Vec<Choice>);

/// A flag by which rules are chosen.
struct Flag {
    name: &'static str,
    value: &'static str,
    help: &'static str,
    choice: fn(String) -> Choice,
}

const FLAGS: [Flag; 4] = [
    Flag {
        name: "enable-rule",
        value: "PATTERN",
        help: "Use the rules of this name; `*` stands for any text. The four flags count in the order in which they \
               are given, and each may be given several times",
        choice: |pattern| Choice::Enable(Selector::Name(pattern)),
    },
    Flag {
        name: "disable-rule",
        value: "PATTERN",
        help: "Do not use the rules of this name; `*` stands for any text",
        choice: |pattern| Choice::Disable(Selector::Name(pattern)),
    },
    Flag {
        name: "enable-tag",
        value: "TAG",
        help: "Use the rules that have this tag",
        choice: |tag| Choice::Enable(Selector::Tag(tag)),
    },
    Flag {
        name: "disable-tag",
        value: "TAG",
        help: "Do not use the rules that have this tag",
        choice: |tag| Choice::Disable(Selector::Tag(tag)),
    },
];

impl Flag {
    fn arg(&self) -> Arg {
        let Self { name, value, help, choice: _ } = *self;
        Arg::new(name)
            .long(name)
            .value_name(value)
            .help(help)
            .action(ArgAction::Append)
            .value_parser(ValueParser::string())
    }

    /// The choices made by this flag, each with its place on the command line.
    fn choices<'m>(&'m self, matches: &'m ArgMatches) -> impl Iterator<Item = (usize, Choice)> + 'm {
        let places = matches.indices_of(self.name).into_iter().flatten();
        let values = matches.get_many::<String>(self.name).into_iter().flatten();
        zip(places, values).map(|(place, value)| (place, (self.choice)(value.clone())))
    }
}

/// By hand, because what is derived forgets the order among different flags.
impl Args for Choices {
    fn augment_args(command: Command) -> Command {
        command.args(FLAGS.iter().map(Flag::arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Choices {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut choices: Vec<_> = FLAGS.iter().flat_map(|flag| flag.choices(matches)).collect();
        choices.sort_by_key(|(place, _)| *place);
        Ok(Self(choices.into_iter().map(|(_, choice)| choice).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "judging_tests.rs"]
mod tests;
