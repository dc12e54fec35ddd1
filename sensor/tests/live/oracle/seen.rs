//! What Vigie saw, call by call.

use serde_json::Value;

use super::made::{Fact, Made, Outcome};
use crate::support::{Event, Tier};

/// Bits of open flags by name, as `fcntl.h` of x86-64 has them.
pub(super) const OPEN_FLAGS: [(&str, i64); 16] = [
    ("O_WRONLY", 1),
    ("O_RDWR", 2),
    ("O_CREAT", 0o100),
    ("O_EXCL", 0o200),
    ("O_NOCTTY", 0o400),
    ("O_TRUNC", 0o1000),
    ("O_APPEND", 0o2000),
    ("O_NONBLOCK", 0o4000),
    ("O_DSYNC", 0o10_000),
    ("O_ASYNC", 0o20_000),
    ("O_DIRECT", 0o40_000),
    ("O_DIRECTORY", 0o200_000),
    ("O_NOFOLLOW", 0o400_000),
    ("O_NOATIME", 0o1_000_000),
    ("O_CLOEXEC", 0o2_000_000),
    ("O_PATH", 0o10_000_000),
];
/// The bit of `O_TMPFILE` that is its own.
pub(super) const TMPFILE: (&str, i64) = ("O_TMPFILE", 0o20_000_000);

/// The call that an event is about, if it is one to be compared.
pub(super) fn seen(event: &Event, tier: Tier) -> Option<Made> {
    let see = Seer { event, tier };
    Some(match event.text("evt.type") {
        "execve" | "execveat" => see.plain().with("filename", see.bytes("evt.arg.filename")),
        "open" | "openat" | "openat2" | "creat" => see.open(),
        "unlink" | "rmdir" => see.named("evt.arg.path"),
        "unlinkat" => see.named("evt.arg.name").with("flags", see.number("evt.arg.flags")),
        "mkdir" | "mkdirat" => see.named("evt.arg.path").with("mode", see.number("evt.arg.mode")),
        "chmod" | "fchmodat" => see.named("evt.arg.filename").with("mode", see.number("evt.arg.mode")),
        "fchmod" => {
            let made = see.plain().with("fd", see.number("evt.arg.fd"));
            made.with("path", see.bytes("fs.path.name")).with("mode", see.number("evt.arg.mode"))
        }
        "rename" | "renameat" | "renameat2" => see.renamed(),
        "connect" | "bind" => {
            see.plain().with("fd", see.number("evt.arg.fd")).with("address", see.bytes("evt.arg.addr"))
        }
        "kill" | "tkill" | "tgkill" => {
            let made = see.plain().with("pid", see.number("evt.arg.pid"));
            made.with("tid", see.number("evt.arg.tid")).with("sig", see.number("evt.arg.sig"))
        }
        _ => return None,
    })
}

/// An event, and how it was obtained.
#[derive(Clone, Copy)]
struct Seer<'a> {
    event: &'a Event,
    tier: Tier,
}

impl Seer<'_> {
    fn plain(self) -> Made {
        let tid = u32::try_from(self.event.number("thread.tid")).unwrap();
        Made::new(tid, self.event.text("evt.type"), self.result())
    }

    fn result(self) -> Outcome {
        match self.event.get("evt.rawres").as_i64() {
            Some(value) => Outcome::Returned(value),
            None if self.tier == Tier::Lsm && self.event.get("evt.failed") == false => Outcome::Succeeded,
            None => panic!("no result in {}", self.event),
        }
    }

    fn open(self) -> Made {
        let made = self.plain().with("name", self.bytes("fd.nameraw")).with("flags", Some(self.open_flags()));
        if self.event.get("evt.failed") == true {
            return made;
        }
        let deleted = Fact::Number(i64::from(self.event.get("vigie.fd.deleted") == true));
        made.with("path", self.bytes("fd.name")).with("deleted", Some(deleted))
    }

    fn open_flags(self) -> Fact {
        let names = self.event.text("evt.arg.flags").split('|').filter(|name| *name != "O_RDONLY");
        let bits = names.map(|name| {
            let known = OPEN_FLAGS.iter().chain([&TMPFILE]).find(|(known, _)| *known == name);
            known.unwrap_or_else(|| panic!("an unknown flag {name} in {}", self.event)).1
        });
        Fact::Number(bits.fold(0, std::ops::BitOr::bitor))
    }

    fn named(self, path: &str) -> Made {
        self.plain().with("name", self.bytes("fs.path.nameraw")).with("path", self.bytes(path))
    }

    fn renamed(self) -> Made {
        let made = self.plain().with("old name", self.bytes("fs.path.sourceraw"));
        let made = made.with("new name", self.bytes("fs.path.targetraw"));
        made.with("old path", self.bytes("evt.arg.oldpath")).with("new path", self.bytes("evt.arg.newpath"))
    }

    fn bytes(self, field: &str) -> Option<Fact> {
        let is_there = self.event.get(field) != &Value::Null;
        is_there.then(|| Fact::Bytes(self.event.bytes(field)))
    }

    fn number(self, field: &str) -> Option<Fact> {
        self.event.get(field).as_i64().map(Fact::Number)
    }
}
