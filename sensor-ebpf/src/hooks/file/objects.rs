//! What the kernel found for calls on names, before it changes it; `lsm` tier.
//!
//! These programs are on the functions that ask the security modules. They see `io_uring` and 32-bit calls too, and need
//! no security module to be switched on. What became of the call they do not see: the record of its end tells.

use aya_ebpf::{macros::fentry, programs::FEntryContext};
use sensor_common::event::file::{
    FileLink, FileMkdir, FileMode, FileOwner, FileRemove, FileRename, FileSymlink, FileTruncate,
};

use crate::kernel::{
    Ptr,
    name::{NO_DESCRIPTOR, WORKING_DIRECTORY, entry, found, place},
};

/// `AT_REMOVEDIR`, which `rmdir` does without being told.
const REMOVE_DIRECTORY: u32 = 0x200;

/// A name is about to be removed.
///
/// # Reports
/// The file and the path.
/// # Since kernel
/// 5.5 (fentry).
/// # Blind spots
/// Calls that fail before: their ends have the names as passed.
#[fentry(function = "security_path_unlink")]
pub fn security_path_unlink(ctx: FEntryContext) -> i32 {
    found::<FileRemove>(&ctx, |record| {
        record.body().dirfd = WORKING_DIRECTORY;
        record.body().file = entry(ctx.arg(0), ctx.arg(1))?.object(record)?;
        Ok(())
    })
}

/// A directory is about to be removed, as [`security_path_unlink`].
#[fentry(function = "security_path_rmdir")]
pub fn security_path_rmdir(ctx: FEntryContext) -> i32 {
    found::<FileRemove>(&ctx, |record| {
        record.body().dirfd = WORKING_DIRECTORY;
        record.body().flags = REMOVE_DIRECTORY;
        record.body().file = entry(ctx.arg(0), ctx.arg(1))?.object(record)?;
        Ok(())
    })
}

/// A file is about to get another name; what has that name now is told too, as [`security_path_unlink`].
#[fentry(function = "security_path_rename")]
pub fn security_path_rename(ctx: FEntryContext) -> i32 {
    found::<FileRename>(&ctx, |record| {
        record.body().names.old_dirfd = WORKING_DIRECTORY;
        record.body().names.new_dirfd = WORKING_DIRECTORY;
        record.body().names.flags = ctx.arg(4);
        record.body().file = entry(ctx.arg(0), ctx.arg(1))?.object(record)?;
        record.body().replaced = entry(ctx.arg(2), ctx.arg(3))?.object(record)?;
        Ok(())
    })
}

/// A file is about to get one more name. Its path is that in the mount of the new name, which must be the same, as [`security_path_unlink`].
#[fentry(function = "security_path_link")]
pub fn security_path_link(ctx: FEntryContext) -> i32 {
    found::<FileLink>(&ctx, |record| {
        record.body().names.old_dirfd = WORKING_DIRECTORY;
        record.body().names.new_dirfd = WORKING_DIRECTORY;
        record.body().file = entry(ctx.arg(1), ctx.arg(0))?.object(record)?;
        record.body().link = entry(ctx.arg(1), ctx.arg(2))?.object(record)?;
        Ok(())
    })
}

/// A symbolic link is about to be made, as [`security_path_unlink`].
#[fentry(function = "security_path_symlink")]
pub fn security_path_symlink(ctx: FEntryContext) -> i32 {
    found::<FileSymlink>(&ctx, |record| {
        record.body().dirfd = WORKING_DIRECTORY;
        record.body().target = record.kernel_string(Ptr::argument(ctx.arg(2)))?;
        record.body().file = entry(ctx.arg(0), ctx.arg(1))?.object(record)?;
        Ok(())
    })
}

/// A directory is about to be made, as [`security_path_unlink`].
#[fentry(function = "security_path_mkdir")]
pub fn security_path_mkdir(ctx: FEntryContext) -> i32 {
    found::<FileMkdir>(&ctx, |record| {
        record.body().dirfd = WORKING_DIRECTORY;
        record.body().mode = u32::from(ctx.arg::<u16>(2));
        record.body().file = entry(ctx.arg(0), ctx.arg(1))?.object(record)?;
        Ok(())
    })
}

/// A file is about to get another mode, as [`security_path_unlink`].
#[fentry(function = "security_path_chmod")]
pub fn security_path_chmod(ctx: FEntryContext) -> i32 {
    found::<FileMode>(&ctx, |record| {
        record.body().which.fd = NO_DESCRIPTOR;
        record.body().mode = u32::from(ctx.arg::<u16>(1));
        record.body().file = place(ctx.arg(0))?.object(record)?;
        Ok(())
    })
}

/// A file is about to get another owner or group, as [`security_path_unlink`].
#[fentry(function = "security_path_chown")]
pub fn security_path_chown(ctx: FEntryContext) -> i32 {
    owner_changes(&ctx)
}

/// [`security_path_chown`] of kernels before 6.0, whose trampolines take no structures as arguments: its caller, which
/// has the same as plain numbers.
#[fentry(function = "chown_common")]
pub fn chown_common(ctx: FEntryContext) -> i32 {
    owner_changes(&ctx)
}

#[inline(always)]
fn owner_changes(ctx: &FEntryContext) -> i32 {
    found::<FileOwner>(ctx, |record| {
        record.body().which.fd = NO_DESCRIPTOR;
        record.body().uid = ctx.arg(1);
        record.body().gid = ctx.arg(2);
        record.body().file = place(ctx.arg(0))?.object(record)?;
        Ok(())
    })
}

/// A file is about to be cut or extended. Before Linux 6.2 `ftruncate` and opens with `O_TRUNC` pass here too, as [`security_path_unlink`].
#[fentry(function = "security_path_truncate")]
pub fn security_path_truncate(ctx: FEntryContext) -> i32 {
    found::<FileTruncate>(&ctx, |record| {
        record.body().which.fd = NO_DESCRIPTOR;
        record.body().file = place(ctx.arg(0))?.object(record)?;
        Ok(())
    })
}
