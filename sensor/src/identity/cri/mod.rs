//! A Kubernetes runtime as a witness, by the Container Runtime Interface: containerd and CRI-O speak it.

pub mod facts;
pub mod model;
pub mod stream;
