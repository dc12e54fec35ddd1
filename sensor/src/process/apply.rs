//! What each event changes.

use std::sync::Arc;

use sensor_common::event::process::{ProcessExit, ProcessFork};
use sensor_common::header::Header;

use crate::decode::{Body, CgroupAttachTask, Event, Exec};

use super::entry::Version;
use super::rights::WayToRoot;
use super::{Exit, Image, Process, ProcessKey, ProcessTable};

impl ProcessTable {
    /// Brings the table up to date with an event, whatever its kind; afterwards the event's process is in it.
    pub fn apply(&mut self, event: &Event) {
        let header = &event.header;
        match &event.body {
            Body::Fork(fork) => self.fork(header, fork),
            Body::Exec(exec) => self.exec(header, exec),
            Body::Exit(exit) => self.exit(header, *exit),
            Body::CgroupAttachTask(attach) => self.attach(header, attach),
            Body::Call(call) => {
                self.sighting(header);
                self.changed(header, call);
            }
            Body::Open(_) | Body::CgroupMkdir(_) | Body::CgroupRmdir(_) => self.sighting(header),
        }
    }

    /// A process did something. One that is not in the table is entered with what the event's header says.
    fn sighting(&mut self, header: &Header) {
        let key = ProcessKey::of(header);
        // The idle task is no process; what interrupts do is attributed to it.
        if key.pid == 0 {
            return;
        }
        if let Some(process) = self.find_mut(key) {
            process.seen_in(header.cgroup, header.time);
            return;
        }
        self.counters.orphans = self.counters.orphans.saturating_add(1);
        let mut process = Process::new(key);
        process.seen_in(header.cgroup, header.time);
        self.insert(process);
    }

    fn fork(&mut self, header: &Header, fork: &ProcessFork) {
        self.counters.forks = self.counters.forks.saturating_add(1);
        self.sighting(header);
        let parent = ProcessKey::of(header);
        let child = ProcessKey { pid: fork.child_pid, start: fork.child_start };
        let (image, leader) = self
            .get(parent)
            .map_or((None, None), |parent| (parent.image_at(header.time).cloned(), parent.leader));
        let rights = self.get(parent).map(|parent| parent.handed_down(header, fork));
        if self.get(child).is_none() {
            self.insert(Process::new(child));
        }
        let older = self.limits.older_images;
        if let Some(process) = self.find_mut(child) {
            process.seen_in(fork.child_cgroup, header.time);
            process.has_vpid(fork.child_vpid);
            process.leader = process.leader.or(leader);
            if let Some((groups, changed, way_to_root)) = rights {
                (process.groups, process.changed, process.way_to_root) = (groups, changed, way_to_root);
            }
            let dropped = image.map_or(0, |image| process.add_inherited(child.start, &image, older));
            self.count_dropped(dropped);
        }
        self.learn_name(child, fork.child_pid_ns, fork.child_vpid);
        self.link(child, parent);
    }

    fn exec(&mut self, header: &Header, exec: &Arc<Exec>) {
        self.counters.execs = self.counters.execs.saturating_add(1);
        let key = ProcessKey::of(header);
        self.companions.learn(header.mnt_ns, key);
        if self.get(key).is_none() {
            self.insert(Process::new(key));
        }
        let parent = ProcessKey { pid: exec.facts.parent_pid, start: exec.facts.parent_start };
        if self.link(key, parent) {
            self.heal(key, parent);
        }
        let image = self.image(header, exec);
        let leader = self.leader_of(key, exec.facts.sid);
        // A process that runs one program after another must not multiply what there is no memory for.
        let older = if image.trimmed { 1 } else { self.limits.older_images };
        if let Some(process) = self.find_mut(key) {
            process.seen_in(header.cgroup, header.time);
            process.has_vpid(exec.facts.vpid);
            process.leader = leader;
            (process.groups, process.changed) = (None, None);
            process.way_to_root = WayToRoot::after_exec(header);
            process.drop_images_read_after(header.time);
            let dropped = process.add_image(Version { since: header.time, image }, older);
            self.count_dropped(dropped);
        }
        self.learn_name(key, exec.facts.pid_ns, exec.facts.vpid);
    }

    /// The fork was not seen. The parent as the exec found it may be a reaper instead of the maker, but what the
    /// maker ran is the best that can be said of the time before the exec.
    fn heal(&mut self, key: ProcessKey, parent: ProcessKey) {
        self.counters.forks_missed = self.counters.forks_missed.saturating_add(1);
        let image = self.get(parent).and_then(|parent| parent.image_at(key.start)).cloned();
        let older = self.limits.older_images;
        if let Some((image, process)) = image.zip(self.find_mut(key)) {
            let dropped = process.add_inherited(key.start, &image, older);
            self.count_dropped(dropped);
        }
    }

    fn exit(&mut self, header: &Header, exit: ProcessExit) {
        let key = ProcessKey::of(header);
        if self.get(key).and_then(Process::exit).is_some_and(|known| known.status.is_some()) {
            self.counters.exits_repeated = self.counters.exits_repeated.saturating_add(1);
            return;
        }
        self.counters.exits = self.counters.exits.saturating_add(1);
        self.sighting(header);
        if let Some(mnt_ns) = self.get(key).and_then(Process::image).map(|image| image.mnt_ns) {
            self.companions.forget(mnt_ns, key);
        }
        if let Some(process) = self.find_mut(key) {
            process.ended(Exit { time: header.time, status: Some(exit.status) });
        }
        self.retire(key);
        self.keep_name(key);
    }

    fn attach(&mut self, header: &Header, attach: &CgroupAttachTask) {
        self.sighting(header);
        // Hierarchies of cgroup v1 have ids of their own, which mean nothing to a header's.
        if attach.hierarchy != 0 {
            return;
        }
        match self.find_mut(ProcessKey { pid: attach.target_pid, start: attach.target_start }) {
            Some(process) => process.seen_in(attach.id, header.time),
            None => self.counters.moves_unknown = self.counters.moves_unknown.saturating_add(1),
        }
    }

    /// The image of an exec, trimmed if there is no memory for all of it.
    fn image(&mut self, header: &Header, exec: &Arc<Exec>) -> Arc<Image> {
        let image = Image::executed(header, exec, &self.ledger);
        Arc::new(self.within_bounds(image))
    }

    /// The image as it may be kept.
    pub(super) fn within_bounds(&mut self, image: Image) -> Image {
        if self.make_room_for_images() {
            return image;
        }
        self.counters.images_trimmed = self.counters.images_trimmed.saturating_add(1);
        image.trimmed()
    }

    fn count_dropped(&mut self, images: usize) {
        let images = u64::try_from(images).unwrap_or(u64::MAX);
        self.counters.images_dropped = self.counters.images_dropped.saturating_add(images);
    }
}
