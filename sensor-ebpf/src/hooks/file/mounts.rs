//! Calls that change which file systems are where, at their end; the same in both tiers.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use sensor_common::event::file::{FileFsmount, FileMount, FileMoveMount, FileOpenTree, FileRoot, FileUmount};

use crate::kernel::{call::at_exit, name::WORKING_DIRECTORY};

/// `mount`: a file system is mounted, or a mount changed.
///
/// # Reports
/// What, where, the type, the flags, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As `sys_exit_unlink`, in both tiers; file systems that the kernel mounts by itself.
#[tracepoint(category = "syscalls", name = "sys_exit_mount")]
pub fn sys_exit_mount(ctx: TracePointContext) -> u32 {
    at_exit::<FileMount>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().flags = record.take(call.argument::<3>());
        let kind = record.take(call.pointer::<2>());
        if !kind.is_null() {
            record.body().file_system = record.user_string(kind)?;
        }
        record.body().source = record.name(WORKING_DIRECTORY, call.pointer::<0>())?;
        record.body().directory = record.name(WORKING_DIRECTORY, call.pointer::<1>())?;
        Ok(())
    })
}

/// `umount2`, which the kernel calls `umount`: a mount is taken away.
///
/// # Reports
/// Where, the flags, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_mount`].
#[tracepoint(category = "syscalls", name = "sys_exit_umount")]
pub fn sys_exit_umount(ctx: TracePointContext) -> u32 {
    at_exit::<FileUmount>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().flags = record.take(call.word::<1>());
        record.body().name = record.name(WORKING_DIRECTORY, call.pointer::<0>())?;
        Ok(())
    })
}

/// `pivot_root`: the mount namespace gets another root.
///
/// # Reports
/// The new root and the place of the old one as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_mount`]. Both names are put together with the directories and the root as they are afterwards.
#[tracepoint(category = "syscalls", name = "sys_exit_pivot_root")]
pub fn sys_exit_pivot_root(ctx: TracePointContext) -> u32 {
    at_exit::<FileRoot>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().name = record.name(WORKING_DIRECTORY, call.pointer::<0>())?;
        record.body().old = record.name(WORKING_DIRECTORY, call.pointer::<1>())?;
        Ok(())
    })
}

/// `chroot`: the process gets another root.
///
/// # Reports
/// Its name as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_mount`]. An absolute name is put together with the root as it is afterwards.
#[tracepoint(category = "syscalls", name = "sys_exit_chroot")]
pub fn sys_exit_chroot(ctx: TracePointContext) -> u32 {
    at_exit::<FileRoot>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().name = record.name(WORKING_DIRECTORY, call.pointer::<0>())?;
        Ok(())
    })
}

/// `move_mount`: a mount is moved or attached.
///
/// # Reports
/// From where to where, the flags, and what came of it.
/// # Since kernel
/// 5.2.
/// # Blind spots
/// As [`sys_exit_mount`].
#[tracepoint(category = "syscalls", name = "sys_exit_move_mount")]
pub fn sys_exit_move_mount(ctx: TracePointContext) -> u32 {
    at_exit::<FileMoveMount>(&ctx, |record, call| {
        let (from, to) = ((call.int::<0>(), call.pointer::<1>()), (call.int::<2>(), call.pointer::<3>()));
        record.body().result = call.result();
        record.body().names = record.names(from, to, call.word::<4>())?;
        Ok(())
    })
}

/// `open_tree`: a mount is taken hold of by its name.
///
/// # Reports
/// The name, the flags, and the new descriptor or the error.
/// # Since kernel
/// 5.2.
/// # Blind spots
/// As [`sys_exit_mount`]; `open_tree_attr` (Linux 6.15).
#[tracepoint(category = "syscalls", name = "sys_exit_open_tree")]
pub fn sys_exit_open_tree(ctx: TracePointContext) -> u32 {
    at_exit::<FileOpenTree>(&ctx, |record, call| {
        let dirfd = record.take(call.int::<0>());
        record.body().result = call.result();
        record.body().dirfd = dirfd;
        record.body().flags = record.take(call.word::<2>());
        record.body().name = record.name(dirfd, call.pointer::<1>())?;
        Ok(())
    })
}

/// `fsmount`: a file system is made ready to be attached.
///
/// # Reports
/// The descriptor of its context, the flags, and the new descriptor or the error.
/// # Since kernel
/// 5.2.
/// # Blind spots
/// Which file system it is was said by earlier calls (`fsopen`, `fsconfig`).
#[tracepoint(category = "syscalls", name = "sys_exit_fsmount")]
pub fn sys_exit_fsmount(ctx: TracePointContext) -> u32 {
    at_exit::<FileFsmount>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().fs_fd = record.take(call.int::<0>());
        record.body().flags = record.take(call.word::<1>());
        record.body().attributes = record.take(call.word::<2>());
        Ok(())
    })
}
