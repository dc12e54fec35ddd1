//! Who is at the other end of a unix socket, by the kernel's word.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use sensor_common::lockdown::Client;
use tokio::net::UnixStream;

/// Who connected, as of that moment.
#[derive(Debug)]
pub struct Peer {
    /// Process id in our pid namespace; `None` where the process cannot be seen from it.
    pub pid: Option<u32>,
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// The process itself.
    pub process: Holder,
}

/// A hold on the process that connected.
#[derive(Debug)]
pub enum Holder {
    /// The kernel gave a descriptor of exactly that process.
    Exact(PidFd),
    /// This kernel cannot (before 6.5): a descriptor of the process that had the id when the connection was accepted.
    ByNumber(PidFd),
    /// The process is gone.
    Gone,
}

/// A descriptor of a process: while it has not ended, its id is given to no other.
#[derive(Debug)]
pub struct PidFd(OwnedFd);

impl Peer {
    /// Who connected. Only the kernel's failing to tell at all is an error.
    pub fn of(stream: &UnixStream) -> io::Result<Self> {
        let credentials = stream.peer_cred()?;
        let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0);
        let process = Holder::of(stream.as_fd(), pid)?;
        Ok(Self { pid, uid: credentials.uid(), gid: credentials.gid(), process })
    }
}

impl Peer {
    /// Who the kernel says connected elsewhere, if a process still has the id; not necessarily the same one.
    pub fn recorded(client: &Client) -> Self {
        let process = Holder::by_number(Some(client.pid));
        Self { pid: Some(client.pid), uid: client.euid, gid: client.egid, process }
    }
}

/// The number that the kernel gave a connection, at the end that accepted it; no other has it till the next boot.
pub fn cookie(socket: BorrowedFd<'_>) -> io::Result<u64> {
    option(socket, libc::SO_COOKIE, 0_u64)
}

impl Holder {
    fn of(socket: BorrowedFd<'_>, pid: Option<u32>) -> io::Result<Self> {
        match peer_pidfd(socket) {
            Ok(process) => Ok(Self::Exact(process)),
            Err(error) if error.raw_os_error() == Some(libc::ENOPROTOOPT) => Ok(Self::by_number(pid)),
            // Kernels differ in how they say that the process has been waited for.
            Err(error)
                if matches!(error.raw_os_error(), Some(libc::ESRCH | libc::EINVAL | libc::ENODATA)) =>
            {
                Ok(Self::Gone)
            }
            Err(error) => Err(error),
        }
    }

    fn by_number(pid: Option<u32>) -> Self {
        let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let process = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        process.map_or(Self::Gone, |process| Self::ByNumber(PidFd(process)))
    }

    /// Whether the process has ended.
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Exact(process) | Self::ByNumber(process) => process.has_ended(),
            Self::Gone => true,
        }
    }

    /// Whether it is certain that this is the process that connected.
    pub const fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }
}

impl PidFd {
    /// The process with this id now; an error if there is none.
    pub fn open(pid: u32) -> io::Result<Self> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        Ok(Self(pidfd_open(pid, PidfdFlags::empty())?))
    }

    /// Whether the process has ended, be it waited for or not. What cannot be told counts as ended.
    pub fn has_ended(&self) -> bool {
        let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
        !matches!(poll(&mut ready, Some(&Timespec::default())), Ok(0))
    }

    /// Waits until the process has ended.
    pub fn wait(&self) -> io::Result<()> {
        let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
        loop {
            match poll(&mut ready, None) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Process id of who listens at the other end of a connection that we made, as of its `listen`; `None` where it cannot
/// be seen from here.
pub fn listener_pid(socket: BorrowedFd<'_>) -> io::Result<Option<u32>> {
    let nobody = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let credentials = option(socket, libc::SO_PEERCRED, nobody)?;
    Ok(u32::try_from(credentials.pid).ok().filter(|pid| *pid != 0))
}

/// `SO_PEERPIDFD`: Linux 6.5.
fn peer_pidfd(socket: BorrowedFd<'_>) -> io::Result<PidFd> {
    let descriptor: libc::c_int = option(socket, libc::SO_PEERPIDFD, -1)?;
    if descriptor < 0 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // SAFETY: the kernel made this descriptor for this call, so nobody else owns it.
    Ok(PidFd(unsafe { OwnedFd::from_raw_fd(descriptor) }))
}

/// Types that any bytes of the kernel's are a value of.
trait Plain: Copy {}
impl Plain for libc::c_int {}
impl Plain for libc::ucred {}
impl Plain for u64 {}

/// A `SOL_SOCKET` option; what the kernel leaves unwritten stays as in `value`.
fn option<T: Plain>(socket: BorrowedFd<'_>, name: libc::c_int, mut value: T) -> io::Result<T> {
    let mut len = libc::socklen_t::try_from(size_of::<T>()).unwrap_or(0);
    let at = (&raw mut value).cast();
    // SAFETY: the socket is open while it is borrowed; the kernel writes at most `len` bytes to `value`, whose size that
    // is and which holds any bytes, and the new length to `len`; both outlive the call.
    let result = unsafe { libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, name, at, &raw mut len) };
    if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[tokio::test]
    async fn both_ends_of_a_pair_are_this_process() {
        let (one, _other) = UnixStream::pair().unwrap();
        let peer = Peer::of(&one).unwrap();
        assert_eq!(peer.pid, Some(std::process::id()));
        assert_eq!(peer.uid, rustix::process::geteuid().as_raw());
        assert!(!peer.process.has_ended());
    }

    #[test]
    fn a_process_that_ended_is_known_to_have_ended() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let process = PidFd::open(child.id()).unwrap();
        assert!(!process.has_ended());
        drop(child.stdin.take());
        process.wait().unwrap();
        assert!(process.has_ended(), "before it is waited for");
        child.wait().unwrap();
        assert!(process.has_ended(), "and after");
        assert!(PidFd::open(0).is_err() && PidFd::open(u32::MAX).is_err());
    }
}
