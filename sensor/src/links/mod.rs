//! Hard links: the other name of a file that rules know by its name.
//!
//! A rule says `/etc/shadow`, an attacker reads a hard link to it. The inode is the same, so whatever opens a file
//! under a name that rules know teaches which inode that is; the first ones are learnt at start. Numbers of inodes are
//! used again, so the rare file with several names whose number is known is looked up once more.

use std::{collections::BTreeSet, num::NonZeroUsize};

use lru::LruCache;

use sensor_common::event::file::Object;

use crate::{
    decode::{Call, FileAsked, FileCall, Open, What},
    sys::files::FileId,
};

/// Most files remembered: the names that rules know, in every container that has them.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);

/// The file that has a name now, as the host sees it.
pub type Find = fn(&[u8]) -> Option<FileId>;

/// Which file is known by which name.
#[derive(Debug)]
pub struct Links {
    names: BTreeSet<Box<[u8]>>,
    known: LruCache<FileId, Box<[u8]>>,
    find: Find,
}

impl Links {
    /// Watches for these names, and asks `find` for the files that have them now.
    pub fn new(names: BTreeSet<Box<[u8]>>, find: Find) -> Self {
        let mut links = Self { names: BTreeSet::new(), known: LruCache::new(CAPACITY), find };
        links.watch(names);
        links
    }

    /// Watches for these names from now on. What is known of others does no harm.
    pub fn watch(&mut self, names: BTreeSet<Box<[u8]>>) {
        for name in names.difference(&self.names) {
            if let Some(file) = (self.find)(name) {
                self.known.put(file, name.clone());
            }
        }
        self.names = names;
    }

    /// Learns from an open under a name that rules know.
    pub fn learn(&mut self, open: &Open) {
        if !open.is_failed() {
            self.learn_name(open.path.as_bytes(), Some(FileId::of(&open.object())));
        }
    }

    /// Learns from a call that gave a file a name that rules know, or that went by such a name.
    pub fn learn_call(&mut self, call: &Call) {
        let What::File(made) = &call.what else { return };
        if call.error() == 0 {
            self.learn_names(made);
        }
    }

    fn learn_names(&mut self, call: &FileCall) {
        let file = call.file().map(|file| FileId::of(&file.facts));
        if matches!(call.asked, FileAsked::Rename(_) | FileAsked::Link(_)) {
            self.learn_name(call.second.path.as_bytes(), file);
        }
        if matches!(call.asked, FileAsked::Link(_)) {
            self.learn_name(call.name.path.as_bytes(), file);
        }
    }

    /// Where the kernel did not tell which file it is, the host's file system is asked.
    fn learn_name(&mut self, name: &[u8], file: Option<FileId>) {
        if self.names.contains(name)
            && let Some(file) = file.or_else(|| (self.find)(name))
        {
            self.known.put(file, name.into());
        }
    }

    /// The name by which rules know a file that goes by another one here.
    pub fn other_name(&self, file: &Object, path: &[u8]) -> Option<&[u8]> {
        // Only of a file with several names can another one be known.
        if file.nlink < 2 {
            return None;
        }
        let file = FileId::of(file);
        let name = self.known.peek(&file).map(|name| &**name).filter(|name| *name != path)?;
        (!self.is_another_file_now(name, file)).then_some(name)
    }

    /// Whether another file of the same file system has the name by now: then the number that was learnt may have
    /// been given to a file that never had the name. What has a name in a container cannot be seen from here.
    fn is_another_file_now(&self, name: &[u8], file: FileId) -> bool {
        (self.find)(name).is_some_and(|now| now.dev == file.dev && now.ino != file.ino)
    }
}

#[cfg(test)]
mod tests {
    use sensor_common::event::file::FileOpen;

    use super::*;
    use crate::decode::FilePath;

    fn open(path: &[u8], ino: u64, nlink: u32) -> Open {
        Open {
            facts: FileOpen { ino, dev: 8, nlink, ..FileOpen::default() },
            name: Box::default(),
            path: FilePath::new(path, 0),
        }
    }

    fn other<'l>(links: &'l Links, open: &Open) -> Option<&'l [u8]> {
        links.other_name(&open.object(), open.path.as_bytes())
    }

    fn links() -> Links {
        Links::new([Box::from(*b"/etc/shadow")].into(), |_| Some(FileId { dev: 8, ino: 5 }))
    }

    #[test]
    fn a_link_that_was_there_before_the_start_is_told() {
        assert_eq!(other(&links(), &open(b"/tmp/x", 5, 2)), Some(&b"/etc/shadow"[..]));
        assert_eq!(other(&links(), &open(b"/tmp/x", 6, 2)), None);
        assert_eq!(other(&links(), &open(b"/etc/shadow", 5, 2)), None, "it is no other name");
    }

    #[test]
    fn a_file_that_took_the_name_over_is_learnt() {
        let mut links = Links::new([Box::from(*b"/etc/shadow")].into(), |_| None);
        links.learn(&open(b"/etc/shadow", 9, 1));
        assert_eq!(other(&links, &open(b"/tmp/x", 9, 2)), Some(&b"/etc/shadow"[..]));
        links.learn(&open(b"/etc/hosts", 10, 1));
        assert_eq!(other(&links, &open(b"/tmp/x", 10, 2)), None, "no rule knows that name");
    }

    #[test]
    fn a_number_that_another_file_got_is_no_link() {
        let mut links = links();
        // It had the name once; now the file with number 5 has it.
        links.learn(&open(b"/etc/shadow", 9, 1));
        assert_eq!(other(&links, &open(b"/tmp/x", 9, 2)), None);
        assert_eq!(other(&links, &open(b"/tmp/x", 5, 2)), Some(&b"/etc/shadow"[..]));
        // In a container's file system the host's name says nothing.
        let mut inside = open(b"/etc/shadow", 9, 1);
        inside.facts.dev = 77;
        links.learn(&inside);
        let mut link = open(b"/tmp/x", 9, 2);
        link.facts.dev = 77;
        assert_eq!(other(&links, &link), Some(&b"/etc/shadow"[..]));
    }
}
