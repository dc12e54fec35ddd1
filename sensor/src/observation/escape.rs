//! Whether a process in a container's cgroup has left the container's mount namespace for the host's.

use super::{Observation, Value};
use crate::{identity::Identity, process::Process};

impl Observation<'_> {
    /// Whether the process is a container's by its cgroup, sees the host's files, and it or an ancestor ran a
    /// program in another mount namespace before. What a runtime does on the way into the container is no
    /// escape: none of its programs ever ran inside. Missing outside of containers, and where namespaces are
    /// not known.
    pub(super) fn has_escaped(&self) -> Value<'static> {
        let is_container = matches!(self.identity, Identity::Container(_));
        match self.host.init_mnt_ns.filter(|_| is_container) {
            Some(hosts) => Value::Bool(self.event.header.mnt_ns == hosts && self.was_elsewhere(hosts)),
            None => Value::Missing,
        }
    }

    fn was_elsewhere(&self, hosts: u32) -> bool {
        let mut line = self.process.into_iter().chain(self.ancestors().map(|(ancestor, _)| ancestor));
        line.any(|process| ran_elsewhere(process, hosts))
    }
}

/// Whether a process ran a program in a mount namespace that is not the host's; one that is not known is not.
fn ran_elsewhere(process: &Process, hosts: u32) -> bool {
    process.images_until(u64::MAX).any(|image| image.mnt_ns != 0 && image.mnt_ns != hosts)
}
