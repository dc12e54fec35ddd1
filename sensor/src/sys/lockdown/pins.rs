//! What keeps the lock-down in force when the guard is gone: a file in the kernel's file system of programs.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aya::programs::{
    links::{FdLink, PinnedLink},
    loaded_programs,
};

/// Where the kernel shows what is pinned.
const BPFFS: &str = "/sys/fs/bpf";
/// The guard's directory there.
const DIRECTORY: &str = "/sys/fs/bpf/vigie-guard";
/// `BPF_FS_MAGIC`.
const MAGIC: u64 = 0xcafe_4a11;
/// How long the kernel may take to let a program go whose file was removed.
const LETTING_GO: Duration = Duration::from_secs(5);
/// How often it is asked.
const ASKING: Duration = Duration::from_millis(5);

/// Why nothing can be pinned.
#[derive(Debug, thiserror::Error)]
pub enum PinsError {
    /// The file system is not there.
    #[error("{BPFFS} is no bpf file system, which --fail closed needs; mount it: mount -t bpf bpf {BPFFS}")]
    NoFileSystem,
    /// The directory belongs to somebody else.
    #[error("{DIRECTORY} is another's than root's; remove it")]
    NotOurs,
    /// Not to be made, read or removed.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not ended by removing its file.
    #[error("{path} is removed, and the lock-down still in force: another process holds it", path = path.display())]
    Held {
        /// The file that was removed.
        path: PathBuf,
    },
    /// The kernel refused.
    #[error("the lock-down cannot be pinned: {0}")]
    Pin(#[from] aya::pin::PinError),
}

/// Pins a link under the id of this process.
pub(super) fn pin(link: FdLink) -> Result<PinnedLink, PinsError> {
    check()?;
    let failed = |source| PinsError::File { path: DIRECTORY.into(), source };
    match DirBuilder::new().mode(0o700).create(DIRECTORY) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    let directory = std::fs::symlink_metadata(DIRECTORY).map_err(failed)?;
    if !directory.is_dir() || directory.uid() != 0 {
        return Err(PinsError::NotOurs);
    }
    std::fs::set_permissions(DIRECTORY, Permissions::from_mode(0o700)).map_err(failed)?;
    Ok(link.pin(own())?)
}

/// Whether anything can be pinned at all.
pub fn check() -> Result<(), PinsError> {
    let kind = rustix::fs::statfs(BPFFS).ok().and_then(|system| u64::try_from(system.f_type).ok());
    if kind == Some(MAGIC) { Ok(()) } else { Err(PinsError::NoFileSystem) }
}

/// What is pinned, and by which process.
pub fn all() -> Result<Vec<(PathBuf, u32)>, PinsError> {
    let failed = |source| PinsError::File { path: DIRECTORY.into(), source };
    let entries = match std::fs::read_dir(DIRECTORY) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(failed)?,
    };
    let pid = |path: &Path| path.file_name()?.to_str()?.strip_prefix("link-")?.parse().ok();
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed));
    paths.map(|path| path.map(|path| (path.clone(), pid(&path).unwrap_or(0)))).collect()
}

/// Removes what others than this process have pinned, so that it is in force no longer; says how much that was.
pub fn remove_others() -> Result<usize, PinsError> {
    let others: Vec<_> = all()?.into_iter().filter(|(path, _)| *path != own()).collect();
    others.iter().try_for_each(|(path, _)| remove(path))?;
    Ok(others.len())
}

/// Ends what this process has pinned and holds no longer.
pub(super) fn remove_own() -> Result<(), PinsError> {
    remove(&own())
}

/// Removes the directory if nothing is in there any more.
pub fn sweep() {
    // It is not empty while another guard needs it.
    std::fs::remove_dir(DIRECTORY).ok();
}

fn own() -> PathBuf {
    Path::new(DIRECTORY).join(format!("link-{}", std::process::id()))
}

/// Removes a file, and waits until what it kept is gone: the kernel lets it go some time later.
fn remove(path: &Path) -> Result<(), PinsError> {
    let program = PinnedLink::from_pin(path).ok().and_then(|link| FdLink::from(link).info().ok());
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(PinsError::File { path: path.to_owned(), source });
        }
        _ => {}
    }
    let Some(program) = program.map(|link| link.program_id()) else { return Ok(()) };
    let end = Instant::now() + LETTING_GO;
    // A program goes after its link has.
    while loaded_programs().any(|loaded| loaded.is_ok_and(|loaded| loaded.id() == program)) {
        if Instant::now() >= end {
            return Err(PinsError::Held { path: path.to_owned() });
        }
        std::thread::sleep(ASKING);
    }
    Ok(())
}
