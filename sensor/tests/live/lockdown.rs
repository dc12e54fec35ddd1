//! `vigie guard --lock-down` before a stand-in for the engine: a socket that somebody listens at. Where the kernel cannot
//! refuse, it has to say so and to tell.

mod callers;
mod fail;
mod guard;
mod refused;
