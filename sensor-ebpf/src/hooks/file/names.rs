//! Calls that give names to files and take them away, at their end; the same in both tiers.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use sensor_common::event::file::{FileLink, FileMkdir, FileMknod, FileRemove, FileRename, FileSymlink};

use crate::kernel::{
    Miss, Ptr, Read,
    call::{Call, at_exit},
    name::WORKING_DIRECTORY,
    record::Record,
};

/// The directory of calls that have no argument for it.
const HERE: Read<i32> = Read::known(WORKING_DIRECTORY);
/// Flags or an argument of calls that have none.
const NONE: Read<u32> = Read::known(0);

/// `unlink`: a name is removed.
///
/// # Reports
/// The name as passed with the directory it starts from, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// Links in the name are not followed, and the program may change the name before the call ends (records are flagged
/// unverified); the `lsm` tier completes the record with what the kernel found. 32-bit calls and `io_uring`.
#[tracepoint(category = "syscalls", name = "sys_exit_unlink")]
pub fn sys_exit_unlink(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| remove(record, call, HERE, call.pointer::<0>(), NONE))
}

/// `unlinkat`, as [`sys_exit_unlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_unlinkat")]
pub fn sys_exit_unlinkat(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| remove(record, call, call.int::<0>(), call.pointer::<1>(), call.word::<2>()))
}

/// `rmdir`, as [`sys_exit_unlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_rmdir")]
pub fn sys_exit_rmdir(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| remove(record, call, HERE, call.pointer::<0>(), NONE))
}

#[inline(always)]
fn remove(
    record: &mut Record<FileRemove>,
    call: Call,
    dirfd: Read<i32>,
    name: Read<Ptr>,
    flags: Read<u32>,
) -> Result<(), Miss> {
    let dirfd = record.take(dirfd);
    record.body().ending = record.ending(call);
    record.body().dirfd = dirfd;
    record.body().flags = record.take(flags);
    record.body().name = record.name(dirfd, name)?;
    Ok(())
}

/// `rename`: a file gets another name.
///
/// # Reports
/// Both names as passed with the directories they start from, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_unlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_rename")]
pub fn sys_exit_rename(ctx: TracePointContext) -> u32 {
    at_exit::<FileRename>(&ctx, |record, call| {
        record.body().ending = record.ending(call);
        record.body().names = record.names((HERE, call.pointer::<0>()), (HERE, call.pointer::<1>()), NONE)?;
        Ok(())
    })
}

/// `renameat`, as [`sys_exit_rename`].
#[tracepoint(category = "syscalls", name = "sys_exit_renameat")]
pub fn sys_exit_renameat(ctx: TracePointContext) -> u32 {
    at_exit::<FileRename>(&ctx, |record, call| {
        record.body().ending = record.ending(call);
        record.body().names = record.names(
            (call.int::<0>(), call.pointer::<1>()),
            (call.int::<2>(), call.pointer::<3>()),
            NONE,
        )?;
        Ok(())
    })
}

/// `renameat2`, as [`sys_exit_rename`].
#[tracepoint(category = "syscalls", name = "sys_exit_renameat2")]
pub fn sys_exit_renameat2(ctx: TracePointContext) -> u32 {
    at_exit::<FileRename>(&ctx, |record, call| {
        record.body().ending = record.ending(call);
        record.body().names = record.names(
            (call.int::<0>(), call.pointer::<1>()),
            (call.int::<2>(), call.pointer::<3>()),
            call.word::<4>(),
        )?;
        Ok(())
    })
}

/// `link`: a file gets one more name.
///
/// # Reports
/// Both names as passed with the directories they start from, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_unlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_link")]
pub fn sys_exit_link(ctx: TracePointContext) -> u32 {
    at_exit::<FileLink>(&ctx, |record, call| {
        record.body().ending = record.ending(call);
        record.body().names = record.names((HERE, call.pointer::<0>()), (HERE, call.pointer::<1>()), NONE)?;
        Ok(())
    })
}

