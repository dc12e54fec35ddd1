//! Payloads of the network domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::tail::{Path, Slice};

/// A new socket.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct NetworkSocket {
    /// The new descriptor, or the error.
    pub result: i64,
    /// Address family (`AF_*`).
    pub family: u32,
    /// Type and flags as passed (`SOCK_*`).
    pub kind: u32,
    /// Protocol as passed.
    pub protocol: u32,
    /// Explicit padding.
    pub reserved: u32,
}

/// Two sockets connected to each other.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct NetworkSocketpair {
    /// 0, or the error.
    pub result: i64,
    /// Address family (`AF_*`).
    pub family: u32,
    /// Type and flags as passed (`SOCK_*`).
    pub kind: u32,
    /// Protocol as passed.
    pub protocol: u32,
    /// Explicit padding.
    pub reserved: u32,
    /// The new descriptors; -1 each if the call failed.
    pub fds: [i32; 2],
}

/// A socket as the kernel has it when the call ends; all zero where the descriptor is of none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Socket {
    /// Inode number of the socket itself, as in `socket:[N]`.
    pub ino: u64,
    /// Inode number of the file that a unix socket is bound to: of a `connect` the listener's.
    pub bound_ino: u64,
    /// Own address, network byte order; of IPv4 the first four bytes.
    pub local_ip: [u8; 16],
    /// The peer's address, likewise; zero where there is no peer.
    pub remote_ip: [u8; 16],
    /// Own port.
    pub local_port: u16,
    /// The peer's port; zero where there is no peer.
    pub remote_port: u16,
    /// Address family (`AF_*`).
    pub family: u16,
    /// Type (`SOCK_*`).
    pub kind: u16,
    /// Protocol (`IPPROTO_*`).
    pub protocol: u16,
    /// State as TCP names it; 1 is connected, for the other protocols too.
    pub state: u16,
    /// Inode number of the network namespace the socket belongs to.
    pub net_ns: u32,
    /// Device of the file that a unix socket is bound to (`major << 20 | minor`).
    pub bound_dev: u32,
    /// Name that a unix socket was bound to, as its owner passed it; of a `connect` the listener's. Abstract ones begin
    /// with NUL.
    pub bound_name: Slice,
    /// Path of that file where it was bound.
    pub bound_path: Path,
}

/// What all calls on a socket have.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct SocketCall {
    /// What the call returned.
    pub result: i64,
    /// The descriptor of the socket: as passed, of `accept` and duplicates the new one; -1 where it is not seen.
    pub fd: i32,
    /// `listen`: the backlog; `accept4`: flags; duplicates: the descriptor duplicated; `sendto` and its like: flags.
    pub argument: i32,
    /// The socket.
    pub socket: Socket,
    /// The address in the program's memory: what it passed to `connect`, `bind` or `sendto`, and what `recvfrom` left
    /// there. As a `sockaddr`.
    pub given: Slice,
    /// The first bytes of a message.
    pub data: Slice,
    /// Length of the message; of one that was sent as far as its first piece goes.
    pub size: u32,
    /// [`call_flags`].
    pub flags: u32,
}

/// Bits of [`SocketCall::flags`].
pub mod call_flags {
    /// The first message of this process to or from this peer, through this socket.
    pub const NEW_PEER: u32 = 1 << 0;
    /// The peer got or sent a message the other way before.
    pub const ANSWER: u32 = 1 << 1;
}

/// Most bytes kept of a message, unless it is one of DNS.
pub const DATA_HEAD: usize = 80;
/// Most bytes kept of a message of DNS.
pub const DNS_HEAD: usize = 512;
/// Port of DNS.
pub const DNS_PORT: u16 = 53;
/// Most bytes of an address: `struct sockaddr_storage`.
pub const ADDRESS_SIZE: usize = 128;
/// Most messages of one `sendmmsg` or `recvmmsg` that are looked at.
pub const MESSAGES: u32 = 4;

macro_rules! socket_calls {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[repr(C)]
            #[derive(
                Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable
            )]
            pub struct $name(pub SocketCall);

            impl AsMut<SocketCall> for $name {
                #[inline]
                fn as_mut(&mut self) -> &mut SocketCall {
                    &mut self.0
                }
            }

            impl From<$name> for SocketCall {
                fn from(call: $name) -> Self {
                    call.0
                }
            }
        )+
    };
}

socket_calls! {
    /// A socket was to be connected to a peer.
    NetworkConnect;
    /// A socket was to get an address.
    NetworkBind;
    /// A socket was to take connections.
    NetworkListen;
    /// A connection was taken.
    NetworkAccept;
    /// A message was sent.
    NetworkSend;
    /// A message was received.
    NetworkReceive;
    /// A socket became standard input, output or error.
    NetworkRedirect;
}
