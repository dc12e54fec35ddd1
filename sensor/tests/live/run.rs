//! `vigie run`: alerts.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path, process::Command};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Assembly, Event, Place, Sensor, busybox, run, unique, vigie, want};

/// Reads the host's own password file; gives the reader's process.
fn read_shadow() -> u32 {
    run(Command::new(busybox()).args(["cat", "/etc/shadow"])).pid
}

/// The alert about that.
fn alert_of(sensor: &mut Sensor, pid: u32) -> Event {
    sensor.until(&want! { "proc.pid" => pid, "fd.name" => "/etc/shadow" })
}

/// A rule file with one rule, on the exec of a program at this path.
fn rule_on_exec_of(place: &Place, path: &Path) -> String {
    let rule = format!(
        "- rule: Test program started\n  desc: the test started its program\n  \
         condition: evt.type = execve and proc.exepath = \"{}\"\n  \
         output: started pid=%proc.pid parent=%proc.pname args=%proc.args container=%container.id\n  \
         priority: NOTICE\n  tags: [test, live]\n",
        path.display()
    );
    place.file("rules.yaml", rule.as_bytes()).to_str().unwrap().to_owned()
}

#[test]
fn reading_the_password_file_is_an_alert_in_falcos_shape() {
    let mut sensor = Sensor::run(&[]);
    let pid = read_shadow();
    let alert = alert_of(&mut sensor, pid);
    for name in ["time", "rule", "priority", "source", "hostname", "output"] {
        assert!(!alert.text(name).is_empty(), "{name} in {alert}");
    }
    assert!(alert.get("tags").as_array().is_some_and(|tags| !tags.is_empty()), "{alert}");
    alert.is(
        &want! { "source" => "syscall", "hostname" => rustix::system::uname().nodename().to_str().unwrap() },
    );
    assert!(alert.text("time").ends_with('Z') && alert.text("time").contains('T'), "{alert}");
    assert!(alert.text("output").contains("/etc/shadow"), "{alert}");
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    // One read is one alert.
    assert_eq!(finished.all(&want! { "proc.pid" => pid }).len(), 1);
    finished.summary.adds_up();
    assert_eq!(finished.summary.get("rules", "alerts"), finished.events.len() as u64);
}

#[test]
fn the_password_file_is_known_by_any_name() {
    let place = Place::new();
    let link = place.join("link");
    std::os::unix::fs::symlink("/etc/shadow", &link).unwrap();
    let mut sensor = Sensor::run(&[]);
    for path in [link.to_str().unwrap(), "/etc/../etc/./shadow", "/proc/self/root/etc/shadow"] {
        let reader = run(Command::new(busybox()).args(["cat", path]));
        alert_of(&mut sensor, reader.pid);
    }
}

#[test]
fn own_rules_replace_the_default_ones() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let rules = rule_on_exec_of(&place, &program);
    let mut sensor = Sensor::run(&["--rules", &rules]);
    read_shadow();
    let ended = run(Command::new(&program).args(["one", "two"]));
    let alert = sensor.until(&want! { "rule" => "Test program started" });
    alert.is(&want! {
        "priority" => "Notice", "tags" => ["test", "live"], "proc.pid" => ended.pid, "proc.args" => "one two",
        "container.id" => "host",
    });
    let output = alert.text("output");
    assert!(output.contains(&format!("started pid={} parent=", ended.pid)), "{alert}");
    assert!(output.contains("args=one two container=host"), "{alert}");
    let finished = sensor.stop();
    assert_eq!(finished.events.len(), 1, "nothing but the own rule alerts");
}

#[test]
fn a_directory_of_rules_is_read() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let rules = rule_on_exec_of(&place, &program);
    let directory = place.directory("rules.d");
    fs::rename(rules, directory.join("own.yaml")).unwrap();
    let mut sensor = Sensor::run(&["--rules", directory.to_str().unwrap()]);
    let ended = run(&mut Command::new(&program));
    sensor.until(&want! { "rule" => "Test program started", "proc.pid" => ended.pid });
}

#[test]
fn hostile_output_is_one_lossless_line() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let rules = rule_on_exec_of(&place, &program);
    let mut sensor = Sensor::run(&["--rules", &rules]);
    let hostile = b"\xff\n\x1b[2J\"},{";
    let ended = run(Command::new(&program).arg(OsStr::from_bytes(hostile)));
    let alert = sensor.until(&want! { "proc.pid" => ended.pid });
    assert_eq!(alert.bytes("proc.args"), hostile);
    let finished = sensor.stop();
    assert_eq!(finished.events.len(), 1);
}

#[test]
fn text_is_escaped() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let rules = rule_on_exec_of(&place, &program);
    let file = place.join("alerts.txt");
    let sensor = Sensor::run_as_text(&["--rules", &rules, "--file", file.to_str().unwrap()]);
    run(Command::new(&program).arg("a\n\u{1b}[2Jb"));
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 1, "{text:?}");
    assert!(text.contains(r"args=a\n\u{1b}[2Jb"), "{text:?}");
    assert!(!text.trim_end().contains(|c: char| c.is_control()), "{text:?}");
    assert!(text.contains(": Notice started pid="), "{text:?}");
}

