//! Which container an event belongs to.
//!
//! The kernel says which cgroup ([`tree`] knows its path), the path says which container it claims to be
//! ([`claim`]), a runtime confirms it or does not ([`resolver`], [`witness`]), and [`identities`] puts the
//! three together for the engine. An id is reported at once; names, images and the word "verified" only once
//! the runtime has said that this container exists and that this is its cgroup.
//!
//! What cannot be told: a v2 cgroup is needed, so containers of a runtime that makes none on a host with v1
//! hierarchies are reported as the cgroup they are in says; and whoever may create cgroups on the host may
//! also move a process into a real container's cgroup, which makes it that container's.

pub mod claim;
pub mod container_id;
pub mod containerd;
pub mod counters;
pub mod cri;
pub mod desk;
pub mod docker;
pub mod facts;
pub mod follow;
pub mod grpc;
pub mod identities;
pub mod machine;
pub mod metadata;
pub mod oci;
pub mod placement;
pub mod pod;
pub mod podman;
pub mod records;
pub mod request;
pub mod resolver;
pub mod source;
pub mod state;
pub mod tree;
pub mod witness;

pub use claim::Runtime;
pub use container_id::ContainerId;
pub use counters::{Count, Counters};
pub use identities::{CgroupEvent, Change, Container, Identities, Identity, Location, Update};
pub use metadata::{HostNamespaces, Image, Metadata, Mount, Pod};
pub use resolver::{Options, Resolver};
pub use state::{Reason, State};
pub use tree::Maker;
pub use witness::Places;
