//! A system call's work through an `io_uring`, which passes no other system call.

use super::{Assembly, Kept, Operand, call};

/// `IORING_ENTER_GETEVENTS`: wait for the result.
const WAIT: u32 = 1;
/// Where `io_uring_params` has the offset of the submission queue's tail.
const PARAMS_TAIL: u64 = 44;
/// Offset at which a ring's submission entries are mapped.
const ENTRIES: u32 = 0x1000_0000;
/// `PROT_READ | PROT_WRITE` and `MAP_SHARED | MAP_POPULATE`.
const READ_WRITE: u32 = 3;
const SHARED: u32 = 0x8001;

/// `IORING_SETUP_SQPOLL`: a thread of the kernel looks for submissions by itself; where the parameters have the flags.
const POLLED: u8 = 1 << 1;
const PARAMS_FLAGS: usize = 8;
/// `IORING_ENTER_SQ_WAKEUP`: the thread may sleep.
const WAKE: u32 = 2;

/// Puts one entry into a ring of its own and waits until it is done. Nothing may be kept meanwhile. `polled` says who
/// takes it out: a thread of the kernel, or the program's own call.
pub(crate) fn uring_submission(program: &mut Assembly, entry: &[u8], polled: bool) {
    let mut params = [0; 120];
    params[PARAMS_FLAGS] = if polled { POLLED } else { 0 };
    let params = program.bytes(&params);
    let entry = program.bytes(entry);
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
    let how = if polled { WAIT | WAKE } else { WAIT };
    program.must(call::IO_URING_ENTER, &[Kept.into(), 1.into(), 1.into(), how.into(), 0.into(), 0.into()]);
}
