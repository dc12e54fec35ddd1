//! Hooks of the process domain; the same in both tiers.

use aya_ebpf::{
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use sensor_common::{
    event::process::{
        ProcessExec, ProcessExecFailed, ProcessExit, ProcessFork, ProcessGroup, ProcessKill, ProcessPrctl,
        ProcessPtrace, ProcessVm,
    },
    header::flags,
};

use crate::kernel::{
    Miss, Ptr,
    call::{Call, at_exit, at_exit_of},
    exec::{self, Binprm},
    fork,
    name::{NO_DESCRIPTOR, WORKING_DIRECTORY},
    observe,
    task::Task,
};

/// Options of `prctl` that are reported (`include/uapi/linux/prctl.h`).
const PR_SET_DUMPABLE: u32 = 4;
const PR_SET_NAME: u32 = 15;
const PR_SET_MM: u32 = 35;
const PR_SET_CHILD_SUBREAPER: u32 = 36;
/// Longest name of a thread, its NUL included (`TASK_COMM_LEN`), in bytes.
const NAME: u64 = 16;

/// A process made another one.
///
/// # Reports
/// The child's identity, from the child's own `task_struct`, before it runs, and what it was asked to share. Threads are
/// filtered.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// What `clone3` was asked for lies in the program's memory and may have changed since (records are flagged unverified).
#[btf_tracepoint(function = "sched_process_fork")]
pub fn sched_process_fork(ctx: BtfTracePointContext) -> i32 {
    observe::<ProcessFork>(&ctx, |record| {
        let child = Task::from(Ptr::argument(ctx.arg(1)));
        let tgid = child.tgid().required()?;
        if tgid != child.pid().required()? {
            return Err(Miss::Filtered);
        }
        record.body().child_pid = tgid;
        record.body().child_start = child.start_boottime().required()?;
        record.body().child_cgroup = record.take(child.cgroup_id());
        let (vpid, pid_ns) = child.pid_namespace();
        record.body().child_vpid = record.take(vpid);
        record.body().child_pid_ns = record.take(pid_ns);
        record.body().child_ppid = record.take(child.parent().then(Task::tgid));
        record.body().flags = record.take(fork::flags());
        record.flag(flags::UNVERIFIED);
        Ok(())
    })
}

/// A process runs a new program.
///
/// # Reports
/// What the kernel installed: the executable as an open file, the arguments and, if it is wanted, the environment
/// as they lie in the new memory, the credentials after the exec, the connection that standard input is. Nothing is
/// read from the call's own arguments but the file name.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// Arguments on pages that were swapped out since the kernel wrote them are missed and flagged.
#[btf_tracepoint(function = "sched_process_exec")]
pub fn sched_process_exec(ctx: BtfTracePointContext) -> i32 {
    observe::<ProcessExec>(&ctx, |record| {
        let task = Task::from(Ptr::argument(ctx.arg(0)));
        let binprm = Binprm::from(Ptr::argument(ctx.arg(2)));
        task.lineage(record)?;
        task.credentials(record);
        task.namespaces(record);
        // Each piece has its bound, and in this order all of them always find room.
        task.executable(record)?;
        binprm.arguments(record)?;
        task.working_directory(record)?;
        exec::environment(record)
    })
}

/// The last thread of a process ended.
///
/// # Reports
/// The status that `wait` will report.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// When the last two threads end at the same instant both may report; the engine counts the second as a
/// duplicate.
#[btf_tracepoint(function = "sched_process_exit")]
pub fn sched_process_exit(ctx: BtfTracePointContext) -> i32 {
    observe::<ProcessExit>(&ctx, |record| {
        let task = Task::from(Ptr::argument(ctx.arg(0)));
        if task.live_threads().required()? != 0 {
            return Err(Miss::Filtered);
        }
        record.body().status = record.take(task.exit_status());
        Ok(())
    })
}

/// `kill`: a signal to a process or a group.
///
/// # Reports
/// Pid and signal as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls; signals that the kernel sends by itself.
#[tracepoint(category = "syscalls", name = "sys_exit_kill")]
pub fn sys_exit_kill(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pidfd = NO_DESCRIPTOR;
        record.body().pid = record.take(call.int::<0>());
        record.body().signal = record.take(call.word::<1>());
        Ok(())
    })
}

