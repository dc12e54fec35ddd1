//! The name a runtime gives a container, as it stands in a cgroup path.

use std::fmt;

/// Length of the ids that Docker, containerd, CRI-O and podman make: 32 random bytes in lower-case hex.
pub const HEX_LEN: usize = 64;
/// Length of the short form that Falco and the runtimes' own listings show.
const SHORT_LEN: usize = 12;

/// A container's id: 64 lower-case hex digits, or for runtimes without such ids the container's name, whose
/// bytes are as hostile as any file name (at most 255 of them, no `/`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(Box<[u8]>);

impl ContainerId {
    /// The id made of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The whole id (`container.full_id`).
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The short form (`container.id`): the first 12 digits of a hex id, a name as it is.
    pub fn short(&self) -> &[u8] {
        if self.hex().is_some() { self.0.get(..SHORT_LEN).unwrap_or(&self.0) } else { &self.0 }
    }

    /// The id as text, if it is 64 hex digits: the only ids that may become part of a request.
    pub fn hex(&self) -> Option<&str> {
        if is_hex_id(&self.0) { std::str::from_utf8(&self.0).ok() } else { None }
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// Whether `bytes` are exactly 64 lower-case hex digits.
pub fn is_hex_id(bytes: &[u8]) -> bool {
    bytes.len() == HEX_LEN && bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hex_ids_are_shortened_and_may_be_asked_for() {
        let hex = ContainerId::new(&[b'a'; 64]);
        assert_eq!(hex.short(), b"aaaaaaaaaaaa");
        assert_eq!(hex.hex().map(str::len), Some(64));
        let name = ContainerId::new(b"a-name-longer-than-twelve\n");
        assert_eq!(name.short(), b"a-name-longer-than-twelve\n");
        assert_eq!(name.hex(), None);
        assert_eq!(format!("{name:?}"), "a-name-longer-than-twelve\\n");
        assert!(!is_hex_id(&[b'A'; 64]), "runtimes write lower case");
        assert!(!is_hex_id(&[b'a'; 63]));
    }
}
