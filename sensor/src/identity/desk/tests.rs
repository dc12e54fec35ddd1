//! The book under every order of events.

use super::*;
use crate::identity::claim::{Claim, Runtime};
use crate::identity::docker::facts::{announced, happening};
use crate::identity::docker::model::Event;
use crate::identity::metadata::Metadata;

const ID: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";

fn desk() -> Desk {
    let host = Host {
        driver: Some(Driver::Cgroupfs),
        cgroup_parent: String::new(),
        cgroup_of: |_| None,
        now: Timestamp::now,
    };
    Desk::new(host, Arc::new(Counters::default()))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn request(record: u64, path: &str) -> Request {
    let claim = Claim::parse(path.as_bytes()).unwrap();
    Request { record, claim, cgroup: path.as_bytes().into(), seen: 0 }
}

fn true_request(record: u64) -> Request {
    request(record, &format!("/docker/{ID}"))
}

fn event(action: &str, second: i64) -> Event {
    let line = format!(
        r#"{{"Type":"container","Action":"{action}","timeNano":{second}000000000,
            "Actor":{{"ID":"{ID}","Attributes":{{"image":"box:1","name":"web"}}}}}}"#
    );
    serde_json::from_str(&line).unwrap()
}

/// What Docker's event makes the desk do.
fn play(desk: &mut Desk, event: &Event) -> Vec<Task> {
    happening(desk.host(), event).map_or_else(Vec::new, |happening| desk.happened(happening))
}

fn id() -> ContainerId {
    ContainerId::new(ID.as_bytes())
}

fn facts(desk: &Desk) -> Facts {
    announced(desk.host(), ID, &event("create", 1))
}

/// Tasks in short: `?` asks Docker, `1 web` and `1 UnknownId` answer record 1.
fn short(tasks: Vec<Task>) -> Vec<String> {
    let text = |task| match task {
        Task::Inspect(question) => {
            assert_eq!(question.id.hex(), Some(ID));
            "?".to_owned()
        }
        Task::Answer(Answer { record, verdict: Ok(metadata) }) => format!("{record} {}", metadata.name),
        Task::Answer(Answer { record, verdict: Err(reason) }) => format!("{record} {reason:?}"),
    };
    tasks.into_iter().map(text).collect()
}

#[test]
fn a_claim_is_asked_about_once_and_answered() {
    let mut desk = desk();
    assert_eq!(short(desk.ask(true_request(1), at(2))), ["?"]);
    assert!(desk.ask(true_request(2), at(2)).is_empty());
    let facts = facts(&desk);
    let mut tasks = short(desk.inspected(&id(), Ok(facts)));
    assert_eq!(tasks.pop().as_deref(), Some("?"), "the second claim came after the question");
    assert_eq!(tasks, ["1 web", "2 web"]);
}

#[test]
fn what_is_foreseen_is_answered_at_once_and_confirmed_by_the_start() {
    let mut desk = desk();
    assert_eq!(short(play(&mut desk, &event("create", 1))), ["?"]);
    let facts = facts(&desk);
    assert!(desk.inspected(&id(), Ok(facts.clone())).is_empty());
    assert_eq!(short(desk.ask(true_request(1), at(2))), ["1 web"]);
    assert_eq!(short(play(&mut desk, &event("start", 3))), ["?"]);
    assert!(desk.inspected(&id(), Ok(facts.clone())).is_empty(), "nothing new");
    let elsewhere = Facts { cgroups: Vec::new(), ..facts };
    assert_eq!(short(desk.inspected(&id(), Ok(elsewhere))), ["1 OtherCgroup"]);
}

