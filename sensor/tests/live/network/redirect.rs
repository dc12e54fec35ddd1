//! Sockets put onto the standard descriptors, as a shell that serves somebody elsewhere has them.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
};

use crate::support::{Assembly, Kept, Operand, Place, Sensor, call, run, want};

/// `AF_INET` and `SOCK_STREAM`.
const INET: u32 = 2;
const STREAM: u32 = 1;
/// `F_DUPFD`.
const F_DUPFD: u32 = 0;

/// A program that connects to a port on this host and does something with the socket.
fn connected(port: u16, then: impl FnOnce(&mut Assembly)) -> Assembly {
    let mut program = Assembly::default();
    let address = [&[2, 0][..], &port.to_be_bytes(), &[127, 0, 0, 1], &[0; 8]].concat();
    let address = program.bytes(&address);
    program.must(call::SOCKET, &[INET.into(), STREAM.into(), 0.into()]);
    program.keep();
    program.must(call::CONNECT, &[Kept.into(), address.into(), 16.into()]);
    then(&mut program);
    program.exit(0);
    program
}

#[test]
fn a_socket_that_becomes_a_standard_descriptor_is_an_event() {
    let place = Place::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let program = connected(port, |program| {
        program.must(call::DUP2, &[Kept.into(), 0.into()]);
        program.must(call::DUP3, &[Kept.into(), 1.into(), 0.into()]);
        program.must(call::CLOSE, &[2.into()]);
        program.must(call::DUP, &[Kept.into()]);
        program.must(call::CLOSE, &[2.into()]);
        program.must(call::FCNTL, &[Kept.into(), F_DUPFD.into(), 0.into()]);
        // None of these is an event: another descriptor, another kind of file, another command.
        program.must(call::DUP2, &[Kept.into(), 9.into()]);
        let operands: [Operand; 3] = [Kept.into(), 3.into(), 0.into()];
        program.must(call::FCNTL, &operands);
    });
    let program = place.program("shell", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&program));
    sensor.fence();
    let (_, peer) = listener.accept().unwrap();
    let all = sensor.all(&want! { "proc.pid" => ended.pid, "evt.category" => "net", "fd.type" => "ipv4" });
    let onto: Vec<_> = all
        .iter()
        .filter(|event| event.get("evt.arg.oldfd").is_number() || event.text("evt.type") == "fcntl")
        .collect();
    let kinds: Vec<_> =
        onto.iter().map(|event| (event.text("evt.type"), event.number("evt.rawres"))).collect();
    if crate::support::at_least(5, 15) {
        assert_eq!(kinds, [("dup2", 0), ("dup3", 1), ("dup", 2), ("fcntl", 2)]);
    }
    assert_eq!(onto.len(), 4, "{kinds:?}");
    for event in onto {
        event.is(&want! {
            "fd.name" => format!("{peer}->127.0.0.1:{port}"), "fd.lport" => peer.port(), "fd.rport" => port, "fd.rip" => "127.0.0.1",
            "fd.num" => event.number("evt.rawres"), "fd.l4proto" => "tcp", "fd.connected" => true, "vigie.fd.unverified" => false,
            "proc.exepath" => program.to_str().unwrap(),
        });
    }
}
