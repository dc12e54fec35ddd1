//! Scratch directories below `target/`: where things are made before they are moved into place.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::interrupt;
use crate::workspace::Workspace;

/// A directory that is removed with this value, or by an interruption, or by the next set-up.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes an empty directory for `purpose`.
    pub(crate) fn new(workspace: &Workspace, purpose: &str) -> Result<Self> {
        let path = parent(workspace).join(format!("{purpose}.{}", std::process::id()));
        interrupt::remember_scratch(&path);
        std::fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self { path })
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next set-up.
        drop(std::fs::remove_dir_all(&self.path));
        interrupt::forget_scratch(&self.path);
    }
}

/// Removes what killed runs left behind: directories whose process is gone.
pub(super) fn sweep(workspace: &Workspace) -> Result<()> {
    let parent = parent(workspace);
    let Ok(entries) = std::fs::read_dir(&parent) else { return Ok(()) };
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", parent.display()))?.path();
        if owner(&path).is_none_or(|pid| !Path::new("/proc").join(pid).exists()) {
            std::fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}

fn owner(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

fn parent(workspace: &Workspace) -> PathBuf {
    workspace.target.join("scratch")
}
