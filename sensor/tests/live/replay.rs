//! `vigie replay`: what was recorded is judged as it was when it happened.

use std::{collections::BTreeSet, fs, process::Command};

use crate::support::{Event, Place, Sensor, busybox, run, vigie, want};

/// Alerts about these processes, sorted: the rule and its text. Programs and opens come through two rings, so that in
/// which order two sensors tell of them may differ.
fn alerts(events: &[Event], pids: &BTreeSet<u64>) -> Vec<(String, String)> {
    let ours = events.iter().filter(|event| pids.contains(&event.number("proc.pid")));
    let mut alerts: Vec<_> =
        ours.map(|alert| (alert.text("rule").to_owned(), alert.text("output").to_owned())).collect();
    alerts.sort_unstable();
    alerts
}

/// Does what rules look for, each in another way.
fn provoke(place: &Place) {
    let copy = place.executable("cat", &fs::read(busybox()).unwrap());
    let script = place.script("job", &format!("{} cat /etc/shadow\n", busybox().display()));
    let commands = [
        Command::new(busybox()).args(["cat", "/etc/shadow"]).output(),
        Command::new(copy).arg("/etc/shadow").output(),
        Command::new(busybox()).args(["sh", script.to_str().unwrap()]).output(),
    ];
    for output in commands {
        drop(output.unwrap());
    }
}

#[test]
fn a_recording_judged_again_gives_the_alerts_of_the_run() {
    let place = Place::new();
    let mut watcher = Sensor::events(&[]);
    let mut sensor = Sensor::run(&[]);
    provoke(&place);
    // Whatever was to be said of the rest has been said before this.
    let last = run(Command::new(busybox()).args(["cat", "/etc/shadow"])).pid;
    sensor.until(&want! { "proc.pid" => last, "fd.name" => "/etc/shadow" });
    watcher.fence();
    let here = place.path().to_str().unwrap();
    let ours = |event: &&Event| {
        event.get("proc.cmdline").as_str().is_some_and(|line| line.contains("shadow") || line.contains(here))
    };
    let recorded: Vec<&Event> = watcher.events.iter().filter(ours).collect();
    let pids: BTreeSet<u64> = recorded.iter().map(|event| event.number("proc.pid")).collect();
    let live = alerts(&sensor.events, &pids);
    assert!(live.len() >= 4, "{live:?}");
    let lines: Vec<String> = recorded.iter().map(|event| event.line()).collect();
    let file = place.file("recording.jsonl", lines.join("\n").as_bytes());
    let said = vigie(&["replay", file.to_str().unwrap(), "--output", "json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let replayed: Vec<Event> = said.output.lines().map(|line| Event::parse(line.as_bytes())).collect();
    assert_eq!(alerts(&replayed, &pids), live);
}
