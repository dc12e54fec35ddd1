//! Many processes: ids that come round again, and more of them than anyone looks at.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use crate::support::{Assembly, Event, Place, Proc, Sensor, at_least, busybox, in_guest, run, scaled, want};

/// Few enough ids that each comes round several times.
const FEW: &str = "400";
const PID_MAX: &str = "/proc/sys/kernel/pid_max";
/// Most memory that the sensor may take, in kilobytes, its rings and program included.
const MAX_RESIDENT: u32 = 120_000;

/// Of a process the event of its start or end, by identity.
fn by_identity<'e>(events: &'e [Event], kind: &str, program: &str) -> BTreeMap<(u64, u64), &'e Event> {
    let ours =
        events.iter().filter(|event| event.matches(&want! { "evt.type" => kind, "proc.exepath" => program }));
    ours.map(|event| ((event.number("proc.pid"), event.number("proc.pid.ts")), event)).collect()
}

#[test]
fn no_event_is_attributed_to_an_earlier_process_of_the_same_id() {
    if !in_guest() && !at_least(6, 14) {
        println!("skipped: before Linux 6.14 the number of ids is the whole host's ({PID_MAX})");
        return;
    }
    let place = Place::new();
    let program = place.program("numbered", &Assembly::nothing());
    let path = program.to_str().unwrap();
    let mut sensor = Sensor::events(&[]);
    let count = scaled(3000, 1000);
    let body = format!("i=0; while [ $i -lt {count} ]; do {path} $i; i=$((i+1)); done");
    let mut shell = Command::new(busybox());
    let script = if in_guest() {
        format!("old=$(cat {PID_MAX}); echo {FEW} >{PID_MAX}; {body}; echo $old >{PID_MAX}")
    } else {
        shell.args(["unshare", "-p", "-f", "-m", "--mount-proc"]).arg(busybox());
        format!("echo {FEW} >{PID_MAX} && {body}")
    };
    run(shell.args(["sh", "-c", &script]));
    sensor.fence();
    let (execs, exits) =
        (by_identity(&sensor.events, "execve", path), by_identity(&sensor.events, "procexit", path));
    assert_eq!(execs.len(), count as usize, "each process has an identity of its own");
    assert_eq!(exits.len(), count as usize);
    for (identity, exec) in &execs {
        assert_eq!(exits[identity].get("proc.args"), exec.get("proc.args"), "{exec}");
    }
    let numbers: BTreeSet<_> = execs.values().map(|exec| exec.text("proc.args").to_owned()).collect();
    assert_eq!(numbers.len(), count as usize);
    let ids: BTreeSet<_> = execs.values().map(|exec| exec.number("proc.vpid")).collect();
    assert!(ids.len() <= 400, "{} ids were in use", ids.len());
    sensor.stop().summary.adds_up();
}

#[test]
fn twenty_thousand_forks_leave_the_sensor_small_and_every_one_counted() {
    let mut sensor = Sensor::events(&[]);
    let count = scaled(20_000, 2000);
    let script = format!(
        "i=0; while [ $i -lt {count} ]; do (:) & i=$((i+1)); [ $((i % 200)) = 0 ] && wait; done; wait"
    );
    let ended = run(Command::new(busybox()).args(["sh", "-c", &script]));
    sensor.fence();
    let forks = sensor.all(&want! { "proc.pid" => ended.pid, "evt.category" => "process" });
    let forks = forks.iter().filter(|event| !event.get("evt.arg.child_pid").is_null()).count();
    assert_eq!(forks, count as usize);
    let resident = Proc(sensor.pid()).status_size("VmRSS");
    assert!(resident < MAX_RESIDENT, "{resident} kB");
    let finished = sensor.stop();
    finished.summary.adds_up();
    finished.summary.lost_nothing();
    assert!(finished.summary.get("process", "forks") >= u64::from(count));
    assert_eq!(finished.summary.get("process", "evicted_live"), 0);
}
