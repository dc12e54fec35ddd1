//! Trying a connection as another process: the only proof that one is refused.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

/// What came of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It was connected, and closed at once.
    Connected,
    /// The kernel's security refused.
    Refused,
    /// Nobody listens.
    NobodyListens,
}

/// Lets a child of this process connect, and end.
pub fn by_child(path: &Path) -> io::Result<Trial> {
    let address = SocketAddrUnix::new(path)?;
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    let mut command = Command::new("/proc/self/exe");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let trial = move || match connect(&socket, &address) {
        // An error in any case, so that the child ends here and does not become another program.
        Ok(()) => Err(rustix::io::Errno::ISCONN.into()),
        Err(error) => Err(error.into()),
    };
    // SAFETY: between fork and exec the closure makes one system call with what was made before the fork; it allocates
    // nothing and takes no lock.
    let command = unsafe { command.pre_exec(trial) };
    match command.spawn() {
        // The kernel has closed the child's end of it; ours was never connected.
        Err(error) => match rustix::io::Errno::from_io_error(&error) {
            Some(rustix::io::Errno::ISCONN) => Ok(Trial::Connected),
            Some(rustix::io::Errno::PERM) => Ok(Trial::Refused),
            Some(rustix::io::Errno::CONNREFUSED | rustix::io::Errno::NOENT) => Ok(Trial::NobodyListens),
            _ => Err(error),
        },
        Ok(mut child) => {
            child.kill().and_then(|()| child.wait())?;
            Err(io::ErrorKind::Other.into())
        }
    }
}
