//! Hooks of the kernel domain: calls that change what the kernel is or what a process can reach in it.

use aya_ebpf::{
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use sensor_common::{
    event::kernel::{
        KernelBpf, KernelIoUringSetup, KernelKexec, KernelModuleLoad, KernelModuleRemove,
        KernelPerfEventOpen, KernelSetns, KernelUnshare, KernelUserfaultfd,
    },
    header::flags,
};

use crate::kernel::{
    Miss, Ptr, Read,
    call::{Call, at_exit, at_exit_of},
    name::NO_DESCRIPTOR,
    record::Record,
    task::Task,
    uring::{self, Request},
};

/// `setns`: a thread enters other namespaces.
///
/// # Reports
/// The descriptor and the types as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_setns")]
pub fn sys_exit_setns(ctx: TracePointContext) -> u32 {
    at_exit::<KernelSetns>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().fd = record.take(call.int::<0>());
        record.body().nstype = record.take(call.word::<1>());
        Ok(())
    })
}

/// `unshare`: a thread leaves namespaces.
///
/// # Reports
/// The flags as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_unshare")]
pub fn sys_exit_unshare(ctx: TracePointContext) -> u32 {
    at_exit::<KernelUnshare>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().flags = record.take(call.argument::<0>());
        Ok(())
    })
}

/// `init_module`: a module is loaded from memory.
///
/// # Reports
/// The image's length and the parameters as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. The program may change the parameters before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_init_module")]
pub fn sys_exit_init_module(ctx: TracePointContext) -> u32 {
    at_exit::<KernelModuleLoad>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().fd = NO_DESCRIPTOR;
        record.body().length = record.take(call.argument::<1>());
        let parameters = record.take(call.pointer::<2>());
        record.body().parameters = record.user_string(parameters)?;
        Ok(())
    })
}

/// `finit_module`: a module is loaded from a file.
///
/// # Reports
/// The file behind the descriptor, flags and parameters as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. Another thread that replaces the descriptor before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_finit_module")]
pub fn sys_exit_finit_module(ctx: TracePointContext) -> u32 {
    at_exit::<KernelModuleLoad>(&ctx, |record, call| {
        record.body().result = call.result();
        let fd = record.take(call.int::<0>());
        record.body().fd = fd;
        record.body().flags = record.take(call.word::<2>());
        let parameters = record.take(call.pointer::<1>());
        record.body().parameters = record.user_string(parameters)?;
        module_file(record, fd)?;
        Ok(())
    })
}

/// The file of a module.
#[inline(always)]
fn module_file(record: &mut Record<KernelModuleLoad>, fd: i32) -> Result<(), Miss> {
    record.flag(flags::UNVERIFIED);
    if let Ok(file) = Task::current().file(fd as u32) {
        let facts = file.facts()?;
        record.body().dev = facts.dev;
        record.body().ino = facts.ino;
        record.body().file = record.path(file.path())?;
    }
    Ok(())
}

/// `delete_module`: a module is taken out of the kernel.
///
/// # Reports
/// Name and flags as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. The program may change the name before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_delete_module")]
pub fn sys_exit_delete_module(ctx: TracePointContext) -> u32 {
    at_exit::<KernelModuleRemove>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().flags = record.take(call.word::<1>());
        let name = record.take(call.pointer::<0>());
        record.body().name = record.user_string(name)?;
        Ok(())
    })
}

/// Commands of `bpf` that load, attach, pin or get hold of something, one bit each: `MAP_CREATE`, `PROG_LOAD`, `OBJ_PIN`,
/// `OBJ_GET`, `PROG_ATTACH`, `PROG_DETACH`, `PROG_GET_FD_BY_ID`, `MAP_GET_FD_BY_ID`, `RAW_TRACEPOINT_OPEN`,
/// `LINK_CREATE`, `LINK_UPDATE`, `LINK_GET_FD_BY_ID`, `ITER_CREATE`, `LINK_DETACH`, `PROG_BIND_MAP`, `TOKEN_CREATE`.
const REPORTED: u64 = 1 << MAP_CREATE
    | 1 << PROG_LOAD
    | 1 << 6
    | 1 << 7
    | 1 << PROG_ATTACH
    | 1 << 9
    | 1 << 13
    | 1 << 14
    | 1 << RAW_TRACEPOINT_OPEN
    | 1 << LINK_CREATE
    | 1 << 29
    | 1 << 30
    | 1 << 33
    | 1 << 34
    | 1 << 35
    | 1 << 36;
