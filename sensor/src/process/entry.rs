//! One process: who made it, what it ran when, how it ended.

use std::sync::Arc;

use sensor_common::event::credential::Credentials;

use super::rights::{Changed, WayToRoot};
use super::{Image, ProcessKey};

/// A process that lives or lived.
#[derive(Debug)]
pub struct Process {
    key: ProcessKey,
    /// Whether /proc told of it, whose start times are whole ticks.
    seeded: bool,
    /// Whether the start in the key is exact.
    exact: bool,
    parent: Option<ProcessKey>,
    pub(super) leader: Option<ProcessKey>,
    images: Images,
    cgroup: u64,
    cgroup_time: u64,
    exit: Option<Exit>,
    vpid: u32,
    /// Processes in the table that it made; while there are some it is worth keeping.
    pub(super) children: u32,
    /// Inode number of its pid namespace; 0 where that is not known.
    pub(super) pid_ns: u32,
    /// Session and process group, where they changed since its exec.
    pub(super) groups: Option<(u32, u32)>,
    pub(super) changed: Option<Box<Changed>>,
    pub(super) way_to_root: WayToRoot,
}

/// The end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// When, at the latest, as `CLOCK_BOOTTIME` in nanoseconds.
    pub time: u64,
    /// Status as `wait` reports it, or `None` where the exit was only inferred.
    pub status: Option<u32>,
}

/// What a process ran, in order of time. Almost always there is one image, or one and its predecessor.
#[derive(Debug, Default)]
struct Images {
    current: Option<Version>,
    /// Earlier ones, oldest first.
    older: Vec<Version>,
}

/// An image from the moment on at which it came into force in this process.
#[derive(Debug)]
pub(super) struct Version {
    /// When, as `CLOCK_BOOTTIME` in nanoseconds.
    pub(super) since: u64,
    /// What.
    pub(super) image: Arc<Image>,
}

impl Process {
    /// A process of which nothing but its existence is known.
    pub(super) fn new(key: ProcessKey) -> Self {
        Self {
            key,
            seeded: false,
            exact: true,
            parent: None,
            leader: None,
            images: Images::default(),
            cgroup: 0,
            cgroup_time: 0,
            exit: None,
            vpid: 0,
            children: 0,
            pid_ns: 0,
            groups: None,
            changed: None,
            way_to_root: WayToRoot::default(),
        }
    }

    /// A process that /proc told of; the start in its key is the tick's first nanosecond.
    pub(super) fn seeded(key: ProcessKey) -> Self {
        Self { seeded: true, exact: false, ..Self::new(key) }
    }

    /// Its identity. The start of a process found in /proc becomes exact with the first event that tells it.
    pub fn key(&self) -> ProcessKey {
        self.key
    }

    /// The process that made it, whatever became of that.
    pub fn parent(&self) -> Option<ProcessKey> {
        self.parent
    }

    /// Whether it was there before the sensor and /proc told of it.
    pub fn is_seeded(&self) -> bool {
        self.seeded
    }

    /// What it runs now, or ran last.
    pub fn image(&self) -> Option<&Arc<Image>> {
        self.images.current.as_ref().map(|version| &version.image)
    }

    /// What it ran at a moment (`CLOCK_BOOTTIME`, nanoseconds): before its first exec its parent's program as of
    /// the fork. `None` where that is not known, or not any more.
    pub fn image_at(&self, time: u64) -> Option<&Arc<Image>> {
        let newest_first = self.images.current.iter().chain(self.images.older.iter().rev());
        newest_first.into_iter().find(|version| version.since <= time).map(|version| &version.image)
    }

    /// Session and process group, where they changed since its exec.
    pub fn groups(&self) -> Option<(u32, u32)> {
        self.groups
    }

    /// Session and process group at its exec.
    pub(super) fn groups_at_exec(&self) -> Option<(u32, u32)> {
        self.image().map(|image| (image.exec.facts.sid, image.exec.facts.pgid))
    }

    /// The credentials that a thread gave itself since the exec, if it did so by a moment.
    pub fn credentials_of(&self, thread: u32, time: u64) -> Option<&Credentials> {
        let changed =
            self.changed.as_deref().filter(|changed| changed.thread == thread && changed.since <= time);
        changed.map(|changed| &changed.credentials)
    }

