//! `struct socket`, its `struct sock`, and the names of unix sockets.

use sensor_common::{
    event::{
        Payload,
        network::{ADDRESS_SIZE, SocketCall},
    },
    tail::Slice,
};

use super::{Miss, Ptr, Read, file::File, globals::offset, record::Record, task::Task};

/// `AF_*` of `include/linux/socket.h`.
const AF_UNIX: u16 = 1;
pub(super) const AF_INET: u16 = 2;
pub(super) const AF_INET6: u16 = 10;

/// An open socket.
#[derive(Clone, Copy)]
pub(crate) struct Socket {
    file: File,
    base: Ptr,
    sk: Ptr,
}

/// Whose name of a unix socket matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// The socket's own.
    Own,
    /// That of the one it is connected to.
    Peer,
}

impl Socket {
    /// The socket behind an open file, if it is one.
    #[inline(always)]
    pub(crate) fn of(file: File) -> Result<Self, Miss> {
        if !file.is_socket() {
            return Err(Miss::Filtered);
        }
        let socket = file.private_data();
        let sk = socket.follow(offset!(socket_sk));
        Ok(Self { file, base: socket.required()?, sk: sk.required()? })
    }

    /// The socket behind a descriptor, if it is one.
    #[inline(always)]
    pub(crate) fn open(fd: u32) -> Result<Self, Miss> {
        let Ok(file) = Task::current().file(fd) else { return Err(Miss::Filtered) };
        Self::of(file)
    }

    /// Its inode number.
    #[inline(always)]
    pub(super) fn inode(self) -> Read<u64> {
        self.file.inode().read(offset!(inode_ino))
    }

    /// Of a connected unix socket the kernel's own object at the other end; null where there is none.
    #[inline(always)]
    pub(super) fn unix_peer(self) -> Ptr {
        let is_unix = self.family().value == AF_UNIX;
        if is_unix { self.sk.follow(offset!(unix_peer)).value } else { Ptr::argument(0) }
    }

    /// Its family (`AF_*`).
    #[inline(always)]
    pub(super) fn family(self) -> Read<u16> {
        self.sk.read(offset!(sock_family))
    }

    /// Its type (`SOCK_*`).
    #[inline(always)]
    pub(super) fn kind(self) -> Read<u16> {
        self.base.read(offset!(socket_type))
    }

    /// Its own port.
    #[inline(always)]
    pub(super) fn local_port(self) -> Read<u16> {
        self.sk.read(offset!(sock_num))
    }

    /// The port of its peer; 0 without one.
    #[inline(always)]
    pub(super) fn remote_port(self) -> Read<u16> {
        self.sk.read::<u16>(offset!(sock_dport)).map(u16::from_be)
    }

    /// The address of its peer; of IPv4 the first bytes.
    #[inline(always)]
    pub(super) fn remote_ip(self, family: u16) -> Read<[u8; 16]> {
        if family == AF_INET6 { self.sk.read(offset!(sock_v6_daddr)) } else { self.ipv4(offset!(sock_daddr)) }
    }

    #[inline(always)]
    fn local_ip(self, family: u16) -> Read<[u8; 16]> {
        if family == AF_INET6 {
            self.sk.read(offset!(sock_v6_rcv_saddr))
        } else {
            self.ipv4(offset!(sock_rcv_saddr))
        }
    }

    #[inline(always)]
    fn ipv4(self, offset: u32) -> Read<[u8; 16]> {
        self.sk.read::<[u8; 4]>(offset).map(widened)
    }
}

/// An address of IPv4 in the room of one of IPv6.
#[inline(always)]
pub(super) const fn widened([a, b, c, d]: [u8; 4]) -> [u8; 16] {
    [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

impl<E: Payload + AsMut<SocketCall>> Record<E> {
    /// Writes what the kernel knows of a socket, but for the names of unix sockets.
    #[inline(always)]
    pub(crate) fn socket(&mut self, socket: Socket) -> Result<(), Miss> {
        let family = socket.family().required()?;
        let net = socket.sk.follow(offset!(sock_net));
        self.end().socket.ino = self.take(socket.inode());
        self.end().socket.family = family;
        self.end().socket.kind = self.take(socket.kind());
        self.end().socket.protocol = self.take(socket.sk.read(offset!(sock_protocol)));
        self.end().socket.state = self.take(socket.sk.read::<u8>(offset!(sock_state))).into();
        self.end().socket.net_ns = self.take(net.read(offset!(net_ns_inum)));
        if matches!(family, AF_INET | AF_INET6) {
            self.ends(socket, family);
        }
        Ok(())
    }

    /// The part of the payload that all calls on a socket have.
    #[inline(always)]
    pub(crate) fn end(&mut self) -> &mut SocketCall {
        self.body().as_mut()
    }

    /// Copies an address of the program's, of `len` bytes.
    #[inline(always)]
    pub(crate) fn address(&mut self, from: Ptr, len: u32) -> Result<(), Miss> {
        if from.is_null() || len == 0 {
            return Ok(());
        }
        let most = ADDRESS_SIZE as u32;
        let len = if len > most { most } else { len };
        self.end().given = self.user_bytes(from, len.into())?;
        Ok(())
    }

    /// Copies an address that the kernel has copied already.
    #[inline(always)]
    pub(crate) fn kernel_address(&self, from: Ptr, len: u32) -> Result<Slice, Miss> {
        let most = ADDRESS_SIZE as u32;
        self.kernel_bytes(from, if len > most { most } else { len }.into())
    }

    #[inline(always)]
    fn ends(&mut self, socket: Socket, family: u16) {
        self.end().socket.local_ip = self.take(socket.local_ip(family));
        self.end().socket.remote_ip = self.take(socket.remote_ip(family));
        self.end().socket.local_port = self.take(socket.local_port());
        self.end().socket.remote_port = self.take(socket.remote_port());
    }

    /// The name that a unix socket is bound to, and the file where there is one. Of a connection's two ends the
    /// kernel gives both the listener's.
    #[inline(always)]
    pub(crate) fn bound(&mut self, socket: Socket, named: Named) -> Result<(), Miss> {
        if socket.family().value != AF_UNIX {
            return Ok(());
        }
        let sk = match named {
            Named::Own => socket.sk,
            Named::Peer => self.take(socket.sk.follow(offset!(unix_peer))),
        };
        if sk.is_null() {
            return Ok(());
        }
        self.end().socket.bound_name = self.bound_name(sk)?;
        let path = sk.at(offset!(unix_path));
        let dentry = path.follow(offset!(path_dentry));
        if dentry.value.is_null() {
            return Ok(());
        }
        let inode = dentry.follow(offset!(dentry_inode));
        self.end().socket.bound_ino = self.take(inode.read(offset!(inode_ino)));
        self.end().socket.bound_dev = self.take(inode.follow(offset!(inode_sb)).read(offset!(sb_dev)));
        self.end().socket.bound_path = self.path(path)?;
        Ok(())
    }

    /// What follows the family in the `sockaddr_un` of a bound socket.
    #[inline(always)]
    fn bound_name(&self, sk: Ptr) -> Result<Slice, Miss> {
        let address = self.take(sk.follow(offset!(unix_addr)));
        if address.is_null() {
            return Ok(Slice::default());
        }
        let len = self.take(address.read::<u32>(offset!(unix_address_len)));
        let name = self.take(address.at(offset!(unix_address_name)));
        let family = size_of::<u16>() as u32;
        let rest = len.wrapping_sub(family);
        self.kernel_address(name.plus(family.into()), rest)
    }
}
