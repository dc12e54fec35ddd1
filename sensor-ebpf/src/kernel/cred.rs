//! `struct cred`: who a task is and what it may do.

use aya_ebpf::{macros::map, maps::LruHashMap};
use sensor_common::event::credential::Credentials;

use super::{Ptr, Read, globals::offset, task::Task};

/// Calls under way whose beginning is remembered. They do not wait for anything, so hardly more are than there are CPUs.
const CALLS: u32 = 1024;

/// Credentials at the beginning of a call, by thread.
#[map]
static BEFORE: LruHashMap<u32, Credentials> = LruHashMap::with_max_entries(CALLS, 0);

/// Credentials.
#[derive(Clone, Copy)]
pub(crate) struct Cred(Ptr);

impl From<Ptr> for Cred {
    #[inline(always)]
    fn from(cred: Ptr) -> Self {
        Self(cred)
    }
}

impl Cred {
    /// All of it.
    #[inline(always)]
    pub(crate) fn all(self) -> Credentials {
        let id = |offset| self.0.read::<u32>(offset).value;
        let capabilities = |offset| self.0.read::<u64>(offset).value;
        Credentials {
            uid: id(offset!(cred_uid)),
            gid: id(offset!(cred_gid)),
            suid: id(offset!(cred_suid)),
            sgid: id(offset!(cred_sgid)),
            euid: id(offset!(cred_euid)),
            egid: id(offset!(cred_egid)),
            fsuid: id(offset!(cred_fsuid)),
            fsgid: id(offset!(cred_fsgid)),
            cap_inheritable: capabilities(offset!(cred_cap_inheritable)),
            cap_permitted: capabilities(offset!(cred_cap_permitted)),
            cap_effective: capabilities(offset!(cred_cap_effective)),
        }
    }

    /// Inode number of the user namespace in which it holds.
    #[inline(always)]
    pub(crate) fn user_ns(self) -> Read<u32> {
        self.0.follow(offset!(cred_user_ns)).read(offset!(user_ns_inum))
    }
}

/// Remembers who the current thread is at the beginning of a call that may change that.
#[inline(always)]
#[expect(
    clippy::let_underscore_must_use,
    reason = "what is not remembered is not known later, which is said then"
)]
pub(crate) fn remember() -> u32 {
    let task = Task::current();
    let (thread, cred) = (task.pid().value, task.real_cred());
    // A map that is full forgets the oldest; then `recall` says that nothing is known.
    let _ = BEFORE.insert(thread, cred.value.all(), 0);
    0
}

/// Who the current thread was at the beginning of the call that ends, if that was seen.
#[inline(always)]
#[expect(clippy::let_underscore_must_use, reason = "there may be nothing to remove")]
pub(crate) fn recall() -> Option<Credentials> {
    let thread = Task::current().pid().value;
    // SAFETY: only this thread writes under its own number, and it is here; the value is copied at once.
    let before = unsafe { BEFORE.get(thread) }.copied();
    let _ = BEFORE.remove(thread);
    before
}

/// Who the current thread is now.
#[inline(always)]
pub(crate) fn current() -> Credentials {
    Task::current().real_cred().value.all()
}
