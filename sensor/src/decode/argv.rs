//! The arguments of a program, exact: as bytes, with what is missing of a long argument area accounted for.

use std::fmt;

/// The argument area of an exec: all of it, or its head and its tail with a gap between.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Argv {
    /// Head and tail, one behind the other.
    bytes: Box<[u8]>,
    /// Length of the head, in bytes.
    head_len: u32,
    /// Length of the whole area, in bytes.
    total: u32,
    /// Number of arguments as the kernel counted them.
    argc: u32,
}

impl Argv {
    /// Puts the area together: `head` from its start, `tail` from its end (empty if `head` is all), `total` its
    /// exact length and `argc` its exact number of arguments. Where head and tail overlap the area is whole.
    pub fn new(head: &[u8], tail: &[u8], total: u32, argc: u32) -> Self {
        let kept = u32::try_from(head.len().saturating_add(tail.len())).unwrap_or(u32::MAX);
        let overlap = usize::try_from(kept.saturating_sub(total)).unwrap_or(usize::MAX);
        let tail = tail.get(overlap..).unwrap_or_default();
        let mut area = Self { bytes: [head, tail].concat().into(), head_len: 0, total, argc };
        area.total = total.max(area.kept());
        let head_len = u32::try_from(head.len()).unwrap_or(u32::MAX);
        area.head_len = if area.is_truncated() { head_len } else { area.kept() };
        area
    }

    /// Number of arguments as the kernel counted them, whatever was captured.
    pub fn argc(&self) -> u32 {
        self.argc
    }

    /// Exact length of the area, in bytes, NULs included, whatever was captured.
    pub fn total_len(&self) -> u32 {
        self.total
    }

    /// Whether a part of the area was not captured.
    pub fn is_truncated(&self) -> bool {
        self.kept() < self.total
    }

    /// Captured bytes from the start of the area, arguments ended by NUL.
    pub fn head(&self) -> &[u8] {
        self.split().0
    }

    /// Captured bytes from the end of the area; empty unless it is truncated.
    pub fn tail(&self) -> &[u8] {
        self.split().1
    }

    /// The captured arguments in order. Of a truncated area the last one before the gap may lack its end, and
    /// the first one behind the gap may lack its start.
    pub fn args(&self) -> impl Iterator<Item = &[u8]> + Clone {
        pieces(self.head()).chain(pieces(self.tail()))
    }

    /// The argument with this index (0 is the name), or `None` where there is none or it was not captured whole.
    pub fn arg(&self, index: u32) -> Option<&[u8]> {
        let nth = usize::try_from(index).ok()?;
        if !self.is_truncated() {
            return pieces(self.head()).nth(nth);
        }
        let head = self.head();
        let whole = head.split(|byte| *byte == 0).count().saturating_sub(1);
        if nth < whole {
            return pieces(head).nth(nth);
        }
        let from_end = usize::try_from(self.argc.checked_sub(index)?.checked_sub(1)?).ok()?;
        let tail = self.tail();
        let behind_gap = pieces(tail).count();
        let nth_in_tail = behind_gap.checked_sub(1)?.checked_sub(from_end)?;
        // The first piece behind the gap may be the end of a longer argument.
        (nth_in_tail > 0).then(|| pieces(tail).nth(nth_in_tail)).flatten()
    }

    /// Only the first `most` bytes of the area, the rest accounted for as not captured.
    #[must_use]
    pub fn shortened(&self, most: usize) -> Self {
        let head = self.head();
        Self::new(head.get(..most).unwrap_or(head), &[], self.total, self.argc)
    }

    /// Memory that the captured bytes take.
    pub fn captured_len(&self) -> usize {
        self.bytes.len()
    }