#[test]
fn a_run_ends_when_its_time_is_up() {
    let mut sensor = Sensor::run(&["--duration", "3s"]);
    let pid = read_shadow();
    alert_of(&mut sensor, pid);
    let finished = sensor.finish();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    finished.summary.adds_up();
}

#[test]
fn counters_are_printed_on_request_while_it_runs() {
    let mut sensor = Sensor::run(&[]);
    let pid = read_shadow();
    alert_of(&mut sensor, pid);
    sensor.signal(Signal::USR1);
    for group in ["kernel.ProcessExec: seen=", "kernel.FileOpen: seen=", "rules: ", "sink: "] {
        sensor.until_note(&format!("vigie: {group}"));
    }
    let pid = read_shadow();
    alert_of(&mut sensor, pid);
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    let summaries = finished.notes.iter().filter(|note| note.starts_with("vigie: kernel.ProcessExec: "));
    assert_eq!(summaries.count(), 2, "one on request and one at the end: {:#?}", finished.notes);
}

#[test]
fn alerts_are_appended_to_a_file_that_others_cannot_read() {
    let place = Place::new();
    let path = place.join("alerts.json");
    let mut pids = Vec::new();
    for _ in 0..2 {
        let sensor = Sensor::run(&["--file", path.to_str().unwrap()]);
        pids.push(read_shadow());
        let finished = sensor.stop();
        assert!(finished.status.success(), "{:#?}", finished.notes);
        assert_eq!(finished.events.len(), 0, "nothing goes to standard output");
    }
    let text = fs::read_to_string(&path).unwrap();
    let alerts: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let alerted: Vec<_> = alerts.iter().map(|alert| alert["output_fields"]["proc.pid"].clone()).collect();
    assert!(pids.iter().all(|pid| alerted.contains(&Value::from(*pid))), "{pids:?} in {text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_runs_at_once_both_alert() {
    let mut first = Sensor::run(&[]);
    let mut second = Sensor::run(&[]);
    let pid = read_shadow();
    for sensor in [&mut first, &mut second] {
        alert_of(sensor, pid);
    }
    let ended = first.stop();
    assert!(ended.status.success(), "{:#?}", ended.notes);
    // The end of one leaves the other as it was.
    let pid = read_shadow();
    alert_of(&mut second, pid);
    second.stop().summary.adds_up();
}

#[test]
fn a_hangup_loads_the_rules_anew_and_bad_ones_leave_those_in_force() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let rules = rule_on_exec_of(&place, &program);
    let text = fs::read_to_string(&rules).unwrap();
    let mut sensor = Sensor::run(&["--rules", &rules]);
    let first = run(Command::new(&program).arg("first")).pid;
    sensor.until(&want! { "rule" => "Test program started", "proc.pid" => first });

    fs::write(&rules, text.replace("Test program started", "Renamed").replace("NOTICE", "ERROR")).unwrap();
    sensor.signal(Signal::HUP);
    sensor.until_note("1 rules loaded anew");
    let second = run(Command::new(&program).arg("second")).pid;
    sensor.until(&want! { "rule" => "Renamed", "priority" => "Error", "proc.pid" => second });

    fs::write(&rules, text.replace("proc.exepath", "proc.exepaht")).unwrap();
    sensor.signal(Signal::HUP);
    let note = sensor.until_note("the rules in force stay; the new ones cannot be used:");
    assert!(note.starts_with("vigie: error: "), "{note}");
    sensor.until_note("rules.yaml:3:36: error: unknown field `proc.exepaht`; did you mean `proc.exepath`?");
    let third = run(Command::new(&program).arg("third")).pid;
    sensor.until(&want! { "rule" => "Renamed", "proc.pid" => third });
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    finished.summary.adds_up();
}

#[test]
fn only_what_the_rules_can_use_is_switched_on() {
    let place = Place::new();
    let rules = place.join("rules.yaml");
    let of = |event: &str| {
        format!(
            "- rule: A {event}\n  desc: d\n  condition: evt.type = {event}\n  output: o\n  priority: NOTICE\n"
        )
    };
    fs::write(&rules, of("rmdir")).unwrap();
    let rules = rules.to_str().unwrap();
    let doctor = vigie(&["doctor", "--rules", rules]);
    assert!(doctor.output.contains("on: for `A rmdir`\n"), "{}", doctor.output);

    let mut sensor = Sensor::run(&["--rules", rules]);
    let directory = place.join(unique("gone"));
    fs::create_dir(&directory).unwrap();
    fs::remove_dir(&directory).unwrap();
    sensor.until(&want! { "rule" => "A rmdir" });
    fs::write(rules, of("rmdir") + &of("unlink")).unwrap();
    sensor.signal(Signal::HUP);
    sensor.until_note("2 rules loaded anew");
    fs::write(&directory, "").unwrap();
    fs::remove_file(&directory).unwrap();
    sensor.until(&want! { "rule" => "A unlink" });
    let finished = sensor.stop();
    assert_eq!(finished.summary.get("kernel.FileOpen", "seen"), 0, "{:#?}", finished.summary);
    finished.summary.adds_up();
}
