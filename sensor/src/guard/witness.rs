//! Who asks, and who is told what came of it: the seams to the caller's identity and to alerts.

use std::fmt::Display;

use hyper::StatusCode;
use tokio::net::UnixStream;

use super::{Mode, Request, Verdict};

/// Finds out who is at the other end of a connection.
pub trait Identify: Send + Sync + 'static {
    /// What is known of a client.
    type Caller: Send + Sync + 'static;
    /// Why nothing is.
    type Error: Display + Send;

    /// Looks at a connection that was just made. One whose client cannot be told is not served.
    fn identify(&self, client: &UnixStream)
    -> impl Future<Output = Result<Self::Caller, Self::Error>> + Send;
}

/// Is told of every verdict, and of everything that was not even judged. It must not wait for anything.
pub trait Witness<Caller>: Send + Sync + 'static {
    /// A request was judged.
    fn judged(&self, sighting: &Sighting<'_, Caller>);

    /// What a client sent has no reading, more than one, or is too much.
    fn refused(&self, caller: &Caller, status: StatusCode, reason: &str);
}

/// A request, and what came of it.
#[derive(Debug)]
pub struct Sighting<'s, Caller> {
    /// What was asked for.
    pub request: &'s Request,
    /// By whom.
    pub caller: &'s Caller,
    /// Whether the policy allows it.
    pub verdict: &'s Verdict,
    /// Whether that counts.
    pub mode: Mode,
}

impl<Caller> Sighting<'_, Caller> {
    /// The operation's name; an endpoint that is not known has none.
    pub fn operation(&self) -> Option<&'static str> {
        self.request.operation.map(|operation| operation.name)
    }

    /// Whether the request does not reach the engine.
    pub fn is_stopped(&self) -> bool {
        self.mode == Mode::Enforce && *self.verdict != Verdict::Allow
    }
}
