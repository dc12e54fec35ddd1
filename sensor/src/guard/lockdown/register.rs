//! What the names of sockets and programs stand for now, as the kernel programs have to know it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aya::maps::MapError;
use sensor_common::lockdown::{FileKey, NameKey, socket};

use super::places::Places;
use crate::sys::lockdown::{
    Maps,
    file::{Held, glance, name_of, whole},
};

/// Most sockets remembered under one name: an engine that is started anew makes another one, and the old one may still be
/// listened at.
const MAX_KEPT: usize = 16;

/// Sockets and programs, and the files that they are.
#[derive(Debug)]
pub struct Register {
    places: Places,
    own: Option<PathBuf>,
    /// A socket of the self-test.
    test: Option<PathBuf>,
    denies: bool,
    sockets: HashMap<PathBuf, Vec<Held>>,
    programs: HashMap<PathBuf, Held>,
}

impl Register {
    /// Of these places; others are refused if it `denies`.
    pub fn new(places: Places, denies: bool) -> Self {
        Self { places, own: None, test: None, denies, sockets: HashMap::new(), programs: HashMap::new() }
    }

    /// The guard's own socket.
    pub fn set_own(&mut self, path: PathBuf) {
        self.own = Some(path);
    }

    /// One more engine's socket.
    pub(super) fn protect(&mut self, path: &Path) {
        self.places.protect(path, socket::ENGINE);
    }

    /// A socket of the self-test, or none any more.
    pub(super) fn set_test(&mut self, path: Option<PathBuf>) {
        if let Some(old) = self.test.take() {
            self.sockets.remove(&old);
        }
        self.test = path;
    }

    /// Engines' sockets behind the guard and elsewhere.
    pub(super) fn engines(&self) -> impl Iterator<Item = &Path> {
        let engines = self.places.sockets.iter().filter(|(_, class)| *class == socket::ENGINE);
        engines.map(|(path, _)| path.as_path()).filter(|path| self.own.as_deref() != Some(*path))
    }

    /// Whether this program itself may reach engines' sockets.
    pub(super) fn allows_itself(&self) -> bool {
        let own = Held::open(Path::new("/proc/self/exe")).map(|held| held.key);
        let classes = self.classes().into_iter().find(|(key, _)| own.as_ref().is_ok_and(|own| own == key));
        classes.is_some_and(|(_, classes)| classes & socket::ENGINE != 0)
    }

    /// Looks again, and tells the kernel.
    pub fn refresh(&mut self, maps: &mut Maps) -> Result<(), MapError> {
        let paths: Vec<_> = self.watched().map(Path::to_path_buf).collect();
        for path in paths {
            self.look_at(&path);
        }
        let programs: Vec<_> = self.places.programs.iter().map(|(path, _)| path.clone()).collect();
        for path in programs {
            look_at_program(&mut self.programs, path);
        }
        maps.set_programs(&self.classes())?;
        maps.set_sockets(&self.files())?;
        maps.set_names(&self.names())
    }

    /// The name of a socket.
    pub fn path(&self, file: &FileKey) -> Option<PathBuf> {
        let holds = |held: &Vec<Held>| held.iter().any(|held| held.key == *file);
        self.sockets.iter().find(|(_, held)| holds(held)).map(|(path, _)| path.clone())
    }

    /// The sockets, and which of them are not there.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for (path, _) in &self.places.sockets {
            if glance(path).is_ok() && self.own.as_ref() != Some(path) {
                let gap = if text.is_empty() { "" } else { ", " };
                // Writing to a text cannot fail.
                write!(text, "{gap}{}", path.display()).unwrap_or_default();
            }
        }
        if text.is_empty() { "none of the sockets is there yet".to_owned() } else { text }
    }

    fn watched(&self) -> impl Iterator<Item = &Path> {
        let protected = self.places.sockets.iter().map(|(path, _)| path.as_path());
        protected.chain(self.own.as_deref()).chain(self.test.as_deref())
    }

    /// Another file than before under a name is held on to as well; what is gone stays protected.
    fn look_at(&mut self, path: &Path) {
        let Ok(seen) = glance(path) else { return };
        let held = self.sockets.entry(path.to_owned()).or_default();
        if held.last().is_some_and(|last| last.seen == seen) {
            return;
        }
        let Ok(new) = Held::open(path) else { return };
        held.retain(|old| old.key != new.key);
        held.push(new);
        if held.len() > MAX_KEPT {
            held.remove(0);
        }
    }

    fn deny(&self) -> u32 {
        if self.denies { socket::DENY } else { 0 }
    }

    /// What sockets are. One that is the guard's now is nothing else, whatever its name was before.
    fn files(&self) -> Vec<(FileKey, u32)> {
        let mut files = HashMap::new();
        let held = |path: &Path| self.sockets.get(path).into_iter().flatten();
        for (path, class) in &self.places.sockets {
            files.extend(held(path).map(|held| (held.key, class | self.deny())));
        }
        if let Some(last) = self.own.as_deref().and_then(|own| held(own).last()) {
            files.insert(last.key, socket::GUARD);
        }
        let test = self.test.as_deref().into_iter().flat_map(held);
        files.extend(test.map(|held| (held.key, socket::TEST | socket::DENY)));
        files.into_iter().collect()
    }

    fn names(&self) -> Vec<(NameKey, u32)> {
        let mut names = HashMap::new();
        for (path, class) in &self.places.sockets {
            if let Ok(Some(name)) = whole(path).and_then(|path| name_of(&path)) {
                names.entry(name).or_insert(class | self.deny());
            }
        }
        names.into_iter().collect()
    }

    /// What programs may reach, put together where one has several names.
    fn classes(&self) -> Vec<(FileKey, u32)> {
        let mut classes: HashMap<FileKey, u32> = HashMap::new();
        for (path, may) in &self.places.programs {
            if let Some(held) = self.programs.get(path) {
                *classes.entry(held.key).or_default() |= may;
            }
        }
        classes.into_iter().collect()
    }
}

