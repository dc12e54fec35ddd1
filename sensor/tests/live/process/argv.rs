//! Arguments: to the byte, whatever they are and whoever changes them.

use std::{
    ffi::OsStr,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::PathBuf,
    process::Command,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Assembly, Event, Living, Place, Sensor, Stack, call, run, scaled, want};

/// Longest argument the kernel takes (`MAX_ARG_STRLEN`), without its NUL.
const LONGEST: usize = 128 * 1024 - 1;

/// Runs a program that does nothing with these arguments behind its own name; gives its event.
fn exec_with(arguments: &[&[u8]]) -> Event {
    let place = Place::new();
    let program = place.program("program", &Assembly::nothing());
    let mut sensor = Sensor::events(&[]);
    let arguments = arguments.iter().map(|argument| OsStr::from_bytes(argument));
    let ended = run(Command::new(&program).arg0("name").args(arguments).env_clear());
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid })
}

#[track_caller]
fn is_whole(event: &Event, arguments: &[&[u8]]) {
    let all = [&[&b"name"[..]], arguments].concat();
    assert_eq!(event.byte_list("vigie.proc.argv"), all);
    event.is(&want! {
        "evt.arg.argc" => all.len(),
        "evt.arg.argv_len" => all.iter().map(|argument| argument.len() + 1).sum::<usize>(),
        "vigie.proc.argv_truncated" => false,
        "proc.exe" => "name",
        "proc.cmdnargs" => arguments.len(),
    });
    assert_eq!(event.bytes("proc.args"), arguments.join(&b' '));
}

#[test]
fn hostile_arguments_are_one_lossless_line() {
    let arguments: [&[u8]; 8] = [
        b"new\nline",
        b"\x1b[2J\x1b]0;title\x07",
        b"\xff\xfe\x80 not UTF-8",
        "\u{202e}gnp.exe\u{9b}2J".as_bytes(),
        b"",
        b"\"},{\"rule\":\"forged\"\\",
        b"\\xff \\\\ \\u{41}",
        b"\t\r\x01\x7f",
    ];
    is_whole(&exec_with(&arguments), &arguments);
}

#[test]
fn plain_arguments_come_without_a_second_form() {
    let event = exec_with(&[b"plain \\ text"]);
    is_whole(&event, &[b"plain \\ text"]);
    event.is(&want! { "vigie.escaped.proc.args" => (), "vigie.escaped.vigie.proc.argv" => () });
}

#[test]
fn an_argument_of_4095_bytes_is_whole() {
    let long = [b'l'; 4095];
    is_whole(&exec_with(&[&long, b"\xff behind it"]), &[&long, b"\xff behind it"]);
}

#[test]
fn of_an_argument_of_128_kib_head_and_tail_are_kept() {
    let mut long = vec![b'm'; LONGEST];
    long[..4].copy_from_slice(b"head");
    long[LONGEST - 4..].copy_from_slice(b"tail");
    let event = exec_with(&[&long]);
    keeps_ends(&event, 2, b"name\0".len() + LONGEST + 1);
    let kept = event.byte_list("vigie.proc.argv");
    assert!(long.starts_with(&kept[1]), "{event}");
    assert!(long.ends_with(kept.last().unwrap()), "{event}");
    assert!(kept.last().unwrap().len() >= 1000, "{event}");
}

#[test]
fn of_2_mib_of_arguments_head_and_tail_are_kept() {
    let before = getrlimit(Resource::Stack);
    // Arguments may take a quarter of the stack's limit.
    setrlimit(Resource::Stack, Rlimit { current: Some(64 << 20), maximum: before.maximum }).unwrap();
    let long = vec![b'm'; LONGEST];
    let mut arguments: Vec<&[u8]> = vec![&long; 15];
    let rest = vec![b'r'; (2 << 20) - 15 * (LONGEST + 1) - b"name\0\0last \xff\0".len()];
    arguments.extend([&rest[..], b"last \xff"]);
    let event = exec_with(&arguments);
    setrlimit(Resource::Stack, before).unwrap();
    keeps_ends(&event, 18, 2 << 20);
    let kept = event.byte_list("vigie.proc.argv");
    assert!(long.starts_with(&kept[1]), "{event}");
    let [.., before_last, last] = &kept[..] else { panic!("{event}") };
    assert_eq!(last, b"last \xff");
    assert!(rest.ends_with(before_last) && before_last.len() >= 1000, "{event}");
}

