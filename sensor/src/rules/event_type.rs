//! The event types that exist, and sets of them.

use std::fmt;

/// The type of an event; what the field `evt.type` says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(u8);

/// Every event type that the kernel programs report, by index.
const NAMES: [&str; 15] = [
    "execve",
    "execveat",
    "fork",
    "vfork",
    "clone",
    "clone3",
    "procexit",
    "open",
    "openat",
    "openat2",
    "creat",
    "open_by_handle_at",
    "cgroup_mkdir",
    "cgroup_attach_task",
    "cgroup_rmdir",
];

impl EventType {
    /// Every event type.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).zip(NAMES).map(|(index, _)| Self(index))
    }

    /// The event type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|event| event.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES.get(self.index()).copied().unwrap_or_default()
    }

    /// Its place in tables by event type; less than [`EventType::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Number of event types.
    pub const COUNT: usize = NAMES.len();
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of event types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EventTypes(u64);

impl EventTypes {
    /// No event.
    pub const NONE: Self = Self(0);
    /// Every event.
    pub const ALL: Self = Self((1 << EventType::COUNT) - 1);

    /// The types for which `belongs` holds.
    pub fn which(mut belongs: impl FnMut(EventType) -> bool) -> Self {
        Self(EventType::all().filter(|event| belongs(*event)).fold(0, |set, event| set | 1 << event.0))
    }

    /// Whether `event` is in the set.
    pub fn contains(self, event: EventType) -> bool {
        self.0 & (1 << event.0) != 0
    }

    /// The types in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The types in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The types that are not in the set.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    /// The types in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = EventType> {
        EventType::all().filter(move |event| self.contains(*event))
    }
}

impl fmt::Debug for EventTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The name of the event type nearest to a misspelt one.
pub(crate) fn nearest_name(name: &str) -> Option<&'static str> {
    super::field::nearest(name, NAMES.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for event in EventType::all() {
            assert_eq!(EventType::from_name(event.name()), Some(event));
        }
        assert_eq!(EventType::all().count(), EventType::COUNT);
        assert_eq!(EventType::from_name("connect"), None);
        assert_eq!(nearest_name("exceve"), Some("execve"));
    }

    #[test]
    fn sets_follow_set_algebra() {
        let opens = EventTypes::which(|event| event.name().starts_with("open"));
        assert_eq!(opens.iter().count(), 4);
        assert_eq!(opens.and(opens.complement()), EventTypes::NONE);
        assert_eq!(opens.or(opens.complement()), EventTypes::ALL);
        assert_eq!(format!("{:?}", opens.and(EventTypes::which(|e| e.name() == "openat"))), "{openat}");
    }
}