/// Commands whose operands are read.
const MAP_CREATE: u32 = 0;
const PROG_LOAD: u32 = 5;
const PROG_ATTACH: u32 = 8;
const RAW_TRACEPOINT_OPEN: u32 = 17;
const LINK_CREATE: u32 = 28;
/// Longest name of a program or map, its NUL included (`BPF_OBJ_NAME_LEN`), in bytes.
const OBJECT_NAME: u64 = 16;

/// Whether a command is one of those.
#[inline(always)]
fn is_reported(call: Call) -> bool {
    let Read { value: command, .. } = call.word::<0>();
    command < u64::BITS && REPORTED >> command & 1 == 1
}

/// `bpf`: programs and maps are made, attached, pinned, or got hold of.
///
/// # Reports
/// The command, type and name of what is made, what it is attached to, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. The program may change the operands before the call ends (records are flagged unverified). What is done to the
/// elements of maps.
#[tracepoint(category = "syscalls", name = "sys_exit_bpf")]
pub fn sys_exit_bpf(ctx: TracePointContext) -> u32 {
    at_exit_of::<KernelBpf>(&ctx, is_reported, |record, call| {
        record.body().result = call.result();
        record.body().command = record.take(call.word::<0>());
        bpf_operands(record, record.take(call.pointer::<1>()))?;
        Ok(())
    })
}

/// What `union bpf_attr` says, at the offsets that each command has of its own.
#[inline(always)]
fn bpf_operands(record: &mut Record<KernelBpf>, operands: Ptr) -> Result<(), Miss> {
    record.flag(flags::UNVERIFIED);
    let (object, attach_type, name) = match record.body().command {
        MAP_CREATE => (Some(0), None, Some(operands.plus(28))),
        PROG_LOAD => (Some(0), Some(68), Some(operands.plus(48))),
        PROG_ATTACH | LINK_CREATE => (None, Some(8), None),
        RAW_TRACEPOINT_OPEN => (None, None, Some(record.take(operands.user(0)))),
        _ => (None, None, None),
    };
    if let Some(at) = object {
        record.body().object = record.take(operands.user(at));
    }
    if let Some(at) = attach_type {
        record.body().attach_type = record.take(operands.user(at));
    }
    if let Some(name) = name {
        record.body().name = record.user_bytes(name, OBJECT_NAME)?;
    }
    Ok(())
}

/// `userfaultfd`: a program handles page faults itself.
///
/// # Reports
/// The flags as passed, and the descriptor or the error.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls; `/dev/userfaultfd`, whose open is an event of its own.
#[tracepoint(category = "syscalls", name = "sys_exit_userfaultfd")]
pub fn sys_exit_userfaultfd(ctx: TracePointContext) -> u32 {
    at_exit::<KernelUserfaultfd>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().flags = record.take(call.word::<0>());
        Ok(())
    })
}

/// `io_uring_setup`.
///
/// # Reports
/// What was asked for and what the kernel made of it.
/// # Since kernel
/// 5.1.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_io_uring_setup")]
pub fn sys_exit_io_uring_setup(ctx: TracePointContext) -> u32 {
    at_exit::<KernelIoUringSetup>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().entries = record.take(call.word::<0>());
        let params = record.take(call.pointer::<1>());
        record.flag(flags::UNVERIFIED);
        record.body().sq_entries = record.take(params.user(0));
        record.body().cq_entries = record.take(params.user(4));
        record.body().flags = record.take(params.user(8));
        record.body().sq_thread_cpu = record.take(params.user(12));
        record.body().sq_thread_idle = record.take(params.user(16));
        record.body().features = record.take(params.user(20));
        Ok(())
    })
}

