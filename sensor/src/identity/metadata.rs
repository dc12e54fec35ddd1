//! What a runtime says about a container, cut to size.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::claim::Runtime;

/// Most labels and most mounts kept of one container.
pub const MAX_ITEMS: usize = 256;
/// Longest text kept, in bytes.
pub const MAX_TEXT: usize = 4096;

/// Everything known of a container but its id. Texts are the runtime's, not a monitored program's, yet as
/// free: whoever creates a container chooses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Which runtime said so.
    pub runtime: Runtime,
    /// Name without a leading slash; empty where there is none.
    pub name: String,
    /// What it was made from.
    pub image: Image,
    /// Labels by key.
    pub labels: BTreeMap<String, String>,
    /// Whether it may do as it likes; `None` where the runtime's answer came too late to know.
    pub privileged: Option<bool>,
    /// What is mounted into it; `None` where the runtime's answer came too late to know.
    pub mounts: Option<Vec<Mount>>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it last started.
    pub started: Option<Timestamp>,
    /// Which of the host's namespaces it shares.
    pub shares: HostNamespaces,
    /// The pod it belongs to, for Kubernetes.
    pub pod: Option<Box<Pod>>,
    /// Whether something was too long or too many and is missing its end.
    pub truncated: bool,
}

/// Which of the host's namespaces a container shares; `None` where the runtime did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostNamespaces {
    /// Process ids.
    pub pid: Option<bool>,
    /// Network.
    pub network: Option<bool>,
    /// System V IPC and POSIX message queues.
    pub ipc: Option<bool>,
}

/// A Kubernetes pod, as the runtime was told of it; parts that are not known are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Unique id.
    pub uid: String,
    /// Id of its sandbox.
    pub sandbox_id: String,
    /// Labels by key.
    pub labels: BTreeMap<String, String>,
    /// Its first address; empty for one in the host's network.
    pub ip: String,
}

/// The image of a container; parts that are not known are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// As it was asked for.
    pub reference: String,
    /// Registry and path.
    pub repository: String,
    /// Tag.
    pub tag: String,
    /// Digest in its registry (`sha256:...`); empty for an image that never was in one.
    pub digest: String,
    /// Local id (`sha256:...`).
    pub id: String,
}

/// One mount of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`.
    pub kind: String,
    /// Path on the host.
    pub source: String,
    /// Path in the container.
    pub destination: String,
    /// Options as the runtime spells them.
    pub mode: String,
    /// Whether it may be written.
    pub writable: bool,
    /// Propagation (`rprivate`, `rslave`).
    pub propagation: String,
}

/// Metadata shared between a container's records.
pub type Shared = Arc<Metadata>;

impl Metadata {
    /// Nothing known but who says so.
    pub fn of(runtime: Runtime) -> Self {
        Self {
            runtime,
            name: String::new(),
            image: Image::default(),
            labels: BTreeMap::new(),
            privileged: None,
            mounts: None,
            created: None,
            started: None,
            shares: HostNamespaces::default(),
            pod: None,
            truncated: false,
        }
    }

    /// Cuts lists and texts to the bounds of this module, and notes if it had to.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let mut cut = Cut { cut: self.truncated };
        cut.text(&mut self.name);
        let Image { reference, repository, tag, digest, id } = &mut self.image;
        for text in [reference, repository, tag, digest, id] {
            cut.text(text);
        }
        self.labels = cut.labels(self.labels);
        if let Some(mounts) = &mut self.mounts {
            cut.mounts(mounts);
        }
        if let Some(pod) = &mut self.pod {
            cut.pod(pod);
        }
        self.truncated = cut.cut;
        self
    }
}

/// Cuts, and remembers that it did.
struct Cut {
    cut: bool,
}

impl Cut {
    fn text(&mut self, text: &mut String) {
        if text.len() > MAX_TEXT {
            text.truncate(text.floor_char_boundary(MAX_TEXT));
            self.cut = true;
        }
    }

    fn labels(&mut self, labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
        self.cut |= labels.len() > MAX_ITEMS;
        let kept = labels.into_iter().take(MAX_ITEMS);
        kept.map(|(mut key, mut value)| {
            self.text(&mut key);
            self.text(&mut value);
            (key, value)
        })
        .collect()
    }

    fn pod(&mut self, pod: &mut Pod) {
        let Pod { name, namespace, uid, sandbox_id, labels, ip } = pod;
        for text in [name, namespace, uid, sandbox_id, ip] {
            self.text(text);
        }
        *labels = self.labels(std::mem::take(labels));
    }

    fn mounts(&mut self, mounts: &mut Vec<Mount>) {
        self.cut |= mounts.len() > MAX_ITEMS;
        mounts.truncate(MAX_ITEMS);
        for Mount { kind, source, destination, mode, writable: _, propagation } in mounts {
            for text in [kind, source, destination, mode, propagation] {
                self.text(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        Metadata { name: "n".to_owned(), ..Metadata::of(Runtime::Docker) }
    }

    #[test]
    fn what_fits_is_left_alone() {
        let before = Metadata { labels: BTreeMap::from([("k".into(), "v".into())]), ..metadata() };
        assert_eq!(before.clone().bounded(), before);
    }

    #[test]
    fn what_does_not_fit_is_cut_at_a_character_and_marked() {
        let long = Metadata { name: "é".repeat(MAX_TEXT), ..metadata() }.bounded();
        assert!(long.truncated);
        assert!(long.name.len() <= MAX_TEXT && long.name.chars().all(|c| c == 'é'));
        let labels = (0..=MAX_ITEMS).map(|i| (format!("{i:04}"), String::new())).collect();
        let many = Metadata { labels, ..metadata() }.bounded();
        assert!(many.truncated);
        assert_eq!(many.labels.len(), MAX_ITEMS);
        let pod = Pod { uid: "x".repeat(MAX_TEXT + 1), ..Pod::default() };
        let long = Metadata { pod: Some(Box::new(pod)), ..metadata() }.bounded();
        assert!(long.truncated && long.pod.is_some_and(|pod| pod.uid.len() == MAX_TEXT));
    }
}
