//! What processes make of themselves, and rights from nowhere.

use sensor_common::event::Kind;
use sensor_common::event::credential::{CredentialSetid, Credentials};
use sensor_common::event::process::{ProcessGroup, ProcessKill};

use super::*;
use crate::decode::{Call, CredentialCall, ProcessCall, What};

const SHELL: ProcessKey = ProcessKey { pid: 100, start: 1_000 };
const CHILD: ProcessKey = ProcessKey { pid: 101, start: 2_000 };

fn call(of: ProcessKey, kind: Kind, what: What, time: u64) -> Event {
    Event { header: header(of, time), body: Body::Call(Box::new(Call { kind, result: 0, what })) }
}

fn kill(of: ProcessKey, time: u64) -> Event {
    call(of, Kind::ProcessKill, ProcessCall::Kill(ProcessKill::default()).into(), time)
}

fn setuid(of: ProcessKey, time: u64) -> Event {
    let after = Credentials { euid: 7, cap_effective: 1, ..Credentials::default() };
    let facts = CredentialSetid { after, ..CredentialSetid::default() };
    call(of, Kind::CredentialSetid, CredentialCall::Setid(facts).into(), time)
}

/// The same by root.
fn as_root(mut event: Event) -> Event {
    (event.header.uid, event.header.euid) = (0, 0);
    event
}

/// Applies events as the engine does; gives how many escalations showed.
fn escalations(table: &mut ProcessTable, events: &[Event]) -> usize {
    let mut found = 0;
    for event in events {
        found += usize::from(table.escalation(event, 0).is_some());
        table.apply(event);
    }
    found
}

#[test]
fn root_without_a_way_to_it_is_told_once() {
    let mut table = ProcessTable::new(Limits::default());
    table.apply(&exec(SHELL, "/bin/sh", 3_000));
    let event = table.escalation(&as_root(kill(SHELL, 4_000)), 0).unwrap();
    assert_eq!(event.kind(), Kind::CredentialCommit);
    assert_eq!(ProcessKey::of(&event.header), SHELL);
    let Body::Call(call) = event.body else { panic!("not a call") };
    let What::Credential(CredentialCall::Commit(commit)) = call.what else { panic!("not a commit") };
    assert!(commit.is_escalation && commit.is_late);
    assert_eq!((commit.facts.before.uid, commit.facts.before.euid), (1000, 1000));
    assert_eq!((commit.facts.after.uid, commit.facts.after.euid), (0, 0));
    assert_eq!(table.escalation(&as_root(kill(SHELL, 5_000)), 0), None);
    assert_eq!(table.counters().escalations, 1);
}

#[test]
fn a_child_has_no_other_way_than_its_parent() {
    let mut table = ProcessTable::new(Limits::default());
    let born = [exec(SHELL, "/bin/sh", 1_500), fork(SHELL, CHILD, 2_000)];
    assert_eq!(escalations(&mut table, &born), 0);
    assert_eq!(escalations(&mut table, &[as_root(exit(CHILD, 0, 3_000))]), 1);
}

#[test]
fn what_the_kernel_grants_is_no_escalation() {
    let as_exec = [exec(SHELL, "/bin/sh", 1_500), as_root(exec(SHELL, "/usr/bin/sudo", 2_000))];
    let after_call = [exec(SHELL, "/bin/sh", 1_500), as_root(setuid(SHELL, 2_000))];
    let unknown = [open(SHELL, 1_500)];
    let from_root = [as_root(exec(SHELL, "/bin/su", 1_500)), setuid(SHELL, 2_000)];
    let down = [as_root(exec(SHELL, "/bin/su", 1_500)), fork(SHELL, CHILD, 2_000)];
    for (before, of) in
        [(&as_exec[..], SHELL), (&after_call, SHELL), (&unknown, SHELL), (&from_root, SHELL), (&down, CHILD)]
    {
        let mut table = ProcessTable::new(Limits::default());
        assert_eq!(escalations(&mut table, before), 0);
        assert_eq!(escalations(&mut table, &[as_root(kill(of, 3_000))]), 0, "{before:?}");
    }
}

#[test]
fn events_that_may_be_read_out_of_order_tell_nothing() {
    let mut table = ProcessTable::new(Limits::default());
    table.apply(&exec(SHELL, "/bin/sh", 3_000));
    assert_eq!(table.escalation(&as_root(open(SHELL, 4_000)), 0), None);
    assert_eq!(table.escalation(&as_root(kill(SHELL, 2_999)), 0), None);
    assert_eq!(
        table.escalation(&as_root(kill(SHELL, 4_000)), 3_001),
        None,
        "what came before was not watched"
    );
}

