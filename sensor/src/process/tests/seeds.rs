//! Processes that /proc told of, meeting events.

use super::*;
use crate::process::{Seed, TICK};

/// When /proc is read.
const READ: u64 = 100 * TICK;
const INIT: ProcessKey = ProcessKey { pid: 1, start: TICK };
const SHELL: ProcessKey = ProcessKey { pid: 10, start: 20 * TICK };
/// The shell as events know it.
const EXACT: ProcessKey = ProcessKey { pid: 10, start: 20 * TICK + 1234 };

fn seed(of: ProcessKey, parent: u32, sid: u32, path: &str) -> Seed {
    let mut exec = program(path);
    exec.facts.parent_pid = parent;
    exec.facts.sid = sid;
    Seed { key: of, uid: 0, euid: 0, gid: 0, mnt_ns: 3, cgroup: (*b"/system.slice").into(), exec }
}

fn cgroup_id(path: &[u8]) -> Option<u64> {
    (path == b"/system.slice").then_some(500)
}

fn seeded() -> ProcessTable {
    let mut table = table();
    let seeds = vec![seed(SHELL, 1, 10, "/bin/sh"), seed(INIT, 0, 1, "/sbin/init")];
    table.seed(seeds, READ, cgroup_id);
    table
}

#[test]
fn seeds_are_marked_and_related() {
    let table = seeded();
    let shell = table.get(SHELL).unwrap();
    assert!(shell.is_seeded() && shell.image().unwrap().from_proc);
    assert_eq!(shell.cgroup(), 500);
    assert_eq!(table.parent(SHELL).unwrap().key(), INIT);
    assert_eq!(table.session_leader(SHELL).unwrap().key(), SHELL);
    assert_eq!(table.counters().seeded, 2);
}

#[test]
fn an_event_finds_the_seed_and_makes_its_start_exact() {
    let mut table = seeded();
    assert!(table.get(EXACT).is_some(), "even before");
    table.apply(&open(EXACT, READ + 1));
    assert_eq!(table.get(EXACT).unwrap().key(), EXACT);
    assert_eq!((table.len(), table.counters().orphans, table.counters().adopted), (2, 0, 1));
    assert_eq!(exe_at(&table, EXACT, READ + 1).as_deref(), Some("/bin/sh"));
    assert_eq!(table.get(EXACT).unwrap().cgroup(), CGROUP, "an event tells it better");
}

#[test]
fn relatives_still_find_a_process_whose_start_became_exact_and_that_ended() {
    let mut table = table();
    let child = key(11, 30 * TICK);
    let seeds = vec![seed(child, 10, 10, "/bin/cat"), seed(SHELL, 1, 10, "/bin/sh")];
    table.seed(seeds, READ, cgroup_id);
    told(&mut table, &[open(EXACT, READ + 1), exit(EXACT, 0, READ + 2)]);
    assert_eq!(table.parent(child).unwrap().key(), EXACT);
    assert_eq!(table.session_leader(child).unwrap().key(), EXACT);
    assert!(table.get(EXACT).unwrap().exit().is_some());
}

#[test]
fn another_process_with_the_id_is_not_the_seed() {
    let mut table = seeded();
    let next = key(SHELL.pid, 200 * TICK + 1);
    table.apply(&fork(INIT, next, next.start + 1));
    assert_eq!(exe_at(&table, next, next.start + 2).as_deref(), Some("/sbin/init"));
    assert!(table.get(SHELL).unwrap().exit().is_some());
}

#[test]
fn a_seed_known_from_events_is_not_entered_twice() {
    let mut table = table();
    told(&mut table, &[fork(INIT, EXACT, EXACT.start), exec(EXACT, "/bin/real", EXACT.start + 1)]);
    let ended = key(12, 50 * TICK + 7);
    told(&mut table, &[fork(INIT, ended, ended.start), exit(ended, 0, ended.start + 1)]);
    let orphan = key(13, 60 * TICK + 7);
    table.apply(&open(orphan, orphan.start + 1));
    let before = table.len();
    let seeds = vec![
        seed(SHELL, 1, 10, "/bin/sh"),
        seed(key(12, 50 * TICK), 1, 1, "/bin/ended"),
        seed(key(13, 60 * TICK), 10, 10, "/bin/orphan"),
    ];
    table.seed(seeds, READ, cgroup_id);
    assert_eq!(table.len(), before);
    assert_eq!(exe_at(&table, EXACT, READ).as_deref(), Some("/bin/real"));
    assert!(table.get(ended).unwrap().image().is_none());
    assert_eq!(exe_at(&table, orphan, READ).as_deref(), Some("/bin/orphan"), "what was missing is filled in");
    assert_eq!(table.parent(orphan).unwrap().key(), EXACT);
}

#[test]
fn what_proc_showed_does_not_shadow_an_exec_that_came_before() {
    let mut table = seeded();
    told(&mut table, &[exec(EXACT, "/bin/first", READ - 20)]);
    assert_eq!(exe_at(&table, EXACT, READ - 10).as_deref(), Some("/bin/first"));
    assert_eq!(exe_at(&table, EXACT, READ - 30), None, "what /proc showed may have been a later program");
    told(&mut table, &[exec(EXACT, "/bin/second", READ - 5)]);
    assert_eq!(exe_at(&table, EXACT, READ).as_deref(), Some("/bin/second"));
}

#[test]
fn what_proc_showed_holds_until_a_later_exec() {
    let mut table = seeded();
    table.apply(&exec(EXACT, "/bin/next", READ + 20));
    assert_eq!(exe_at(&table, EXACT, READ + 10).as_deref(), Some("/bin/sh"));
    assert_eq!(exe_at(&table, EXACT, READ + 20).as_deref(), Some("/bin/next"));
}

#[test]
fn the_fork_of_a_process_that_proc_showed_as_well_gives_the_time_before() {
    let mut table = seeded();
    told(&mut table, &[exec(INIT, "/sbin/other", 19 * TICK), fork(INIT, EXACT, EXACT.start + 1)]);
    assert_eq!(exe_at(&table, EXACT, EXACT.start + 2).as_deref(), Some("/sbin/other"));
    assert_eq!(exe_at(&table, EXACT, READ + 1).as_deref(), Some("/bin/sh"), "if its exec was lost");
    told(&mut table, &[exec(EXACT, "/bin/sh", READ - 1)]);
    assert_eq!(exe_at(&table, EXACT, READ - 2).as_deref(), Some("/sbin/other"));
    assert!(!table.get(EXACT).unwrap().image().unwrap().from_proc);
}

#[test]
fn a_parent_younger_than_its_child_is_another_process_by_now() {
    let mut table = table();
    let seeds = vec![seed(SHELL, 9, 9, "/bin/sh"), seed(key(9, 90 * TICK), 1, 9, "/bin/late")];
    table.seed(seeds, READ, cgroup_id);
    assert!(table.get(SHELL).unwrap().parent().is_none());
}

#[test]
fn seeds_beyond_the_bound_are_counted() {
    let mut table = ProcessTable::new(Limits { processes: 1, ..Limits::default() });
    let seeds = vec![seed(INIT, 0, 1, "/sbin/init"), seed(SHELL, 1, 10, "/bin/sh")];
    table.seed(seeds, READ, cgroup_id);
    assert_eq!((table.len(), table.counters().seeds_refused), (1, 1));
}
