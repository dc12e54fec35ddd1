//! What Vigie saw, call by call.

use serde_json::Value;

use super::{
    made::{Fact, Made, Outcome},
    words::{MODE, Names, OPEN_FLAGS, SIGNALS, UNLINK_FLAGS},
};
use crate::support::{Event, Tier};

/// The call that an event is about, if it is one to be compared.
pub(super) fn seen(event: &Event, tier: Tier) -> Option<Made> {
    let see = Seer { event, tier };
    Some(match event.text("evt.type") {
        "execve" | "execveat" => see.plain().with("filename", see.bytes("evt.arg.filename")),
        "open" | "openat" | "openat2" | "creat" => see.open(),
        "unlink" | "rmdir" => see.named("evt.arg.path"),
        "unlinkat" => see.named("evt.arg.name").with("flags", see.words("evt.arg.flags", UNLINK_FLAGS)),
        "mkdir" | "mkdirat" => see.named("evt.arg.path").with("mode", see.number("evt.arg.mode")),
        "chmod" | "fchmodat" => see.named("evt.arg.filename").with("mode", see.words("evt.arg.mode", MODE)),
        "fchmod" => {
            let made = see.plain().with("fd", see.number("evt.arg.fd"));
            made.with("path", see.bytes("fs.path.name")).with("mode", see.words("evt.arg.mode", MODE))
        }
        "rename" | "renameat" | "renameat2" => see.renamed(),
        "connect" | "bind" => {
            see.plain().with("fd", see.number("evt.arg.fd")).with("address", see.bytes("evt.arg.addr"))
        }
        "kill" | "tkill" | "tgkill" => {
            let made = see.plain().with("pid", see.number("evt.arg.pid"));
            made.with("tid", see.number("evt.arg.tid")).with("sig", see.words("evt.arg.sig", SIGNALS))
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
        let made = self
            .plain()
            .with("name", self.bytes("fd.nameraw"))
            .with("flags", self.words("evt.arg.flags", OPEN_FLAGS));
        if self.event.get("evt.failed") == true {
            return made;
        }
        let deleted = Fact::Number(i64::from(self.event.get("vigie.fd.deleted") == true));
        made.with("path", self.bytes("fd.name")).with("deleted", Some(deleted))
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

    /// A field that is a number in words: names of bits with `|` between, or of a single value, or digits.
    fn words(self, field: &str, names: Names) -> Option<Fact> {
        let text = self.event.get(field).as_str()?;
        let number = |word: &str| {
            let known = names.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
            let number = known.or_else(|| word.parse().ok());
            number.unwrap_or_else(|| panic!("{field} has the unknown word {word} in {}", self.event))
        };
        Some(Fact::Number(text.split('|').map(number).fold(0, std::ops::BitOr::bitor)))
    }

    fn number(self, field: &str) -> Option<Fact> {
        self.event.get(field).as_i64().map(Fact::Number)
    }
}
