//! What the kernel does not say: names of users and groups, digests of executables, the packages they came with.
//!
//! Asked for only when a rule or an output wants it, looked up on threads beside the engine, remembered within bounds.
//! Until the answer is there a value is pending, and the event waits for it a bounded time as for a container
//! runtime. Files of containers are read through their own roots, out of which nothing leads.

mod counters;
mod desk;
mod executables;
mod lookups;

use std::{cell::RefCell, num::NonZeroUsize, sync::Arc, time::Duration};

pub use desk::Wake;
pub use executables::{Owner, Sha256};
pub use lookups::Found;

use crate::sys::{
    accounts::{Account, Accounts, Place},
    executable::{Executable, FileVersion},
};

use executables::{Digests, Owners};
use lookups::{Lookups, Question};

/// Most places whose accounts are remembered.
const MAX_PLACES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
/// How long reading accounts may take.
const ACCOUNTS_PATIENCE: Duration = Duration::from_secs(2);
/// How old accounts may be before they are read again when they are used, nanoseconds.
const ACCOUNTS_AGE: u64 = 10_000_000_000;
/// How soon they are read again for somebody who is not among them.
const STRANGER_AGE: u64 = 1_000_000_000;

/// Which accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountsKey {
    /// The host's.
    Host,
    /// Those of a container: its cgroup is never used again, and a namespace has one root.
    Container {
        /// Id of the cgroup.
        cgroup: u64,
        /// Inode number of the mount namespace.
        mnt_ns: u32,
        /// Inode number of the user namespace.
        user_ns: u32,
    },
}

/// Everything that is looked up beside the engine.
#[derive(Debug)]
pub struct Enrichment {
    accounts: RefCell<Lookups<AccountsKey, Place, Arc<Accounts>>>,
    digests: RefCell<Digests>,
    owners: RefCell<Owners>,
}

impl Enrichment {
    /// Knows the host's accounts; `wake` is called when there are answers.
    pub fn new(wake: &Wake) -> Self {
        let work = |question: &Question<_, Place>| Accounts::read(&question.place).map(Arc::new);
        let mut accounts =
            Lookups::new("vigie-accounts", MAX_PLACES, ACCOUNTS_PATIENCE, work, Arc::clone(wake));
        // A host without a passwd file is asked for it again when a name is wanted.
        if let Ok(host) = Accounts::read(&Place::Host) {
            accounts.learn(AccountsKey::Host, Arc::new(host));
        }
        Self {
            accounts: RefCell::new(accounts),
            digests: RefCell::new(executables::digests(Arc::clone(wake))),
            owners: RefCell::new(executables::owners(Arc::clone(wake))),
        }
    }

    /// The account that `of` finds among those of `key`, which `place` tells how to read. Whoever is not among them may
    /// have been added since, so they are read again for him.
    pub fn account(
        &self,
        key: AccountsKey,
        now: u64,
        place: impl Fn() -> Place,
        of: impl FnOnce(&Accounts) -> Option<&Account>,
    ) -> Found<Option<Account>> {
        let mut accounts = self.accounts.borrow_mut();
        let known = match accounts.find(&key, now, &place) {
            Found::Known(known) => known,
            Found::Pending => return Found::Pending,
            Found::Refused(refusal) => return Found::Refused(refusal),
        };
        let account = of(&known).cloned();
        let age = if account.is_some() { ACCOUNTS_AGE } else { STRANGER_AGE };
        let renewed = accounts.renew(&key, now, age, &place);
        if account.is_none() && renewed { Found::Pending } else { Found::Known(account) }
    }

    /// The user id that one of the kernel's is in the place of `key`.
    pub fn inner_uid(
        &self,
        key: AccountsKey,
        now: u64,
        place: impl Fn() -> Place,
        uid: u32,
    ) -> Found<Option<u32>> {
        match self.accounts.borrow_mut().find(&key, now, place) {
            Found::Known(accounts) => Found::Known(accounts.inner_uid(uid)),
            Found::Pending => Found::Pending,
            Found::Refused(refusal) => Found::Refused(refusal),
        }
    }

    /// The SHA-256 of an executable.
    pub fn sha256(
        &self,
        version: FileVersion,
        now: u64,
        executable: impl FnOnce() -> Executable,
    ) -> Found<Sha256> {
        self.digests.borrow_mut().find(&version, now, executable)
    }

    /// The package that an executable came with, if any.
    pub fn owner(
        &self,
        version: FileVersion,
        path: &[u8],
        now: u64,
        executable: impl FnOnce() -> Executable,
    ) -> Found<Option<Arc<Owner>>> {
        self.owners.borrow_mut().find(&(version, path.into()), now, executable)
    }

    /// Takes the answers that have come; says whether there were any.
    pub fn take_answers(&self) -> bool {
        let accounts = self.accounts.borrow_mut().take();
        let digests = self.digests.borrow_mut().take();
        let owners = self.owners.borrow_mut().take();
        accounts || digests || owners
    }

    /// Whether something that was asked about these is still to come.
    pub fn is_waiting(&self, accounts: AccountsKey, executable: Option<(FileVersion, &[u8])>) -> bool {
        let waits_for = |accounts| self.accounts.borrow().is_waiting(&accounts);
        waits_for(AccountsKey::Host)
            || waits_for(accounts)
            || executable.is_some_and(|(version, path)| {
                self.digests.borrow().is_waiting(&version)
                    || self.owners.borrow().is_waiting(&(version, path.into()))
            })
    }

    /// Counters by kind of look-up, with their names.
    pub fn counters(&self) -> [(&'static str, Vec<(&'static str, u64)>); 3] {
        [
            ("accounts", self.accounts.borrow().counters.rows().collect()),
            ("digests", self.digests.borrow().counters.rows().collect()),
            ("packages", self.owners.borrow().counters.rows().collect()),
        ]
    }
}
