//! Trails of processes whose lives are told by events.

use std::{net::SocketAddr, sync::Arc};

use sensor_common::event::process::{Connection, ProcessExec, ProcessExit, ProcessFork};
use sensor_common::header::Header;

use super::*;
use crate::{
    decode::{Argv, Body, Event, Exec, FilePath},
    identity::{Container, ContainerId, Image, Metadata, Runtime, State},
    process::Limits,
};

/// Cgroups of the host and of the container `web`; their mount and pid namespaces.
const HOST: u64 = 1;
const WEB: u64 = 2;
const HOST_NS: u32 = 10;
const WEB_NS: u32 = 20;

/// The world, told event by event; time goes on by itself.
#[derive(Debug)]
struct Told {
    table: ProcessTable,
    clients: Clients,
    fake: Fake,
    time: u64,
}

/// One container.
#[derive(Debug)]
struct Fake {
    id: ContainerId,
    metadata: Metadata,
    state: State,
}

impl Containers for Fake {
    fn view(&self, cgroup: u64) -> Identity<'_> {
        if cgroup != WEB {
            return Identity::Host;
        }
        let metadata = (self.state == State::Verified).then_some(&self.metadata);
        Identity::Container(Container {
            id: &self.id,
            runtime: Runtime::Docker,
            state: self.state,
            cgroup: b"/docker/web",
            metadata,
        })
    }
}

/// A program about to be run.
struct Program<'p> {
    path: &'p str,
    argv: &'p [&'p str],
    uid: u32,
    euid: u32,
    cgroup: u64,
    vpid: u32,
    peer: Option<SocketAddr>,
}

fn program<'p>(path: &'p str, argv: &'p [&'p str]) -> Program<'p> {
    Program { path, argv, uid: 0, euid: 0, cgroup: HOST, vpid: 0, peer: None }
}

impl Told {
    fn new() -> Self {
        let image = Image { reference: "box:1".into(), ..Image::default() };
        let metadata =
            Metadata { runtime: Runtime::Docker, name: "web".into(), image, ..Metadata::of(Runtime::Docker) };
        let fake = Fake { id: ContainerId::new(&[b'a'; 64]), metadata, state: State::Verified };
        let mut told = Self {
            table: ProcessTable::new(Limits::default()),
            clients: Clients::default(),
            fake,
            time: 1000,
        };
        told.exec(key(1), &program("/usr/lib/systemd/systemd", &["/sbin/init"]));
        told
    }

    fn tell(&mut self, of: ProcessKey, cgroup: u64, ns: u32, ids: (u32, u32), body: Body) {
        self.time += 1000;
        let header = Header {
            pid: of.pid,
            start: of.start,
            time: self.time,
            cgroup,
            mnt_ns: ns,
            uid: ids.0,
            euid: ids.1,
            ..Header::default()
        };
        let event = Event { header, body };
        self.table.apply(&event);
        self.clients.learn(&event);
    }

    /// A child, which has the pid `pid`.
    fn fork(&mut self, parent: ProcessKey, pid: u32, cgroup: u64) -> ProcessKey {
        let child = ProcessKey { pid, start: self.time + 1 };
        let fork = ProcessFork {
            child_start: child.start,
            child_cgroup: cgroup,
            child_pid: pid,
            child_vpid: pid,
            ..ProcessFork::default()
        };
        let own = self.table.get(parent).map_or(HOST, Process::cgroup);
        self.tell(parent, own, HOST_NS, (0, 0), Body::Fork(fork));
        child
    }

    fn exec(&mut self, of: ProcessKey, program: &Program<'_>) {
        let ns = if program.vpid > 0 { WEB_NS } else { HOST_NS };
        let argv: Vec<u8> = program.argv.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
        let facts = ProcessExec {
            pid_ns: ns,
            vpid: if program.vpid > 0 { program.vpid } else { of.pid },
            exe_ino: 1,
            exe_nlink: 1,
            exe_mode: if program.uid == program.euid { 0o755 } else { 0o4755 },
            loginuid: u32::MAX,
            session_id: if program.uid == 1000 { 3 } else { u32::MAX },
            stdin: program.peer.map(connection).unwrap_or_default(),
            ..ProcessExec::default()
        };
        let exec = Exec {
            facts,
            argv: Argv::new(&argv, &[], u32::try_from(argv.len()).unwrap(), 1),
            filename: program.path.as_bytes().into(),
            exe: FilePath::new(program.path.as_bytes(), 0),
            ..Exec::default()
        };
        self.tell(of, program.cgroup, ns, (program.uid, program.euid), Body::Exec(Arc::new(exec)));
    }

