//! The connection that standard input is. An ssh server starts a session's process with the accepted connection
//! there, and so does whoever serves connections by starting a program for each.

use sensor_common::event::process::Connection;

use super::sock::{AF_INET, AF_INET6, Socket};

/// The connection that descriptor 0 of the current process is; all zero if it is none.
#[inline(always)]
pub(super) fn connection() -> Connection {
    let Ok(socket) = Socket::open(0) else { return Connection::default() };
    let family = socket.family().value;
    if family != AF_INET && family != AF_INET6 {
        return Connection::default();
    }
    Connection {
        family: family.into(),
        local_port: socket.local_port().value,
        peer_port: socket.remote_port().value,
        peer: socket.remote_ip(family).value,
    }
}
