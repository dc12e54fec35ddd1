//! Processes: who runs what, from fork to exit.

mod argv;
mod facts;
mod image;
mod life;
mod loss;
mod origin;
mod storm;
mod tricks;
