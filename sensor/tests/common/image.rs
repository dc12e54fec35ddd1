//! The image that the tests' containers are made of: a static busybox and a few files, put together on the spot.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::command::run;

/// The image's name: a registry with a port, so that a wrong split shows.
pub(crate) const IMAGE: &str = "registry.vigie.test:5000/team/box:1.0";
/// Its repository.
pub(crate) const REPOSITORY: &str = "registry.vigie.test:5000/team/box";
/// Its tag.
pub(crate) const TAG: &str = "1.0";

/// Applets that the image has as commands.
const APPLETS: [&str; 9] = ["sh", "cat", "sleep", "true", "false", "echo", "ls", "id", "nsenter"];

/// Makes the image's one layer in `directory`, an archive with `/etc/shadow` among its files.
pub(crate) fn layer(directory: &Path) -> Result<PathBuf> {
    let root = directory.join("rootfs");
    for folder in ["bin", "etc", "tmp", "proc", "sys", "dev"] {
        fs::create_dir_all(root.join(folder))?;
    }
    fs::copy(busybox()?, root.join("bin/busybox"))?;
    for applet in APPLETS {
        symlink("busybox", root.join("bin").join(applet))?;
    }
    fs::write(root.join("etc/shadow"), "root:*:19000:0:99999:7:::\n")?;
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n")?;
    let tar = directory.join("layer.tar");
    run(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg("."))?;
    Ok(tar)
}

/// Makes an archive of the image as `docker save` writes them, called `name` and running `command`.
pub(crate) fn archive(directory: &Path, name: &str, command: &[&str]) -> Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let layer = layer(directory)?;
    let digest = run(Command::new("sha256sum").arg(&layer).stderr(Stdio::inherit()))?;
    let digest = digest.split_whitespace().next().context("sha256sum said nothing")?.to_owned();
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "config": {"Cmd": command, "Env": ["PATH=/bin"], "Labels": {"team": "a=b"}},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{digest}")]},
    });
    fs::write(directory.join("config.json"), config.to_string())?;
    let manifest = json!([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]);
    fs::File::create(directory.join("manifest.json"))?.write_all(manifest.to_string().as_bytes())?;
    let tar = directory.join("image.tar");
    let files = ["config.json", "manifest.json", "layer.tar"];
    run(Command::new("tar").arg("-C").arg(directory).arg("-cf").arg(&tar).args(files))?;
    ensure!(tar.exists(), "no archive was made");
    Ok(tar)
}

/// The host's static busybox.
pub(crate) fn busybox() -> Result<PathBuf> {
    let places = ["/usr/bin/busybox", "/bin/busybox"].map(PathBuf::from);
    places.into_iter().find(|place| place.exists()).context("no busybox; install busybox-static")
}
