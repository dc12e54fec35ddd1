//! The self-test: only what was seen to be refused is called refused.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::LockdownError;
use super::register::Register;
use crate::sys::{
    clock,
    lockdown::{
        Maps,
        probe::{Trial, by_child},
    },
};

/// What the self-test found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Another process was refused, and the guard was not.
    Refuses,
    /// Not so, for this reason.
    DoesNot(String),
}

/// A socket for the test, in a directory that nobody else may enter; removed when dropped.
struct Stand {
    directory: PathBuf,
    path: PathBuf,
    _listener: UnixListener,
}

impl Stand {
    fn new() -> io::Result<Self> {
        let name = format!("vigie-guard-{}-{}", std::process::id(), clock::boottime());
        let directory = std::env::temp_dir().join(name);
        // Never one that is there already.
        DirBuilder::new().mode(0o700).create(&directory)?;
        let path = directory.join("test.sock");
        match UnixListener::bind(&path) {
            Ok(listener) => Ok(Self { directory, path, _listener: listener }),
            Err(error) => {
                std::fs::remove_dir(&directory)?;
                Err(error)
            }
        }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        // What is left is an empty directory of a unique name.
        std::fs::remove_file(&self.path).ok();
        std::fs::remove_dir(&self.directory).ok();
    }
}

/// Tries a socket of the test's own: as another process before it is protected, as another process after, as the guard.
pub(super) fn prove(maps: &mut Maps, register: &mut Register) -> Result<Proof, LockdownError> {
    let stand = Stand::new().map_err(LockdownError::Test)?;
    let free = by_child(&stand.path).map_err(LockdownError::Test)?;
    register.set_test(Some(stand.path.clone()));
    let trials = register.refresh(maps).map_err(LockdownError::from).and_then(|()| {
        let protected = by_child(&stand.path).map_err(LockdownError::Test)?;
        Ok((free, protected, UnixStream::connect(&stand.path).is_ok()))
    });
    register.set_test(None);
    register.refresh(maps)?;
    let (free, protected, own) = trials?;
    Ok(verdict(free, protected, own))
}

/// The first of these sockets that another process reaches all the same.
pub(super) fn reached<'p>(sockets: impl Iterator<Item = &'p Path>) -> Option<&'p Path> {
    // What cannot be tried, for nobody listens or too many wait, is not known to be reached.
    sockets.into_iter().find(|path| matches!(by_child(path), Ok(Trial::Connected)))
}

fn verdict(free: Trial, protected: Trial, own: bool) -> Proof {
    let why = match (free, protected, own) {
        (Trial::Connected, Trial::Refused, true) => return Proof::Refuses,
        (Trial::Connected, Trial::Connected, _) => {
            "the kernel does not ask BPF security programs (`bpf` is not in /sys/kernel/security/lsm; boot with lsm=...,bpf)"
                .to_owned()
        }
        (Trial::Connected, Trial::Refused, false) => {
            "the kernel does not know the guard for the guard; run it in the host's pid namespace".to_owned()
        }
        _ => format!("the self-test is not clear: {free:?} before, {protected:?} behind, guard {own}"),
    };
    Proof::DoesNot(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_refused_to_others_alone_is_proven() {
        assert_eq!(verdict(Trial::Connected, Trial::Refused, true), Proof::Refuses);
        for (free, protected, own, word) in [
            (Trial::Connected, Trial::Connected, true, "lsm="),
            (Trial::Connected, Trial::Refused, false, "pid namespace"),
            (Trial::Refused, Trial::Refused, true, "not clear"),
            (Trial::Connected, Trial::NobodyListens, true, "not clear"),
        ] {
            let Proof::DoesNot(why) = verdict(free, protected, own) else { panic!("{free:?} {protected:?}") };
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn another_process_says_what_became_of_its_connection() {
        let stand = Stand::new().unwrap();
        let (directory, path) = (stand.directory.clone(), stand.path.clone());
        assert_eq!(by_child(&path).unwrap(), Trial::Connected);
        assert_eq!(reached([path.as_path()].into_iter()), Some(path.as_path()));
        drop(stand);
        assert_eq!(by_child(&path).unwrap(), Trial::NobodyListens);
        assert_eq!(reached([path.as_path()].into_iter()), None);
        assert!(!directory.exists());
    }
}
