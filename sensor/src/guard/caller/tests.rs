//! Real processes on real sockets.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sha2::Digest;
use tokio::net::UnixListener;
use zerocopy::FromZeros;

use super::*;
use crate::rules::field::resolve;

/// A socket of the test's own.
struct Place {
    directory: tempfile::TempDir,
    listener: UnixListener,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("engine.sock")).unwrap();
        Self { directory, listener }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("engine.sock")
    }

    fn lookup(&self) -> Directory {
        let mut settings = Settings { listener: self.path(), ..Settings::default() };
        settings.runtimes.places.docker_socket = self.directory.path().join("none.sock");
        Directory::new(settings)
    }

    async fn accept(&self) -> UnixStream {
        self.listener.accept().await.unwrap().0
    }
}

/// Connects, says `connected`, and stays until its input ends; with `fork` its child holds the connection when it
/// has ended; with `pass` another process gets it as a message.
const CLIENT: &str = r#"
use strict; use Socket;
my ($path, $how) = @ARGV;
$| = 1;
socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
connect($s, sockaddr_un($path)) or die "connect: $!";
if ($how eq "fork") {
    my $child = fork();
    die unless defined $child;
    if ($child) { print "connected $child\n"; exit 0; }
}
else { print "connected $$\n"; }
sysread(STDIN, my $end, 1);
"#;

fn client(path: &Path, how: &str) -> Child {
    Command::new("perl")
        .args(["-e", CLIENT])
        .arg(path)
        .arg(how)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The process id that a client says holds its connection.
fn said(child: &mut Child) -> u32 {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim().strip_prefix("connected ").unwrap().parse().unwrap()
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    child.wait().unwrap();
}

fn value(caller: &Caller, name: &str) -> Value<'static> {
    caller.value(&resolve(name, None).unwrap()).into_owned()
}

fn text(caller: &Caller, name: &str) -> String {
    let value = value(caller, name);
    let bytes = value.as_text().unwrap_or_else(|| panic!("{name}: {value:?}"));
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_caller_may_be_judged_on_any_thread() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<Caller>();
    is_shared::<Directory>();
}

#[tokio::test]
async fn a_client_is_told_with_its_program_arguments_and_parent() {
    let place = Place::new();
    let mut child = client(&place.path(), "stay");
    let stream = place.accept().await;
    assert_eq!(said(&mut child), child.id());
    let caller = Caller::of(&stream, &place.lookup()).await.unwrap();
    assert!(caller.standing().is_known(), "{caller:?}");
    assert_eq!(caller.pid(), Some(child.id()));
    assert_eq!(caller.uid(), rustix::process::geteuid().as_raw());
    assert_eq!(caller.gid(), rustix::process::getegid().as_raw());
    let perl = std::fs::canonicalize("/usr/bin/perl").unwrap();
    assert_eq!(text(&caller, "proc.exepath"), perl.to_str().unwrap());
    assert!(text(&caller, "proc.cmdline").ends_with(&format!("{} stay", place.path().display())));
    assert_eq!(value(&caller, "proc.ppid"), Value::Number(std::process::id().into()));
    assert_eq!(value(&caller, "user.uid"), Value::Number(rustix::process::getuid().as_raw().into()));
    assert_eq!(text(&caller, "proc.pexepath"), std::env::current_exe().unwrap().to_str().unwrap());
    assert_eq!(text(&caller, "evt.type"), "connect");
    assert!(text(&caller, "fd.name").contains(place.path().to_str().unwrap()));
    if rustix::process::getuid().is_root() {
        assert_eq!(text(&caller, "user.name"), "root");
    }
    assert!(matches!(value(&caller, "proc.duration"), Value::Number(time) if time >= 0));
    assert!(!matches!(value(&caller, "proc.aname"), Value::Missing));
    let own = std::fs::read("/proc/self/cgroup").unwrap();
    let expected = containers::Home::claimed(&own).identity().id().to_vec();
    assert_eq!(text(&caller, "container.id").as_bytes(), expected);
    end(child);
}

