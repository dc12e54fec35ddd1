//! Connections through an `io_uring`, which pass no `connect`.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
};

use crate::support::{Assembly, Place, Sensor, Tier, at_least, call, doctor, run, uring_submission, want};

/// `IORING_OP_CONNECT`.
const OP_CONNECT: u8 = 16;
/// `IOSQE_ASYNC`: a worker thread of the kernel does it.
const BY_WORKER: u8 = 1 << 4;
/// The first descriptor that is free in a program that a test starts.
const FIRST_FREE: i32 = 3;

/// A program that connects to a port of this host through a ring.
fn connector(port: u16, flags: u8) -> Assembly {
    let mut program = Assembly::default();
    let address = [&[2, 0][..], &port.to_be_bytes(), &[127, 0, 0, 1], &[0; 8]].concat();
    let address = program.bytes(&address);
    program.must(call::SOCKET, &[2.into(), 1.into(), 0.into()]);
    let mut entry = vec![OP_CONNECT, flags, 0, 0];
    entry.extend(FIRST_FREE.to_le_bytes());
    // The offset's place holds the length of the address.
    entry.extend(16_u64.to_le_bytes());
    entry.extend(address.to_le_bytes());
    entry.resize(64, 0);
    uring_submission(&mut program, &entry, false);
    program.exit(0);
    program
}

#[test]
fn a_connection_through_a_ring_is_seen_or_said_not_to_be() {
    let place = Place::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    for (name, flags) in [("inline", 0), ("worker", BY_WORKER)] {
        let program = place.program(name, &connector(port, flags));
        let mut sensor = Sensor::events(&[]);
        let ended = run(&mut Command::new(&program));
        let (_, peer) = listener.accept().unwrap();
        sensor.fence();
        let made = sensor.all(&want! { "evt.type" => "connect", "fd.cport" => peer.port() });
        match sensor.tier {
            Tier::Lsm => {
                // One that does not come about at once is tried a second time.
                let (done, tried): (Vec<_>, Vec<_>) =
                    made.iter().partition(|event| event.get("evt.failed") == false);
                let [event] = done[..] else { panic!("{name}: {made:?}") };
                for event in tried {
                    event.is(&want! { "evt.res" => "EINPROGRESS" });
                }
                event.is(&want! {
                    "fd.name" => format!("127.0.0.1:{}->127.0.0.1:{port}", peer.port()), "fd.l4proto" => "tcp",
                    "fd.nameraw" => format!("127.0.0.1:{port}"), "vigie.fd.unverified" => false, "fd.num" => (),
                });
                // Before that, workers are processes of the kernel's own.
                if at_least(5, 15) {
                    event.is(&want! { "proc.pid" => ended.pid, "vigie.io_uring" => true });
                }
            }
            Tier::Tracepoint => {
                assert_eq!(made.len(), 0, "{name}: {made:?}");
                let doctor = doctor();
                assert!(doctor.output.contains("connections through io_uring"), "{doctor:?}");
            }
        }
    }
}
