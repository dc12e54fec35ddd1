//! Fields of sockets and connections.

use std::{fmt::Display, net::SocketAddr};

use super::{Observation, Rows, non_empty, number, or_missing, owned};
use crate::{
    decode::{Action, NetworkCall, Side, Socket, What},
    dns::Scope,
    rules::{EventType, EventTypes, value::Value, vocabulary::services},
};

/// Calls that send and receive messages.
pub(super) const MESSAGES: EventTypes = EventTypes::NONE
    .with(EventType::SENDTO)
    .with(EventType::SENDMSG)
    .with(EventType::SENDMMSG)
    .with(EventType::RECVFROM)
    .with(EventType::RECVMSG)
    .with(EventType::RECVMMSG);
/// Calls on one socket.
pub(super) const SOCKETS: EventTypes = MESSAGES
    .with(EventType::CONNECT)
    .with(EventType::BIND)
    .with(EventType::LISTEN)
    .with(EventType::ACCEPT)
    .with(EventType::ACCEPT4)
    .with(EventType::DUP)
    .with(EventType::DUP2)
    .with(EventType::DUP3)
    .with(EventType::FCNTL);
/// The same, and the making of sockets.
pub(super) const SOCKETS_AND_NEW: EventTypes = SOCKETS.with(EventType::SOCKET).with(EventType::SOCKETPAIR);

/// Fields that a new socket has already.
pub(super) const NEW_ROWS: Rows = &[
    ("fd.num", |o, _| or_missing(descriptor(o), Value::Number)),
    ("fd.type", |o, _| or_missing(o.network().and_then(kind), |(kind, _)| kind.into())),
    ("fd.typechar", |o, _| or_missing(o.network().and_then(kind), |(_, letter)| letter.into())),
    ("fd.l4proto", |o, _| or_missing(o.network().and_then(transport), Value::from)),
    ("fd.sockfamily", |o, _| or_missing(o.network().and_then(family), Value::from)),
];

/// Fields of the socket a call works on.
pub(super) const ROWS: Rows = &[
    ("fd.name", |o, _| or_missing(o.socket(), |(action, socket)| name(action, socket))),
    ("fd.nameraw", |o, _| or_missing(o.socket(), |(_, socket)| given(socket))),
    ("fd.ino", |o, _| or_missing(o.socket(), |(_, socket)| non_zero(socket.facts.socket.ino))),
    ("fd.ip", |o, _| addresses(o)),
    ("fd.cip", |o, _| address(o, client)),
    ("fd.sip", |o, _| address(o, server)),
    ("fd.lip", |o, _| address(o, local)),
    ("fd.rip", |o, _| address(o, remote)),
    ("fd.net", |o, _| addresses(o)),
    ("fd.cnet", |o, _| address(o, client)),
    ("fd.snet", |o, _| address(o, server)),
    ("fd.lnet", |o, _| address(o, local)),
    ("fd.rnet", |o, _| address(o, remote)),
    ("fd.port", |o, _| both(o, port)),
    ("fd.cport", |o, _| or_missing(end(o, client), port)),
    ("fd.sport", |o, _| or_missing(end(o, server), port)),
    ("fd.lport", |o, _| or_missing(end(o, local), port)),
    ("fd.rport", |o, _| or_missing(end(o, remote), port)),
    ("fd.proto", |o, _| both(o, port)),
    ("fd.cproto", |o, _| or_missing(end(o, client), service)),
    ("fd.sproto", |o, _| or_missing(end(o, server), service)),
    ("fd.lproto", |o, _| or_missing(end(o, local), service)),
    ("fd.rproto", |o, _| or_missing(end(o, remote), service)),
    ("fd.cip.name", |o, _| or_missing(end(o, client), |end| names(o, end))),
    ("fd.sip.name", |o, _| or_missing(end(o, server), |end| names(o, end))),
    ("fd.lip.name", |o, _| or_missing(end(o, local), |end| names(o, end))),
    ("fd.rip.name", |o, _| or_missing(end(o, remote), |end| names(o, end))),
    ("fd.is_server", |o, _| or_missing(o.socket(), |(action, socket)| is_server(action.side(socket)))),
    ("fd.connected", |o, _| or_missing(o.socket(), |(action, socket)| is_connected(action, socket).into())),
    ("fd.name_changed", |o, _| or_missing(o.socket(), |(action, socket)| is_renamed(action, socket).into())),
    ("vigie.fd.unverified", |o, _| or_missing(o.socket(), |(_, socket)| socket.is_unverified().into())),
    ("vigie.fd.net_ns", |o, _| or_missing(o.socket(), |(_, socket)| non_zero(socket.facts.socket.net_ns))),
    ("vigie.fd.bound_name", |o, _| or_missing(o.socket(), |(_, socket)| unix_name(&socket.bound_name))),
    ("vigie.fd.bound_ino", |o, _| {
        or_missing(o.socket(), |(_, socket)| non_zero(socket.facts.socket.bound_ino))
    }),
    ("vigie.fd.bound_dev", |o, _| {
        or_missing(o.socket(), |(_, socket)| non_zero(socket.facts.socket.bound_dev))
    }),
];

