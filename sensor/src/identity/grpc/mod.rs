//! Questions in gRPC over a unix socket, with a limit on everything.

mod error;
mod socket;

pub use error::GrpcError;
pub use socket::{Session, Socket, Subscription};

#[cfg(test)]
mod tests;
