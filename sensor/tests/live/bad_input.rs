//! What cannot work is refused in one clear line with its own exit code; what can, goes on.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::PermissionsExt, net::UnixListener, process::CommandExt},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{
    Assembly, Cgroup, Event, Living, Place, Said, Sensor, call, device_and_inode, run, said, vigie,
    vigie_path, want,
};

/// Asserts that all it said is one line, which holds all of `words`.
#[track_caller]
fn in_one_line(said: &Said, code: i32, words: &[&str]) {
    said.refused(code, words);
    assert_eq!(said.errors.lines().count(), 1, "{said:?}");
    assert!(said.errors.starts_with("vigie: error: "), "{said:?}");
    assert_eq!(said.output, "", "{said:?}");
}

/// A copy of the program under test where any user can run it.
fn public_vigie(place: &Place) -> PathBuf {
    let program = place.join("vigie");
    fs::copy(vigie_path(), &program).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    program
}

#[test]
fn without_root_nothing_starts() {
    let place = Place::new();
    let program = public_vigie(&place);
    for verb in ["events", "run"] {
        let said = said(Command::new(&program).arg(verb).uid(65_534).gid(65_534));
        in_one_line(&said, 4, &["root", "CAP_BPF"]);
    }
}

#[test]
fn a_ring_of_an_odd_size_is_refused_with_the_next_one() {
    for (size, next) in [("65000", "65536"), ("3000000", "4194304"), ("100", "4096"), ("3K", "4096")] {
        for verb in ["events", "run"] {
            let said = vigie(&[verb, "--ring-size", size]);
            said.refused(2, &["--ring-size", next]);
        }
    }
    vigie(&["events", "--ring-size", "much"]).refused(2, &["--ring-size", "64K"]);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    vigie(&["watch"]).refused(2, &["watch"]);
    vigie(&["events", "--duration", "soon"]).refused(2, &["--duration"]);
    vigie(&["events", "--tier", "lsm2"]).refused(2, &["--tier", "tracepoint"]);
    vigie(&["rules", "check"]).refused(2, &["PATH"]);
}

/// A rule file that is right but for what `condition` brings.
fn rules_with(condition: &str) -> String {
    format!(
        "- rule: test\n  desc: a test\n  condition: >\n    {condition}\n  output: it happened\n  priority: WARNING\n"
    )
}

#[test]
fn rules_that_cannot_be_used_are_refused_with_file_and_line() {
    let place = Place::new();
    let file = |name: &str, text: &str| place.file(name, text.as_bytes()).to_str().unwrap().to_owned();
    let missing = place.join("missing.yaml").to_str().unwrap().to_owned();
    let cases = [
        (missing.clone(), missing.clone(), "missing"),
        (
            file("field.yaml", &rules_with("evt.type = execve and proc.nmae = x")),
            "field.yaml:".into(),
            "proc.name",
        ),
        (
            file("syntax.yaml", &rules_with("evt.type = execve and (proc.name = x")),
            "syntax.yaml:".into(),
            ")",
        ),
        (
            file("macro.yaml", &rules_with("evt.type = execve and no_such_macro")),
            "macro.yaml:".into(),
            "no_such_macro",
        ),
        (file("yaml.yaml", "- rule: [\n"), "yaml.yaml:".into(), "yaml"),
    ];
    for (path, place, word) in cases {
        for arguments in [vec!["rules", "check", &path], vec!["run", "--rules", &path]] {
            let said = vigie(&arguments);
            said.refused(3, &[&place, word]);
        }
    }
}

#[test]
fn rules_that_may_not_be_read_are_named() {
    let place = Place::new();
    let program = public_vigie(&place);
    let rules = place.file("rules.yaml", rules_with("evt.type = execve").as_bytes());
    fs::set_permissions(&rules, PermissionsExt::from_mode(0o600)).unwrap();
    let said = said(Command::new(program).args(["rules", "check"]).arg(&rules).uid(65_534).gid(65_534));
    said.refused(3, &[rules.to_str().unwrap(), "ermission denied"]);
}

