//! containerd as a witness by its own API, which knows every container in every namespace, those of no pod and
//! those that CRI does not tell of yet included.

pub mod facts;
pub mod model;
pub mod stream;
