//! Hooks of the container domain: the life of cgroups, the same in both tiers.

use aya_ebpf::{macros::btf_tracepoint, programs::BtfTracePointContext};
use sensor_common::event::container::{CgroupAttachTask, CgroupMkdir, CgroupRmdir};

use crate::kernel::{Ptr, cgroup::Cgroup, observe, task::Task};

/// A cgroup was created, before any process can be in it.
///
/// # Reports
/// Its id, hierarchy and path.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// None known.
#[btf_tracepoint(function = "cgroup_mkdir")]
pub fn cgroup_mkdir(ctx: BtfTracePointContext) -> i32 {
    observe::<CgroupMkdir>(&ctx, |record| {
        let cgroup = Cgroup::from(Ptr::argument(ctx.arg(0)));
        record.body().id = cgroup.id().required()?;
        record.body().hierarchy = cgroup.hierarchy().required()?;
        record.body().path = record.kernel_string(Ptr::argument(ctx.arg(1)))?;
        Ok(())
    })
}

/// A cgroup was removed.
///
/// # Reports
/// Its id, hierarchy and path.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// None known.
#[btf_tracepoint(function = "cgroup_rmdir")]
pub fn cgroup_rmdir(ctx: BtfTracePointContext) -> i32 {
    observe::<CgroupRmdir>(&ctx, |record| {
        let cgroup = Cgroup::from(Ptr::argument(ctx.arg(0)));
        record.body().id = cgroup.id().required()?;
        record.body().hierarchy = cgroup.hierarchy().required()?;
        record.body().path = record.kernel_string(Ptr::argument(ctx.arg(1)))?;
        Ok(())
    })
}

/// A process was moved to another cgroup.
///
/// # Reports
/// The process moved, who moved it (the header), the destination.
/// # Since kernel
/// 5.5 (BTF tracepoints).
/// # Blind spots
/// A process born in its cgroup (`CLONE_INTO_CGROUP`): its fork event carries the cgroup.
#[btf_tracepoint(function = "cgroup_attach_task")]
pub fn cgroup_attach_task(ctx: BtfTracePointContext) -> i32 {
    observe::<CgroupAttachTask>(&ctx, |record| {
        let cgroup = Cgroup::from(Ptr::argument(ctx.arg(0)));
        let target = Task::from(Ptr::argument(ctx.arg(2)));
        record.body().id = cgroup.id().required()?;
        record.body().hierarchy = cgroup.hierarchy().required()?;
        record.body().target_pid = target.tgid().required()?;
        record.body().target_start = target.leader().then(Task::start_boottime).required()?;
        record.body().path = record.kernel_string(Ptr::argument(ctx.arg(1)))?;
        Ok(())
    })
}
