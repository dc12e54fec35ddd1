//! Forks, execs, exits, moves, and what can be asked of them afterwards.

use super::*;
use crate::process::Exit;

const INIT: ProcessKey = ProcessKey { pid: 1, start: 1 };
const SHELL: ProcessKey = ProcessKey { pid: 10, start: 100 };
const CHILD: ProcessKey = ProcessKey { pid: 11, start: 200 };

/// A shell that was forked and executed.
fn with_shell() -> ProcessTable {
    let mut table = table();
    told(&mut table, &[exec(INIT, "/sbin/init", 50), fork(INIT, SHELL, 101), exec(SHELL, "/bin/sh", 150)]);
    table
}

#[test]
fn a_child_runs_its_parents_program_until_it_runs_its_own() {
    let mut table = with_shell();
    told(&mut table, &[fork(SHELL, CHILD, 201), exec(CHILD, "/bin/cat", 250)]);
    assert_eq!(exe_at(&table, CHILD, 200).as_deref(), Some("/bin/sh"));
    assert_eq!(exe_at(&table, CHILD, 249).as_deref(), Some("/bin/sh"));
    assert_eq!(exe_at(&table, CHILD, 250).as_deref(), Some("/bin/cat"));
    assert_eq!(exe_at(&table, CHILD, 199), None, "before it was born");
    let inherited = table.get(CHILD).unwrap().image_at(200).unwrap();
    assert!(Arc::ptr_eq(inherited, table.get(SHELL).unwrap().image().unwrap()));
}

#[test]
fn a_late_event_meets_the_program_that_caused_it() {
    let mut table = with_shell();
    told(&mut table, &[exec(SHELL, "/bin/ls", 160), exec(SHELL, "/bin/id", 170), exit(SHELL, 0, 180)]);
    table.apply(&open(SHELL, 165));
    assert_eq!(exe_at(&table, SHELL, 155).as_deref(), Some("/bin/sh"));
    assert_eq!(exe_at(&table, SHELL, 165).as_deref(), Some("/bin/ls"));
    assert_eq!(exe_at(&table, SHELL, 175).as_deref(), Some("/bin/id"));
    assert_eq!(exe_at(&table, SHELL, 100).as_deref(), Some("/sbin/init"));
    assert_eq!(table.counters().orphans, 0);
}

#[test]
fn a_fork_inherits_what_the_parent_ran_at_that_moment() {
    let mut table = with_shell();
    told(&mut table, &[exec(SHELL, "/bin/ls", 300), fork(SHELL, CHILD, 201)]);
    assert_eq!(exe_at(&table, CHILD, 210).as_deref(), Some("/bin/sh"));
}

#[test]
fn a_fork_told_after_the_exec_still_gives_the_time_before() {
    let mut table = with_shell();
    told(&mut table, &[exec(CHILD, "/bin/cat", 250), fork(SHELL, CHILD, 201)]);
    assert_eq!(exe_at(&table, CHILD, 220).as_deref(), Some("/bin/sh"));
    assert_eq!(exe_at(&table, CHILD, 260).as_deref(), Some("/bin/cat"));
    assert_eq!(table.parent(CHILD).unwrap().key(), SHELL);
}

#[test]
fn ancestors_go_by_creation_and_survive_exits() {
    let mut table = with_shell();
    let grandchild = key(12, 300);
    told(
        &mut table,
        &[
            fork(SHELL, CHILD, 201),
            fork(CHILD, grandchild, 301),
            exit(CHILD, 0, 310),
            exit(SHELL, 0, 320),
            // By now it was given to init.
            exec_of(grandchild, INIT, 1, "/usr/sbin/daemon", 330),
        ],
    );
    let line: Vec<_> = table.ancestors(grandchild).map(Process::key).collect();
    assert_eq!(line, [CHILD, SHELL, INIT]);
    assert_eq!(table.get(CHILD).unwrap().exit(), Some(Exit { time: 310, status: Some(0) }));
    assert_eq!(table.counters().forks_missed, 0);
}

