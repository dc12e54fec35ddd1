//! The Docker Engine as a witness: a small, careful client of its API over its unix socket.

pub mod cgroup;
pub mod facts;
#[cfg(test)]
pub(crate) mod fake;
pub mod http;
pub mod image;
pub mod model;
pub mod stream;