/// A program whose name is gone may not reach anything any more: another file could get its number.
fn look_at_program(programs: &mut HashMap<PathBuf, Held>, path: PathBuf) {
    let Ok(seen) = glance(&path) else {
        programs.remove(&path);
        return;
    };
    if programs.get(&path).is_some_and(|held| held.seen == seen) {
        return;
    }
    match Held::open(&path) {
        Ok(held) => programs.insert(path, held),
        Err(_) => programs.remove(&path),
    };
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    fn at(sockets: &[(&Path, u32)], programs: &[(&Path, u32)]) -> Register {
        let owned =
            |list: &[(&Path, u32)]| list.iter().map(|(path, bits)| (path.to_path_buf(), *bits)).collect();
        Register::new(Places { sockets: owned(sockets), programs: owned(programs) }, true)
    }

    fn look(register: &mut Register) {
        let paths: Vec<_> = register.watched().map(Path::to_path_buf).collect();
        for path in paths {
            register.look_at(&path);
        }
    }

    #[test]
    fn a_socket_made_anew_is_protected_and_so_is_the_old_one() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("engine.sock");
        let mut register = at(&[(&path, socket::ENGINE)], &[]);
        look(&mut register);
        assert!(register.files().is_empty());
        assert_eq!(register.names().len(), 1, "it is protected before it is there");
        let _first = UnixListener::bind(&path).unwrap();
        look(&mut register);
        let old = register.files();
        assert_eq!(old[0].1, socket::ENGINE | socket::DENY);
        std::fs::rename(&path, place.path().join("hidden.sock")).unwrap();
        let _second = UnixListener::bind(&path).unwrap();
        look(&mut register);
        let both = register.files();
        assert!(both.len() == 2 && both.contains(&old[0]), "{both:?}");
        assert!(both.iter().all(|(file, _)| register.path(file).as_ref() == Some(&path)));
    }

    #[test]
    fn the_guards_own_socket_is_not_protected_under_whatever_name() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("docker.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let mut register = at(&[(&path, socket::ENGINE)], &[]);
        register.set_own(path.clone());
        look(&mut register);
        assert_eq!(register.files().iter().map(|(_, flags)| *flags).collect::<Vec<_>>(), [socket::GUARD]);
        assert_eq!(register.engines().count(), 0);
    }

    #[test]
    fn a_program_is_the_file_that_has_its_name_now() {
        let place = tempfile::tempdir().unwrap();
        let [program, other] = ["program", "other"].map(|name| place.path().join(name));
        std::fs::write(&program, "1").unwrap();
        std::fs::hard_link(&program, &other).unwrap();
        let mut register = at(&[], &[(&program, socket::ENGINE), (&other, socket::RUNTIME)]);
        let look = |register: &mut Register| {
            for path in [&program, &other] {
                look_at_program(&mut register.programs, path.clone());
            }
            register.classes()
        };
        let one = look(&mut register);
        assert_eq!((one.len(), one[0].1), (1, socket::ENGINE | socket::RUNTIME));
        std::fs::write(place.path().join("new"), "2").unwrap();
        std::fs::rename(place.path().join("new"), &program).unwrap();
        let mut two: Vec<_> = look(&mut register).into_iter().map(|(_, classes)| classes).collect();
        two.sort_unstable();
        assert_eq!(two, [socket::ENGINE, socket::RUNTIME]);
        std::fs::remove_file(&program).unwrap();
        assert_eq!(look(&mut register).len(), 1);
    }
}
