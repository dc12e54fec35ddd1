//! An independent witness: what a workload does is told by `strace -f` and recorded by `vigie events`, and the two
//! accounts must be the same, call for call, with result and path or address, however often each occurs.

mod differences;
mod directories;
mod made;
mod recording;
mod seen;
mod strace;
mod told;

use std::os::unix::ffi::OsStrExt;

use crate::support::{Place, in_guest};

use differences::{Comparison, compare};
use recording::Recorder;
use strace::Traced;

/// Runs a shell script under both witnesses and compares their accounts.
#[track_caller]
fn witnesses_agree(script: &str, files: &[(&str, &str)]) -> (Place, Comparison) {
    let (work, notes) = (Place::new(), Place::new());
    work.file("workload.sh", script.as_bytes());
    for (name, content) in files {
        work.file(name, content.as_bytes());
    }
    let home = work.join("home");
    let temporary = work.join("temporary");
    let environment = [("HOME", home.to_str().unwrap()), ("TMPDIR", temporary.to_str().unwrap())];
    let recorder = Recorder::start(&notes, &[]);
    let account = Traced::start(&work, &notes, &["/bin/sh", "workload.sh"], &environment).finish();
    let recording = recorder.finish();
    let events = recording.of(&account);
    let told = told::told(&account, work.path().as_os_str().as_bytes());
    let seen = events.iter().filter_map(|event| seen::seen(event, recording.tier)).collect();
    let comparison = compare(told, seen, recording.tier);
    comparison.report();
    assert!(comparison.missed.is_empty() && comparison.invented.is_empty(), "the accounts differ");
    (work, comparison)
}

#[test]
fn a_session_in_a_shell_is_seen_as_strace_tells_it() {
    let (_, comparison) = witnesses_agree(include_str!("oracle/workload/session.sh"), &[]);
    comparison.has(&["execve", "open", "unlink", "rename", "chmod", "mkdir", "kill"]);
}

#[test]
fn a_working_day_on_a_host_is_seen_as_strace_tells_it() {
    if in_guest() {
        assert!(!std::path::Path::new("/usr/bin/gcc").exists());
        println!("a guest has neither a compiler, nor packages, nor git, nor Python");
        return;
    }
    let files = [("threads.py", include_str!("oracle/workload/threads.py"))];
    let (work, comparison) = witnesses_agree(include_str!("oracle/workload/host.sh"), &files);
    println!("the package was {}", std::fs::read_to_string(work.join("source")).unwrap().trim());
    comparison.has(&["execve", "open", "unlink", "rename", "chmod", "mkdir", "connect", "bind", "kill"]);
}
