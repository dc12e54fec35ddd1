//! Lives of processes, told by events in every order in which they can come.

mod bounds;
mod lives;
mod rights;
mod seeds;

use std::sync::Arc;

use sensor_common::event::process::{ProcessExec, ProcessExit, ProcessFork};
use sensor_common::header::Header;

use super::{Limits, Process, ProcessKey, ProcessTable};
use crate::decode::{Argv, Body, CgroupAttachTask, Event, Exec, FilePath, Open};

/// The cgroup of headers unless a test says otherwise.
const CGROUP: u64 = 77;

fn key(pid: u32, start: u64) -> ProcessKey {
    ProcessKey { pid, start }
}

fn table() -> ProcessTable {
    ProcessTable::new(Limits::default())
}

fn header(of: ProcessKey, time: u64) -> Header {
    Header { pid: of.pid, start: of.start, time, cgroup: CGROUP, uid: 1000, euid: 1000, ..Header::default() }
}

fn fork(parent: ProcessKey, child: ProcessKey, time: u64) -> Event {
    let fork = ProcessFork {
        child_pid: child.pid,
        child_start: child.start,
        child_cgroup: CGROUP,
        ..ProcessFork::default()
    };
    Event { header: header(parent, time), body: Body::Fork(fork) }
}

fn program(path: &str) -> Exec {
    Exec {
        facts: ProcessExec { sid: 1, ..ProcessExec::default() },
        argv: Argv::new(path.as_bytes(), &[], u32::try_from(path.len()).unwrap(), 1),
        filename: path.as_bytes().into(),
        exe: FilePath::new(path.as_bytes(), 0),
        cwd: FilePath::root(),
        ..Exec::default()
    }
}

fn exec(of: ProcessKey, path: &str, time: u64) -> Event {
    Event { header: header(of, time), body: Body::Exec(Arc::new(program(path))) }
}

fn exec_of(of: ProcessKey, parent: ProcessKey, sid: u32, path: &str, time: u64) -> Event {
    let mut exec = program(path);
    exec.facts.parent_pid = parent.pid;
    exec.facts.parent_start = parent.start;
    exec.facts.sid = sid;
    Event { header: header(of, time), body: Body::Exec(Arc::new(exec)) }
}

fn exit(of: ProcessKey, status: u32, time: u64) -> Event {
    Event { header: header(of, time), body: Body::Exit(ProcessExit { status, reserved: 0 }) }
}

fn open(of: ProcessKey, time: u64) -> Event {
    Event { header: header(of, time), body: Body::Open(Box::<Open>::default()) }
}

fn attach(mover: ProcessKey, target: ProcessKey, id: u64, hierarchy: u32, time: u64) -> Event {
    let attach = CgroupAttachTask {
        id,
        hierarchy,
        path: Box::default(),
        target_pid: target.pid,
        target_start: target.start,
    };
    Event { header: header(mover, time), body: Body::CgroupAttachTask(attach) }
}

/// Applies events in order.
fn told(table: &mut ProcessTable, events: &[Event]) {
    for event in events {
        table.apply(event);
    }
}

/// Path of what a process ran at a moment.
fn exe_at(table: &ProcessTable, of: ProcessKey, time: u64) -> Option<String> {
    let image = table.get(of)?.image_at(time)?;
    Some(String::from_utf8(image.exec.exe.as_bytes().to_vec()).unwrap())
}
