//! Hooks of the credential domain.

use aya_ebpf::{
    macros::{fentry, tracepoint},
    programs::{FEntryContext, TracePointContext},
};
use sensor_common::{
    event::credential::{
        CredentialCapset, CredentialCommit, CredentialSetgroups, CredentialSetid, Credentials, NO_ID,
    },
    header::flags as header_flags,
};

use crate::kernel::{
    Miss, Ptr, Read,
    call::{Call, at_exit},
    cred::{self, Cred},
    observe,
    task::Task,
};

/// The ids before the call that ends, and whether they are known.
#[inline(always)]
fn before() -> (Credentials, u32) {
    cred::recall().map_or((Credentials::default(), 0), |before| (before, 1))
}

/// A change of ids that were passed as the call's first `N` arguments.
#[inline(always)]
fn setid<const N: usize>(ctx: &TracePointContext) -> u32 {
    at_exit::<CredentialSetid>(ctx, |record, call| {
        let passed =
            |index: usize, id: fn(Call) -> Read<u32>| if index < N { id(call) } else { Read::known(NO_ID) };
        let (before, has_before) = before();
        record.body().result = call.result();
        record.body().before = before;
        record.body().has_before = has_before;
        record.body().after = cred::current();
        record.body().ids = [
            record.take(passed(0, Call::word::<0>)),
            record.take(passed(1, Call::word::<1>)),
            record.take(passed(2, Call::word::<2>)),
        ];
        Ok(())
    })
}

/// `setuid`.
///
/// # Reports
/// The id as passed, what came of it, and all ids and capabilities before and after.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_setuid")]
pub fn sys_exit_setuid(ctx: TracePointContext) -> u32 {
    setid::<1>(&ctx)
}

/// The beginning of [`sys_exit_setuid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setuid")]
pub fn sys_enter_setuid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setgid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setgid")]
pub fn sys_exit_setgid(ctx: TracePointContext) -> u32 {
    setid::<1>(&ctx)
}

/// The beginning of [`sys_exit_setgid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setgid")]
pub fn sys_enter_setgid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setreuid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setreuid")]
pub fn sys_exit_setreuid(ctx: TracePointContext) -> u32 {
    setid::<2>(&ctx)
}

/// The beginning of [`sys_exit_setreuid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setreuid")]
pub fn sys_enter_setreuid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setregid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setregid")]
pub fn sys_exit_setregid(ctx: TracePointContext) -> u32 {
    setid::<2>(&ctx)
}

/// The beginning of [`sys_exit_setregid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setregid")]
pub fn sys_enter_setregid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setresuid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setresuid")]
pub fn sys_exit_setresuid(ctx: TracePointContext) -> u32 {
    setid::<3>(&ctx)
}

/// The beginning of [`sys_exit_setresuid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setresuid")]
pub fn sys_enter_setresuid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setresgid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setresgid")]
pub fn sys_exit_setresgid(ctx: TracePointContext) -> u32 {
    setid::<3>(&ctx)
}

/// The beginning of [`sys_exit_setresgid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setresgid")]
pub fn sys_enter_setresgid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setfsuid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setfsuid")]
pub fn sys_exit_setfsuid(ctx: TracePointContext) -> u32 {
    setid::<1>(&ctx)
}

/// The beginning of [`sys_exit_setfsuid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setfsuid")]
pub fn sys_enter_setfsuid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setfsgid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setfsgid")]
pub fn sys_exit_setfsgid(ctx: TracePointContext) -> u32 {
    setid::<1>(&ctx)
}

/// The beginning of [`sys_exit_setfsgid`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_setfsgid")]
pub fn sys_enter_setfsgid(_: TracePointContext) -> u32 {
    cred::remember()
}

/// `setgroups`.
///
/// # Reports
/// Number of groups, the first thousand of them, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. The program may change the list before the call ends (records are flagged unverified).
#[tracepoint(category = "syscalls", name = "sys_exit_setgroups")]
pub fn sys_exit_setgroups(ctx: TracePointContext) -> u32 {
    at_exit::<CredentialSetgroups>(&ctx, |record, call| {
        record.body().result = call.result();
        let count = record.take(call.word::<0>());
        record.body().count = count;
        record.flag(header_flags::UNVERIFIED);
        if count != 0 {
            let list = record.take(call.pointer::<1>());
            record.body().groups =
                record.user_bytes(list, u64::from(count).wrapping_mul(size_of::<u32>() as u64))?;
        }
        Ok(())
    })
}

/// `capset`.
///
/// # Reports
/// What came of it, and all ids and capabilities before and after.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_capset")]
pub fn sys_exit_capset(ctx: TracePointContext) -> u32 {
    at_exit::<CredentialCapset>(&ctx, |record, call| {
        let (before, has_before) = before();
        record.body().result = call.result();
        record.body().before = before;
        record.body().has_before = has_before;
        record.body().after = cred::current();
        Ok(())
    })
}

/// The beginning of [`sys_exit_capset`]: remembers who the caller is until then.
#[tracepoint(category = "syscalls", name = "sys_enter_capset")]
pub fn sys_enter_capset(_: TracePointContext) -> u32 {
    cred::remember()
}

/// Credentials are put in force, `lsm` tier.
///
/// # Reports
/// Those before and those after, where the new ones have a user id of 0 or capabilities that the old ones lack. Set-user-id
/// programs and `setuid` come here like everything else; the engine tells them by the call being served.
/// # Since kernel
/// 5.5 (fentry).
/// # Blind spots
/// Credentials that are overwritten in place: the engine finds out about user ids from the next event.
#[fentry(function = "commit_creds")]
pub fn commit_creds(ctx: FEntryContext) -> i32 {
    let new = Cred::from(Ptr::argument(ctx.arg(0)));
    let Read { value: old, .. } = Task::current().real_cred();
    let (before, after) = (old.all(), new.all());
    if !gains(&before, &after) {
        return 0;
    }
    observe::<CredentialCommit>(&ctx, |record| {
        record.body().before = before;
        record.body().after = after;
        record.body().user_ns_before = record.take(old.user_ns());
        record.body().user_ns_after = record.take(new.user_ns());
        if record.body().user_ns_before == 0 { Err(Miss::Unreadable) } else { Ok(()) }
    })
}

/// Whether there is a user id of 0 or a capability after that was not there before.
#[inline(always)]
fn gains(before: &Credentials, after: &Credentials) -> bool {
    let root = |cred: &Credentials| cred.uid == 0 || cred.euid == 0 || cred.suid == 0;
    (root(after) && !root(before)) || after.cap_effective & !before.cap_permitted != 0
}
