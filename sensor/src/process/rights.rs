//! What a process made of itself since its exec: credentials, session and group, and whether it could become root.

use sensor_common::event::credential::Credentials;
use sensor_common::event::{Kind, Ring, process::ProcessFork};
use sensor_common::header::Header;

use super::{Process, ProcessKey, ProcessTable};
use crate::decode::{Body, Call, Commit, CredentialCall, Event, ProcessCall, What, is_io_uring};

/// Whether a process has a way to the user id 0 that the kernel grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WayToRoot {
    /// Its last exec was not seen.
    #[default]
    Unknown,
    /// It has one, or had one since its exec.
    Open,
    /// Its last exec, or its parent's before the fork, left it without any user id of 0, and it changed none since.
    Closed {
        /// Since when, as `CLOCK_BOOTTIME` in nanoseconds.
        since: u64,
        /// Real and effective user id.
        ids: (u32, u32),
    },
}

/// Credentials that a thread gave itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) thread: u32,
    pub(super) since: u64,
    pub(super) credentials: Credentials,
}

impl WayToRoot {
    /// What an exec leaves: the saved user id is the effective one.
    pub(super) fn after_exec(header: &Header) -> Self {
        let ids = (header.uid, header.euid);
        if header.uid == 0 || header.euid == 0 {
            Self::Open
        } else {
            Self::Closed { since: header.time, ids }
        }
    }
}

impl Process {
    /// What a child has of it: session and group, credentials of the thread that forked, and the way to root.
    pub(super) fn handed_down(
        &self,
        header: &Header,
        fork: &ProcessFork,
    ) -> (Option<(u32, u32)>, Option<Box<Changed>>, WayToRoot) {
        let changed = self.changed.as_deref().filter(|changed| changed.thread == header.tid);
        let changed = changed.map(|changed| Box::new(Changed { thread: fork.child_pid, ..*changed }));
        (self.groups, changed, self.way_to_root)
    }
}

impl ProcessTable {
    /// Whether an event shows a process as root that had no way to that: then what must have happened before.
    ///
    /// Only the critical ring's events tell, since they come in the order in which they happened; an open may be read
    /// before the exec that explains it. Nor does what was done before `watched`, from when on all such calls are seen.
    pub fn escalation(&mut self, event: &Event, watched: u64) -> Option<Event> {
        let header = event.header;
        if !(header.uid == 0 || header.euid == 0) || !shows_own_rights(event) {
            return None;
        }
        let process = self.find_mut(ProcessKey::of(&header))?;
        let WayToRoot::Closed { since, ids } = process.way_to_root else { return None };
        if since >= header.time || since < watched {
            return None;
        }
        process.way_to_root = WayToRoot::Open;
        self.counters.escalations = self.counters.escalations.saturating_add(1);
        let what = What::Credential(CredentialCall::Commit(Commit::late(ids, &header)));
        let call = Call { kind: Kind::CredentialCommit, result: 0, what };
        Some(Event {
            header: Header { kind: Kind::CredentialCommit as u16, ..header },
            body: Body::Call(Box::new(call)),
        })
    }

    /// A call changed the caller, or a process that it names.
    pub(super) fn changed(&mut self, header: &Header, call: &Call) {
        match &call.what {
            What::Credential(asked) if call.result >= 0 => self.changed_credentials(header, asked),
            What::Process(ProcessCall::Group(group)) if call.result >= 0 => {
                self.moved(header, group.sid, group.own_pgid);
                self.moved_other(header, group.pid, group.pgid);
            }
            What::File(_) | What::Network(_) | What::Process(_) | What::Credential(_) | What::Kernel(_) => {}
        }
    }

    fn changed_credentials(&mut self, header: &Header, asked: &CredentialCall) {
        let Some(process) = self.find_mut(ProcessKey::of(header)) else { return };
        process.way_to_root = WayToRoot::Open;
        if let Some(credentials) = asked.after().copied() {
            let changed = Changed { thread: header.tid, since: header.time, credentials };
            process.changed = Some(Box::new(changed));
        }
    }

    /// The caller's own session and group, as the kernel has them after the call; a session that was begun outside of
    /// the pid namespace is 0.
    fn moved(&mut self, header: &Header, sid: u32, pgid: u32) {
        let key = ProcessKey::of(header);
        let leader = self.leader_of(key, sid);
        if let Some(process) = self.find_mut(key).filter(|_| pgid != 0) {
            process.groups = Some((sid, pgid));
            process.leader = leader;
        }
    }

    /// The group of a child, named by pids of the caller's namespace.
    fn moved_other(&mut self, header: &Header, which: i32, group: i32) {
        let caller = ProcessKey::of(header);
        let named = |number: i32| {
            let number = u32::try_from(number).ok().filter(|number| *number != 0)?;
            self.named_by(caller, number, header.time).map(Process::key)
        };
        let Some(child) = named(which).filter(|child| *child != caller) else { return };
        let Some(leader) = (if group == 0 { Some(child) } else { named(group) }) else { return };
        if let Some(process) = self.find_mut(child) {
            let sid = process.groups.or_else(|| process.groups_at_exec()).map(|(sid, _)| sid);
            process.groups = sid.map(|sid| (sid, leader.pid));
        }
    }
}

/// Whether the ids in an event's header are the process's own, and not the outcome of what the event tells.
fn shows_own_rights(event: &Event) -> bool {
    let tells_of_rights = match &event.body {
        Body::Exec(_) => true,
        Body::Call(call) => matches!(call.what, What::Credential(_)),
        Body::Fork(_)
        | Body::Exit(_)
        | Body::Open(_)
        | Body::CgroupMkdir(_)
        | Body::CgroupAttachTask(_)
        | Body::CgroupRmdir(_) => false,
    };
    !tells_of_rights && event.kind().ring() == Ring::Critical && !is_io_uring(&event.header)
}
