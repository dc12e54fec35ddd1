//! Who asks, and who is told what was not even judged: the seams to the caller's identity and to the log.

use std::fmt::Display;

use hyper::StatusCode;
use tokio::net::UnixStream;

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

/// Is told of everything that was not even judged. It must not wait for anything.
pub trait Witness<Caller>: Send + Sync + 'static {
    /// What a client sent has no reading, more than one, or is too much.
    fn refused(&self, caller: &Caller, status: StatusCode, reason: &str);
}
