//! Names that a call was given, and the files that the kernel found for them.

use aya_ebpf::{EbpfContext, programs::FEntryContext};
use sensor_common::{
    event::{
        Payload,
        file::{Ending, Name, Names, Object, Which},
    },
    header::flags,
    tail::Path,
};

use super::{
    Miss, Ptr, Read, call::Call, file::File, maps::TOKENS, observe, observe_if, path::Place, record::Record,
    regs, task::Task,
};

/// `AT_FDCWD`: names are relative to the working directory.
pub(crate) const WORKING_DIRECTORY: i32 = -100;
/// Stands for the descriptor of a call that was given a name.
pub(crate) const NO_DESCRIPTOR: i32 = -1;
/// `io_uring_enter`: what it does for a ring has no end of its own.
const IO_URING_ENTER: u32 = 426;

impl<E: Payload> Record<E> {
    /// How the call ended, and which record of objects this one completes.
    #[inline(always)]
    pub(crate) fn ending(&mut self, call: Call) -> Ending {
        Ending { result: call.result(), token: self.take_token() }
    }

    /// A name that the program passed, and the directory it starts from: of a relative one the directory passed, of an
    /// absolute one the task's root. The program may have changed it since.
    #[inline(always)]
    pub(crate) fn name(&mut self, dirfd: i32, name: Read<Ptr>) -> Result<Name, Miss> {
        self.flag(flags::UNVERIFIED);
        let given = self.take(name);
        let given = self.user_string(given)?;
        let start =
            if self.first_byte(given) == b'/' { Task::current().root_path() } else { directory(dirfd) };
        if start.fault != 0 {
            // There is no such directory, as the call will have found.
            return Ok(Name { given, directory: Path::default() });
        }
        Ok(Name { given, directory: self.path(start)? })
    }

    /// Both names of a call, each with its directory.
    #[inline(always)]
    pub(crate) fn names(
        &mut self,
        old: (Read<i32>, Read<Ptr>),
        new: (Read<i32>, Read<Ptr>),
        flags: Read<u32>,
    ) -> Result<Names, Miss> {
        let (old_dirfd, new_dirfd) = (self.take(old.0), self.take(new.0));
        Ok(Names {
            old_dirfd,
            new_dirfd,
            flags: self.take(flags),
            old: self.name(old_dirfd, old.1)?,
            new: self.name(new_dirfd, new.1)?,
            reserved: 0,
        })
    }

    /// A call on one file by its name.
    #[inline(always)]
    pub(crate) fn by_name(&mut self, dirfd: i32, name: Read<Ptr>, flags: u32) -> Result<Which, Miss> {
        Ok(Which { fd: NO_DESCRIPTOR, dirfd, flags, name: self.name(dirfd, name)? })
    }

    /// A call on one file by its descriptor: what it stands for at the end of the call, and so not verified.
    #[inline(always)]
    pub(crate) fn by_descriptor(&mut self, fd: i32) -> (Which, Read<File>) {
        self.flag(flags::UNVERIFIED);
        let which = Which { fd, dirfd: WORKING_DIRECTORY, ..Which::default() };
        (which, Task::current().open_file(fd as u32))
    }

    /// The file behind a descriptor; nothing where there is none, as the call will have found.
    #[inline(always)]
    pub(crate) fn object_of(&mut self, file: Read<File>) -> Result<Object, Miss> {
        if file.fault == 0 { file.value.object(self) } else { Ok(Object::default()) }
    }

    /// Forgets the record of objects that waits for this one.
    #[inline(always)]
    fn take_token(&mut self) -> u64 {
        let task = self.header().tid;
        // SAFETY: the value is copied at once; that another program of the same task replaces it meanwhile cannot be.
        let token = unsafe { TOKENS.get(task) }.copied().unwrap_or_default();
        if token != 0 {
            // It may have been evicted meanwhile, which is as good.
            let _gone = TOKENS.remove(task);
        }
        token
    }

    /// Marks a record of objects; the record of the call's end will ask for it, where there will be one.
    #[inline(always)]
    fn begin_objects(&mut self) {
        self.flag(flags::OBJECTS);
        let task = Task::current();
        if !task.is_compat() && !task.is_io_worker() && regs::syscall() != IO_URING_ENTER {
            let (task, token) = (self.header().tid, self.header().time);
            // A token that finds no room leaves the end of the call with the names as passed.
            let _lost = TOKENS.insert(task, token, 0);
        }
    }
}

/// The directory behind a descriptor.
#[inline(always)]
fn directory(dirfd: i32) -> Read<Ptr> {
    let task = Task::current();
    if dirfd == WORKING_DIRECTORY {
        return task.working_directory_path();
    }
    task.open_file(dirfd as u32).then(File::path)
}

/// Reports the files that the kernel has found for a call, before it changes them.
#[inline(always)]
pub(crate) fn found<E: Payload>(
    ctx: &FEntryContext,
    fill: impl FnOnce(&mut Record<E>) -> Result<(), Miss>,
) -> i32 {
    observe::<E>(ctx, |record| {
        record.begin_objects();
        fill(record)
    })
}

/// The dentry that is a hook's argument, in the directory that is another one.
#[inline(always)]
pub(crate) fn entry(directory: u64, dentry: u64) -> Result<Place, Miss> {
    Ok(Place::of(Read::known(Ptr::argument(directory))).required()?.beside(Ptr::argument(dentry)))
}

/// The `struct path` that is a hook's argument.
#[inline(always)]
pub(crate) fn place(path: u64) -> Result<Place, Miss> {
    Place::of(Read::known(Ptr::argument(path))).required()
}

/// Reports what is done with an open file that can be written, if it is a regular one.
#[inline(always)]
pub(crate) fn written<E: Payload>(
    ctx: &impl EbpfContext,
    opened: Read<File>,
    fill: impl FnOnce(&mut Record<E>, File) -> Result<(), Miss>,
) -> i32 {
    let wanted = || Miss::filtered_unless(opened.fault == 0 && opened.value.is_written());
    observe_if::<E, _>(ctx, wanted, |record, ()| fill(record, opened.value))
}
