//! The guard's two ends: the socket that clients connect to, and the engine's.

use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::keeper::{Kept, News};
use super::standby::Standby;
use crate::cli;
use crate::cli::guard_place::Fail;
use crate::guard::lockdown::LockdownError;
use crate::guard::place::PlaceError;
use crate::guard::proxy::{ListenError, Listener};
use crate::sink::OpenError;
use crate::sys::accounts::{Accounts, Place};
use crate::sys::activation::{self, ActivationError};
use crate::sys::host_path::ResolveError;

/// Stands for the socket that the service manager passes.
const PASSED: &str = "fd://";

/// Why the guard does not start.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// It cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// It cannot take the engine's place, or give it back.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Nothing was passed to it.
    #[error(transparent)]
    Passed(#[from] ActivationError),
    /// Both sockets are one.
    #[error("{0}: the guard cannot listen at the engine's own socket; use --take, or another path")]
    Same(String),
    /// The engine's socket is not there, so neither is its group.
    #[error("{path}: {source}; is the engine running? With --group the guard starts without it", path = path.display())]
    Engine {
        /// The socket.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// There is no such group.
    #[error(
        "there is no group `{0}` on this host; make it with `groupadd`, or name another one with --group"
    )]
    Group(String),
    /// A log cannot be written.
    #[error(transparent)]
    Output(#[from] OpenError),
    /// The host's files cannot be looked at.
    #[error("the root of the host's files cannot be opened: {0}")]
    Root(#[from] ResolveError),
    /// The command line leaves open where to listen.
    #[error("say --listen and --upstream, or --take")]
    Ends,
    /// The lock-down that was asked for cannot even be tried.
    #[error(transparent)]
    Lockdown(#[from] LockdownError),
    /// Nobody would give the place back.
    #[error("the process that stands by: {0}")]
    Standby(#[source] io::Error),
    /// No threads, or no signals.
    #[error("the guard cannot be set up: {0}")]
    Setup(#[from] io::Error),
}

/// The two ends.
#[derive(Debug)]
pub(super) enum Ends {
    /// A socket of the guard's own before the engine's.
    Between { listen: PathBuf, upstream: PathBuf, group: u32 },
    /// The service manager's socket before the engine's.
    Passed { listener: Option<std::os::unix::net::UnixListener>, path: PathBuf, upstream: PathBuf },
    /// The engine's own place.
    Taken(Box<Kept>, Option<Standby>),
}

impl Ends {
    /// What the command line says. Where the engine's place is taken, it is from now on.
    pub(super) fn open(options: &cli::Guard) -> Result<Self, GuardError> {
        let (listen, upstream) = match (&options.take, &options.listen, &options.upstream) {
            (Some(socket), ..) => {
                // It stands by before there is anything to give back.
                let opens = options.fail == Some(Fail::Open);
                let standby =
                    opens.then(|| Standby::start(socket)).transpose().map_err(GuardError::Standby)?;
                return Ok(Self::Taken(Box::new(Kept::take(socket)?), standby));
            }
            (None, Some(listen), Some(upstream)) => (listen, upstream),
            (None, ..) => return Err(GuardError::Ends),
        };
        if listen.as_os_str() == PASSED {
            let listener = activation::listener()?;
            let address = listener.local_addr()?;
            let path = address.as_pathname().map_or_else(|| listen.clone(), Path::to_owned);
            return Ok(Self::Passed { listener: Some(listener), path, upstream: upstream.clone() });
        }
        if std::path::absolute(listen).ok() == std::path::absolute(upstream).ok() {
            return Err(GuardError::Same(listen.display().to_string()));
        }
        let group = match &options.group {
            Some(name) => group_id(name).ok_or_else(|| GuardError::Group(name.clone()))?,
            None => group_of(upstream)?,
        };
        Ok(Self::Between { listen: listen.clone(), upstream: upstream.clone(), group })
    }

    /// The engine's socket.
    pub(super) fn engine(&self) -> &Path {
        match self {
            Self::Between { upstream, .. } | Self::Passed { upstream, .. } => upstream,
            Self::Taken(kept, _) => kept.engine(),
        }
    }

    /// The socket that clients connect to.
    pub(super) fn clients(&self) -> &Path {
        match self {
            Self::Between { listen: path, .. } | Self::Passed { path, .. } => path,
            Self::Taken(kept, _) => kept.socket(),
        }
    }

    /// Listens, once. To be called within a runtime.
    pub(super) fn listener(&mut self) -> Result<Listener, GuardError> {
        match self {
            Self::Between { listen, group, .. } => Ok(Listener::bind(listen, Some(*group))?),
            Self::Passed { listener, .. } => Ok(Listener::given(listener.take().ok_or(GuardError::Ends)?)?),
            Self::Taken(kept, _) => Ok(kept.listener().ok_or(GuardError::Ends)??),
        }
    }

    /// Waits until clients come to the guard no longer, or again if that was so. Only a place that was taken can be lost.
    pub(super) async fn news(&mut self, was_lost: bool) -> News {
        match self {
            Self::Taken(kept, _) => kept.news(was_lost).await,
            Self::Between { .. } | Self::Passed { .. } => std::future::pending().await,
        }
    }

    /// Gives the engine's place back, if it was taken.
    pub(super) fn close(self) -> Result<(), GuardError> {
        if let Self::Taken(kept, standby) = self {
            kept.give_back()?;
            standby.map_or(Ok(()), Standby::dismiss).map_err(GuardError::Standby)?;
        }
        Ok(())
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.clients().display(), self.engine().display())
    }
}

fn group_id(name: &str) -> Option<u32> {
    let named = Accounts::read(&Place::Host).ok().and_then(|accounts| accounts.group_id(name.as_bytes()));
    named.or_else(|| name.parse().ok())
}

fn group_of(path: &Path) -> Result<u32, GuardError> {
    let failed = |source| GuardError::Engine { path: path.to_owned(), source };
    std::fs::metadata(path).map(|socket| socket.gid()).map_err(failed)
}