#[test]
fn credentials_are_those_of_the_thread_that_changed_them_until_the_next_exec() {
    let mut table = ProcessTable::new(Limits::default());
    let mut change = setuid(SHELL, 2_000);
    change.header.tid = 100;
    told(&mut table, &[exec(SHELL, "/bin/sh", 1_500), change]);
    let euid = |table: &ProcessTable, of, thread, time| {
        table.get(of).unwrap().credentials_of(thread, time).map(|cred| cred.euid)
    };
    assert_eq!(euid(&table, SHELL, 100, 2_000), Some(7));
    assert_eq!(euid(&table, SHELL, 100, 1_999), None, "before the change");
    assert_eq!(euid(&table, SHELL, 105, 2_000), None, "another thread");
    let mut forked = fork(SHELL, CHILD, 2_500);
    forked.header.tid = 100;
    table.apply(&forked);
    assert_eq!(euid(&table, CHILD, 101, 3_000), Some(7));
    table.apply(&exec(SHELL, "/bin/ls", 4_000));
    assert_eq!(euid(&table, SHELL, 100, 5_000), None);
}

#[test]
fn sessions_and_groups_follow_the_calls_and_are_handed_down() {
    let mut table = ProcessTable::new(Limits::default());
    let group = |pid, pgid, sid, own_pgid| {
        ProcessCall::Group(ProcessGroup { result: 0, pid, pgid, sid, own_pgid }).into()
    };
    let mut birth = fork(SHELL, CHILD, 2_000);
    let Body::Fork(fork) = &mut birth.body else { panic!("not a fork") };
    (fork.child_pid_ns, fork.child_vpid) = (0xefff_fffc, 101);
    let mut started = exec_of(SHELL, SHELL, 1, "/bin/sh", 1_500);
    let Body::Exec(program) = &mut started.body else { panic!("not an exec") };
    Arc::make_mut(program).facts.pid_ns = 0xefff_fffc;
    told(&mut table, &[started, call(SHELL, Kind::ProcessGroup, group(0, 0, 100, 100), 1_800), birth]);
    let groups = |table: &ProcessTable, of| table.get(of).unwrap().groups();
    assert_eq!((groups(&table, SHELL), groups(&table, CHILD)), (Some((100, 100)), Some((100, 100))));
    // The shell makes its child the leader of a group, as shells do.
    table.apply(&call(SHELL, Kind::ProcessGroup, group(101, 0, 100, 100), 2_100));
    assert_eq!(groups(&table, CHILD), Some((100, 101)));
    assert_eq!(groups(&table, SHELL), Some((100, 100)));
}

#[test]
fn pids_are_those_of_the_callers_namespace() {
    const INNER: u32 = 4_026_532_000;
    let mut table = ProcessTable::new(Limits::default());
    let started = |of, pid_ns, vpid, time| {
        let mut event = exec(of, "/bin/sh", time);
        let Body::Exec(program) = &mut event.body else { panic!("not an exec") };
        (Arc::make_mut(program).facts.pid_ns, Arc::make_mut(program).facts.vpid) = (pid_ns, vpid);
        event
    };
    let (inner, other) = (ProcessKey { pid: 200, start: 1_000 }, ProcessKey { pid: 201, start: 1_100 });
    told(&mut table, &[started(SHELL, 0xefff_fffc, 100, 1_500), started(inner, INNER, 1, 1_500)]);
    told(&mut table, &[started(other, INNER, 2, 1_500)]);
    let named = |table: &ProcessTable, caller, pid, time| table.named_by(caller, pid, time).map(Process::key);
    assert_eq!(named(&table, inner, 2, 2_000), Some(other));
    assert_eq!(named(&table, inner, 201, 2_000), None, "the host's pid means nothing there");
    assert_eq!(named(&table, SHELL, 201, 2_000), Some(other), "and everything here");
    assert_eq!(named(&table, other, 1, 900), None, "not yet born");
    table.apply(&exit(other, 0, 3_000));
    assert_eq!(named(&table, inner, 2, 3_001), Some(other), "a zombie is killed under its name");
    assert_eq!(named(&table, SHELL, 201, 3_001), Some(other));
    table.apply(&open(ProcessKey { pid: 300, start: 5 }, 10));
    assert_eq!(
        named(&table, ProcessKey { pid: 300, start: 5 }, 1, 20),
        None,
        "a caller of whom nothing is known"
    );
}