/// `linkat`, as [`sys_exit_link`].
#[tracepoint(category = "syscalls", name = "sys_exit_linkat")]
pub fn sys_exit_linkat(ctx: TracePointContext) -> u32 {
    at_exit::<FileLink>(&ctx, |record, call| {
        record.body().ending = record.ending(call);
        record.body().names = record.names(
            (call.int::<0>(), call.pointer::<1>()),
            (call.int::<2>(), call.pointer::<3>()),
            call.word::<4>(),
        )?;
        Ok(())
    })
}

/// `symlink`: a symbolic link is made.
///
/// # Reports
/// What it says, its name as passed with the directory that starts from, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_unlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_symlink")]
pub fn sys_exit_symlink(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| symlink(record, call, HERE, call.pointer::<1>()))
}

/// `symlinkat`, as [`sys_exit_symlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_symlinkat")]
pub fn sys_exit_symlinkat(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| symlink(record, call, call.int::<1>(), call.pointer::<2>()))
}

#[inline(always)]
fn symlink(
    record: &mut Record<FileSymlink>,
    call: Call,
    dirfd: Read<i32>,
    name: Read<Ptr>,
) -> Result<(), Miss> {
    let dirfd = record.take(dirfd);
    record.body().ending = record.ending(call);
    record.body().dirfd = dirfd;
    let target = record.take(call.pointer::<0>());
    record.body().target = record.user_string(target)?;
    record.body().name = record.name(dirfd, name)?;
    Ok(())
}

/// `mkdir`: a directory is made.
///
/// # Reports
/// Its name as passed with the directory that starts from, its mode, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_unlink`].
#[tracepoint(category = "syscalls", name = "sys_exit_mkdir")]
pub fn sys_exit_mkdir(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| mkdir(record, call, HERE, call.pointer::<0>(), call.word::<1>()))
}

/// `mkdirat`, as [`sys_exit_mkdir`].
#[tracepoint(category = "syscalls", name = "sys_exit_mkdirat")]
pub fn sys_exit_mkdirat(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| mkdir(record, call, call.int::<0>(), call.pointer::<1>(), call.word::<2>()))
}

#[inline(always)]
fn mkdir(
    record: &mut Record<FileMkdir>,
    call: Call,
    dirfd: Read<i32>,
    name: Read<Ptr>,
    mode: Read<u32>,
) -> Result<(), Miss> {
    let dirfd = record.take(dirfd);
    record.body().ending = record.ending(call);
    record.body().dirfd = dirfd;
    record.body().mode = record.take(mode);
    record.body().name = record.name(dirfd, name)?;
    Ok(())
}

/// `mknod`: a device, pipe, socket or file is made.
///
/// # Reports
/// Its name as passed with the directory that starts from, type, mode and device, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_unlink`], in both tiers.
#[tracepoint(category = "syscalls", name = "sys_exit_mknod")]
pub fn sys_exit_mknod(ctx: TracePointContext) -> u32 {
    at_exit::<FileMknod>(&ctx, |record, call| {
        let dirfd = record.take(HERE);
        record.body().ending.result = call.result();
        record.body().dirfd = dirfd;
        record.body().mode = record.take(call.word::<1>());
        record.body().device = record.take(call.word::<2>());
        record.body().name = record.name(dirfd, call.pointer::<0>())?;
        Ok(())
    })
}

/// `mknodat`, as [`sys_exit_mknod`].
#[tracepoint(category = "syscalls", name = "sys_exit_mknodat")]
pub fn sys_exit_mknodat(ctx: TracePointContext) -> u32 {
    at_exit::<FileMknod>(&ctx, |record, call| {
        let dirfd = record.take(call.int::<0>());
        record.body().ending.result = call.result();
        record.body().dirfd = dirfd;
        record.body().mode = record.take(call.word::<2>());
        record.body().device = record.take(call.word::<3>());
        record.body().name = record.name(dirfd, call.pointer::<1>())?;
        Ok(())
    })
}
