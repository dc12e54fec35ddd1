//! `vigie rules` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `vigie rules`.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Read rule files and say what is wrong with them.
    Check(Check),
    /// Name the rules, their priorities, event types and tags.
    List(List),
    /// Show all there is to know about a rule.
    Show(Show),
    /// Write the default policies and their tests to a directory, to go on from there.
    #[command(after_help = "\
Example:
  vigie rules export /etc/vigie/rules.d
  vigie run --rules /etc/vigie/rules.d            the same as without, until you change them

A file that is there already is left as it is, and then nothing is written.")]
    Export {
        /// The directory; it is made if it is not there.
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// List the fields that rules may use; those that no event feeds are marked.
    #[command(after_help = "Example:\n  vigie rules fields proc.")]
    Fields {
        /// Only fields whose names start so.
        prefix: Option<String>,
    },
    /// Run the tests of rules: files that end in `.test.yaml`.
    Test(Test),
    /// Say what the tests of rules leave out: comparisons that never were true, or never false.
    Coverage(Coverage),
    /// Say why a rule matches an event, or does not.
    Explain(Explain),
}

/// How to write a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// `vigie rules check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie rules check policies/ my_rules.yaml
  vigie rules check --format json my_rules.yaml    in the shape of `falco -V`

Exit codes: 0 if the rules can be used, 3 if not. Warnings do not fail.")]
pub struct Check {
    /// Rule files, or directories of them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `vigie rules list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie rules list
  vigie rules list --format json my_rules.yaml | jq '.[].name'")]
pub struct List {
    /// Rule files, or directories of them. Without any: the default policies.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to write the list.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `vigie rules show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie rules show \"Sensitive file read\"
  vigie rules show \"My rule\" my_rules.yaml my_rules.test.yaml")]
pub struct Show {
    /// Name of the rule.
    #[arg(value_name = "NAME")]
    pub rule: String,
    /// Files of rules and of tests, or directories of both. Without any: the default policies and their tests.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `vigie rules test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie rules test policies/
  vigie rules test my_rules.yaml my_rules.test.yaml
  vigie rules test --mutate policies/          would a test notice if a rule were wrong?

Exit codes: 0 if all tests passed, 1 if one failed or a mutant survived, 3 if rules or tests are wrong.")]
pub struct Test {
    /// Files of rules and of tests, or directories of both. Without any: the default policies and their tests.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Name every test, not only those that fail.
    #[arg(long, short)]
    pub verbose: bool,
    /// Change every rule in every small way, one at a time, and name the changes that no test notices.
    #[arg(long)]
    pub mutate: bool,
}

/// `vigie rules coverage`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vigie rules coverage policies/

Exit codes: 0 if every comparison was true in one test and false in another, 1 if not, 3 if rules or tests are wrong.")]
pub struct Coverage {
    /// Files of rules and of tests, or directories of both. Without any: the default policies and their tests.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `vigie rules explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie rules explain \"Sensitive file read\" --event event.json
  vigie events --duration 5s | grep shadow | vigie rules explain \"Sensitive file read\" --event -

An event is a line that `vigie events` wrote, or a YAML map:
  evt.type: openat
  fd.name: /etc/shadow
  proc.aname: [bash, sshd]")]
pub struct Explain {
    /// Name of the rule.
    #[arg(value_name = "NAME")]
    pub rule: String,
    /// A file with one or more events; `-` for standard input.
    #[arg(long, short, value_name = "FILE")]
    pub event: PathBuf,
    /// A rule file, or a directory of them; may be given several times. Replaces the default policies.
    #[arg(long, short, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
}
