//! The environment of a program: exact as far as it was captured, with what is missing accounted for.

use std::fmt;

/// The start of an environment area, `NAME=value` ended by NUL.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Environment {
    bytes: Box<[u8]>,
    /// Length of the whole area, in bytes.
    total: u32,
}

impl Environment {
    /// `bytes` from the start of an area of `total` bytes.
    pub fn new(bytes: impl Into<Box<[u8]>>, total: u32) -> Self {
        Self { bytes: bytes.into(), total }
    }

    /// Whether nothing was captured: it was not asked for, or there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether a part of the area was not captured.
    pub fn is_truncated(&self) -> bool {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX) < self.total
    }

    /// The captured variables in order; the last one of a truncated area may lack its end.
    pub fn variables(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.split(|byte| *byte == 0).filter(|variable| !variable.is_empty())
    }

    /// The value of the first variable of this name, as `getenv` finds it, if it was captured.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.variables().find_map(|variable| variable.strip_prefix(name)?.strip_prefix(b"="))
    }

    /// All captured variables, separated by blanks.
    pub fn joined(&self) -> Vec<u8> {
        self.variables().collect::<Vec<_>>().join(&b' ')
    }

    /// Memory that the captured bytes take.
    pub fn captured_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Values may be secrets: only how much there is of them is told.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} of {} bytes)", self.bytes.len(), self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_their_whole_name() {
        let env = Environment::new(*b"PATH=/bin\0LD_PRELOAD=/x.so\0LD=1\0PATH=/evil\0\0odd\0", 48);
        assert_eq!(env.get(b"LD"), Some(&b"1"[..]));
        assert_eq!(env.get(b"PATH"), Some(&b"/bin"[..]), "the first one counts");
        assert_eq!(env.get(b"odd"), None);
        assert_eq!(env.get(b""), None);
        assert_eq!(env.joined(), b"PATH=/bin LD_PRELOAD=/x.so LD=1 PATH=/evil odd");
        assert!(!env.is_truncated() && !env.is_empty());
    }

    #[test]
    fn what_is_missing_shows_and_values_do_not() {
        let env = Environment::new(*b"PASSWORD=hunter2", 5000);
        assert!(env.is_truncated());
        assert_eq!(format!("{env:?}"), "Environment(16 of 5000 bytes)");
        assert!(Environment::default().is_empty());
    }
}
