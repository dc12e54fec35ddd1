//! `linux_binprm` and the arguments in the new memory.

use sensor_common::{
    event::process::{ARGV_HEAD, ARGV_TAIL, ENV_HEAD, ProcessExec},
    header::flags,
    tail::{COMPONENT_SIZE, MAX_PIECE, MAX_START},
};

use super::{
    Miss, Ptr,
    globals::{config, offset},
    record::Record,
    task::Task,
};

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

/// The start of the environment, if it is wanted. It lies in the new memory as the arguments do.
#[inline(always)]
pub(crate) fn environment(record: &mut Record<ProcessExec>) -> Result<(), Miss> {
    if config!(capture_env) == 0 {
        return Ok(());
    }
    let mm = Task::current().memory();
    let start = record.take(mm.read::<u64>(offset!(mm_env_start)));
    let len = record.take(mm.read::<u64>(offset!(mm_env_end))).saturating_sub(start);
    record.body().env_len = len as u32;
    record.body().env = record.user_bytes(Ptr::argument(start), len)?;
    Ok(())
}

const _: () = assert!(ARGV_HEAD == MAX_PIECE, "an argument area's head is one whole piece");
const _: () = assert!(ENV_HEAD == MAX_PIECE, "so is what is kept of an environment");
/// A path may exceed a piece by less than one component.
const LONGEST_PATH: usize = MAX_PIECE + COMPONENT_SIZE;
const _: () = assert!(
    2 * LONGEST_PATH + 2 * MAX_PIECE + ARGV_TAIL <= MAX_START,
    "behind two paths, a file name, arguments with their tail, an environment finds room"
);
