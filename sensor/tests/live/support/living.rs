//! A child that waits, and what /proc says of a process.

use std::{
    fs,
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

/// A child that reads its standard input until it is released.
#[derive(Debug)]
pub(crate) struct Living(Child);

impl Living {
    /// Starts it with a pipe as its standard input.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::start_with(command, Stdio::piped())
    }

    /// Starts it with this standard input.
    pub(crate) fn start_with(command: &mut Command, input: Stdio) -> Self {
        let child = command.stdin(input).stdout(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// What /proc says of it.
    pub(crate) fn proc(&self) -> Proc {
        Proc(self.pid())
    }

    /// Writes to its standard input.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.0.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Closes its standard input, if it is a pipe, and waits for its end.
    pub(crate) fn release(mut self) -> ExitStatus {
        drop(self.0.stdin.take());
        self.0.wait().unwrap()
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}

/// A process's directory in /proc.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proc(pub(crate) u32);

impl Proc {
    /// A file there.
    pub(crate) fn path(self, file: &str) -> PathBuf {
        Path::new("/proc").join(self.0.to_string()).join(file)
    }

    /// Bytes of a file.
    pub(crate) fn bytes(self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap()
    }

    /// Text of a file.
    pub(crate) fn text(self, file: &str) -> String {
        String::from_utf8(self.bytes(file)).unwrap()
    }

    /// A number that is a file of its own; `None` where this kernel has no such file.
    pub(crate) fn number(self, file: &str) -> Option<u32> {
        let path = self.path(file);
        path.exists().then(|| fs::read_to_string(path).unwrap().trim().parse().unwrap())
    }

    /// A link's target.
    pub(crate) fn link(self, file: &str) -> String {
        fs::read_link(self.path(file)).unwrap().to_str().unwrap().to_owned()
    }

    /// Inode number of a namespace.
    pub(crate) fn namespace(self, name: &str) -> u64 {
        fs::metadata(self.path(&format!("ns/{name}"))).unwrap().ino()
    }

    /// The numbers behind a label in `status`.
    pub(crate) fn status(self, label: &str) -> Vec<u32> {
        self.words(label).iter().map(|word| word.parse().unwrap()).collect()
    }

    /// A size in `status`, in kilobytes.
    pub(crate) fn status_size(self, label: &str) -> u32 {
        self.words(label)[0].parse().unwrap()
    }

    /// A capability mask in `status`.
    pub(crate) fn capabilities(self, label: &str) -> u64 {
        u64::from_str_radix(&self.words(label)[0], 16).unwrap()
    }

    fn words(self, label: &str) -> Vec<String> {
        let status = self.text("status");
        let line = status.lines().find_map(|line| line.strip_prefix(label)?.strip_prefix(':'));
        let line = line.unwrap_or_else(|| panic!("no {label} in {status}"));
        line.split_whitespace().map(str::to_owned).collect()
    }

    /// A field of `stat`, as the manual counts them; at least 3.
    pub(crate) fn stat(self, field: usize) -> i64 {
        let stat = self.text("stat");
        let (_, behind) = stat.rsplit_once(") ").unwrap();
        behind.split(' ').nth(field - 3).unwrap().parse().unwrap()
    }

    /// Path of its v2 cgroup.
    pub(crate) fn cgroup(self) -> String {
        let cgroups = self.text("cgroup");
        cgroups.lines().find_map(|line| line.strip_prefix("0::")).unwrap().to_owned()
    }
}
