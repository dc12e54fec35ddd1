//! Whose a container is: who had it made, in a label that the guard writes and no client can.
//!
//! On the host that is the user of the login, which no `sudo` changes, or else the user; in a container it is the user's
//! number and the container's id, for its names are its own.

use bytestring::ByteString;

use super::Json;
use crate::identity::identities::{HOST_ID, UNKNOWN_ID};
use crate::rules::{Fields, Value, field::lookup};

/// The label.
pub const LABEL: &str = "vigie.owner";

/// What a caller's containers have in their label; `None` of one who cannot be told.
pub fn of(caller: &impl Fields) -> Option<String> {
    let container = text(caller, "container.full_id")?;
    let number = || text(caller, "user.uid");
    match container.as_bytes() {
        UNKNOWN_ID => None,
        HOST_ID => text(caller, "user.loginname").or_else(|| text(caller, "user.name")).or_else(number),
        // Who may make cgroups can give them names, but not have the runtime confirm them.
        _ if text(caller, "vigie.container.verified")? == "true" => {
            Some(format!("{}@{container}", number()?))
        }
        _ => None,
    }
}

fn text(caller: &impl Fields, name: &str) -> Option<String> {
    let field = lookup(name, None)?.ok()?;
    match caller.value(&field) {
        Value::Text(text) => {
            Some(String::from_utf8_lossy(&text).into_owned()).filter(|text| !text.is_empty())
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Missing | Value::Pending | Value::Decimal(_) | Value::Ip(_) | Value::List(_) => None,
    }
}

/// Writes the label into the body of a create, in place of whatever the client wrote there. It is empty where nobody can be
/// told: without, the image's own label would be the container's.
pub fn stamp(create: &mut Json, owner: Option<String>) {
    let Json::Object(members) = create else { return };
    let place = members.iter().position(|(name, _)| name == LABELS).unwrap_or_else(|| {
        members.push((ByteString::from_static(LABELS), Json::Null));
        members.len().saturating_sub(1)
    });
    let Some((_, labels)) = members.get_mut(place) else { return };
    if !matches!(labels, Json::Object(_)) {
        *labels = Json::Object(Vec::new());
    }
    if let Json::Object(labels) = labels {
        labels.retain(|(name, _)| name != LABEL);
        labels.push((ByteString::from_static(LABEL), Json::Text(owner.unwrap_or_default().into())));
    }
}

/// Where a create has its labels.
const LABELS: &str = "Labels";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::FieldRef;

    /// A caller with these fields.
    struct Caller(&'static [(&'static str, &'static str)]);

    impl Fields for Caller {
        fn value(&self, field: &FieldRef) -> Value<'_> {
            let found = self.0.iter().find(|(name, _)| *name == field.field.name);
            found.map_or(Value::Missing, |(_, value)| match value.parse() {
                Ok(number) => Value::Number(number),
                Err(_) => Value::from(*value),
            })
        }
    }

    #[test]
    fn an_owner_is_who_logged_in_and_in_a_container_nobody_of_the_host() {
        for (fields, expected) in [
            (
                &[("container.full_id", "host"), ("user.loginname", "mira"), ("user.name", "root")][..],
                Some("mira"),
            ),
            (&[("container.full_id", "host"), ("user.name", "root"), ("user.uid", "0")], Some("root")),
            (&[("container.full_id", "host"), ("user.uid", "77")], Some("77")),
            (
                &[("container.full_id", "abc"), ("vigie.container.verified", "true"), ("user.uid", "0")],
                Some("0@abc"),
            ),
            (&[("container.full_id", "abc"), ("vigie.container.verified", "false"), ("user.uid", "0")], None),
            (&[("container.full_id", "<unknown>"), ("user.name", "root"), ("user.uid", "0")], None),
            (&[("user.name", "root")], None),
        ] {
            assert_eq!(of(&Caller(fields)).as_deref(), expected, "{fields:?}");
        }
    }

    #[test]
    fn the_label_is_the_guards_whatever_the_client_wrote() {
        for (body, expected) in [
            (r#"{"Image":"i"}"#, r#"{"Image":"i","Labels":{"vigie.owner":"mira"}}"#),
            (r#"{"Labels":null}"#, r#"{"Labels":{"vigie.owner":"mira"}}"#),
            (r#"{"Labels":{"vigie.owner":"tom","a":"b"}}"#, r#"{"Labels":{"a":"b","vigie.owner":"mira"}}"#),
        ] {
            let mut create = Json::parse(body.as_bytes()).unwrap();
            stamp(&mut create, Some("mira".to_owned()));
            assert_eq!(String::from_utf8(create.to_bytes()).unwrap(), expected);
            stamp(&mut create, None);
            assert_eq!(create.at(&["Labels", LABEL]).as_text(), Some(""), "nobody's");
        }
    }
}
