//! `connect`, by each protocol and to each end.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::fd::AsRawFd,
};

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, connect, getsockname, socket, socket_with},
};

use crate::support::{Sensor, want};

use super::{inode, only, own_namespace};

/// Connects by TCP to this address and asserts every field.
#[track_caller]
fn is_whole(listener: &TcpListener, kind: (&str, &str)) {
    let mut sensor = Sensor::events(&[]);
    let to = listener.local_addr().unwrap();
    let stream = TcpStream::connect(to).unwrap();
    let (local, ip) = (stream.local_addr().unwrap(), to.ip().to_string());
    let event = only(&mut sensor, "connect", inode(&stream));
    let name = format!("{ip}:{}->{ip}:{}", local.port(), to.port());
    event.is(&want! {
        "evt.category" => "net", "evt.res" => "SUCCESS", "evt.rawres" => 0, "evt.failed" => false,
        "fd.num" => stream.as_raw_fd(), "fd.type" => kind.0, "fd.typechar" => kind.1, "fd.name" => name,
        "fd.l4proto" => "tcp", "fd.sockfamily" => "ip", "fd.is_server" => false, "fd.connected" => true,
        "fd.name_changed" => true, "fd.ip" => [&ip, &ip], "fd.port" => [local.port(), to.port()],
        "vigie.fd.unverified" => false, "vigie.fd.net_ns" => own_namespace(),
        "evt.arg.res" => "SUCCESS", "evt.arg.tuple" => name, "evt.arg.fd" => stream.as_raw_fd(),
        "evt.arg.addr" => format!("{ip}:{}", to.port()),
    });
    event.is(&want! {
        "fd.cip" => ip, "fd.sip" => ip, "fd.lip" => ip, "fd.rip" => ip, "fd.cport" => local.port(),
        "fd.sport" => to.port(), "fd.lport" => local.port(), "fd.rport" => to.port(), "fd.net" => [&ip, &ip],
        "fd.cnet" => ip, "fd.snet" => ip, "fd.lnet" => ip, "fd.rnet" => ip, "fd.proto" => [local.port(), to.port()],
        "fd.sproto" => to.port().to_string(), "fd.rproto" => to.port().to_string(),
        "fd.cproto" => local.port().to_string(), "fd.lproto" => local.port().to_string(),
    });
    let finished = sensor.stop();
    finished.summary.adds_up();
}

#[test]
fn a_connection_of_ipv4_is_whole() {
    is_whole(&TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), ("ipv4", "4"));
}

#[test]
fn a_connection_of_ipv6_is_whole() {
    is_whole(&TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap(), ("ipv6", "6"));
}

#[test]
fn a_socket_of_ipv6_that_reaches_a_host_of_ipv4_counts_as_one() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut sensor = Sensor::events(&[]);
    let client = socket(AddressFamily::INET6, SocketType::STREAM, None).unwrap();
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    connect(&client, &SocketAddr::from((mapped, port))).unwrap();
    let event = only(&mut sensor, "connect", inode(&client));
    event.is(&want! {
        "fd.type" => "ipv4", "fd.typechar" => "4", "fd.sip" => "127.0.0.1", "fd.cip" => "127.0.0.1",
        "fd.sport" => port, "evt.arg.addr" => format!("127.0.0.1:{port}"),
    });
}

#[test]
fn a_refused_connection_says_where_it_was_to_go() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap();
    drop(listener);
    let mut sensor = Sensor::events(&[]);
    let client = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    assert_eq!(connect(&client, &to), Err(Errno::CONNREFUSED));
    let event = only(&mut sensor, "connect", inode(&client));
    event.is(&want! {
        "evt.res" => "ECONNREFUSED", "evt.rawres" => -111, "evt.failed" => true, "fd.sip" => "127.0.0.1",
        "fd.sport" => to.port(), "fd.rip" => "127.0.0.1", "fd.connected" => false, "fd.name_changed" => false,
        "fd.l4proto" => "tcp",
    });
}

#[test]
fn a_connection_that_is_being_made_is_in_progress() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap();
    let mut sensor = Sensor::events(&[]);
    let client = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap();
    assert_eq!(connect(&client, &to), Err(Errno::INPROGRESS));
    let local = SocketAddr::try_from(getsockname(&client).unwrap()).unwrap();
    let event = only(&mut sensor, "connect", inode(&client));
    event.is(&want! {
        "evt.res" => "EINPROGRESS", "evt.rawres" => -115, "fd.connected" => false, "fd.name_changed" => true,
        "fd.name" => format!("127.0.0.1:{}->127.0.0.1:{}", local.port(), to.port()),
        "vigie.fd.unverified" => false,
    });
}

#[test]
fn a_datagram_socket_is_connected_without_traffic() {
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = server.local_addr().unwrap();
    let mut sensor = Sensor::events(&[]);
    let client = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    client.connect(to).unwrap();
    let event = only(&mut sensor, "connect", inode(&client));
    event.is(&want! {
        "fd.l4proto" => "udp", "fd.sip" => "127.0.0.1", "fd.cip" => "127.0.0.1", "fd.sport" => to.port(),
        "fd.connected" => true, "evt.res" => "SUCCESS",
    });
}

#[test]
fn what_is_no_socket_is_a_failure_without_ends() {
    let file = tempfile::tempfile().unwrap();
    let mut sensor = Sensor::events(&[]);
    let to: SocketAddr = "127.0.0.1:9".parse().unwrap();
    assert_eq!(connect(&file, &to), Err(Errno::NOTSOCK));
    sensor.fence();
    let event = sensor.one(&want! { "evt.type" => "connect", "evt.res" => "ENOTSOCK" });
    event.is(&want! { "fd.num" => file.as_raw_fd(), "fd.ino" => (), "fd.type" => (), "evt.rawres" => -88 });
}
