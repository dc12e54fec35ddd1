//! A program as a process runs it: what was executed, with which arguments, as whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sensor_common::header::Header;

use crate::decode::{Environment, Exec};

use super::Seed;

/// Most bytes that a trimmed image keeps of each of its strings.
const TRIMMED: usize = 256;
/// What the allocator adds to an allocation, about.
const OVERHEAD: usize = 16;

/// What a process runs from one exec to the next. Shared between a process and the children it forked.
#[derive(Debug)]
pub struct Image {
    /// When it began to run, or when /proc was read, as `CLOCK_BOOTTIME` in nanoseconds.
    pub time: u64,
    /// Read from /proc and not from an event: what the program says of itself there may be forged, and some
    /// facts are not to be had.
    pub from_proc: bool,
    /// Long strings were cut for want of memory; the event had them.
    pub trimmed: bool,
    /// Real user id after the exec.
    pub uid: u32,
    /// Effective user id after the exec.
    pub euid: u32,
    /// Real group id after the exec.
    pub gid: u32,
    /// Inode number of the mount namespace.
    pub mnt_ns: u32,
    /// The exec that made it, or what /proc shows of one.
    pub exec: Arc<Exec>,
    charge: Charge,
}

/// Memory taken by all images that are still referred to, by whomever.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(Arc<AtomicUsize>);

/// One image's share of the [`Ledger`], given back when the image goes.
#[derive(Debug)]
struct Charge {
    ledger: Ledger,
    bytes: usize,
}

impl Image {
    /// The image that an exec event made.
    pub(super) fn executed(header: &Header, exec: &Arc<Exec>, ledger: &Ledger) -> Self {
        Self {
            time: header.time,
            from_proc: false,
            trimmed: false,
            uid: header.uid,
            euid: header.euid,
            gid: header.gid,
            mnt_ns: header.mnt_ns,
            exec: Arc::clone(exec),
            charge: Charge::new(ledger, weight(exec)),
        }
    }

    /// The image that /proc showed at `time`.
    pub(super) fn read(seed: Seed, time: u64, ledger: &Ledger) -> Self {
        let Seed { key: _, uid, euid, gid, mnt_ns, cgroup: _, exec } = seed;
        let charge = Charge::new(ledger, weight(&exec));
        Self { time, from_proc: true, trimmed: false, uid, euid, gid, mnt_ns, exec: Arc::new(exec), charge }
    }

    /// The same with its long strings cut.
    pub(super) fn trimmed(self) -> Self {
        let exec = Arc::new(trimmed(&self.exec));
        let charge = Charge::new(&self.charge.ledger, weight(&exec));
        Self { trimmed: true, exec, charge, ..self }
    }
}

impl Ledger {
    /// Memory taken now, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Charge {
    fn new(ledger: &Ledger, bytes: usize) -> Self {
        ledger.0.fetch_add(bytes, Ordering::Relaxed);
        Self { ledger: ledger.clone(), bytes }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.ledger.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Memory of an image and all it holds, in bytes.
fn weight(exec: &Exec) -> usize {
    let paths = [exec.filename.len(), exec.exe.as_bytes().len(), exec.cwd.as_bytes().len()];
    let [filename, exe, cwd] = paths;
    let strings = [exec.argv.captured_len(), exec.env.captured_len(), filename, exe, cwd];
    let held = strings.iter().map(|len| if *len == 0 { 0 } else { len.saturating_add(OVERHEAD) });
    let counts = 4_usize.saturating_mul(size_of::<usize>());
    let fixed = size_of::<Image>().saturating_add(size_of::<Exec>()).saturating_add(counts);
    held.fold(fixed.saturating_add(2 * OVERHEAD), usize::saturating_add)
}

/// Ends of the paths, the start of the arguments.
fn trimmed(exec: &Exec) -> Exec {
    let filename = exec.filename.len().checked_sub(TRIMMED).and_then(|start| exec.filename.get(start..));
    Exec {
        facts: exec.facts,
        argv: exec.argv.shortened(TRIMMED),
        filename: filename.unwrap_or(&exec.filename).into(),
        exe: exec.exe.shortened(TRIMMED),
        cwd: exec.cwd.shortened(TRIMMED),
        env: Environment::new([], exec.facts.env_len),
    }
}
