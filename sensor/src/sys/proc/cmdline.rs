//! As much of a process's `cmdline` as an exec event would carry.

use sensor_common::event::process::{ARGV_HEAD, ARGV_TAIL};

use crate::decode::Argv;

/// Most bytes of arguments worth reading: the kernel's usual limit for them.
pub(super) const MAX_AREA: u64 = 2 << 20;

/// Head, tail and length of an area that was read whole.
pub(super) fn captured(area: &[u8]) -> Argv {
    let ended = area.strip_suffix(&[0]).unwrap_or(area);
    let argc = if area.is_empty() { 0 } else { ended.split(|byte| *byte == 0).count() };
    let (head, rest) = area.split_at_checked(ARGV_HEAD).unwrap_or((area, &[]));
    let tail = rest.get(rest.len().saturating_sub(ARGV_TAIL)..).unwrap_or_default();
    let bounded = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    Argv::new(head, tail, bounded(area.len()), bounded(argc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_is_kept_as_an_event_carries() {
        let argv = captured(b"sh\0-c\0\0");
        assert_eq!((argv.argc(), argv.args().count(), argv.is_truncated()), (3, 3, false));
        assert_eq!(captured(b"").argc(), 0);
        assert_eq!(captured(b"a title without end").argc(), 1);
        let long = captured(&[b'a'; 10_000]);
        assert_eq!((long.head().len(), long.tail().len(), long.total_len()), (4096, 1024, 10_000));
        let between = captured(&[b'a'; 4_500]);
        assert_eq!((between.captured_len(), between.is_truncated()), (4_500, false));
    }
}
