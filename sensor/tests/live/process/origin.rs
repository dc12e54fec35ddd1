//! Where a process comes from: its environment, its group, the file it runs.

use std::{
    net::{TcpListener, TcpStream},
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use crate::support::{Assembly, Living, Place, Sensor, busybox, run, want};

#[test]
fn the_environment_is_captured_on_request_only() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    for (arguments, expected) in
        [(&["--with", "proc.env"][..], Some("A=1 SECRET=x y \u{e9} EMPTY=")), (&[], None)]
    {
        let mut sensor = Sensor::events(arguments);
        let mut command = Command::new(&program);
        let ended = run(command.env_clear().env("A", "1").env("SECRET", "x y \u{e9}").env("EMPTY", ""));
        let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
        let sorted = |text: &str| {
            let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        assert_eq!(exec.get("proc.env").as_str().map(sorted), expected.map(sorted), "{exec}");
        exec.is(&want! { "vigie.proc.env_truncated" => false });
    }
}

#[test]
fn beside_the_longest_names_and_arguments_there_is_room_for_an_environment() {
    let place = Place::new();
    // As deep a directory as a path may lead to.
    let mut directory = place.path().to_owned();
    while directory.as_os_str().len() + 240 < 4000 {
        directory.push("d".repeat(200));
    }
    std::fs::create_dir_all(&directory).unwrap();
    let program = directory.join("program");
    std::fs::write(&program, Assembly::nothing().executable()).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut sensor = Sensor::events(&["--with", "proc.env"]);
    let (long, environment) = ("a".repeat(60_000), "e".repeat(60_000));
    let mut command = Command::new(&program);
    let ended = run(command.arg(&long).current_dir(&directory).env_clear().env("LONG", environment));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    exec.is(&want! {
        "proc.exepath" => program, "proc.cwd" => directory, "evt.arg.filename" => program,
        "vigie.proc.argv_truncated" => true, "vigie.proc.env_truncated" => true,
    });
    assert_eq!(exec.text("proc.env").len(), 4096);
    sensor.stop().summary.lost_nothing();
}

#[test]
fn a_rule_may_ask_for_one_variable() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let rules = place.file(
        "rules.yaml",
        b"- rule: Preload\n  desc: d\n  condition: spawned_process and proc.env[LD_PRELOAD] startswith /tmp\n  \
          output: \"%proc.env[LD_PRELOAD] %proc.env[NONE]\"\n  priority: INFO\n\
          - macro: spawned_process\n  condition: evt.type in (execve, execveat)\n",
    );
    let mut sensor = Sensor::run(&["--rules", rules.to_str().unwrap()]);
    run(Command::new(&program).env("LD_PRELOAD", "/usr/lib/x.so"));
    run(Command::new(&program).env("LD_PRELOAD", "/tmp/x.so"));
    let alert = sensor.until(&want! { "rule" => "Preload" });
    alert.is(&want! { "proc.env[LD_PRELOAD]" => "/tmp/x.so", "proc.env[NONE]" => () });
}

#[test]
fn groups_have_ids_inside_and_leaders() {
    let mut sensor = Sensor::events(&[]);
    let mut command = Command::new(busybox());
    command.args(["unshare", "-p", "-f"]).arg(busybox()).arg("setsid").arg(busybox()).arg("cat");
    let child = Living::start(&mut command);
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.args" => "cat" });
    exec.is(&want! {
        "proc.vpid" => 1, "proc.vpgid" => exec.get("proc.vpid"), "proc.is_vpgid_leader" => true,
        "proc.is_pgid_leader" => true, "proc.pgid.name" => "busybox", "proc.vpgid.exe" => busybox(),
        "proc.pvpid" => child.pid(),
    });
    assert!(child.release().success());
}

