//! The guest's root file system: busybox with its commands, a few files every Linux has, and what the job brings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::busybox;
use super::cpio::Cpio;

/// The guest's first program.
const INIT: &str = include_str!("init.sh");

const DIRECTORIES: [&str; 14] = [
    "bin",
    "dev",
    "etc",
    "lib",
    "lib/modules",
    "mnt",
    "proc",
    "root",
    "run",
    "sbin",
    "sys",
    "usr",
    "usr/bin",
    "var",
];

/// Files with path, mode and content.
const FILES: [(&str, u32, &str); 5] = [
    ("etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
    ("etc/shadow", 0o640, "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n"),
    ("etc/group", 0o644, "root:x:0:\nshadow:x:42:\nnogroup:x:65534:\n"),
    ("etc/hostname", 0o644, "guest\n"),
    ("etc/hosts", 0o644, "127.0.0.1 localhost guest\n::1 localhost\n"),
];

/// A file in the guest.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its path there, without a leading slash; directories are made as needed.
    pub(crate) path: String,
    /// Its permissions.
    pub(crate) mode: u32,
    /// Its bytes.
    pub(crate) content: Vec<u8>,
}

/// A symbolic link in the guest.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Its path there, without a leading slash.
    pub(crate) path: String,
    /// Where it leads.
    pub(crate) to: String,
}

impl File {
    /// A program of the host, to be run as `/bin/<name>`.
    pub(crate) fn program(name: &str, from: &Path) -> Result<Self> {
        Self::at(&format!("bin/{name}"), from)
    }

    /// An executable file of the host, at `path`.
    pub(crate) fn at(path: &str, from: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), mode: 0o755, content: read(from)? })
    }
}

/// The directories that a path lies in, outermost first, without the root.
fn directories(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// The archive for a guest with `files` and `links` that runs `job`, a shell script, with the modules found in `modules`.
pub(super) fn build(files: &[File], links: &[Link], job: &str, modules: &Path) -> Result<Vec<u8>> {
    let mut archive = Cpio::default();
    for path in DIRECTORIES {
        archive.directory(path, 0o755)?;
    }
    archive.directory("tmp", 0o1777)?;
    let paths = || files.iter().map(|file| &file.path).chain(links.iter().map(|link| &link.path));
    let needed: BTreeSet<&str> = paths().flat_map(|path| directories(path)).collect();
    for path in needed.into_iter().filter(|path| !DIRECTORIES.contains(path)) {
        archive.directory(path, 0o755)?;
    }
    // The kernel opens it for its first program, before that can mount anything.
    archive.device("dev/console", 0o600, (5, 1))?;
    let taken: BTreeSet<&str> = paths().map(String::as_str).collect();
    for (path, mode, content) in FILES.into_iter().filter(|(path, ..)| !taken.contains(path)) {
        archive.file(path, mode, content.as_bytes())?;
    }
    archive.file("init", 0o755, INIT.as_bytes())?;
    archive.file("job", 0o755, job.as_bytes())?;
    for file in files {
        archive.file(&file.path, file.mode, &file.content)?;
    }
    for link in links {
        archive.symlink(&link.path, &link.to)?;
    }
    add_busybox(&mut archive, &taken)?;
    for module in module_files(modules)? {
        let name = module.file_name().and_then(|name| name.to_str()).context("a module's name is no text")?;
        archive.file(&format!("lib/modules/{name}"), 0o644, &read(&module)?)?;
    }
    archive.finish()
}

/// A link for each command, unless the job brings a program of that name.
fn add_busybox(archive: &mut Cpio, taken: &BTreeSet<&str>) -> Result<()> {
    if !taken.contains("bin/busybox") {
        archive.file("bin/busybox", 0o755, &read(&busybox::find()?)?)?;
    }
    for applet in busybox::applets()? {
        let path = format!("bin/{applet}");
        if applet != "busybox" && !taken.contains(path.as_str()) {
            archive.symlink(&path, "/bin/busybox")?;
        }
    }
    Ok(())
}

fn module_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("reading {}", path.display()))
}
