//! What is mounted where, as the processes of one mount namespace see it.

use std::{fs::File, io::Read};

/// Most bytes of a table that are read; a mount takes about a hundred.
const MAX_TABLE: u64 = 16 << 20;

/// A mounted file system, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Device of the file system (`major << 20 | minor`).
    pub dev: u32,
    /// What of it is mounted: a path from its own root.
    pub root: Box<[u8]>,
    /// Where.
    pub point: Box<[u8]>,
}

/// The mounts of one namespace, later ones last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mounts(Vec<Mount>);

/// A place in a file system, whatever it is mounted at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Device of the file system (`major << 20 | minor`).
    pub dev: u32,
    /// Path from its own root.
    pub path: Vec<u8>,
}

impl Mounts {
    /// The mounts that this process sees, `None` for the sensor's own; nothing if it has ended.
    pub fn of(process: Option<u32>) -> Option<Self> {
        let who = process.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
        let file = File::open(format!("/proc/{who}/mountinfo")).ok()?;
        let mut text = Vec::new();
        file.take(MAX_TABLE).read_to_end(&mut text).ok()?;
        let mounts = Self::parse(&text);
        (!mounts.0.is_empty()).then_some(mounts)
    }

    /// Reads `mountinfo` of proc(5); lines that are none are left out.
    pub fn parse(text: &[u8]) -> Self {
        Self(text.split(|byte| *byte == b'\n').filter_map(Mount::parse).collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mount> {
        self.0.iter()
    }

    /// Where a path leads that holds no links.
    pub fn locate(&self, path: &[u8]) -> Option<Location> {
        let mount = self.holder(path)?;
        let below = below(path, &mount.point)?;
        Some(Location { dev: mount.dev, path: join(&mount.root, below) })
    }

    /// The mount that a path is in: of those with the longest matching point the last.
    pub fn holder(&self, path: &[u8]) -> Option<&Mount> {
        let holding = self.0.iter().filter(|mount| below(path, &mount.point).is_some());
        holding.max_by_key(|mount| mount.point.len())
    }
}

impl Mount {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ').skip(2);
        let (dev, root, point) = (fields.next()?, fields.next()?, fields.next()?);
        let (major, minor) = std::str::from_utf8(dev).ok()?.split_once(':')?;
        let dev = major.parse::<u32>().ok()?.checked_shl(20)? | minor.parse::<u32>().ok()?;
        Some(Self { dev, root: unescape(root).into(), point: unescape(point).into() })
    }
}

/// Blanks, tabs, newlines and backslashes are written as three octal digits.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let written = after.get(..3).filter(|_| *first == b'\\').and_then(octal);
        bytes.push(written.unwrap_or(*first));
        rest = if written.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    bytes
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

/// What of a path is below a directory: empty, or with a slash in front; `None` if it is not in there.
pub fn below<'p>(path: &'p [u8], directory: &[u8]) -> Option<&'p [u8]> {
    let rest = path.strip_prefix(directory.strip_suffix(b"/").unwrap_or(directory))?;
    (rest.is_empty() || rest.starts_with(b"/")).then_some(rest)
}

/// The other way round: a directory and what is below it, as [`below`] gives it.
pub fn join(directory: &[u8], below: &[u8]) -> Vec<u8> {
    let directory = directory.strip_suffix(b"/").unwrap_or(directory);
    let path = [directory, below].concat();
    if path.is_empty() { b"/".to_vec() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"22 27 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\nbroken\n\
        30 27 8:1 /srv/web /data\\040x rw - ext4 /dev/sda rw\n31 27 8:2 / /data\\040x/in rw - ext4 /dev/sdb rw\n";

    fn location(dev: u32, path: &[u8]) -> Location {
        Location { dev, path: path.to_vec() }
    }

    #[test]
    fn a_path_is_located_by_the_longest_mount_point() {
        let mounts = Mounts::parse(TABLE);
        assert_eq!(mounts.iter().count(), 4);
        assert_eq!(mounts.locate(b"/etc/x"), Some(location(254 << 20, b"/etc/x")));
        assert_eq!(mounts.locate(b"/data x/a"), Some(location(8 << 20 | 1, b"/srv/web/a")));
        assert_eq!(mounts.locate(b"/data x"), Some(location(8 << 20 | 1, b"/srv/web")));
        assert_eq!(mounts.locate(b"/data x/in"), Some(location(8 << 20 | 2, b"/")));
        assert_eq!(mounts.locate(b"/data x/inside"), Some(location(8 << 20 | 1, b"/srv/web/inside")));
        assert_eq!(mounts.locate(b".../cut"), None);
    }

    #[test]
    fn what_is_below_a_directory_begins_with_a_slash() {
        assert_eq!(below(b"/a/b", b"/a"), Some(&b"/b"[..]));
        assert_eq!(below(b"/a", b"/"), Some(&b"/a"[..]));
        assert_eq!(below(b"/ab", b"/a"), None);
        assert_eq!(join(b"/", b"/a"), b"/a");
        assert_eq!(join(b"/", b""), b"/");
    }

    #[test]
    fn the_own_table_has_a_root() {
        assert!(Mounts::of(None).is_some_and(|mounts| mounts.locate(b"/").is_some()));
        assert_eq!(Mounts::of(Some(u32::MAX)), None);
    }
}
