//! Fields of a service of a swarm.

use super::value::{label, list, names_of, owned, text};
use crate::guard::Json;
use crate::guard::host_access::{capability, mounts, service};
use crate::rules::{FieldRef, Value};

/// The value of `docker.service.NAME`.
pub(super) fn value<'v>(body: &'v Json, name: &str, field: &FieldRef) -> Value<'v> {
    let container = body.at(&["TaskTemplate", "ContainerSpec"]);
    let all = container.at(&["Mounts"]).elements().iter();
    match name {
        "name" => text(body.at(&["Name"]).text()),
        "image" => text(container.at(&["Image"]).text()),
        "user" => text(container.at(&["User"]).text()),
        "runtime" => text(body.at(&["TaskTemplate", "Runtime"]).text()),
        "caps_added" => owned(container.at(&["CapabilityAdd"]).texts().map(capability)),
        "binds" => {
            list(all.filter(|mount| mounts::is_of_host(mount)).map(|mount| mount.at(&["Source"]).text()))
        }
        "mount_types" => list(all.map(|mount| mount.at(&["Type"]).text())),
        "mount_sources" => list(all.map(|mount| mount.at(&["Source"]).text())),
        "networks" => list(service::networks(body)),
        "secrets" => {
            list(container.at(&["Secrets"]).elements().iter().map(|secret| secret.at(&["SecretName"]).text()))
        }
        "env_names" => names_of(container.at(&["Env"])),
        "label" => label(body.at(&["Labels"]), field),
        _ => Value::Missing,
    }
}
