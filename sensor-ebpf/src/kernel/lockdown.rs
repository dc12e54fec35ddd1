//! Protected unix sockets: which ones they are, and who may connect to them.

use aya_ebpf::{
    helpers::{
        bpf_get_current_comm, bpf_ktime_get_boot_ns,
        generated::{bpf_get_socket_cookie, bpf_probe_read_kernel_str},
    },
    macros::map,
    maps::{Array, HashMap, LruHashMap, PerCpuArray, RingBuf},
};
use sensor_common::lockdown::{
    Attempt, Client, FileKey, NO_ID, NameKey, OUTCOMES, Outcome, ProcessTick, TICK,
    socket::{CLASSES, DENY, GUARD},
};

use super::{
    Ptr, Read, atomic,
    cgroup::Cgroup,
    file::File,
    globals::{config, offset},
    task::Task,
};

/// `EPERM`.
const REFUSED: i32 = -1;

/// Sockets, and what is said of them ([`sensor_common::lockdown::socket`]).
#[map]
static LOCKED_SOCKETS: HashMap<FileKey, u32> = HashMap::with_max_entries(256, 0);

/// Names whose sockets are protected from the moment that they are made.
#[map]
static LOCKED_NAMES: HashMap<NameKey, u32> = HashMap::with_max_entries(64, 0);

/// Programs, and the classes of sockets that they may connect to.
#[map]
static LOCKED_PROGRAMS: HashMap<FileKey, u32> = HashMap::with_max_entries(256, 0);

/// The guard.
#[map]
static LOCKED_GUARD: HashMap<ProcessTick, u32> = HashMap::with_max_entries(1, 0);

/// Attempts of others.
#[map]
static LOCKED_EVENTS: RingBuf = RingBuf::with_byte_size(1 << 16, 0);

/// What became of connections.
#[map]
static LOCKED_COUNTERS: PerCpuArray<[u64; OUTCOMES]> = PerCpuArray::with_max_entries(1, 0);

/// Clients of the guard by their connections' cookies. One that is forgotten for others is looked up in /proc alone.
#[map]
static LOCKED_CLIENTS: LruHashMap<u64, Client> = LruHashMap::with_max_entries(8192, 0);

/// Zeroes, for what is filled where it lies.
#[map]
static LOCKED_BLANK: Array<Client> = Array::with_max_entries(1, 0);

/// A unix socket that somebody connects to.
#[derive(Clone, Copy)]
pub(crate) struct Listener(Ptr);

impl From<Ptr> for Listener {
    #[inline(always)]
    fn from(sk: Ptr) -> Self {
        Self(sk)
    }
}

impl Listener {
    /// The file that it is bound to, whatever names that has and wherever it is mounted.
    #[inline(always)]
    fn dentry(self) -> Read<Ptr> {
        self.0.at(offset!(unix_path)).follow(offset!(path_dentry))
    }

    /// What is said of it, and its file; nothing of one that has no file.
    #[inline(always)]
    fn rule(self) -> Option<(FileKey, u32)> {
        let dentry = self.dentry();
        if dentry.value.is_null() {
            return None;
        }
        let file = key(dentry.follow(offset!(dentry_inode)));
        // SAFETY: the value is copied at once, and is one word.
        let known = unsafe { LOCKED_SOCKETS.get(file) }.copied();
        Some((file, known.or_else(|| by_name(dentry))?))
    }
}

/// What is said of the name.
#[inline(always)]
fn by_name(dentry: Read<Ptr>) -> Option<u32> {
    let directory = dentry.follow(offset!(dentry_parent)).follow(offset!(dentry_inode));
    let name = NameKey { directory: key(directory), name: text(dentry.follow(offset!(dentry_name))) };
    // SAFETY: the value is copied at once, and is one word.
    unsafe { LOCKED_NAMES.get(name) }.copied()
}

/// Text of the kernel's that ends with a NUL, and zeroes behind it.
#[inline(always)]
fn text<const N: usize>(from: Read<Ptr>) -> [u8; N] {
    let mut text = [0; N];
    // SAFETY: the helper writes at most the size of the text, which lies on the stack, and checks the source.
    unsafe { bpf_probe_read_kernel_str(text.as_mut_ptr().cast(), N as u32, from.value.as_ptr()) };
    text
}

/// The file of an inode.
#[inline(always)]
fn key(inode: Read<Ptr>) -> FileKey {
    let dev = inode.follow(offset!(inode_sb)).read(offset!(sb_dev)).value;
    FileKey { ino: inode.read(offset!(inode_ino)).value, dev, zero: 0 }
}

/// The cookie of a connection that the kernel is making; 0 where it cannot be had. The socket is an argument of the hook.
#[inline(always)]
pub(crate) fn cookie(socket: *mut core::ffi::c_void) -> u64 {
    if config!(socket_cookie) == 0 {
        return 0;
    }
    // SAFETY: the verifier knows an argument of the hook for the socket that the helper wants.
    unsafe { bpf_get_socket_cookie(socket) }
}

