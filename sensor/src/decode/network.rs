//! Events of the network domain.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use sensor_common::event::{
    Kind, Payload,
    network::{self as payload, DNS_PORT, call_flags},
};
use sensor_common::header::Header;

use super::{Call, DecodeError, FilePath, What, wire};
use crate::{dns, rules::EventType};

/// `AF_*`, `SOCK_RAW` and a connected socket's state, of the kernel's interface.
const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const SOCK_RAW: u16 = 3;
const ESTABLISHED: u16 = 1;
/// `EINPROGRESS`: the connection is being made.
const IN_PROGRESS: i64 = -115;

/// What was asked of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkCall {
    /// A new one.
    Socket(payload::NetworkSocket),
    /// Two new ones, connected to each other.
    Pair(payload::NetworkSocketpair),
    /// Something of one that exists.
    On(Action, Box<Socket>),
}

/// What was done with a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connected to a peer.
    Connect,
    /// Given an address.
    Bind,
    /// Made to take connections.
    Listen,
    /// Made by taking a connection.
    Accept,
    /// A message sent through it.
    Send,
    /// A message received through it.
    Receive,
    /// Made standard input, output or error.
    Redirect,
}

/// Which side of a connection the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It began.
    Client,
    /// The peer began, or would.
    Server,
    /// Who began is not known.
    Unknown,
}

/// A socket, and what a call on it had in the program's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Socket {
    /// Everything of fixed size, as the kernel sent it; the slices in it are spent.
    pub facts: payload::SocketCall,
    /// The address as the program passed it, or got it.
    pub given: Option<Address>,
    /// Own end of a socket of the Internet Protocol.
    pub local: Option<SocketAddr>,
    /// The peer's end, where there is one.
    pub remote: Option<SocketAddr>,
    /// The name that a unix socket is bound to, of a connection the listener's; abstract ones begin with NUL.
    pub bound_name: Box<[u8]>,
    /// Path of its file where it was bound.
    pub bound_path: FilePath,
    /// The first bytes of a message.
    pub data: Box<[u8]>,
    /// The message, if it is one of DNS.
    pub dns: Option<Box<dns::Message>>,
}

/// An address in a program's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Of the Internet Protocol.
    Ip(SocketAddr),
    /// Of a unix socket; abstract ones begin with NUL.
    Unix(Box<[u8]>),
}

impl NetworkCall {
    pub(super) fn socket(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, _) = wire::split::<payload::NetworkSocket>(header, rest)?;
        Ok(Call { kind: Kind::NetworkSocket, result: facts.result, what: What::Network(Self::Socket(facts)) })
    }

    pub(super) fn socketpair(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, _) = wire::split::<payload::NetworkSocketpair>(header, rest)?;
        Ok(Call {
            kind: Kind::NetworkSocketpair,
            result: facts.result,
            what: What::Network(Self::Pair(facts)),
        })
    }

    /// A call on a socket, of any kind.
    pub(super) fn on<P>(action: Action, header: &Header, rest: &[u8]) -> Result<Call, DecodeError>
    where
        P: Payload + Into<payload::SocketCall>,
    {
        let (facts, tail) = wire::split::<P>(header, rest)?;
        let socket = Socket::decode(facts.into(), &tail, action)?;
        let result = socket.facts.result;
        Ok(Call { kind: P::KIND, result, what: What::Network(Self::On(action, Box::new(socket))) })
    }
}

impl NetworkCall {
    /// The type where the number of the call is not known.
    pub(super) fn usual_type(&self) -> EventType {
        match self {
            Self::Socket(_) => EventType::SOCKET,
            Self::Pair(_) => EventType::SOCKETPAIR,
            Self::On(action, _) => action.usual_type(),
        }
    }
}

impl Action {
    fn usual_type(self) -> EventType {
        match self {
            Self::Connect => EventType::CONNECT,
            Self::Bind => EventType::BIND,
            Self::Listen => EventType::LISTEN,
            Self::Accept => EventType::ACCEPT4,
            Self::Send => EventType::SENDTO,
            Self::Receive => EventType::RECVFROM,
            Self::Redirect => EventType::DUP2,
        }
    }

    /// Which side the process is.
    pub fn side(self, socket: &Socket) -> Side {
        let answers = socket.facts.flags & call_flags::ANSWER != 0;
        match (self, answers) {
            (Self::Connect, _) | (Self::Send, false) | (Self::Receive, true) => Side::Client,
            (Self::Bind | Self::Listen | Self::Accept, _) | (Self::Send, true) | (Self::Receive, false) => {
                Side::Server
            }
            (Self::Redirect, _) => Side::Unknown,
        }
    }

    /// Whether the peer may be one that only the program's memory names: the kernel knows none.
    fn names_peer(self) -> bool {
        matches!(self, Self::Connect | Self::Send | Self::Receive)
    }
}

