//! Hooks of the process domain; the same in both tiers.

use aya_ebpf::{
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use sensor_common::event::process::{ProcessExec, ProcessExit, ProcessFork, ProcessKill};

use crate::kernel::{
    Miss, Ptr,
    call::at_exit,
    exec::{self, Binprm},
    observe,
    task::Task,
};

/// A process made another one.
///
/// # Reports
/// The child's identity, from the child's own `task_struct`, before it runs. Threads are filtered.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// None known.
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
/// Failed calls. Arguments on pages that were swapped out since the kernel wrote them are missed and flagged.
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
/// 32-bit calls; signals sent by `pidfd_send_signal` and by the kernel.
#[tracepoint(category = "syscalls", name = "sys_exit_kill")]
pub fn sys_exit_kill(ctx: TracePointContext) -> u32 {
    at_exit::<ProcessKill>(&ctx, |record, call| {
        record.body().result = call.result();
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
        record.body().pid = record.take(call.int::<0>());
        record.body().tid = record.take(call.int::<1>());
        record.body().signal = record.take(call.word::<2>());
        Ok(())
    })
}
