//! Row 84: very many clients of one user at the same time, and one of another.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::process::{Resource, Rlimit, Uid, getrlimit, setrlimit};
use rustix::thread::set_thread_res_uid;

use super::client::Client;
use super::command::{Running, daemon};
use super::daemon::PATIENCE;

const CLIENTS: usize = 10_000;
/// Of them, those that one user may have.
const SHARE: usize = 1024;
/// A user who is nobody else in a test.
const OTHER: u32 = 65_534;

/// How many files a process has open.
fn descriptors(process: u32) -> usize {
    fs::read_dir(PathBuf::from("/proc").join(process.to_string()).join("fd")).unwrap().count()
}

/// What the engine says to another user through the guard. Only the thread changes its user.
fn asked_by_another(socket: &Path) -> u16 {
    let asking = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let other = Uid::from_raw(OTHER);
            set_thread_res_uid(other, other, other).unwrap();
            Client::connect(socket).get("GET /_ping").status
        });
        asking.join()
    });
    asking.unwrap()
}

#[test]
fn ten_thousand_connections_of_one_user_shut_nobody_out_and_leave_nothing() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    let (_runtime, _directory, engine, _daemon) = daemon();
    let running = Running::start(&engine, &["--group", "0"]);
    // Another user gets as far as the socket, and no further than the guard lets him.
    fs::set_permissions(running.directory(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&running.socket, Permissions::from_mode(0o666)).unwrap();
    // Whatever is made once is made.
    assert_eq!(Client::connect(&running.socket).get("GET /_ping").status, 200);
    assert_eq!(asked_by_another(&running.socket), 200);
    let before = descriptors(running.id());
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| Client::connect(&running.socket)).collect();
    let last = clients[CLIENTS - 1].answer();
    let own = rustix::process::geteuid().as_raw();
    let wanted = format!("vigie: user {own} has {SHARE} connections open already; try again later");
    assert_eq!((last.status, last.message()), (503, wanted));
    // Those that are in are idle, or slow.
    for client in clients.iter_mut().take(SHARE).step_by(2) {
        client.send("GET /_ping HT");
    }
    assert!(descriptors(running.id()) >= before + SHARE);
    assert_eq!(asked_by_another(&running.socket), 200);
    drop(clients);
    let deadline = Instant::now() + PATIENCE;
    while descriptors(running.id()) > before {
        assert!(Instant::now() < deadline, "{} instead of {before}", descriptors(running.id()));
        std::thread::yield_now();
    }
    assert_eq!(Client::connect(&running.socket).get("GET /_ping").status, 200);
    let told = running.end();
    let turned_away = format!("guard_busy_user={} ", CLIENTS - SHARE);
    assert!(told.iter().any(|line| line.contains(&turned_away)), "{told:?}");
    assert!(told.iter().any(|line| line.contains("guard_accept_errors=0 ")), "{told:?}");
}
