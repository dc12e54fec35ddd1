//! What a container does to a watched directory that it has under another name.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::common::engine::Engine;
use crate::common::image::{IMAGE, REPOSITORY};
use crate::common::vigie::{Vigie, field};

/// The steps: an operation, the command that is it, and the name of the file after it.
const STEPS: [(&str, &str, &str); 6] = [
    ("created", "echo one > /data/file", "file"),
    ("modified", "echo three > /data/file", "file"),
    ("read", "busybox cat /data/file", "file"),
    ("mode changed", "busybox chmod 600 /data/file", "file"),
    ("renamed", "busybox mv /data/file /data/other", "other"),
    ("deleted", "busybox rm /data/other", "other"),
];

/// Starts the sensor on a directory; gives it when the directory's files are known.
fn watch(engine: &Engine, directory: &Path) -> Result<Vigie> {
    let socket = engine.socket();
    let options = ["--disable-rule", "*", "--watch-reads", "--watch"].map(AsRef::as_ref);
    Vigie::start(
        &[&options[..], &[directory.as_os_str(), "--docker-socket".as_ref(), socket.as_os_str()]].concat(),
    )
}

/// Asserts what an alert says of the file and of the container.
fn is_by(alert: &Value, operation: &str, path: &Path, container: &str) -> Result<()> {
    assert_eq!(field(alert, "vigie.fim.operation"), operation, "{alert}");
    assert_eq!(field(alert, "vigie.fim.path"), path.to_str().context("a path")?, "{alert}");
    assert_eq!(field(alert, "container.id"), container.get(..12).context("a container id")?, "{alert}");
    assert_eq!(field(alert, "container.image.repository"), REPOSITORY, "{alert}");
    assert_eq!(field(alert, "vigie.container.verified"), true, "{alert}");
    assert_eq!(field(alert, "user.uid"), 0, "{alert}");
    assert!(field(alert, "proc.name").is_string(), "{alert}");
    Ok(())
}

#[test]
fn what_a_container_does_to_a_mounted_directory_is_told_once_each_with_its_path_on_the_host() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let place = tempfile::tempdir()?;
    let directory = place.path().canonicalize()?;
    fs::set_permissions(&directory, PermissionsExt::from_mode(0o777))?;
    let vigie = watch(&engine, &directory)?;
    let volume = format!("{}:/data", directory.display());
    let container = engine.run_detached(&["--volume", &volume, IMAGE, "sleep", "1000"])?;
    for (operation, command, name) in STEPS {
        engine.docker(&["exec", &container, "sh", "-c", command])?;
        is_by(&vigie.next()?, operation, &directory.join(name), &container)?;
    }
    // Whatever was told too much comes before this.
    engine.docker(&["exec", &container, "sh", "-c", "echo x > /data/last; echo y > /tmp/file"])?;
    is_by(&vigie.next()?, "created", &directory.join("last"), &container)
}

#[test]
fn a_container_that_is_gone_at_once_is_told_with_its_image() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let place = tempfile::tempdir()?;
    let directory = place.path().canonicalize()?;
    fs::write(directory.join("file"), "old")?;
    let vigie = watch(&engine, &directory)?;
    let volume = format!("{}:/data", directory.display());
    let options = ["--rm", "--volume", &volume, IMAGE, "sh", "-c", "echo newer > /data/file"];
    let container = engine.run_detached(&options)?;
    is_by(&vigie.next()?, "modified", &directory.join("file"), &container)
}

#[test]
fn a_containers_own_directory_of_the_same_name_is_not_the_hosts() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let place = tempfile::tempdir()?;
    let directory = place.path().canonicalize()?;
    let vigie = watch(&engine, &directory)?;
    let own = format!("/bin/busybox mkdir -p {0}; echo x > {0}/file", directory.display());
    engine.docker(&["run", "--rm", "--network", "none", IMAGE, "sh", "-c", &own])?;
    // Whatever was told of that comes before this.
    fs::write(directory.join("last"), "x")?;
    let alert = vigie.next()?;
    assert_eq!(field(&alert, "container.id"), "host", "{alert}");
    assert_eq!(field(&alert, "vigie.fim.path"), directory.join("last").to_str().context("a path")?);
    Ok(())
}