#[test]
fn a_container_removed_before_it_was_inspected_is_told_from_its_event() {
    let mut desk = desk();
    play(&mut desk, &event("create", 1));
    play(&mut desk, &event("die", 3));
    assert!(desk.inspected(&id(), Err(Reason::UnknownId)).is_empty());
    assert_eq!(short(desk.ask(true_request(1), at(2))), ["?"]);
    assert_eq!(short(desk.inspected(&id(), Err(Reason::UnknownId))), ["1 web"]);
    let other = request(2, &format!("/x/docker-{ID}.scope"));
    assert_eq!(short(desk.ask(other, at(2))), ["?"]);
    assert_eq!(short(desk.inspected(&id(), Err(Reason::UnknownId))), ["2 OtherCgroup"]);
}

#[test]
fn what_was_foreseen_is_asked_again_once_the_container_runs() {
    let mut desk = desk();
    play(&mut desk, &event("create", 1));
    let facts = facts(&desk);
    desk.inspected(&id(), Ok(facts.clone()));
    play(&mut desk, &event("start", 3));
    assert_eq!(short(desk.ask(true_request(1), at(2))), ["?"]);
    assert_eq!(short(desk.inspected(&id(), Err(Reason::TimedOut))), ["1 web"], "better than nothing");
    desk.ask(true_request(2), at(2));
    desk.inspected(&id(), Ok(facts));
    assert_eq!(short(desk.ask(true_request(3), at(2))), ["3 web"]);
}

#[test]
fn a_late_failure_is_not_told_while_the_next_answer_is_on_its_way() {
    let mut desk = desk();
    play(&mut desk, &event("create", 1));
    let other = request(1, &format!("/foo/{ID}"));
    assert!(desk.ask(other, at(2)).is_empty(), "that question is under way");
    assert_eq!(short(desk.inspected(&id(), Err(Reason::TimedOut))), ["?"]);
    assert_eq!(short(desk.inspected(&id(), Err(Reason::TimedOut))), ["1 TimedOut"]);
}

#[test]
fn a_cgroup_made_after_the_containers_end_is_not_its_own_until_it_starts_again() {
    let mut desk = desk();
    play(&mut desk, &event("create", 1));
    let running = facts(&desk);
    desk.inspected(&id(), Ok(running.clone()));
    play(&mut desk, &event("die", 3));
    assert_eq!(short(desk.ask(true_request(1), at(4))), ["?"]);
    let over = Facts { ended: Some(at(3)), ..running.clone() };
    assert_eq!(short(desk.inspected(&id(), Ok(over))), ["1 NotRunning"]);
    assert_eq!(short(play(&mut desk, &event("start", 5))), ["?"]);
    assert_eq!(short(desk.inspected(&id(), Ok(running))), ["1 web"]);
}

#[test]
fn silence_takes_nothing_back_and_is_made_up_for() {
    let mut desk = desk();
    desk.ask(true_request(1), at(2));
    assert_eq!(short(desk.inspected(&id(), Err(Reason::Unreachable))), ["1 Unreachable"]);
    assert_eq!(short(desk.docker_connected(Some(Driver::Cgroupfs))), ["?"]);
    let facts = facts(&desk);
    assert_eq!(short(desk.inspected(&id(), Ok(facts))), ["1 web"]);
    assert_eq!(short(desk.docker_connected(Some(Driver::Cgroupfs))), ["?"]);
    assert!(desk.inspected(&id(), Err(Reason::TimedOut)).is_empty());
    assert!(desk.inspected(&id(), Err(Reason::UnknownId)).is_empty());
}

#[test]
fn an_unknown_id_stays_unverified() {
    let mut desk = desk();
    desk.ask(true_request(1), at(2));
    assert_eq!(short(desk.inspected(&id(), Err(Reason::UnknownId))), ["1 UnknownId"]);
}

#[test]
fn what_nobody_could_know_is_not_asked() {
    let mut desk = desk();
    for path in ["/lxc.payload.x".to_owned(), "/default/a b".to_owned()] {
        assert_eq!(short(desk.ask(request(1, &path), at(2))), ["1 NoClient"], "{path}");
    }
    assert_eq!(short(desk.ask(request(1, &format!("/foo/{ID}")), at(2))), ["?"], "anybody's may be Docker's");
}

