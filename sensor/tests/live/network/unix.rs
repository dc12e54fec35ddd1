//! Unix sockets: who connects to whom, by whatever name.

use std::{
    os::{
        fd::AsRawFd,
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream},
    },
    path::Path,
};

use rustix::mount::{UnmountFlags, mount_bind, unmount};

use crate::support::{Event, Place, Sensor, device_and_inode, unique, want};

use super::{inode, only};

/// Connects by this name and asserts that the listener's is reported.
#[track_caller]
fn leads_to(sensor: &mut Sensor, name: &Path, listener: &Path) -> Event {
    let client = UnixStream::connect(name).unwrap();
    let event = only(sensor, "connect", inode(&client));
    event.is(&want! {
        "fd.nameraw" => name, "fd.type" => "unix", "fd.typechar" => "u", "fd.sockfamily" => "unix",
        "fd.num" => client.as_raw_fd(), "evt.res" => "SUCCESS", "fd.connected" => true, "fd.is_server" => false,
        "vigie.fd.bound_name" => listener, "vigie.fd.unverified" => false, "fd.l4proto" => (), "fd.sip" => (),
    });
    event
}

#[test]
fn a_listener_is_known_by_its_own_name_whatever_it_is_reached_by() {
    let place = Place::new();
    let path = place.join("engine.sock");
    let mut sensor = Sensor::events(&[]);
    let listener = UnixListener::bind(&path).unwrap();
    let (device, inode) = device_and_inode(&path);
    let is_it = |event: &Event| {
        event.is(&want! { "vigie.fd.bound_ino" => inode, "vigie.fd.bound_dev" => device });
    };
    let event = leads_to(&mut sensor, &path, &path);
    event.is(&want! { "fd.name" => path, "evt.arg.addr" => path, "evt.arg.tuple" => path });
    is_it(&event);
    sensor.one(&want! {
        "evt.type" => "bind", "fd.name" => path, "fd.nameraw" => path, "vigie.fd.bound_ino" => inode, "fd.is_server" => true,
    });
    sensor.one(&want! { "evt.type" => "listen", "fd.name" => path, "vigie.fd.bound_name" => path });
    let link = place.join("link.sock");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    leads_to(&mut sensor, &link, &path).is(&want! { "fd.name" => path });
    let elsewhere = place.file("mounted.sock", b"");
    mount_bind(&path, &elsewhere).unwrap();
    let event = leads_to(&mut sensor, &elsewhere, &path);
    unmount(&elsewhere, UnmountFlags::DETACH).unwrap();
    event.is(&want! { "fd.name" => path });
    is_it(&event);
    let renamed = place.join("harmless.sock");
    std::fs::rename(&path, &renamed).unwrap();
    let event = leads_to(&mut sensor, &renamed, &path);
    event.is(&want! { "fd.name" => renamed });
    is_it(&event);
    drop(listener);
}

#[test]
fn a_connection_taken_has_the_listeners_name() {
    let place = Place::new();
    let path = place.join("server.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let mut sensor = Sensor::events(&[]);
    let _client = UnixStream::connect(&path).unwrap();
    let (taken, _) = listener.accept().unwrap();
    let event = only(&mut sensor, "accept4", inode(&taken));
    event.is(&want! {
        "fd.name" => path, "fd.num" => taken.as_raw_fd(), "fd.type" => "unix", "fd.is_server" => true, "fd.connected" => true,
    });
}

#[test]
fn abstract_names_begin_with_a_sign() {
    let name = unique("abstract");
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let mut sensor = Sensor::events(&[]);
    let client = UnixStream::connect_addr(&address).unwrap();
    let event = only(&mut sensor, "connect", inode(&client));
    let shown = format!("@{name}");
    event.is(&want! {
        "fd.name" => shown, "fd.nameraw" => shown, "vigie.fd.bound_name" => shown, "vigie.fd.bound_ino" => (),
    });
    drop(listener);
}

#[test]
fn datagram_sockets_have_their_peers_name() {
    let place = Place::new();
    let path = place.join("log.sock");
    let server = UnixDatagram::bind(&path).unwrap();
    let client = UnixDatagram::unbound().unwrap();
    let mut sensor = Sensor::events(&[]);
    client.connect(&path).unwrap();
    only(&mut sensor, "connect", inode(&client))
        .is(&want! { "fd.name" => path, "vigie.fd.bound_name" => path });
    drop(server);
}

#[test]
fn a_name_that_leads_nowhere_is_what_was_asked_for() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    for (name, error) in [(place.join("missing.sock"), "ENOENT"), (place.file("file", b""), "ECONNREFUSED")] {
        drop(UnixStream::connect(&name).unwrap_err());
        sensor.fence();
        sensor.one(&want! {
            "evt.type" => "connect", "fd.name" => name, "evt.res" => error, "fd.type" => "unix", "vigie.fd.unverified" => true,
            "vigie.fd.bound_name" => (), "fd.connected" => false,
        });
    }
}
