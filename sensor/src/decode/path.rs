//! A path as a program would name it, from the components the kernel sent.

use std::fmt;

use sensor_common::tail::path_flags;

/// Stands for the missing leading components of a truncated path.
const ELLIPSIS: &[u8] = b"...";

/// A path in bytes: `/a/b` from the root of its mount namespace, `memfd:name` (without a leading slash) where
/// no mount holds the file, `.../b` where the kernel could not send the leading components, or empty where the
/// path is not known. Only a truncated path or one that hangs from no mount begins without a slash.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FilePath {
    bytes: Box<[u8]>,
    flags: u32,
}

impl FilePath {
    /// A path that somebody else has put together already; `flags` are of [`path_flags`].
    pub fn new(bytes: impl Into<Box<[u8]>>, flags: u32) -> Self {
        Self { bytes: bytes.into(), flags }
    }

    /// The root directory.
    pub fn root() -> Self {
        Self::new(*b"/", 0)
    }

    /// The path of `name`, without `.` and `..`; links are not followed. A relative name starts from this directory, an
    /// absolute one from this root, which `..` does not leave. Empty where the name is, or where a relative one starts
    /// from a directory that is not known.
    pub(super) fn join(&self, name: &[u8]) -> Self {
        let absolute = name.starts_with(b"/");
        if name.is_empty() || (self.is_empty() && !absolute) {
            return Self::default();
        }
        let is_named = |part: &&[u8]| !matches!(*part, b"" | b".");
        let mut parts: Vec<&[u8]> = self.bytes.split(|byte| *byte == b'/').filter(is_named).collect();
        let floor = if absolute { parts.len() } else { 0 };
        for part in name.split(|byte| *byte == b'/').filter(is_named) {
            match part {
                b".." => parts.truncate(parts.len().saturating_sub(1).max(floor)),
                part => parts.push(part),
            }
        }
        let root: &[u8] = if self.is_empty() || self.bytes.starts_with(b"/") { b"/" } else { b"" };
        Self::new([root, &parts.join(&b'/')].concat(), self.flags)
    }