/// Whether the current task may connect: 0, or an error. `cookie` is asked of connections to the guard only.
#[inline(always)]
pub(crate) fn decide(listener: Listener, cookie: impl FnOnce() -> u64) -> i32 {
    let Some((file, flags)) = listener.rule() else { return 0 };
    if flags & GUARD != 0 {
        remember(cookie());
        return 0;
    }
    if flags & CLASSES == 0 || is_allowed(flags) {
        count(Outcome::Allowed);
        return 0;
    }
    let is_denied = flags & DENY != 0;
    report(file, flags, is_denied);
    if is_denied { REFUSED } else { 0 }
}

/// Tells of a connection that was made.
#[inline(always)]
pub(crate) fn tell(listener: Listener) {
    match listener.rule() {
        Some((file, flags)) if flags & CLASSES != 0 && flags & GUARD == 0 => {
            if is_allowed(flags) {
                count(Outcome::Allowed);
            } else {
                report(file, flags, false);
            }
        }
        _ => {}
    }
}

/// Whether the current task is the guard, or runs a program that may connect to sockets of this kind.
#[inline(always)]
fn is_allowed(flags: u32) -> bool {
    let task = Task::current();
    let start = task.leader().then(Task::start_boottime).value;
    let own = ProcessTick { tick: start / TICK, pid: task.tgid().value, zero: 0 };
    // SAFETY: nothing of the value is read.
    if unsafe { LOCKED_GUARD.get(own) }.is_some() {
        return true;
    }
    // SAFETY: the value is copied at once, and is one word.
    let may = unsafe { LOCKED_PROGRAMS.get(executable(task)) }.copied();
    may.is_some_and(|classes| classes & flags & CLASSES != 0)
}

/// The file that a task runs; zeroes of a thread of the kernel's.
#[inline(always)]
fn executable(task: Task) -> FileKey {
    let file = task.memory().follow(offset!(mm_exe_file)).map(File::from);
    key(file.then(File::inode))
}

/// Who connects.
#[inline(always)]
fn client() -> Client {
    let task = Task::current();
    let (loginuid, session) = task.login();
    let cred = task.real_cred().value.all();
    Client {
        start: task.leader().then(Task::start_boottime).value,
        cgroup: task.cgroup_id().value,
        exe: executable(task),
        pid: task.tgid().value,
        tid: task.pid().value,
        parent: task.parent().then(Task::tgid).value,
        uid: cred.uid,
        euid: cred.euid,
        gid: cred.gid,
        egid: cred.egid,
        loginuid: known(loginuid),
        session: known(session),
        mnt_ns: task.mnt_ns().value,
        comm: bpf_get_current_comm().unwrap_or_default(),
        cgroup_name: text(task.cgroup().then(Cgroup::name)),
    }
}

/// An id; none where this kernel keeps none.
#[inline(always)]
fn known(id: Read<u32>) -> u32 {
    if id.fault == 0 { id.value } else { NO_ID }
}

#[inline(always)]
fn remember(cookie: u64) {
    let Some(blank) = LOCKED_BLANK.get(0) else { return };
    if cookie == 0 || LOCKED_CLIENTS.insert(cookie, blank, 0).is_err() {
        return;
    }
    // The stack has no room for it. Whoever takes the connection takes it only once this hook is over.
    if let Some(kept) = LOCKED_CLIENTS.get_ptr_mut(cookie) {
        // SAFETY: the entry lives as long as this program runs, and nobody else knows of the cookie yet.
        unsafe { kept.write(client()) };
        count(Outcome::Remembered);
    }
}

#[inline(always)]
fn report(file: FileKey, flags: u32, is_denied: bool) {
    count(if is_denied { Outcome::Denied } else { Outcome::Told });
    // Made where it will be read: the stack has no room for it.
    let Some(mut attempt) = LOCKED_EVENTS.reserve::<Attempt>(0) else { return count(Outcome::Lost) };
    attempt.write(Attempt {
        // SAFETY: the helper takes nothing and returns a number.
        time: unsafe { bpf_ktime_get_boot_ns() },
        client: client(),
        socket: file,
        flags,
        denied: is_denied.into(),
    });
    attempt.submit(0);
}

/// Counts how it ended.
#[inline(always)]
fn count(outcome: Outcome) {
    if let Some(row) = LOCKED_COUNTERS.get_ptr_mut(0) {
        let counter = row.cast::<u64>().wrapping_add(outcome as usize);
        // SAFETY: `outcome` is below `OUTCOMES`, so the counter lies within the map value, which lives as long as the
        // program runs, is aligned to 8 bytes, and is only ever changed atomically.
        unsafe { atomic::add(counter, 1) };
    }
}