#[track_caller]
fn keeps_ends(event: &Event, argc: usize, len: usize) {
    event.is(&want! {
        "evt.arg.argc" => argc,
        "evt.arg.argv_len" => len,
        "vigie.proc.argv_truncated" => true,
        "proc.cmdnargs" => argc - 1,
    });
    let kept = event.byte_list("vigie.proc.argv");
    assert_eq!(kept[0], b"name");
    let head: usize = kept[..2].iter().map(|argument| argument.len() + 1).sum();
    assert!(head >= 4000, "{head} bytes of the head are kept in {event}");
}

#[test]
fn no_arguments_at_all_are_what_the_kernel_makes_of_them() {
    let place = Place::new();
    let mut waiting = Assembly::default();
    waiting.wait_for_input();
    waiting.exit(0);
    let target = place.program("target", &waiting);
    let mut program = Assembly::default();
    let path = program.string(target.to_str().unwrap().as_bytes());
    program.must(call::EXECVE, &[path.into(), 0.into(), 0.into()]);
    let program = place.program("caller", &program);
    let mut sensor = Sensor::events(&[]);
    let child = Living::start(&mut Command::new(program));
    let exec = sensor.until(&want! { "proc.pid" => child.pid(), "proc.exepath" => target.to_str().unwrap() });
    // Since Linux 5.18 there is always one, if need be an empty one.
    let area = child.proc().bytes("cmdline");
    assert!(area.is_empty() || area == b"\0", "{area:?}");
    exec.is(&want! {
        "evt.arg.argc" => area.len(), "evt.arg.argv_len" => area.len(), "proc.name" => "target",
        "vigie.proc.argv_truncated" => false, "proc.cmdline" => "target", "proc.cmdnargs" => 0,
    });
    assert!(child.release().success());
}

/// Length of the argument that the racing thread rewrites.
const RACED: usize = 64;

/// A program that rewrites an argument from a second thread while it calls `execve`.
fn racer(place: &Place, target: &std::path::Path) -> PathBuf {
    let mut program = Assembly::default();
    let path = program.string(target.to_str().unwrap().as_bytes());
    let raced = program.string(&[b'a'; RACED]);
    let argv = program.words(&[path, raced, 0]);
    program.thread(|thread| {
        for at in [0, 7, 31, 32, 63] {
            thread.flip(raced + at, b'a' ^ b'b');
        }
    });
    program.call(call::EXECVE, &[path.into(), argv.into(), 0.into()]);
    program.exit(1);
    place.program("racer", &program)
}

#[test]
fn arguments_rewritten_during_the_exec_are_those_the_program_got() {
    let place = Place::new();
    // Says what its own first argument is.
    let mut program = Assembly::default();
    program.call(call::WRITE, &[1.into(), Stack(16).into(), (RACED as u64).into()]);
    program.exit(0);
    let target = place.program("target", &program);
    let racer = racer(&place, &target);
    let mut sensor = Sensor::events(&[]);
    let tries: Vec<_> = (0..scaled(1000, 100)).map(|_| run(&mut Command::new(&racer))).collect();
    sensor.fence();
    let execs = sensor.all(&want! { "evt.type" => "execve", "proc.exepath" => target.to_str().unwrap() });
    assert_eq!(execs.len(), tries.len());
    for (exec, ended) in execs.iter().zip(&tries) {
        exec.is(&want! { "proc.pid" => ended.pid });
        assert_eq!(exec.bytes("proc.args"), ended.output, "{exec}");
    }
}

#[test]
fn arguments_rewritten_after_the_exec_do_not_change_the_record() {
    let place = Place::new();
    let opened = place.file("opened", b"");
    // Reads over its own first argument, then opens a file.
    let mut program = Assembly::default();
    program.call(call::READ, &[0.into(), Stack(16).into(), 6.into()]);
    let path = program.string(opened.to_str().unwrap().as_bytes());
    program.call(call::OPEN, &[path.into(), 0.into()]);
    program.wait_for_input();
    program.exit(0);
    let program = place.program("program", &program);
    let mut sensor = Sensor::events(&[]);
    let mut child = Living::start(Command::new(&program).arg("secret"));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => child.pid() });
    child.write(b"hidden");
    let open = sensor.until(&want! { "fd.name" => opened, "proc.pid" => child.pid() });
    let now = child.proc().bytes("cmdline");
    assert!(now.ends_with(b"\0hidden\0"), "{now:?}");
    for event in [exec, open] {
        event.is(&want! { "proc.cmdline" => "program secret" });
    }
    assert!(child.release().success());
}
