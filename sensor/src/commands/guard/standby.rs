//! A process beside the guard that gives the engine's place back should the guard die (`--fail open`).
//!
//! It holds one end of a pipe whose other end only the guard has. The end of the pipe is the end of the guard, whatever
//! ended it and whoever gets its process id next; a byte before it says that nothing is left to do.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::cli::Exit;
use crate::guard::place::{PlaceError, closed_directory, restore::undo_all};
use crate::sink::{Severity, status};

/// This program, also where its file was replaced.
const PROGRAM: &str = "/proc/self/exe";
/// Either process's word that all is well.
const WELL: [u8; 1] = [b'+'];

/// The process that stands by.
#[derive(Debug)]
pub(super) struct Standby {
    child: Child,
    pipe: ChildStdin,
}

impl Standby {
    /// Starts it for the socket whose place is about to be taken. When this returns, what is sent to the guard's process
    /// group or session does not reach it.
    pub(super) fn start(socket: &Path) -> io::Result<Self> {
        let mut command = Command::new(PROGRAM);
        command.arg0("vigie").args(["guard", "standby"]).arg(socket);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(pipe), Some(mut ready)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        ready.read_exact(&mut [0])?;
        Ok(Self { child, pipe })
    }

    /// There is nothing to do any more.
    pub(super) fn dismiss(self) -> io::Result<()> {
        let Self { mut child, mut pipe } = self;
        pipe.write_all(&WELL)?;
        drop(pipe);
        child.wait()?;
        Ok(())
    }
}

/// Stands by: what `vigie guard standby` does.
pub(super) fn stand_by(socket: &Path) -> Result<Exit, PlaceError> {
    if let Err(error) = rustix::process::setsid() {
        status(Severity::Warning, &format!("guard: what ends it may end who stands by: {error}"));
    }
    let (mut input, mut output) = (io::stdin(), io::stdout());
    drop(output.write_all(&WELL).and_then(|()| output.flush()));
    let mut word = [0];
    if matches!(input.read(&mut word), Ok(1)) {
        return Ok(Exit::Done);
    }
    status(Severity::Warning, "guard: it died; the engine is reached directly, past every rule");
    undo_all(&closed_directory(socket), &mut |text| status(Severity::Info, &format!("guard: {text}")))?;
    Ok(Exit::Done)
}
