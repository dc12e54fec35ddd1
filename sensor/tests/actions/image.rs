//! The image of the containers: busybox, and the real programs that the actions take, with their libraries.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::common::command::run;
use crate::common::engine::Engine;
use crate::common::image as shared;
use crate::perl;

/// The image's name.
pub(crate) const NAME: &str = "registry.vigie.test:5000/attacks/box:1.0";

const FOLDERS: [&str; 14] = [
    "bin",
    "dev",
    "etc",
    "home/ann/.ssh",
    "lib",
    "proc",
    "root",
    "sbin",
    "sys",
    "tmp",
    "usr/bin",
    "usr/sbin",
    "var/lib/rpm",
    "var/log",
];
/// Applets of busybox that are commands of the image.
const APPLETS: [&str; 15] = [
    "sh", "cat", "chmod", "cp", "echo", "ip", "mkdir", "mount", "mv", "nc", "rm", "sleep", "touch", "true",
    "wget",
];
/// Programs of this host, with the path they get.
const PROGRAMS: [(&str, &str); 15] = [
    ("/usr/bin/ls", "usr/bin/ls"),
    ("/usr/bin/nmap", "usr/bin/nmap"),
    ("/usr/bin/scp", "usr/bin/scp"),
    ("/usr/bin/apt-get", "usr/bin/apt-get"),
    ("/usr/bin/unshare", "usr/bin/unshare"),
    ("/usr/sbin/debugfs", "usr/sbin/debugfs"),
    ("/usr/bin/nc.openbsd", "opt/nc"),
    (perl::PATH, "usr/bin/perl"),
    // What runs scripts under the names of programs that rules know.
    (perl::PATH, "usr/bin/java"),
    (perl::PATH, "usr/bin/lua"),
    (perl::PATH, "usr/bin/sha1sum"),
    (perl::PATH, "usr/sbin/httpd"),
    (perl::PATH, "usr/sbin/mysqld"),
    ("/usr/bin/setpriv", "usr/bin/setpriv"),
    ("/usr/bin/find", "usr/bin/find"),
];
/// Files of the image, with what they hold.
const FILES: [(&str, &str); 4] = [
    ("etc/shadow", "root:*:19000:0:99999:7:::\n"),
    ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/:/bin/false\n"),
    ("etc/group", "root:x:0:\ndaemon:x:1:\n"),
    ("etc/hosts", "127.0.0.1 localhost\n"),
];

/// Makes the image, its files in this directory before.
pub(crate) fn import(engine: &Engine, root: &Path) -> Result<()> {
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder))?;
    }
    busybox(root)?;
    for (from, to) in PROGRAMS {
        program(root, Path::new(from), to)?;
    }
    for (path, content) in FILES {
        fs::write(root.join(path), content)?;
    }
    script(&root.join("usr/bin/kubectl"), "#!/bin/sh\nexit 0\n")?;
    let tar = root.with_extension("tar");
    run(Command::new("tar").arg("-C").arg(root).arg("-cf").arg(&tar).arg("."))?;
    engine.docker(&["import", tar.to_str().context("a path that is no text")?, NAME])?;
    Ok(())
}

fn busybox(root: &Path) -> Result<()> {
    fs::copy(shared::busybox()?, root.join("bin/busybox"))?;
    for applet in APPLETS {
        symlink("busybox", root.join("bin").join(applet))?;
    }
    Ok(())
}

/// Copies a program to its place, and its libraries to theirs.
fn program(root: &Path, from: &Path, to: &str) -> Result<()> {
    let to = root.join(to);
    fs::create_dir_all(to.parent().context("a place without a directory")?)?;
    fs::copy(from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
    for library in libraries(from)? {
        let place = root.join(library.strip_prefix("/")?);
        fs::create_dir_all(place.parent().context("a library without a directory")?)?;
        fs::copy(&library, place)?;
    }
    Ok(())
}

/// The libraries and the loader that a program asks for.
fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let listing = run(Command::new("ldd").arg(program))?;
    let words = listing.split_whitespace().filter(|word| word.starts_with('/'));
    Ok(words.map(PathBuf::from).collect())
}

fn script(path: &Path, content: &str) -> Result<()> {
    fs::write(path, content)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}
