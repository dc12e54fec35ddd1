//! Processes: who runs what, from fork to exit.

mod argv;
mod calls;
mod facts;
mod failed;
mod flags;
mod image;
mod life;
mod loss;
mod origin;
mod storm;
mod tricks;
