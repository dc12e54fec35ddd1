//! `vigie replay`.

use std::{
    io::{BufWriter, stdout},
    path::Path,
    slice,
};

use super::{CommandError, rules::load};
use crate::{
    cli::{Exit, Replay},
    replay::{Alerts, Diff, open},
    sink::{Severity, print, status},
};

/// Writes the alerts of a recording, or what differs between those of two sets of rules.
pub(super) fn run(options: &Replay) -> Result<Exit, CommandError> {
    match &*options.diff {
        [old, new] => diff(old, new, &options.file),
        _ => alerts(options),
    }
}

fn alerts(options: &Replay) -> Result<Exit, CommandError> {
    let (rules, warnings) = load(&options.rules)?;
    for warning in warnings {
        status(Severity::Warning, &warning.to_string());
    }
    let from = open(&options.file)?;
    let alerts = Alerts::new(&rules, options.output, BufWriter::new(stdout().lock()));
    let summary = alerts.run(&options.file, from)?;
    status(Severity::Info, &summary.to_string());
    Ok(Exit::Done)
}

fn diff(old: &Path, new: &Path, file: &Path) -> Result<Exit, CommandError> {
    let (old, _) = load(slice::from_ref(&old.to_owned()))?;
    let (new, _) = load(slice::from_ref(&new.to_owned()))?;
    let difference = Diff::new(&old, &new).run(file, open(file)?)?;
    print(&difference.to_string());
    Ok(if difference.is_empty() { Exit::Done } else { Exit::Failed })
}
