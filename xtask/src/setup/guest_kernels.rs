//! Debian's own kernels for the guests, in `target/guest/<version>/`: `vmlinuz`, the modules wanted, the release.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::Scratch;
use crate::apt::{Mirrors, Suite, ThrowawayApt, find_mirrors, unpack};
use crate::guest::{Kernel, busybox};
use crate::process::Running;
use crate::progress::{note, step};
use crate::workspace::Workspace;

/// Modules the guests load; everything else in the package is dropped.
const MODULES: [&str; 1] = ["overlay"];

/// Where a guest's kernel is kept.
pub(crate) fn directory(workspace: &Workspace, kernel: Kernel) -> PathBuf {
    workspace.target.join("guest").join(kernel.label())
}

/// Downloads and unpacks `kernel` unless it is there.
pub(super) fn ensure(workspace: &Workspace, kernel: Kernel) -> Result<()> {
    let place = directory(workspace, kernel);
    if is_complete(&place) {
        return Ok(());
    }
    step(format_args!("guest kernel {}: downloading", kernel.label()), || download(workspace, kernel, &place))
}

fn is_complete(place: &Path) -> bool {
    place.join("vmlinuz").is_file() && MODULES.iter().all(|module| module_in(place, module).is_file())
}

fn module_in(place: &Path, module: &str) -> PathBuf {
    place.join("modules").join(format!("{module}.ko"))
}

fn download(workspace: &Workspace, kernel: Kernel, place: &Path) -> Result<()> {
    let mirrors = find_mirrors()?;
    for suite in kernel.suites() {
        let scratch = Scratch::new(workspace, "guest-kernel")?;
        if let Some(release) = fetch(&scratch, &mirrors, suite, kernel)? {
            note(format_args!("{release} from {}", suite.name));
            let made = assemble(&scratch, &release)?;
            return put_in_place(&made, place);
        }
        note(format_args!("{} does not have it", suite.name));
    }
    bail!(
        "the Debian mirror no longer has a {0} kernel; copy one that works into {1}",
        kernel.label(),
        place.display()
    )
}

/// Downloads and unpacks the newest such kernel of `suite` and returns its release, if there is one.
fn fetch(scratch: &Scratch, mirrors: &Mirrors, suite: &Suite, kernel: Kernel) -> Result<Option<String>> {
    let apt = match ThrowawayApt::new(scratch.path(), mirrors, suite).and_then(ThrowawayApt::updated) {
        Ok(apt) => apt,
        Err(error) => {
            note(format_args!("{error:#}"));
            return Ok(None);
        }
    };
    let images = apt.names(&format!("linux-image-{}.", kernel.label()))?;
    let Some(release) = newest_release(&images) else { return Ok(None) };
    // Newer packaging keeps the image proper and the modules in packages of their own.
    let parts = ["linux-image", "linux-binary", "linux-modules"].map(|part| format!("{part}-{release}"));
    let mut wanted = Vec::new();
    for part in parts {
        if apt.names(&part)?.contains(&part) {
            wanted.push(part);
        }
    }
    unpack(&apt.download(&wanted)?, &scratch.path().join("tree"))?;
    Ok(Some(release))
}

/// `6.1.0-56-cloud-amd64` out of package names such as `linux-image-6.1.0-56-cloud-amd64`.
fn newest_release(images: &[String]) -> Option<String> {
    let releases = images.iter().filter_map(|name| name.strip_prefix("linux-image-"));
    let newest = releases.filter(|release| release.ends_with("-cloud-amd64")).max_by(|a, b| by_version(a, b));
    newest.map(str::to_owned)
}

/// Digits compare as numbers, everything else as text.
fn by_version(a: &str, b: &str) -> Ordering {
    version_key(a).cmp(&version_key(b))
}

fn version_key(text: &str) -> Vec<(u64, String)> {
    let mut key = Vec::new();
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at_checked(digits).unwrap_or((part, ""));
        key.push((number.parse().unwrap_or(0), rest.to_owned()));
    }
    key
}

