//! systemd's register of machines as a witness for the containers of systemd-nspawn.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::claim::Runtime;
use super::facts::Facts;
use super::metadata::Metadata;
use super::placement::confirmed;
use super::source::Source;
use super::state::Reason;
use crate::sys::confined::{Demand, read_below};

/// Most bytes of a machine's entry.
const MAX_ENTRY: u64 = 16 << 10;

/// The register.
#[derive(Clone, Debug)]
pub struct Machines {
    /// Where it is.
    pub directory: PathBuf,
    /// Whose its entries must be.
    pub owner: u32,
}

impl Default for Machines {
    fn default() -> Self {
        Self { directory: PathBuf::from("/run/systemd/machines"), owner: 0 }
    }
}

impl Machines {
    /// Reads the entry of the machine `name`. It lies in memory: reading it takes no time.
    pub fn gather(&self, cgroup_of: fn(u32) -> Option<Vec<u8>>, name: &str) -> Result<Facts, Reason> {
        let demand = Demand { owner: self.owner, limit: MAX_ENTRY };
        let entry = read_below(&self.directory, Path::new(name), demand).map_err(|error| {
            let is_absent = error.kind() == std::io::ErrorKind::NotFound;
            if is_absent { Reason::UnknownId } else { Reason::Refused }
        })?;
        let entry = parse(&entry.bytes);
        let text = |key: &str| entry.get(key).copied().unwrap_or_default();
        if text("NAME") != name || text("SERVICE") != "systemd-nspawn" || text("CLASS") != "container" {
            return Err(Reason::UnknownId);
        }
        let init = text("LEADER").parse().ok().and_then(cgroup_of).ok_or(Reason::NotRunning)?;
        let unit = [text("UNIT"), text("SCOPE")].into_iter().find(|unit| is_unit(unit));
        let unit = format!("/machine.slice/{}", unit.ok_or(Reason::Garbage)?);
        let places = vec![unit.clone().into_bytes(), format!("{unit}/payload").into_bytes()];
        let started = text("REALTIME").parse().ok().and_then(|time| Timestamp::from_microsecond(time).ok());
        let metadata =
            Metadata { name: name.to_owned(), started, created: started, ..Metadata::of(Runtime::Nspawn) };
        Ok(Facts {
            source: Source::Machines,
            metadata: Arc::new(metadata.bounded()),
            cgroups: confirmed(places, Some(&init)),
            ended: None,
        })
    }
}

fn is_unit(unit: &str) -> bool {
    !unit.is_empty() && !unit.contains('/') && unit != ".."
}

/// Lines of `KEY=value`; what is no such line, or no text, is left out.
fn parse(entry: &[u8]) -> BTreeMap<&str, &str> {
    let lines = entry.split(|&byte| byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    lines.filter_map(|line| line.split_once('=')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "# comment\nNAME=deb\nSCOPE=machine-deb.scope\nUNIT=machine-deb.scope\n\
                         SERVICE=systemd-nspawn\nCLASS=container\nLEADER=77\nREALTIME=1700000000000000\n";

    fn gather(entry: &str, cgroup_of: fn(u32) -> Option<Vec<u8>>) -> Result<Facts, Reason> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("deb"), entry).unwrap();
        let owner = rustix::process::geteuid().as_raw();
        Machines { directory: directory.path().to_owned(), owner }.gather(cgroup_of, "deb")
    }

    fn payload(pid: u32) -> Option<Vec<u8>> {
        (pid == 77).then(|| b"/machine.slice/machine-deb.scope/payload/init.scope".to_vec())
    }

    #[test]
    fn an_entry_names_the_machine_and_its_leader_the_place() {
        let facts = gather(ENTRY, payload).unwrap();
        assert!(facts.check(b"/machine.slice/machine-deb.scope/payload", Timestamp::UNIX_EPOCH).is_ok());
        assert_eq!(facts.metadata.name, "deb");
        assert_eq!(facts.metadata.started.map(Timestamp::as_second), Some(1_700_000_000));
        let other = facts.check(b"/machine.slice/systemd-nspawn@deb.service", Timestamp::UNIX_EPOCH);
        assert_eq!(other.err(), Some(Reason::OtherCgroup));
    }

    #[test]
    fn what_is_no_container_of_nspawns_is_not_confirmed() {
        let vm = ENTRY.replace("CLASS=container", "CLASS=vm");
        let other = ENTRY.replace("NAME=deb", "NAME=other");
        for (entry, cgroup_of, reason) in [
            (vm.as_str(), payload as fn(u32) -> _, Reason::UnknownId),
            (&other, payload, Reason::UnknownId),
            ("\0\u{ff}=\n", payload, Reason::UnknownId),
            (ENTRY, |_| None, Reason::NotRunning),
        ] {
            assert_eq!(gather(entry, cgroup_of).err(), Some(reason), "{entry}");
        }
        let elsewhere = gather(ENTRY, |_| Some(b"/init.scope".to_vec())).unwrap();
        assert!(elsewhere.cgroups.is_empty());
    }
}