    fn run(&mut self, parent: ProcessKey, pid: u32, program: &Program<'_>) -> ProcessKey {
        let child = self.fork(parent, pid, program.cgroup);
        self.exec(child, program);
        child
    }

    fn exit(&mut self, of: ProcessKey) {
        self.tell(of, HOST, HOST_NS, (0, 0), Body::Exit(ProcessExit::default()));
    }

    fn world(&self) -> World<'_> {
        World { table: &self.table, containers: &self.fake, clients: &self.clients }
    }

    fn kind(&self, of: ProcessKey) -> Kind {
        self.world().entry(of, self.time).unwrap().kind
    }

    fn trail(&self, of: ProcessKey) -> Option<String> {
        let users = |uid| {
            (uid == 0 || uid == 1000).then(|| if uid == 0 { b"root"[..].into() } else { b"alice"[..].into() })
        };
        self.world().trail(of, self.time, &users).map(|trail| String::from_utf8(trail).unwrap())
    }

    /// A session of alice's: the listening server, the session's, alice's shell.
    fn ssh(&mut self, base: u32) -> ProcessKey {
        let server = self.run(key(1), base, &program("/usr/sbin/sshd", &["sshd", "-D"]));
        let peer = Some("192.0.2.7:5022".parse().unwrap());
        let session =
            self.run(server, base + 1, &Program { peer, ..program("/usr/sbin/sshd", &["sshd", "-R"]) });
        let unprivileged = self.fork(session, base + 2, HOST);
        self.run(unprivileged, base + 3, &alices("/bin/bash", &["-bash"]))
    }

    /// What the engine does for a client: a runtime puts a process into the container.
    fn put_into(&mut self, base: u32, verb: &str, vpid: u32, argv: &[&str]) -> ProcessKey {
        let shim = self.run(key(1), base, &program("/usr/bin/containerd-shim-runc-v2", &["shim"]));
        let runc =
            self.run(shim, base + 1, &program("/usr/sbin/runc", &["runc", "--root", "/r", verb, "id"]));
        let init = Program { cgroup: WEB, ..program("/usr/sbin/runc", &["runc", "init"]) };
        let init = self.run(runc, base + 2, &init);
        let process = self.fork(init, base + 3, WEB);
        self.exec(process, &inside("/bin/cat", argv, vpid));
        process
    }
}

fn connection(peer: SocketAddr) -> Connection {
    let SocketAddr::V4(peer) = peer else { panic!("not IPv4") };
    let mut address = [0; 16];
    address[..4].copy_from_slice(&peer.ip().octets());
    Connection { family: 2, local_port: 22, peer_port: peer.port(), peer: address }
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey { pid, start: u64::from(pid) }
}

fn alices<'p>(path: &'p str, argv: &'p [&'p str]) -> Program<'p> {
    Program { uid: 1000, euid: 1000, ..program(path, argv) }
}

fn inside<'p>(path: &'p str, argv: &'p [&'p str], vpid: u32) -> Program<'p> {
    Program { cgroup: WEB, vpid, ..program(path, argv) }
}

const CAT: &[&str] = &["cat", "/etc/shadow"];
const CLIENT: &[&str] = &["docker", "exec", "-i", "web", "cat", "/etc/shadow"];

#[test]
fn a_login_by_ssh_has_a_peer_and_a_user() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let cat = told.run(shell, 110, &alices("/bin/cat", CAT));
    let world = told.world();
    let entry = world.entry(cat, told.time).unwrap();
    assert_eq!((entry.kind, entry.leader.key()), (Kind::Ssh, shell));
    assert_eq!(entry.peer, Some("192.0.2.7:5022".parse().unwrap()));
    assert_eq!(told.trail(cat).unwrap(), "ssh 192.0.2.7:5022 alice(1000) session 3 -> cat /etc/shadow");
}