    fn kept(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    fn split(&self) -> (&[u8], &[u8]) {
        let at = usize::try_from(self.head_len).unwrap_or(usize::MAX);
        self.bytes.split_at_checked(at).unwrap_or((&self.bytes, &[]))
    }
}

/// Arguments of an area or of a part of one; the NUL that ends the last one begins no further argument.
fn pieces(area: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let ended = area.strip_suffix(&[0]).unwrap_or(area);
    let any = if area.is_empty() { None } else { Some(ended) };
    any.into_iter().flat_map(|area| area.split(|byte| *byte == 0))
}

impl fmt::Debug for Argv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args = self.args().map(|arg| arg.escape_ascii().to_string());
        f.debug_list().entries(args).finish()?;
        write!(f, " ({} arguments, {} bytes)", self.argc, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(argv: &Argv) -> Vec<&[u8]> {
        argv.args().collect()
    }

    #[test]
    fn arguments_are_exact() {
        let argv = Argv::new(b"sh\0-c\0\0a\nb\x1b\xff\0", &[], 12, 4);
        assert_eq!(args(&argv), [&b"sh"[..], b"-c", b"", b"a\nb\x1b\xff"]);
        assert!(!argv.is_truncated());
        assert_eq!(argv.arg(2), Some(&b""[..]));
        assert_eq!(argv.arg(3), Some(&b"a\nb\x1b\xff"[..]));
        assert_eq!(argv.arg(4), None);
    }

    #[test]
    fn no_arguments_differ_from_one_empty_argument() {
        assert_eq!(args(&Argv::new(&[], &[], 0, 0)), Vec::<&[u8]>::new());
        assert_eq!(args(&Argv::new(b"\0", &[], 1, 1)), [b""]);
        assert_eq!(args(&Argv::new(b"a\0\0", &[], 3, 2)), [&b"a"[..], b""]);
    }

    #[test]
    fn a_gap_is_accounted_for() {
        let argv = Argv::new(b"sh\0-c\0long", b"end\0last\0", 1000, 9);
        assert!(argv.is_truncated());
        assert_eq!((argv.head(), argv.tail()), (&b"sh\0-c\0long"[..], &b"end\0last\0"[..]));
        assert_eq!(args(&argv), [&b"sh"[..], b"-c", b"long", b"end", b"last"]);
        assert_eq!((argv.total_len(), argv.argc()), (1000, 9));
    }

    #[test]
    fn only_whole_arguments_have_an_index_beside_a_gap() {
        let argv = Argv::new(b"sh\0-c\0long", b"end\0last\0", 1000, 9);
        assert_eq!(argv.arg(1), Some(&b"-c"[..]));
        assert_eq!(argv.arg(2), None, "its end is missing");
        assert_eq!(argv.arg(7), None, "its start is missing");
        assert_eq!(argv.arg(8), Some(&b"last"[..]));
        assert_eq!(argv.arg(9), None);
        assert_eq!(argv.arg(u32::MAX), None);
    }

    #[test]
    fn head_and_tail_that_meet_or_overlap_are_the_whole_area() {
        for tail in [&b"ef\0"[..], b"cd\0ef\0"] {
            let argv = Argv::new(b"ab\0cd\0", tail, 9, 3);
            assert!(!argv.is_truncated());
            assert_eq!(args(&argv), [b"ab", b"cd", b"ef"]);
            assert_eq!(argv.arg(2), Some(&b"ef"[..]));
        }
    }

    #[test]
    fn contradictory_lengths_lose_nothing_that_was_sent() {
        let argv = Argv::new(b"ab\0cd\0", b"x\0", 2, 1);
        assert_eq!(args(&argv), [b"ab", b"cd"]);
        assert_eq!(argv.total_len(), 6);
    }

    #[test]
    fn an_area_that_could_not_be_read_is_truncated() {
        let argv = Argv::new(&[], &[], 40, 3);
        assert!(argv.is_truncated());
        assert_eq!(argv.arg(0), None);
    }

    #[test]
    fn shortening_keeps_the_counts() {
        let argv = Argv::new(b"sh\0-c\0echo\0", &[], 11, 3).shortened(4);
        assert_eq!(args(&argv), [&b"sh"[..], b"-"]);
        assert!(argv.is_truncated());
        assert_eq!((argv.total_len(), argv.argc(), argv.captured_len()), (11, 3, 4));
    }
}
