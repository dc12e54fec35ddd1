//! Installing and removing below a root of the test's own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{
    PlaceError,
    install::{Installation, RENEW},
    record::Record,
    uninstall::{sweep, uninstall},
    units::{Fail, Service},
    way_round,
};
use crate::sys::socket::Node;

/// As Debian's docker.io has them.
const SOCKET: &str = "[Unit]\nDescription=Docker Socket for the API\n\n[Socket]\n\
    # If /var/run is not implemented as a symlink to /run, you may need to\n# specify ListenStream=/var/run/docker.sock \
    instead.\nListenStream=/run/docker.sock\nSocketMode=0660\nSocketUser=root\nSocketGroup=docker\n\n\
    [Install]\nWantedBy=sockets.target\n";
const SERVICE: &str = "[Unit]\nRequires=docker.socket\n\n[Service]\nType=notify\n\
    ExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS\n";

/// A host's file system.
struct Host(tempfile::TempDir);

impl Host {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for directory in ["lib/systemd/system", "etc/systemd/system/sockets.target.wants", "run"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("lib/systemd/system/docker.socket"), SOCKET).unwrap();
        fs::write(root.path().join("lib/systemd/system/docker.service"), SERVICE).unwrap();
        Self(root)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn install(&self, fail: Fail) -> Result<(), PlaceError> {
        Installation::plan(self.path(), &service(fail))?.make(&mut |_| ())
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Gives a file what it has in a picture.
    fn write_back(&self, path: &str, picture: &BTreeMap<PathBuf, (u32, Vec<u8>)>) {
        let path = self.path().join(path);
        fs::write(&path, &picture[&path].1).unwrap();
    }

    /// Every file with its mode and what is in it.
    fn picture(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut found = BTreeMap::new();
        let mut left = vec![self.path().to_owned()];
        while let Some(path) = left.pop() {
            let status = fs::symlink_metadata(&path).unwrap();
            let content = match () {
                () if status.is_symlink() => {
                    fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
                }
                () if status.is_file() => fs::read(&path).unwrap(),
                () if status.is_dir() => {
                    left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                    Vec::new()
                }
                () => Vec::new(),
            };
            found.insert(path, (status.permissions().mode(), content));
        }
        found
    }
}

fn service(fail: Fail) -> Service {
    Service {
        program: "/usr/bin/vigie".into(),
        mode: "enforce".to_owned(),
        rules: vec!["/etc/my rules".into()],
        audit_log: None,
        owners: false,
        lock_down: false,
        fail,
    }
}

#[test]
fn installing_and_removing_leaves_no_difference() {
    for fail in [Fail::Open, Fail::Closed] {
        let host = Host::new();
        let before = host.picture();
        host.install(fail).unwrap();
        assert_ne!(host.picture(), before);
        assert!(uninstall(host.path(), false, &mut |_| ()).unwrap());
        assert_eq!(host.picture(), before, "{fail:?}");
        assert!(matches!(uninstall(host.path(), false, &mut |_| ()), Err(PlaceError::NotInstalled { .. })));
    }
}

#[test]
fn the_engines_socket_moves_and_the_guard_has_its_name_owner_and_mode() {
    let host = Host::new();
    host.install(Fail::Open).unwrap();
    let drop_in = host.read("etc/systemd/system/docker.socket.d/50-vigie-guard.conf");
    assert!(drop_in.contains("[Socket]\n# Emptied first: values add up.\nListenStream=\nListenStream=/run/vigie-guard/docker.sock\n"));
    assert!(drop_in.contains("\nDirectoryMode=0700\n"));
    let socket = host.read("etc/systemd/system/vigie-guard.socket");
    assert!(
        socket.contains(
            "ListenStream=/run/docker.sock\nSocketMode=0660\nSocketUser=root\nSocketGroup=docker\n"
        )
    );
    let guard = host.read("etc/systemd/system/vigie-guard.service");
    assert!(guard.contains(
        "ExecStart=/usr/bin/vigie guard --listen fd:// --upstream /run/vigie-guard/docker.sock --mode enforce \
         --rules \"/etc/my rules\"\n"
    ));
    assert!(guard.contains("OnFailure=vigie-guard-restore.service\n"));
    let wants = host.path().join("etc/systemd/system/sockets.target.wants/vigie-guard.socket");
    assert_eq!(fs::read_link(wants).unwrap(), Path::new("/etc/systemd/system/vigie-guard.socket"));
    let record = Record::read(host.path()).unwrap().unwrap();
    assert_eq!(record.socket, Path::new("/run/docker.sock"));
}

#[test]
fn closed_means_that_nothing_opens_a_way_round() {
    let host = Host::new();
    host.install(Fail::Closed).unwrap();
    assert!(!host.read("etc/systemd/system/vigie-guard.service").contains("OnFailure"));
    assert!(!host.path().join("etc/systemd/system/vigie-guard-restore.service").exists());
}

#[test]
fn installing_again_changes_the_settings_and_nothing_else() {
    let host = Host::new();
    let before = host.picture();
    host.install(Fail::Closed).unwrap();
    let first = host.picture();
    let audited = Service {
        audit_log: Some("/var/log/a".into()),
        owners: true,
        lock_down: true,
        ..service(Fail::Open)
    };
    let installation = Installation::plan(host.path(), &audited).unwrap();
    assert_eq!(installation.steps(), RENEW, "the engine is left alone");
    installation.make(&mut |_| ()).unwrap();
    let guard = host.read("etc/systemd/system/vigie-guard.service");
    assert!(
        guard.contains(" --audit-log /var/log/a --owners --lock-down --fail open\n")
            && guard.contains("OnFailure="),
        "{guard}"
    );
    // Half way: what is outdated is gone, and nothing is made yet.
    fs::remove_file(host.path().join("etc/systemd/system/vigie-guard.service")).unwrap();
    host.install(Fail::Closed).unwrap();
    assert_eq!(host.picture().keys().collect::<Vec<_>>(), first.keys().collect::<Vec<_>>());
    fs::write(host.path().join("etc/systemd/system/vigie-guard.service"), "mine").unwrap();
    let edited = host.picture();
    assert!(matches!(host.install(Fail::Open), Err(PlaceError::Edited { .. })));
    assert_eq!(host.picture(), edited);
    host.write_back("etc/systemd/system/vigie-guard.service", &first);
    assert!(uninstall(host.path(), false, &mut |_| ()).unwrap());
    assert_eq!(host.picture(), before);
}

#[test]
fn what_was_edited_or_put_there_since_stays_and_is_told() {
    let host = Host::new();
    host.install(Fail::Closed).unwrap();
    let edited = host.path().join("etc/systemd/system/vigie-guard.service");
    let mine = host.path().join("etc/systemd/system/docker.socket.d/99-mine.conf");
    fs::write(&edited, "[Service]\n").unwrap();
    fs::write(&mine, "[Socket]\n").unwrap();
    let mut told = Vec::new();
    assert!(!uninstall(host.path(), false, &mut |line| told.push(line.to_owned())).unwrap());
    assert!(
        told.iter().any(|line| line.contains("changed since") && line.contains("vigie-guard.service")),
        "{told:?}"
    );
    assert!(edited.exists() && mine.exists());
    assert!(!host.path().join("etc/systemd/system/docker.socket.d/50-vigie-guard.conf").exists());
    fs::remove_file(&edited).unwrap();
    assert!(uninstall(host.path(), false, &mut |_| ()).unwrap(), "the second time the rest goes");
    assert!(mine.exists() && !Record::path(host.path()).exists());
}

#[test]
fn an_installation_that_ended_half_way_is_removed() {
    let host = Host::new();
    let before = host.picture();
    host.install(Fail::Open).unwrap();
    let record = Record::read(host.path()).unwrap().unwrap();
    // As if it had ended before the last two.
    for made in
        record.made.iter().rev().filter(|made| !matches!(made, super::record::Made::Directory { .. })).take(2)
    {
        fs::remove_file(super::record::below(host.path(), made.path())).unwrap();
    }
    assert!(uninstall(host.path(), false, &mut |_| ()).unwrap());
    assert_eq!(host.picture(), before);
}

#[test]
fn nothing_is_made_where_it_cannot_work_or_something_is_in_the_way() {
    let host = Host::new();
    let in_the_way = host.path().join("etc/systemd/system/vigie-guard.socket");
    fs::write(&in_the_way, "mine").unwrap();
    let before = host.picture();
    assert!(matches!(host.install(Fail::Open), Err(PlaceError::InTheWay { .. })));
    assert_eq!(host.picture(), before);
    fs::remove_file(&in_the_way).unwrap();
    host.install(Fail::Open).unwrap();
    assert!(uninstall(host.path(), false, &mut |_| ()).unwrap());
    let service_unit = host.path().join("lib/systemd/system/docker.service");
    fs::write(&service_unit, SERVICE.replace("fd://", "unix:///run/docker.sock")).unwrap();
    assert!(matches!(host.install(Fail::Open), Err(PlaceError::NotSystemd { .. })));
    fs::remove_file(host.path().join("lib/systemd/system/docker.socket")).unwrap();
    assert!(matches!(host.install(Fail::Open), Err(PlaceError::NotSystemd { .. })));
}

#[test]
fn looking_first_changes_nothing() {
    let host = Host::new();
    let before = host.picture();
    let text = Installation::plan(host.path(), &service(Fail::Open)).unwrap().describe();
    assert!(text.contains("==> /etc/systemd/system/vigie-guard.service\n"), "{text}");
    assert_eq!(host.picture(), before);
    host.install(Fail::Open).unwrap();
    let installed = host.picture();
    assert!(uninstall(host.path(), true, &mut |_| ()).unwrap());
    assert_eq!(host.picture(), installed);
}

#[test]
fn the_way_round_gives_the_engines_own_socket_the_name() {
    let host = Host::new();
    host.install(Fail::Open).unwrap();
    let [closed, name] =
        ["run/vigie-guard/docker.sock", "run/docker.sock"].map(|path| host.path().join(path));
    let open = |is_guards: bool| way_round::open(host.path(), |_| is_guards, &mut |_| ()).unwrap();
    assert!(!open(true), "there is no engine");
    fs::create_dir(closed.parent().unwrap()).unwrap();
    let engine = UnixListener::bind(&closed).unwrap();
    let node = Node::at(&closed).unwrap().unwrap();
    let leads_to_engine = || Node::at(&name).unwrap().is_some_and(|now| now.is(&node));
    // The guard is dead, and its socket a leftover.
    drop(UnixListener::bind(&name).unwrap());
    assert!(open(false) && leads_to_engine());
    assert!(open(false), "again");
    // It was started again, and hangs.
    fs::remove_file(&name).unwrap();
    let guard = UnixListener::bind(&name).unwrap();
    assert!(!open(false) && !leads_to_engine(), "somebody else's socket is not taken");
    assert!(open(true) && leads_to_engine());
    // Missing altogether.
    fs::remove_file(&name).unwrap();
    assert!(open(false) && leads_to_engine());
    drop((engine, guard));
    sweep(host.path(), Path::new("/run/vigie-guard/docker.sock"), Duration::ZERO, &mut |_| ()).unwrap();
    assert!(!closed.parent().unwrap().exists());
}

#[test]
fn a_closed_directory_in_use_is_not_swept() {
    let host = Host::new();
    let closed = host.path().join("run/vigie-guard/docker.sock");
    fs::create_dir(closed.parent().unwrap()).unwrap();
    let engine = UnixListener::bind(&closed).unwrap();
    let sweep = |patience| {
        sweep(host.path(), Path::new("/run/vigie-guard/docker.sock"), patience, &mut |_| ()).unwrap();
    };
    sweep(Duration::ZERO);
    assert!(closed.exists());
    // Whoever still has it lets go of it between two looks.
    let holder = std::thread::spawn(move || engine.accept().is_ok());
    sweep(Duration::from_hours(1));
    assert!(!closed.exists() && holder.join().unwrap());
}

/// systemd's own opinion, where its tool is there.
#[test]
fn systemd_understands_the_units() {
    let host = Host::new();
    host.install(Fail::Open).unwrap();
    let units = host.path().join("etc/systemd/system");
    // The programs must exist for it to be content.
    let program = host.path().join("true program");
    fs::copy("/bin/true", &program).unwrap();
    for name in ["vigie-guard.service", "vigie-guard-restore.service"] {
        let text = fs::read_to_string(units.join(name)).unwrap();
        let text = text.replace("/usr/bin/vigie", &format!("\"{}\"", program.display()));
        fs::write(units.join(name), text).unwrap();
    }
    for name in ["docker.socket", "docker.service"] {
        let text = fs::read_to_string(host.path().join("lib/systemd/system").join(name)).unwrap();
        let text = text.replace("/usr/sbin/dockerd", "/bin/true");
        fs::write(units.join(name), text).unwrap();
    }
    let verify = |names: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        command.args(["verify", "--man=no"]).args(names.iter().map(|name| units.join(name)));
        command.env("SYSTEMD_UNIT_PATH", format!("{}:", units.display())).output()
    };
    let Ok(output) = verify(&[
        "vigie-guard.socket",
        "vigie-guard.service",
        "vigie-guard-restore.service",
        "docker.socket",
    ]) else {
        println!("systemd-analyze is not there");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let about_us: Vec<_> =
        said.lines().filter(|line| line.contains("vigie") || line.contains("docker.socket")).collect();
    assert!(output.status.success() && about_us.is_empty(), "{said}");
}
