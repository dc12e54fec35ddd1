//! Alerts as `vigie run --output json` writes them.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::stage::Doer;

/// Added to every alert, whatever its rule says of the process.
pub(crate) const FIELDS: &str = "who=%proc.name pid=%proc.pid parent=%proc.apid[1] grandparent=%proc.apid[2] \
                                 its_parent=%proc.apid[3] in=%container.id";
/// The process and its ancestors, as far as [`FIELDS`] has them.
const LINEAGE: [&str; 4] = ["proc.pid", "proc.apid[1]", "proc.apid[2]", "proc.apid[3]"];

/// One alert.
pub(crate) struct Alert(Value);

impl Alert {
    /// Reads a line.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        Ok(Self(serde_json::from_str(line).with_context(|| format!("an alert is no JSON: {line}"))?))
    }

    /// The rule that raised it.
    pub(crate) fn rule(&self) -> &str {
        self.0.get("rule").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it is about what `doer` did, as the process called `by` or, without such a name, as any.
    pub(crate) fn is_about(&self, doer: &Doer, by: &str) -> bool {
        let by = by.is_empty() || self.field("proc.name") == by;
        by && match doer {
            Doer::Host { pid } => {
                self.field("container.id") == "host" && LINEAGE.iter().any(|name| self.field(name) == *pid)
            }
            Doer::Container { id } => self.field("container.id") == id.as_str(),
        }
    }

    fn field(&self, name: &str) -> &Value {
        self.0.get("output_fields").and_then(|fields| fields.get(name)).unwrap_or(&Value::Null)
    }
}

impl std::fmt::Display for Alert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
