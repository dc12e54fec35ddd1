//! Reading both rings in an order in which no event is judged before what led to it.
//!
//! A record becomes visible after everything that its task did before it, so once an open is in sight, every
//! fork, exec and cgroup event that it depends on is in sight too. All of those are taken first. Later ones
//! that come along do no harm: processes keep their images by time.

use crate::sys::rings::Rings;

/// Most records taken before the engine looks at its other duties.
pub const BATCH: usize = 4096;

/// What a record takes in a ring beside its own bytes.
const RECORD_HEADER: usize = 8;

/// Hands every readable record to `take`, up to about a batch; gives their number.
///
/// It comes back however fast records arrive: before an open, only as much is taken as the ring can hold, because
/// whatever was in sight with the open was in the ring.
pub fn drain(rings: &mut Rings, mut take: impl FnMut(&[u8])) -> usize {
    let in_sight = rings.critical_bytes();
    let (critical, bulk) = rings.both();
    let mut taken = 0;
    while taken < BATCH {
        let open = bulk.next();
        let mut left = in_sight;
        while (open.is_some() && left > 0) || taken < BATCH {
            let Some(record) = critical.next() else { break };
            left = left.saturating_sub(size_in_ring(record.len()));
            take(&record);
            taken += 1;
        }
        let Some(record) = open else { break };
        take(&record);
        taken += 1;
    }
    taken
}

/// Bytes that a record of this length takes in a ring.
fn size_in_ring(len: usize) -> usize {
    len.next_multiple_of(8).saturating_add(RECORD_HEADER)
}