/// Puts together, in the scratch directory, what the final directory will hold.
fn assemble(scratch: &Scratch, release: &str) -> Result<PathBuf> {
    let tree = scratch.path().join("tree");
    let made = scratch.path().join("made");
    std::fs::create_dir_all(made.join("modules")).context("creating the guest's directory")?;
    let images = [format!("boot/vmlinuz-{release}"), format!("usr/lib/modules/{release}/vmlinuz")];
    let image = images.iter().map(|path| tree.join(path)).find(|path| path.is_file());
    let image = image.with_context(|| format!("the packages of {release} hold no vmlinuz"))?;
    std::fs::rename(&image, made.join("vmlinuz")).with_context(|| format!("moving {}", image.display()))?;
    for module in MODULES {
        decompress(&find_module(&tree, release, module)?, &module_in(&made, module))?;
    }
    std::fs::write(made.join("release"), format!("{release}\n")).context("noting the guest's release")?;
    Ok(made)
}

fn find_module(tree: &Path, release: &str, module: &str) -> Result<PathBuf> {
    let file_names = ["ko", "ko.xz", "ko.zst"].map(|end| format!("{module}.{end}"));
    for modules in ["lib/modules", "usr/lib/modules"] {
        let mut pending = vec![tree.join(modules).join(release)];
        while let Some(directory) = pending.pop() {
            let Ok(entries) = std::fs::read_dir(&directory) else { continue };
            for path in entries.flatten().map(|entry| entry.path()) {
                if path.is_dir() && !path.is_symlink() {
                    pending.push(path);
                } else if file_names.iter().any(|name| path.ends_with(name)) {
                    return Ok(path);
                }
            }
        }
    }
    bail!("the packages of {release} hold no module `{module}`")
}

fn decompress(from: &Path, to: &Path) -> Result<()> {
    let file = std::fs::File::create(to).with_context(|| format!("creating {}", to.display()))?;
    let mut command = match from.extension().and_then(|end| end.to_str()) {
        // The static busybox is needed for the guest anyway, so no other unpacker is.
        Some("xz") => {
            let mut command = Command::new(busybox::find()?);
            command.args(["xzcat"]);
            command
        }
        Some("zst") => {
            let mut command = Command::new("zstd");
            command.args(["-q", "-d", "-c"]);
            command
        }
        _ => Command::new("cat"),
    };
    let status = Running::start(command.arg(from).stdout(Stdio::from(file)))?.wait()?;
    ensure!(status.success(), "unpacking {} ended with {status}", from.display());
    Ok(())
}

fn put_in_place(made: &Path, place: &Path) -> Result<()> {
    if place.exists() {
        // Incomplete, or we would not be here.
        std::fs::remove_dir_all(place).with_context(|| format!("removing {}", place.display()))?;
    }
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
    }
    std::fs::rename(made, place).with_context(|| format!("moving into {}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_wins_by_number() {
        let names = [
            "linux-image-6.1.0-9-cloud-amd64",
            "linux-image-6.1.0-56-cloud-amd64",
            "linux-image-6.1.0-57-cloud-amd64-unsigned",
            "linux-image-6.1.0-58-cloud-amd64-dbg",
            "linux-image-6.1.0-59-amd64",
            "linux-image-6.1.0-0.deb11.60-cloud-amd64",
        ]
        .map(str::to_owned);
        assert_eq!(newest_release(&names).unwrap(), "6.1.0-56-cloud-amd64");
        assert_eq!(newest_release(&names[2..5]), None);
    }

    #[test]
    fn point_releases_compare_by_number() {
        let names = ["6.12.9+deb12", "6.12.90+deb12", "6.12.90+deb12.1", "6.12.88+deb12"];
        let names = names.map(|name| format!("linux-image-{name}-cloud-amd64"));
        assert_eq!(newest_release(&names).unwrap(), "6.12.90+deb12.1-cloud-amd64");
    }
}
