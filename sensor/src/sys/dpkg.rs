//! Which Debian package a file came with, by the files in which dpkg keeps that.

use memchr::memmem;

use super::root::{Refusal, Root};

/// Where the lists are.
const INFO: &[u8] = b"/var/lib/dpkg/info";
/// What is installed.
const STATUS: &[u8] = b"/var/lib/dpkg/status";
/// Most files in [`INFO`].
const MAX_ENTRIES: usize = 65_536;
/// Largest list that is read, in bytes.
const MAX_LIST: u64 = 16 << 20;
/// Most bytes of lists that are read to find one file's owner.
const MAX_READ: u64 = 512 << 20;
/// Largest [`STATUS`] that is read, in bytes.
const MAX_STATUS: u64 = 64 << 20;
/// Directories that are links below `/usr` on today's systems; packages may name either.
const MERGED: [&[u8]; 6] =
    [b"/usr/bin/", b"/usr/sbin/", b"/usr/lib/", b"/usr/lib64/", b"/usr/lib32/", b"/usr/libx32/"];

/// A package that has a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name, without the architecture.
    pub name: Box<[u8]>,
    /// Its version; empty if [`STATUS`] has none.
    pub version: Box<[u8]>,
    /// The MD5 with which it came, if the package says.
    pub md5: Option<[u8; 16]>,
}

/// The package that has this path; `None` if none does, or there is no such database.
pub fn owner(root: &Root, path: &[u8]) -> Result<Option<Package>, Refusal> {
    let names = match root.list(INFO, MAX_ENTRIES) {
        Err(Refusal::Gone) => return Ok(None),
        names => names?,
    };
    let spellings = spellings(path);
    let mut left = MAX_READ;
    for list in names.iter().filter(|name| name.ends_with(b".list")) {
        let text = root.read(&[INFO, b"/", list].concat(), MAX_LIST)?;
        left = left.checked_sub(u64::try_from(text.len()).unwrap_or(u64::MAX)).ok_or(Refusal::TooLarge)?;
        if let Some(spelling) = spellings.iter().find(|spelling| has_line(&text, spelling)) {
            return package(root, list, spelling).map(Some);
        }
    }
    Ok(None)
}

/// The path as packages may name it.
fn spellings(path: &[u8]) -> Vec<&[u8]> {
    let merged = MERGED.iter().any(|directory| path.starts_with(directory));
    let short = path.strip_prefix(b"/usr").filter(|_| merged);
    std::iter::once(path).chain(short).collect()
}

fn has_line(text: &[u8], line: &[u8]) -> bool {
    let starts = memmem::find_iter(text, line);
    starts.into_iter().any(|at| {
        let before = at == 0 || text.get(at.wrapping_sub(1)) == Some(&b'\n');
        before && matches!(text.get(at.saturating_add(line.len())), None | Some(b'\n'))
    })
}

/// What else is known of the package whose list this is.
fn package(root: &Root, list: &[u8], path: &[u8]) -> Result<Package, Refusal> {
    let stem = list.strip_suffix(b".list").unwrap_or(list);
    let name = stem.split(|byte| *byte == b':').next().unwrap_or(stem);
    let sums = match root.read(&[INFO, b"/", stem, b".md5sums"].concat(), MAX_LIST) {
        Err(Refusal::Gone) => Vec::new(),
        sums => sums?,
    };
    let version = version(&root.read(STATUS, MAX_STATUS)?, name);
    Ok(Package { name: name.into(), version, md5: sum(&sums, path) })
}

/// The sum in a line `SUM  PATH`, where the path lacks its first slash.
fn sum(sums: &[u8], path: &[u8]) -> Option<[u8; 16]> {
    let path = path.strip_prefix(b"/")?;
    let mut lines = sums.split(|byte| *byte == b'\n');
    lines.find_map(|line| hex(line.strip_suffix(path)?.strip_suffix(b"  ")?))
}

fn hex(digits: &[u8]) -> Option<[u8; 16]> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == 32)?;
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

/// The version in the stanza of this package.
fn version(status: &[u8], name: &[u8]) -> Box<[u8]> {
    let heading = [b"Package: ", name, b"\n"].concat();
    let starts = memmem::find_iter(status, &heading);
    let start = starts.into_iter().find(|at| *at == 0 || status.get(at.wrapping_sub(1)) == Some(&b'\n'));
    let stanza = start.and_then(|start| status.get(start..)).unwrap_or_default();
    let mut lines = stanza.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    lines.find_map(|line| line.strip_prefix(b"Version: ")).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn database(files: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("var/lib/dpkg/info")).unwrap();
        for (name, text) in files {
            fs::write(place.path().join("var/lib/dpkg").join(name), text).unwrap();
        }
        let root = Root::at(Path::new(place.path())).unwrap();
        (place, root)
    }

    #[test]
    fn a_file_is_owned_by_the_package_that_lists_its_whole_path() {
        let (_place, root) = database(&[
            ("info/a.list", "/.\n/usr\n/usr/bin/tools\n"),
            ("info/b:amd64.list", "/bin\n/bin/tool\n"),
            ("info/b:amd64.md5sums", "900150983cd24fb0d6963f7d28e17f72  bin/tool\n"),
            ("status", "Package: bb\nVersion: 9\n\nPackage: b\nStatus: x\nVersion: 1.2-3\n\nPackage: c\n"),
        ]);
        let package = owner(&root, b"/usr/bin/tool").unwrap().unwrap();
        assert_eq!((&*package.name, &*package.version), (&b"b"[..], &b"1.2-3"[..]));
        assert_eq!(package.md5, hex(b"900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(owner(&root, b"/usr/bin/too").unwrap(), None);
        assert_eq!(owner(&root, b"/opt/bin/tool").unwrap(), None);
    }

    #[test]
    fn a_system_without_dpkg_owns_nothing() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(owner(&Root::at(place.path()).unwrap(), b"/bin/sh"), Ok(None));
    }

    #[test]
    fn a_database_that_is_no_file_is_refused() {
        let (place, root) = database(&[("info/a.list", "/bin/tool\n")]);
        fs::create_dir(place.path().join("var/lib/dpkg/status")).unwrap();
        assert_eq!(owner(&root, b"/bin/tool"), Err(Refusal::NotRegular));
    }

    #[test]
    fn a_sum_that_is_none_is_left_out() {
        assert_eq!(sum(b"xyz  bin/tool\n", b"/bin/tool"), None);
        assert_eq!(sum(b"", b"/bin/tool"), None);
    }
}
