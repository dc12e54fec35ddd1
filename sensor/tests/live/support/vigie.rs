//! `vigie` where it does not watch: run to its end.

use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{Command, Stdio},
    sync::LazyLock,
};

use rustix::process::geteuid;

/// What it said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) errors: String,
}

impl Said {
    /// Asserts that it ended with this code and said all of `words`, without a backtrace.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.errors.contains("panicked"), "{self:?}");
        for word in words {
            let said = self.errors.contains(word) || self.output.contains(word);
            assert!(said, "`{word}` is not in what it said: {self:?}");
        }
    }
}

/// The program under test. Whatever starts it asks here, so here it is said that all of this takes root.
pub(crate) fn vigie_path() -> PathBuf {
    assert!(
        geteuid().is_root(),
        "the live tests load kernel programs: run them as root (cargo xtask test does)"
    );
    std::env::var_os("VIGIE_BIN").map_or_else(|| env!("CARGO_BIN_EXE_vigie").into(), PathBuf::from)
}

/// Runs `vigie` with these arguments.
pub(crate) fn vigie<A: AsRef<OsStr>>(arguments: &[A]) -> Said {
    said(Command::new(vigie_path()).args(arguments))
}

/// What `vigie doctor` says of this machine. It is asked once, since it loads every program.
pub(crate) fn doctor() -> &'static Said {
    static SAID: LazyLock<Said> = LazyLock::new(|| vigie(&["doctor"]));
    &SAID
}

/// Runs a command to its end.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).env_remove("DOCKER_HOST").output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Said {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).expect("output is text"),
        errors: String::from_utf8(output.stderr).expect("errors are text"),
    }
}
