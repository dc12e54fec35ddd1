//! What strace tells, call by call.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    directories::{Directories, WORKING_DIRECTORY},
    made::{Fact, Made, Outcome, absolute},
    strace::{self, Account, Call, Value},
};

/// What `creat` asks for: `O_CREAT | O_WRONLY | O_TRUNC`.
const CREAT: i64 = 0o1101;

/// The calls that are compared, of a workload that began in `directory`.
pub(super) fn told(account: &Account, directory: &[u8]) -> Vec<Made> {
    let mut directories = Directories::new(account.root, directory);
    let mut opened = Opened::default();
    let mut told = Vec::new();
    for call in &account.log.calls {
        let made = Teller { call, directory: directories.of(call.thread) }.made();
        told.extend(made.map(|made| opened.add(made)));
        directories.follow(call, &account.log);
    }
    told
}

/// Names of a thread's own descriptors begin so; a C library without `fchmodat2` changes modes by them.
const DESCRIPTORS: &[u8] = b"/proc/self/fd/";

/// What threads opened last by each descriptor's number.
#[derive(Debug, Default)]
struct Opened {
    paths: BTreeMap<(u32, i64), Fact>,
}

impl Opened {
    /// Notes what a call opened; a mode that is changed by a descriptor's name has as `file` what that name leads to.
    fn add(&mut self, made: Made) -> Made {
        if let (true, Outcome::Returned(descriptor), Some(path)) =
            (made.is_open(), made.result, made.facts.get("path"))
        {
            self.paths.insert((made.tid, descriptor), path.clone());
        }
        let file = match made.facts.get("name") {
            Some(Fact::Bytes(name)) if made.call == "chmod" => self.led_to(made.tid, name),
            _ => None,
        };
        made.with("file", file)
    }

    fn led_to(&self, tid: u32, name: &[u8]) -> Option<Fact> {
        let descriptor = std::str::from_utf8(name.strip_prefix(DESCRIPTORS)?).ok()?.parse().ok()?;
        self.paths.get(&(tid, descriptor)).cloned()
    }
}

/// A call, and where its thread is.
#[derive(Clone, Copy)]
struct Teller<'a> {
    call: &'a Call,
    directory: &'a [u8],
}

/// A number, if it is one.
fn number_of(value: &Value) -> Option<i64> {
    if let Value::Number(number, _) = value { Some(*number) } else { None }
}

impl<'a> Teller<'a> {
    /// The call, if it is one to be compared.
    fn made(self) -> Option<Made> {
        Some(match self.call.name.as_str() {
            "execve" => self.plain().with("filename", self.bytes(0)),
            "execveat" => self.plain().with("filename", self.bytes(1)),
            "open" => self.open(0, self.number(1)),
            "openat" => self.open(1, self.number(2)),
            "openat2" => self.open(1, self.member(2, "flags")),
            "creat" => self.open(0, Some(CREAT)),
            "unlink" | "rmdir" => self.named(None, 0, ["name", "path"]),
            "unlinkat" => self.named(Some(0), 1, ["name", "path"]).with("flags", self.fact(2)),
            "mkdir" | "chmod" => self.named(None, 0, ["name", "path"]).with("mode", self.fact(1)),
            "mkdirat" | "fchmodat" => self.named(Some(0), 1, ["name", "path"]).with("mode", self.fact(2)),
            "fchmod" => self.by_descriptor().with("mode", self.fact(1)),
            "rename" => self.renamed([None, None], [0, 1]),
            "renameat" | "renameat2" => self.renamed([Some(0), Some(2)], [1, 3]),
            "connect" | "bind" => self.plain().with("fd", self.fact(0)).with("address", self.address()),
            "kill" => self.plain().with("pid", self.fact(0)).with("sig", self.fact(1)),
            "tkill" => self.plain().with("tid", self.fact(0)).with("sig", self.fact(1)),
            "tgkill" => {
                let made = self.plain().with("pid", self.fact(0));
                made.with("tid", self.fact(1)).with("sig", self.fact(2))
            }
            _ => return None,
        })
    }

    fn plain(self) -> Made {
        let result = match self.call.outcome {
            strace::Outcome::Returned(value, _) => Outcome::Returned(value),
            strace::Outcome::Untold => Outcome::Untold,
        };
        Made::new(self.call.thread.tid, &self.call.name, result)
    }

