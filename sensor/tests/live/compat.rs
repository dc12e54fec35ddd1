//! Programs of 32 bits, and calls through the 32-bit interface: what is seen of them, and what is said not to be.

use std::process::Command;

use crate::support::{Assembly, Place, Sensor, call, doctor, run, want};

/// `vfork` and `exit(0)` of i386: mov eax, 190; int 0x80; mov eax, 1; xor ebx, ebx; int 0x80.
const VFORK_AND_EXIT: [u8; 16] = [0xb8, 190, 0, 0, 0, 0xcd, 0x80, 0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80];

#[test]
fn a_program_of_32_bits_is_told_and_its_life_is_seen() {
    let place = Place::new();
    let mut program = Assembly::default();
    program.raw(&VFORK_AND_EXIT);
    let narrow = place.executable("narrow", &program.executable_of_32_bits());
    let wide = place.program("wide", &Assembly::nothing());
    let mut sensor = Sensor::events(&[]);
    let (narrow_ended, wide_ended) = (run(&mut Command::new(&narrow)), run(&mut Command::new(wide)));
    sensor.fence();
    let exec = sensor.one(&want! { "evt.type" => "execve", "proc.pid" => narrow_ended.pid });
    exec.is(&want! { "vigie.proc.compat" => true, "proc.exepath" => narrow, "vigie.compat" => () });
    let fork = sensor.one(&want! { "evt.type" => "vfork", "proc.pid" => narrow_ended.pid });
    fork.is(&want! { "vigie.compat" => true, "evt.arg.flags" => "CLONE_VM|CLONE_VFORK" });
    sensor.one(
        &want! { "evt.type" => "procexit", "proc.pid" => narrow_ended.pid, "vigie.proc.compat" => true },
    );
    let exec = sensor.one(&want! { "evt.type" => "execve", "proc.pid" => wide_ended.pid });
    exec.is(&want! { "vigie.proc.compat" => false });
}

#[test]
fn an_exec_by_a_32_bit_call_is_an_exec() {
    let place = Place::new();
    let target = place.program("target", &Assembly::nothing());
    let mut program = Assembly::default();
    let path = program.string(target.to_str().unwrap().as_bytes());
    // mov ebx, path; xor ecx, ecx; xor edx, edx; mov eax, 11; int 0x80
    program.raw(&[0xbb]);
    program.raw(&u32::try_from(path).unwrap().to_le_bytes());
    program.raw(&[0x31, 0xc9, 0x31, 0xd2, 0xb8, 11, 0, 0, 0, 0xcd, 0x80]);
    program.exit(1);
    let program = place.program("caller", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    let exec =
        sensor.one(&want! { "evt.type" => "execve", "proc.pid" => ended.pid, "proc.exepath" => target });
    exec.is(&want! { "evt.failed" => false, "vigie.proc.compat" => false });
}

#[test]
fn the_blind_spot_is_said() {
    let said = doctor();
    assert!(said.output.contains("32-bit calls"), "{said:?}");
    // It is one: a call by `int 0x80` passes no tracepoint, the same one by `syscall` does.
    let place = Place::new();
    let mut program = Assembly::default();
    // mov eax, 23 (setuid); xor ebx, ebx; int 0x80
    program.raw(&[0xb8, 23, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80]);
    program.must(call::SETGID, &[0.into()]);
    program.exit(0);
    let program = place.program("both", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    assert_eq!(sensor.all(&want! { "evt.type" => "setuid", "proc.pid" => ended.pid }), []);
    sensor.one(&want! { "evt.type" => "setgid", "proc.pid" => ended.pid });
}
