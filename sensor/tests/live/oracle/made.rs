//! A call in the form in which two witnesses' accounts are compared.

use std::{collections::BTreeMap, fmt};

/// A call that was made, by one account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    pub(super) tid: u32,
    pub(super) call: String,
    pub(super) result: Outcome,
    pub(super) facts: BTreeMap<&'static str, Fact>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// What the kernel returned, an error negated.
    Returned(i64),
    /// It succeeded; what it returned is not known to one of the accounts.
    Succeeded,
    /// Not known to one of the accounts.
    Untold,
}

/// A value that both accounts must give.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    Bytes(Vec<u8>),
    Number(i64),
}

impl Made {
    pub(super) fn new(tid: u32, call: &str, result: Outcome) -> Self {
        Self { tid, call: call.to_owned(), result, facts: BTreeMap::new() }
    }

    /// The same with a fact more, where it is known.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, fact: Option<Fact>) -> Self {
        self.facts.extend(fact.map(|fact| (name, fact)));
        self
    }

    /// Whether it is one of the calls that open files.
    pub(super) fn is_open(&self) -> bool {
        ["open", "openat", "openat2", "creat"].contains(&&*self.call)
    }

    /// The error, 0 where there is none or none is known.
    pub(super) fn error(&self) -> i64 {
        match self.result {
            Outcome::Returned(value) => -value.min(0),
            Outcome::Succeeded | Outcome::Untold => 0,
        }
    }

    /// Whether the other account can be of the same call, whatever its result.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.tid == other.tid && self.call == other.call && self.facts == other.facts
    }
}

impl Fact {
    pub(super) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?} {:?}", self.tid, self.call, self.result, self.facts)
    }
}

/// The absolute form of a name without `.` and `..`, links not followed; `None` where the directory is not known.
pub(super) fn absolute(directory: Option<&[u8]>, name: &[u8]) -> Option<Vec<u8>> {
    if name.is_empty() {
        return None;
    }
    let start = if name.starts_with(b"/") { b"" } else { directory? };
    let mut parts: Vec<&[u8]> = Vec::new();
    let joined = [start, name].join(&b'/');
    for part in joined.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some([b"/", &parts.join(&b'/')[..]].concat())
}

#[test]
fn names_are_made_absolute() {
    /// Directory, name, path.
    type Case = (Option<&'static [u8]>, &'static [u8], Option<&'static [u8]>);
    let cases: [Case; 6] = [
        (Some(b"/t"), b"a", Some(b"/t/a")),
        (Some(b"/"), b"./a/", Some(b"/a")),
        (Some(b"/t/u"), b"../../../a//b", Some(b"/a/b")),
        (None, b"/a", Some(b"/a")),
        (None, b"a", None),
        (Some(b"/t"), b"", None),
    ];
    for (directory, name, path) in cases {
        assert_eq!(absolute(directory, name).as_deref(), path);
    }
}
