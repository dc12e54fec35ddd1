//! Who does not get past the guard, and who does.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
};

use crate::support::{Assembly, Place, call};

use super::guard::{EPERM, Guard, client, connect, outcome, ping, stand_in};

const CLONE_NEWNS: u32 = 0x0002_0000;
const MS_BIND: u32 = 0x1000;
const MS_REC_PRIVATE: u32 = 0x4000 | 0x4_0000;

#[test]
fn smoke_a_root_process_is_refused_a_stand_in_of_the_engine_by_whatever_name_and_told() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let direct = client(&place, "direct", &engine);
    assert_eq!(outcome(&direct).1, 0);
    let link = place.join("link.sock");
    std::os::unix::fs::symlink(&engine, &link).unwrap();
    let other = place.join("other.sock");
    std::fs::hard_link(&engine, &other).unwrap();
    let around = format!("/proc/{}/root{}", std::process::id(), engine.display());
    let guard = Guard::start(&place, &engine, &[]);
    let is_on = guard.is_on();
    let code = if is_on { EPERM } else { 0 };
    let mut expected = Vec::new();
    let mut tries = |client: &std::path::Path| {
        let (pid, ended) = outcome(client);
        assert_eq!(ended, code, "{}", client.display());
        expected.push((pid, is_on, engine.to_str().unwrap()));
    };
    tries(&direct);
    tries(&client(&place, "by-link", &link));
    tries(&client(&place, "by-hard-link", &other));
    tries(&client(&place, "by-proc", around.as_ref()));
    std::fs::rename(&engine, place.join("renamed.sock")).unwrap();
    tries(&client(&place, "renamed", &place.join("renamed.sock")));
    std::fs::rename(place.join("renamed.sock"), &engine).unwrap();
    ping(&guard);
    let left = guard.end();
    assert_eq!(left.past(), expected);
    let (refused, told) = if is_on { (5, 0) } else { (0, 5) };
    assert_eq!((left.count("lockdown_told"), left.count("lockdown_lost")), (told, 0));
    // The self-test's own trials are refused, too: one at its own socket, and one at each engine's.
    assert!(left.count("lockdown_denied") >= refused, "{:?}", left.said);
    assert_eq!(outcome(&direct).1, 0, "it ends with the guard");
}

#[test]
fn a_socket_that_was_mounted_elsewhere_before_is_refused_in_another_namespace() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let harmless = place.file("harmless", b"");
    let mut program = Assembly::default();
    let [from, to, root] = [&engine, &harmless, std::path::Path::new("/")]
        .map(|path| program.string(path.as_os_str().as_encoded_bytes()));
    program.must(call::UNSHARE, &[CLONE_NEWNS.into()]);
    program.must(call::MOUNT, &[0.into(), root.into(), 0.into(), MS_REC_PRIVATE.into(), 0.into()]);
    program.must(call::MOUNT, &[from.into(), to.into(), 0.into(), MS_BIND.into(), 0.into()]);
    program.must(call::WRITE, &[1.into(), from.into(), 1.into()]);
    program.wait_for_input();
    connect(&mut program, &harmless);
    program.exit(0);
    let mut command = Command::new(place.program("container", &program));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let guard = Guard::start(&place, &engine, &[]);
    let is_on = guard.is_on();
    child.stdin.as_mut().unwrap().write_all(b"1").unwrap();
    let pid = child.id();
    assert_eq!(child.wait().unwrap().code(), Some(if is_on { EPERM } else { 0 }));
    let left = guard.end();
    assert_eq!(left.past(), [(pid, is_on, engine.to_str().unwrap())]);
}

#[test]
fn a_socket_that_is_made_anew_is_protected_at_once() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let guard = Guard::start(&place, &engine, &[]);
    let is_on = guard.is_on();
    std::fs::remove_file(&engine).unwrap();
    stand_in(&engine);
    let (pid, code) = outcome(&client(&place, "direct", &engine));
    assert_eq!(code, if is_on { EPERM } else { 0 });
    ping(&guard);
    assert_eq!(guard.end().past(), [(pid, is_on, engine.to_str().unwrap())]);
}

#[test]
fn a_program_that_is_allowed_gets_through_and_a_copy_does_not() {
    let place = Place::new();
    let [engine, further] = ["engine.sock", "further.sock"].map(|name| place.join(name));
    stand_in(&engine);
    stand_in(&further);
    let allowed = client(&place, "allowed", &engine);
    let copy = client(&place, "copy", &engine);
    let elsewhere = client(&place, "elsewhere", &further);
    let options = ["--allow", allowed.to_str().unwrap(), "--protect", further.to_str().unwrap()];
    let guard = Guard::start(&place, &engine, &options);
    let is_on = guard.is_on();
    let code = if is_on { EPERM } else { 0 };
    assert_eq!(outcome(&allowed).1, 0);
    let (copy, elsewhere) = (outcome(&copy), outcome(&elsewhere));
    assert_eq!((copy.1, elsewhere.1), (code, code));
    let left = guard.end();
    let told = [(copy.0, is_on, engine.to_str().unwrap()), (elsewhere.0, is_on, further.to_str().unwrap())];
    assert_eq!(left.past(), told);
    assert!(left.count("lockdown_allowed") >= 1, "{:?}", left.said);
}

#[test]
fn in_mode_audit_nobody_is_refused_and_all_are_told() {
    let place = Place::new();
    let engine = place.join("engine.sock");
    stand_in(&engine);
    let guard = Guard::start(&place, &engine, &["--mode", "audit"]);
    let (pid, code) = outcome(&client(&place, "direct", &engine));
    assert_eq!(code, 0);
    assert_eq!(guard.end().past(), [(pid, false, engine.to_str().unwrap())]);
}
