//! The event types that exist, and sets of them.

mod names;

use std::fmt;

use names::NAMES;

/// The type of an event; what the field `evt.type` says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(u16);

/// Declares the event types that the kernel programs report.
macro_rules! observed {
    ($($constant:ident: $name:literal,)+) => {
        impl EventType {
            $(#[doc = concat!("`", $name, "`")]
            pub const $constant: Self = Self::of($name);)+
        }

        impl EventTypes {
            /// The types that the sensor reports; every other one it only knows by name.
            pub const OBSERVED: Self = Self::NONE$(.with(EventType::$constant))+;
        }
    };
}

observed! {
    EXECVE: "execve",
    EXECVEAT: "execveat",
    FORK: "fork",
    VFORK: "vfork",
    CLONE: "clone",
    CLONE3: "clone3",
    PROCEXIT: "procexit",
    OPEN: "open",
    OPENAT: "openat",
    OPENAT2: "openat2",
    CREAT: "creat",
    OPEN_BY_HANDLE_AT: "open_by_handle_at",
    CGROUP_MKDIR: "cgroup_mkdir",
    CGROUP_ATTACH_TASK: "cgroup_attach_task",
    CGROUP_RMDIR: "cgroup_rmdir",
    KILL: "kill",
    TKILL: "tkill",
    TGKILL: "tgkill",
    UNLINK: "unlink",
    UNLINKAT: "unlinkat",
    RMDIR: "rmdir",
    RENAME: "rename",
    RENAMEAT: "renameat",
    RENAMEAT2: "renameat2",
    LINK: "link",
    LINKAT: "linkat",
    SYMLINK: "symlink",
    SYMLINKAT: "symlinkat",
    MKDIR: "mkdir",
    MKDIRAT: "mkdirat",
    MKNOD: "mknod",
    MKNODAT: "mknodat",
    CHMOD: "chmod",
    FCHMOD: "fchmod",
    FCHMODAT: "fchmodat",
    FCHMODAT2: "fchmodat2",
    CHOWN: "chown",
    LCHOWN: "lchown",
    FCHOWN: "fchown",
    FCHOWNAT: "fchownat",
    TRUNCATE: "truncate",
    FTRUNCATE: "ftruncate",
    SETXATTR: "setxattr",
    LSETXATTR: "lsetxattr",
    FSETXATTR: "fsetxattr",
    REMOVEXATTR: "removexattr",
    LREMOVEXATTR: "lremovexattr",
    FREMOVEXATTR: "fremovexattr",
    CLOSE: "close",
    MMAP: "mmap",
    MOUNT: "mount",
    UMOUNT2: "umount2",
    PIVOT_ROOT: "pivot_root",
    CHROOT: "chroot",
    MOVE_MOUNT: "move_mount",
    OPEN_TREE: "open_tree",
    FSMOUNT: "fsmount",
    SOCKET: "socket",
    SOCKETPAIR: "socketpair",
    CONNECT: "connect",
    BIND: "bind",
    LISTEN: "listen",
    ACCEPT: "accept",
    ACCEPT4: "accept4",
    SENDTO: "sendto",
    SENDMSG: "sendmsg",
    SENDMMSG: "sendmmsg",
    RECVFROM: "recvfrom",
    RECVMSG: "recvmsg",
    RECVMMSG: "recvmmsg",
    DUP: "dup",
    DUP2: "dup2",
    DUP3: "dup3",
    FCNTL: "fcntl",
    SETUID: "setuid",
    SETGID: "setgid",
    SETNS: "setns",
    RT_SIGQUEUEINFO: "rt_sigqueueinfo",
    RT_TGSIGQUEUEINFO: "rt_tgsigqueueinfo",
    PIDFD_SEND_SIGNAL: "pidfd_send_signal",
    PTRACE: "ptrace",
    PROCESS_VM_READV: "process_vm_readv",
    PROCESS_VM_WRITEV: "process_vm_writev",
    PRCTL: "prctl",
    SETSID: "setsid",
    SETPGID: "setpgid",
    SETREUID: "setreuid",
    SETREGID: "setregid",
    SETRESUID: "setresuid",
    SETRESGID: "setresgid",
    SETFSUID: "setfsuid",
    SETFSGID: "setfsgid",
    SETGROUPS: "setgroups",
    CAPSET: "capset",
    COMMIT_CREDS: "commit_creds",
    UNSHARE: "unshare",
    INIT_MODULE: "init_module",
    FINIT_MODULE: "finit_module",
    DELETE_MODULE: "delete_module",
    BPF: "bpf",
    USERFAULTFD: "userfaultfd",
    IO_URING_SETUP: "io_uring_setup",
    IO_URING_SUBMIT_REQ: "io_uring_submit_req",
    PERF_EVENT_OPEN: "perf_event_open",
    KEXEC_LOAD: "kexec_load",
    KEXEC_FILE_LOAD: "kexec_file_load",
}

impl EventType {
    /// `pluginevent`: what comes from elsewhere than the kernel, such as a request to the Docker socket.
    pub const PLUGIN: Self = Self::of("pluginevent");
    /// Number of event types.
    pub const COUNT: usize = NAMES.len();