impl Socket {
    fn decode(
        facts: payload::SocketCall,
        tail: &wire::Tail<'_>,
        action: Action,
    ) -> Result<Self, DecodeError> {
        let given = Address::parse(tail.bytes(facts.given, "given")?);
        let [local, known] = ends(&facts.socket);
        let passed = given.as_ref().and_then(Address::ip).filter(|_| action.names_peer());
        let data: Box<[u8]> = tail.bytes(facts.data, "data")?.into();
        let remote = known.or(passed);
        let mut socket = Self {
            local: own_end(local, remote),
            remote,
            bound_name: name(tail.bytes(facts.socket.bound_name, "bound_name")?).into(),
            bound_path: tail.path(facts.socket.bound_path, "bound_path")?,
            dns: None,
            facts,
            given,
            data,
        };
        if socket.is_dns() {
            socket.dns = dns::Message::parse(&socket.data).ok().map(Box::new);
        }
        Ok(socket)
    }

    /// Whether it is one of the Internet Protocol.
    pub fn is_ip(&self) -> bool {
        matches!(self.facts.socket.family, AF_INET | AF_INET6)
    }

    /// Whether it is a unix socket.
    pub fn is_unix(&self) -> bool {
        self.facts.socket.family == AF_UNIX
    }

    /// Whether it carries whole packets.
    pub fn is_raw(&self) -> bool {
        self.facts.socket.kind == SOCK_RAW
    }

    /// Whether it is connected to its peer.
    pub fn is_connected(&self) -> bool {
        self.facts.socket.state == ESTABLISHED
    }

    /// Whether the call worked, or will.
    pub fn is_under_way(&self) -> bool {
        self.facts.result >= 0 || self.facts.result == IN_PROGRESS
    }

    /// Whether it is the first message to or from its peer.
    pub fn is_new_peer(&self) -> bool {
        self.facts.flags & call_flags::NEW_PEER != 0
    }

    /// Whether the peer, or the name, is known from the program's memory only.
    pub fn is_unverified(&self) -> bool {
        let facts = &self.facts.socket;
        if self.is_unix() {
            return self.bound_name.is_empty() && self.given.is_some();
        }
        self.remote.is_some() && facts.remote_port == 0 && facts.remote_ip == [0; 16]
    }

    /// Whether a message of it should be one of DNS.
    pub fn is_dns(&self) -> bool {
        let on_port = |end: Option<SocketAddr>| end.is_some_and(|end| end.port() == DNS_PORT);
        !self.data.is_empty() && (on_port(self.local) || on_port(self.remote))
    }

    /// The name under which a unix socket is reached: of its file, or the one its owner or the caller gave it.
    pub fn unix_name(&self) -> &[u8] {
        let passed = match &self.given {
            Some(Address::Unix(name)) => name,
            Some(Address::Ip(_)) | None => &self.bound_name,
        };
        [self.bound_path.as_bytes(), &self.bound_name, passed]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
    }
}

impl Address {
    /// Reads a `sockaddr`; one of another family, or cut short, is none.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (family, rest) = bytes.split_first_chunk()?;
        let port = || rest.first_chunk().copied().map(u16::from_be_bytes);
        let ip = |address: IpAddr| Some(Self::Ip(SocketAddr::new(address.to_canonical(), port()?)));
        match u16::from_ne_bytes(*family) {
            AF_UNIX => Some(Self::Unix(name(rest).into())),
            AF_INET => ip(Ipv4Addr::from(*rest.get(2..)?.first_chunk::<4>()?).into()),
            AF_INET6 => ip(Ipv6Addr::from(*rest.get(6..)?.first_chunk::<16>()?).into()),
            _ => None,
        }
    }

    fn ip(&self) -> Option<SocketAddr> {
        if let Self::Ip(end) = self { Some(*end) } else { None }
    }
}

/// The name in a `sockaddr_un`: up to a NUL, unless it begins with one.
fn name(bytes: &[u8]) -> &[u8] {
    if bytes.starts_with(b"\0") {
        return bytes;
    }
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Both ends as the kernel has them; no peer is one without an address and a port. Raw sockets have no ports.
fn ends(socket: &payload::Socket) -> [Option<SocketAddr>; 2] {
    let raw = socket.kind == SOCK_RAW;
    let port = |port| if raw { 0 } else { port };
    let end = |ip, number| address(socket.family, ip).map(|ip| SocketAddr::new(ip, port(number)));
    let remote = end(socket.remote_ip, socket.remote_port);
    let is_peer = |end: &SocketAddr| end.port() != 0 || (raw && !end.ip().is_unspecified());
    [end(socket.local_ip, socket.local_port), remote.filter(is_peer)]
}

/// A socket of IPv6 that listens to everybody reaches hosts of IPv4 from an address of IPv4.
fn own_end(local: Option<SocketAddr>, remote: Option<SocketAddr>) -> Option<SocketAddr> {
    let any = |end: SocketAddr| SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), end.port());
    let mixed = |end: &SocketAddr| end.is_ipv6() && end.ip().is_unspecified();
    match (local, remote) {
        (Some(local), Some(remote)) if mixed(&local) && remote.is_ipv4() => Some(any(local)),
        _ => local,
    }
}

fn address(family: u16, ip: [u8; 16]) -> Option<IpAddr> {
    match family {
        AF_INET => ip.first_chunk::<4>().map(|ip| Ipv4Addr::from(*ip).into()),
        AF_INET6 => Some(IpAddr::from(Ipv6Addr::from(ip)).to_canonical()),
        _ => None,
    }
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
