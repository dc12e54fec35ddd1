//! `io_uring`: which operations a process uses a ring for.

use aya_ebpf::{EbpfContext, helpers::bpf_get_current_pid_tgid, macros::map, maps::LruHashMap};
use sensor_common::event::kernel::KernelIoUringSubmit;

use super::{Miss, Ptr, Read, globals::offset, observe_if, task::Task};

/// Operations that are remembered.
const OPERATIONS: u32 = 4096;

/// A kind of operation that a process used a ring for.
#[repr(C)]
#[derive(Clone, Copy)]
struct Operation {
    ring: u64,
    /// Start of the process, which with `pid` is its identity.
    start: u64,
    pid: u32,
    opcode: u32,
}

/// What was reported. Of more than it holds the oldest are forgotten, and reported once more.
#[map]
static REPORTED: LruHashMap<Operation, u8> = LruHashMap::with_max_entries(OPERATIONS, 0);

/// A request (`struct io_kiocb`).
#[derive(Clone, Copy)]
pub(crate) struct Request(Ptr);

impl From<Ptr> for Request {
    #[inline(always)]
    fn from(request: Ptr) -> Self {
        Self(request)
    }
}

impl Request {
    /// `IORING_OP_*`.
    #[inline(always)]
    pub(crate) fn opcode(self) -> Read<u32> {
        self.0.read::<u8>(offset!(io_kiocb_opcode)).map(u32::from)
    }

    /// The address of its ring.
    #[inline(always)]
    pub(crate) fn ring(self) -> Read<u64> {
        self.0.read(offset!(io_kiocb_ctx))
    }
}

/// Reports an operation, unless the process used this ring for the same before.
#[inline(always)]
#[expect(clippy::let_underscore_must_use, reason = "where there is no room, the same is reported again")]
pub(crate) fn submitted(ctx: &impl EbpfContext, ring: Read<u64>, opcode: Read<u32>, sq_thread: u32) -> i32 {
    let operation = Operation {
        ring: ring.value,
        start: Task::current().leader().then(Task::start_boottime).value,
        pid: (bpf_get_current_pid_tgid() >> 32) as u32,
        opcode: opcode.value,
    };
    let first = || {
        // SAFETY: the value is not looked at.
        if unsafe { REPORTED.get(operation) }.is_some() {
            return Err(Miss::Filtered);
        }
        let _ = REPORTED.insert(operation, 1, 0);
        Ok(())
    };
    observe_if::<KernelIoUringSubmit, _>(ctx, first, |record, ()| {
        record.body().opcode = opcode.required()?;
        record.body().sq_thread = sq_thread;
        Ok(())
    })
}
