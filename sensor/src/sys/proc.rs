//! One look at /proc when the sensor starts: the processes that were there first.
//!
//! Nothing here is read again later. What a process says of itself in /proc may be forged (its arguments) or gone
//! by the time it is read, which is normal: what cannot be read is left out, what has ended is skipped.

mod ancestors;
mod cmdline;
mod line;
mod parse;
mod reader;

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::linux::fs::MetadataExt;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{major, minor};
use sensor_common::event::file::file_flags;
use sensor_common::event::process::ProcessExec;
use sensor_common::tail::path_flags;
use thiserror::Error;

use crate::decode::{Exec, FilePath};
use crate::process::{ProcessKey, Seed, TICK};

pub use ancestors::Ancestors;
pub use line::Line;
pub(in crate::sys) use parse::namespace as namespace_number;
use parse::{Stat, Status};
use reader::Readers;

/// Most bytes read of a file that should have a few hundred.
const MAX_FILE: u64 = 64 << 10;
/// Most files fit into this many bytes, and are read at once.
const USUAL_FILE: usize = 4 << 10;
/// What the kernel appends to the name of a file that has none any more.
const DELETED: &[u8] = b" (deleted)";
/// How the kernel names a memfd.
const MEMFD: &[u8] = b"/memfd:";

/// /proc cannot be read at all.
#[derive(Debug, Error)]
#[error("cannot list {}: is the proc file system mounted there?", .path.display())]
pub struct ProcError {
    path: PathBuf,
    source: io::Error,
}

/// A proc file system.
#[derive(Debug, Clone)]
pub struct ProcFs {
    root: PathBuf,
}

/// What it showed.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The living processes, kernel threads included, by id.
    pub processes: Vec<Seed>,
    /// Processes that ended while they were looked at, or had ended and not been waited for.
    pub ended: u64,
    /// Processes left out because there were too many.
    pub refused: u64,
    /// Processes whose arguments and inodes are left out because the kernel did not deliver them in time.
    pub incomplete: u64,
}

impl ProcFs {
    /// The host's.
    pub fn of_host() -> Self {
        Self::at("/proc")
    }

    /// One mounted elsewhere.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Looks at every process, at most `most` of them.
    pub fn snapshot(&self, most: usize) -> Result<Snapshot, ProcError> {
        let error = |source| ProcError { path: self.root.clone(), source };
        let names =
            fs::read_dir(&self.root).map_err(error)?.map_while(Result::ok).map(|entry| entry.file_name());
        let mut pids: Vec<u32> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
        pids.sort_unstable();
        let mut snapshot = Snapshot::default();
        let mut readers = Readers::new(self.root.clone());
        for pid in pids {
            if snapshot.processes.len() >= most {
                snapshot.refused = snapshot.refused.saturating_add(1);
                continue;
            }
            match readers.read(pid) {
                Some(seed) => snapshot.processes.push(seed),
                None => snapshot.ended = snapshot.ended.saturating_add(1),
            }
        }
        snapshot.incomplete = readers.incomplete();
        Ok(snapshot)
    }
}

/// The directory of one process.
#[derive(Clone, Debug)]
struct Directory {
    path: PathBuf,
    pid: u32,
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// All there is, which may take as long as the process likes.
    Everything,
    /// Only what the kernel answers by itself.
    Prompt,
}

impl Directory {
    /// What there is to know of the process, or `None` if it has ended.
    fn seed(&self, depth: Depth) -> Option<Seed> {
        self.seed_of(&self.stat()?, depth)
    }

    /// What `stat` says of the process, unless it has ended.
    fn stat(&self) -> Option<Stat> {
        Stat::parse(&self.file("stat")?).filter(|stat| !stat.has_ended())
    }

    /// The rest besides what `stat` has said.
    fn seed_of(&self, stat: &Stat, depth: Depth) -> Option<Seed> {
        self.seed_in(&self.file("cgroup").unwrap_or_default(), stat, depth)
    }

    /// The same of a process whose `cgroup` was read already.
    fn seed_in(&self, cgroup: &[u8], stat: &Stat, depth: Depth) -> Option<Seed> {
        let status = Status::parse(&self.file("status")?)?;
        let mut exec = Exec { facts: self.facts(stat, &status), ..Exec::default() };
        exec.cwd = self.link("cwd", depth).map_or_else(FilePath::default, |(path, _)| path);
        if stat.is_kernel_thread() {
            // It runs no program; its name is all there is to tell it by.
            exec.filename = stat.comm.as_slice().into();
        } else {
            self.executable(&mut exec, depth);
            if depth == Depth::Everything {
                self.arguments(&mut exec);
            }
        }
        Some(Seed {
            key: ProcessKey { pid: self.pid, start: stat.start_ticks.saturating_mul(TICK) },
            uid: status.uid,
            euid: status.euid,
            gid: status.gid,
            mnt_ns: self.namespace("ns/mnt"),
            cgroup: parse::cgroup(cgroup),
            exec,
        })
    }

