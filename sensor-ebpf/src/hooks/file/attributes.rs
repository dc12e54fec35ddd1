//! Calls that change what the inode says of a file, at their end; the same in both tiers.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use sensor_common::event::file::{FileMode, FileOwner, FileXattr, Which};

use crate::kernel::{
    Miss, Ptr, Read,
    call::{Call, at_exit},
    name::WORKING_DIRECTORY,
    record::Record,
};

/// The directory of calls that have no argument for it.
const HERE: Read<i32> = Read::known(WORKING_DIRECTORY);
/// Flags of calls that have none.
const NONE: Read<u32> = Read::known(0);

/// `chmod`: a file gets another mode.
///
/// # Reports
/// The name as passed with the directory that starts from, the mode, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As `sys_exit_unlink`.
#[tracepoint(category = "syscalls", name = "sys_exit_chmod")]
pub fn sys_exit_chmod(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| mode(record, call, HERE, call.pointer::<0>(), (call.word::<1>(), NONE)))
}

/// `fchmodat`, as [`sys_exit_chmod`].
#[tracepoint(category = "syscalls", name = "sys_exit_fchmodat")]
pub fn sys_exit_fchmodat(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| {
        mode(record, call, call.int::<0>(), call.pointer::<1>(), (call.word::<2>(), NONE))
    })
}

/// `fchmodat2`, as [`sys_exit_chmod`]; since Linux 6.6.
#[tracepoint(category = "syscalls", name = "sys_exit_fchmodat2")]
pub fn sys_exit_fchmodat2(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| {
        mode(record, call, call.int::<0>(), call.pointer::<1>(), (call.word::<2>(), call.word::<3>()))
    })
}

/// `fchmod`: the file behind a descriptor gets another mode.
///
/// # Reports
/// The file, the mode, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// Another thread that replaces the descriptor before the call ends: records are flagged unverified.
#[tracepoint(category = "syscalls", name = "sys_exit_fchmod")]
pub fn sys_exit_fchmod(ctx: TracePointContext) -> u32 {
    at_exit::<FileMode>(&ctx, |record, call| {
        let fd = record.take(call.int::<0>());
        record.body().ending = record.ending(call);
        record.body().mode = record.take(call.word::<1>());
        let (which, file) = record.by_descriptor(fd);
        record.body().which = which;
        record.body().file = record.object_of(file)?;
        Ok(())
    })
}

#[inline(always)]
fn mode(
    record: &mut Record<FileMode>,
    call: Call,
    dirfd: Read<i32>,
    name: Read<Ptr>,
    (mode, flags): (Read<u32>, Read<u32>),
) -> Result<(), Miss> {
    record.body().ending = record.ending(call);
    record.body().mode = record.take(mode);
    let (dirfd, flags) = (record.take(dirfd), record.take(flags));
    record.body().which = record.by_name(dirfd, name, flags)?;
    Ok(())
}

/// `chown`: a file gets another owner or group.
///
/// # Reports
/// The name as passed with the directory that starts from, the ids, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As `sys_exit_unlink`.
#[tracepoint(category = "syscalls", name = "sys_exit_chown")]
pub fn sys_exit_chown(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| {
        owner(record, call, HERE, call.pointer::<0>(), (call.word::<1>(), call.word::<2>(), NONE))
    })
}

/// `lchown`, as [`sys_exit_chown`].
#[tracepoint(category = "syscalls", name = "sys_exit_lchown")]
pub fn sys_exit_lchown(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| {
        owner(record, call, HERE, call.pointer::<0>(), (call.word::<1>(), call.word::<2>(), NONE))
    })
}

/// `fchownat`, as [`sys_exit_chown`].
#[tracepoint(category = "syscalls", name = "sys_exit_fchownat")]
pub fn sys_exit_fchownat(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| {
        let asked = (call.word::<2>(), call.word::<3>(), call.word::<4>());
        owner(record, call, call.int::<0>(), call.pointer::<1>(), asked)
    })
}

