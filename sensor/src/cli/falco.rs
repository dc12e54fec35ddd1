//! Falco's own flags, for fingers that know them.

use std::{ffi::OsString, path::PathBuf};

use clap::Args;

/// What Falco's flags ask for, each short for a subcommand.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Flags of Falco")]
pub(super) struct Falco {
    /// Alert by these rules: `vigie run --rules FILE`. May be given several times.
    #[arg(short = 'r', value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// Say what is wrong with a rule file: `vigie rules check FILE`. May be given several times.
    #[arg(short = 'V', long = "validate", value_name = "FILE", conflicts_with_all = ["rules", "list", "show"])]
    validate: Vec<PathBuf>,
    /// Name the rules, those of -r or the default policies: `vigie rules list`.
    #[arg(short = 'L', conflicts_with = "show")]
    list: bool,
    /// Show a rule, of -r or of the default policies: `vigie rules show NAME`.
    #[arg(short = 'l', value_name = "NAME")]
    show: Option<String>,
}

impl Falco {
    /// The arguments of the subcommand that the flags are short for; `None` if there are none.
    pub(super) fn arguments(&self) -> Option<Vec<OsString>> {
        let paths = |words: &[&str], paths: &[PathBuf]| {
            let words = words.iter().map(OsString::from);
            words.chain(paths.iter().map(OsString::from)).collect()
        };
        let Self { rules, validate, list, show } = self;
        match show {
            // Behind two dashes nothing is an option, whatever it begins with.
            Some(name) => Some(paths(&["vigie", "rules", "show", "--", name], rules)),
            None if *list => Some(paths(&["vigie", "rules", "list", "--"], rules)),
            None if !validate.is_empty() => Some(paths(&["vigie", "rules", "check", "--"], validate)),
            None if !rules.is_empty() => {
                let options = rules.iter().map(|path| {
                    let mut option = OsString::from("--rules=");
                    option.push(path);
                    option
                });
                Some(["vigie", "run"].into_iter().map(OsString::from).chain(options).collect())
            }
            None => None,
        }
    }
}
