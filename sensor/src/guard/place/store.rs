//! What has to outlive a crash: a file of JSON, there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use super::{PlaceError, refused};

/// Writes it in place of what is there.
pub(super) fn write(path: &Path, value: &impl Serialize) -> Result<(), PlaceError> {
    let draft = path.with_extension("draft");
    let text = serde_json::to_vec_pretty(value)
        .map_err(|source| PlaceError::Journal { path: path.to_owned(), source })?;
    let write = || {
        let mut file = File::create(&draft)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        // The name is in the directory.
        path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    };
    write().map_err(refused("write", path))
}

/// Reads it, if it is there.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, PlaceError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused("read", path)(error)),
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|source| PlaceError::Journal { path: path.to_owned(), source }),
    }
}
