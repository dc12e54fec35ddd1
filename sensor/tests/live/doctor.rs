//! What the doctor says is what the kernel does.

use std::{os::unix::fs::PermissionsExt, process::Command};

use crate::support::{Place, Said, Sensor, Tier, doctor, in_guest, said, unique, vigie, vigie_path, want};

/// The state of a hook in a report.
#[track_caller]
fn state<'r>(report: &'r Said, hook: &str) -> &'r str {
    let lines = report.output.lines().filter_map(|line| line.strip_prefix("hook "));
    let mut states = lines.filter_map(|line| line.split_once(' ').filter(|(name, _)| *name == hook));
    states.next().unwrap_or_else(|| panic!("no hook {hook} in {}", report.output)).1.trim_start()
}

#[track_caller]
fn value<'r>(report: &'r Said, label: &str) -> &'r str {
    let line = report.output.lines().find_map(|line| line.strip_prefix(label)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {label} in {}", report.output)).trim_start()
}

const TRACEPOINTS: [&str; 5] =
    ["sys_exit_open", "sys_exit_openat", "sys_exit_openat2", "sys_exit_creat", "sys_exit_open_by_handle_at"];
const BOTH: [&str; 6] = [
    "sched_process_fork",
    "sched_process_exec",
    "sched_process_exit",
    "cgroup_mkdir",
    "cgroup_attach_task",
    "cgroup_rmdir",
];

#[test]
fn the_tier_is_the_one_that_events_come_by() {
    let report = doctor();
    assert_eq!(report.code, Some(0), "{report:?}");
    let mut sensor = Sensor::events(&["--only", "file"]);
    let (name, unverified) = match sensor.tier {
        Tier::Lsm => ("lsm", false),
        Tier::Tracepoint => ("tracepoint", true),
    };
    assert!(value(report, "tier").starts_with(&format!("{name}: ")), "{}", report.output);
    let missing = Place::new().join(unique("missing"));
    std::fs::File::open(&missing).unwrap_err();
    let open = sensor.until(&want! { "fd.nameraw" => missing });
    open.is(&want! { "vigie.fd.unverified" => unverified, "vigie.tier" => name });
    // Every kernel of the guests allows trampolines; a host that refuses them gets the other tier.
    if in_guest() {
        assert_eq!(sensor.tier, Tier::Lsm, "{}", report.output);
    }
}

#[test]
fn hooks_are_on_in_their_tier_and_say_why_they_are_off() {
    let report = doctor();
    for hook in BOTH {
        assert_eq!(state(report, hook), "on", "{hook}");
    }
    let named = [state(report, "do_filp_open"), state(report, "do_file_open")];
    if value(report, "tier").starts_with("lsm: ") {
        assert_eq!(named.iter().filter(|state| **state == "on").count(), 1, "{named:?}");
        for hook in TRACEPOINTS {
            assert_eq!(state(report, hook), "not needed on this kernel", "{hook}");
        }
    } else {
        for hook in TRACEPOINTS {
            assert_eq!(state(report, hook), "on", "{hook}");
        }
        // Why, and what it costs.
        for state in named {
            assert!(state.starts_with("off: ") && state.contains("io_uring"), "{state}");
        }
        assert!(named.iter().any(|state| state.contains("Operation not permitted")), "{named:?}");
    }
}

#[test]
fn the_tracepoint_tier_can_be_asked_for() {
    let report = vigie(&["doctor", "--tier", "tracepoint"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    assert!(value(&report, "tier").starts_with("tracepoint: "), "{}", report.output);
    for hook in BOTH.iter().chain(&TRACEPOINTS) {
        assert_eq!(state(&report, hook), "on", "{hook}");
    }
    let mut sensor = Sensor::events(&["--tier", "tracepoint"]);
    assert_eq!(sensor.tier, Tier::Tracepoint);
    sensor.fence();
    sensor.stop().summary.adds_up();
}

#[test]
fn the_host_is_described() {
    let report = doctor();
    let release = rustix::system::uname().release().to_str().unwrap().to_owned();
    assert_eq!(value(report, "kernel"), release);
    assert_eq!(value(report, "BTF"), "present");
    assert_eq!(value(report, "privileges"), "sufficient");
    let mount = crate::support::Cgroup::mount();
    assert_eq!(value(report, "cgroup v2"), mount.to_str().unwrap());
}

#[test]
fn without_privileges_it_says_so_and_tries_nothing() {
    use std::os::unix::process::CommandExt;
    let place = Place::new();
    // Where other users can run it.
    let program = place.join("vigie");
    std::fs::copy(vigie_path(), &program).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let report = said(Command::new(program).arg("doctor").uid(65_534).gid(65_534));
    assert_eq!(report.code, Some(4), "{report:?}");
    assert!(value(&report, "privileges").contains("root"), "{}", report.output);
    assert!(!report.output.contains("hook "), "{}", report.output);
}
