//! Where lines go: standard output or a file, behind a bounded queue, so that a reader that sleeps or a full
//! disk never holds up detection.

mod line;
mod writer;

pub use line::{Severity, print, status};
pub use writer::{Counters, Destination, Inlet, OpenError, Sink};
