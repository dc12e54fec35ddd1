//! Hiding what was done, and what is done.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::perl;
use crate::stage::{Doer, Stage, act};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "ClearLogActivities",
        does: "`cp /dev/null` over a file called `syslog`",
        place: Place::Host,
        by: "cp",
        upstream: "Clear Log Activities",
        ours: &["Log emptied"],
        perform: clear_log,
    },
    Action {
        name: "DeleteOrRenameShellHistory",
        does: "`rm` of a file called `ash_history`",
        place: Place::Host,
        by: "rm",
        upstream: "Delete or rename shell history",
        ours: &["Shell history removed by a tool"],
        perform: delete_history,
    },
    Action {
        name: "FilelessExecutionViaMemfdCreate",
        does: "a program is copied into a file in memory, and run from there",
        place: Place::Host,
        by: "",
        upstream: "Fileless execution via memfd_create",
        ours: &["Program run from memory"],
        perform: run_from_memory,
    },
    Action {
        name: "PtraceAntiDebugAttempt",
        does: "`PTRACE_TRACEME`",
        place: Place::Host,
        by: "perl",
        upstream: "PTRACE anti-debug attempt",
        ours: &["Process has itself traced"],
        perform: trace_me,
    },
    Action {
        name: "DecodingPayloadInContainer",
        does: "`echo` of a text with the words of a decoder behind it",
        place: Place::Container,
        by: "echo",
        upstream: "Decoding Payload in Container",
        ours: &["Text decoded in container"],
        perform: decode,
    },
    Action {
        name: "ContainerDriftDetectedChmod",
        does: "`chmod 0755` of a new file",
        place: Place::Container,
        by: "sh",
        upstream: "Container Drift Detected (chmod)",
        ours: &["File made executable in container"],
        perform: drift_by_chmod,
    },
    Action {
        name: "ContainerDriftDetectedOpenCreate",
        does: "a file is made with the mode 0755",
        place: Place::Container,
        by: "perl",
        upstream: "Container Drift Detected (open+create)",
        ours: &["Executable file made in container"],
        perform: drift_by_open,
    },
    Action {
        name: "CreateFilesBelowDev",
        does: "`touch` of a new file in `/dev`",
        place: Place::Container,
        by: "touch",
        upstream: "Create files below dev",
        ours: &["File made in the directory of devices"],
        perform: file_in_dev,
    },
    Action {
        name: "CreateHiddenFilesOrDirectories",
        does: "`mkdir` of a directory below `/tmp` whose name begins with a dot",
        place: Place::Host,
        by: "mkdir",
        upstream: "Create Hidden Files or Directories",
        ours: &["Hidden directory made in a temporary directory"],
        perform: hidden_directory,
    },
];

fn clear_log(stage: &Stage) -> Result<Doer> {
    let log = stage.file("…/syslog", "something happened\n")?;
    act(Command::new("cp").arg("/dev/null").arg(log))
}

fn delete_history(stage: &Stage) -> Result<Doer> {
    let history = stage.file("ash_history", "id\n")?;
    act(Command::new("rm").arg(history))
}

fn run_from_memory(_: &Stage) -> Result<Doer> {
    act(Command::new("perl").args(["-e", &perl::run_from_memory("/usr/bin/true")]))
}

fn trace_me(_: &Stage) -> Result<Doer> {
    act(Command::new("perl").args(["-e", &perl::trace_me()]))
}

fn decode(stage: &Stage) -> Result<Doer> {
    stage.contain(&["echo", "ZWNobyBoZWxsbwo=", "|", "base64", "-d"])
}

fn drift_by_chmod(stage: &Stage) -> Result<Doer> {
    stage.contain(&["sh", "-c", "touch /tmp/drift && chmod 0755 /tmp/drift"])
}

fn drift_by_open(stage: &Stage) -> Result<Doer> {
    stage.contain(&["perl", "-e", &perl::open("/tmp/drift", "0101", "0755")])
}

fn file_in_dev(stage: &Stage) -> Result<Doer> {
    stage.contain(&["touch", "/dev/vigie-action"])
}

fn hidden_directory(stage: &Stage) -> Result<Doer> {
    act(Command::new("mkdir").arg(stage.path(".hidden")))
}
