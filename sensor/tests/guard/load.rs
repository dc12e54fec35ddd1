//! Row 84: very many clients at the same time.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use sensor::guard::Mode;
use sensor::guard::proxy::Limits;

use super::place::Place;

const CLIENTS: usize = 2000;

#[test]
fn two_thousand_clients_at_a_time_are_all_served_and_nothing_is_left() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    let place = Place::recording(Mode::Enforce, Limits { per_user: CLIENTS, ..Limits::default() });
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| place.client()).collect();
    // All of them are in the middle of a request.
    for client in &mut clients {
        client.send("GET /_ping HTTP/1.1\r\nHo");
    }
    for client in &mut clients {
        client.send("st: d\r\n\r\n");
    }
    for client in &mut clients {
        assert_eq!(client.answer().body, "OK");
    }
    // Half of them go in the middle of the next one.
    for client in &mut clients {
        client.send("PUT /containers/x/archive HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nab");
    }
    let rest = clients.split_off(CLIENTS / 2);
    drop(clients);
    for mut client in rest {
        client.send("cde");
        assert_eq!(client.answer().status, 200);
    }
    place.wait_for_ends(u64::try_from(CLIENTS).unwrap());
    let whole = |line: &String| line.starts_with("GET /_ping ");
    assert_eq!(place.daemon().lines().iter().filter(|line| whole(line)).count(), CLIENTS);
    assert_eq!(place.guard.counters.busy.get(), 0);
}
