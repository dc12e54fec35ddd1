//! Which events a test records: those of its domain, since to load every program takes long in an emulated guest.

use std::path::Path;

/// The opens, which most tests cause.
const OPENS: &str = "open,openat,openat2,creat,open_by_handle_at";

/// What the tests of a file record.
pub(super) struct Scope {
    /// What `vigie events --only` is given.
    pub(super) only: String,
    /// Whether they may share a sensor, which remembers what it has seen.
    pub(super) is_shared: bool,
}

/// The scope of this file; nothing for all events.
pub(super) fn of(file: &str) -> Option<Scope> {
    let path = Path::new(file);
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let room = path.parent().and_then(Path::file_name).and_then(|room| room.to_str()).unwrap_or_default();
    let only = match (room, name) {
        ("live", "smoke" | "doctor") => return None,
        ("live", "kernel") => format!("kernel,{OPENS}"),
        ("live", "credential" | "compat") | ("process", _) => format!("credential,process,{OPENS}"),
        ("network", _) => format!("network,{OPENS}"),
        ("file", _) => "file".to_owned(),
        ("oracle", _) => "file,network,process".to_owned(),
        _ => OPENS.to_owned(),
    };
    let is_shared = match (room, name) {
        // Names that were asked for are remembered, and processes that a test needs to be found at the start.
        ("network", "dns") | ("process", "loss" | "origin" | "storm") => false,
        ("file" | "network" | "process", _) | ("live", "credential" | "compat" | "kernel") => true,
        _ => false,
    };
    Some(Scope { only, is_shared })
}
