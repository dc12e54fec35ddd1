//! From a runtime's answers to facts.

use super::*;
use crate::identity::cri::model::{
    ContainerMetadata, ImageSpec, Namespaces, SandboxLinux, SandboxMetadata, SandboxNetwork,
};

const ID: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";

fn info(text: &str) -> Info {
    Info::read(&HashMap::from([("info".to_owned(), text.to_owned())])).unwrap()
}

#[test]
fn the_runtimes_own_words_are_read_as_far_as_they_go() {
    let containerd = info(
        r#"{"sandboxID":"s","pid":7,"config":{"linux":{"security_context":{"privileged":true}}},
            "runtimeSpec":{"linux":{"cgroupsPath":"/k8s.io/x","namespaces":[{"type":"pid"}]}}}"#,
    );
    assert!(containerd.privileged());
    assert_eq!(containerd.cgroups(|_| None), [b"/k8s.io/x".to_vec()]);
    assert_eq!(containerd.cgroups(|_| Some(b"/k8s.io/x/y".to_vec())), [b"/k8s.io/x".to_vec()]);
    assert!(containerd.cgroups(|_| Some(b"/init.scope".to_vec())).is_empty(), "the process is elsewhere");
    assert_eq!(runtime_part(&containerd).shares.network, Some(true));
    let crio = info(
        r#"{"sandboxID":"s","pid":7,"privileged":false,"config":null,
            "runtimeSpec":{"annotations":{"io.kubernetes.cri-o.Name":"x"}}}"#,
    );
    assert!(!crio.privileged());
    assert_eq!(runtime_part(&crio).runtime, Runtime::CriO);
    assert_eq!(runtime_part(&crio).shares, HostNamespaces::default());
    assert!(Info::read(&HashMap::from([("info".to_owned(), "nonsense".to_owned())])).is_err());
    assert!(info("{}").cgroups(|_| None).is_empty());
}

#[test]
fn images_get_their_names_digests_and_ids() {
    let text = |text: &str| text.to_owned();
    let made = image(text("r.example:5000/box:1"), text("r.example:5000/box@sha256:02"), text("sha256:01"));
    let parts = [&made.repository, &made.tag, &made.digest, &made.id].map(String::as_str);
    assert_eq!(parts, ["r.example:5000/box", "1", "sha256:02", "sha256:01"]);
    let by_id = image(text("sha256:01"), text("sha256:01"), String::new());
    let parts = [&by_id.repository, &by_id.tag, &by_id.digest, &by_id.id].map(String::as_str);
    assert_eq!(parts, ["", "", "", "sha256:01"], "no name is made up");
}

#[test]
fn an_image_of_several_names_goes_by_the_one_that_was_asked_for() {
    let asked = |text: &str| asked_for(&info(&format!(r#"{{"config":{{"image":{{{text}}}}}}}"#)));
    assert_eq!(asked(r#""image":"box:1""#).as_deref(), Some("box:1"));
    let both = asked(r#""image":"sha256:01","user_specified_image":"box:2""#);
    assert_eq!(both.as_deref(), Some("box:2"));
    assert_eq!(asked(r#""image":"sha256:01""#), None);
}

#[test]
fn a_container_belongs_to_the_pod_of_its_sandbox_or_else_of_its_labels() {
    let labels =
        HashMap::from([("io.kubernetes.pod.name".to_owned(), "web-0".to_owned()), ("a".into(), "b".into())]);
    let status = ContainerStatus {
        id: ID.to_owned(),
        metadata: Some(ContainerMetadata { name: "app".to_owned() }),
        image: Some(ImageSpec { image: "box:1".to_owned() }),
        started_at: 5_000_000_000,
        labels,
        ..ContainerStatus::default()
    };
    let metadata = container_metadata(status.clone(), &info("{}"), None);
    assert_eq!(metadata.pod.map(|pod| pod.name).as_deref(), Some("web-0"));
    assert_eq!((metadata.name.as_str(), metadata.created), ("app", None));
    assert_eq!(metadata.started.map(Timestamp::as_second), Some(5));
    let network = NamespaceOption { network: NODE, ..NamespaceOption::default() };
    let sandbox = SandboxStatus {
        id: "s".to_owned(),
        metadata: Some(SandboxMetadata { name: "real".into(), uid: "u".into(), namespace: "shop".into() }),
        network: Some(SandboxNetwork { ip: "10.0.0.1".to_owned() }),
        linux: Some(SandboxLinux { namespaces: Some(Namespaces { options: Some(network) }) }),
        ..SandboxStatus::default()
    };
    let joins = info(
        r#"{"runtimeSpec":{"linux":{"cgroupsPath":"/x","namespaces":[{"type":"network","path":"/p"}]}}}"#,
    );
    let metadata = container_metadata(status, &joins, Some(sandbox.clone()));
    assert_eq!((metadata.shares.network, metadata.shares.pid), (Some(true), Some(true)));
    let pod = metadata.pod.unwrap();
    let texts = [&pod.name, &pod.namespace, &pod.uid, &pod.sandbox_id, &pod.ip].map(String::as_str);
    assert_eq!(texts, ["real", "shop", "u", "s", "10.0.0.1"]);
    assert_eq!(sandbox_metadata(sandbox, &info("{}")).name, "real", "a sandbox goes by its pod's name");
}
