//! What programs do to be taken for others.

use std::{os::unix::process::CommandExt, process::Command};

use crate::support::{Assembly, Living, Place, Proc, Sensor, busybox, call, run, want};

/// `if (eax != 0) exit_group(0)`: ends the maker once its child has gone on.
const END_MAKER: [u8; 16] = [0x85, 0xc0, 0x74, 0x0c, 0xbf, 0, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05];
/// `PR_SET_NAME`, and the calls of these tests that no others need.
const PR_SET_NAME: u64 = 15;
const PRCTL: u32 = 157;
const SETUID: u32 = 105;

#[test]
fn a_false_first_argument_changes_neither_name_nor_path() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let mut sensor = Sensor::events(&[]);
    for name in ["", "systemd-logind"] {
        let ended = run(Command::new(&program).arg0(name));
        let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
        exec.is(&want! { "proc.name" => "program", "proc.exepath" => program.to_str().unwrap() });
        assert_eq!(exec.byte_list("vigie.proc.argv"), [name.as_bytes()]);
    }
}

#[test]
fn a_name_that_a_program_gives_itself_is_not_believed() {
    let place = Place::new();
    let (opened, child) = (place.file("opened", b""), place.program("child", &Assembly::nothing()));
    let mut program = Assembly::default();
    let name = program.string(b"google_accounts");
    program.must(PRCTL, &[PR_SET_NAME.into(), name.into()]);
    let path = program.string(opened.to_str().unwrap().as_bytes());
    program.call(call::OPEN, &[path.into(), 0.into()]);
    let path = program.string(child.to_str().unwrap().as_bytes());
    let argv = program.words(&[path, 0]);
    // `CLONE_VFORK | CLONE_VM | SIGCHLD`: the child goes first, until it execs.
    program.call(call::CLONE, &[0x4111.into(), 0.into()]);
    program.raw(&END_MAKER);
    program.call(call::EXECVE, &[path.into(), argv.into(), 0.into()]);
    program.exit(0);
    let program = place.program("renamed", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&program));
    let open = sensor.until(&want! { "fd.name" => opened, "proc.pid" => ended.pid });
    open.is(&want! { "proc.name" => "renamed", "proc.exepath" => program.to_str().unwrap() });
    let exec =
        sensor.until(&want! { "evt.type" => "execve", "proc.name" => "child", "proc.ppid" => ended.pid });
    exec.is(&want! { "proc.pname" => "renamed" });
}

#[test]
fn what_follows_thousands_of_blanks_is_seen() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let mut sensor = Sensor::events(&[]);
    let blanks = " ".repeat(50_000);
    let ended = run(Command::new(&program).args([&*blanks, "-e", "/bin/sh"]));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    assert!(exec.text("proc.args").ends_with(" -e /bin/sh"), "{exec}");
    exec.is(&want! { "vigie.proc.argv_truncated" => true, "evt.arg.argc" => 4 });
}

#[test]
fn a_program_run_by_the_loader_shows_both() {
    let loader = "/lib64/ld-linux-x86-64.so.2";
    if !std::path::Path::new(loader).exists() {
        println!("skipped: this userland has no dynamic loader at {loader}");
        return;
    }
    let loader = std::fs::canonicalize(loader).unwrap();
    let mut sensor = Sensor::events(&[]);
    let ended = run(Command::new(&loader).arg("/bin/true"));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    exec.is(&want! { "proc.exepath" => loader.to_str().unwrap(), "proc.args" => "/bin/true" });
}

#[test]
fn who_makes_a_process_is_its_parent_and_the_kernels_parent_is_told_too() {
    let place = Place::new();
    let child = place.program("child", &Assembly::nothing());
    let mut program = Assembly::default();
    let path = program.string(child.to_str().unwrap().as_bytes());
    let argv = program.words(&[path, 0]);
    // `CLONE_PARENT | CLONE_VFORK | CLONE_VM | SIGCHLD`: the child's parent is the caller's.
    program.call(call::CLONE, &[0xc111.into(), 0.into()]);
    program.raw(&END_MAKER);
    program.call(call::EXECVE, &[path.into(), argv.into(), 0.into()]);
    program.exit(0);
    let program = place.program("maker", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&program));
    let exec =
        sensor.until(&want! { "evt.type" => "execve", "proc.name" => "child", "proc.pname" => "maker" });
    exec.is(&want! { "proc.ppid" => ended.pid, "vigie.proc.kernel_ppid" => std::process::id() });
    let made = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    made.is(&want! { "proc.ppid" => std::process::id(), "vigie.proc.kernel_ppid" => std::process::id() });
}

#[test]
fn credentials_are_those_of_the_moment() {
    let place = Place::new();
    let (before, after) = (place.file("before", b""), place.file("after", b""));
    let mut program = Assembly::default();
    let paths = [&before, &after].map(|path| program.string(path.to_str().unwrap().as_bytes()));
    program.call(call::OPEN, &[paths[0].into(), 0.into()]);
    program.must(SETUID, &[65_533.into()]);
    program.call(call::OPEN, &[paths[1].into(), 0.into()]);
    program.exit(0);
    let program = place.program("program", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&program));
    for (file, uid) in [(before, 0), (after, 65_533)] {
        let open = sensor.until(&want! { "fd.name" => file, "proc.pid" => ended.pid });
        open.is(&want! { "user.uid" => uid, "vigie.user.euid" => uid });
    }
}

#[test]
fn root_of_a_user_namespace_is_not_root() {
    let mut sensor = Sensor::events(&[]);
    let mut command = Command::new(busybox());
    command.args(["unshare", "-U", "-r"]).arg(busybox()).arg("cat").uid(65_533).gid(65_532);
    let child = Living::start(command.current_dir("/"));
    let exec =
        sensor.until(&want! { "evt.type" => "execve", "proc.pid" => child.pid(), "proc.args" => "cat" });
    let inside = child.proc().namespace("user");
    assert_ne!(inside, Proc(std::process::id()).namespace("user"));
    assert!(child.proc().text("uid_map").split_whitespace().eq(["0", "65533", "1"]));
    exec.is(&want! {
        "user.uid" => 65_533, "vigie.user.euid" => 65_533, "group.gid" => 65_532, "vigie.ns.user" => inside,
    });
    assert!(child.release().success());
}

#[test]
fn an_executable_that_its_user_may_write_is_said_to_be_so() {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    std::os::unix::fs::chown(&program, Some(65_533), Some(65_533)).unwrap();
    let mut sensor = Sensor::events(&[]);
    for (uid, writable) in [(65_533, true), (65_532, false), (0, true)] {
        let ended = run(Command::new(&program).uid(uid).gid(65_000).current_dir("/"));
        let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
        exec.is(&want! { "proc.is_exe_writable" => writable });
    }
}
