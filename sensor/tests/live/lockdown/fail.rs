//! What becomes of the lock-down when the guard is killed.

use std::path::Path;

use rustix::mount::{MountFlags, mount};

use crate::support::{Place, vigie};

use super::guard::{EPERM, Guard, client, outcome, ping, stand_in};

/// Where what is pinned is.
const PINS: &str = "/sys/fs/bpf/vigie-guard";

/// The file system of what is pinned, which no service manager mounts in a guest.
fn bpffs() {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    if !mounts.lines().any(|line| line.contains(" /sys/fs/bpf bpf ")) {
        mount("bpf", "/sys/fs/bpf", "bpf", MountFlags::empty(), None).unwrap();
    }
}

#[test]
fn it_fails_open_unless_it_is_told_otherwise() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let direct = client(&place, "direct", &engine);
    let guard = Guard::start(&place, &engine, &[]);
    let expected = if guard.is_on() { EPERM } else { 0 };
    assert_eq!(outcome(&direct).1, expected);
    guard.kill();
    assert_eq!(outcome(&direct).1, 0);
}

#[test]
fn closed_it_outlives_the_guard_until_the_next_one_or_until_it_is_restored() {
    bpffs();
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let direct = client(&place, "direct", &engine);
    let guard = Guard::start(&place, &engine, &["--fail", "closed"]);
    let is_on = guard.is_on();
    let expected = if is_on { EPERM } else { 0 };
    guard.kill();
    assert_eq!(outcome(&direct).1, expected, "the guard is gone");
    assert_eq!(Path::new(PINS).exists(), is_on);
    std::fs::remove_file(&engine).unwrap();
    stand_in(&engine);
    assert_eq!(outcome(&direct).1, expected, "the socket was made anew, and nobody is there to see it");
    let next = Guard::start(&place, &engine, &["--fail", "closed"]);
    assert_eq!(next.is_on(), is_on);
    assert_eq!(outcome(&direct).1, expected);
    ping(&next);
    let left = next.end();
    assert_eq!(left.past().len(), 1, "{:?}", left.alerts);
    assert_eq!(outcome(&direct).1, 0, "an end that is meant ends it");
    assert!(!Path::new(PINS).exists());
    Guard::start(&place, &engine, &["--fail", "closed"]).kill();
    assert_eq!(outcome(&direct).1, expected);
    let socket = engine.to_str().unwrap();
    let restored = vigie(&["guard", "restore", "--socket", socket]);
    assert_eq!(restored.errors.contains("the lock-down /sys/fs/bpf/vigie-guard/"), is_on, "{restored:?}");
    assert_eq!(outcome(&direct).1, 0);
    assert!(!Path::new(PINS).exists());
}

#[test]
fn a_guard_that_fails_open_takes_the_place_of_one_that_failed_closed() {
    bpffs();
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let direct = client(&place, "direct", &engine);
    Guard::start(&place, &engine, &["--fail", "closed"]).kill();
    let next = Guard::start(&place, &engine, &[]);
    let expected = if next.is_on() { EPERM } else { 0 };
    assert_eq!(outcome(&direct).1, expected);
    ping(&next);
    next.kill();
    assert_eq!(outcome(&direct).1, 0);
}
