//! What is known of the files that are watched, by path and by inode.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use crate::sys::{
    files::FileId,
    inspect::{Facts, Hash},
    mounts::{below, join},
};

/// What a file was like when it was looked at last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What its inode said.
    pub facts: Facts,
    /// What was in it.
    pub hash: Hash,
}

impl Known {
    fn id(&self) -> FileId {
        FileId { dev: self.facts.dev, ino: self.facts.ino }
    }
}

/// The files that are watched.
#[derive(Debug)]
pub(super) struct Files {
    by_path: BTreeMap<Box<[u8]>, Known>,
    by_id: HashMap<FileId, BTreeSet<Box<[u8]>>>,
    most: usize,
    /// Files that found no room.
    pub(super) over: u64,
}

impl Files {
    /// Room for `most`.
    pub(super) fn new(most: usize) -> Self {
        Self { by_path: BTreeMap::new(), by_id: HashMap::new(), most, over: 0 }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_path.len()
    }

    /// What is known of the file with this path.
    pub(super) fn get(&self, path: &[u8]) -> Option<&Known> {
        self.by_path.get(path)
    }

    /// A path of the file with this inode.
    pub(super) fn path_of(&self, id: FileId) -> Option<&[u8]> {
        self.by_id.get(&id)?.first().map(|path| &**path)
    }

    /// Takes over what is known of a file now.
    pub(super) fn put(&mut self, path: &[u8], known: Known) {
        self.forget_id(path);
        if self.by_path.len() >= self.most && !self.by_path.contains_key(path) {
            self.over += 1;
            return;
        }
        if known.facts.ino != 0 {
            self.by_id.entry(known.id()).or_default().insert(path.into());
        }
        self.by_path.insert(path.into(), known);
    }

    /// Forgets a file; gives what was known of it.
    pub(super) fn remove(&mut self, path: &[u8]) -> Option<Known> {
        self.forget_id(path);
        self.by_path.remove(path)
    }

    /// Forgets a file or a directory with all that is below it; gives what was known of itself.
    pub(super) fn remove_all(&mut self, path: &[u8]) -> Option<Known> {
        for below in self.below(path) {
            self.remove(&below);
        }
        self.remove(path)
    }

    /// A file or a directory with all that is below it has another path.
    pub(super) fn rename(&mut self, from: &[u8], to: &[u8]) {
        for old in self.below(from).into_iter().chain([from.into()]) {
            if let Some((known, rest)) = self.remove(&old).zip(below(&old, from)) {
                self.put(&join(to, rest), known);
            }
        }
    }

    /// The paths below a directory.
    fn below(&self, directory: &[u8]) -> Vec<Box<[u8]>> {
        let start: Box<[u8]> = [directory.strip_suffix(b"/").unwrap_or(directory), b"/"].concat().into();
        let after = self.by_path.range::<Box<[u8]>, _>((Bound::Excluded(&start), Bound::Unbounded));
        after.map(|(path, _)| path).take_while(|path| path.starts_with(&start)).cloned().collect()
    }

    fn forget_id(&mut self, path: &[u8]) {
        let Some(id) = self.by_path.get(path).map(Known::id) else { return };
        if let Some(paths) = self.by_id.get_mut(&id) {
            paths.remove(path);
            if paths.is_empty() {
                self.by_id.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(ino: u64) -> Known {
        Known { facts: Facts { dev: 8, ino, ..Facts::default() }, hash: Hash::Unknown }
    }

    fn files() -> Files {
        let mut files = Files::new(5);
        for (path, ino) in [("/w", 1), ("/w/a", 2), ("/w/a/x", 3), ("/w/ab", 4), ("/w/b", 3)] {
            files.put(path.as_bytes(), known(ino));
        }
        files
    }

    #[test]
    fn a_directory_moves_with_what_is_below_and_nothing_else() {
        let mut files = files();
        files.rename(b"/w/a", b"/w/c");
        assert_eq!((files.get(b"/w/c/x"), files.get(b"/w/a/x")), (Some(&known(3)), None));
        assert_eq!((files.get(b"/w/ab"), files.len()), (Some(&known(4)), 5));
        assert_eq!(files.path_of(FileId { dev: 8, ino: 2 }), Some(&b"/w/c"[..]));
    }

    #[test]
    fn a_file_with_two_names_is_known_until_both_are_gone() {
        let mut files = files();
        let id = FileId { dev: 8, ino: 3 };
        assert_eq!(files.path_of(id), Some(&b"/w/a/x"[..]));
        assert_eq!(files.remove_all(b"/w/a"), Some(known(2)));
        assert_eq!(files.path_of(id), Some(&b"/w/b"[..]));
        files.remove(b"/w/b");
        assert_eq!(files.path_of(id), None);
        assert_eq!(files.len(), 2);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let mut files = files();
        files.put(b"/w/z", known(9));
        assert_eq!((files.len(), files.over, files.get(b"/w/z")), (5, 1, None));
        files.put(b"/w/b", known(7));
        assert_eq!((files.over, files.path_of(FileId { dev: 8, ino: 7 })), (1, Some(&b"/w/b"[..])));
    }
}
