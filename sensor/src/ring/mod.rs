//! Reading both rings in an order in which no event is judged before what led to it.
//!
//! A record becomes visible after everything that its task did before it, so once an open is in sight, every
//! fork, exec and cgroup event that it depends on is in sight too. All of those are taken first. Later ones
//! that come along do no harm: processes keep their images by time.

use crate::sys::rings::Rings;

/// Most records taken before the engine looks at its other duties.
pub const BATCH: usize = 4096;

/// Hands every readable record to `take`, up to about a batch; gives their number.
pub fn drain(rings: &mut Rings, mut take: impl FnMut(&[u8])) -> usize {
    let (critical, bulk) = rings.both();
    let mut taken = 0;
    while taken < BATCH {
        let open = bulk.next();
        while let Some(record) = critical.next() {
            take(&record);
            taken += 1;
        }
        let Some(record) = open else { break };
        take(&record);
        taken += 1;
    }
    taken
}