#[test]
fn the_whole_trail_reads_as_one_line() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let sudo = Program { euid: 0, ..alices("/usr/bin/sudo", &["sudo", "docker"]) };
    let sudo = told.run(shell, 110, &sudo);
    let client = told.run(sudo, 111, &program("/usr/bin/docker", CLIENT));
    let cat = told.put_into(200, "exec", 7, CAT);
    assert_eq!(told.kind(cat), Kind::ContainerExec);
    let wanted =
        "ssh 192.0.2.7:5022 alice(1000) session 3 -> sudo root -> docker exec web -> cat /etc/shadow";
    assert_eq!(told.trail(cat).unwrap(), wanted);
    told.exit(client);
    assert_eq!(told.trail(cat).unwrap(), wanted, "the client ran when the process began");
}

#[test]
fn sudo_that_becomes_the_command_is_a_hop_too() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let process = told.run(shell, 110, &Program { euid: 0, ..alices("/usr/bin/sudo", &["sudo", "cat"]) });
    told.exec(process, &program("/bin/cat", CAT));
    assert!(told.trail(process).unwrap().ends_with(" session 3 -> sudo root -> cat /etc/shadow"));
}

#[test]
fn a_program_that_is_only_called_sudo_is_no_hop() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let process = told.run(shell, 110, &alices("/home/alice/sudo", &["sudo", "cat"]));
    told.exec(process, &alices("/bin/cat", CAT));
    assert!(told.trail(process).unwrap().ends_with(" session 3 -> cat /etc/shadow"));
}

#[test]
fn of_two_clients_that_may_be_meant_neither_is_named() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    told.run(shell, 110, &alices("/usr/bin/docker", CLIENT));
    told.run(key(1), 120, &program("/usr/bin/docker", CLIENT));
    let cat = told.put_into(200, "exec", 7, CAT);
    assert_eq!(told.trail(cat).unwrap(), "docker exec (one of 2) web -> cat /etc/shadow");
}

#[test]
fn a_client_for_something_else_is_not_named() {
    for argv in [
        &["docker", "exec", "other", "cat", "/etc/shadow"][..],
        &["docker", "exec", "web", "cat", "/etc/passwd"],
        &["docker", "run", "web", "cat", "/etc/shadow"],
        &["docker", "ps"],
    ] {
        let mut told = Told::new();
        let shell = told.ssh(100);
        told.run(shell, 110, &alices("/usr/bin/docker", argv));
        let cat = told.put_into(200, "exec", 7, CAT);
        assert_eq!(told.trail(cat).unwrap(), "container exec web -> cat /etc/shadow", "{argv:?}");
    }
}

#[test]
fn a_client_that_has_ended_or_is_old_is_not_named() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let client = told.run(shell, 110, &alices("/usr/bin/docker", CLIENT));
    told.exit(client);
    told.run(shell, 111, &alices("/usr/bin/docker", CLIENT));
    told.time += 11_000_000_000;
    let cat = told.put_into(200, "exec", 7, CAT);
    assert_eq!(told.trail(cat).unwrap(), "container exec web -> cat /etc/shadow");
}

#[test]
fn a_container_may_be_named_by_the_start_of_its_id() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    told.run(shell, 110, &alices("/usr/bin/docker", &["docker", "exec", "aaaa", "cat", "/etc/shadow"]));
    let cat = told.put_into(200, "exec", 7, CAT);
    assert!(told.trail(cat).unwrap().contains("session 3 -> docker exec web -> cat"));
}

#[test]
fn an_entrypoint_is_told_from_what_came_later() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    told.run(
        shell,
        110,
        &alices("/usr/bin/docker", &["docker", "run", "--name", "web", "box:1", "cat", "/etc/shadow"]),
    );
    let first = told.put_into(200, "create", 1, CAT);
    assert_eq!(told.kind(first), Kind::ContainerEntrypoint);
    assert!(told.trail(first).unwrap().contains("session 3 -> docker run web -> cat"));
    let child = told.run(first, 210, &inside("/bin/ls", &["ls"], 8));
    assert_eq!(told.kind(child), Kind::ContainerEntrypoint, "its tree began with the first process");
}