#[test]
fn an_exec_makes_up_for_a_lost_fork() {
    let mut table = with_shell();
    table.apply(&exec_of(CHILD, SHELL, 1, "/bin/cat", 250));
    assert_eq!(table.parent(CHILD).unwrap().key(), SHELL);
    assert_eq!(
        exe_at(&table, CHILD, 220).as_deref(),
        Some("/bin/sh"),
        "what the parent ran when it was born"
    );
    assert_eq!(table.counters().forks_missed, 1);
    assert_eq!(table.counters().orphans, 0, "an exec tells all there is to know");
}

#[test]
fn a_process_never_heard_of_is_entered_and_counted() {
    let mut table = table();
    table.apply(&open(CHILD, 205));
    let process = table.get(CHILD).unwrap();
    assert!(process.image().is_none() && process.parent().is_none());
    assert_eq!(process.cgroup(), CGROUP);
    table.apply(&open(CHILD, 206));
    assert_eq!(table.counters().orphans, 1);
    told(&mut table, &[exec(SHELL, "/bin/sh", 150), fork(SHELL, CHILD, 201)]);
    assert_eq!(exe_at(&table, CHILD, 205).as_deref(), Some("/bin/sh"), "healed by its fork");
    assert_eq!(table.parent(CHILD).unwrap().key(), SHELL);
}

#[test]
fn a_pid_used_again_belongs_to_another_process() {
    let mut table = with_shell();
    let next = key(SHELL.pid, 900);
    told(&mut table, &[fork(INIT, next, 901), exec(next, "/bin/new", 910)]);
    assert_eq!(exe_at(&table, SHELL, 950).as_deref(), Some("/bin/sh"));
    assert_eq!(exe_at(&table, next, 950).as_deref(), Some("/bin/new"));
    assert_eq!(table.get(SHELL).unwrap().exit(), Some(Exit { time: 900, status: None }));
    assert_eq!(table.by_pid(SHELL.pid).unwrap().key(), next);
    assert_eq!(table.counters().exits_inferred, 1);
    table.apply(&exit(SHELL, 9, 890));
    assert_eq!(
        table.get(SHELL).unwrap().exit(),
        Some(Exit { time: 890, status: Some(9) }),
        "the truth came late"
    );
}

#[test]
fn a_late_event_of_a_forgotten_process_does_not_displace_its_successor() {
    let mut table = with_shell();
    table.apply(&open(key(SHELL.pid, 5), 6));
    assert_eq!(table.by_pid(SHELL.pid).unwrap().key(), SHELL);
    assert!(table.get(key(SHELL.pid, 5)).unwrap().exit().is_some());
}

#[test]
fn two_exits_of_one_process_count_once() {
    let mut table = with_shell();
    told(&mut table, &[exit(SHELL, 256, 400), exit(SHELL, 0, 401)]);
    assert_eq!(table.get(SHELL).unwrap().exit(), Some(Exit { time: 400, status: Some(256) }));
    assert_eq!((table.counters().exits, table.counters().exits_repeated), (1, 1));
    assert_eq!(table.live_len(), 1);
}

#[test]
fn the_cgroup_follows_moves_within_v2_in_order_of_time() {
    let mut table = with_shell();
    told(&mut table, &[attach(INIT, SHELL, 500, 0, 400), open(SHELL, 390), attach(INIT, SHELL, 600, 4, 410)]);
    assert_eq!(table.get(SHELL).unwrap().cgroup(), 500);
    table.apply(&open(SHELL, 420));
    assert_eq!(table.get(SHELL).unwrap().cgroup(), CGROUP);
    table.apply(&attach(INIT, key(999, 9), 500, 0, 430));
    assert_eq!(table.counters().moves_unknown, 1);
}

#[test]
fn a_session_leads_back_to_its_leader_even_when_that_has_ended() {
    let mut table = with_shell();
    told(
        &mut table,
        &[
            exec_of(SHELL, INIT, SHELL.pid, "/bin/sh", 160),
            fork(SHELL, CHILD, 201),
            exit(SHELL, 0, 210),
            exec_of(CHILD, INIT, SHELL.pid, "/bin/cat", 250),
        ],
    );
    assert_eq!(table.session_leader(CHILD).unwrap().key(), SHELL);
    assert_eq!(table.session_leader(SHELL).unwrap().key(), SHELL);
}

