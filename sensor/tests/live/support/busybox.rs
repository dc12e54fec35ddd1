//! The one foreign program there is everywhere.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

static BUSYBOX: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path).chain(["/bin".into(), "/usr/bin".into()]);
    let found = candidates.map(|directory| directory.join("busybox")).find(|path| path.is_file());
    let found = found.expect("these tests need busybox in PATH; install the package busybox-static");
    found.canonicalize().unwrap()
});

/// Its path, with no link in it.
pub(crate) fn busybox() -> &'static Path {
    &BUSYBOX
}
