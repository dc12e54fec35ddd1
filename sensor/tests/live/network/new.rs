//! `socket` and `socketpair`.

use std::os::fd::AsRawFd;

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, socket, socket_with, socketpair},
};

use crate::support::{Sensor, want};

/// `SOCK_CLOEXEC`.
const CLOEXEC: u32 = 0o2_000_000;

#[test]
fn new_sockets_say_what_they_are() {
    let mut sensor = Sensor::events(&[]);
    let cases = [
        (AddressFamily::INET, SocketType::STREAM, "AF_INET", Some(("ipv4", "4", "tcp"))),
        (AddressFamily::INET6, SocketType::DGRAM, "AF_INET6", Some(("ipv6", "6", "udp"))),
        (AddressFamily::UNIX, SocketType::STREAM, "AF_UNIX", None),
        (AddressFamily::PACKET, SocketType::RAW, "AF_PACKET", None),
    ];
    for (family, kind, name, ip) in cases {
        let new = socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
        sensor.fence();
        let event = sensor.all(
            &want! { "evt.type" => "socket", "evt.arg.domain" => name, "proc.pid" => std::process::id() },
        );
        let event = event.iter().find(|event| event.get("fd.num") == new.as_raw_fd()).expect(name);
        event.is(&want! {
            "evt.arg.fd" => new.as_raw_fd(), "evt.arg.type" => kind.as_raw() | CLOEXEC, "evt.arg.proto" => 0,
            "evt.rawres" => new.as_raw_fd(), "evt.res" => "SUCCESS", "fd.num" => new.as_raw_fd(),
        });
        if let Some((kind, letter, transport)) = ip {
            event.is(&want! {
                "fd.type" => kind, "fd.typechar" => letter, "fd.l4proto" => transport, "fd.sockfamily" => "ip",
            });
        }
    }
}

#[test]
fn a_socket_of_no_family_is_a_failure() {
    let mut sensor = Sensor::events(&[]);
    let none = AddressFamily::from_raw(46);
    assert!(matches!(socket(none, SocketType::STREAM, None), Err(Errno::AFNOSUPPORT)));
    sensor.fence();
    sensor.one(&want! {
        "evt.type" => "socket", "evt.arg.domain" => "46", "evt.res" => "EAFNOSUPPORT", "evt.rawres" => -97, "fd.num" => (),
        "proc.pid" => std::process::id(),
    });
}

#[test]
fn a_pair_has_both_descriptors() {
    let mut sensor = Sensor::events(&[]);
    let (one, other) =
        socketpair(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::empty(), None).unwrap();
    sensor.fence();
    sensor.one(&want! {
        "evt.type" => "socketpair", "evt.res" => "SUCCESS", "evt.arg.fd1" => one.as_raw_fd(), "evt.arg.fd2" => other.as_raw_fd(),
        "evt.arg.domain" => "AF_UNIX", "evt.arg.type" => 2, "evt.arg.proto" => 0, "fd.type" => "unix", "fd.num" => one.as_raw_fd(),
        "fd.sockfamily" => "unix", "proc.pid" => std::process::id(),
    });
}
