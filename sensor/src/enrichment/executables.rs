//! Digests of executables and the packages they came with.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use crate::sys::{
    dpkg,
    executable::{Executable, FileVersion},
    root::Refusal,
};

use super::{
    desk::Wake,
    lookups::{Lookups, Question},
};

/// Most executables remembered.
const MAX_EXECUTABLES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);
/// How long reading one may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A SHA-256.
pub type Sha256 = [u8; 32];

/// The package that an executable came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its name.
    pub name: Box<[u8]>,
    /// Its version.
    pub version: Box<[u8]>,
    /// Whether the file is another one than came with the package; `None` if the package or the file does not tell.
    pub modified: Option<bool>,
}

/// Digests by file.
pub(super) type Digests = Lookups<FileVersion, Executable, Sha256>;

/// Owners by file and path; `None` where no package has it.
pub(super) type Owners = Lookups<OwnerKey, Executable, Option<Arc<Owner>>>;

/// A file and the path by which packages know it.
pub(super) type OwnerKey = (FileVersion, Box<[u8]>);

pub(super) fn digests(wake: Wake) -> Digests {
    let work = |question: &Question<_, Executable>| question.place.sha256();
    Lookups::new("vigie-digests", MAX_EXECUTABLES, PATIENCE, work, wake)
}

pub(super) fn owners(wake: Wake) -> Owners {
    let work = |question: &Question<_, Executable>| owner(&question.place).map(|owner| owner.map(Arc::new));
    Lookups::new("vigie-packages", MAX_EXECUTABLES, PATIENCE, work, wake)
}

fn owner(executable: &Executable) -> Result<Option<Owner>, Refusal> {
    let Some(package) = dpkg::owner(&executable.root()?, &executable.path)? else { return Ok(None) };
    let modified = package.md5.and_then(|came| executable.md5().ok().map(|is| is != came));
    Ok(Some(Owner { name: package.name, version: package.version, modified }))
}
