//! Writing the "newc" cpio archives that the kernel unpacks as its first root file system.

use anyhow::{Context as _, Result, ensure};

/// The archive's own mark: format and no checksums.
const MAGIC: &str = "070701";
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;
const CHARACTER_DEVICE: u32 = 0o020_000;

/// An archive under construction. Paths have no leading slash; parents go in before their children.
#[derive(Debug, Default)]
pub(super) struct Cpio {
    bytes: Vec<u8>,
    entries: u32,
}

impl Cpio {
    /// Adds a directory that everyone may enter.
    pub(super) fn directory(&mut self, path: &str, mode: u32) -> Result<()> {
        self.entry(path, DIRECTORY | mode, (0, 0), b"")
    }

    /// Adds a file.
    pub(super) fn file(&mut self, path: &str, mode: u32, content: &[u8]) -> Result<()> {
        self.entry(path, REGULAR | mode, (0, 0), content)
    }

    /// Adds a symbolic link to `to`.
    pub(super) fn symlink(&mut self, path: &str, to: &str) -> Result<()> {
        self.entry(path, SYMLINK | 0o777, (0, 0), to.as_bytes())
    }

    /// Adds a character device.
    pub(super) fn device(&mut self, path: &str, mode: u32, number: (u32, u32)) -> Result<()> {
        self.entry(path, CHARACTER_DEVICE | mode, number, b"")
    }

    /// The whole archive.
    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        self.entry("TRAILER!!!", 0, (0, 0), b"")?;
        Ok(self.bytes)
    }

    fn entry(&mut self, path: &str, mode: u32, device: (u32, u32), content: &[u8]) -> Result<()> {
        ensure!(!path.starts_with('/') && !path.contains('\0'), "bad path in an archive: {path}");
        self.entries = self.entries.checked_add(1).context("too many files for one archive")?;
        let size =
            u32::try_from(content.len()).with_context(|| format!("{path} is too big for an initramfs"))?;
        let name_size = u32::try_from(path.len()).ok().and_then(|length| length.checked_add(1));
        let name_size = name_size.with_context(|| format!("a path is too long: {path}"))?;
        let [inode, links, owner, group, time, major, minor, checksum] = [self.entries, 1, 0, 0, 0, 0, 0, 0];
        let fields = [
            inode, mode, owner, group, links, time, size, major, minor, device.0, device.1, name_size,
            checksum,
        ];
        self.bytes.extend_from_slice(MAGIC.as_bytes());
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(path.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(content);
        self.pad();
        Ok(())
    }

    /// Header with name, and content, each end on a multiple of four.
    fn pad(&mut self) {
        let length = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(length, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_byte_for_byte() {
        let mut archive = Cpio::default();
        archive.file("a/bc", 0o644, b"hello").unwrap();
        let bytes = archive.finish().unwrap();
        let header = "070701\
            00000001000081A400000000000000000000000100000000\
            0000000500000000000000000000000000000000\
            0000000500000000";
        assert_eq!(header.len(), 110);
        assert_eq!(&bytes[..110], header.as_bytes());
        assert_eq!(&bytes[110..124], b"a/bc\0\0hello\0\0\0");
        assert_eq!(&bytes[124..130], b"070701");
        assert_eq!(bytes.len() % 4, 0);
    }

    #[test]
    fn busybox_reads_it() {
        let Ok(busybox) = crate::guest::busybox::find() else { return };
        let mut archive = Cpio::default();
        archive.directory("etc", 0o755).unwrap();
        archive.file("etc/shadow", 0o600, b"root:*:1::::::\n").unwrap();
        archive.symlink("etc/link", "shadow").unwrap();
        archive.device("etc/console", 0o600, (5, 1)).unwrap();
        let bytes = archive.finish().unwrap();
        let path = std::env::temp_dir().join(format!("vigie-cpio-test.{}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let mut command = std::process::Command::new(busybox);
        let output = command.args(["cpio", "-tv", "-F"]).arg(&path).output().unwrap();
        std::fs::remove_file(&path).unwrap();
        let listing = String::from_utf8(output.stdout).unwrap();
        let expected = [
            ("drwxr-xr-x", "etc"),
            ("-rw-------", "etc/shadow"),
            ("lrwxrwxrwx", "shadow"),
            ("crw-------", "etc/console"),
        ];
        assert_eq!(listing.lines().count(), expected.len(), "{listing}");
        for (line, (mode, name)) in listing.lines().zip(expected) {
            assert!(line.starts_with(mode) && line.ends_with(name), "{line}");
        }
    }

    #[test]
    fn absolute_paths_are_refused() {
        Cpio::default().file("/etc/passwd", 0o644, b"").unwrap_err();
    }
}
