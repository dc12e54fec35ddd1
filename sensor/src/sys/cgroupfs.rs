//! The cgroup v2 file system: where it is mounted, which cgroups exist, and which one a process is in.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Id of the root cgroup of every hierarchy.
const ROOT_ID: u64 = 1;
/// Most bytes of `/proc/self/mountinfo` that are read.
const MAX_MOUNTINFO: u64 = 16 << 20;
/// Most bytes of `/proc/<pid>/cgroup` that are read: a line per hierarchy, a path of at most 4 KiB each.
const MAX_PROC_CGROUP: u64 = 128 << 10;

/// Why the cgroups cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum CgroupfsError {
    /// The mount table cannot be read.
    #[error("cannot read /proc/self/mountinfo: {0}; mount /proc")]
    Mountinfo(#[source] io::Error),
    /// No v2 hierarchy is mounted.
    #[error("no cgroup2 file system is mounted; mount one: mount -t cgroup2 none /sys/fs/cgroup/unified")]
    NotMounted,
    /// The mount is there, its root directory cannot be read.
    #[error("cannot read the cgroup2 file system at {path}: {source}", path = path.display())]
    Root {
        /// Where it is mounted.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// Only a part of the hierarchy is visible, so the paths seen are not the kernel's.
    #[error(
        "{path} shows only a part of the cgroup hierarchy; run the sensor in the host's cgroup namespace",
        path = path.display()
    )]
    Part {
        /// Where it is mounted.
        path: PathBuf,
    },
}

/// One cgroup that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cgroup {
    /// Its id, which is its directory's inode number.
    pub id: u64,
    /// Path from the root of the hierarchy, as the kernel's events give it.
    pub path: Vec<u8>,
}

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The cgroups, each before those inside of it.
    pub cgroups: Vec<Cgroup>,
    /// Whether there is more: the bound was reached, or a directory could not be read.
    pub partial: bool,
}

/// Where the v2 hierarchy is mounted: `/sys/fs/cgroup`, on hybrid hosts `/sys/fs/cgroup/unified`.
pub fn find_mount() -> Result<PathBuf, CgroupfsError> {
    let table =
        read_bounded(Path::new("/proc/self/mountinfo"), MAX_MOUNTINFO).map_err(CgroupfsError::Mountinfo)?;
    cgroup2_mount(&table).ok_or(CgroupfsError::NotMounted)
}

/// The first mount of type `cgroup2` that shows the root of the hierarchy, in the format of
/// `/proc/self/mountinfo`.
fn cgroup2_mount(mountinfo: &[u8]) -> Option<PathBuf> {
    mountinfo.split(|&b| b == b'\n').find_map(|line| {
        let mut fields = line.split(|&b| b == b' ');
        let (root, point) = (fields.nth(3)?, fields.next()?);
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        let found = kind == b"cgroup2" && root == b"/";
        found.then(|| PathBuf::from(OsStr::from_bytes(&unescape(point))))
    })
}

/// Undoes the kernel's `\ooo`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = if first == b'\\' { octal(after) } else { None };
        let (byte, after) = escaped.unwrap_or((first, after));
        out.push(byte);
        rest = after;
    }
    out
}

/// Three octal digits at the start of `bytes`, and what follows.
fn octal(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = bytes.split_at_checked(3)?;
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 8).ok().map(|byte| (byte, after))
}

/// Most cgroups that a walk lists.
pub const MAX_CGROUPS: usize = 65_536;

/// Lists the cgroups below `mount`, at most `limit` of them. Cgroups that come and go meanwhile may be in the
/// list or not.
pub fn walk(mount: &Path, limit: usize) -> Result<Walk, CgroupfsError> {
    let failed = |source| CgroupfsError::Root { path: mount.to_owned(), source };
    let id = std::fs::metadata(mount).map_err(failed)?.ino();
    if id != ROOT_ID {
        return Err(CgroupfsError::Part { path: mount.to_owned() });
    }
    std::fs::read_dir(mount).map_err(failed)?;
    let mut walk = Walk::default();
    let mut open = vec![Cgroup { id, path: b"/".to_vec() }];
    while let Some(next) = open.pop() {
        if walk.cgroups.len() == limit {
            walk.partial = true;
            break;
        }
        let room = limit.saturating_sub(walk.cgroups.len() + open.len());
        match children(mount, &next.path, room) {
            Ok((inside, whole)) => {
                walk.partial |= !whole;
                open.extend(inside);
            }
            // Removed since its parent was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => walk.partial = true,
        }
        walk.cgroups.push(next);
    }
    Ok(walk)
}

