//! Flags in words, as Falco names them.

/// Names of bits.
pub(super) type Bits = &'static [(u64, &'static str)];

/// `renameat2`.
pub(super) const RENAMEAT2: Bits = &[(1, "RENAME_NOREPLACE"), (2, "RENAME_EXCHANGE"), (4, "RENAME_WHITEOUT")];
/// `unlinkat`.
pub(super) const UNLINKAT: Bits = &[(0x200, "AT_REMOVEDIR")];
/// `linkat`, `fchownat`, `fchmodat2`.
pub(super) const AT: Bits =
    &[(0x100, "AT_SYMLINK_NOFOLLOW"), (0x400, "AT_SYMLINK_FOLLOW"), (0x1000, "AT_EMPTY_PATH")];
/// `setxattr` and its family.
pub(super) const XATTR: Bits = &[(1, "XATTR_CREATE"), (2, "XATTR_REPLACE")];
/// `umount2`.
pub(super) const UMOUNT: Bits = &[(1, "FORCE"), (2, "DETACH"), (4, "EXPIRE"), (8, "NOFOLLOW")];
/// Protection of memory.
pub(super) const PROTECTION: Bits = &[(1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC"), (8, "PROT_SEM")];
/// `mmap`.
pub(super) const MAP: Bits = &[
    (0x1, "MAP_SHARED"),
    (0x2, "MAP_PRIVATE"),
    (0x10, "MAP_FIXED"),
    (0x20, "MAP_ANONYMOUS"),
    (0x40, "MAP_32BIT"),
    (0x4000, "MAP_NORESERVE"),
    (0x8000, "MAP_POPULATE"),
    (0x1_0000, "MAP_NONBLOCK"),
    (0x100, "MAP_GROWSDOWN"),
    (0x800, "MAP_DENYWRITE"),
    (0x1000, "MAP_EXECUTABLE"),
    (0x2000, "MAP_LOCKED"),
];
/// `mount`.
pub(super) const MOUNT: Bits = &[
    (1, "RDONLY"),
    (1 << 1, "NOSUID"),
    (1 << 2, "NODEV"),
    (1 << 3, "NOEXEC"),
    (1 << 4, "SYNCHRONOUS"),
    (1 << 5, "REMOUNT"),
    (1 << 6, "MANDLOCK"),
    (1 << 7, "DIRSYNC"),
    (1 << 10, "NOATIME"),
    (1 << 11, "NODIRATIME"),
    (1 << 12, "BIND"),
    (1 << 13, "MOVE"),
    (1 << 14, "REC"),
    (1 << 15, "SILENT"),
    (1 << 16, "POSIXACL"),
    (1 << 17, "UNBINDABLE"),
    (1 << 18, "PRIVATE"),
    (1 << 19, "SLAVE"),
    (1 << 20, "SHARED"),
    (1 << 21, "RELATIME"),
    (1 << 23, "I_VERSION"),
    (1 << 24, "STRICTATIME"),
    (1 << 25, "LAZYTIME"),
];
/// Bits of a mode.
const MODE: Bits = &[
    (0o1, "S_IXOTH"),
    (0o2, "S_IWOTH"),
    (0o4, "S_IROTH"),
    (0o10, "S_IXGRP"),
    (0o20, "S_IWGRP"),
    (0o40, "S_IRGRP"),
    (0o100, "S_IXUSR"),
    (0o200, "S_IWUSR"),
    (0o400, "S_IRUSR"),
    (0o1000, "S_ISVTX"),
    (0o2000, "S_ISGID"),
    (0o4000, "S_ISUID"),
];
/// Types of an inode: values of the bits of `S_IFMT`.
const TYPES: [(u32, &str); 7] = [
    (0o100_000, "S_IFREG"),
    (0o040_000, "S_IFDIR"),
    (0o020_000, "S_IFCHR"),
    (0o060_000, "S_IFBLK"),
    (0o010_000, "S_IFIFO"),
    (0o120_000, "S_IFLNK"),
    (0o140_000, "S_IFSOCK"),
];
/// `S_IFMT`.
const TYPE: u32 = 0o170_000;

/// Names of the bits that are set, or `0` if none is.
pub(super) fn named(flags: u64, names: Bits) -> String {
    joined(words(flags, names))
}

/// A mode, with its type if it has one.
pub(super) fn mode(mode: u32) -> String {
    let kind = TYPES.iter().filter(|(value, _)| mode & TYPE == *value).map(|(_, name)| *name);
    joined(words(mode.into(), MODE).chain(kind))
}

fn words(flags: u64, names: Bits) -> impl Iterator<Item = &'static str> {
    names.iter().filter(move |(bit, _)| flags & bit != 0).map(|(_, name)| *name)
}

fn joined(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.collect();
    if words.is_empty() { "0".to_owned() } else { words.join("|") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_said_as_falco_says_them() {
        assert_eq!(mode(0o4755), "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID");
        assert_eq!(mode(0o020_600), "S_IWUSR|S_IRUSR|S_IFCHR");
        assert_eq!(mode(0), "0");
    }

    #[test]
    fn flags_without_a_name_are_left_out() {
        assert_eq!(named(0x1000 | 0x400 | 1 << 40, AT), "AT_SYMLINK_FOLLOW|AT_EMPTY_PATH");
        assert_eq!(named(8, RENAMEAT2), "0");
    }
}