    fn facts(&self, stat: &Stat, status: &Status) -> ProcessExec {
        ProcessExec {
            parent_pid: stat.parent,
            sid: stat.session,
            pgid: stat.group,
            tty: parse::tty(stat.tty),
            vpid: status.vpid,
            egid: status.egid,
            cap_permitted: status.cap_permitted,
            cap_effective: status.cap_effective,
            cap_inheritable: status.cap_inheritable,
            loginuid: self.number("loginuid").unwrap_or(u32::MAX),
            session_id: self.number("sessionid").unwrap_or(u32::MAX),
            pid_ns: self.namespace("ns/pid"),
            user_ns: self.namespace("ns/user"),
            net_ns: self.namespace("ns/net"),
            ..ProcessExec::default()
        }
    }

    /// Path and inode of what runs. The name it was called by is not to be had; its path comes closest.
    fn executable(&self, exec: &mut Exec, depth: Depth) {
        let Some((path, inode)) = self.link("exe", depth) else { return };
        exec.filename = path.as_bytes().into();
        exec.exe = path;
        if let Some(inode) = inode {
            let facts = &mut exec.facts;
            facts.exe_dev = device(inode.st_dev());
            facts.exe_ino = inode.st_ino();
            facts.exe_nlink = u32::try_from(inode.st_nlink()).unwrap_or(u32::MAX);
            facts.exe_mode = inode.st_mode();
            (facts.exe_uid, facts.exe_gid, facts.exe_size) =
                (inode.st_uid(), inode.st_gid(), inode.st_size());
            facts.exe_mtime = nanoseconds(inode.st_mtime(), inode.st_mtime_nsec());
            facts.exe_ctime = nanoseconds(inode.st_ctime(), inode.st_ctime_nsec());
            facts.exe_flags |= if inode.st_nlink() == 0 { file_flags::DELETED } else { 0 };
            facts.exe_flags |= if exec.exe.is_detached() { file_flags::MEMFD } else { 0 };
        }
    }

    fn arguments(&self, exec: &mut Exec) {
        let area = read(&self.path.join("cmdline"), cmdline::MAX_AREA).unwrap_or_default();
        exec.argv = cmdline::captured(&area);
        exec.facts.argc = exec.argv.argc();
        exec.facts.argv_len = exec.argv.total_len();
    }

    /// Where a link of the kernel's leads. Its text ends in ` (deleted)` both for a file that is gone and for one
    /// that is called so; the number of links tells.
    fn link(&self, name: &str, depth: Depth) -> Option<(FilePath, Option<fs::Metadata>)> {
        let at = self.path.join(name);
        let text = fs::read_link(&at).ok()?.into_os_string().into_vec();
        let inode = if depth == Depth::Everything { fs::metadata(&at).ok() } else { None };
        let gone = inode.as_ref().is_some_and(|inode| inode.st_nlink() == 0);
        let path = if gone { text.strip_suffix(DELETED).unwrap_or(&text) } else { &text };
        let path = match path.strip_prefix(b"/") {
            Some(detached) if gone && path.starts_with(MEMFD) => {
                FilePath::new(detached, path_flags::DETACHED)
            }
            Some(_) | None => FilePath::new(path, 0),
        };
        Some((path, inode))
    }

    fn namespace(&self, name: &str) -> u32 {
        let text = fs::read_link(self.path.join(name)).map(|link| link.into_os_string().into_vec());
        text.ok().and_then(|text| parse::namespace(&text)).unwrap_or(0)
    }

    fn number(&self, name: &str) -> Option<u32> {
        parse::number(self.file(name)?.trim_ascii())
    }

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        read(&self.path.join(name), MAX_FILE).ok()
    }
}

/// When this process started, in ticks since boot.
pub fn own_start() -> Option<u64> {
    start_tick(&read(Path::new("/proc/self/stat"), MAX_FILE).ok()?)
}

/// When a process started, in ticks since boot, from its `stat`.
pub(super) fn start_tick(stat: &[u8]) -> Option<u64> {
    Stat::parse(stat).map(|stat| stat.start_ticks)
}

/// Reads at most `most` bytes of a file of the kernel's. Those that are read here are one record each, which is given as far
/// as there is room for it: what is less is all.
fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; USUAL_FILE];
    let count = file.read(&mut bytes)?;
    bytes.truncate(count);
    if count == USUAL_FILE {
        file.take(most.saturating_sub(USUAL_FILE as u64)).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// A file's time as events carry it.
fn nanoseconds(seconds: i64, nanoseconds: i64) -> u64 {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(nanoseconds).unwrap_or(0))
}

/// A device number as the kernel has it inside, from the form in which it hands it out. Some file systems (btrfs,
/// overlayfs) hand out another one than their super block's.
fn device(dev: u64) -> u32 {
    major(dev) << 20 | minor(dev)
}
