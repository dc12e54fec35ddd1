//! Fields of the container that a request is about, as the engine describes it.

use super::value::{borrowed, label, text};
use crate::guard::{Json, host_access, owner};
use crate::rules::{FieldRef, Value};

/// A container as `GET /containers/{id}/json` describes it.
#[derive(Clone, Debug)]
pub struct Inspected {
    json: Json,
    host_access: Vec<String>,
}

impl Inspected {
    /// Takes the engine's answer in.
    pub fn new(json: Json) -> Self {
        Self { host_access: host_access::of_made(&json), json }
    }

    /// Who had it made, by the guard's label.
    pub(super) fn owner(&self) -> Option<&str> {
        self.json.at(&["Config", "Labels", owner::LABEL]).as_text()
    }

    /// The value of `docker.target.NAME`.
    pub(super) fn value<'v>(&'v self, name: &str, field: &FieldRef) -> Value<'v> {
        match name {
            "full_id" => text(self.json.at(&["Id"]).text()),
            "name" => text(self.json.at(&["Name"]).text().trim_start_matches('/')),
            "image" => text(self.json.at(&["Config", "Image"]).text()),
            "label" => label(self.json.at(&["Config", "Labels"]), field),
            "host_access" => borrowed(&self.host_access),
            _ => Value::Missing,
        }
    }
}