#[test]
fn a_file_that_cannot_be_written_is_refused() {
    let place = Place::new();
    let path = place.join("no/such/directory/events.json");
    for verb in ["events", "run"] {
        let said = vigie(&[verb, "--file", path.to_str().unwrap()]);
        in_one_line(&said, 1, &[path.to_str().unwrap(), "No such file"]);
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let mut command = Command::new(vigie_path());
    command.args(["events", "--docker-socket", "/no.sock"]).stdin(Stdio::null());
    let mut sensor = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(sensor.stdout.take());
    let errors = BufReader::new(sensor.stderr.take().unwrap());
    let mut lines = errors.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("vigie: version ")));
    // Whatever is written now fails.
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    run(&mut Command::new(program));
    let rest: Vec<String> = lines.collect();
    assert!(sensor.wait().unwrap().success(), "{rest:#?}");
    assert!(rest.iter().any(|line| line.contains("kernel.ProcessExec: ")), "{rest:#?}");
    assert!(!rest.iter().any(|line| line.contains("panicked")), "{rest:#?}");
}

/// An exec in a cgroup that looks like a container's.
fn exec_in_container(sensor: &mut Sensor, place: &Place, cgroup: &Cgroup) -> Event {
    let target = place.program("target", &Assembly::nothing());
    let mut program = Assembly::default();
    program.wait_for_input();
    let path = program.string(target.to_str().unwrap().as_bytes());
    program.must(call::EXECVE, &[path.into(), 0.into(), 0.into()]);
    let mut child = Living::start(&mut Command::new(place.program("waiting", &program)));
    cgroup.attach(child.pid());
    child.write(b"\n");
    let pid = child.pid();
    assert!(child.release().success());
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid, "proc.name" => "target" })
}

/// With an engine that answers like this, events still come, and the container is unverified.
fn detection_goes_on(answer: Option<&'static [u8]>) {
    let place = Place::new();
    let socket = place.join("docker.sock");
    let engine = UnixListener::bind(&socket).unwrap();
    if let Some(answer) = answer {
        // Ends with the test's process: the last accept never comes back.
        let engine = engine.try_clone().unwrap();
        thread::spawn(move || {
            for mut connection in engine.incoming().flatten() {
                // The sensor may have hung up already.
                drop(connection.write_all(answer));
            }
        });
    }
    let mut sensor = Sensor::events(&["--docker-socket", socket.to_str().unwrap()]);
    let (_, inode) = device_and_inode(&socket);
    let id = format!("{inode:0>64x}");
    let cgroup = Cgroup::create(format!("docker-{id}.scope").as_bytes()).unwrap();
    for _ in 0..3 {
        let exec = exec_in_container(&mut sensor, &place, &cgroup);
        exec.is(&want! { "container.id" => id[..12], "vigie.container.verified" => false });
        assert!(!exec.text("vigie.container.unverified").is_empty(), "{exec}");
    }
    sensor.fence();
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    finished.summary.adds_up();
    drop(engine);
}

#[test]
fn a_container_engine_that_hangs_does_not_stop_detection() {
    detection_goes_on(None);
}

#[test]
fn a_container_engine_that_returns_garbage_does_not_stop_detection() {
    detection_goes_on(Some(b"\x00\xff garbage, not HTTP\r\n\r\n{\"Id\": [[[["));
}

#[test]
fn a_container_engine_that_returns_broken_json_does_not_stop_detection() {
    detection_goes_on(Some(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"Id\": [[[["));
}

#[test]
fn a_second_signal_does_not_hurt() {
    let sensor = Sensor::events(&[]);
    let pid = Pid::from_raw(i32::try_from(sensor.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    // It may have ended in between, but it has not been waited for.
    kill_process(pid, Signal::TERM).unwrap();
    let finished = sensor.finish();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    finished.summary.adds_up();
}
