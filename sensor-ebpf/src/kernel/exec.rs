//! `linux_binprm` and the arguments in the new memory.

use sensor_common::{
    event::process::{ARGV_HEAD, ARGV_TAIL, ProcessExec},
    header::flags,
    tail::MAX_PIECE,
};

use super::{Miss, Ptr, globals::offset, record::Record, task::Task};

/// The exec being carried out.
#[derive(Clone, Copy)]
pub(crate) struct Binprm(Ptr);

impl From<Ptr> for Binprm {
    #[inline(always)]
    fn from(binprm: Ptr) -> Self {
        Self(binprm)
    }
}

impl Binprm {
    /// The arguments, and the name that the call was given.
    #[inline(always)]
    pub(crate) fn arguments(self, record: &mut Record<ProcessExec>) -> Result<(), Miss> {
        record.body().argc = record.take(self.0.read(offset!(bprm_argc)));
        if self.0.read::<u64>(offset!(bprm_fdpath)).value != 0 {
            record.flag(flags::BY_DESCRIPTOR);
        }
        let filename = record.take(self.0.follow(offset!(bprm_filename)));
        record.body().filename = record.kernel_string(filename)?;
        let mm = Task::current().memory();
        let start = record.take(mm.read::<u64>(offset!(mm_arg_start)));
        let end = record.take(mm.read::<u64>(offset!(mm_arg_end)));
        let len = end.saturating_sub(start);
        record.body().argv_len = len as u32;
        record.body().argv = record.user_bytes(Ptr::argument(start), len)?;
        if len > ARGV_HEAD as u64 {
            let rest = len.wrapping_sub(ARGV_HEAD as u64);
            let tail = if rest < ARGV_TAIL as u64 { rest } else { ARGV_TAIL as u64 };
            record.body().argv_tail = record.user_bytes(Ptr::argument(end.wrapping_sub(tail)), tail)?;
        }
        Ok(())
    }
}

const _: () = assert!(ARGV_HEAD == MAX_PIECE, "an argument area's head is one whole piece");