    /// What it ran up to a moment, oldest first, as far as it is still kept. The first one may be what its maker ran.
    pub fn images_until(&self, time: u64) -> impl Iterator<Item = &Arc<Image>> {
        let oldest_first = self.images.older.iter().chain(&self.images.current);
        oldest_first.filter(move |version| version.since <= time).map(|version| &version.image)
    }

    /// Its id in its own pid namespace, if that is known.
    pub fn vpid(&self) -> Option<u32> {
        Some(self.vpid).filter(|vpid| *vpid != 0)
    }

    /// Id of the cgroup (v2) it was last seen in; 0 where that is not known.
    pub fn cgroup(&self) -> u64 {
        self.cgroup
    }

    /// Its end, if it has ended.
    pub fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// Whether it is the process with this key. One found in /proc is told by the tick: another process would
    /// have to be given the same id within the same 10 ms.
    pub(super) fn is(&self, key: ProcessKey) -> bool {
        self.key.pid == key.pid
            && (self.key.start == key.start || self.seeded && self.key.tick() == key.tick())
    }

    /// Learns the exact start from an event's key; true if that is news.
    pub(super) fn adopt(&mut self, key: ProcessKey) -> bool {
        let news = !self.exact && self.key.start != key.start;
        if news {
            self.key = key;
            self.exact = true;
        }
        news
    }

    /// Learns its parent, once.
    pub(super) fn set_parent(&mut self, parent: ProcessKey) -> bool {
        let news = self.parent.is_none() && !self.is(parent);
        if news {
            self.parent = Some(parent);
        }
        news
    }

    /// Learns of its cgroup; an older sighting than the last changes nothing.
    pub(super) fn seen_in(&mut self, cgroup: u64, time: u64) {
        if time >= self.cgroup_time && cgroup != 0 {
            self.cgroup = cgroup;
            self.cgroup_time = time;
        }
    }

    /// Learns its id in its own pid namespace.
    pub(super) fn has_vpid(&mut self, vpid: u32) {
        self.vpid = vpid;
    }

    /// Learns of its end. A status once known stays.
    pub(super) fn ended(&mut self, exit: Exit) {
        if self.exit.is_none_or(|known| known.status.is_none()) {
            self.exit = Some(exit);
        }
    }

    /// Adds what it runs from a moment on, and keeps at most `older` images before the current one. Returns how
    /// many had to go.
    pub(super) fn add_image(&mut self, version: Version, older: usize) -> usize {
        self.images.add(version);
        self.images.keep(older)
    }

    /// Learns what it ran from its fork on; changes nothing if an event told that already. What /proc said then
    /// only holds from the moment on at which it was read.
    pub(super) fn add_inherited(&mut self, since: u64, image: &Arc<Image>, older: usize) -> usize {
        if self.image_at(since).is_some_and(|known| !known.from_proc || known.time <= since) {
            return 0;
        }
        let read = self.images.current.take_if(|version| version.image.from_proc);
        self.images.add(Version { since, image: Arc::clone(image) });
        if let Some(read) = read {
            self.images.add(Version { since: read.image.time, image: read.image });
        }
        self.images.keep(older)
    }

    /// Forgets what /proc said if that was read after `time`: it may have described a later program.
    pub(super) fn drop_images_read_after(&mut self, time: u64) {
        let wrong = |version: &Version| version.image.from_proc && version.image.time >= time;
        self.images.older.retain(|version| !wrong(version));
        if self.images.current.as_ref().is_some_and(wrong) {
            self.images.current = self.images.older.pop();
        }
    }
}

impl Images {
    fn add(&mut self, version: Version) {
        match self.current.take() {
            Some(current) if current.since > version.since => {
                let at = self.older.partition_point(|older| older.since <= version.since);
                self.older.insert(at, version);
                self.current = Some(current);
            }
            Some(current) if current.since < version.since => {
                // Most processes never have more than one, so no room is made for others.
                self.older.reserve_exact(1);
                self.older.push(current);
                self.current = Some(version);
            }
            Some(_) | None => self.current = Some(version),
        }
    }

    fn keep(&mut self, most: usize) -> usize {
        let excess = self.older.len().saturating_sub(most);
        self.older.drain(..excess);
        excess
    }
}
