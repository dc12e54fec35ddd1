//! The endpoints, by what they are about.

use hyper::Method;

use super::{Body, Operation, Subject};
use crate::guard::shape::{self, Shape};

/// Writes a row: method, path, name, subject, body, and `upgrades` where the connection may become a stream.
///
/// A body is `Empty`, `Stream`, `json SHAPE`, or `needed SHAPE` where the request means nothing without one.
macro_rules! rows {
    ($($method:ident $path:literal => $name:literal, $subject:ident, $($body:ident)+ $(, $upgrades:ident)?;)+) => {
        &[$(row(Method::$method, $path, $name, Subject::$subject, brings!($($body)+), false $(|| is!($upgrades))?),)+]
    };
}
macro_rules! brings {
    (Empty) => {
        (Body::Empty, None, false)
    };
    (Stream) => {
        (Body::Stream, None, false)
    };
    (json $shape:ident) => {
        (Body::Json, Some(&shape::$shape), false)
    };
    (needed $shape:ident) => {
        (Body::Json, Some(&shape::$shape), true)
    };
}
macro_rules! is {
    (upgrades) => {
        true
    };
}

const fn row(
    method: Method,
    path: &'static str,
    name: &'static str,
    subject: Subject,
    (body, shape, needs_body): (Body, Option<&'static Shape>, bool),
    upgrades: bool,
) -> Operation {
    Operation { name, method, path, body, shape, needs_body, upgrades, subject }
}

/// Every endpoint. A path of fixed parts stands before one with a variable that could cover it.
pub static TABLE: &[Operation] = rows! {
    // The engine itself.
    GET "/_ping" => "system.ping", None, Empty;
    HEAD "/_ping" => "system.ping", None, Empty;
    GET "/version" => "system.version", None, Empty;
    GET "/info" => "system.info", None, Empty;
    GET "/events" => "system.events", None, Empty;
    GET "/system/df" => "system.df", None, Empty;
    POST "/auth" => "system.auth", None, json AUTH;
    GET "/libpod/_ping" => "system.ping", None, Empty;
    HEAD "/libpod/_ping" => "system.ping", None, Empty;
    GET "/libpod/version" => "system.version", None, Empty;
    GET "/libpod/info" => "system.info", None, Empty;

    // Containers.
    GET "/containers/json" => "container.list", None, Empty;
    POST "/containers/create" => "container.create", None, needed CREATE;
    POST "/containers/prune" => "container.prune", None, Empty;
    GET "/containers/{id}/json" => "container.inspect", Container, Empty;
    GET "/containers/{id}/top" => "container.top", Container, Empty;
    GET "/containers/{id}/logs" => "container.logs", Container, Empty;
    GET "/containers/{id}/changes" => "container.changes", Container, Empty;
    GET "/containers/{id}/export" => "container.export", Container, Empty;
    GET "/containers/{id}/stats" => "container.stats", Container, Empty;
    POST "/containers/{id}/resize" => "container.resize", Container, Empty;
    POST "/containers/{id}/start" => "container.start", Container, Empty;
    POST "/containers/{id}/stop" => "container.stop", Container, Empty;
    POST "/containers/{id}/restart" => "container.restart", Container, Empty;
    POST "/containers/{id}/kill" => "container.kill", Container, Empty;
    POST "/containers/{id}/update" => "container.update", Container, needed UPDATE;
    POST "/containers/{id}/rename" => "container.rename", Container, Empty;
    POST "/containers/{id}/pause" => "container.pause", Container, Empty;
    POST "/containers/{id}/unpause" => "container.unpause", Container, Empty;
    POST "/containers/{id}/attach" => "container.attach", Container, Empty, upgrades;
    GET "/containers/{id}/attach/ws" => "container.attach_websocket", Container, Empty, upgrades;
    POST "/containers/{id}/wait" => "container.wait", Container, Empty;
    DELETE "/containers/{id}" => "container.remove", Container, Empty;
    HEAD "/containers/{id}/archive" => "container.archive_stat", Container, Empty;
    GET "/containers/{id}/archive" => "container.archive_get", Container, Empty;
    PUT "/containers/{id}/archive" => "container.archive_put", Container, Stream;
    GET "/containers/{id}/checkpoints" => "checkpoint.list", Container, Empty;
    POST "/containers/{id}/checkpoints" => "checkpoint.create", Container, needed CHECKPOINT;
    DELETE "/containers/{id}/checkpoints/{checkpoint}" => "checkpoint.remove", Container, Empty;
    POST "/commit" => "container.commit", None, json COMMIT;

    // Commands in containers.
    POST "/containers/{id}/exec" => "exec.create", Container, needed EXEC_CREATE;
    POST "/exec/{id}/start" => "exec.start", Exec, json EXEC_START, upgrades;
    POST "/exec/{id}/resize" => "exec.resize", Exec, Empty;
    GET "/exec/{id}/json" => "exec.inspect", Exec, Empty;

    // Images. Docker's Python client sends an empty object with a push.
    GET "/images/json" => "image.list", None, Empty;
    GET "/images/search" => "image.search", None, Empty;
    GET "/images/get" => "image.save", None, Empty;
    GET "/images/{name...}/get" => "image.save", Image, Empty;
    GET "/images/{name...}/history" => "image.history", Image, Empty;
    GET "/images/{name...}/json" => "image.inspect", Image, Empty;
    GET "/images/{name...}/attestations" => "image.attestations", Image, Empty;
    POST "/images/load" => "image.load", None, Stream;
    POST "/images/create" => "image.pull", None, Empty;
    POST "/images/create" => "image.import", None, Stream;
    POST "/images/prune" => "image.prune", None, Empty;
    POST "/images/{name...}/push" => "image.push", Image, json NOTHING;
    POST "/images/{name...}/tag" => "image.tag", Image, Empty;
    DELETE "/images/{name...}" => "image.remove", Image, Empty;
    GET "/distribution/{name...}/json" => "image.distribution", Image, Empty;

    // Builds.
    POST "/build" => "build", None, Stream;
    POST "/build/prune" => "build.prune", None, Empty;
    POST "/build/cancel" => "build.cancel", None, Empty;
    POST "/session" => "session", None, Empty, upgrades;
    POST "/grpc" => "grpc", None, Empty, upgrades;

    // Networks.
    GET "/networks" => "network.list", None, Empty;
    POST "/networks/create" => "network.create", None, needed NETWORK_CREATE;
    POST "/networks/prune" => "network.prune", None, Empty;
    GET "/networks/{id}" => "network.inspect", Network, Empty;
    POST "/networks/{id}/connect" => "network.connect", Network, needed CONNECT;
    POST "/networks/{id}/disconnect" => "network.disconnect", Network, needed DISCONNECT;
    DELETE "/networks/{id}" => "network.remove", Network, Empty;

    // Volumes.
    GET "/volumes" => "volume.list", None, Empty;
    POST "/volumes/create" => "volume.create", None, json VOLUME_CREATE;
    POST "/volumes/prune" => "volume.prune", None, Empty;
    GET "/volumes/{name}" => "volume.inspect", Volume, Empty;
    PUT "/volumes/{name}" => "volume.update", Volume, needed VOLUME_UPDATE;
    DELETE "/volumes/{name}" => "volume.remove", Volume, Empty;

    // Plugins of the engine.
    GET "/plugins" => "plugin.list", None, Empty;
    GET "/plugins/privileges" => "plugin.privileges", None, Empty;
    POST "/plugins/pull" => "plugin.pull", None, json PRIVILEGES;
    POST "/plugins/create" => "plugin.create", None, Stream;
    GET "/plugins/{name...}/json" => "plugin.inspect", Plugin, Empty;
    POST "/plugins/{name...}/enable" => "plugin.enable", Plugin, Empty;
    POST "/plugins/{name...}/disable" => "plugin.disable", Plugin, Empty;
    POST "/plugins/{name...}/push" => "plugin.push", Plugin, json NOTHING;
    POST "/plugins/{name...}/upgrade" => "plugin.upgrade", Plugin, json PRIVILEGES;
    POST "/plugins/{name...}/set" => "plugin.set", Plugin, needed SETTINGS;
    DELETE "/plugins/{name...}" => "plugin.remove", Plugin, Empty;

    // Clusters.
    GET "/swarm" => "swarm.inspect", None, Empty;
    POST "/swarm/init" => "swarm.init", None, needed SWARM_INIT;
    POST "/swarm/join" => "swarm.join", None, needed JOIN;
    POST "/swarm/leave" => "swarm.leave", None, Empty;
    POST "/swarm/update" => "swarm.update", None, needed SWARM;
    GET "/swarm/unlockkey" => "swarm.unlock_key", None, Empty;
    POST "/swarm/unlock" => "swarm.unlock", None, needed SWARM_UNLOCK;
    GET "/nodes" => "node.list", None, Empty;
    GET "/nodes/{id}" => "node.inspect", Node, Empty;
    POST "/nodes/{id}/update" => "node.update", Node, needed NODE;
    DELETE "/nodes/{id}" => "node.remove", Node, Empty;
    GET "/services" => "service.list", None, Empty;
    POST "/services/create" => "service.create", None, needed SERVICE;
    GET "/services/{id}" => "service.inspect", Service, Empty;
    POST "/services/{id}/update" => "service.update", Service, needed SERVICE;
    GET "/services/{id}/logs" => "service.logs", Service, Empty;
    DELETE "/services/{id}" => "service.remove", Service, Empty;
    GET "/tasks" => "task.list", None, Empty;
    GET "/tasks/{id}" => "task.inspect", Task, Empty;
    GET "/tasks/{id}/logs" => "task.logs", Task, Empty;
    GET "/secrets" => "secret.list", None, Empty;
    POST "/secrets/create" => "secret.create", None, needed SECRET;
    GET "/secrets/{id}" => "secret.inspect", Secret, Empty;
    POST "/secrets/{id}/update" => "secret.update", Secret, needed SECRET;
    DELETE "/secrets/{id}" => "secret.remove", Secret, Empty;
    GET "/configs" => "config.list", None, Empty;
    POST "/configs/create" => "config.create", None, needed CONFIG;
    GET "/configs/{id}" => "config.inspect", Config, Empty;
    POST "/configs/{id}/update" => "config.update", Config, needed CONFIG;
    DELETE "/configs/{id}" => "config.remove", Config, Empty;
};
