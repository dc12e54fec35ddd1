//! Where a path of the host leads, without opening what is there.

use std::path::{Path, PathBuf};

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, fstat, openat, openat2, readlinkat, statat};
use rustix::io::Errno;

/// The root of the host's files.
#[derive(Debug)]
pub struct Root {
    directory: OwnedFd,
    /// The path of the root as this program sees it, empty for its own.
    prefix: String,
    /// Whom it belongs to: root, on every host.
    owner: u32,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The path with its symbolic links followed. The last names may not be there yet.
    pub path: String,
    /// Whether a directory above it belongs to somebody but the owner of the root, or can be written to by others.
    pub swappable: bool,
}

/// Why it cannot be told where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The kernel refuses: too many links, a link of `/proc`, a name too long.
    #[error("cannot resolve it: {0}")]
    Refused(#[from] Errno),
    /// The path is no text.
    #[error("not UTF-8")]
    NotUtf8,
    /// A symbolic link leads to nothing.
    #[error("a symbolic link leads to nothing")]
    Dangling,
}

const PATH_ONLY: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

impl Root {
    /// The root of this program's own view.
    pub fn own() -> Result<Self, ResolveError> {
        Self::at(Path::new("/"))
    }

    /// A directory, taken for the root.
    pub fn at(path: &Path) -> Result<Self, ResolveError> {
        let directory = openat(CWD, path, PATH_ONLY.union(OFlags::DIRECTORY), Mode::empty())?;
        let prefix = real(directory.as_fd())?.trim_end_matches('/').to_owned();
        let owner = fstat(&directory)?.st_uid;
        Ok(Self { directory, prefix, owner })
    }

    /// Follows a path. Links of `/proc` that lead out of every directory are refused.
    pub fn resolve(&self, path: &str) -> Result<Resolved, ResolveError> {
        let mut existing = PathBuf::from(path);
        let mut missing: Vec<String> = Vec::new();
        let found = loop {
            match self.open(&existing) {
                Ok(found) => break found,
                Err(Errno::NOENT) => {
                    self.refuse_dangling(&existing)?;
                    let name = existing.file_name().and_then(|name| name.to_str()).ok_or(Errno::NOENT)?;
                    missing.push(name.to_owned());
                    existing.pop();
                }
                Err(error) => return Err(error.into()),
            }
        };
        let real = real(found.as_fd())?;
        let real = real.strip_prefix(&self.prefix).ok_or(Errno::XDEV)?;
        let names = missing.iter().rev().map(String::as_str);
        let path = names.fold(real.trim_end_matches('/').to_owned(), |path, name| format!("{path}/{name}"));
        let swappable = self.is_swappable(Path::new(&path));
        Ok(Resolved { path: if path.is_empty() { "/".to_owned() } else { path }, swappable })
    }

    fn open(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let within = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);
        openat2(&self.directory, path, PATH_ONLY, Mode::empty(), within)
    }

    /// What is missing must not be a link: whoever follows it makes what it leads to.
    fn refuse_dangling(&self, path: &Path) -> Result<(), ResolveError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
        let Ok(parent) = self.open(parent) else { return Ok(()) };
        match statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Err(ResolveError::Dangling),
            Err(_) => Ok(()),
        }
    }

    /// Whether somebody but root may rename what lies on the way; where that cannot be told, somebody may.
    fn is_swappable(&self, path: &Path) -> bool {
        let above = path.ancestors().skip(1);
        above.map(|directory| self.open(directory)).any(|directory| match directory {
            Ok(directory) => {
                fstat(&directory).map_or(true, |stat| stat.st_uid != self.owner || stat.st_mode & 0o022 != 0)
            }
            // It is not there yet, and root makes it.
            Err(Errno::NOENT) => false,
            Err(_) => true,
        })
    }
}

/// The path that the kernel has for a descriptor.
fn real(descriptor: BorrowedFd<'_>) -> Result<String, ResolveError> {
    use std::os::fd::AsRawFd as _;
    let link = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    let path = readlinkat(CWD, link, Vec::new())?;
    path.into_string().map_err(|_not_utf8| ResolveError::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn host() -> (tempfile::TempDir, Root) {
        let host = tempfile::tempdir().unwrap();
        for directory in ["etc", "srv/data", "run"] {
            fs::create_dir_all(host.path().join(directory)).unwrap();
        }
        fs::write(host.path().join("run/docker.sock"), "").unwrap();
        symlink("/etc", host.path().join("srv/link")).unwrap();
        symlink("../../run/docker.sock", host.path().join("srv/data/up")).unwrap();
        symlink("/../../../../etc", host.path().join("srv/out")).unwrap();
        symlink("/etc/new", host.path().join("srv/dangling")).unwrap();
        symlink("loop", host.path().join("srv/loop")).unwrap();
        let root = Root::at(host.path()).unwrap();
        (host, root)
    }

    fn resolved(root: &Root, path: &str) -> Result<String, ResolveError> {
        root.resolve(path).map(|resolved| resolved.path)
    }

    #[test]
    fn links_are_followed_within_the_root() {
        let (_host, root) = host();
        for (path, wanted) in [
            ("/", "/"),
            ("/srv/data", "/srv/data"),
            ("/srv//data/.", "/srv/data"),
            ("/srv/link", "/etc"),
            ("/srv/link/x/y", "/etc/x/y"),
            ("/srv/data/up", "/run/docker.sock"),
            ("/srv/out", "/etc"),
            ("/srv/new/deep", "/srv/new/deep"),
            ("/new", "/new"),
        ] {
            assert_eq!(resolved(&root, path).as_deref(), Ok(wanted), "{path}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_an_error() {
        let (_host, root) = host();
        assert_eq!(resolved(&root, "/srv/dangling"), Err(ResolveError::Dangling));
        assert_eq!(resolved(&root, "/srv/dangling/x"), Err(ResolveError::Dangling));
        assert_eq!(resolved(&root, "/srv/loop"), Err(Errno::LOOP.into()));
        assert_eq!(resolved(&root, "/run/docker.sock/x"), Err(Errno::NOTDIR.into()));
        assert!(resolved(&Root::own().unwrap(), "/proc/self/root/etc").is_err());
    }

    #[test]
    fn what_others_may_replace_is_swappable() {
        use std::os::unix::fs::PermissionsExt as _;
        let (host, root) = host();
        let chmod = |path: &str, mode| {
            fs::set_permissions(host.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
        };
        for path in ["", "srv", "srv/data"] {
            chmod(path, 0o755);
        }
        assert!(!root.resolve("/srv/data").unwrap().swappable);
        chmod("srv/data", 0o777);
        assert!(!root.resolve("/srv/data").unwrap().swappable);
        assert!(root.resolve("/srv/data/new").unwrap().swappable);
        chmod("srv", 0o775);
        assert!(root.resolve("/srv/data").unwrap().swappable);
    }
}
