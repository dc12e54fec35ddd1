//! Fields of an image that is to be built: all of them are in the query.

use super::first;
use super::value::{list, text};
use crate::guard::Request;
use crate::rules::Value;

/// The value of `docker.build.NAME`.
pub(super) fn value<'v>(request: &'v Request, name: &str) -> Value<'v> {
    let all = |wanted: &'static str| {
        let values = request.target.query.iter().filter(move |(name, _)| name == wanted);
        list(values.map(|(_, value)| value.as_str()))
    };
    match name {
        "dockerfile" => text(first(request, "dockerfile")),
        "remote" => text(first(request, "remote")),
        "network_mode" => text(first(request, "networkmode")),
        "cgroup_parent" => text(first(request, "cgroupparent")),
        "outputs" => text(first(request, "outputs")),
        "tags" => all("t"),
        "extra_hosts" => all("extrahosts"),
        "security_options" => all("securityopt"),
        _ => Value::Missing,
    }
}
