//! `vigie guard` with its default policy before Podman's socket: Docker's client works, and the ways to the host are
//! closed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::Timespec;
use tempfile::TempDir;

use super::client::Client;
use super::command::Running;
use super::common::command::{end_of, report, stop, wait_for};
use super::common::image::{IMAGE, layer};
use super::engine::{docker, with_input};
use storage::Podman;

#[path = "../runtimes/podman.rs"]
#[expect(dead_code, reason = "the tests of runtimes need more")]
mod storage;

/// How often a starting service is looked at.
const TRIES: usize = 600;
/// How long each time waits for the service to end instead.
const INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// `podman system service`; the field order is that of their end.
struct Service {
    daemon: Child,
    directory: TempDir,
    podman: Podman,
}

impl Service {
    /// Starts one with [`IMAGE`], and waits until it listens.
    fn start() -> Result<Self> {
        let (podman, directory) = (Podman::start()?, tempfile::tempdir()?);
        let log = fs::File::create(directory.path().join("log"))?;
        let address = format!("unix://{}", directory.path().join("podman.sock").display());
        let mut command = podman.command(&["system", "service", "--time", "0", &address]);
        let daemon = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut service = Self { daemon, directory, podman };
        for _ in 0..TRIES {
            if UnixStream::connect(service.socket()).is_ok() {
                return Ok(service);
            }
            if wait_for(&mut service.daemon, INTERVAL)? {
                break;
            }
        }
        bail!("podman does not listen:\n{}", end_of(&service.directory.path().join("log")))
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("podman.sock")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Err(error) = stop(&mut self.daemon) {
            report(&format!("stopping podman: {error:#}"));
        }
    }
}

/// What a `docker` command prints, which has to end well.
fn said(socket: &Path, arguments: &[&str]) -> Result<String> {
    let output = with_input(socket, arguments, b"")?;
    ensure!(output.status.success(), "{arguments:?}: {output:?}");
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// The first line of what a container says, as it comes.
fn first_line(socket: &Path, container: &str) -> Result<String> {
    let mut logs = docker(socket, &["logs", "--follow", container]);
    let mut child = logs.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line);
    child.kill()?;
    child.wait()?;
    read?;
    Ok(line)
}

const SPEAK: &str = "echo hello; exec sleep 1000";

#[test]
fn docker_works_before_podman() -> Result<()> {
    let service = Service::start()?;
    let guard = Running::start(&service.socket(), &[]);
    let socket = guard.socket.as_path();
    ensure!(said(socket, &["version"])?.contains("Podman Engine"), "it is another engine");
    let directory = tempfile::tempdir()?;
    let tar = layer(directory.path())?;
    said(socket, &["import", tar.to_str().context("not UTF-8")?, "box"])?;
    let images = said(socket, &["images", "--format", "{{.Repository}}:{{.Tag}}"])?;
    ensure!(images.lines().any(|image| image.ends_with("box:latest")), "{images}");
    ensure!(images.lines().any(|image| image == IMAGE), "{images}");
    for (name, image) in [("short", "box"), ("full", IMAGE)] {
        let create = ["create", "--name", name, "--network", "none", "--volume", "store:/store"];
        said(socket, &[&create[..], &["--user", "5", image, "sh", "-c", SPEAK]].concat())?;
        said(socket, &["start", name])?;
        ensure!(first_line(socket, name)? == "hello\n", "it says something else");
        let exec = with_input(socket, &["exec", name, "sh", "-c", "echo in; id -u; exit 3"], b"")?;
        ensure!((exec.status.code(), &*exec.stdout) == (Some(3), b"in\n5\n"), "{exec:?}");
        let state = said(socket, &["inspect", "--format", "{{.State.Running}} {{.Name}}", name])?;
        ensure!(state == format!("true /{name}"), "{state}");
        ensure!(said(socket, &["ps", "--format", "{{.Names}}"])? == name, "it is not listed");
        said(socket, &["rm", "--force", name])?;
    }
    ensure!(said(socket, &["ps", "--all", "--quiet"])?.is_empty(), "something is left");
    let told = guard.end();
    ensure!(told.iter().any(|line| line.contains("guard_denied=0")), "{told:?}");
    ensure!(!told.iter().any(|line| line.contains("Docker ")), "there are alerts: {told:?}");
    Ok(())
}

#[test]
fn the_ways_to_the_host_are_closed_before_podman() -> Result<()> {
    let service = Service::start()?;
    let guard = Running::start(&service.socket(), &[]);
    for way in [&["--privileged"][..], &["--volume", "/etc:/host"], &["--pid", "host"]] {
        let create = [&["create", "--network", "none"], way, &[IMAGE, "true"]].concat();
        // Podman itself makes such a container: it is the guard that does not.
        said(&service.socket(), &[&["rm"][..], &[&said(&service.socket(), &create)?]].concat())?;
        let denied = with_input(&guard.socket, &create, b"")?;
        let errors = String::from_utf8_lossy(&denied.stderr);
        ensure!(!denied.status.success() && errors.contains("vigie: denied by rule"), "{way:?}: {errors}");
    }
    let mut client = Client::connect(&guard.socket);
    ensure!(client.get("GET /v4.3.1/libpod/_ping").body == "OK", "no answer to a ping");
    let body = format!(r#"{{"image":"{IMAGE}"}}"#);
    for version in ["", "/v4.3.1"] {
        client.send(format!(
            "POST {version}/libpod/containers/create HTTP/1.1\r\nHost: d\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let denied = client.answer();
        let message = denied.message();
        ensure!(denied.status == 403 && message.contains("\"Unknown Docker operation\""), "{denied:?}");
        // Behind a body that was not read there is no next request.
        client = Client::connect(&guard.socket);
    }
    ensure!(service.podman.run(&["ps", "--all", "--quiet"])?.is_empty(), "a container was made");
    let told = guard.end();
    ensure!(told.iter().any(|line| line.contains("guard_denied=5")), "{told:?}");
    Ok(())
}
