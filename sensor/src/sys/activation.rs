//! A listening socket that the service manager made and passed on (`sd_listen_fds(3)`).

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::net::sockopt::{socket_acceptconn, socket_domain, socket_type};
use rustix::net::{AddressFamily, SocketType};

/// The first descriptor that is passed on.
const FIRST: RawFd = 3;

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// Nothing was passed to this process.
    #[error("no socket was passed by the service manager; give a path")]
    Nothing,
    /// More than one was passed.
    #[error("the service manager passed {0:?} sockets; one is wanted")]
    Several(OsString),
    /// It is not what is wanted.
    #[error("what the service manager passed is not a unix socket that listens")]
    NoListener,
    /// The kernel refused.
    #[error("the socket of the service manager: {0}")]
    Refused(#[from] io::Error),
}

/// The one unix socket that was passed to this process. Call it before other threads start programs: the descriptor is
/// kept from them only then.
pub fn listener() -> Result<UnixListener, ActivationError> {
    check(env::var_os("LISTEN_PID").as_deref(), env::var_os("LISTEN_FDS"))?;
    // SAFETY: the service manager says by the two variables that descriptor 3 is open; nothing in this program closes
    // what it did not open, so it stays so while it is borrowed.
    let passed = unsafe { BorrowedFd::borrow_raw(FIRST) };
    fcntl_setfd(passed, FdFlags::CLOEXEC).map_err(io::Error::from)?;
    of_descriptor(passed)
}

/// Whether exactly one descriptor was passed, and to this process: the variables are inherited by others.
fn check(pid: Option<&OsStr>, count: Option<OsString>) -> Result<(), ActivationError> {
    let own = std::process::id().to_string();
    match count {
        Some(count) if pid == Some(OsStr::new(&own)) => {
            if count == "1" {
                Ok(())
            } else {
                Err(ActivationError::Several(count))
            }
        }
        Some(_) | None => Err(ActivationError::Nothing),
    }
}

/// A listener of its own for a socket that listens.
fn of_descriptor(passed: BorrowedFd<'_>) -> Result<UnixListener, ActivationError> {
    let is_listener = socket_domain(passed).is_ok_and(|family| family == AddressFamily::UNIX)
        && socket_type(passed).is_ok_and(|kind| kind == SocketType::STREAM)
        && socket_acceptconn(passed).unwrap_or(false);
    if !is_listener {
        return Err(ActivationError::NoListener);
    }
    let own: OwnedFd = fcntl_dupfd_cloexec(passed.as_fd(), FIRST + 1).map_err(io::Error::from)?;
    Ok(own.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn only_what_is_meant_for_this_process_is_taken() {
        let own = OsString::from(std::process::id().to_string());
        let other = OsString::from("1");
        assert!(check(Some(&own), Some("1".into())).is_ok());
        assert!(matches!(check(Some(&own), Some("2".into())), Err(ActivationError::Several(_))));
        for (pid, count) in [(None, Some("1")), (Some(&other), Some("1")), (Some(&own), None)] {
            let result = check(pid.map(OsString::as_os_str), count.map(OsString::from));
            assert!(matches!(result, Err(ActivationError::Nothing)));
        }
    }

    #[test]
    fn a_socket_that_listens_is_taken_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let passed = UnixListener::bind(&path).unwrap();
        let listener = of_descriptor(passed.as_fd()).unwrap();
        let _client = UnixStream::connect(&path).unwrap();
        listener.accept().unwrap();
        let (connected, _other) = UnixStream::pair().unwrap();
        let file = std::fs::File::open("/dev/null").unwrap();
        for wrong in [connected.as_fd(), file.as_fd()] {
            assert!(matches!(of_descriptor(wrong), Err(ActivationError::NoListener)));
        }
    }
}
