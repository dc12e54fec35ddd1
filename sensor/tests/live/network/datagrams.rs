//! Datagrams of unconnected sockets: the first to and from each peer.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::AsRawFd,
};

use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto, sendto, socket};

use crate::support::{Event, Sensor, want};

use super::{inode, only};

fn udp() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

fn of(sensor: &mut Sensor, kind: &str, socket: &UdpSocket) -> Vec<Event> {
    sensor.fence();
    sensor.all(&want! { "evt.type" => kind, "fd.ino" => inode(socket), "proc.pid" => std::process::id() })
}

#[test]
fn a_flood_to_one_peer_is_one_event() {
    let (client, server, other) = (udp(), udp(), udp());
    let (from, to) = (client.local_addr().unwrap(), server.local_addr().unwrap());
    let mut sensor = Sensor::events(&[]);
    for _ in 0..500 {
        client.send_to(b"\xca\xfe\xba\xbe hello", to).unwrap();
    }
    client.send_to(b"one", other.local_addr().unwrap()).unwrap();
    let mut buffer = [0; 200];
    for _ in 0..100 {
        server.recv_from(&mut buffer).unwrap();
    }
    let sent = of(&mut sensor, "sendto", &client);
    let [first, second] = &sent[..] else { panic!("{sent:?}") };
    first.is(&want! {
        "evt.rawres" => 10, "evt.res" => "SUCCESS", "fd.type" => "ipv4", "fd.l4proto" => "udp", "fd.name" => format!("{from}->{to}"),
        "fd.connected" => false, "fd.name_changed" => true, "fd.is_server" => false, "fd.sip" => "127.0.0.1", "fd.sport" => to.port(),
        "fd.cport" => from.port(), "evt.buflen" => 10, "evt.arg.size" => 10, "fd.num" => client.as_raw_fd(),
        "vigie.fd.unverified" => true, "evt.arg.tuple" => format!("{from}->{to}"), "evt.arg.fd" => client.as_raw_fd(),
    });
    assert_eq!(first.bytes("evt.buffer"), b"\xca\xfe\xba\xbe hello");
    assert_eq!(first.bytes("evt.arg.data"), b"\xca\xfe\xba\xbe hello");
    second.is(&want! { "fd.sport" => other.local_addr().unwrap().port(), "evt.buffer" => "one" });
    let received = of(&mut sensor, "recvfrom", &server);
    let [only] = &received[..] else { panic!("{received:?}") };
    only.is(&want! {
        "evt.rawres" => 10, "fd.name" => format!("{from}->{to}"), "fd.is_server" => true, "fd.cip" => "127.0.0.1",
        "fd.cport" => from.port(), "fd.sport" => to.port(), "fd.rport" => from.port(), "fd.name_changed" => true,
    });
    assert_eq!(only.bytes("evt.buffer"), b"\xca\xfe\xba\xbe hello");
    let finished = sensor.stop();
    finished.summary.adds_up();
    assert!(finished.summary.get("kernel.NetworkSend", "filtered") >= 499, "{:?}", finished.summary);
    assert!(finished.summary.get("kernel.NetworkReceive", "filtered") >= 99, "{:?}", finished.summary);
}

#[test]
fn who_answers_is_the_server() {
    let (client, server) = (udp(), udp());
    let mut sensor = Sensor::events(&[]);
    client.send_to(b"question", server.local_addr().unwrap()).unwrap();
    let mut buffer = [0; 16];
    let (_, from) = server.recv_from(&mut buffer).unwrap();
    server.send_to(b"answer", from).unwrap();
    client.recv_from(&mut buffer).unwrap();
    let name = format!("{}->{}", client.local_addr().unwrap(), server.local_addr().unwrap());
    for (socket, kind, is_server) in [
        (&client, "sendto", false),
        (&server, "recvfrom", true),
        (&server, "sendto", true),
        (&client, "recvfrom", false),
    ] {
        let event = only(&mut sensor, kind, inode(socket));
        event.is(&want! { "fd.name" => name, "fd.is_server" => is_server });
    }
}

#[test]
fn data_is_kept_up_to_its_bound() {
    let (client, server) = (udp(), udp());
    let mut sensor = Sensor::events(&[]);
    client.send_to(&[b'x'; 1000], server.local_addr().unwrap()).unwrap();
    let event = only(&mut sensor, "sendto", inode(&client));
    assert_eq!(event.text("evt.buffer"), "x".repeat(80));
    event.is(&want! { "evt.buflen" => 1000, "evt.rawres" => 1000 });
}

#[test]
fn a_socket_without_an_address_of_its_own_does_not_pretend_to_have_one() {
    let server = udp();
    let client = socket(AddressFamily::INET, SocketType::DGRAM, None).unwrap();
    let to = server.local_addr().unwrap();
    let mut sensor = Sensor::events(&[]);
    sendto(&client, b"x", SendFlags::empty(), &to).unwrap();
    let event = only(&mut sensor, "sendto", inode(&client));
    event.is(&want! { "fd.lip" => (), "fd.ip" => ["127.0.0.1"], "fd.rip" => "127.0.0.1", "fd.snet" => "127.0.0.1" });
}

#[test]
fn a_failed_datagram_is_told_from_the_one_that_works() {
    let (client, server) = (udp(), udp());
    let to = server.local_addr().unwrap();
    let mut sensor = Sensor::events(&[]);
    drop(client.send_to(&vec![0; 70_000], to).unwrap_err());
    client.send_to(b"small", to).unwrap();
    let sent = of(&mut sensor, "sendto", &client);
    let results: Vec<_> = sent.iter().map(|event| event.text("evt.res")).collect();
    assert_eq!(results, ["EMSGSIZE", "SUCCESS"]);
}

#[test]
fn datagrams_of_ipv6_and_raw_packets_are_seen() {
    let (client, server) = (
        UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap(),
        UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap(),
    );
    let mut sensor = Sensor::events(&[]);
    client.send_to(b"six", server.local_addr().unwrap()).unwrap();
    only(&mut sensor, "sendto", inode(&client)).is(&want! {
        "fd.type" => "ipv6", "fd.sip" => "::1", "fd.sport" => server.local_addr().unwrap().port(), "evt.buffer" => "six",
    });
    let raw = socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP)).unwrap();
    let echo = [8, 0, 0xf7, 0xff, 0, 0, 0, 0];
    sendto(&raw, &echo, SendFlags::empty(), &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    only(&mut sensor, "sendto", inode(&raw)).is(&want! {
        "fd.type" => "ipv4", "fd.l4proto" => "raw", "fd.rip" => "127.0.0.1", "fd.rport" => 0,
    });
}

#[test]
fn connected_sockets_are_silent() {
    let (client, server) = (udp(), udp());
    client.connect(server.local_addr().unwrap()).unwrap();
    let mut sensor = Sensor::events(&[]);
    client.send(b"x").unwrap();
    assert_eq!(of(&mut sensor, "sendto", &client).len(), 0);
}
