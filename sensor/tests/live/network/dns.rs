//! DNS on loopback: questions, answers, garbage, and the names that later connections have.

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, Command, Stdio},
};

use crate::support::{Assembly, Event, Kept, Place, Sensor, call, in_guest, run, unique, want};

use super::{inode, named, only};

/// `AF_INET` and `SOCK_DGRAM`.
const INET: u32 = 2;
const DGRAM: u32 = 2;

/// A question for the addresses of a name.
fn question(id: u16, name: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = [id, 0x0100, 1, 0, 0, 0].iter().flat_map(|word| word.to_be_bytes()).collect();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.bytes());
    }
    bytes.extend(b"\0\0\x01\0\x01");
    bytes
}

/// A responder written here, in the place of a name server, which guests do not have: it answers each question with
/// one address, until it is dropped.
struct Responder {
    socket: UdpSocket,
}

impl Responder {
    /// On port 53 of an address of this host that nothing else uses.
    fn on(address: Ipv4Addr) -> Self {
        Self { socket: UdpSocket::bind((address, 53)).unwrap() }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Answers one question with an address that holds so many seconds.
    fn answer(&self, with: Ipv4Addr, seconds: u32) {
        let mut buffer = [0; 512];
        let (len, from) = self.socket.recv_from(&mut buffer).unwrap();
        let mut answer = buffer[..len].to_vec();
        answer[2..4].copy_from_slice(&[0x81, 0x80]);
        answer[7] = 1;
        answer.extend(b"\xc0\x0c\0\x01\0\x01");
        answer.extend(seconds.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(with.octets());
        self.socket.send_to(&answer, from).unwrap();
    }
}

#[track_caller]
fn is_asked(event: &Event, name: &str) {
    event.is(&want! {
        "vigie.dns.type" => "query", "vigie.dns.question.name" => name, "vigie.dns.question.type" => "A",
        "vigie.dns.question.class" => "IN", "fd.sport" => 53, "fd.sproto" => "domain", "vigie.dns.response_code" => (),
        "vigie.dns.answers" => (), "fd.l4proto" => "udp",
    });
}

#[test]
fn a_name_asked_for_is_that_of_a_later_connection() {
    let responder = Responder::on(Ipv4Addr::new(127, 53, 1, 1));
    let target = Ipv4Addr::new(127, 53, 1, 9);
    let listener = TcpListener::bind((target, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut sensor = Sensor::events(&[]);
    let before = TcpStream::connect((target, port)).unwrap();
    let name = format!("{}.example", unique("Host"));
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    client.connect(responder.address()).unwrap();
    client.send(&question(7, &name)).unwrap();
    responder.answer(target, 5);
    let mut buffer = [0; 512];
    client.recv(&mut buffer).unwrap();
    let after = TcpStream::connect((target, port)).unwrap();
    let asked = only(&mut sensor, "sendto", inode(&client));
    is_asked(&asked, &name.to_lowercase());
    asked.is(&want! { "vigie.dns.id" => 7, "fd.connected" => true, "fd.is_server" => false });
    only(&mut sensor, "recvfrom", inode(&client)).is(&want! {
        "vigie.dns.type" => "answer", "vigie.dns.question.name" => name.to_lowercase(), "vigie.dns.response_code" => "NOERROR",
        "vigie.dns.answers" => [target], "vigie.dns.id" => 7, "fd.sip" => "127.53.1.1", "fd.is_server" => false,
    });
    only(&mut sensor, "recvfrom", inode(&responder.socket))
        .is(&want! { "vigie.dns.type" => "query", "fd.is_server" => true });
    only(&mut sensor, "connect", inode(&after)).is(&want! {
        "fd.sip.name" => [name.to_lowercase()], "fd.rip.name" => [name.to_lowercase()], "fd.cip.name" => (), "fd.lip.name" => (),
    });
    only(&mut sensor, "connect", inode(&before)).is(&want! { "fd.sip.name" => () });
    let finished = sensor.stop();
    assert!(finished.summary.get("dns", "answers") >= 1);
    finished.summary.adds_up();
}

#[test]
fn every_message_of_dns_is_an_event_though_the_peer_is_known() {
    let responder = Responder::on(Ipv4Addr::new(127, 53, 2, 1));
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut sensor = Sensor::events(&[]);
    for id in 1..=3 {
        client.send_to(&question(id, "again.example"), responder.address()).unwrap();
    }
    sensor.fence();
    let asked = sensor.all(&want! { "evt.type" => "sendto", "fd.ino" => inode(&client) });
    let ids: Vec<_> = asked
        .iter()
        .map(|event| (event.number("vigie.dns.id"), event.get("fd.name_changed").clone()))
        .collect();
    assert_eq!(ids, [(1, true.into()), (2, false.into()), (3, false.into())]);
}

#[test]
fn garbage_on_the_port_of_dns_is_counted_and_no_message() {
    let server = UdpSocket::bind((Ipv4Addr::new(127, 53, 3, 1), 53)).unwrap();
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut sensor = Sensor::events(&[]);
    let endless = [&[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"\xc0\x0c\0\x01\0\x01"].concat();
    let mut garbage = vec![b"\xff".repeat(512), endless, b"\0".repeat(40), b"x".to_vec()];
    garbage.push(question(9, "good.example"));
    for message in &garbage {
        client.send_to(message, server.local_addr().unwrap()).unwrap();
    }
    sensor.fence();
    let sent = sensor.all(&want! { "evt.type" => "sendto", "fd.ino" => inode(&client) });
    let names: Vec<_> = sent.iter().map(|event| event.get("vigie.dns.question.name").as_str()).collect();
    assert_eq!(names, [None, None, None, None, Some("good.example")]);
    let finished = sensor.stop();
    assert_eq!(finished.summary.get("dns", "malformed"), 4, "{:?}", finished.summary);
    finished.summary.adds_up();
}

#[test]
fn both_questions_of_one_sendmmsg_are_seen() {
    let server = UdpSocket::bind((Ipv4Addr::new(127, 53, 4, 1), 53)).unwrap();
    let place = Place::new();
    let mut program = Assembly::default();
    let address = program.bytes(&[&[2, 0, 0, 53, 127, 53, 4, 1][..], &[0; 8]].concat());
    let mut headers = Vec::new();
    for (id, name) in [(1, "a.example"), (2, "b.example")] {
        let message = question(id, name);
        let data = program.bytes(&message);
        let piece = program.words(&[data, message.len() as u64]);
        headers.extend([address, 16, piece, 1, 0, 0, 0, 0]);
    }
    let headers = program.words(&headers);
    program.must(call::SOCKET, &[INET.into(), DGRAM.into(), 0.into()]);
    program.keep();
    program.must(call::SENDMMSG, &[Kept.into(), headers.into(), 2.into(), 0.into()]);
    program.exit(0);
    let program = place.program("resolver", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&program));
    sensor.fence();
    let kind = named("sendmmsg", "sendto");
    for name in ["a.example", "b.example"] {
        let event = sensor
            .one(&want! { "proc.pid" => ended.pid, "evt.type" => kind, "vigie.dns.question.name" => name });
        is_asked(&event, name);
    }
    drop(server);
}

/// A dnsmasq on an address of this host, which answers for one name.
struct Dnsmasq(Child);

impl Dnsmasq {
    /// Starts it and waits until it says that it works.
    fn start(address: Ipv4Addr, name: &str, answer: Ipv4Addr) -> Self {
        let mut command = Command::new("dnsmasq");
        command.args(["--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--no-resolv"]);
        command.args(["--no-hosts", "--bind-interfaces", "--user=root", "--pid-file="]);
        command.arg(format!("--listen-address={address}")).arg(format!("--address=/{name}/{answer}"));
        let mut child = command.stderr(Stdio::piped()).spawn().expect("dnsmasq, of the package dnsmasq-base");
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = lines.map(|line| line.unwrap());
        assert!(said.any(|line| line.contains("started")), "dnsmasq ended");
        Self(child)
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_name_that_dnsmasq_answers_is_that_of_a_later_connection() {
    if in_guest() {
        println!("there is no dnsmasq in guests, whose userland is busybox alone");
        return;
    }
    let (address, target) = (Ipv4Addr::new(127, 53, 5, 1), Ipv4Addr::new(127, 53, 5, 9));
    let name = format!("{}.example", unique("dnsmasq"));
    let _server = Dnsmasq::start(address, &name, target);
    let listener = TcpListener::bind((target, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut sensor = Sensor::events(&[]);
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    client.send_to(&question(7, &name), (address, 53)).unwrap();
    client.recv_from(&mut [0; 512]).unwrap();
    let stream = TcpStream::connect((target, port)).unwrap();
    only(&mut sensor, "connect", inode(&stream)).is(&want! { "fd.sip.name" => [&name], "fd.sip" => target });
    sensor.one(&want! {
        "proc.name" => "dnsmasq", "vigie.dns.type" => "query", "vigie.dns.question.name" => name, "fd.is_server" => true,
    });
    only(&mut sensor, "recvfrom", inode(&client)).is(&want! {
        "vigie.dns.answers" => [target], "vigie.dns.response_code" => "NOERROR", "fd.sip" => address,
    });
}