#[test]
fn claims_without_end_are_refused_and_none_is_left_waiting() {
    let mut desk = desk();
    let mut seen: Vec<String> = Vec::new();
    for record in 0..100 {
        seen.extend(short(desk.ask(request(record, &format!("/x{record}/{ID}")), at(2))));
    }
    assert_eq!(
        short(desk.inspected(&id(), Err(Reason::UnknownId))),
        ["?"],
        "once more, for those who came later"
    );
    seen.extend(short(desk.inspected(&id(), Err(Reason::UnknownId))));
    let answered: std::collections::BTreeSet<_> =
        seen.iter().filter_map(|s| s.split_once(' ')).map(|s| s.0).collect();
    assert_eq!(answered.len(), 100);
    assert_eq!(seen.iter().filter(|s| s.ends_with("Busy")).count(), 100 - MAX_CLAIMS);
}

#[test]
fn containers_without_end_push_out_the_oldest_with_a_word() {
    let mut desk = desk();
    let count = u64::try_from(MAX_CONTAINERS.get()).unwrap() + 5;
    let mut refused = Vec::new();
    for record in 0..count {
        let tasks = desk.ask(request(record, &format!("/docker/{record:064x}")), at(2));
        refused.extend(tasks.into_iter().filter_map(|task| match task {
            Task::Answer(answer) => Some(answer),
            Task::Inspect(_) => None,
        }));
    }
    let expected: Vec<_> = (0..5).map(|record| Answer { record, verdict: Err(Reason::Busy) }).collect();
    assert_eq!(refused, expected);
    assert_eq!(desk.entries.len(), MAX_CONTAINERS.get());
}

#[test]
fn a_burst_of_creations_is_not_all_foreseen() {
    let mut desk = desk();
    let mut asked = 0;
    for number in 0..(MAX_FORESEEN + 10) {
        let mut event = event("create", 1);
        event.actor.id = format!("{number:064x}");
        asked += play(&mut desk, &event).len();
    }
    assert_eq!(asked, MAX_FORESEEN);
    assert_eq!(desk.counters.get(Count::NotForeseen), 10);
}

#[test]
fn events_about_nothing_are_counted() {
    let mut desk = desk();
    let mut odd = event("create", 1);
    odd.actor.id = "../../secrets".to_owned();
    assert!(play(&mut desk, &odd).is_empty());
    assert_eq!(desk.counters.get(Count::StreamGarbage), 1);
    assert!(play(&mut desk, &event("exec_start: sh", 1)).is_empty());
}

#[test]
fn a_runtime_that_the_claim_is_not_about_has_no_say() {
    let mut desk = desk();
    let place = format!("/docker/{ID}").into_bytes();
    let metadata = Arc::new(Metadata::of(Runtime::Containerd));
    let theirs = Facts { source: Source::Cri, metadata, cgroups: vec![place], ended: None };
    let created = Happening { id: ID.to_owned(), source: Source::Cri, what: What::Created(None) };
    assert_eq!(short(desk.happened(created)), ["?"]);
    assert!(desk.inspected(&id(), Ok(theirs.clone())).is_empty());
    assert_eq!(short(desk.ask(true_request(1), at(2))), ["?"], "only Docker can confirm Docker's");
    assert_eq!(short(desk.inspected(&id(), Ok(theirs))), ["1 UnknownId"]);
}

#[test]
fn a_user_is_asked_for_the_containers_in_its_part_of_the_hierarchy() {
    let mut desk = desk();
    let path = format!("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope");
    let tasks = desk.ask(request(1, &path), at(2));
    let [Task::Inspect(question)] = tasks.as_slice() else { panic!("{tasks:?}") };
    assert_eq!(question.owners, [1000]);
    assert_eq!(question.sources, Sources::only(Source::Podman));
}
