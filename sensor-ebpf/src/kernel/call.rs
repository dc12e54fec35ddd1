//! System calls at their end: what they returned, and the registers they were entered with.

use aya_ebpf::programs::TracePointContext;
use sensor_common::{
    event::{Payload, file::Name},
    header::flags,
    tail::Path,
};

use super::{Miss, Ptr, Read, observe, record::Record, regs, task::Task};

/// Where a `sys_exit_*` record has the call's number and what it returned.
const NUMBER: usize = 8;
const RESULT: usize = 16;
/// `AT_FDCWD`: names are relative to the working directory.
pub(crate) const WORKING_DIRECTORY: i32 = -100;

/// A system call that ends.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    number: u32,
    result: i64,
}

impl Call {
    #[inline(always)]
    fn ending(ctx: &TracePointContext) -> Result<Self, Miss> {
        // SAFETY: the offset is within the record of every `sys_exit_*` tracepoint.
        let number = unsafe { ctx.read_at::<u32>(NUMBER) };
        // SAFETY: as above.
        let result = unsafe { ctx.read_at::<i64>(RESULT) };
        match (number, result) {
            (Ok(number), Ok(result)) => Ok(Self { number, result }),
            _ => Err(Miss::Unreadable),
        }
    }

    /// What it returned: a value, or an error negated.
    #[inline(always)]
    pub(crate) const fn result(self) -> i64 {
        self.result
    }

    /// Argument number `N`, from 0.
    #[inline(always)]
    #[expect(clippy::unused_self, reason = "the current task's registers are the call's while it lasts")]
    pub(crate) fn argument<const N: usize>(self) -> Read<u64> {
        regs::argument::<N>()
    }

    /// The same where it is an `unsigned int`.
    #[inline(always)]
    pub(crate) fn word<const N: usize>(self) -> Read<u32> {
        self.argument::<N>().map(|word| word as u32)
    }

    /// The same where it is an `int`.
    #[inline(always)]
    pub(crate) fn int<const N: usize>(self) -> Read<i32> {
        self.word::<N>().map(u32::cast_signed)
    }

    /// The same where it is an address.
    #[inline(always)]
    pub(crate) fn pointer<const N: usize>(self) -> Read<Ptr> {
        self.argument::<N>().map(Ptr::argument)
    }
}

/// Reports a system call at its end.
#[inline(always)]
pub(crate) fn at_exit<E: Payload>(
    ctx: &TracePointContext,
    fill: impl FnOnce(&mut Record<E>, Call) -> Result<(), Miss>,
) -> u32 {
    observe::<E>(ctx, |record| {
        let call = Call::ending(ctx)?;
        record.header().syscall = call.number;
        fill(record, call)
    });
    0
}

/// Reports a system call at its end if it is one of those that are `wanted`; of others nothing is done or counted.
#[inline(always)]
pub(crate) fn at_exit_of<E: Payload>(
    ctx: &TracePointContext,
    wanted: impl FnOnce(Call) -> bool,
    fill: impl FnOnce(&mut Record<E>, Call) -> Result<(), Miss>,
) -> u32 {
    match Call::ending(ctx) {
        Ok(call) if !wanted(call) => 0,
        Ok(_) | Err(_) => at_exit(ctx, fill),
    }
}

impl<E: Payload> Record<E> {
    /// Path of the file behind a descriptor, which another thread may have replaced since; empty where there is none.
    #[inline(always)]
    pub(crate) fn descriptor(&mut self, fd: i32) -> Result<Path, Miss> {
        self.flag(flags::UNVERIFIED);
        match Task::current().file(fd as u32) {
            Ok(file) => self.path(file.path()),
            Err(_) => Ok(Path::default()),
        }
    }

    /// A name that the program passed, and the directory it is relative to. The program may have changed it since.
    #[inline(always)]
    pub(crate) fn name(&mut self, dirfd: i32, name: Read<Ptr>) -> Result<Name, Miss> {
        self.flag(flags::UNVERIFIED);
        let given = self.take(name);
        Ok(Name { given: self.user_string(given)?, directory: self.directory(dirfd)? })
    }

    /// Path of the directory behind a descriptor; empty where there is none.
    #[inline(always)]
    fn directory(&self, dirfd: i32) -> Result<Path, Miss> {
        let task = Task::current();
        if dirfd == WORKING_DIRECTORY {
            return self.path(task.working_directory_path());
        }
        match task.file(dirfd as u32) {
            Ok(file) => self.path(file.path()),
            Err(_) => Ok(Path::default()),
        }
    }
}