    /// An open; of one that succeeded what /proc says of the descriptor.
    fn open(self, name: usize, flags: Option<i64>) -> Made {
        let made = self.plain().with("name", self.bytes(name)).with("flags", flags.map(Fact::Number));
        let strace::Outcome::Returned(_, Some(path)) = &self.call.outcome else { return made };
        made.with("path", Some(Fact::bytes(&*path.bytes)))
            .with("deleted", Some(Fact::Number(path.is_deleted.into())))
    }

    /// A call on a name, relative to a descriptor or to the working directory.
    fn named(self, directory: Option<usize>, name: usize, facts: [&'static str; 2]) -> Made {
        self.with_name(self.plain(), directory, name, facts)
    }

    fn renamed(self, [from, to]: [Option<usize>; 2], [old, new]: [usize; 2]) -> Made {
        let made = self.with_name(self.plain(), from, old, ["old name", "old path"]);
        self.with_name(made, to, new, ["new name", "new path"])
    }

    fn with_name(self, made: Made, at: Option<usize>, name: usize, [given, path]: [&'static str; 2]) -> Made {
        let Some(Value::Text(bytes)) = self.argument(name) else { return made };
        let directory = at.map_or(Some(self.directory), |at| self.descriptor(at));
        made.with(given, Some(Fact::bytes(&**bytes))).with(path, absolute(directory, bytes).map(Fact::Bytes))
    }

    fn by_descriptor(self) -> Made {
        self.plain().with("fd", self.fact(0)).with("path", self.descriptor(0).map(Fact::bytes))
    }

    /// Path behind a descriptor.
    fn descriptor(self, index: usize) -> Option<&'a [u8]> {
        let Value::Number(number, path) = self.argument(index)? else { return None };
        match path {
            Some(path) => Some(&path.bytes),
            None => (*number == WORKING_DIRECTORY).then_some(self.directory),
        }
    }

    /// The address of a socket as Falco writes it: `IP:PORT` without brackets, `/path`, `@abstract`.
    fn address(self) -> Option<Fact> {
        let Value::Struct(parts) = self.argument(1)? else { return None };
        let part = |name: &str| parts.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let address = match (part("sa_family")?, part("sun_path"), part("sin_addr"), part("sin6_addr")) {
            (_, Some(Value::Text(path)), ..) => path.clone(),
            (_, Some(Value::Abstract(name)), ..) => [b"@", &**name].concat(),
            (_, _, Some(Value::Text(ip)), _) => internet(ip, part("sin_port")?)?,
            (_, _, _, Some(Value::Text(ip))) => internet(ip, part("sin6_port")?)?,
            // Netlink and others have addresses that are no names for anything outside of the kernel.
            _ => return None,
        };
        Some(Fact::Bytes(address))
    }

    fn argument(self, index: usize) -> Option<&'a Value> {
        self.call.arguments.get(index).map(|(_, value)| value)
    }

    fn bytes(self, index: usize) -> Option<Fact> {
        let Value::Text(bytes) = self.argument(index)? else { return None };
        Some(Fact::bytes(&**bytes))
    }

    fn number(self, index: usize) -> Option<i64> {
        number_of(self.argument(index)?)
    }

    fn member(self, index: usize, name: &str) -> Option<i64> {
        let Value::Struct(parts) = self.argument(index)? else { return None };
        parts.iter().find(|(known, _)| known == name).and_then(|(_, value)| number_of(value))
    }

    fn fact(self, index: usize) -> Option<Fact> {
        self.number(index).map(Fact::Number)
    }
}

/// An address of the Internet Protocol and its port as text.
fn internet(ip: &[u8], port: &Value) -> Option<Vec<u8>> {
    let ip = match (<[u8; 4]>::try_from(ip), <[u8; 16]>::try_from(ip)) {
        (Ok(ip), _) => IpAddr::from(ip),
        (_, Ok(ip)) => IpAddr::from(ip),
        (Err(_), Err(_)) => return None,
    };
    let Value::Text(port) = port else { return None };
    let port = u16::from_be_bytes(<[u8; 2]>::try_from(&port[..]).ok()?);
    Some(format!("{ip}:{port}").into_bytes())
}
