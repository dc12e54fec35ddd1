//! The guard's place before a real engine, and callers in a real container.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use sensor::{
    guard::{
        caller::{Caller, Directory, Settings, Standing},
        place::take::Taken,
    },
    rules::{
        Value,
        field::{Fields, resolve},
    },
    sys::socket::Node,
};
use tokio::net::UnixListener;

use crate::common::{command::run, engine::Engine, image::IMAGE};

/// Connects and stays until its input ends.
const CLIENT: &str = "use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die; \
    connect($s, sockaddr_un($ARGV[0])) or die; sysread(STDIN, my $end, 1);";

fn value(caller: &Caller, name: &str) -> Result<Value<'static>> {
    Ok(caller.value(&resolve(name, None)?).into_owned())
}

fn text(caller: &Caller, name: &str) -> Result<String> {
    let value = value(caller, name)?;
    Ok(String::from_utf8_lossy(value.as_text().with_context(|| format!("{name}: {value:?}"))?).into_owned())
}

/// A client in a container that sees the host's files, and so its perl.
fn client_in_container(engine: &Engine, socket: &Path) -> Result<Child> {
    let socket = socket.to_str().context("not UTF-8")?;
    let run = ["run", "--rm", "--interactive", "--network", "none", "--name", "runner", "--label", "team=a"];
    let mounted = [
        "--volume",
        "/:/host:ro",
        IMAGE,
        "busybox",
        "chroot",
        "/host",
        "/usr/bin/perl",
        "-e",
        CLIENT,
        socket,
    ];
    Ok(engine.command(&[&run[..], &mounted].concat()).stdin(Stdio::piped()).spawn()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_in_a_container_is_told_by_the_engine() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let place = tempfile::tempdir()?;
    let socket = place.path().join("guard.sock");
    let listener = UnixListener::bind(&socket)?;
    let mut settings = Settings { listener: socket.clone(), ..Settings::default() };
    settings.runtimes.places.docker_socket = engine.socket();
    // A slow host must not make the answer late.
    settings.patience = std::time::Duration::from_mins(1);
    settings.runtimes.limits.answer = settings.patience;
    let directory = Directory::new(settings);
    let mut client = client_in_container(&engine, &socket)?;
    let patience = std::time::Duration::from_mins(2);
    let (stream, _) =
        tokio::time::timeout(patience, listener.accept()).await.context("nobody connected")??;
    let caller = Caller::of(&stream, &directory).await?;
    ensure!(caller.standing().is_known(), "{caller:?}");
    let id = engine.docker(&["inspect", "--format", "{{.Id}}", "runner"])?;
    assert_eq!(text(&caller, "container.full_id")?, id);
    assert_eq!(text(&caller, "container.name")?, "runner");
    assert_eq!(text(&caller, "container.image")?, IMAGE);
    assert_eq!(value(&caller, "vigie.container.verified")?, Value::Bool(true));
    assert_eq!(
        caller.value(&resolve("container.label", Some("team"))?).as_text().map(<[u8]>::to_vec),
        Some(b"a".to_vec())
    );
    assert!(text(&caller, "proc.exepath")?.ends_with("/perl"), "{}", text(&caller, "proc.exepath")?);
    assert_eq!(value(&caller, "proc.vpid")?, Value::Number(1));
    assert_ne!(caller.pid(), Some(1));
    // A caller on the host, while the container is known.
    let (own, _other) = tokio::net::UnixStream::pair()?;
    let host = Caller::of(&own, &directory).await?;
    assert_eq!(host.pid(), Some(std::process::id()));
    drop(client.stdin.take());
    ensure!(client.wait()?.success());
    assert_eq!(caller.recheck(), Standing::Gone);
    assert_eq!(value(&caller, "container.name")?, Value::Missing);
    Ok(())
}

#[test]
fn the_place_of_a_running_engine_is_taken_and_given_back() -> Result<()> {
    let engine = Engine::start()?;
    let before = Node::at(&engine.socket())?.context("no socket")?;
    let taken = Taken::take(&engine.socket(), &mut |_| ())?;
    let version = ["version", "--format", "{{.Server.Version}}"];
    let mut by_the_side = Command::new("docker");
    by_the_side.env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT");
    by_the_side.arg("--host").arg(format!("unix://{}", taken.engine().display())).args(version);
    let by_the_side = run(&mut by_the_side)?;
    ensure!(taken.is_in_place());
    taken.give_back(&mut |_| ())?;
    let after = Node::at(&engine.socket())?.context("no socket")?;
    ensure!(after.is(&before), "{before:?} became {after:?}");
    assert_eq!((after.uid, after.gid, after.mode), (before.uid, before.gid, before.mode));
    assert_eq!(engine.docker(&version)?, by_the_side);
    Ok(())
}
