//! The guard: a front end on a container engine's socket that lets through what the policy allows.
//!
//! A request goes one way: bytes, framing, target, operation, body, judge, engine. What reaches the engine was written
//! by the guard, out of what it judged; no byte of the client's is passed on unjudged.

pub mod alarm;
pub mod audit;
pub mod body;
pub mod caller;
pub mod digest;
pub mod facts;
pub mod framing;
pub mod host_access;
pub mod inspect;
pub mod json;
pub mod learn;
pub mod lockdown;
pub mod mode;
pub mod operation;
pub mod owner;
pub mod place;
pub mod policy;
pub mod proxy;
pub mod request;
pub mod shape;
pub mod target;
pub mod verdict;
pub mod verify;
pub mod witness;

pub use digest::Digest;
pub use json::Json;
pub use mode::Mode;
pub use operation::Operation;
pub use policy::Policy;
pub use request::{Request, Target};
pub use verdict::{Age, Judge, Verdict};
pub use witness::{Identify, Witness};