/// An operation is submitted to an `io_uring`, since Linux 6.4.
///
/// # Reports
/// The first operation of each kind per process and ring.
/// # Since kernel
/// 5.10, under other names.
/// # Blind spots
/// What the operation works on; opens are seen in the `lsm` tier.
#[btf_tracepoint(function = "io_uring_submit_req")]
pub fn io_uring_submit_req(ctx: BtfTracePointContext) -> i32 {
    let request = Request::from(Ptr::argument(ctx.arg(0)));
    uring::submitted(&ctx, request.ring(), request.opcode(), 0)
}

/// [`io_uring_submit_req`] from Linux 5.19 to 6.3.
#[btf_tracepoint(function = "io_uring_submit_sqe")]
pub fn io_uring_submit_sqe(ctx: BtfTracePointContext) -> i32 {
    let request = Request::from(Ptr::argument(ctx.arg(0)));
    uring::submitted(&ctx, request.ring(), request.opcode(), 0)
}

/// [`io_uring_submit_req`] from Linux 5.13 to 5.18: ring, request, operation, three more, and whether the polling thread
/// took it.
#[btf_tracepoint(function = "io_uring_submit_sqe")]
pub fn io_uring_submit_sqe_5_13(ctx: BtfTracePointContext) -> i32 {
    let opcode = ctx.arg::<u64>(2) as u8;
    uring::submitted(&ctx, Read::known(ctx.arg(0)), Read::known(opcode.into()), ctx.arg::<u64>(6) as u32 & 1)
}

/// [`io_uring_submit_req`] before Linux 5.13: ring, operation, two more, and whether the polling thread took it.
#[btf_tracepoint(function = "io_uring_submit_sqe")]
pub fn io_uring_submit_sqe_5_10(ctx: BtfTracePointContext) -> i32 {
    let opcode = ctx.arg::<u64>(1) as u8;
    uring::submitted(&ctx, Read::known(ctx.arg(0)), Read::known(opcode.into()), ctx.arg::<u64>(4) as u32 & 1)
}

/// `perf_event_open`: a counter or trace point is opened.
///
/// # Reports
/// Type and event asked for, whom and which CPU it watches, and the descriptor or the error.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. The program may change what it asks for before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_perf_event_open")]
pub fn sys_exit_perf_event_open(ctx: TracePointContext) -> u32 {
    at_exit::<KernelPerfEventOpen>(&ctx, |record, call| {
        record.body().result = call.result();
        let attributes = record.take(call.pointer::<0>());
        record.flag(flags::UNVERIFIED);
        record.body().kind = record.take(attributes.user(0));
        record.body().config = record.take(attributes.user(8));
        record.body().pid = record.take(call.int::<1>());
        record.body().cpu = record.take(call.int::<2>());
        record.body().group = record.take(call.int::<3>());
        record.body().flags = record.take(call.argument::<4>());
        Ok(())
    })
}

/// `kexec_load`: another kernel is put into memory.
///
/// # Reports
/// Number of segments and flags as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_kexec_load")]
pub fn sys_exit_kexec_load(ctx: TracePointContext) -> u32 {
    at_exit::<KernelKexec>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().fd = NO_DESCRIPTOR;
        record.body().segments = record.take(call.argument::<1>());
        record.body().flags = record.take(call.argument::<3>());
        Ok(())
    })
}

/// `kexec_file_load`: another kernel is read from a file.
///
/// # Reports
/// The file behind the descriptor, flags as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. Another thread that replaces the descriptor before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_kexec_file_load")]
pub fn sys_exit_kexec_file_load(ctx: TracePointContext) -> u32 {
    at_exit::<KernelKexec>(&ctx, |record, call| {
        record.body().result = call.result();
        let fd = record.take(call.int::<0>());
        record.body().fd = fd;
        record.body().flags = record.take(call.argument::<4>());
        record.flag(flags::UNVERIFIED);
        if let Ok(file) = Task::current().file(fd as u32) {
            record.body().file = record.path(file.path())?;
        }
        Ok(())
    })
}
