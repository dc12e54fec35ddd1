//! Opens through an `io_uring`, which pass no system call of the open family.

use std::{os::unix::ffi::OsStrExt, path::Path, process::Command};

use crate::support::{
    Assembly, Kept, Operand, Place, Sensor, Tier, at_least, call, device_and_inode, run, vigie, want,
};

use super::{flag, is_of};

/// `IORING_OP_OPENAT`.
const OP_OPENAT: u8 = 18;
/// `IOSQE_ASYNC`: a worker thread of the kernel does it.
const BY_WORKER: u8 = 1 << 4;
/// `IORING_ENTER_GETEVENTS`: wait for the result.
const WAIT: u32 = 1;
/// Where `io_uring_params` has the offset of the submission queue's tail.
const PARAMS_TAIL: u64 = 44;
/// Offset at which a ring's submission entries are mapped.
const ENTRIES: u32 = 0x1000_0000;
/// `PROT_READ | PROT_WRITE` and `MAP_SHARED | MAP_POPULATE`.
const READ_WRITE: u32 = 3;
const SHARED: u32 = 0x8001;

/// A submission that opens the file named at `name`.
fn submission(name: u64, flags: u8) -> Vec<u8> {
    let mut entry = vec![OP_OPENAT, flags, 0, 0];
    entry.extend((-100_i32).to_le_bytes());
    entry.extend(0_u64.to_le_bytes());
    entry.extend(name.to_le_bytes());
    entry.extend(0_u32.to_le_bytes());
    entry.extend(flag::RDONLY.to_le_bytes());
    entry.resize(64, 0);
    entry
}

/// A program that opens a file through a ring of one entry.
fn uring_opener(file: &Path, flags: u8) -> Assembly {
    let mut program = Assembly::default();
    let name = program.string(file.as_os_str().as_bytes());
    let params = program.bytes(&[0; 120]);
    let entry = submission(name, flags);
    let entry = program.bytes(&entry);
    program.must(call::IO_URING_SETUP, &[1.into(), params.into()]);
    program.keep();
    let map = |offset: u32| -> [Operand; 6] {
        [0.into(), 4096.into(), READ_WRITE.into(), SHARED.into(), Kept.into(), offset.into()]
    };
    program.must(call::MMAP, &map(0));
    // mov r12, rax: the ring.
    program.raw(&[0x49, 0x89, 0xc4]);
    program.must(call::MMAP, &map(ENTRIES));
    // mov rdi, rax; movabs rsi, entry; mov ecx, 64; rep movsb: the entry into its place.
    program.raw(&[0x48, 0x89, 0xc7, 0x48, 0xbe]);
    program.raw(&entry.to_le_bytes());
    program.raw(&[0xb9, 64, 0, 0, 0, 0xf3, 0xa4]);
    // movabs rdx, the offset's place; mov eax, [rdx]; mov dword [r12 + rax], 1: one entry is there.
    program.raw(&[0x48, 0xba]);
    program.raw(&(params + PARAMS_TAIL).to_le_bytes());
    program.raw(&[0x8b, 0x02, 0x41, 0xc7, 0x04, 0x04, 1, 0, 0, 0]);
    program.must(call::IO_URING_ENTER, &[Kept.into(), 1.into(), 1.into(), WAIT.into(), 0.into(), 0.into()]);
    program.exit(0);
    program
}

#[test]
fn an_open_through_a_ring_is_seen_or_said_not_to_be() {
    let place = Place::new();
    let file = place.file("file", b"");
    for (name, flags) in [("inline", 0), ("worker", BY_WORKER)] {
        let program = place.program(name, &uring_opener(&file, flags));
        let mut sensor = Sensor::events(&[]);
        let ended = run(&mut Command::new(&program));
        sensor.fence();
        let opens = sensor.all(&want! { "fd.name" => file, "evt.res" => "SUCCESS" });
        match sensor.tier {
            Tier::Lsm => {
                let [open] = &opens[..] else { panic!("{name}: {} opens", opens.len()) };
                is_of(open, &file, device_and_inode(&file));
                if !at_least(5, 15) {
                    // Workers are processes of the kernel's own, and the call being served is not known.
                    continue;
                }
                open.is(&want! {
                    "proc.pid" => ended.pid, "vigie.io_uring" => true, "proc.exepath" => program.to_str().unwrap(),
                    "vigie.fd.unverified" => false,
                });
            }
            Tier::Tracepoint => {
                assert_eq!(opens.len(), 0, "{name}: {opens:?}");
                let doctor = vigie(&["doctor"]);
                assert!(doctor.output.contains("opens through io_uring"), "{doctor:?}");
            }
        }
    }
}
