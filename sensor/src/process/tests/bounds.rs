//! What gives way when there is no room.

use super::*;

const INIT: ProcessKey = ProcessKey { pid: 1, start: 1 };

fn small(processes: usize) -> ProcessTable {
    ProcessTable::new(Limits { processes, ..Limits::default() })
}

/// Forks `count` children that end at once; their ids and starts begin at `first`.
fn storm(table: &mut ProcessTable, parent: ProcessKey, first: u32, count: u32) {
    for pid in first..first + count {
        let child = key(pid, u64::from(pid) * 1000);
        told(table, &[fork(parent, child, child.start), exit(child, 0, child.start + 1)]);
    }
}

#[test]
fn a_storm_of_short_lives_stays_within_the_bound_and_spares_the_living() {
    let mut table = small(100);
    let daemon = key(2, 2);
    told(&mut table, &[exec(INIT, "/sbin/init", 5), fork(INIT, daemon, 6), exec(daemon, "/usr/sbin/d", 7)]);
    storm(&mut table, INIT, 1000, 20_000);
    assert_eq!(table.len(), 100);
    assert_eq!(exe_at(&table, daemon, 8).as_deref(), Some("/usr/sbin/d"));
    assert_eq!(table.counters().evicted_live, 0);
    assert_eq!(table.counters().evicted_exited, 20_002 - 100);
}

#[test]
fn living_processes_give_way_to_younger_ones_when_nothing_else_is_left() {
    let mut table = small(10);
    table.apply(&exec(INIT, "/sbin/init", 5));
    for pid in 100..200 {
        table.apply(&fork(INIT, key(pid, u64::from(pid)), u64::from(pid)));
    }
    assert_eq!(table.len(), 10);
    assert_eq!(table.counters().evicted_live, 91);
    assert!(table.get(INIT).is_some(), "it was heard of all the time");
    assert!(table.get(key(199, 199)).is_some());
}

#[test]
fn ended_ancestors_outlive_ended_processes_without_descendants() {
    let mut table = small(50);
    let (middle, worker) = (key(2, 2), key(3, 3));
    told(&mut table, &[exec(INIT, "/sbin/init", 1), fork(INIT, middle, 2), exec(middle, "/bin/sh", 2)]);
    told(&mut table, &[fork(middle, worker, 3), exit(middle, 0, 4)]);
    storm(&mut table, INIT, 1000, 5_000);
    let line: Vec<_> = table.ancestors(worker).map(Process::key).collect();
    assert_eq!(line, [middle, INIT]);
    table.apply(&exit(worker, 0, 99));
    storm(&mut table, INIT, 10_000, 5_000);
    assert!(table.get(middle).is_none(), "nothing keeps it once its descendants are forgotten");
}

#[test]
fn a_process_that_runs_program_after_program_keeps_the_last_few() {
    let mut table = ProcessTable::new(Limits { older_images: 2, ..Limits::default() });
    for time in 10..20 {
        table.apply(&exec(INIT, &format!("/bin/{time}"), time));
    }
    assert_eq!(exe_at(&table, INIT, 19).as_deref(), Some("/bin/19"));
    assert_eq!(exe_at(&table, INIT, 17).as_deref(), Some("/bin/17"));
    assert_eq!(exe_at(&table, INIT, 16), None, "not known any more, and not guessed");
    assert_eq!(table.counters().images_dropped, 7);
}

/// An exec of which every string is as long as the kernel sends it.
fn fat(of: ProcessKey, time: u64) -> Event {
    let long = [b'x'; 4096];
    let exec = Exec {
        argv: Argv::new(&long, &long[..1024], 2 << 20, 9),
        filename: long.into(),
        exe: FilePath::new(long, 0),
        cwd: FilePath::new(long, 0),
        ..Exec::default()
    };
    Event { header: header(of, time), body: Body::Exec(Arc::new(exec)) }
}

#[test]
fn long_arguments_of_many_living_processes_are_trimmed_not_kept() {
    let limits = Limits { image_bytes: 1 << 20, processes: 2_000, ..Limits::default() };
    let mut table = ProcessTable::new(limits);
    for pid in 1..=2_000 {
        let process = key(pid, u64::from(pid));
        for round in 0..3 {
            table.apply(&fat(process, 10_000 + round));
        }
    }
    let counters = *table.counters();
    assert!(counters.images_trimmed > 5_000, "{counters:?}");
    assert_eq!((table.len(), counters.evicted_live), (2_000, 0), "nobody had to go for it");
    // Two images of 2,000 processes, each under 2 KiB, on top of the bound.
    assert!(table.image_bytes() < (1 << 20) + 2_000 * 2 * 2_048, "{} bytes", table.image_bytes());
    let image = table.get(key(2_000, 2_000)).unwrap().image().unwrap();
    assert!(image.trimmed && image.exec.argv.is_truncated() && image.exec.exe.is_truncated());
    assert_eq!((image.exec.argv.total_len(), image.exec.argv.argc()), (2 << 20, 9));
}

#[test]
fn ended_processes_make_room_for_the_images_of_living_ones() {
    let mut table = ProcessTable::new(Limits { image_bytes: 1 << 20, ..Limits::default() });
    for pid in 1..=1_000 {
        let process = key(pid, u64::from(pid) * 1_000);
        told(&mut table, &[fat(process, process.start + 1), exit(process, 0, process.start + 2)]);
    }
    assert_eq!(table.counters().images_trimmed, 0);
    assert!(table.image_bytes() <= 1 << 20);
    assert!(table.counters().evicted_exited > 900);
}

#[test]
fn memory_of_images_is_given_back() {
    let mut table = small(10);
    for pid in 1..=100 {
        let process = key(pid, u64::from(pid) * 1_000);
        told(&mut table, &[fat(process, process.start + 1), exit(process, 0, process.start + 2)]);
    }
    let ten = table.image_bytes();
    let held = Arc::clone(table.get(key(100, 100_000)).unwrap().image().unwrap());
    storm(&mut table, key(5_000, 5_000), 10_000, 100);
    let one = table.image_bytes();
    assert!(one > 0 && ten / one >= 10, "{ten} bytes of ten images, {one} of the one still held");
    drop(held);
    assert_eq!(table.image_bytes(), 0);
}

#[test]
fn a_full_table_of_usual_processes_takes_less_than_36_mb() {
    let mut table = table();
    table.apply(&exec(INIT, "/sbin/init", 5));
    for pid in 2..40_000 {
        let child = key(pid, u64::from(pid) * 1_000);
        let mut event = exec(child, "/usr/lib/x86_64-linux-gnu/helper", child.start + 1);
        if let Body::Exec(exec) = &mut event.body {
            let exec = Arc::get_mut(exec).unwrap();
            exec.argv = Argv::new(&[b'a'; 120], &[], 120, 6);
            exec.cwd = FilePath::new(*b"/var/lib/service/work", 0);
        }
        told(&mut table, &[fork(INIT, child, child.start), event]);
    }
    assert_eq!(table.len(), Limits::default().processes);
    // Key, entry and links of the list; a slot of the map, which is between half and seven eighths full.
    let entry = size_of::<Process>() + 48 + 2 * 24;
    let bytes = table.image_bytes() + table.len() * (entry + 2 * 16);
    assert!(bytes < 36_000_000, "{bytes} bytes");
    assert_eq!(table.counters().images_trimmed, 0);
}

#[test]
fn counters_have_names() {
    let rows: Vec<_> = table().counters().rows().collect();
    assert!(rows.contains(&("orphans", 0)) && rows.contains(&("evicted_live", 0)));
}
