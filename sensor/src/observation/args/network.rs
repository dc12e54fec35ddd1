//! Arguments of calls on sockets.

use super::{ByType, Names, number, or_missing, owned};
use crate::{
    decode::{Action, Call, NetworkCall, Socket},
    observation::network::{given, name as tuple},
    rules::{EventType, EventTypes, value::Value},
};

const SOCKET: Names = &["fd", "domain", "type", "proto"];
const SOCKETPAIR: Names = &["res", "fd1", "fd2", "source", "peer", "domain", "type", "proto"];
const CONNECT: Names = &["res", "tuple", "fd", "addr"];
const BIND: Names = &["res", "addr", "fd"];
const LISTEN: Names = &["res", "fd", "backlog"];
const ACCEPT: Names = &["fd", "tuple", "queuepct"];
const ACCEPT4: Names = &["fd", "tuple", "queuepct", "flags"];
const SENDTO: Names = &["res", "data", "fd", "size", "tuple"];
const SENDMMSG: Names = &["res", "fd", "size", "data", "tuple"];
const RECVFROM: Names = &["res", "data", "tuple", "fd", "size"];
const RECVMSG: Names = &["res", "size", "data", "tuple", "msgcontrol", "fd"];
const RECVMMSG: Names = &["res", "fd", "size", "data", "tuple", "msgcontrol"];
const DUP: Names = &["res", "oldfd"];
const FCNTL: Names = &["res", "fd"];

pub(super) const BY_TYPE: ByType = &[
    (EventTypes::NONE.with(EventType::SOCKET), SOCKET),
    (EventTypes::NONE.with(EventType::SOCKETPAIR), SOCKETPAIR),
    (EventTypes::NONE.with(EventType::CONNECT), CONNECT),
    (EventTypes::NONE.with(EventType::BIND), BIND),
    (EventTypes::NONE.with(EventType::LISTEN), LISTEN),
    (EventTypes::NONE.with(EventType::ACCEPT), ACCEPT),
    (EventTypes::NONE.with(EventType::ACCEPT4), ACCEPT4),
    (EventTypes::NONE.with(EventType::SENDTO).with(EventType::SENDMSG), SENDTO),
    (EventTypes::NONE.with(EventType::SENDMMSG), SENDMMSG),
    (EventTypes::NONE.with(EventType::RECVFROM), RECVFROM),
    (EventTypes::NONE.with(EventType::RECVMSG), RECVMSG),
    (EventTypes::NONE.with(EventType::RECVMMSG), RECVMMSG),
    (EventTypes::NONE.with(EventType::DUP).with(EventType::DUP2).with(EventType::DUP3), DUP),
    (EventTypes::NONE.with(EventType::FCNTL), FCNTL),
];

/// The argument of this name.
pub(super) fn named<'o>(call: &'o Call, asked: &'o NetworkCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (NetworkCall::Socket(_), "fd") => Value::Number(call.result),
        (NetworkCall::Socket(facts), "domain") => domain(facts.family),
        (NetworkCall::Socket(facts), "type") => number(facts.kind),
        (NetworkCall::Socket(facts), "proto") => number(facts.protocol),
        (NetworkCall::Pair(facts), "fd1") => or_missing(facts.fds.first(), |fd| Value::Number((*fd).into())),
        (NetworkCall::Pair(facts), "fd2") => or_missing(facts.fds.last(), |fd| Value::Number((*fd).into())),
        (NetworkCall::Pair(facts), "domain") => domain(facts.family),
        (NetworkCall::Pair(facts), "type") => number(facts.kind),
        (NetworkCall::Pair(facts), "proto") => number(facts.protocol),
        (NetworkCall::On(action, socket), name) => of_socket(call, *action, socket, name),
        (NetworkCall::Socket(_) | NetworkCall::Pair(_), _) => Value::Missing,
    }
}

fn of_socket<'o>(call: &'o Call, action: Action, socket: &'o Socket, name: &str) -> Value<'o> {
    let argument = Value::Number(socket.facts.argument.into());
    match (action, name) {
        // Of a failed `accept` the error, as the call returned it.
        (Action::Accept, "fd") if call.result < 0 => Value::Number(call.result),
        (Action::Redirect, "fd" | "oldfd") | (Action::Listen, "backlog") | (Action::Accept, "flags") => {
            argument
        }
        (_, "fd") if socket.facts.fd >= 0 => Value::Number(socket.facts.fd.into()),
        (_, "tuple") => tuple(action, socket),
        (_, "addr") => given(socket),
        (_, "data") => Value::text(&socket.data),
        (_, "size") => number(socket.facts.size),
        _ => Value::Missing,
    }
}

/// Families of sockets by number (`AF_*`).
const FAMILIES: [&str; 46] = [
    "AF_UNSPEC",
    "AF_UNIX",
    "AF_INET",
    "AF_AX25",
    "AF_IPX",
    "AF_APPLETALK",
    "AF_NETROM",
    "AF_BRIDGE",
    "AF_ATMPVC",
    "AF_X25",
    "AF_INET6",
    "AF_ROSE",
    "AF_DECnet",
    "AF_NETBEUI",
    "AF_SECURITY",
    "AF_KEY",
    "AF_NETLINK",
    "AF_PACKET",
    "AF_ASH",
    "AF_ECONET",
    "AF_ATMSVC",
    "AF_RDS",
    "AF_SNA",
    "AF_IRDA",
    "AF_PPPOX",
    "AF_WANPIPE",
    "AF_LLC",
    "AF_IB",
    "AF_MPLS",
    "AF_CAN",
    "AF_TIPC",
    "AF_BLUETOOTH",
    "AF_IUCV",
    "AF_RXRPC",
    "AF_ISDN",
    "AF_PHONET",
    "AF_IEEE802154",
    "AF_CAIF",
    "AF_ALG",
    "AF_NFC",
    "AF_VSOCK",
    "AF_KCM",
    "AF_QIPCRTR",
    "AF_SMC",
    "AF_XDP",
    "AF_MCTP",
];

/// A family's name; the number of one without.
fn domain(family: u32) -> Value<'static> {
    let name = usize::try_from(family).ok().and_then(|family| FAMILIES.get(family));
    name.map_or_else(|| owned(family.to_string()), |name| Value::from(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_the_kernels_names() {
        for (number, name) in [
            (1, "AF_UNIX"),
            (2, "AF_INET"),
            (10, "AF_INET6"),
            (16, "AF_NETLINK"),
            (17, "AF_PACKET"),
            (40, "AF_VSOCK"),
            (44, "AF_XDP"),
        ] {
            assert_eq!(domain(number), Value::from(name));
        }
        assert_eq!(domain(99), Value::from("99"));
    }
}
