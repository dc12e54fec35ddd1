//! DNS as seen on the wire: what was asked, what was answered, and which address was asked for by which name.

mod message;
mod names;

pub use message::{Answer, Data, Message, MessageError, class_name, code_name, type_name};
pub use names::{Counters, Names, Scope};
