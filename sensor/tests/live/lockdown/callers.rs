//! Who connected to the guard, by the kernel's record.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Assembly, Cgroup, Kept, Place, at_least, call};

use super::guard::{Guard, Left, PING, connect, ping, stand_in};

/// A login that nobody else has.
const LOGIN: &str = "61234";

/// What the one verdict on a request of this process says of it.
fn caller(left: &Left, pid: u32) -> &Value {
    let mut callers =
        left.verdicts.iter().map(|verdict| &verdict["caller"]).filter(|caller| caller["pid"] == pid);
    let (caller, more) = (callers.next().unwrap(), callers.count());
    assert_eq!(more, 0, "{:?}", left.verdicts);
    caller
}

#[test]
fn smoke_who_connects_and_ends_at_once_still_has_container_and_login() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let guard = Guard::start(&place, &engine, &[]);
    let is_on = guard.is_on();
    let container = format!("{:08x}{}", std::process::id(), "c0ffee12".repeat(7));
    let scope = format!("docker-{container}.scope");
    let cgroup = Cgroup::create(scope.as_bytes()).unwrap();
    let mut program = Assembly::default();
    let [login, user] = ["/proc/self/loginuid", LOGIN].map(|text| program.string(text.as_bytes()));
    let text = program.bytes(PING);
    program.wait_for_input();
    program.call(call::OPEN, &[login.into(), 1.into(), 0.into()]);
    program.keep();
    program.call(call::WRITE, &[Kept.into(), user.into(), (LOGIN.len() as u64).into()]);
    connect(&mut program, &guard.socket);
    program.must(call::WRITE, &[Kept.into(), text.into(), (PING.len() as u64).into()]);
    program.exit(0);
    let mut command = Command::new(place.program("brief", &program));
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    cgroup.attach(pid);
    let can_log_in = std::fs::read_to_string("/proc/self/loginuid").is_ok_and(|id| id.trim() == "4294967295");
    // The guard cannot look before the client has ended.
    guard.signal(Signal::STOP);
    child.stdin.as_mut().unwrap().write_all(b"1").unwrap();
    assert!(child.wait().unwrap().success());
    guard.signal(Signal::CONT);
    // Whoever comes behind is served behind, and both are judged before the guard ends.
    ping(&guard);
    let left = guard.end();
    let caller = caller(&left, pid);
    cgroup.remove();
    assert_eq!(caller["exe"], Value::Null);
    if is_on && at_least(5, 12) {
        assert_eq!(
            (&caller["standing"], &caller["container"]),
            (&json!("recorded"), &json!(container[..12]))
        );
        assert_eq!(caller["loginuid"] == json!(61_234), can_log_in, "{caller}");
        assert_eq!(left.count("lockdown_remembered"), 2, "{:?}", left.said);
    } else {
        assert_eq!((&caller["standing"], &caller["container"]), (&json!("gone"), &json!("<unknown>")));
    }
}

#[test]
fn who_lives_is_verified_on_every_kernel_that_keeps_cookies() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let guard = Guard::start(&place, &engine, &[]);
    let is_on = guard.is_on();
    ping(&guard);
    let left = guard.end();
    let caller = caller(&left, std::process::id());
    let is_certain = at_least(6, 5) || (is_on && at_least(5, 12));
    assert_eq!(caller["standing"], if is_certain { "verified" } else { "by_number" });
    assert_eq!(caller["exe"], std::env::current_exe().unwrap().to_str().unwrap());
}
