//! Filling in a [`FileOpen`], for both tiers.

use aya_ebpf::{EbpfContext, programs::TracePointContext};
use sensor_common::{
    event::file::{FileOpen, file_flags},
    header::flags as header_flags,
};

use super::{Miss, Ptr, Read, file::File, globals::offset, observe, record::Record, regs, task::Task};

/// The kernel opens an executable for an exec with this flag (`__FMODE_EXEC`), which programs cannot set.
const FMODE_EXEC: u32 = 0x20;
/// The call created the file (`FMODE_CREATED`).
const FMODE_CREATED: u32 = 0x10_0000;
/// Flags that an open file forgets: `O_CREAT`, `O_EXCL`, `O_NOCTTY`, `O_TRUNC`, and `O_CLOEXEC`, which is the
/// descriptor's.
const FORGOTTEN: u32 = 0o2_001_700;
/// Flags by which the mode counts: `O_CREAT`, `__O_TMPFILE`.
const CREATES: u32 = 0o20_000_100;
/// The part of a mode that a program chooses (`S_IALLUGO`); the kernel adds the type.
const PERMISSIONS: u32 = 0o7777;
/// What `creat` asks for: `O_CREAT | O_WRONLY | O_TRUNC`.
const CREAT: u32 = 0o1101;
/// Errors are the last page of the address space (`IS_ERR`).
const FIRST_ERROR: u64 = 4095_u64.wrapping_neg();
/// Where the return value lies in a `sys_exit_*` record.
const SYS_EXIT_RET: usize = 16;

/// `struct open_flags`, what the kernel made of the request.
#[derive(Clone, Copy)]
struct OpenFlags(Ptr);

impl From<Ptr> for OpenFlags {
    #[inline(always)]
    fn from(flags: Ptr) -> Self {
        Self(flags)
    }
}

impl OpenFlags {
    /// `O_*`.
    #[inline(always)]
    fn flags(self) -> Read<u32> {
        self.0.read(offset!(open_flags_flag))
    }

    /// The mode of a file to be created.
    #[inline(always)]
    fn mode(self) -> Read<u32> {
        self.0.read::<u16>(offset!(open_flags_mode)).map(|mode| u32::from(mode) & PERMISSIONS)
    }
}

/// What was asked for by name. Opens of executables for an exec are filtered: the exec itself is reported.
#[inline(always)]
pub(crate) fn by_name(ctx: &impl EbpfContext, name: u64, flags: u64, returned: u64) -> i32 {
    observe::<FileOpen>(ctx, |record| {
        let flags = OpenFlags::from(Ptr::argument(flags));
        let asked = flags.flags().required()?;
        if asked & FMODE_EXEC != 0 {
            return Err(Miss::Filtered);
        }
        record.body().flags = asked;
        record.body().mode = record.take(flags.mode());
        let name = record.take(Ptr::argument(name).follow(offset!(filename_name)));
        record.body().name = record.kernel_string(name)?;
        result(record, returned)
    })
}

/// What was asked for by handle, or by the kernel itself relative to a root.
#[inline(always)]
pub(crate) fn by_handle(ctx: &impl EbpfContext, flags: u64, returned: u64) -> i32 {
    observe::<FileOpen>(ctx, |record| {
        let flags = OpenFlags::from(Ptr::argument(flags));
        record.body().flags = flags.flags().required()?;
        record.body().mode = record.take(flags.mode());
        result(record, returned)
    })
}

/// The file or the error that the kernel returned.
#[inline(always)]
fn result(record: &mut Record<FileOpen>, returned: u64) -> Result<(), Miss> {
    record.body().fd = -1;
    if returned >= FIRST_ERROR {
        record.body().error = returned as i32;
        return Ok(());
    }
    opened(record, File::from(Ptr::argument(returned)))
}

/// What can be known of an open file.
#[inline(always)]
fn opened(record: &mut Record<FileOpen>, file: File) -> Result<(), Miss> {
    let facts = file.facts()?;
    let fmode = record.take(file.mode());
    let body = record.body();
    body.ino = facts.ino;
    body.dev = facts.dev;
    body.size = facts.size;
    body.nlink = facts.nlink;
    body.inode_mode = facts.mode;
    body.file_flags = facts.flags | if fmode & FMODE_CREATED == 0 { 0 } else { file_flags::CREATED };
    body.fmode = fmode;
    record.body().path = record.path(file.path())?;
    Ok(())
}

/// Which call of the family, and so which register holds what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// `open(name, flags, mode)`
    Open,
    /// `openat(dirfd, name, flags, mode)`
    OpenAt,
    /// `openat2(dirfd, name, how, size)`
    OpenAt2,
    /// `creat(name, mode)`
    Creat,
    /// `open_by_handle_at(mountfd, handle, flags)`
    ByHandle,
}

/// An open at the end of its system call.
#[inline(always)]
pub(crate) fn at_exit(ctx: &TracePointContext, request: Request) -> u32 {
    observe::<FileOpen>(ctx, |record| {
        // SAFETY: the offset is within the record of every `sys_exit_*` tracepoint.
        let Ok(ret) = (unsafe { ctx.read_at::<i64>(SYS_EXIT_RET) }) else { return Err(Miss::Unreadable) };
        record.flag(header_flags::UNVERIFIED);
        record.body().flags = record.take(flags_of(request));
        if record.body().flags & CREATES != 0 {
            record.body().mode = record.take(mode_of(request));
        }
        if let Some(name) = name_of(request) {
            let name = record.take(name);
            record.body().name = record.user_string(name)?;
        }
        if ret < 0 {
            record.body().fd = -1;
            record.body().error = ret as i32;
            return Ok(());
        }
        record.body().fd = ret as i32;
        let file = Task::current().file(ret as u32)?;
        let kept = record.body().flags & FORGOTTEN;
        record.body().flags = record.take(file.flags()) | kept;
        opened(record, file)
    });
    0
}

/// Where the program keeps the name.
#[inline(always)]
fn name_of(request: Request) -> Option<Read<Ptr>> {
    match request {
        Request::Open | Request::Creat => Some(regs::argument::<0>().map(Ptr::argument)),
        Request::OpenAt | Request::OpenAt2 => Some(regs::argument::<1>().map(Ptr::argument)),
        Request::ByHandle => None,
    }
}

/// The flags asked for. What `openat2` was asked for lies in the program's memory and may have changed since.
#[inline(always)]
fn flags_of(request: Request) -> Read<u32> {
    match request {
        Request::Open => regs::argument::<1>().map(|flags| flags as u32),
        Request::OpenAt | Request::ByHandle => regs::argument::<2>().map(|flags| flags as u32),
        Request::Creat => Read::known(CREAT),
        Request::OpenAt2 => how(HOW_FLAGS),
    }
}

/// The mode asked for.
#[inline(always)]
fn mode_of(request: Request) -> Read<u32> {
    let mode = match request {
        Request::Creat => regs::argument::<1>().map(|mode| mode as u32),
        Request::Open => regs::argument::<2>().map(|mode| mode as u32),
        Request::OpenAt => regs::argument::<3>().map(|mode| mode as u32),
        Request::OpenAt2 => how(HOW_MODE),
        Request::ByHandle => Read::known(0),
    };
    mode.map(|mode| mode & PERMISSIONS)
}

/// Places in `struct open_how`.
const HOW_FLAGS: u32 = 0;
const HOW_MODE: u32 = 8;

/// A word of the `struct open_how` that `openat2` was given.
#[inline(always)]
fn how(place: u32) -> Read<u32> {
    regs::argument::<2>().map(Ptr::argument).user::<u64>(place).map(|word| word as u32)
}