/// `tkill`: a signal to a thread, as [`sys_exit_kill`].
#[tracepoint(category = "syscalls", name = "sys_exit_tkill")]
pub fn sys_exit_tkill(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pidfd = NO_DESCRIPTOR;
        record.body().tid = record.take(call.int::<0>());
        record.body().signal = record.take(call.word::<1>());
        Ok(())
    })
}

/// `tgkill`: a signal to a thread of a process, as [`sys_exit_kill`].
#[tracepoint(category = "syscalls", name = "sys_exit_tgkill")]
pub fn sys_exit_tgkill(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pidfd = NO_DESCRIPTOR;
        record.body().pid = record.take(call.int::<0>());
        record.body().tid = record.take(call.int::<1>());
        record.body().signal = record.take(call.word::<2>());
        Ok(())
    })
}

/// `rt_sigqueueinfo`: a signal with a value to a process, as [`sys_exit_kill`].
#[tracepoint(category = "syscalls", name = "sys_exit_rt_sigqueueinfo")]
pub fn sys_exit_rt_sigqueueinfo(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pidfd = NO_DESCRIPTOR;
        record.body().pid = record.take(call.int::<0>());
        record.body().signal = record.take(call.word::<1>());
        Ok(())
    })
}

/// `rt_tgsigqueueinfo`: a signal with a value to a thread, as [`sys_exit_kill`].
#[tracepoint(category = "syscalls", name = "sys_exit_rt_tgsigqueueinfo")]
pub fn sys_exit_rt_tgsigqueueinfo(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pidfd = NO_DESCRIPTOR;
        record.body().pid = record.take(call.int::<0>());
        record.body().tid = record.take(call.int::<1>());
        record.body().signal = record.take(call.word::<2>());
        Ok(())
    })
}

/// `pidfd_send_signal`: a signal to the process behind a descriptor.
///
/// # Reports
/// The descriptor, the process it leads to when the call ends, the signal, and what came of it.
/// # Since kernel
/// 5.1.
/// # Blind spots
/// 32-bit calls. Another thread that replaces the descriptor before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_pidfd_send_signal")]
pub fn sys_exit_pidfd_send_signal(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
        let fd = record.take(call.int::<0>());
        record.flag(flags::UNVERIFIED);
        record.body().pidfd = fd;
        if let Ok(file) = Task::current().file(fd as u32) {
            record.body().target = file.pidfd();
        }
        record.body().signal = record.take(call.word::<1>());
        Ok(())
    })
}

/// Whether a call failed.
#[inline(always)]
fn failed(call: Call) -> bool {
    call.result() < 0
}

/// `execve`, where the kernel refuses.
///
/// # Reports
/// The name as passed, with the directory it is relative to, and the error.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. The arguments. The program may change the name before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_execve")]
pub fn sys_exit_execve(ctx: TracePointContext) -> u32 {
    at_exit_of::<ProcessExecFailed>(&ctx, failed, |record, call| {
        record.body().result = call.result();
        record.body().dirfd = WORKING_DIRECTORY;
        record.body().name = record.name(WORKING_DIRECTORY, call.pointer::<0>())?;
        Ok(())
    })
}

/// `execveat`, where the kernel refuses, as [`sys_exit_execve`].
#[tracepoint(category = "syscalls", name = "sys_exit_execveat")]
pub fn sys_exit_execveat(ctx: TracePointContext) -> u32 {
    at_exit_of::<ProcessExecFailed>(&ctx, failed, |record, call| {
        record.body().result = call.result();
        let dirfd = record.take(call.int::<0>());
        record.body().dirfd = dirfd;
        record.body().flags = record.take(call.word::<4>());
        record.body().name = record.name(dirfd, call.pointer::<1>())?;
        Ok(())
    })
}

