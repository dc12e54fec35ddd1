use super::*;
use crate::decode::{Body, decode, record::Tail};
use payload::{NetworkConnect, NetworkReceive, NetworkRedirect, NetworkSend, SocketCall};

fn inet(local: ([u8; 4], u16), remote: ([u8; 4], u16)) -> payload::Socket {
    let wide = |ip: [u8; 4]| {
        let mut wide = [0; 16];
        wide[..4].copy_from_slice(&ip);
        wide
    };
    payload::Socket {
        family: AF_INET,
        kind: 1,
        local_ip: wide(local.0),
        local_port: local.1,
        remote_ip: wide(remote.0),
        remote_port: remote.1,
        ..payload::Socket::default()
    }
}

#[track_caller]
fn socket(record: &[u8]) -> (Action, Socket) {
    let Body::Call(call) = decode(record).unwrap().body else { panic!("no call") };
    let What::Network(NetworkCall::On(action, socket)) = call.what else { panic!("no socket") };
    (action, *socket)
}

#[test]
fn what_the_kernel_knows_of_a_peer_goes_before_what_the_program_passed() {
    let mut tail = Tail::default();
    let given = tail.slice(b"\x02\0\0\x50\x0a\0\0\x09\0\0\0\0\0\0\0\0");
    let known = inet(([10, 0, 0, 1], 4000), ([10, 0, 0, 2], 80));
    let call = |socket| NetworkConnect(SocketCall { socket, given, ..SocketCall::default() });
    let (action, seen) = socket(&tail.record(Header::default(), &call(known)));
    assert_eq!((seen.local, seen.remote), ("10.0.0.1:4000".parse().ok(), "10.0.0.2:80".parse().ok()));
    assert_eq!(seen.given, Some(Address::Ip("10.0.0.9:80".parse().unwrap())));
    assert_eq!(action.side(&seen), Side::Client);
    let (_, refused) = socket(&tail.record(Header::default(), &call(inet(([0; 4], 0), ([0; 4], 0)))));
    assert_eq!(refused.remote, "10.0.0.9:80".parse().ok());
}

#[test]
fn mapped_addresses_are_those_of_ipv4() {
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped().octets();
    let facts = payload::Socket {
        family: AF_INET6,
        remote_ip: mapped,
        remote_port: 80,
        ..payload::Socket::default()
    };
    assert_eq!(ends(&facts)[1], "127.0.0.1:80".parse().ok());
}

#[test]
fn names_of_unix_sockets_end_where_they_should() {
    let unix = |bytes: &[u8]| Address::parse(&[b"\x01\0", bytes].concat());
    assert_eq!(unix(b"/run/x.sock\0junk"), Some(Address::Unix(b"/run/x.sock"[..].into())));
    assert_eq!(unix(b"\0abstract\0name"), Some(Address::Unix(b"\0abstract\0name"[..].into())));
    assert_eq!(unix(b""), Some(Address::Unix(b""[..].into())));
    for bytes in [&b""[..], b"\x02", b"\x02\0\0\x50", b"\x0a\0\0\x50\0\0\0\0\0", b"\xff\xffjunk"] {
        assert_eq!(Address::parse(bytes), None, "{bytes:?}");
    }
}

#[test]
fn who_spoke_first_is_the_client() {
    let of = |action: Action, flags| {
        action.side(&Socket { facts: SocketCall { flags, ..SocketCall::default() }, ..Socket::default() })
    };
    assert_eq!([of(Action::Send, 0), of(Action::Receive, call_flags::ANSWER)], [Side::Client; 2]);
    assert_eq!([of(Action::Receive, 0), of(Action::Send, call_flags::ANSWER)], [Side::Server; 2]);
    assert_eq!(of(Action::Redirect, 0), Side::Unknown);
}

#[test]
fn messages_of_port_53_are_read_and_garbage_is_none() {
    let mut tail = Tail::default();
    let data = tail.slice(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01");
    let facts =
        SocketCall { socket: inet(([127, 0, 0, 1], 9), ([127, 0, 0, 1], 53)), data, ..SocketCall::default() };
    let (_, asked) = socket(&tail.record(Header::default(), &NetworkSend(facts)));
    assert_eq!(asked.dns.unwrap().question, b"a"[..].into());
    let mut tail = Tail::default();
    let facts = SocketCall { data: tail.slice(b"\xff\xff\xff"), ..facts };
    let (_, garbage) = socket(&tail.record(Header::default(), &NetworkReceive(facts)));
    assert!(garbage.is_dns() && garbage.dns.is_none());
}

#[test]
fn a_slice_outside_of_the_tail_is_an_error() {
    let given = sensor_common::tail::Slice { start: 9, len: 9 };
    let call = NetworkRedirect(SocketCall { given, ..SocketCall::default() });
    let record = Tail::default().record(Header::default(), &call);
    assert_eq!(decode(&record), Err(DecodeError::BadSlice("given")));
}
