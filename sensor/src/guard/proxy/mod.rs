//! Between a client's connection and the engine's socket.
//!
//! Of each connection one request after the other is read, judged, written anew and sent to the engine over a connection
//! of its own; the next one is looked at when the answer to the one before is written. What the client sends comes only
//! through [`super::framing`], until the engine has agreed to an upgrade that was allowed: from then on bytes are bytes.

mod answer;
mod arrival;
mod census;
mod connection;
pub mod counters;
mod exchange;
mod forward;
mod fresh;
mod limits;
mod listener;
mod made;
mod making;
mod parts;
mod pipe;
mod pump;
mod reader;
mod relay;
mod server;
mod upstream;

pub use counters::Counters;
pub use limits::Limits;
pub use listener::{ListenError, Listener};
pub use parts::Guard;