#[test]
fn a_group_that_is_led_from_outside_has_no_id_inside() {
    let mut sensor = Sensor::events(&[]);
    let mut command = Command::new(busybox());
    command.args(["unshare", "-p", "-f"]).arg(busybox()).arg("cat");
    let child = Living::start(&mut command);
    let exec = sensor.until(&want! { "proc.ppid" => child.pid(), "proc.args" => "cat" });
    exec.is(&want! { "proc.vpid" => 1, "proc.vpgid" => (), "proc.is_vpgid_leader" => false });
    assert!(child.release().success());
}

#[test]
fn an_alert_has_the_digest_of_what_ran() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let copied = place.program("gone", &Assembly::nothing());
    let rules = place.file(
        "rules.yaml",
        format!(
            "- rule: Digest\n  desc: d\n  condition: evt.type = execve and proc.exepath startswith {}/\n  \
             output: \"%proc.name %vigie.proc.exe_sha256 %vigie.proc.exe_unhashed %proc.exe_ino.mtime\"\n  \
             priority: INFO\n",
            place.path().display()
        )
        .as_bytes(),
    );
    let sum = run(Command::new(busybox()).arg("sha256sum").arg(&program)).output;
    let sum = std::str::from_utf8(&sum).unwrap().split(' ').next().unwrap().to_owned();
    let mtime = std::fs::metadata(&program).unwrap().modified().unwrap();
    let mtime = mtime.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let mut sensor = Sensor::run(&["--rules", rules.to_str().unwrap()]);
    run(&mut Command::new(&program));
    sensor.until(&want! {
        "rule" => "Digest", "proc.name" => "program", "vigie.proc.exe_sha256" => sum,
        "vigie.proc.exe_unhashed" => (), "proc.exe_ino.mtime" => u64::try_from(mtime).unwrap(),
    });
    // Too large to be digested: the reason is told instead.
    std::fs::File::options().append(true).open(&copied).unwrap().set_len(300 << 20).unwrap();
    run(&mut Command::new(&copied));
    sensor.until(&want! {
        "proc.name" => "gone", "vigie.proc.exe_sha256" => (), "vigie.proc.exe_unhashed" => "too large",
    });
    let summary = sensor.stop().summary;
    assert_eq!((summary.get("digests", "found"), summary.get("digests", "too_large")), (1, 1), "{summary:?}");
}

#[test]
fn an_executable_has_its_debian_package() {
    if !std::path::Path::new("/var/lib/dpkg/status").exists() {
        println!("skipped: this userland has no dpkg database");
        return;
    }
    let place = Place::new();
    let rules = place.file(
        "rules.yaml",
        b"- rule: Package\n  desc: d\n  condition: evt.type = execve and proc.args contains vigie-package\n  \
          output: \"%vigie.package.name %vigie.package.version %vigie.package.modified\"\n  priority: INFO\n",
    );
    let version = run(Command::new("dpkg-query").args(["-W", "-f", "${Version}", "coreutils"])).output;
    let mut sensor = Sensor::run(&["--rules", rules.to_str().unwrap()]);
    run(Command::new("/bin/true").arg("vigie-package"));
    sensor.until(&want! {
        "rule" => "Package", "vigie.package.name" => "coreutils",
        "vigie.package.version" => String::from_utf8(version).unwrap(), "vigie.package.modified" => false,
    });
    let program = place.program("program", &Assembly::nothing());
    run(Command::new(&program).arg("vigie-package"));
    sensor.until(&want! { "rule" => "Package", "vigie.package.name" => (), "vigie.package.modified" => () });
}

#[test]
fn a_program_that_no_server_of_logins_started_has_no_peer_though_it_is_connected() {
    let place = Place::new();
    let program = place.program("served", &Assembly::nothing());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let mut sensor = Sensor::events(&["--with", "vigie.trail"]);
    let mut command = Command::new(&program);
    let status = command.stdin(Stdio::from(OwnedFd::from(accepted))).status().unwrap();
    assert!(status.success());
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.exepath" => program });
    exec.is(&want! { "vigie.entry.ssh_peer" => () });
    assert_ne!(exec.text("vigie.entry.type"), "ssh");
    assert!(exec.text("vigie.trail").ends_with(" -> served"), "{exec}");
    drop(client);
}
