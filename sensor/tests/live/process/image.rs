//! What runs: files without a name, scripts, descriptors.

use std::{
    fs::{self, File},
    io::Write,
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
    process::Command,
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    io::dup,
};

use crate::support::{
    Assembly, Operand, Place, Sensor, busybox, call, device_and_inode, ended, run, unique, want,
};

/// `AT_EMPTY_PATH`: the descriptor itself.
const EMPTY_PATH: u32 = 0x1000;

/// A descriptor that a child inherits.
fn inheritable(file: &File) -> OwnedFd {
    dup(file).unwrap()
}

/// A memfd that holds a program.
fn memfd(name: &str) -> OwnedFd {
    let mut file = File::from(memfd_create(name, MemfdFlags::empty()).unwrap());
    file.write_all(&Assembly::nothing().executable()).unwrap();
    file.into()
}

/// A program that calls `execveat(fd, "", {"by-descriptor"}, {}, AT_EMPTY_PATH)`, as `fexecve` does.
fn execveat(place: &Place, fd: &OwnedFd) -> PathBuf {
    let mut program = Assembly::default();
    let (empty, name) = (program.string(b""), program.string(b"by-descriptor"));
    let (argv, envp) = (program.words(&[name, 0]), program.words(&[0]));
    let operands: [Operand; 5] =
        [fd.as_raw_fd().into(), empty.into(), argv.into(), envp.into(), EMPTY_PATH.into()];
    program.must(call::EXECVEAT, &operands);
    place.program("execveat", &program)
}

#[test]
fn a_memfd_is_named_when_run_through_proc() {
    let mut sensor = Sensor::events(&[]);
    let name = unique("memfd");
    let fd = memfd(&name);
    let ended = run(Command::new(format!("/proc/self/fd/{}", fd.as_raw_fd())).arg("x"));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    exec.is(&want! {
        "proc.is_exe_from_memfd" => true, "proc.exepath" => format!("memfd:{name}"),
        "vigie.proc.exe_deleted" => false,
    });
}

#[test]
fn a_memfd_is_named_when_run_by_execveat() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let name = unique("memfd");
    let fd = memfd(&name);
    let ended = run(&mut Command::new(execveat(&place, &fd)));
    let exec =
        sensor.until(&want! { "proc.pid" => ended.pid, "proc.args" => "", "proc.exe" => "by-descriptor" });
    exec.is(&want! {
        "evt.type" => "execveat", "proc.is_exe_from_memfd" => true, "proc.exepath" => format!("memfd:{name}"),
        "evt.arg.filename" => format!("/dev/fd/{}", fd.as_raw_fd()), "proc.name" => format!("memfd:{name}"),
    });
    let exit = sensor.until(&want! { "evt.type" => "procexit", "proc.pid" => ended.pid });
    exit.is(&want! { "proc.exepath" => format!("memfd:{name}") });
}

#[test]
fn fexecve_names_the_file_behind_the_descriptor() {
    let place = Place::new();
    let target = place.program("target", &Assembly::nothing());
    let fd = inheritable(&File::open(&target).unwrap());
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(execveat(&place, &fd)));
    let exec = sensor.until(&want! { "proc.pid" => ended.pid, "proc.exe" => "by-descriptor" });
    exec.is(&want! {
        "evt.type" => "execveat", "proc.exepath" => target.to_str().unwrap(), "proc.name" => "target",
        "proc.exe_ino" => device_and_inode(&target).1, "proc.is_exe_from_memfd" => false,
        "vigie.proc.exe_deleted" => false,
    });
}

#[test]
fn a_deleted_program_is_said_to_be_one() {
    let place = Place::new();
    let target = place.program("target", &Assembly::nothing());
    let inode = device_and_inode(&target).1;
    let fd = inheritable(&File::open(&target).unwrap());
    let kept = place.program("kept", &Assembly::nothing());
    fs::remove_file(&target).unwrap();
    let mut sensor = Sensor::events(&[]);
    let deleted = run(&mut Command::new(format!("/proc/self/fd/{}", fd.as_raw_fd())));
    let other = run(&mut Command::new(&kept));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => deleted.pid });
    exec.is(&want! {
        "vigie.proc.exe_deleted" => true, "proc.exe_ino" => inode, "proc.is_exe_from_memfd" => false,
        "proc.exepath" => target.to_str().unwrap(),
    });
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => other.pid });
    exec.is(&want! { "vigie.proc.exe_deleted" => false });
}

#[test]
fn a_link_leads_to_the_program_that_runs() {
    let place = Place::new();
    let target = place.program("target", &Assembly::nothing());
    let link = place.join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&link));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    exec.is(&want! {
        "proc.exepath" => target.to_str().unwrap(), "evt.arg.filename" => link.to_str().unwrap(),
        "proc.name" => "link",
    });
}

#[test]
fn a_script_is_reported_with_its_interpreter() {
    let place = Place::new();
    let script = place.script("script", "exit 0\n");
    let mut sensor = Sensor::events(&[]);
    let ended = run(Command::new(&script).arg("argument"));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    is_script(&exec, &script, busybox());
    let path = script.to_str().unwrap();
    // What the kernel makes of it: interpreter, its option, the script, the script's arguments.
    let argv =
        [busybox().to_str().unwrap(), "sh", path, "argument"].map(|argument| argument.as_bytes().to_vec());
    assert_eq!(exec.byte_list("vigie.proc.argv"), argv);
}

#[test]
fn a_chain_of_scripts_ends_in_the_last_interpreter() {
    let place = Place::new();
    let interpreter = place.program("interpreter", &Assembly::nothing());
    let mut script = interpreter.clone();
    for link in 1..=4 {
        script = place.executable(&format!("script{link}"), format!("#!{}\n", script.display()).as_bytes());
    }
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&script));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    is_script(&exec, &script, &interpreter);
    exec.is(&want! { "evt.arg.argc" => 5 });
}

#[track_caller]
fn is_script(exec: &crate::support::Event, script: &Path, interpreter: &Path) {
    exec.is(&want! {
        "evt.arg.filename" => script.to_str().unwrap(), "proc.exepath" => interpreter.to_str().unwrap(),
        "proc.name" => script.file_name().unwrap().to_str().unwrap(),
        "proc.exe_ino" => device_and_inode(interpreter).1,
    });
}

#[test]
fn a_failed_exec_leaves_the_process_what_it_was() {
    let place = Place::new();
    let mut program = Assembly::default();
    let missing = program.string(place.join("missing").to_str().unwrap().as_bytes());
    program.call(call::EXECVE, &[missing.into(), 0.into(), 0.into()]);
    program.exit(3);
    let program = place.program("program", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = ended(&mut Command::new(&program));
    assert_eq!(ended.status.code(), Some(3));
    sensor.fence();
    for is_failed in [false, true] {
        let of_result = want! { "evt.type" => "execve", "proc.pid" => ended.pid, "evt.failed" => is_failed };
        sensor.one(&of_result).is(&want! { "proc.exepath" => program.to_str().unwrap() });
    }
}