/// `fchown`: the file behind a descriptor gets another owner or group.
///
/// # Reports
/// The file, the ids, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_fchmod`].
#[tracepoint(category = "syscalls", name = "sys_exit_fchown")]
pub fn sys_exit_fchown(ctx: TracePointContext) -> u32 {
    at_exit::<FileOwner>(&ctx, |record, call| {
        let fd = record.take(call.int::<0>());
        record.body().ending = record.ending(call);
        record.body().uid = record.take(call.word::<1>());
        record.body().gid = record.take(call.word::<2>());
        let (which, file) = record.by_descriptor(fd);
        record.body().which = which;
        record.body().file = record.object_of(file)?;
        Ok(())
    })
}

#[inline(always)]
fn owner(
    record: &mut Record<FileOwner>,
    call: Call,
    dirfd: Read<i32>,
    name: Read<Ptr>,
    (uid, gid, flags): (Read<u32>, Read<u32>, Read<u32>),
) -> Result<(), Miss> {
    record.body().ending = record.ending(call);
    record.body().uid = record.take(uid);
    record.body().gid = record.take(gid);
    let (dirfd, flags) = (record.take(dirfd), record.take(flags));
    record.body().which = record.by_name(dirfd, name, flags)?;
    Ok(())
}

/// `setxattr`: an extended attribute is set.
///
/// # Reports
/// The name as passed with the directory that starts from, the name of the attribute, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As `sys_exit_unlink`, in both tiers. `setxattrat` and `removexattrat` (Linux 6.13).
#[tracepoint(category = "syscalls", name = "sys_exit_setxattr")]
pub fn sys_exit_setxattr(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| attribute(record, call, call.argument::<3>(), call.word::<4>()))
}

/// `lsetxattr`, as [`sys_exit_setxattr`].
#[tracepoint(category = "syscalls", name = "sys_exit_lsetxattr")]
pub fn sys_exit_lsetxattr(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| attribute(record, call, call.argument::<3>(), call.word::<4>()))
}

/// `removexattr`, as [`sys_exit_setxattr`].
#[tracepoint(category = "syscalls", name = "sys_exit_removexattr")]
pub fn sys_exit_removexattr(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| attribute(record, call, Read::known(0), NONE))
}

/// `lremovexattr`, as [`sys_exit_setxattr`].
#[tracepoint(category = "syscalls", name = "sys_exit_lremovexattr")]
pub fn sys_exit_lremovexattr(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| attribute(record, call, Read::known(0), NONE))
}

/// `fsetxattr`: an extended attribute of the file behind a descriptor is set.
///
/// # Reports
/// The file, the name of the attribute, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_fchmod`].
#[tracepoint(category = "syscalls", name = "sys_exit_fsetxattr")]
pub fn sys_exit_fsetxattr(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| attribute_behind(record, call, call.argument::<3>(), call.word::<4>()))
}

/// `fremovexattr`, as [`sys_exit_fsetxattr`].
#[tracepoint(category = "syscalls", name = "sys_exit_fremovexattr")]
pub fn sys_exit_fremovexattr(ctx: TracePointContext) -> u32 {
    at_exit(&ctx, |record, call| attribute_behind(record, call, Read::known(0), NONE))
}

#[inline(always)]
fn attribute(
    record: &mut Record<FileXattr>,
    call: Call,
    size: Read<u64>,
    flags: Read<u32>,
) -> Result<(), Miss> {
    let flags = named(record, call, size, flags)?;
    record.body().which = record.by_name(WORKING_DIRECTORY, call.pointer::<0>(), flags)?;
    Ok(())
}

#[inline(always)]
fn attribute_behind(
    record: &mut Record<FileXattr>,
    call: Call,
    size: Read<u64>,
    flags: Read<u32>,
) -> Result<(), Miss> {
    let flags = named(record, call, size, flags)?;
    let fd = record.take(call.int::<0>());
    let (which, file) = record.by_descriptor(fd);
    record.body().which = Which { flags, ..which };
    record.body().file = record.object_of(file)?;
    Ok(())
}

/// How the call ended, and the name of the attribute; gives the flags.
#[inline(always)]
fn named(record: &mut Record<FileXattr>, call: Call, size: Read<u64>, flags: Read<u32>) -> Result<u32, Miss> {
    record.body().ending.result = call.result();
    record.body().size = record.take(size);
    let attribute = record.take(call.pointer::<1>());
    record.body().attribute = record.user_string(attribute)?;
    Ok(record.take(flags))
}
