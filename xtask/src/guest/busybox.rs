//! The host's static busybox: the guest's whole userland, and an unpacker for the host.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::capture;

/// Program header type of the dynamic loader's name.
const PT_INTERP: u32 = 3;

/// The path of a statically linked busybox.
pub(crate) fn find() -> Result<PathBuf> {
    for path in ["/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"].map(PathBuf::from) {
        if std::fs::read(&path).is_ok_and(|program| is_static(&program)) {
            return Ok(path);
        }
    }
    bail!("no static busybox; install the package busybox-static")
}

/// Names of the commands it holds.
pub(super) fn applets() -> Result<Vec<String>> {
    let names = capture(Command::new(find()?).arg("--list")).context("listing busybox's commands")?;
    Ok(names.lines().map(str::to_owned).collect())
}

/// Whether a 64-bit little-endian ELF program needs no dynamic loader.
fn is_static(program: &[u8]) -> bool {
    has_loader(program).is_some_and(|found| !found)
}

fn has_loader(program: &[u8]) -> Option<bool> {
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let bytes = program.get(at..at.checked_add(bytes)?)?;
        bytes.iter().rev().try_fold(0_usize, |value, &byte| value.checked_mul(256)?.checked_add(byte.into()))
    };
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for index in 0..count {
        let kind = number(table.checked_add(index.checked_mul(size)?)?, 4)?;
        if u32::try_from(kind) == Ok(PT_INTERP) {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tiny_elf;

    #[test]
    fn static_and_dynamic_programs_are_told_apart() {
        assert!(is_static(&tiny_elf::bytes()));
        assert!(!is_static(&std::fs::read("/bin/sh").unwrap()), "Debian's shell is dynamic");
        assert!(!is_static(b"#!/bin/sh\n"));
        assert!(!is_static(&tiny_elf::bytes()[..60]), "a truncated program is none");
    }
}
