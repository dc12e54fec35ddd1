//! Guests: a Debian kernel under QEMU's emulation, booted straight into an initramfs of busybox and our programs.

pub(crate) mod busybox;
mod cpio;
pub(crate) mod dynamic;
pub(crate) mod engine_host;
mod initramfs;
mod kernel;
mod qemu;
pub(crate) mod userland;

pub(crate) use initramfs::{File, Link};
pub(crate) use kernel::Kernel;

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};

use crate::setup::{Scratch, guest_directory};
use crate::workspace::Workspace;

/// How the guest's time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// With the host's time.
    Host,
    /// One nanosecond per guest instruction, on one processor: figures repeat, whatever else the host does.
    Instructions,
}

/// What to boot, and what to do there.
#[derive(Debug)]
pub(crate) struct Guest {
    /// The kernel.
    pub(crate) kernel: Kernel,
    /// Files beside the standard ones.
    pub(crate) files: Vec<File>,
    /// Symbolic links beside the standard ones.
    pub(crate) links: Vec<Link>,
    /// A shell script; its exit code is the guest's result.
    pub(crate) job: String,
    /// Added to the kernel's command line.
    pub(crate) cmdline: String,
    /// The guest's time.
    pub(crate) clock: Clock,
}

impl Guest {
    /// Boots, hands each line of the console to `on_line`, and returns the job's exit code.
    ///
    /// A guest that ends without a result, or takes longer than a generous bound, is an error with the console's
    /// last lines.
    pub(crate) fn boot(
        &self,
        workspace: &Workspace,
        on_line: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<i32> {
        // Guests of one kernel may run side by side.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let scratch = Scratch::new(workspace, &format!("guest-{}-{number}", self.kernel.label()))?;
        let image = scratch.path().join("initramfs.cpio");
        let modules = guest_directory(workspace, self.kernel).join("modules");
        let bytes = initramfs::build(&self.files, &self.links, &self.job, &modules)?;
        let memory = memory(bytes.len());
        std::fs::write(&image, bytes).with_context(|| format!("writing {}", image.display()))?;
        let machine = qemu::Machine {
            kernel: guest_directory(workspace, self.kernel).join("vmlinuz"),
            initramfs: image,
            result: scratch.path().join("result"),
            cmdline: self.cmdline.clone(),
            clock: self.clock,
            memory,
        };
        machine.run(on_line).with_context(|| format!("guest {}", self.kernel.label()))
    }
}

/// What a guest of ordinary size has, in mebibytes.
const MEMORY: u64 = 1024;

/// Mebibytes for a guest whose first file system has so many bytes: it is there twice at first, and for good in the
/// half of the memory that the kernel gives it.
fn memory(bytes: usize) -> u64 {
    let mebibytes = u64::try_from(bytes >> 20).unwrap_or(u64::MAX);
    if mebibytes < MEMORY / 8 { MEMORY } else { MEMORY.saturating_add(mebibytes.saturating_mul(4)) }
}

/// `text` as one word of a shell script.
pub(crate) fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_words_survive_quotes_and_newlines() {
        let word = shell_word("it's $HOME\n*");
        let output =
            std::process::Command::new("sh").arg("-c").arg(format!("printf %s {word}")).output().unwrap();
        assert_eq!(output.stdout, b"it's $HOME\n*");
    }
}