/// Fields of what a message carries.
pub(super) const MESSAGE_ROWS: Rows = &[
    ("evt.buffer", |o, _| or_missing(o.socket(), |(_, socket)| non_empty(&socket.data))),
    ("evt.buflen", |o, _| or_missing(o.socket(), |(_, socket)| number(socket.facts.size))),
];

impl Observation<'_> {
    /// What was asked of a socket.
    fn network(&self) -> Option<&NetworkCall> {
        if let What::Network(asked) = &self.call()?.what { Some(asked) } else { None }
    }

    /// The socket that a call works on, and what it does.
    pub(super) fn socket(&self) -> Option<(Action, &Socket)> {
        if let NetworkCall::On(action, socket) = self.network()? { Some((*action, socket)) } else { None }
    }
}

fn descriptor(observation: &Observation<'_>) -> Option<i64> {
    match observation.network()? {
        NetworkCall::Socket(_) => observation.call().map(|call| call.result),
        NetworkCall::Pair(facts) => facts.fds.first().map(|fd| i64::from(*fd)),
        NetworkCall::On(_, socket) => Some(socket.facts.fd.into()),
    }
    .filter(|fd| *fd >= 0)
}

/// Family, type and protocol.
fn parts(asked: &NetworkCall) -> (u32, u32, u32) {
    match asked {
        NetworkCall::Socket(facts) => (facts.family, facts.kind, facts.protocol),
        NetworkCall::Pair(facts) => (facts.family, facts.kind, facts.protocol),
        NetworkCall::On(_, socket) => {
            let facts = &socket.facts.socket;
            (facts.family.into(), facts.kind.into(), facts.protocol.into())
        }
    }
}

/// `fd.type` and `fd.typechar`. A socket of IPv6 that reaches a host of IPv4 counts as one of IPv4.
fn kind(asked: &NetworkCall) -> Option<(&'static str, &'static str)> {
    let is_v4 = |end: &Option<SocketAddr>| end.is_some_and(|end| end.is_ipv4());
    let ipv4 = ("ipv4", "4");
    match (asked, parts(asked).0) {
        (NetworkCall::On(_, socket), 10) if is_v4(&socket.remote) || is_v4(&socket.local) => Some(ipv4),
        (_, 1) => Some(("unix", "u")),
        (_, 2) => Some(ipv4),
        (_, 10) => Some(("ipv6", "6")),
        _ => None,
    }
}

fn family(asked: &NetworkCall) -> Option<&'static str> {
    match parts(asked).0 {
        1 => Some("unix"),
        2 | 10 => Some("ip"),
        _ => None,
    }
}

/// `fd.l4proto`, by type (without its flags) and protocol.
fn transport(asked: &NetworkCall) -> Option<&'static str> {
    let (family, kind, protocol) = parts(asked);
    match (family, kind & 0xf, protocol) {
        (2 | 10, 3, _) => Some("raw"),
        (2 | 10, 1, 0) | (2 | 10, _, 6) => Some("tcp"),
        (2 | 10, 2, 0) | (2 | 10, _, 17) => Some("udp"),
        (2 | 10, _, 1 | 58) => Some("icmp"),
        _ => None,
    }
}

/// Own end and the peer's.
type Ends = [Option<SocketAddr>; 2];

fn ends(observation: &Observation<'_>) -> Option<(Ends, Side)> {
    let (action, socket) = observation.socket()?;
    Some(([socket.local, socket.remote], action.side(socket)))
}

/// Chooses one of two ends by the side that the process is on.
type Choose = fn(Ends, Side) -> Option<SocketAddr>;

fn end(observation: &Observation<'_>, choose: Choose) -> Option<SocketAddr> {
    let (ends, side) = ends(observation)?;
    choose(ends, side)
}

fn local([local, _]: Ends, _: Side) -> Option<SocketAddr> {
    local
}

fn remote([_, remote]: Ends, _: Side) -> Option<SocketAddr> {
    remote
}

fn client([local, remote]: Ends, side: Side) -> Option<SocketAddr> {
    match side {
        Side::Client => local,
        Side::Server => remote,
        Side::Unknown => None,
    }
}

