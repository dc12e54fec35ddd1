//! What the tests with containers share: engines of their own, an image, the identity stage, `vigie run`.

pub(crate) mod cgroup;
pub(crate) mod command;
pub(crate) mod engine;
pub(crate) mod image;
pub(crate) mod lookout;
pub(crate) mod vigie;
