//! Whose accounts name the users of an event, and which file its program is.

use sensor_common::event::file::file_flags;

use super::Observation;
use crate::{
    decode::{Event, Exec},
    enrichment::{AccountsKey, Found},
    identity::Identity,
    process::{Process, ProcessKey, ProcessTable},
    sys::{
        accounts::{Account, Accounts, Place},
        executable::{Executable, FileVersion},
    },
};

/// Most processes through which a container's files are sought.
const MAX_PROCESSES: usize = 8;

/// Whose accounts are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The host's.
    Host,
    /// Those of the event's container.
    Container,
}

impl Observation<'_> {
    /// Whose accounts the event's ids are of; `None` where nobody can say.
    pub(super) fn place(&self) -> Option<Asked> {
        match self.identity {
            Identity::Host => Some(Asked::Host),
            Identity::Container(_) => Some(Asked::Container),
            Identity::Unknown => None,
        }
    }

    /// An account there.
    pub(super) fn account(
        &self,
        asked: Asked,
        of: impl FnOnce(&Accounts) -> Option<&Account>,
    ) -> Found<Option<Account>> {
        self.enrichment.account(self.key(asked), self.event.header.time, || self.files(asked), of)
    }

    /// The process's user id in its container; `None` on the host.
    pub(super) fn inner_uid(&self) -> Option<Found<Option<u32>>> {
        let asked = self.place().filter(|asked| *asked == Asked::Container)?;
        let header = &self.event.header;
        Some(self.enrichment.inner_uid(self.key(asked), header.time, || self.files(asked), header.uid))
    }

    /// The executable of a program that the process runs, and where to find it.
    pub(super) fn executable(&self, exec: &Exec) -> Executable {
        let mnt_ns = self.event.header.mnt_ns;
        Executable {
            version: version(exec),
            overlay: exec.facts.exe_flags & file_flags::OVERLAY != 0,
            process: ProcessKey::of(&self.event.header),
            path: exec.exe.as_bytes().into(),
            others: self.companions(),
            mnt_ns,
            on_host: mnt_ns == self.host.mnt_ns,
        }
    }

    fn key(&self, asked: Asked) -> AccountsKey {
        match asked {
            Asked::Host => AccountsKey::Host,
            Asked::Container => accounts_key(self.event, self.exec()),
        }
    }

    fn files(&self, asked: Asked) -> Place {
        match asked {
            Asked::Host => Place::Host,
            Asked::Container => Place::Container {
                processes: std::iter::once(ProcessKey::of(&self.event.header))
                    .chain(self.companions())
                    .collect(),
                mnt_ns: self.event.header.mnt_ns,
                user_ns: self.exec().map_or(0, |exec| exec.facts.user_ns),
            },
        }
    }

    /// Other processes that see the same files: ancestors first.
    fn companions(&self) -> Vec<ProcessKey> {
        let mnt_ns = self.event.header.mnt_ns;
        let line = self.table.ancestors(ProcessKey::of(&self.event.header));
        let same = line.filter(|process| process.image().is_some_and(|image| image.mnt_ns == mnt_ns));
        same.map(Process::key).chain(self.table.companions(mnt_ns)).take(MAX_PROCESSES).collect()
    }
}

/// Which file a program is.
pub(super) fn version(exec: &Exec) -> FileVersion {
    let facts = &exec.facts;
    FileVersion {
        dev: facts.exe_dev,
        ino: facts.exe_ino,
        mtime: facts.exe_mtime,
        ctime: facts.exe_ctime,
        size: facts.exe_size,
    }
}

fn accounts_key(event: &Event, exec: Option<&Exec>) -> AccountsKey {
    AccountsKey::Container {
        cgroup: event.header.cgroup,
        mnt_ns: event.header.mnt_ns,
        user_ns: exec.map_or(0, |exec| exec.facts.user_ns),
    }
}

/// What an event may be waiting for: accounts, and an executable with its path.
pub fn waits_for<'t>(
    event: &Event,
    table: &'t ProcessTable,
) -> (AccountsKey, Option<(FileVersion, &'t [u8])>) {
    let process = table.get(ProcessKey::of(&event.header));
    let exec = process.and_then(|process| process.image_at(event.header.time)).map(|image| &*image.exec);
    (accounts_key(event, exec), exec.map(|exec| (version(exec), exec.exe.as_bytes())))
}
