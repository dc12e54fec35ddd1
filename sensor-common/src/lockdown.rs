//! The lock-down of container engines' sockets: what the guard tells its kernel programs, and what they tell it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A file, whatever its names.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileKey {
    /// Inode number.
    pub ino: u64,
    /// Device of its file system, as the kernel keeps it (`major << 20 | minor`).
    pub dev: u32,
    /// Always 0.
    pub zero: u32,
}

/// Room for the name of a socket's file, the NUL behind it included; longer ones are not looked up.
pub const NAME_SIZE: usize = 64;

/// A name in a directory, whichever file has it: a socket that is made anew has another inode and the same name.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct NameKey {
    /// The directory.
    pub directory: FileKey,
    /// The name, then zeroes.
    pub name: [u8; NAME_SIZE],
}

/// A process, by the tick in which it started: that is what /proc says of it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessTick {
    /// `start_boottime` of the thread-group leader in ticks of [`TICK`] nanoseconds.
    pub tick: u64,
    /// Thread-group id in the initial pid namespace.
    pub pid: u32,
    /// Always 0.
    pub zero: u32,
}

/// Nanoseconds of a tick.
pub const TICK: u64 = 10_000_000;

/// Bits of what is said of a socket. A program may connect if one of its own bits is among the [`CLASSES`] of the socket.
pub mod socket {
    /// The container engine itself: Docker's, podman's.
    pub const ENGINE: u32 = 1 << 0;
    /// What the engine itself uses: containerd.
    pub const RUNTIME: u32 = 1 << 1;
    /// Of the self-test: nobody but the guard.
    pub const TEST: u32 = 1 << 2;
    /// All of those.
    pub const CLASSES: u32 = ENGINE | RUNTIME | TEST;
    /// Who may not connect is refused; otherwise only told of.
    pub const DENY: u32 = 1 << 8;
    /// The guard's own: who connects is remembered by the connection's cookie.
    pub const GUARD: u32 = 1 << 9;
}

/// Room for the name of a cgroup, the NUL behind it included; those of containers end within it.
pub const CGROUP_NAME_SIZE: usize = 96;

/// Who connects, by the kernel's own objects at that moment.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Client {
    /// `start_boottime` of the thread-group leader, nanoseconds.
    pub start: u64,
    /// Id of its cgroup in the v2 hierarchy.
    pub cgroup: u64,
    /// The file that it runs.
    pub exe: FileKey,
    /// Thread-group id in the initial pid namespace.
    pub pid: u32,
    /// Thread id there.
    pub tid: u32,
    /// Thread-group id of its parent there.
    pub parent: u32,
    /// Real user id, in the initial user namespace.
    pub uid: u32,
    /// Effective user id there.
    pub euid: u32,
    /// Real group id there.
    pub gid: u32,
    /// Effective group id there.
    pub egid: u32,
    /// User id of the login, [`NO_ID`] without one.
    pub loginuid: u32,
    /// Number of the audit session, [`NO_ID`] without one.
    pub session: u32,
    /// Inode number of its mount namespace.
    pub mnt_ns: u32,
    /// Name of the thread, ended by NUL.
    pub comm: [u8; 16],
    /// Name of that cgroup's directory, ended by NUL: it is removed with its last process.
    pub cgroup_name: [u8; CGROUP_NAME_SIZE],
}

impl Client {
    /// Name of the thread.
    pub fn thread(&self) -> &[u8] {
        text(&self.comm)
    }

    /// Name of the cgroup's directory; empty if it is not known.
    pub fn cgroup_name(&self) -> &[u8] {
        text(&self.cgroup_name)
    }
}

/// What stands before the first NUL.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// An id that is not set.
pub const NO_ID: u32 = u32::MAX;

/// What became of a connection to a protected socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// It may: the guard, or a program that is allowed to.
    Allowed = 0,
    /// It was refused, and told of.
    Denied,
    /// It was let through, and told of.
    Told,
    /// Told of by nobody: the ring was full. What became of it is as for the others.
    Lost,
    /// A client of the guard's was remembered.
    Remembered,
}

impl Outcome {
    /// Every outcome, in the order of the counters.
    pub const ALL: [Self; 5] = [Self::Allowed, Self::Denied, Self::Told, Self::Lost, Self::Remembered];

    /// Its name among counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "lockdown_allowed",
            Self::Denied => "lockdown_denied",
            Self::Told => "lockdown_told",
            Self::Lost => "lockdown_lost",
            Self::Remembered => "lockdown_remembered",
        }
    }
}

/// Number of outcomes.
pub const OUTCOMES: usize = Outcome::ALL.len();

/// Somebody connects to a protected socket who may not.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Attempt {
    /// `CLOCK_BOOTTIME`, nanoseconds.
    pub time: u64,
    /// Who.
    pub client: Client,
    /// The socket's file.
    pub socket: FileKey,
    /// What is said of it ([`socket`]).
    pub flags: u32,
    /// 1 if it was refused.
    pub denied: u32,
}