#[tokio::test]
async fn a_client_whose_connection_outlives_it_is_nobody_else() {
    let place = Place::new();
    let mut child = client(&place.path(), "fork");
    let stream = place.accept().await;
    let holder = said(&mut child);
    // Waited for, its number is free; the one who holds the connection still lives.
    let input = child.stdin.take();
    let first = child.id();
    child.wait().unwrap();
    let caller = Caller::of(&stream, &place.lookup()).await.unwrap();
    assert_eq!(caller.standing(), Standing::Gone);
    assert_ne!(caller.pid(), Some(holder));
    assert_eq!(caller.pid(), Some(first), "what the kernel kept of it stays");
    for name in
        ["proc.exepath", "proc.name", "proc.cmdline", "proc.aname", "user.uid", "user.name", "container.name"]
    {
        assert_eq!(value(&caller, name), Value::Missing, "{name}");
    }
    assert_eq!(text(&caller, "container.id"), "<unknown>");
    assert_eq!(value(&caller, "vigie.user.euid"), Value::Number(rustix::process::geteuid().as_raw().into()));
    drop(input);
}

#[tokio::test]
async fn a_client_that_ends_between_two_requests_has_no_fields_any_more() {
    let place = Place::new();
    let mut child = client(&place.path(), "stay");
    let stream = place.accept().await;
    said(&mut child);
    let caller = Caller::of(&stream, &place.lookup()).await.unwrap();
    assert!(caller.recheck().is_known());
    end(child);
    assert!(!matches!(value(&caller, "proc.name"), Value::Missing), "one request is judged on one state");
    assert_eq!(caller.recheck(), Standing::Gone);
    assert_eq!(value(&caller, "proc.name"), Value::Missing);
}

#[tokio::test]
async fn what_takes_time_is_waited_for_on_request() {
    let place = Place::new();
    let mut child = client(&place.path(), "stay");
    let stream = place.accept().await;
    said(&mut child);
    let patience = std::time::Duration::from_mins(5);
    let lookup = Directory::new(Settings { listener: place.path(), patience, ..Settings::default() });
    let caller = Caller::of(&stream, &lookup).await.unwrap();
    let digest = resolve("vigie.proc.exe_sha256", None).unwrap();
    assert_ne!(caller.value(&digest), Value::Pending, "what is still to come counts as missing");
    assert!(caller.settle(std::slice::from_ref(&digest)).await);
    let program = std::fs::read(std::fs::canonicalize("/usr/bin/perl").unwrap()).unwrap();
    let digits = sha2::Sha256::digest(program).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let expected = digits.concat();
    assert_eq!(text(&caller, "vigie.proc.exe_sha256"), expected);
    end(child);
}

#[tokio::test]
async fn a_recorded_client_is_the_process_that_started_then_and_no_other() {
    let place = Place::new();
    let mut child = client(&place.path(), "stay");
    let _stream = place.accept().await;
    said(&mut child);
    let line = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let tick: u64 = line.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap().parse().unwrap();
    let start = tick * crate::process::TICK + 1;
    let id = "0123456789abcdef".repeat(4);
    let mut record =
        Client { pid: child.id(), start, euid: 5, loginuid: 7, session: 3, ..Client::new_zeroed() };
    let scope = format!("docker-{id}.scope");
    record.cgroup_name[..scope.len()].copy_from_slice(scope.as_bytes());
    let lookup = place.lookup();
    let same = Caller::recorded(record, &lookup, b"/srv/engine.sock").await;
    assert_eq!(same.standing(), Standing::Verified);
    assert!(text(&same, "proc.exepath").ends_with("/perl") || text(&same, "proc.exepath").contains("/perl5"));
    assert_eq!(text(&same, "fd.name"), "/srv/engine.sock");
    let later = Client { start: start + crate::process::TICK, ..record };
    let other = Caller::recorded(later, &lookup, b"/srv/engine.sock").await;
    assert_eq!(other.standing(), Standing::Recorded, "its number is another's now");
    for name in ["proc.exepath", "proc.name", "proc.cmdline", "proc.ppid"] {
        assert_eq!(value(&other, name), Value::Missing, "{name}");
    }
    assert_eq!(value(&other, "user.loginuid"), Value::Number(7));
    assert_eq!(text(&other, "container.full_id"), id, "its cgroup is nowhere, but had a container's name");
    assert_eq!(value(&other, "vigie.user.euid"), Value::Number(5));
    assert_eq!(text(&other, "fd.name"), "/srv/engine.sock");
    end(child);
    same.recheck();
    assert_eq!(same.standing(), Standing::Recorded);
    assert_eq!(value(&same, "proc.name"), Value::Missing);
}