/// Whether a request of `ptrace` only reads the traced process or lets it go on, which a tracer does at every step of
/// it (`include/uapi/linux/ptrace.h`, `arch/x86/include/uapi/asm/ptrace-abi.h`).
fn is_step(request: u64) -> bool {
    const CONT: u64 = 7;
    const SINGLESTEP: u64 = 9;
    const GETREGS: u64 = 12;
    const GETFPREGS: u64 = 14;
    const SYSCALL: u64 = 24;
    const SYSEMU: u64 = 31;
    const SINGLEBLOCK: u64 = 33;
    const GETEVENTMSG: u64 = 0x4201;
    const GETSIGINFO: u64 = 0x4202;
    const GETREGSET: u64 = 0x4204;
    const INTERRUPT: u64 = 0x4207;
    const GETSIGMASK: u64 = 0x420a;
    const GET_SYSCALL_INFO: u64 = 0x420e;
    // From 1: PEEKTEXT, PEEKDATA and PEEKUSR. SYSEMU_SINGLESTEP follows SYSEMU; LISTEN and PEEKSIGINFO follow INTERRUPT.
    matches!(
        request,
        1..=3
            | CONT
            | SINGLESTEP
            | GETREGS
            | GETFPREGS
            | SYSCALL
            | SYSEMU..=SINGLEBLOCK
            | GETEVENTMSG
            | GETSIGINFO
            | GETREGSET
            | INTERRUPT..=GETSIGMASK
            | GET_SYSCALL_INFO
    )
}

/// `ptrace`: one process traces or changes another.
///
/// # Reports
/// Request, thread, address and data as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// Requests that only read or let the traced process go on, of which there is one for each of its steps; 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_ptrace")]
pub fn sys_exit_ptrace(ctx: TracePointContext) -> u32 {
    let wanted = |call: Call| !is_step(call.argument::<0>().value);
    at_exit_of::<ProcessPtrace>(&ctx, wanted, |record, call| {
        record.body().result = call.result();
        record.body().request = record.take(call.argument::<0>());
        record.body().pid = record.take(call.int::<1>());
        record.body().addr = record.take(call.argument::<2>());
        record.body().data = record.take(call.argument::<3>());
        Ok(())
    })
}

/// `process_vm_readv`: another process's memory is read.
///
/// # Reports
/// The process as passed, and how much was copied.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_process_vm_readv")]
pub fn sys_exit_process_vm_readv(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessVm>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pid = record.take(call.int::<0>());
        Ok(())
    })
}

/// `process_vm_writev`: another process's memory is written, as [`sys_exit_process_vm_readv`].
#[tracepoint(category = "syscalls", name = "sys_exit_process_vm_writev")]
pub fn sys_exit_process_vm_writev(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessVm>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pid = record.take(call.int::<0>());
        Ok(())
    })
}

/// Whether an option of `prctl` changes what others see of the process.
#[inline(always)]
fn is_reported(call: Call) -> bool {
    matches!(
        call.word::<0>().required(),
        Ok(PR_SET_DUMPABLE | PR_SET_NAME | PR_SET_MM | PR_SET_CHILD_SUBREAPER)
    )
}

/// `prctl`: a process changes its name, whether it can be dumped, its command line, or whose children it adopts.
///
/// # Reports
/// Option and second argument as passed, the new name, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. Other options. The program may change the name before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_prctl")]
pub fn sys_exit_prctl(ctx: TracePointContext) -> u32 {
    at_exit_of::<ProcessPrctl>(&ctx, is_reported, |record, call| {
        record.body().result = call.result();
        record.body().option = record.take(call.word::<0>());
        record.body().argument = record.take(call.argument::<1>());
        if record.body().option == PR_SET_NAME {
            record.flag(flags::UNVERIFIED);
            let name = record.take(call.pointer::<1>());
            record.body().name = record.user_bytes(name, NAME)?;
        }
        Ok(())
    })
}

/// `setsid`: a process begins a session.
///
/// # Reports
/// What came of it, and the caller's session and process group afterwards.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_setsid")]
pub fn sys_exit_setsid(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessGroup>(&ctx, |record, call| {
        record.body().result = call.result();
        let task = Task::current();
        record.body().sid = record.take(task.session());
        record.body().own_pgid = record.take(task.process_group());
        Ok(())
    })
}

/// `setpgid`: a process moves to a process group, perhaps a child of the caller; as [`sys_exit_setsid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setpgid")]
pub fn sys_exit_setpgid(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessGroup>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().pid = record.take(call.int::<0>());
        record.body().pgid = record.take(call.int::<1>());
        let task = Task::current();
        record.body().sid = record.take(task.session());
        record.body().own_pgid = record.take(task.process_group());
        Ok(())
    })
}
