//! From the engine's answers to facts.

use super::*;
use crate::identity::state::Reason;

const ID: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";

fn host(cgroup_of: fn(u32) -> Option<Vec<u8>>) -> Host {
    Host { driver: Some(Driver::Cgroupfs), cgroup_parent: String::new(), cgroup_of, now: Timestamp::now }
}

fn place() -> Vec<u8> {
    format!("/docker/{ID}").into_bytes()
}

fn container(pid: i64) -> ContainerInspect {
    let mut container = ContainerInspect { id: ID.to_owned(), ..ContainerInspect::default() };
    container.state.pid = pid;
    container
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn the_init_process_confirms_the_place_or_denies_it() {
    assert_eq!(placed(&host(|_| Some(place())), ID, &container(7)), [place()]);
    let inside = |_| Some([place(), b"/init.scope".to_vec()].concat());
    assert_eq!(placed(&host(inside), ID, &container(7)), [place()]);
    let beside = |_| Some([place(), b"x".to_vec()].concat());
    assert!(placed(&host(beside), ID, &container(7)).is_empty());
    assert_eq!(placed(&host(|_| None), ID, &container(7)), [place()], "it has ended");
    assert_eq!(placed(&host(beside), ID, &container(0)), [place()], "it has not begun");
}

#[test]
fn the_containers_own_parent_wins_over_the_daemons() {
    let daemon = Host { cgroup_parent: "/all".to_owned(), ..host(|_| None) };
    assert_eq!(placed(&daemon, ID, &container(0)), [format!("/all/{ID}").into_bytes()]);
    let mut own = container(0);
    own.host_config.cgroup_parent = "one".to_owned();
    assert_eq!(placed(&daemon, ID, &own), [format!("/one/{ID}").into_bytes()]);
}

#[test]
fn a_claim_is_checked_for_place_and_time() {
    let created = Event { time_nano: 5_000_000_000, ..Event::default() };
    let mut facts = announced(&host(|_| None), ID, &created);
    assert!(facts.check(&place(), at(6)).is_ok());
    assert_eq!(facts.check(b"/docker-585.scope", at(6)).err(), Some(Reason::OtherCgroup));
    facts.ended = Some(at(7));
    assert!(facts.check(&place(), at(6)).is_ok(), "it ran when the cgroup was made");
    assert_eq!(facts.check(&place(), at(8)).err(), Some(Reason::NotRunning));
}

fn event(action: &str, second: i64) -> Event {
    let line = format!(
        r#"{{"Type":"container","Action":"{action}","timeNano":{second}000000000,
            "Actor":{{"ID":"{ID}","Attributes":{{"image":"r.example:1/box:2","name":"n","exitCode":"x"}}}}}}"#
    );
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_container_that_is_gone_is_told_from_its_events() {
    let host = host(|_| None);
    assert!(remembered(&host, ID, &[event("die", 3)]).is_none(), "not without its creation");
    let facts = remembered(&host, ID, &[event("create", 1), event("start", 2)]).unwrap();
    assert_eq!(facts.ended, None);
    let facts = remembered(&host, ID, &[event("create", 1), event("start", 2), event("destroy", 3)]).unwrap();
    assert_eq!(facts.ended, Some(at(3)));
    assert_eq!((facts.metadata.name.as_str(), facts.metadata.privileged), ("n", None));
    let image = &facts.metadata.image;
    assert_eq!((image.repository.as_str(), image.tag.as_str()), ("r.example:1/box", "2"));
    assert_eq!(facts.metadata.labels.keys().collect::<Vec<_>>(), ["exitCode"], "a label may be called so");
}

#[test]
fn images_get_their_names_and_digests() {
    let known = ImageInspect {
        repo_tags: vec!["r.example/box:1".to_owned()],
        repo_digests: vec!["other@sha256:01".to_owned(), "r.example/box@sha256:02".to_owned()],
    };
    let image = image_of("cafe".to_owned(), "sha256:cafe01".to_owned(), &known);
    assert_eq!(
        (image.repository.as_str(), image.tag.as_str(), image.digest.as_str()),
        ("r.example/box", "1", "sha256:02")
    );
    assert_eq!((image.reference.as_str(), image.id.as_str()), ("cafe", "sha256:cafe01"));
    let image = image_of("third:9".to_owned(), "sha256:cafe01".to_owned(), &known);
    assert_eq!((image.repository.as_str(), image.tag.as_str(), image.digest.as_str()), ("third", "9", ""));
    let image = image_of("cafe".to_owned(), "sha256:cafe01".to_owned(), &ImageInspect::default());
    assert_eq!((image.repository.as_str(), image.tag.as_str()), ("", ""), "untagged: no name is made up");
}

#[test]
fn only_a_finished_run_has_ended() {
    let mut over = container(0);
    over.state.finished_at = "2026-11-20T21:59:48Z".to_owned();
    for (status, has_ended) in [("exited", true), ("dead", true), ("running", false), ("created", false)] {
        over.state.status = status.to_owned();
        assert_eq!(ended(&over).is_some(), has_ended, "{status}");
    }
}
