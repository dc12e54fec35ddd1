//! `vigie replay`.

use std::{
    io::{BufWriter, stdout},
    path::PathBuf,
};

use super::{CommandError, judging};
use crate::{
    cli::{Exit, Replay},
    replay::{Alerts, Diff, open},
    sink::{Severity, print, status},
};

/// Writes the alerts of a recording, or what differs between those of two sets of rules.
pub(super) fn run(options: &Replay) -> Result<Exit, CommandError> {
    match &*options.diff {
        [old, new] => diff(old, new, options),
        _ => alerts(options),
    }
}

fn alerts(options: &Replay) -> Result<Exit, CommandError> {
    let rules = judging::load(&options.judging)?;
    let from = open(&options.file)?;
    let alerts = Alerts::new(&rules, options.output, BufWriter::new(stdout().lock()));
    let summary = alerts.run(&options.file, from)?;
    status(Severity::Info, &summary.to_string());
    Ok(Exit::Done)
}

fn diff(old: &PathBuf, new: &PathBuf, options: &Replay) -> Result<Exit, CommandError> {
    let Replay { file, judging, .. } = options;
    let (old, new) = judging::load_two([old, new], judging)?;
    let difference = Diff::new(&old, &new).run(file, open(file)?)?;
    print(&difference.to_string());
    Ok(if difference.is_empty() { Exit::Done } else { Exit::Failed })
}
