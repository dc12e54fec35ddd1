//! From containerd's answers to facts.

use super::*;
use crate::identity::containerd::model::Time;
use crate::identity::state::Reason;
use jiff::Timestamp;

fn container(annotations: &str) -> (Container, Spec) {
    let spec = format!(r#"{{"annotations":{{{annotations}}},"linux":{{"cgroupsPath":"/default/web"}}}}"#);
    let container =
        Container { id: "web".to_owned(), image: "r.example:1/box:2".to_owned(), ..Container::default() };
    (container, serde_json::from_str(&spec).unwrap())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn the_task_confirms_the_place_and_tells_the_end() {
    let task = |status| Process { pid: 7, status, exited_at: Some(Time { seconds: 9, nanos: 0 }) };
    let checked = |task: Option<Process>, cgroup_of: fn(u32) -> Option<Vec<u8>>| {
        let (container, spec) = container("");
        facts(container, spec, task.as_ref(), String::new(), cgroup_of)
    };
    let elsewhere: fn(u32) -> Option<Vec<u8>> = |_| Some(b"/x".to_vec());
    assert!(checked(None, |_| None).check(b"/default/web", at(10)).is_ok(), "not begun");
    assert!(
        checked(Some(task(2)), |_| Some(b"/default/web".to_vec())).check(b"/default/web", at(10)).is_ok()
    );
    assert_eq!(
        checked(Some(task(2)), elsewhere).check(b"/default/web", at(1)).err(),
        Some(Reason::OtherCgroup)
    );
    let over = checked(Some(task(STOPPED)), elsewhere);
    assert!(over.check(b"/default/web", at(8)).is_ok(), "its number may be another's by now");
    assert_eq!(over.check(b"/default/web", at(10)).err(), Some(Reason::NotRunning));
}

#[test]
fn a_container_goes_by_what_its_client_calls_it() {
    let told = |annotations: &str, label: Option<&str>| {
        let (mut container, spec) = container(annotations);
        container.labels =
            label.map(|name| ("nerdctl/name".to_owned(), name.to_owned())).into_iter().collect();
        metadata(container, spec, "sha256:1".to_owned())
    };
    let plain = told("", None);
    assert_eq!((plain.name.as_str(), plain.pod), ("web", None));
    assert_eq!((plain.image.repository.as_str(), plain.image.tag.as_str()), ("r.example:1/box", "2"));
    assert_eq!(plain.image.digest, "sha256:1");
    assert_eq!(told("", Some("named")).name, "named");
    let pod = r#""io.kubernetes.cri.sandbox-id":"s","io.kubernetes.cri.sandbox-name":"pod-0""#;
    let sandbox = told(pod, None);
    assert_eq!((sandbox.name.as_str(), sandbox.pod.unwrap().sandbox_id.as_str()), ("pod-0", "s"));
    let inside = told(&format!(r#"{pod},"io.kubernetes.cri.container-name":"app""#), None);
    assert_eq!((inside.name.as_str(), inside.pod.unwrap().name.as_str()), ("app", "pod-0"));
}
