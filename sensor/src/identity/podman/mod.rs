//! podman as a witness. It has no service that could be asked, and none is started for us: what it wrote to its
//! storage before it started a container is read.

pub mod facts;
pub mod storage;
