//! podman's storage on disk.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::identity::docker::model::or_default;
use crate::identity::oci::Spec;
use crate::sys::confined::{Content, Demand, read_below};

/// Storage drivers, the usual one first; each has a directory of its own.
const DRIVERS: [&str; 4] = ["overlay", "vfs", "btrfs", "zfs"];
/// Lists of containers: those that outlive a restart of the host, and those that do not.
const LISTS: [&str; 2] = ["containers.json", "volatile-containers.json"];
/// Most bytes of the number of a process.
const MAX_PIDFILE: u64 = 32;

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// It is not there.
    #[error("not in the storage")]
    NotFound,
    /// It cannot be read, or must not be.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It makes no sense.
    #[error("{path} makes no sense: {source}", path = path.display())]
    Json {
        /// What.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

/// One storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Its directory (`podman --root`).
    pub root: PathBuf,
    /// Whose it must be.
    pub owner: u32,
    /// Where the owner's own systemd keeps its slices in the cgroup hierarchy; empty for the host's.
    pub base: String,
}

/// A container in a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// Whole id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Its names, the usual one first.
    #[serde(deserialize_with = "or_default")]
    pub names: Vec<String>,
    /// Id of the image, without the name of the hash.
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    /// [`Details`] as JSON.
    #[serde(deserialize_with = "or_default")]
    pub metadata: String,
    /// RFC 3339.
    #[serde(deserialize_with = "or_default")]
    pub created: String,
}

/// What podman notes of a container besides.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Details {
    /// The image as it was asked for.
    #[serde(deserialize_with = "or_default")]
    pub image_name: String,
}

/// Everything read of a container.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its place in the list.
    pub listed: Listed,
    /// Its specification, once it has been started.
    pub spec: Option<Spec>,
    /// The number that its init process had last, and when that was written.
    pub init: Option<(u32, jiff::Timestamp)>,
}

impl Storage {
    /// Reads what there is of the container `id` (a hex id), with at most `limit` bytes of each file.
    pub fn read(&self, id: &str, limit: u64) -> Result<Stored, StorageError> {
        for driver in DRIVERS {
            let folder = format!("{driver}-containers");
            for list in LISTS {
                if let Some(listed) = self.listed(&format!("{folder}/{list}"), id, limit)? {
                    let config = format!("{folder}/{id}/userdata/config.json");
                    let spec: Option<Spec> = self.json(&config, limit)?;
                    let init = spec.as_ref().and_then(|spec| self.init(spec, id));
                    return Ok(Stored { listed, spec, init });
                }
            }
        }
        Err(StorageError::NotFound)
    }

    fn listed(&self, list: &str, id: &str, limit: u64) -> Result<Option<Listed>, StorageError> {
        let containers: Vec<Listed> = self.json(list, limit)?.unwrap_or_default();
        Ok(containers.into_iter().find(|container| container.id == id))
    }

    /// A file below the root as JSON; `None` if it is not there.
    fn json<T: DeserializeOwned>(&self, relative: &str, limit: u64) -> Result<Option<T>, StorageError> {
        let path = || self.root.join(relative);
        let content = match read_below(&self.root, Path::new(relative), self.demand(limit)) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StorageError::Unreadable { path: path(), source }),
        };
        let parsed = serde_json::from_slice(&content.bytes);
        parsed.map(Some).map_err(|source| StorageError::Json { path: path(), source })
    }

    /// The init process. Its number lies beside a file of which the specification tells, in a directory that
    /// the storage itself does not name.
    fn init(&self, spec: &Spec, id: &str) -> Option<(u32, jiff::Timestamp)> {
        let beside = format!("/{id}/userdata/.containerenv");
        let source = spec.sources().find(|source| source.ends_with(&beside))?;
        let folder = Path::new(source).parent().filter(|folder| folder.is_absolute())?;
        let Content { bytes, modified } =
            read_below(folder, Path::new("pidfile"), self.demand(MAX_PIDFILE)).ok()?;
        let pid = std::str::from_utf8(&bytes).ok()?.trim().parse().ok()?;
        Some((pid, modified))
    }

    const fn demand(&self, limit: u64) -> Demand {
        Demand { owner: self.owner, limit }
    }
}
