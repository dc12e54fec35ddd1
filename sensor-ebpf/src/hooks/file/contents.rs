//! Calls that change what is in a file, and what tells that somebody may have.

use aya_ebpf::{
    macros::{fentry, tracepoint},
    programs::{FEntryContext, TracePointContext},
};
use sensor_common::{
    event::file::{FileClose, FileMap, FileTruncate},
    header::flags::UNVERIFIED,
};

use crate::kernel::{
    Miss, Ptr, Read,
    call::{argument, at_entry, at_exit, at_exit_if},
    file::File,
    name::{NO_DESCRIPTOR, WORKING_DIRECTORY, written},
    task::Task,
};

/// `PROT_WRITE` of `mmap`'s protection.
const PROT_WRITE: u64 = 2;
/// The part of `mmap`'s flags that says which kind of mapping it is (`MAP_TYPE`), and `MAP_ANONYMOUS`.
const KIND: u64 = 0xf;
const ANONYMOUS: u64 = 0x20;
/// `MAP_SHARED` and `MAP_SHARED_VALIDATE`.
const SHARED: u64 = 1;
const SHARED_VALIDATE: u64 = 3;

/// `truncate`: a file is cut or extended.
///
/// # Reports
/// The name as passed with the directory that starts from, the length, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As `sys_exit_unlink`.
#[tracepoint(category = "syscalls", name = "sys_exit_truncate")]
pub fn sys_exit_truncate(ctx: TracePointContext) -> u32 {
    at_exit::<FileTruncate>(&ctx, |record, call| {
        record.body().ending = record.ending(call);
        record.body().length = record.take(call.argument::<1>()).cast_signed();
        record.body().which = record.by_name(WORKING_DIRECTORY, call.pointer::<0>(), 0)?;
        Ok(())
    })
}

/// `ftruncate`: the file behind a descriptor is cut or extended.
///
/// # Reports
/// The file as it is afterwards, the length, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// Another thread that replaces the descriptor before the call ends: records are flagged unverified.
#[tracepoint(category = "syscalls", name = "sys_exit_ftruncate")]
pub fn sys_exit_ftruncate(ctx: TracePointContext) -> u32 {
    at_exit::<FileTruncate>(&ctx, |record, call| {
        let fd = record.take(call.int::<0>());
        record.body().ending = record.ending(call);
        record.body().length = record.take(call.argument::<1>()).cast_signed();
        let (which, file) = record.by_descriptor(fd);
        record.body().which = which;
        record.body().file = record.object_of(file)?;
        Ok(())
    })
}

/// `mmap` of a file, shared and writable: writes to memory change the file, and no call tells of them.
///
/// # Reports
/// The file behind the descriptor, what was asked for, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// A mapping made writable later (`mprotect`); another thread that replaces the descriptor before the call ends: records
/// are flagged unverified.
#[tracepoint(category = "syscalls", name = "sys_exit_mmap")]
pub fn sys_exit_mmap(ctx: TracePointContext) -> u32 {
    let wanted = |_| {
        let (protection, flags) = (argument::<2>(), argument::<3>());
        let kind = flags & KIND;
        let shared = kind == SHARED || kind == SHARED_VALIDATE;
        Miss::filtered_unless(protection & PROT_WRITE != 0 && flags & ANONYMOUS == 0 && shared)
    };
    at_exit_if::<FileMap, _>(&ctx, wanted, |record, call, ()| {
        let fd = record.take(call.int::<4>());
        record.body().result = call.result();
        record.body().address = record.take(call.argument::<0>());
        record.body().length = record.take(call.argument::<1>());
        record.body().protection = record.take(call.word::<2>());
        record.body().flags = record.take(call.word::<3>());
        record.body().offset = record.take(call.argument::<5>());
        record.body().fd = fd;
        let (_, file) = record.by_descriptor(fd);
        record.body().file = record.object_of(file)?;
        Ok(())
    })
}

/// `close` of a regular file that was open for writing, `tracepoint` tier.
///
/// # Reports
/// The file as it is left, before the descriptor is gone. Each descriptor of one opening is one record.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// Files that are closed by the end of the process, by an exec, or by `dup2` over them. Another thread that replaces the
/// descriptor meanwhile: records are flagged unverified. Writes to a mapping that outlives the descriptor.
#[tracepoint(category = "syscalls", name = "sys_enter_close")]
pub fn sys_enter_close(ctx: TracePointContext) -> u32 {
    let fd = at_entry::<0>(&ctx) as u32;
    written::<FileClose>(&ctx, Task::current().open_file(fd), |record, file| {
        record.flag(UNVERIFIED);
        record.body().fd = fd.cast_signed();
        record.body().fmode = record.take(file.mode());
        record.body().file = file.object(record)?;
        Ok(())
    });
    0
}

/// The last hold on a regular file that was open for writing is gone, `lsm` tier.
///
/// # Reports
/// The file as it is left, however it was closed: by `close`, by the end of the process, or by the end of a mapping. One
/// opening is one record.
/// # Since kernel
/// 5.5 (fentry).
/// # Blind spots
/// What the kernel itself opened. Where the last hold is a kernel thread's, as for what a descriptor sent over a socket
/// and never received, the record is of that thread.
#[fentry(function = "locks_remove_file")]
pub fn locks_remove_file(ctx: FEntryContext) -> i32 {
    let file = Read::known(File::from(Ptr::argument(ctx.arg(0))));
    written::<FileClose>(&ctx, file, |record, file| {
        record.body().fd = NO_DESCRIPTOR;
        record.body().fmode = record.take(file.mode());
        record.body().file = file.object(record)?;
        Ok(())
    })
}
