//! How much and how long.

use std::time::Duration;

/// Longest body of JSON that needs no room of its own; those of everyday use are shorter.
pub(super) const SMALL: usize = 64 * 1024;

/// What clients are held to. `docs/guard.md` says how each is answered.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections at a time.
    pub connections: usize,
    /// Of those, most of one user, so that none can shut the others out.
    pub per_user: usize,
    /// How long a connection may be without a request.
    pub idle: Duration,
    /// From the first byte of a request to the end of its headers.
    pub head: Duration,
    /// For a body of JSON, from the end of the headers to its own.
    pub body: Duration,
    /// Between two pieces of a body.
    pub pause: Duration,
    /// Most bytes of a body of JSON.
    pub json: usize,
    /// Most bodies of JSON at a time that are longer than [`SMALL`]; others wait, within their time.
    pub large: usize,
    /// For finding out who a client is, and for reaching the engine.
    pub connect: Duration,
    /// For the engine to make containers that another request could be about, and for the guard to look at them.
    pub making: Duration,
    /// How long what a client still sends is read after the last answer, so that it gets to read that.
    pub linger: Duration,
    /// How long running requests may go on when the guard is to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            per_user: 1024,
            idle: Duration::from_mins(2),
            head: Duration::from_secs(30),
            body: Duration::from_mins(2),
            pause: Duration::from_secs(30),
            json: 8 << 20,
            large: 32,
            connect: Duration::from_secs(10),
            making: Duration::from_secs(30),
            linger: Duration::from_secs(5),
            grace: Duration::from_secs(10),
        }
    }
}
