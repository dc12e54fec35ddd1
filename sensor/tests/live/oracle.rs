//! An independent witness: what a workload does is told by `strace -f` and recorded by `vigie events`, and the two
//! accounts must be the same, call for call, with result and path or address, however often each occurs.

mod awkward;
mod differences;
mod directories;
mod made;
mod recording;
mod seen;
mod strace;
mod told;
mod words;

use std::os::unix::ffi::OsStrExt;

use crate::support::{Place, in_guest};

use differences::{Comparison, compare};
use recording::Recorder;
use strace::Traced;

/// Runs a program in a place of its own under both witnesses and compares their accounts.
#[track_caller]
fn witnesses_agree(work: &Place, program: &[&str]) -> Comparison {
    let notes = Place::new();
    let [home, temporary] = ["home", "temporary"].map(|name| work.join(name));
    let environment = [("HOME", home.to_str().unwrap()), ("TMPDIR", temporary.to_str().unwrap())];
    let recorder = Recorder::start(&notes);
    let account = Traced::start(work, &notes, program, &environment).finish();
    let recording = recorder.finish();
    let events = recording.of(&account);
    let told = told::told(&account, work.path().as_os_str().as_bytes());
    let seen = events.iter().filter_map(|event| seen::seen(event, recording.tier)).collect();
    let comparison = compare(told, seen, recording.tier);
    comparison.report();
    assert!(comparison.missed.is_empty() && comparison.invented.is_empty(), "the accounts differ");
    comparison
}

/// The same for a script for this shell.
#[track_caller]
fn witnesses_agree_on_script(work: &Place, shell: &str, script: &str) -> Comparison {
    work.file("workload.sh", script.as_bytes());
    witnesses_agree(work, &[shell, "workload.sh"])
}

#[test]
fn a_session_in_a_shell_is_seen_as_strace_tells_it() {
    let comparison =
        witnesses_agree_on_script(&Place::new(), "/bin/sh", include_str!("oracle/workload/session.sh"));
    comparison.has(&["execve", "open", "unlink", "rename", "chmod", "mkdir", "kill"]);
}

#[test]
fn awkward_calls_are_seen_as_strace_tells_them() {
    let work = Place::new();
    let program = awkward::program(&work);
    let comparison = witnesses_agree(&work, &[program.to_str().unwrap()]);
    comparison.has(&[
        "creat",
        "openat2",
        "renameat2",
        "mkdirat",
        "fchmod",
        "connect",
        "bind",
        "tkill",
        "tgkill",
    ]);
}

#[test]
fn a_working_day_is_seen_as_strace_tells_it() {
    if in_guest() && !std::path::Path::new("/usr/bin/gcc").exists() {
        println!("this guest has neither a compiler, nor packages, nor git, nor Python; that of 6.1 has");
        assert_ne!(std::env::var("VIGIE_GUEST").unwrap(), "6.1");
        return;
    }
    let work = Place::new();
    work.file("threads.py", include_bytes!("oracle/workload/threads.py"));
    // Not the shell of busybox, which is its own `dpkg-deb`.
    let comparison = witnesses_agree_on_script(&work, "dash", include_str!("oracle/workload/day.sh"));
    println!("the package is {}", std::fs::read_to_string(work.join("source")).unwrap().trim());
    comparison.has(&["execve", "open", "unlink", "rename", "chmod", "mkdir", "connect", "bind", "kill"]);
}