    /// Every event type, in the order of names.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u16..).zip(NAMES).map(|(index, _)| Self(index))
    }

    /// The event type of this name, for constants: an unknown name does not compile.
    #[expect(clippy::panic, clippy::indexing_slicing, reason = "evaluated at compile time")]
    #[expect(clippy::cast_possible_truncation, reason = "there are a few hundred names")]
    const fn of(name: &str) -> Self {
        let mut index = 0;
        while index < NAMES.len() {
            if same(NAMES[index].as_bytes(), name.as_bytes()) {
                return Self(index as u16);
            }
            index += 1;
        }
        panic!("no event type has this name")
    }

    /// The event type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let index = NAMES.binary_search(&name).ok()?;
        u16::try_from(index).ok().map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES.get(self.index()).copied().unwrap_or_default()
    }

    /// Its place in tables by event type; less than [`EventType::COUNT`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether the sensor reports events of this type.
    pub fn is_observed(self) -> bool {
        EventTypes::OBSERVED.contains(self)
    }
}

/// Equality of texts, where traits cannot be used.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Words of a set: one bit for each event type.
const WORDS: usize = EventType::COUNT.div_ceil(64);

/// A set of event types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EventTypes([u64; WORDS]);

impl EventTypes {
    /// No event.
    pub const NONE: Self = Self([0; WORDS]);
    /// The type of requests to the Docker socket.
    pub const REQUESTS: Self = Self::NONE.with(EventType::PLUGIN);
    /// Every event.
    pub const ALL: Self = Self::first(EventType::COUNT);

    /// The first event types, that many.
    const fn first(count: usize) -> Self {
        let mut words = [u64::MAX; WORDS];
        if !count.is_multiple_of(64) {
            words[WORDS - 1] = (1 << (count % 64)) - 1;
        }
        Self(words)
    }

    /// The same set and `event`.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
    pub(crate) const fn with(mut self, event: EventType) -> Self {
        self.0[event.index() / 64] |= 1 << (event.index() % 64);
        self
    }

    /// The types for which `belongs` holds.
    pub fn which(mut belongs: impl FnMut(EventType) -> bool) -> Self {
        EventType::all().filter(|event| belongs(*event)).collect()
    }

    /// Whether `event` is in the set.
    pub fn contains(self, event: EventType) -> bool {
        self.0.get(event.index() / 64).is_some_and(|word| word & bit(event) != 0)
    }

    /// Number of types in the set.
    pub fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether there is no type in the set.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// The types in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.merge(other, |one, other| one & other)
    }

    /// The types in either.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "both have the same number of words; iterators are not for constants"
    )]
    pub const fn or(mut self, other: Self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] |= other.0[word];
            word += 1;
        }
        self
    }

    /// The types that are not in the set.
    #[must_use]
    pub fn complement(self) -> Self {
        Self::ALL.merge(self, |one, other| one & !other)
    }

    fn merge(mut self, other: Self, merge: fn(u64, u64) -> u64) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word = merge(*word, other);
        }
        self
    }

    /// The names of the types, of many only the first ones.
    pub fn listed(self) -> String {
        const MOST: usize = 12;
        if self == Self::ALL {
            return "every type".to_owned();
        }
        let names: Vec<_> = self.iter().take(MOST).map(EventType::name).collect();
        match self.iter().count().checked_sub(MOST) {
            Some(more @ 1..) => format!("{} and {more} more", names.join(", ")),
            Some(0) | None => names.join(", "),
        }
    }

    /// The types in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = EventType> {
        EventType::all().filter(move |event| self.contains(*event))
    }
}

impl FromIterator<EventType> for EventTypes {
    fn from_iter<I: IntoIterator<Item = EventType>>(events: I) -> Self {
        let mut set = Self::NONE;
        for event in events {
            if let Some(word) = set.0.get_mut(event.index() / 64) {
                *word |= bit(event);
            }
        }
        set
    }
}

/// The bit of an event type in its word.
const fn bit(event: EventType) -> u64 {
    1 << (event.index() % 64)
}

impl fmt::Debug for EventTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The name of the event type nearest to a misspelt one.
pub(crate) fn nearest_name(name: &str) -> Option<&'static str> {
    super::field::nearest(name, NAMES.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_lead_back() {
        assert!(NAMES.is_sorted_by(|one, next| one < next));
        for event in EventType::all() {
            assert_eq!(EventType::from_name(event.name()), Some(event));
            assert_eq!(EventType::of(event.name()), event);
        }
        assert_eq!(EventType::all().count(), EventType::COUNT);
        assert_eq!(EventType::from_name("zebra"), None);
        assert_eq!(nearest_name("exceve"), Some("execve"));
    }

    #[test]
    fn falcos_events_are_known_and_ours_are_observed() {
        for name in ["epoll_create", "mmap2", "container", "pluginevent", "asyncevent", "signaldeliver"] {
            assert!(EventType::from_name(name).is_some_and(|event| !event.is_observed()), "{name}");
        }
        assert!(EventType::OPENAT.is_observed() && EventType::PROCEXIT.is_observed());
        assert!(EventTypes::OBSERVED.count() > 15);
        assert_eq!(EventType::EXECVE.name(), "execve");
    }

    #[test]
    fn sets_follow_set_algebra() {
        let opens = EventTypes::which(|event| event.name().starts_with("openat"));
        assert_eq!(opens.count(), 2);
        assert_eq!(opens.iter().collect::<Vec<_>>(), [EventType::OPENAT, EventType::OPENAT2]);
        assert!(opens.and(opens.complement()).is_empty());
        assert_eq!(opens.or(opens.complement()), EventTypes::ALL);
        assert_eq!(usize::try_from(EventTypes::ALL.count()).unwrap(), EventType::COUNT);
        assert_eq!(EventTypes::which(|_| true), EventTypes::ALL);
        assert_eq!(format!("{:?}", opens.and(EventTypes::which(|e| e.name() == "openat"))), "{openat}");
    }
}
