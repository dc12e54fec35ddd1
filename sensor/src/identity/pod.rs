//! The pod of a container, as far as the container's own labels tell.

use std::collections::BTreeMap;

use super::metadata::Pod;

/// What the kubelet writes on every container it makes.
const NAME: &str = "io.kubernetes.pod.name";
const NAMESPACE: &str = "io.kubernetes.pod.namespace";
const UID: &str = "io.kubernetes.pod.uid";
/// What the shim between the kubelet and Docker writes.
const SANDBOX: &str = "io.kubernetes.sandbox.id";

/// The pod named by a container's labels, if they name one.
pub fn pod_of_labels(labels: &BTreeMap<String, String>) -> Option<Box<Pod>> {
    let text = |key| labels.get(key).cloned().unwrap_or_default();
    labels.contains_key(NAME).then(|| {
        Box::new(Pod {
            name: text(NAME),
            namespace: text(NAMESPACE),
            uid: text(UID),
            sandbox_id: text(SANDBOX),
            ..Pod::default()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_the_pod_or_do_not() {
        let labels = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let pod = pod_of_labels(&labels(&[(NAME, "web-0"), (NAMESPACE, "shop")])).unwrap();
        assert_eq!((pod.name.as_str(), pod.namespace.as_str(), pod.uid.as_str()), ("web-0", "shop", ""));
        assert_eq!(pod_of_labels(&labels(&[(NAMESPACE, "shop")])), None);
    }
}
