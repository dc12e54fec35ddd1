//! Names of fields as they stand in events: with an argument in brackets.

use crate::rules::field::{FieldError, FieldRef, resolve};

/// The field that a name such as `proc.name`, `proc.aname[2]` or `evt.arg.flags` stands for.
pub fn parse(name: &str) -> Result<FieldRef, FieldError> {
    match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((field, argument)) => resolve(field, Some(argument.trim_matches(['"', '\'']))),
        None => resolve(name, None),
    }
}
