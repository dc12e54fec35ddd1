//! Fields of an image that is to be built: all of them are in the query.

use super::value::{list, text};
use crate::guard::Request;
use crate::rules::Value;

/// The value of `docker.build.NAME`.
pub(super) fn value<'v>(request: &'v Request, name: &str) -> Value<'v> {
    let all = |name| list(request.queries(name));
    match name {
        "dockerfile" => text(request.query("dockerfile")),
        "remote" => text(request.query("remote")),
        "network_mode" => text(request.query("networkmode")),
        "cgroup_parent" => text(request.query("cgroupparent")),
        "outputs" => text(request.query("outputs")),
        "tags" => all("t"),
        "extra_hosts" => all("extrahosts"),
        "security_options" => all("securityopt"),
        _ => Value::Missing,
    }
}
