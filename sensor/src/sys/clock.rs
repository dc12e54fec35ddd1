//! The clocks.

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds since boot, suspension included: the clock of every event.
pub fn boottime() -> u64 {
    nanoseconds(clock_gettime(ClockId::Boottime))
}

/// What to add to an event's time to get nanoseconds since 1970.
pub fn boot_offset() -> u64 {
    nanoseconds(clock_gettime(ClockId::Realtime)).saturating_sub(boottime())
}

fn nanoseconds(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// The calendar time at which `CLOCK_BOOTTIME` showed `nanoseconds`, by what both clocks show now.
pub fn calendar(nanoseconds: u64) -> Timestamp {
    let ago = i128::from(boottime()) - i128::from(nanoseconds);
    let now = Timestamp::now();
    now.checked_sub(SignedDuration::from_nanos_i128(ago)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_times_keep_the_distance_of_boot_times() {
        let boot = boottime();
        let (early, late) = (calendar(boot), calendar(boot + 3_600_000_000_000));
        let apart = late.duration_since(early);
        assert!(
            apart > SignedDuration::from_secs(3500) && apart < SignedDuration::from_secs(3700),
            "{apart:?}"
        );
        assert!(calendar(u64::MAX) > late);
    }
}
