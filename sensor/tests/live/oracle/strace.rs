//! strace as a witness: the command that traces, and its log read strictly.

mod line;
mod log;
mod value;

use std::{
    path::{Path as FilePath, PathBuf},
    process::{Child, Command, Stdio},
};

pub(super) use log::{Call, Log, Outcome, Thread};
pub(super) use value::Value;

use crate::support::Place;

/// What is compared, and what it takes to know each thread's working directory.
const CALLS: &str = "execve,execveat,open,openat,openat2,creat,unlink,unlinkat,rmdir,rename,renameat,renameat2,\
    chmod,fchmod,fchmodat,mkdir,mkdirat,connect,bind,kill,tkill,tgkill,\
    chdir,fchdir,clone,clone3,fork,vfork";

/// Where the workload finds its programs, and this test strace.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// A workload that runs under strace.
#[derive(Debug)]
pub(super) struct Traced {
    strace: Child,
    log: PathBuf,
}

/// What strace saw of a workload that has ended.
#[derive(Debug)]
pub(super) struct Account {
    /// strace's own process.
    pub(super) strace: u32,
    pub(super) log: Log,
    /// The workload's first process.
    pub(super) root: Thread,
}

impl Traced {
    /// Runs a program in `work` with nothing in its environment but a `PATH` and `environment`.
    pub(super) fn start(work: &Place, notes: &Place, program: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = notes.join("strace.log");
        let mut command = Command::new("strace");
        // Strings byte by byte, numbers without names, paths of descriptors, everything whole.
        command.args(["-f", "-y", "-v", "-xx", "-X", "raw", "-s", "1048576", "-e"]);
        command.arg(format!("trace={CALLS}")).arg("-o").arg(&log).arg("--").args(program);
        command.current_dir(work.path()).stdin(Stdio::null());
        command.env_clear().env("PATH", PATH).envs(environment.iter().copied());
        let strace = command.spawn().expect("this test needs strace; install the package strace");
        Self { strace, log }
    }

    /// Waits for the workload's last process; the first one must have succeeded.
    pub(super) fn finish(mut self) -> Account {
        let status = self.strace.wait().unwrap();
        assert!(status.success(), "the workload ended with {status}");
        Account::read(self.strace.id(), &self.log)
    }
}

impl Account {
    fn read(strace: u32, log: &FilePath) -> Self {
        let text = std::fs::read_to_string(log).unwrap();
        let log = Log::read(&text).unwrap_or_else(|error| panic!("strace's log: {error}"));
        let root = log.calls.first().expect("strace saw a call").thread;
        Self { strace, log, root }
    }
}
