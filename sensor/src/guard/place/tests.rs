//! Real sockets in a directory of the test's own.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::{
    PlaceError, closed_directory,
    journal::Journal,
    restore::{undo, undo_all},
    take::{Step, Taken, Taking},
};
use crate::sys::socket::{Listening, Node, listening};

/// An engine's socket.
struct Engine {
    directory: tempfile::TempDir,
    listener: UnixListener,
    node: Node,
}

impl Engine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let directory_path = fs::canonicalize(directory.path()).unwrap();
        let path = directory_path.join("docker.sock");
        let listener = UnixListener::bind(&path).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o660)).unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(0), Some(4711)).unwrap();
        }
        let node = Node::at(&path).unwrap().unwrap();
        Self { directory, listener, node }
    }

    fn path(&self) -> PathBuf {
        fs::canonicalize(self.directory.path()).unwrap().join("docker.sock")
    }

    /// Whether the engine's socket is there as it was, and nothing else.
    #[track_caller]
    fn is_as_it_was(&self) {
        let now = Node::at(&self.path()).unwrap().expect("the socket is there");
        assert!(now.is(&self.node), "another socket: {now:?}");
        assert_eq!((now.uid, now.gid, now.mode), (self.node.uid, self.node.gid, self.node.mode));
        let names: Vec<_> =
            fs::read_dir(self.directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["docker.sock"]);
        assert!(reaches(&self.path(), &self.listener));
    }
}

/// Whether who connects at a path comes to this listener, behind those who only knocked.
fn reaches(path: &Path, listener: &UnixListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    let Ok(mut client) = UnixStream::connect(path) else { return false };
    client.write_all(b"x").unwrap();
    while let Ok((mut accepted, _)) = listener.accept() {
        let mut byte = [0];
        if accepted.read(&mut byte).unwrap() == 1 {
            return byte == *b"x";
        }
    }
    false
}

fn silent(_: &str) {}

#[test]
fn the_name_leads_to_the_guard_and_back_to_the_engine() {
    let engine = Engine::new();
    let taken = Taken::take(&engine.path(), &mut silent).unwrap();
    assert!(taken.is_in_place());
    assert!(reaches(&engine.path(), &taken.listener));
    assert!(reaches(taken.engine(), &engine.listener), "the engine listens on, under another name");
    let guard = Node::at(&engine.path()).unwrap().unwrap();
    assert_eq!((guard.uid, guard.gid, guard.mode), (engine.node.uid, engine.node.gid, engine.node.mode));
    let closed = fs::metadata(closed_directory(&engine.path())).unwrap();
    assert_eq!(closed.permissions().mode() & 0o7777, 0o700);
    taken.give_back(&mut silent).unwrap();
    engine.is_as_it_was();
}

#[test]
fn who_ends_after_any_step_leaves_what_can_be_undone_again_and_again() {
    for step in Step::ALL {
        let engine = Engine::new();
        let mut taking = Taking::begin(&engine.path(), &mut silent).unwrap();
        taking.go_to(step).unwrap();
        // As after kill -9: descriptors are closed, nothing else happens.
        drop(taking);
        assert_ne!(
            listening(&engine.path()).unwrap() == Listening::Nobody,
            step < Step::Exchanged,
            "{step:?}: until the exchange the engine is reached"
        );
        let directory = closed_directory(&engine.path());
        let undone = undo_all(&directory, &mut silent).unwrap();
        assert_eq!(undone, usize::from(step >= Step::Announced), "{step:?}");
        if step == Step::Directory {
            fs::remove_dir(&directory).unwrap();
        }
        engine.is_as_it_was();
        assert_eq!(undo_all(&directory, &mut silent).unwrap(), 0, "{step:?}: again");
        engine.is_as_it_was();
    }
}

#[test]
fn the_next_guard_puts_right_what_the_last_one_left() {
    for step in Step::ALL {
        let engine = Engine::new();
        let mut taking = Taking::begin(&engine.path(), &mut silent).unwrap();
        taking.go_to(step).unwrap();
        drop(taking);
        let taken = Taken::take(&engine.path(), &mut silent).unwrap();
        assert!(reaches(&engine.path(), &taken.listener), "{step:?}");
        assert!(reaches(taken.engine(), &engine.listener), "{step:?}");
        taken.give_back(&mut silent).unwrap();
        if step == Step::Directory {
            fs::remove_dir(closed_directory(&engine.path())).unwrap();
        }
        engine.is_as_it_was();
    }
}

