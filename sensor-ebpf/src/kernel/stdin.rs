//! The connection that standard input is. An ssh server starts a session's process with the accepted connection
//! there, and so does whoever serves connections by starting a program for each.

use sensor_common::event::process::Connection;

use super::{Ptr, globals::offset, task::Task};

/// `AF_INET` and `AF_INET6`.
const INET: u16 = 2;
const INET6: u16 = 10;

impl Task {
    /// The connection that descriptor 0 is; of the current process only.
    #[inline(always)]
    pub(super) fn stdin(self) -> Connection {
        let Ok(file) = self.file(0) else { return Connection::default() };
        if !file.inode().is_socket() {
            return Connection::default();
        }
        connection(file.private_data().follow(offset!(socket_sk)).value)
    }
}

/// What a `struct sock` says of both ends.
#[inline(always)]
fn connection(sock: Ptr) -> Connection {
    let family = sock.read::<u16>(offset!(sock_family)).value;
    if family != INET && family != INET6 {
        return Connection::default();
    }
    let mut peer = sock.read::<[u8; 16]>(offset!(sock_v6_daddr)).value;
    if family == INET {
        peer = [0; 16];
        let [a, b, c, d] = sock.read::<[u8; 4]>(offset!(sock_daddr)).value;
        peer[0] = a;
        peer[1] = b;
        peer[2] = c;
        peer[3] = d;
    }
    Connection {
        family: family.into(),
        local_port: sock.read(offset!(sock_num)).value,
        peer_port: sock.read(offset!(sock_dport)).value,
        peer,
    }
}
