//! Datagrams at the end of the calls that send and receive them: of most only the first to or from a peer is
//! reported, and what is not is dropped before anything is copied.

use aya_ebpf::{bindings::BPF_NOEXIST, programs::TracePointContext};
use sensor_common::{
    event::{
        Payload,
        network::{DATA_HEAD, DNS_HEAD, DNS_PORT, SocketCall, call_flags},
    },
    header::flags,
};

use super::{
    Miss, Ptr,
    call::{Call, at_exit_if},
    maps::PEERS,
    record::Record,
    sock::{AF_INET, AF_INET6, Socket, widened},
    task::Task,
};

/// `SOCK_DGRAM` and `SOCK_RAW` of `include/linux/net.h`.
const SOCK_DGRAM: u16 = 2;
const SOCK_RAW: u16 = 3;
/// Places in a `sockaddr_in` and a `sockaddr_in6`.
const PORT: u32 = 2;
const IPV4: u32 = 4;
const IPV6: u32 = 8;
/// Places in a `struct user_msghdr`.
const NAME: u32 = 0;
const NAME_LEN: u32 = 8;
const PIECES: u32 = 16;
/// Size of a `struct mmsghdr`, and where it has what was transferred.
const HEADER_SIZE: u64 = 64;
const TRANSFERRED: u32 = 56;
/// Places in a `struct iovec`.
const BASE: u32 = 0;
const LEN: u32 = 8;

/// Which way a message goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Away from the process.
    Out = 0,
    /// To the process.
    In = 1,
}

/// A message in the program's memory.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    /// What its transfer returned.
    result: i64,
    /// Where its address is, and how long that is.
    name: Ptr,
    name_len: u32,
    /// Its first piece.
    data: Ptr,
    len: u64,
}

/// A process that exchanges messages with a peer through a socket.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Peer {
    start: u64,
    socket: u64,
    ip: [u8; 16],
    port: u16,
    way: u8,
    failed: u8,
    reserved: u32,
}

/// A message to be reported.
#[derive(Clone, Copy)]
struct Noted {
    socket: Socket,
    flags: u32,
    most: u64,
}

impl Message {
    /// Of `sendto` and `recvfrom`; `name` and its length are arguments 4 and 5.
    #[inline(always)]
    pub(crate) fn single(call: Call, way: Way) -> Self {
        let last = call.argument::<5>().value;
        let name_len = match way {
            Way::Out => last as u32,
            Way::In if last == 0 => 0,
            Way::In => Ptr::argument(last).user::<u32>(0).value,
        };
        Self {
            result: call.result(),
            name: call.pointer::<4>().value,
            name_len,
            data: call.pointer::<1>().value,
            len: call.argument::<2>().value,
        }
    }

    /// Of `sendmsg` and `recvmsg`.
    #[inline(always)]
    pub(crate) fn described(call: Call) -> Self {
        Self::at(call.pointer::<1>().value, call.result())
    }

    /// Number `index` of `sendmmsg` and `recvmmsg`; a failure is the first one's.
    #[inline(always)]
    pub(crate) fn nth(call: Call, index: u32) -> Self {
        let header = call.pointer::<1>().value.plus(u64::from(index) * HEADER_SIZE);
        let result = call.result();
        let transferred = header.user::<u32>(TRANSFERRED).value;
        Self::at(header, if result < 0 { result } else { transferred.into() })
    }

    #[inline(always)]
    fn at(header: Ptr, result: i64) -> Self {
        let pieces = header.user::<Ptr>(PIECES).value;
        Self {
            result,
            name: header.user::<Ptr>(NAME).value,
            name_len: header.user::<u32>(NAME_LEN).value,
            data: pieces.user::<Ptr>(BASE).value,
            len: pieces.user::<u64>(LEN).value,
        }
    }

    /// Bytes of it that are in its first piece.
    #[inline(always)]
    const fn held(self) -> u64 {
        if self.result >= 0 && (self.result as u64) < self.len { self.result as u64 } else { self.len }
    }

    /// The port and the address in the program's memory; zero where there are none.
    #[inline(always)]
    fn named(self, family: u16) -> (u16, [u8; 16]) {
        if self.name.is_null() || self.name_len == 0 {
            return (0, [0; 16]);
        }
        let port = u16::from_be(self.name.user(PORT).value);
        let ip = match family {
            AF_INET6 => self.name.user(IPV6).value,
            _ => widened(self.name.user(IPV4).value),
        };
        (port, ip)
    }

    /// Whether it is to be reported: the first to or from its peer through an unconnected socket, or DNS.
    #[inline(always)]
    fn noted(self, fd: u32, way: Way) -> Result<Noted, Miss> {
        if way == Way::In && self.result < 0 {
            return Err(Miss::Filtered);
        }
        let socket = Socket::open(fd)?;
        let family = socket.family().value;
        if !matches!(family, AF_INET | AF_INET6) || !matches!(socket.kind().value, SOCK_DGRAM | SOCK_RAW) {
            return Err(Miss::Filtered);
        }
        let connected = socket.remote_port().value;
        let (port, ip) =
            if connected == 0 { self.named(family) } else { (connected, socket.remote_ip(family).value) };
        let dns = port == DNS_PORT || socket.local_port().value == DNS_PORT;
        if connected != 0 && !dns {
            return Err(Miss::Filtered);
        }
        let flags = self.met(socket, (port, ip), way)?;
        if flags & call_flags::NEW_PEER == 0 && !dns {
            return Err(Miss::Filtered);
        }
        Ok(Noted { socket, flags, most: if dns { DNS_HEAD } else { DATA_HEAD } as u64 })
    }

    /// Whether the peer is new, and whether it was met the other way.
    #[inline(always)]
    fn met(self, socket: Socket, (port, ip): (u16, [u8; 16]), way: Way) -> Result<u32, Miss> {
        let start = Task::current().leader().then(Task::start_boottime).required()?;
        let socket = socket.inode().required()?;
        let failed = (self.result < 0).into();
        let mut peer = Peer { start, socket, ip, port, way: way as u8, failed, reserved: 0 };
        let known = PEERS.get_ptr(peer).is_some() || PEERS.insert(peer, 0, BPF_NOEXIST.into()).is_err();
        peer.way ^= 1;
        peer.failed = 0;
        let answer = if PEERS.get_ptr(peer).is_some() { call_flags::ANSWER } else { 0 };
        Ok(answer | if known { 0 } else { call_flags::NEW_PEER })
    }
}

/// Reports a message, if it is to be.
#[inline(always)]
pub(crate) fn at_exit<E: Payload + AsMut<SocketCall>>(
    ctx: &TracePointContext,
    way: Way,
    message: impl FnOnce(Call) -> Message,
) -> u32 {
    at_exit_if::<E, _>(
        ctx,
        |call| {
            let message = message(call);
            Ok((message, message.noted(call.word::<0>().value, way)?))
        },
        |record, call, (message, noted)| fill(record, call, message, noted),
    )
}

#[inline(always)]
fn fill<E: Payload + AsMut<SocketCall>>(
    record: &mut Record<E>,
    call: Call,
    message: Message,
    noted: Noted,
) -> Result<(), Miss> {
    record.flag(flags::UNVERIFIED);
    record.end().result = message.result;
    record.end().fd = record.take(call.int::<0>());
    record.end().flags = noted.flags;
    record.socket(noted.socket)?;
    record.address(message.name, message.name_len)?;
    let held = message.held();
    record.end().size = held as u32;
    record.end().data = record.user_bytes(message.data, if held > noted.most { noted.most } else { held })?;
    Ok(())
}