#[test]
fn undoing_that_ends_half_way_is_finished_by_the_next() {
    let engine = Engine::new();
    let taken = Taken::take(&engine.path(), &mut silent).unwrap();
    let journal = Journal::read(&engine.path()).unwrap().unwrap();
    // The exchange is done, the guard's socket not removed yet.
    crate::sys::socket::exchange(&engine.path(), taken.engine()).unwrap();
    assert!(!taken.is_in_place());
    undo(&journal, &mut silent).unwrap();
    engine.is_as_it_was();
    drop(taken);
    engine.is_as_it_was();
}

#[test]
fn a_socket_that_the_engine_made_anew_is_not_touched() {
    let engine = Engine::new();
    let path = engine.path();
    let taken = Taken::take(&path, &mut silent).unwrap();
    // As dockerd does when it starts.
    fs::remove_file(&path).unwrap();
    let anew = UnixListener::bind(&path).unwrap();
    let node = Node::at(&path).unwrap().unwrap();
    assert!(!taken.is_in_place());
    let mut told = Vec::new();
    let Engine { directory, listener, node: _ } = engine;
    // The old daemon is gone.
    drop(listener);
    taken.give_back(&mut |line| told.push(line.to_owned())).unwrap();
    assert!(Node::at(&path).unwrap().unwrap().is(&node), "{told:?}");
    assert!(reaches(&path, &anew));
    assert!(told.iter().any(|line| line.contains("made anew")), "{told:?}");
    assert!(!closed_directory(&path).exists());
    drop(directory);
}

#[test]
fn an_old_socket_that_still_has_a_listener_is_kept() {
    let engine = Engine::new();
    let path = engine.path();
    let taken = Taken::take(&path, &mut silent).unwrap();
    fs::remove_file(&path).unwrap();
    let _anew = UnixListener::bind(&path).unwrap();
    let aside = taken.engine().to_owned();
    taken.give_back(&mut silent).unwrap();
    assert!(reaches(&aside, &engine.listener));
}

#[test]
fn there_is_one_guard_at_a_time() {
    let engine = Engine::new();
    let first = Taken::take(&engine.path(), &mut silent).unwrap();
    assert!(matches!(Taken::take(&engine.path(), &mut silent), Err(PlaceError::Taken { .. })));
    assert!(first.is_in_place());
    drop(first);
    engine.is_as_it_was();
}

#[test]
fn what_is_no_engines_socket_is_not_taken() {
    let directory = tempfile::tempdir().unwrap();
    let [file, link, none] = ["file", "link", "none"].map(|name| directory.path().join(name));
    fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&file, &link, &none] {
        assert!(matches!(Taken::take(path, &mut silent), Err(PlaceError::NoSocket { .. })), "{path:?}");
    }
    assert!(!closed_directory(&file).exists());
}

#[test]
fn a_directory_that_others_may_enter_is_not_used() {
    let engine = Engine::new();
    let directory = closed_directory(&engine.path());
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, PermissionsExt::from_mode(0o755)).unwrap();
    assert!(matches!(Taken::take(&engine.path(), &mut silent), Err(PlaceError::OpenDirectory { .. })));
    fs::remove_dir(&directory).unwrap();
    engine.is_as_it_was();
}

#[test]
fn a_journal_that_others_may_have_written_is_not_followed() {
    let engine = Engine::new();
    let directory = closed_directory(&engine.path());
    let mut taking = Taking::begin(&engine.path(), &mut silent).unwrap();
    taking.go_to(Step::Exchanged).unwrap();
    drop(taking);
    let undone = || undo_all(&directory, &mut silent);
    fs::set_permissions(&directory, PermissionsExt::from_mode(0o770)).unwrap();
    assert!(matches!(undone(), Err(PlaceError::OpenDirectory { .. })));
    fs::set_permissions(&directory, PermissionsExt::from_mode(0o700)).unwrap();
    // One of another place, with names that are none of its business.
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("vigie-guard");
    fs::create_dir(&copy).unwrap();
    fs::set_permissions(&copy, PermissionsExt::from_mode(0o700)).unwrap();
    fs::copy(Journal::path_for(&engine.path()), copy.join("docker.sock.journal")).unwrap();
    assert!(matches!(undo_all(&copy, &mut silent), Err(PlaceError::OpenDirectory { .. })));
    assert_eq!(undone().unwrap(), 1);
    engine.is_as_it_was();
}

#[test]
fn a_broken_journal_is_an_error_and_nothing_is_touched() {
    let engine = Engine::new();
    let directory = closed_directory(&engine.path());
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, PermissionsExt::from_mode(0o700)).unwrap();
    fs::write(Journal::path_for(&engine.path()), "{").unwrap();
    assert!(matches!(undo_all(&directory, &mut silent), Err(PlaceError::Journal { .. })));
    assert!(reaches(&engine.path(), &engine.listener));
}
