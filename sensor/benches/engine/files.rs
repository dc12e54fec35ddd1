//! Rules files from a directory, as `--rules DIR` would load them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// Names and texts of the YAML files in `directory`, in alphabetical order.
pub(crate) fn read(directory: &Path) -> Result<Vec<(String, String)>> {
    let mut paths = std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>())
        .with_context(|| format!("reading {}", directory.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
    paths.sort();
    ensure!(!paths.is_empty(), "{} holds no YAML files", directory.display());
    paths.iter().map(|path| file(path)).collect()
}

fn file(path: &Path) -> Result<(String, String)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok((path.display().to_string(), text))
}
