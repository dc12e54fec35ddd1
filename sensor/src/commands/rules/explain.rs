//! `vigie rules explain`.

use std::path::Path;

use super::{find, load};
use crate::{
    cli::{Exit, rules::Explain},
    commands::CommandError,
    rules::{LoadError, cases, explain, files},
    sink::print,
};

/// Says for every event why the rule matches it, or does not.
pub(super) fn run(options: &Explain) -> Result<Exit, CommandError> {
    let (rules, _) = load(&options.rules)?;
    let rule = find(&rules, &options.rule)?;
    let (name, text) = read(&options.event)?;
    let events = cases::load_events(&name, &text)?;
    for (number, event) in (1..).zip(&events) {
        if events.len() > 1 {
            print(&format!("event {number}: {}\n", event.event_type.name()));
        }
        print(&explain::explain(&rules, rule, event.event_type, &event.fields).report());
    }
    Ok(Exit::Done)
}

/// The events' file by name and text.
fn read(path: &Path) -> Result<(String, String), LoadError> {
    let text = if path.as_os_str() == "-" { files::read_stdin()? } else { files::read_file(path)? };
    Ok((files::shown(path), text))
}
