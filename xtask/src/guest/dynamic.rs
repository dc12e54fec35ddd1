//! Programs of the host that need a dynamic loader, with everything that they are loaded from.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::File;
use crate::process::capture;

/// A program, to be run as `/bin/<name>`, its loader and its libraries, these at the paths they have on the host.
pub(crate) fn program(name: &str, from: &Path) -> Result<Vec<File>> {
    let listing = capture(Command::new("ldd").arg(from))
        .with_context(|| format!("listing the libraries of {}", from.display()))?;
    let libraries = paths(&listing).map(|path| File::at(path.trim_start_matches('/'), Path::new(path)));
    [File::program(name, from)].into_iter().chain(libraries).collect()
}

/// Paths in what `ldd` prints: `name => /path (address)`, or `/path (address)` of the loader itself.
fn paths(listing: &str) -> impl Iterator<Item = &str> {
    listing.lines().filter_map(|line| {
        let (entry, _) = line.trim().rsplit_once(" (")?;
        let path = entry.split_once(" => ").map_or(entry, |(_, path)| path);
        path.starts_with('/').then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_and_the_loader_are_found() {
        let listing = "\tlinux-vdso.so.1 (0x7f00)\n\
            \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x7f01)\n\
            \t/lib64/ld-linux-x86-64.so.2 (0x7f02)\n";
        let found: Vec<&str> = paths(listing).collect();
        assert_eq!(found, ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]);
    }

    #[test]
    fn a_program_of_the_host_comes_whole() {
        let files = program("sh", Path::new("/bin/sh")).unwrap();
        assert!(files.iter().any(|file| file.path == "bin/sh"));
        assert!(files.iter().any(|file| file.path.starts_with("lib64/ld-linux")), "{}", files.len());
        assert!(files.iter().all(|file| file.content.starts_with(b"\x7fELF")));
    }
}