/// The cgroups directly inside of one, at most `limit`, and whether these are all.
fn children(mount: &Path, path: &[u8], limit: usize) -> io::Result<(Vec<Cgroup>, bool)> {
    let mut inside = Vec::new();
    let relative = path.strip_prefix(b"/").unwrap_or(path);
    for entry in std::fs::read_dir(mount.join(OsStr::from_bytes(relative)))? {
        let entry = entry?;
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if inside.len() == limit {
            return Ok((inside, false));
        }
        let base = if path == b"/" { b"" } else { path };
        let path = [base, b"/", entry.file_name().as_bytes()].concat();
        inside.push(Cgroup { id: entry.ino(), path });
    }
    Ok((inside, true))
}

/// The v2 cgroup of a process, as a path from the root of the hierarchy; `None` once it is gone.
pub fn of_process(pid: u32) -> Option<Vec<u8>> {
    let lines = read_bounded(Path::new(&format!("/proc/{pid}/cgroup")), MAX_PROC_CGROUP).ok()?;
    unified(&lines).map(<[u8]>::to_vec)
}

/// The path of hierarchy 0 in the format of `/proc/<pid>/cgroup`. The kernel lets no cgroup's name hold a
/// newline. A cgroup that is gone, with a dead process still in it, is none.
fn unified(lines: &[u8]) -> Option<&[u8]> {
    let path = lines.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"0::"))?;
    (!path.ends_with(b" (deleted)")).then_some(path)
}

/// The start of a file, at most `limit` bytes.
fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &[u8] = b"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    #[test]
    fn the_mount_is_found_on_hybrid_and_pure_hosts() {
        assert_eq!(cgroup2_mount(HYBRID), Some(PathBuf::from("/sys/fs/cgroup/unified")));
        let pure =
            b"30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n";
        assert_eq!(cgroup2_mount(pure), Some(PathBuf::from("/sys/fs/cgroup")));
        let part = b"30 23 0:26 /docker/x /mnt rw - cgroup2 cgroup2 rw\n30 23 0:26 / /a\\040b\\134 rw - cgroup2 c rw\n";
        assert_eq!(cgroup2_mount(part), Some(PathBuf::from("/a b\\")));
    }

    #[test]
    fn a_broken_table_has_no_mount() {
        for end in 0..HYBRID.len() - 12 {
            assert_eq!(cgroup2_mount(&HYBRID[..end]), None, "cut at {end}");
        }
        assert_eq!(cgroup2_mount(b"\n - cgroup2\n1 2 3 / /x cgroup2\n1 2 3 / /x -"), None);
        assert_eq!(unescape(b"\\9\\77\\777\\"), b"\\9\\77\\777\\");
    }

    #[test]
    fn the_line_of_the_v2_hierarchy_counts() {
        assert_eq!(unified(b"1:cpu:/a\n0::/docker/x\n"), Some(b"/docker/x".as_slice()));
        assert_eq!(unified(b"10::/no\n1:name=0::/x:/y\n"), None);
        assert_eq!(unified(b"0::/docker/x (deleted)\n"), None);
    }

    #[test]
    fn a_directory_that_is_not_the_root_cgroup_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(walk(directory.path(), 10), Err(CgroupfsError::Part { .. })));
        assert!(matches!(walk(&directory.path().join("none"), 10), Err(CgroupfsError::Root { .. })));
    }

    #[test]
    fn children_are_listed_with_any_name_up_to_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        let name = OsStr::from_bytes(b"\xff\x1b[2J foo:");
        std::fs::create_dir(directory.path().join(name)).unwrap();
        std::fs::write(directory.path().join("file"), "").unwrap();
        let (found, whole) = children(directory.path(), b"/", 1).unwrap();
        let ino = std::fs::metadata(directory.path().join(name)).unwrap().ino();
        assert_eq!(found, [Cgroup { id: ino, path: b"/\xff\x1b[2J foo:".to_vec() }]);
        assert!(whole);
        assert_eq!(children(directory.path(), b"/", 0).unwrap(), (vec![], false));
    }

    #[test]
    fn this_process_is_somewhere_and_a_missing_one_is_not() {
        let lines = std::fs::read("/proc/self/cgroup").unwrap();
        assert_eq!(of_process(std::process::id()).as_deref(), unified(&lines));
        assert_eq!(of_process(u32::MAX), None);
    }
}
