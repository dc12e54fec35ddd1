//! Which events a test records: those of its domain, since to load every program takes long in an emulated guest.

use std::path::Path;

/// The opens, which most tests cause.
const OPENS: &str = "open,openat,openat2,creat,open_by_handle_at";

/// What `vigie events --only` is given by the tests of this file; nothing for all events.
pub(super) fn of(file: &str) -> Option<String> {
    let path = Path::new(file);
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let room = path.parent().and_then(Path::file_name).and_then(|room| room.to_str()).unwrap_or_default();
    match (room, name) {
        ("live", "smoke" | "doctor") => None,
        ("live", "kernel") => Some(format!("kernel,{OPENS}")),
        ("live", "credential" | "compat") | ("process", _) => Some(format!("credential,process,{OPENS}")),
        ("network", _) => Some("network".to_owned()),
        ("file", "calls" | "contents" | "resolved" | "uring") => Some("file".to_owned()),
        ("oracle", _) => Some("file,network,process".to_owned()),
        _ => Some(OPENS.to_owned()),
    }
}
