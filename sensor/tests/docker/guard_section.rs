//! `vigie run` with a guard: one process, one stream of alerts.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::common::engine::Engine;
use crate::common::image::IMAGE;
use crate::common::vigie::{MARK, Vigie, field};

/// Status line of the answer to a container that is privileged.
fn create(socket: &Path) -> Result<String> {
    let body = r#"{"Image":"i","HostConfig":{"Privileged":true}}"#;
    let mut stream = UnixStream::connect(socket)?;
    write!(
        stream,
        "POST /containers/create HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().context("no answer")?.to_owned())
}

#[test]
fn one_run_alerts_on_what_the_kernel_sees_and_on_what_the_guard_denies() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let place = tempfile::tempdir()?;
    let (socket, audit) = (place.path().join("guard.sock"), place.path().join("audit"));
    let vigie = Vigie::start(&[
        "--docker-socket".as_ref(),
        engine.socket().as_os_str(),
        "--guard-listen".as_ref(),
        socket.as_os_str(),
        "--guard-upstream".as_ref(),
        engine.socket().as_os_str(),
        "--guard-audit-log".as_ref(),
        audit.as_os_str(),
    ])?;
    vigie.wait_for("guard: ")?;
    ensure!(create(&socket)? == "HTTP/1.1 403 Forbidden", "it was not denied");
    let denied = vigie.next_of("Docker request for access to the host")?;
    ensure!(denied.get("source").is_some_and(|source| source == "docker"), "{denied}");
    ensure!(field(&denied, "vigie.guard.stopped") == true, "{denied}");
    let read = format!("cat /etc/shadow {MARK} >/dev/null 2>&1; true");
    engine.run_detached(&[IMAGE, "sh", "-c", &read])?;
    let seen = vigie.next_shadow()?;
    ensure!(field(&seen, "proc.name") == "cat", "{seen}");
    drop(vigie);
    ensure!(!socket.exists(), "the guard has ended with the run");
    ensure!(fs::read_to_string(&audit)?.lines().count() == 1, "one verdict");
    Ok(())
}
