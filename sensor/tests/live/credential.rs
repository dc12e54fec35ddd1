//! Who a process is and what it may do: calls that change it, and rights from nowhere.

use std::{
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use rustix::fs::{XattrFlags, setxattr};

use crate::support::{Assembly, Event, Operand, Place, Sensor, Tier, call, run, want};

/// A user without any rights, and one without a name.
const NOBODY: u32 = 65_533;
/// Leaves an id as it is.
const SAME: Operand = Operand::Number(0xffff_ffff);
/// `setuid32` of i386 with 0, by `int 0x80`: mov eax, 213; xor ebx, ebx; int 0x80.
const BECOME_ROOT_BY_32_BITS: [u8; 9] = [0xb8, 213, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80];

fn changing(operands: &[(u32, &[Operand])]) -> Assembly {
    let mut program = Assembly::default();
    for (number, operands) in operands {
        program.call(*number, operands);
    }
    program.exit(0);
    program
}

/// The one event of a kind that a process caused.
fn of(sensor: &Sensor, kind: &str, pid: u32) -> Event {
    sensor.one(&want! { "evt.type" => kind, "proc.pid" => pid })
}

#[test]
fn changes_of_user_ids_tell_who_it_was_and_who_it_is() {
    let place = Place::new();
    let program = changing(&[
        (call::SETFSUID, &[8.into()]),
        (call::SETREUID, &[SAME, 0.into()]),
        (call::SETRESUID, &[60_001.into(), 60_002.into(), 60_003.into()]),
        (call::SETUID, &[0.into()]),
    ]);
    let program = place.program("users", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    of(&sensor, "setfsuid", ended.pid).is(&want! {
        "evt.rawres" => 0, "vigie.cred.before.fsuid" => 0, "vigie.cred.fsuid" => 8, "vigie.cred.euid" => 0,
    });
    of(&sensor, "setreuid", ended.pid).is(&want! {
        "evt.arg.ruid" => -1, "evt.res" => "SUCCESS", "vigie.cred.before.fsuid" => 8, "vigie.cred.fsuid" => 0,
    });
    of(&sensor, "setresuid", ended.pid).is(&want! {
        "evt.arg.ruid" => 60_001, "evt.arg.euid" => 60_002, "evt.arg.suid" => 60_003, "evt.res" => "SUCCESS",
        "user.uid" => 0, "vigie.user.euid" => 0, "vigie.cred.before.uid" => 0, "vigie.cred.before.suid" => 0,
        "vigie.cred.uid" => 60_001, "vigie.cred.euid" => 60_002, "vigie.cred.suid" => 60_003,
        "vigie.cred.fsuid" => 60_002, "thread.cap_effective" => "", "evt.category" => "user",
    });
    of(&sensor, "setuid", ended.pid).is(&want! {
        "evt.res" => "EPERM", "evt.failed" => true, "user.uid" => 60_001, "vigie.user.euid" => 60_002,
        "vigie.cred.before.suid" => 60_003, "vigie.cred.suid" => 60_003,
    });
    // What a process made of itself holds from then on.
    of(&sensor, "procexit", ended.pid).is(&want! {
        "user.uid" => 60_001, "vigie.user.euid" => 60_002, "thread.cap_effective" => "", "thread.cap_permitted" => "",
    });
}

#[test]
fn changes_of_group_ids_tell_them_too() {
    let place = Place::new();
    let mut program = Assembly::default();
    let groups = program.bytes(&[5, 0, 0, 0, 6, 0, 0, 0]);
    program.call(call::SETGROUPS, &[2.into(), groups.into()]);
    program.call(call::SETFSGID, &[9.into()]);
    program.call(call::SETGID, &[60_004.into()]);
    program.call(call::SETREGID, &[SAME, 60_005.into()]);
    program.call(call::SETRESGID, &[60_001.into(), 60_002.into(), 60_003.into()]);
    program.exit(0);
    let program = place.program("groups", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    of(&sensor, "setgroups", ended.pid).is(&want! {
        "evt.res" => "SUCCESS", "evt.arg.gidsetsize" => 2, "evt.arg.grouplist" => "5 6",
    });
    of(&sensor, "setfsgid", ended.pid).is(&want! { "vigie.cred.before.fsgid" => 0, "vigie.cred.fsgid" => 9 });
    of(&sensor, "setgid", ended.pid).is(&want! {
        "evt.arg.gid" => 60_004, "group.gid" => 0, "vigie.cred.gid" => 60_004, "vigie.cred.before.gid" => 0,
    });
    of(&sensor, "setregid", ended.pid).is(&want! {
        "evt.arg.rgid" => -1, "evt.arg.egid" => 60_005, "vigie.cred.before.egid" => 60_004, "vigie.cred.egid" => 60_005,
    });
    of(&sensor, "setresgid", ended.pid).is(&want! {
        "evt.arg.sgid" => 60_003, "vigie.cred.gid" => 60_001, "vigie.cred.egid" => 60_002, "vigie.cred.sgid" => 60_003,
        "vigie.cred.fsgid" => 60_002, "vigie.cred.before.egid" => 60_005, "vigie.group.egid" => 60_005,
    });
    of(&sensor, "procexit", ended.pid).is(&want! { "group.gid" => 60_001, "vigie.group.egid" => 60_002 });
}

#[test]
fn a_change_of_capabilities_holds_from_then_on() {
    let place = Place::new();
    let mut program = Assembly::default();
    // Version 3, the caller; effective, permitted and inheritable, low words and high words.
    let header = program.words(&[0x2008_0522]);
    let sets = program.words(&[0xc0_0000_00c0, 0, 0]);
    program.must(call::CAPSET, &[header.into(), sets.into()]);
    program.exit(0);
    let program = place.program("capable", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    let now = "CAP_SETGID CAP_SETUID";
    of(&sensor, "capset", ended.pid).is(&want! {
        "evt.res" => "SUCCESS", "evt.arg.cap_effective" => now, "evt.arg.cap_permitted" => now,
        "evt.arg.cap_inheritable" => "", "thread.cap_effective" => now,
    });
    of(&sensor, "procexit", ended.pid)
        .is(&want! { "thread.cap_effective" => now, "thread.cap_permitted" => now });
}

/// Gives a program the capability to set user ids; false where the file system does not keep it.
fn give_setuid(program: &Path) -> bool {
    // `struct vfs_cap_data`: revision 2, effective; permitted and inheritable, low and high.
    let words: [u32; 5] = [0x0200_0001, 1 << 7, 0, 0, 0];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    match setxattr(program, c"security.capability", &bytes, XattrFlags::empty()) {
        Ok(()) => true,
        Err(error) => {
            println!("skipped: {} does not keep capabilities of files: {error}", program.display());
            false
        }
    }
}

fn program_of(place: &Place, name: &str, instructions: &[u8]) -> PathBuf {
    let mut program = Assembly::default();
    program.raw(instructions);
    program.exit(0);
    place.program(name, &program)
}

/// A program may become root unseen by a 32-bit call, which stands in for a hole in the kernel: no exec and no call that
/// tracepoints see explains it.
#[test]
fn a_process_that_is_root_without_a_way_to_it_is_an_event() {
    let place = Place::new();
    let program = program_of(&place, "riser", &BECOME_ROOT_BY_32_BITS);
    if !give_setuid(&program) {
        return;
    }
    let mut sensor = Sensor::events(&[]);
    let ended = run(Command::new(&program).uid(NOBODY).gid(NOBODY));
    sensor.fence();
    let gained = sensor.all(&want! { "evt.type" => "commit_creds", "proc.pid" => ended.pid });
    match sensor.tier {
        Tier::Tracepoint => {
            let [gained] = &gained[..] else { panic!("{gained:?}") };
            gained.is(&want! {
                "vigie.cred.escalation" => true, "evt.arg.old_uid" => NOBODY, "evt.arg.old_euid" => NOBODY,
                "vigie.cred.uid" => 0, "vigie.cred.euid" => 0, "proc.exepath" => program, "evt.category" => "user",
            });
        }
        // The kernel's own object shows the call that did it, which may.
        Tier::Lsm => {
            let [by_exec, by_call] = &gained[..] else { panic!("{gained:?}") };
            by_exec.is(&want! { "vigie.cred.escalation" => false, "evt.arg.gained" => "CAP_SETUID" });
            by_call.is(&want! {
                "vigie.cred.escalation" => false, "vigie.compat" => true, "vigie.cred.before.euid" => NOBODY,
                "vigie.cred.euid" => 0, "vigie.cred.before.uid" => NOBODY, "vigie.cred.uid" => 0,
            });
        }
    }
}

#[test]
fn rights_that_the_kernel_grants_are_no_escalation() {
    let place = Place::new();
    let nothing = Assembly::nothing();
    let set_user_id = place.program("set-user-id", &nothing);
    std::fs::set_permissions(&set_user_id, PermissionsExt::from_mode(0o4755)).unwrap();
    let forker = place.program("forker", &changing(&[(call::CLONE, &[17.into()])]));
    std::fs::set_permissions(&forker, PermissionsExt::from_mode(0o4755)).unwrap();
    // A user namespace of its own, in which it is root.
    let user_namespace = place.program("namespaced", &changing(&[(call::UNSHARE, &[0x1000_0000.into()])]));
    let capable =
        place.program("capable", &changing(&[(call::SETUID, &[0.into()]), (call::CLONE, &[17.into()])]));
    give_setuid(&capable);
    // Down and up again by the saved user id.
    let seesaw = place.program(
        "seesaw",
        &changing(&[
            (call::SETRESUID, &[NOBODY.into(), NOBODY.into(), 0.into()]),
            (call::CLONE, &[17.into()]),
            (call::SETRESUID, &[0.into(), 0.into(), 0.into()]),
        ]),
    );
    let mut sensor = Sensor::events(&[]);
    for program in [&set_user_id, &forker, &user_namespace, &capable] {
        run(Command::new(program).uid(NOBODY).gid(NOBODY));
    }
    run(&mut Command::new(seesaw));
    sensor.fence();
    assert_eq!(sensor.all(&want! { "vigie.cred.escalation" => true }), []);
    if sensor.tier == Tier::Lsm {
        let gained = want! { "evt.type" => "commit_creds", "vigie.cred.escalation" => false };
        assert!(sensor.all(&gained).len() >= 4, "{:?}", sensor.all(&gained));
    }
}