#[test]
fn a_container_without_a_given_name_is_known_by_image_and_command() {
    for (argv, wanted) in [
        (&["docker", "run", "--rm", "box:1", "cat", "/etc/shadow"][..], "docker run web"),
        (&["docker", "run", "box:1"], "docker run web"),
        (&["docker", "run", "box:2", "cat", "/etc/shadow"], "container run web"),
        (&["docker", "run", "--name", "other", "box:1", "cat", "/etc/shadow"], "container run web"),
    ] {
        let mut told = Told::new();
        let shell = told.ssh(100);
        told.run(shell, 110, &alices("/usr/bin/docker", argv));
        let first = told.put_into(200, "create", 1, CAT);
        assert!(told.trail(first).unwrap().ends_with(&format!("{wanted} -> cat /etc/shadow")), "{argv:?}");
    }
}

#[test]
fn cron_console_and_services_are_told_apart() {
    let mut told = Told::new();
    let cron = told.run(key(1), 20, &program("/usr/sbin/cron", &["cron"]));
    let job = told.fork(cron, 21, HOST);
    let job = told.run(job, 22, &alices("/bin/sh", &["sh", "-c", "job"]));
    assert_eq!((told.kind(cron), told.kind(job)), (Kind::Systemd, Kind::Cron));
    let getty = told.run(key(1), 30, &program("/sbin/agetty", &["agetty"]));
    told.exec(getty, &program("/usr/bin/login", &["login"]));
    let shell = told.run(getty, 31, &alices("/bin/bash", &["-bash"]));
    assert_eq!(told.kind(shell), Kind::Console);
    assert_eq!(told.trail(shell).unwrap(), "console alice(1000) session 3 -> bash");
    let orphan = ProcessKey { pid: 99, start: 5000 };
    told.exec(orphan, &program("/bin/sh", &["sh"]));
    assert_eq!(told.kind(orphan), Kind::Unknown);
}

#[test]
fn only_roots_own_server_is_believed() {
    let mut told = Told::new();
    let peer = Some("192.0.2.7:5022".parse().unwrap());
    for (pid, path, uid) in [(40, "/usr/sbin/sshd", 1000), (50, "/tmp/sshd", 0)] {
        let server = told.run(key(1), pid, &Program { peer, uid, euid: uid, ..program(path, &["sshd"]) });
        let shell = told.run(server, pid + 1, &alices("/bin/bash", &["-bash"]));
        assert_eq!(told.kind(shell), Kind::Systemd, "{path}");
    }
}

#[test]
fn a_container_that_waits_for_its_runtime_has_no_trail_yet() {
    let mut told = Told::new();
    let cat = told.put_into(200, "exec", 7, CAT);
    told.fake.state = State::Pending;
    assert_eq!(told.trail(cat), None);
    assert_eq!(told.kind(cat), Kind::ContainerExec, "the door does not hang on it");
}

#[test]
fn arguments_cannot_look_like_steps() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let cat = told.run(shell, 110, &alices("/bin/cat", &["cat", "x -> sudo root"]));
    assert!(told.trail(cat).unwrap().ends_with("-> cat x -\\> sudo root"));
}

#[test]
fn a_trail_is_bounded() {
    let mut told = Told::new();
    let shell = told.ssh(100);
    let long = "x".repeat(4000);
    let mut last = shell;
    for pid in 110..160 {
        last = told.run(last, pid, &Program { euid: 0, ..alices("/usr/bin/sudo", &["sudo"]) });
    }
    let cat = told.run(last, 170, &alices("/bin/cat", &["cat", &long]));
    let trail = told.trail(cat).unwrap();
    assert!(trail.len() < 1500 && trail.starts_with("ssh 192.0.2.7:5022 "), "{trail}");
    assert_eq!(told.world().hops(&told.world().entry(cat, told.time).unwrap(), cat, told.time).len(), 16);
}