#[test]
fn a_leader_that_made_its_session_after_its_exec_is_found_among_the_living_or_the_ancestors() {
    let mut table = with_shell();
    let grandchild = key(12, 300);
    told(&mut table, &[fork(SHELL, CHILD, 201), fork(CHILD, grandchild, 301)]);
    table.apply(&exec_of(grandchild, CHILD, CHILD.pid, "/bin/a", 310));
    assert_eq!(table.session_leader(grandchild).unwrap().key(), CHILD);
    told(&mut table, &[exit(SHELL, 0, 320), exec_of(grandchild, CHILD, SHELL.pid, "/bin/b", 330)]);
    assert_eq!(table.session_leader(grandchild).unwrap().key(), SHELL);
    table.apply(&exec_of(grandchild, CHILD, 4242, "/bin/c", 340));
    assert!(table.session_leader(grandchild).is_none());
}

#[test]
fn the_idle_task_is_no_process() {
    let mut table = table();
    let idle = key(0, 0);
    told(&mut table, &[open(idle, 5), fork(idle, INIT, 6)]);
    assert!(table.get(idle).is_none());
    assert!(table.get(INIT).unwrap().parent().is_none());
    assert_eq!(table.counters().orphans, 0);
}

#[test]
fn lines_that_lead_in_a_circle_end() {
    let mut table = table();
    let (a, b) = (key(5, 50), key(6, 60));
    told(&mut table, &[fork(a, b, 70), exec_of(a, b, 1, "/bin/a", 80)]);
    assert!(table.ancestors(a).count() <= 64);
    let (young, old) = (key(7, 90_000_000), key(8, 10));
    table.apply(&exec_of(old, young, 1, "/bin/b", 90_000_001));
    table.apply(&open(young, 90_000_002));
    assert_eq!(table.ancestors(old).count(), 0, "nobody is made by a younger process");
    table.apply(&exec_of(key(9, 20), key(9, 20), 1, "/bin/c", 30));
    assert_eq!(table.ancestors(key(9, 20)).count(), 0, "nobody makes himself");
}

#[test]
fn the_image_keeps_the_credentials_of_the_exec() {
    let mut table = table();
    let mut event = exec(SHELL, "/usr/bin/sudo", 150);
    (event.header.uid, event.header.euid, event.header.gid, event.header.mnt_ns) = (1000, 0, 7, 4);
    table.apply(&event);
    let image = table.get(SHELL).unwrap().image().unwrap();
    assert_eq!((image.uid, image.euid, image.gid, image.mnt_ns, image.time), (1000, 0, 7, 4, 150));
    assert!(!image.from_proc && !image.trimmed);
}

#[test]
fn a_group_is_led_by_the_process_of_its_id_even_after_its_end() {
    let mut table = table();
    told(&mut table, &[exec(SHELL, "/bin/sh", 110), fork(SHELL, CHILD, CHILD.start)]);
    assert_eq!(table.group_leader(CHILD, SHELL.pid, 300).unwrap().key(), SHELL);
    assert_eq!(table.group_leader(CHILD, CHILD.pid, 300).unwrap().key(), CHILD);
    told(&mut table, &[exit(SHELL, 0, 400)]);
    assert_eq!(table.group_leader(CHILD, SHELL.pid, 500).unwrap().key(), SHELL, "an ancestor that has ended");
    assert!(table.group_leader(CHILD, 0, 500).is_none() && table.group_leader(CHILD, 77, 500).is_none());
    let later = key(SHELL.pid, 900);
    told(&mut table, &[exec(later, "/bin/other", 901)]);
    assert_eq!(table.group_leader(CHILD, SHELL.pid, 500).unwrap().key(), SHELL, "not who has the id by now");
}

#[test]
fn images_up_to_a_moment_come_oldest_first() {
    let mut table = table();
    told(&mut table, &[exec(SHELL, "/bin/sudo", 110), exec(SHELL, "/bin/cat", 120)]);
    let until = |time| {
        let images = table.get(SHELL).unwrap().images_until(time);
        images.map(|image| image.exec.exe.file_name().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(until(115), [b"sudo"]);
    assert_eq!(until(120), [&b"sudo"[..], b"cat"]);
    assert!(until(100).is_empty());
}
