//! Servers: `bind`, `listen`, `accept`.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    os::fd::AsRawFd,
};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, SocketFlags, SocketType, accept, accept_with, bind, getsockname, listen, socket,
        socket_with,
    },
};

use crate::support::{Sensor, want};

use super::{inode, named, only};

#[test]
fn a_server_is_seen_from_its_address_to_its_connections() {
    for (any, kind) in
        [(Ipv4Addr::LOCALHOST.into(), "ipv4"), (std::net::IpAddr::from(Ipv6Addr::LOCALHOST), "ipv6")]
    {
        let family = if any.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let server = socket(family, SocketType::STREAM, None).unwrap();
        let mut sensor = Sensor::events(&[]);
        bind(&server, &SocketAddr::new(any, 0)).unwrap();
        listen(&server, 7).unwrap();
        let address = SocketAddr::try_from(getsockname(&server).unwrap()).unwrap();
        let client = TcpStream::connect(address).unwrap();
        let taken = accept_with(&server, SocketFlags::CLOEXEC).unwrap();
        let own = format!("{any}:{}", address.port());
        let bound = only(&mut sensor, "bind", inode(&server));
        bound.is(&want! {
            "evt.res" => "SUCCESS", "fd.name" => own, "fd.type" => kind, "fd.sport" => address.port(),
            "fd.lport" => address.port(), "fd.sip" => any, "fd.cip" => (), "fd.ip" => [any], "fd.is_server" => true,
            "fd.connected" => false, "evt.arg.addr" => format!("{any}:0"), "evt.arg.fd" => server.as_raw_fd(),
        });
        sensor.one(&want! {
            "evt.type" => "listen", "fd.ino" => inode(&server), "evt.rawres" => 0, "fd.name" => own,
            "evt.arg.backlog" => 7, "fd.l4proto" => "tcp", "fd.is_server" => true,
        });
        let peer = client.local_addr().unwrap();
        sensor.one(&want! {
            "evt.type" => "accept4", "fd.ino" => inode(&taken), "fd.num" => taken.as_raw_fd(),
            "evt.rawres" => taken.as_raw_fd(), "fd.name" => format!("{any}:{}->{own}", peer.port()),
            "fd.cip" => any, "fd.cport" => peer.port(), "fd.sport" => address.port(), "fd.lport" => address.port(),
            "fd.rport" => peer.port(), "fd.is_server" => true, "fd.connected" => true, "evt.arg.flags" => 0o2_000_000,
            "evt.arg.fd" => taken.as_raw_fd(), "vigie.fd.unverified" => false,
        });
    }
}

#[test]
fn accept_is_told_from_accept4() {
    let server = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&server, &SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))).unwrap();
    let mut sensor = Sensor::events(&[]);
    listen(&server, 1).unwrap();
    let address = SocketAddr::try_from(getsockname(&server).unwrap()).unwrap();
    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())).unwrap();
    let taken = accept(&server).unwrap();
    let event = only(&mut sensor, named("accept", "accept4"), inode(&taken));
    event.is(&want! { "fd.cport" => client.local_addr().unwrap().port(), "fd.sip" => "127.0.0.1" });
    sensor.one(&want! { "evt.type" => "listen", "fd.ino" => inode(&server), "fd.sip" => "0.0.0.0", "fd.ip" => ["0.0.0.0"] });
}

#[test]
fn an_address_in_use_is_a_failure() {
    let (first, second) = (
        socket(AddressFamily::INET, SocketType::STREAM, None).unwrap(),
        socket(AddressFamily::INET, SocketType::STREAM, None).unwrap(),
    );
    bind(&first, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    listen(&first, 1).unwrap();
    let address = SocketAddr::try_from(getsockname(&first).unwrap()).unwrap();
    let mut sensor = Sensor::events(&[]);
    assert_eq!(bind(&second, &address), Err(Errno::ADDRINUSE));
    let event = only(&mut sensor, "bind", inode(&second));
    event.is(&want! {
        "evt.res" => "EADDRINUSE", "evt.rawres" => -98, "evt.arg.addr" => address.to_string(), "fd.nameraw" => address.to_string(),
    });
}

#[test]
fn polling_an_empty_queue_is_no_event() {
    let server = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap();
    bind(&server, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    listen(&server, 1).unwrap();
    let mut sensor = Sensor::events(&[]);
    assert!(matches!(accept(&server), Err(Errno::AGAIN)));
    assert!(matches!(accept(tempfile::tempfile().unwrap()), Err(Errno::NOTSOCK)));
    sensor.fence();
    sensor.one(&want! { "evt.res" => "ENOTSOCK", "evt.rawres" => -88, "proc.pid" => std::process::id() });
    assert_eq!(sensor.all(&want! { "evt.res" => "EAGAIN", "fd.ino" => inode(&server) }).len(), 0);
}
