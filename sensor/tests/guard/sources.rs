//! Sources of mounts that are another thing when the engine looks than when the guard did, and such at which nobody can
//! look.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rustix::io::{FdFlags, fcntl_setfd};
use serde_json::json;

use super::client::Client;
use super::common::command::run;
use super::common::image::IMAGE;
use super::policy::Guarded;

/// Stands between the guard and the engine, and does something before a create goes on.
fn relay(listener: &UnixListener, engine: &Path, before: impl Fn()) {
    for guard in listener.incoming() {
        let mut guard = guard.unwrap();
        let mut head = vec![0; 65_536];
        let count = guard.read(&mut head).unwrap();
        if head.starts_with(b"POST ") {
            before();
        }
        let mut engine = UnixStream::connect(engine).unwrap();
        engine.write_all(&head[..count]).unwrap();
        let (mut from, mut to) = (engine.try_clone().unwrap(), guard.try_clone().unwrap());
        std::thread::spawn(move || {
            // Whoever ends first ends the other.
            drop(std::io::copy(&mut from, &mut to));
            drop(to.shutdown(std::net::Shutdown::Both));
        });
        std::thread::spawn(move || drop(std::io::copy(&mut guard, &mut engine)));
    }
}

/// A rule that lets containers mount from this directory.
fn allowing(directory: &Path) -> String {
    let directory = directory.display();
    format!("- list: docker_bind_directories\n  items: [{directory}]\n  override: {{items: replace}}\n")
}

/// A place that only root can change, where a link leads to a directory.
fn place() -> Result<(tempfile::TempDir, PathBuf)> {
    let place = tempfile::tempdir_in("/srv")?;
    fs::create_dir(place.path().join("data"))?;
    let link = place.path().join("link");
    symlink(place.path().join("data"), &link)?;
    Ok((place, link))
}

fn create(socket: &Path, source: &Path) -> super::client::Answer {
    let bind = format!("{}:/x", source.display());
    let body = json!({"Image": IMAGE, "Cmd": ["true"], "HostConfig": {"Binds": [bind]}});
    Client::connect(socket).post("/v1.41/containers/create", &body.to_string())
}

#[test]
fn a_source_that_leads_elsewhere_once_it_was_judged_is_noticed_and_the_container_removed() -> Result<()> {
    let (place, link) = place()?;
    let changed = link.clone();
    let guarded = Guarded::start_with(&allowing(place.path()), |directory, engine| {
        let socket = directory.join("relay.sock");
        let listener = UnixListener::bind(&socket)?;
        std::thread::spawn(move || {
            relay(&listener, &engine, || {
                fs::remove_file(&changed).unwrap();
                symlink("/etc", &changed).unwrap();
            });
        });
        Ok(socket)
    })?;
    let answer = create(&guarded.socket(), &link);
    ensure!(answer.status == 201, "{answer:?}");
    let made: serde_json::Value = serde_json::from_str(&answer.body)?;
    let start = format!("POST /v1.41/containers/{}/start", made["Id"].as_str().context("no id")?);
    let answer = Client::connect(&guarded.socket()).get(&start);
    ensure!(answer.status == 403 && answer.body.contains("it was removed"), "{answer:?}");
    ensure!(answer.body.contains("/etc"), "{answer:?}");
    ensure!(guarded.engine.docker(&["ps", "--all", "--quiet"])?.is_empty(), "the container is there");
    let (alerts, _) = guarded.finish()?;
    ensure!(alerts.iter().any(|alert| alert["rule"] == "Docker container other than allowed"), "{alerts:?}");
    Ok(())
}

#[test]
fn a_source_that_stays_what_it_was_is_mounted() -> Result<()> {
    let (place, link) = place()?;
    let guarded = Guarded::start_with(&allowing(place.path()), |_, engine| Ok(engine))?;
    let answer = create(&guarded.socket(), &link);
    ensure!(answer.status == 201, "{answer:?}");
    Ok(())
}

/// A file system whose server answers nothing. It ends with the server.
struct Hanging {
    _server: fs::File,
    place: PathBuf,
}

impl Hanging {
    fn mount(place: &Path) -> Result<Self> {
        let server = fs::File::options().read(true).write(true).open("/dev/fuse").context("no /dev/fuse")?;
        fcntl_setfd(&server, FdFlags::empty())?;
        let options = format!("fd={},rootmode=40000,user_id=0,group_id=0", server.as_raw_fd());
        run(Command::new("mount").args(["-i", "-t", "fuse", "-o", &options, "vigie-test"]).arg(place))?;
        Ok(Self { _server: server, place: place.to_owned() })
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        drop(run(Command::new("umount").args(["--lazy", "--no-canonicalize"]).arg(&self.place)));
    }
}

#[test]
fn a_source_at_which_nobody_can_look_is_denied_and_others_are_served() -> Result<()> {
    let (place, _) = place()?;
    let guarded = Guarded::start_with(&allowing(place.path()), |_, engine| Ok(engine))?;
    let hanging = Hanging::mount(&place.path().join("data"))?;
    let answer = create(&guarded.socket(), &place.path().join("data/inner"));
    let next = create(&guarded.socket(), place.path());
    drop(hanging);
    ensure!(answer.status == 403 && answer.body.contains("bind:unresolved"), "{answer:?}");
    ensure!(next.status == 201, "{next:?}");
    Ok(())
}