fn server([local, remote]: Ends, side: Side) -> Option<SocketAddr> {
    match side {
        Side::Client => remote,
        Side::Server => local,
        Side::Unknown => None,
    }
}

fn address(observation: &Observation<'_>, choose: Choose) -> Value<'static> {
    let Some((ends, side)) = ends(observation) else { return Value::Missing };
    or_missing(choose(ends, side).filter(|end| is_known(*end, ends)), |end| Value::Ip(end.ip()))
}

fn addresses(observation: &Observation<'_>) -> Value<'static> {
    let Some((ends, _)) = ends(observation) else { return Value::Missing };
    let known = ends.into_iter().flatten().filter(|end| is_known(*end, ends));
    list(known.map(|end| Value::Ip(end.ip())).collect())
}

/// Where a socket has a peer but no address of its own, the one that the kernel sends from is not known. One that
/// listens to everybody has the address that stands for all.
fn is_known(end: SocketAddr, [_, remote]: Ends) -> bool {
    remote.is_none() || !end.ip().is_unspecified()
}

fn port(end: SocketAddr) -> Value<'static> {
    number(end.port())
}

/// The name of a port's service; the number where it has none.
fn service(end: SocketAddr) -> Value<'static> {
    match services::name(end.port()) {
        Some(name) => name.into(),
        None => owned(end.port().to_string()),
    }
}

/// A value of each end that is known.
fn both(observation: &Observation<'_>, value: fn(SocketAddr) -> Value<'static>) -> Value<'static> {
    let Some((ends, _)) = ends(observation) else { return Value::Missing };
    list(ends.into_iter().flatten().map(value).collect())
}

fn list(values: Vec<Value<'_>>) -> Value<'_> {
    if values.is_empty() { Value::Missing } else { Value::List(values) }
}

/// The names by which an address was asked for before the event.
fn names<'o>(observation: &'o Observation<'_>, end: SocketAddr) -> Value<'o> {
    let Some((_, socket)) = observation.socket() else { return Value::Missing };
    let header = &observation.event.header;
    let scope = Scope { net_ns: socket.facts.socket.net_ns, mnt_ns: header.mnt_ns };
    list(observation.names.of(scope, end.ip(), header.time).map(Value::text).collect())
}

/// `fd.name`: of a connection both ends, the client's first; of a unix socket its path or name.
pub(super) fn name(action: Action, socket: &Socket) -> Value<'_> {
    if socket.is_unix() {
        return unix_name(socket.unix_name());
    }
    match (socket.local, socket.remote, action.side(socket)) {
        (Some(local), Some(remote), Side::Server) => owned(format!("{}->{}", plain(remote), plain(local))),
        (Some(local), Some(remote), Side::Client | Side::Unknown) => {
            owned(format!("{}->{}", plain(local), plain(remote)))
        }
        (Some(end), None, _) | (None, Some(end), _) => owned(plain(end).to_string()),
        (None, None, _) => Value::Missing,
    }
}

/// Address and port as Falco writes them, without brackets.
fn plain(end: SocketAddr) -> impl Display {
    std::fmt::from_fn(move |f| write!(f, "{}:{}", end.ip(), end.port()))
}

/// A unix socket's name; that of an abstract one begins with `@` in the place of its NUL.
fn unix_name(name: &[u8]) -> Value<'_> {
    match name.split_first() {
        Some((0, [])) | None => Value::Missing,
        Some((0, rest)) => owned([b"@", rest].concat()),
        Some(_) => Value::text(name),
    }
}

/// The address as the program passed it.
pub(super) fn given(socket: &Socket) -> Value<'_> {
    use crate::decode::Address;
    match &socket.given {
        Some(Address::Ip(end)) => owned(plain(*end).to_string()),
        Some(Address::Unix(name)) => unix_name(name),
        None => Value::Missing,
    }
}

fn is_server(side: Side) -> Value<'static> {
    match side {
        Side::Client => false.into(),
        Side::Server => true.into(),
        Side::Unknown => Value::Missing,
    }
}

fn is_connected(action: Action, socket: &Socket) -> bool {
    match action {
        Action::Connect | Action::Accept => socket.facts.result >= 0,
        Action::Bind | Action::Listen => false,
        Action::Send | Action::Receive | Action::Redirect => socket.is_connected(),
    }
}

fn is_renamed(action: Action, socket: &Socket) -> bool {
    match action {
        Action::Connect | Action::Bind => socket.is_under_way(),
        Action::Send | Action::Receive => socket.is_new_peer(),
        Action::Listen | Action::Accept | Action::Redirect => false,
    }
}

fn non_zero(value: impl Into<u64>) -> Value<'static> {
    match value.into() {
        0 => Value::Missing,
        value => number(value),
    }
}
