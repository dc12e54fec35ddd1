//! Cgroups that a test makes by hand, as a forger would.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Cgroups made by hand, removed when dropped, with the parents that were made for them.
#[derive(Default)]
pub(crate) struct HandMade(Vec<PathBuf>);

impl HandMade {
    /// Makes the cgroup `path`; answers with its id.
    pub(crate) fn make(&mut self, mount: &Path, path: &str) -> Result<u64> {
        let mut directory = mount.to_owned();
        for component in path.split('/') {
            directory.push(component);
            if !directory.exists() {
                fs::create_dir(&directory)?;
                self.0.push(directory.clone());
            }
        }
        Ok(fs::metadata(&directory)?.ino())
    }
}

impl Drop for HandMade {
    fn drop(&mut self) {
        for directory in self.0.iter().rev() {
            // Left behind it harms nobody.
            drop(fs::remove_dir(directory));
        }
    }
}