    /// Turns leaf-first components, each ended by NUL, into a path. No components at all give the empty path; a
    /// nameless component or the root's own name `/` is the root.
    pub(super) fn from_components(components: &[u8], flags: u32) -> Self {
        if components.is_empty() {
            return Self::new([], flags);
        }
        let detached = flags & path_flags::DETACHED != 0;
        let truncated = flags & path_flags::TRUNCATED != 0;
        let mut bytes = Vec::with_capacity(components.len().saturating_add(ELLIPSIS.len()).saturating_add(1));
        if truncated {
            bytes.extend_from_slice(ELLIPSIS);
        }
        let named = components.rsplit(|byte| *byte == 0).filter(|name| !matches!(*name, b"" | b"/"));
        for name in named {
            if !(bytes.is_empty() && detached) {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(name);
        }
        if bytes.is_empty() && !detached {
            bytes.push(b'/');
        }
        Self::new(bytes, flags)
    }

    /// The path.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What follows the last slash.
    pub fn file_name(&self) -> &[u8] {
        self.bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Whether the path is not known.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether leading components are missing.
    pub fn is_truncated(&self) -> bool {
        self.flags & path_flags::TRUNCATED != 0
    }

    /// Whether no mount holds the file.
    pub fn is_detached(&self) -> bool {
        self.flags & path_flags::DETACHED != 0
    }

    /// [`path_flags`] of the path.
    pub fn flags(&self) -> u32 {
        self.flags
    }

    /// The last `most` bytes behind an ellipsis and marked as truncated, or an unchanged copy if that is not
    /// shorter.
    #[must_use]
    pub fn shortened(&self, most: usize) -> Self {
        let suffix = self.bytes.len().checked_sub(most).and_then(|start| self.bytes.get(start..));
        match suffix {
            Some(suffix) if self.bytes.len() > most.saturating_add(ELLIPSIS.len()) => {
                Self::new([ELLIPSIS, suffix].concat(), self.flags | path_flags::TRUNCATED)
            }
            Some(_) | None => self.clone(),
        }
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (flags {:#x})", self.bytes.escape_ascii(), self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(components: &[u8], flags: u32) -> Vec<u8> {
        FilePath::from_components(components, flags).as_bytes().to_vec()
    }

    #[test]
    fn components_are_turned_round() {
        assert_eq!(path(b"shadow\0etc\0", 0), b"/etc/shadow");
        assert_eq!(path(b"a\0", 0), b"/a");
        assert_eq!(path(b"last without nul", 0), b"/last without nul");
    }

    #[test]
    fn the_root_is_recognised_in_each_spelling() {
        assert_eq!(path(b"\0", 0), b"/");
        assert_eq!(path(b"/\0", 0), b"/");
        assert_eq!(path(b"tmp\0/\0", 0), b"/tmp");
        assert_eq!(path(b"", 0), b"");
    }

    #[test]
    fn a_truncated_path_keeps_its_suffix_and_never_looks_absolute() {
        let path = FilePath::from_components(b"c\0b\0", path_flags::TRUNCATED);
        assert_eq!(path.as_bytes(), b".../b/c");
        assert!(path.is_truncated());
    }

    #[test]
    fn what_hangs_from_no_mount_has_no_leading_slash() {
        assert_eq!(path(b"memfd:x/y\n\0", path_flags::DETACHED), b"memfd:x/y\n");
        assert_eq!(path(b"b\0a\0", path_flags::DETACHED), b"a/b");
        assert_eq!(path(b"\0", path_flags::DETACHED), b"");
        assert_eq!(path(b"b\0", path_flags::DETACHED | path_flags::TRUNCATED), b".../b");
    }

    #[test]
    fn a_name_is_joined_to_its_directory() {
        let from = |directory: &str, name: &str| FilePath::new(directory.as_bytes(), 0).join(name.as_bytes());
        for (directory, name, path) in [
            ("/tmp", "x", "/tmp/x"),
            ("/", "x", "/x"),
            ("/", "/etc//./shadow", "/etc/shadow"),
            ("/jail", "/etc/../../../shadow", "/jail/shadow"),
            ("/tmp/a", "../../../etc/b/", "/etc/b"),
            ("", "/x", "/x"),
            ("", "x", ""),
            ("/tmp", "", ""),
            ("/tmp", "..", "/"),
        ] {
            assert_eq!(from(directory, name).as_bytes(), path.as_bytes(), "{directory} {name}");
        }
        let truncated = FilePath::new(*b".../b", path_flags::TRUNCATED).join(b"c");
        assert_eq!((truncated.as_bytes(), truncated.is_truncated()), (&b".../b/c"[..], true));
    }

    #[test]
    fn hostile_names_stay_as_they_are() {
        let name = b"\x1b[2J\n\xff\xfe \"\\\xe2\x80\xae";
        let components = [&name[..], b"\0tmp\0"].concat();
        assert_eq!(path(&components, 0), [b"/tmp/", &name[..]].concat());
    }

    #[test]
    fn file_names_are_what_follows_the_last_slash() {
        assert_eq!(FilePath::new(*b"/bin/sh", 0).file_name(), b"sh");
        assert_eq!(FilePath::new(*b"memfd:x", 0).file_name(), b"memfd:x");
        assert_eq!(FilePath::root().file_name(), b"");
    }

    #[test]
    fn shortening_keeps_the_end_and_says_so() {
        let long = FilePath::new(*b"/very/long/path/to/sh", 0);
        let short = long.shortened(6);
        assert_eq!(short.as_bytes(), b".../to/sh");
        assert!(short.is_truncated());
        assert_eq!(long.shortened(18), long);
        assert_eq!(long.shortened(400), long);
    }
}
