//! Cgroup events and answers in, views out, with a resolver that only notes what it is asked.

use super::*;
use crate::identity::request::{Answer, Request};
use crate::identity::state::Reason;
use crate::sys::cgroupfs::Cgroup;
use std::collections::VecDeque;
use std::sync::Mutex;

const A: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";
const SECOND: u64 = 1_000_000_000;

/// What the fake resolver was asked and will answer.
#[derive(Debug, Default)]
struct Wire {
    asked: Vec<Request>,
    answers: VecDeque<Answer>,
    full: bool,
}

#[derive(Clone, Debug, Default)]
struct FakeResolver(Arc<Mutex<Wire>>);

impl Ask for FakeResolver {
    fn ask(&mut self, request: Request) -> Result<(), Request> {
        let mut wire = self.0.lock().unwrap();
        if wire.full {
            return Err(request);
        }
        wire.asked.push(request);
        Ok(())
    }

    fn try_recv(&mut self) -> Option<Answer> {
        self.0.lock().unwrap().answers.pop_front()
    }
}

struct Bench {
    identities: Identities<FakeResolver>,
    resolver: FakeResolver,
    existing: Arc<Mutex<Vec<Cgroup>>>,
    counters: Arc<Counters>,
}

impl Bench {
    fn new(limits: Limits) -> Self {
        let resolver = FakeResolver::default();
        let existing = Arc::new(Mutex::new(vec![Cgroup { id: 1, path: b"/".to_vec() }]));
        let counters = Arc::new(Counters::default());
        let list = Arc::clone(&existing);
        let walker: Walker =
            Box::new(move || Ok(Walk { cgroups: list.lock().unwrap().clone(), partial: false }));
        let identities = Identities::new(resolver.clone(), walker, limits, Arc::clone(&counters));
        let mut bench = Self { identities, resolver, existing, counters };
        bench.identities.seed(0).unwrap();
        bench
    }

    fn apply(&mut self, change: Change, id: u64, path: &str, time: u64) {
        self.identities.apply(&CgroupEvent { change, id, hierarchy: 0, path: path.as_bytes(), time, pid: 7 });
    }

    fn asked(&self) -> Vec<(u64, String, u64)> {
        let wire = self.resolver.0.lock().unwrap();
        let text = |request: &Request| String::from_utf8(request.cgroup.to_vec()).unwrap();
        wire.asked.iter().map(|request| (request.record, text(request), request.seen)).collect()
    }

    fn answer(&mut self, record: u64, verdict: Result<&str, Reason>) -> Vec<Update> {
        let verdict = verdict.map(|name| Arc::new(metadata(name)));
        self.resolver.0.lock().unwrap().answers.push_back(Answer { record, verdict });
        self.identities.apply_answers()
    }

    fn name(&mut self, cgroup: u64) -> Option<String> {
        self.identities.of(cgroup, 0).metadata().map(|metadata| metadata.name.clone())
    }

    fn state(&mut self, cgroup: u64) -> Option<State> {
        match self.identities.of(cgroup, 0) {
            Identity::Container(container) => Some(container.state),
            Identity::Host | Identity::Unknown => None,
        }
    }
}

fn metadata(name: &str) -> Metadata {
    Metadata { name: name.to_owned(), ..Metadata::of(Runtime::Docker) }
}

fn docker() -> String {
    format!("/docker/{A}")
}

#[test]
fn a_container_is_asked_about_when_its_cgroup_is_made() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Created, 9, &docker(), 5);
    assert_eq!(bench.asked(), [(1, docker(), 5)]);
    assert!(bench.identities.is_pending(9));
    let identity = bench.identities.of(9, 6);
    assert_eq!((identity.id(), identity.full_id()), (&A.as_bytes()[..12], A.as_bytes()));
    assert_eq!(identity.metadata(), None);
    let updates = bench.answer(1, Ok("web"));
    assert_eq!(updates, [Update { id: ContainerId::new(A.as_bytes()), state: State::Verified }]);
    assert!(!bench.identities.is_pending(9));
    assert_eq!((bench.name(9).as_deref(), bench.state(9)), (Some("web"), Some(State::Verified)));
    bench.apply(Change::Attached, 9, &docker(), 7);
    assert_eq!(bench.asked().len(), 1, "once");
}

#[test]
fn the_host_is_the_host() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Created, 3, "/system.slice/foo:/init.scope", 0);
    for cgroup in [1, 3] {
        assert_eq!(bench.identities.of(cgroup, 0), Identity::Host);
        assert_eq!(bench.identities.of(cgroup, 0).id(), HOST_ID);
        assert!(!bench.identities.is_pending(cgroup));
    }
}

#[test]
fn cgroups_inside_share_the_containers_record() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Created, 9, &docker(), 0);
    bench.apply(Change::Created, 10, &format!("{}/init.scope", docker()), 0);
    bench.answer(1, Ok("web"));
    assert_eq!(bench.name(10).as_deref(), Some("web"));
    assert_eq!(bench.asked().len(), 1);
}

#[test]
fn another_cgroup_with_the_same_id_has_a_verdict_of_its_own() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Created, 9, &docker(), 0);
    bench.apply(Change::Created, 10, &format!("/x/docker-{A}.scope"), 0);
    bench.answer(1, Ok("web"));
    bench.answer(2, Err(Reason::OtherCgroup));
    assert_eq!(bench.name(9).as_deref(), Some("web"));
    assert_eq!(bench.state(10), Some(State::Unverified(Reason::OtherCgroup)));
    assert_eq!(bench.name(10), None);
    assert_eq!(bench.identities.of(10, 0).id(), &A.as_bytes()[..12], "never host");
}

#[test]
fn a_removed_container_stays_known_and_its_successor_starts_anew() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Created, 9, &docker(), 0);
    bench.answer(1, Ok("web"));
    bench.apply(Change::Removed, 9, &docker(), 1);
    assert_eq!(bench.name(9).as_deref(), Some("web"));
    bench.apply(Change::Created, 10, &docker(), 2);
    assert_eq!(bench.state(10), Some(State::Pending), "same path, other cgroup");
    assert_eq!(bench.name(9).as_deref(), Some("web"), "the old one is still what it was");
    bench.apply(Change::Created, 9, "/system.slice/b.service", 3);
    assert_eq!(bench.identities.of(9, 3), Identity::Host, "a reused id");
    bench.apply(Change::Created, 9, &docker(), 4);
    assert_eq!(bench.name(9), None);
}

#[test]
fn a_verdict_can_be_taken_back() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Created, 9, &docker(), 0);
    bench.answer(1, Err(Reason::TimedOut));
    assert_eq!(bench.state(9), Some(State::Unverified(Reason::TimedOut)));
    bench.answer(1, Ok("web"));
    assert_eq!(bench.name(9).as_deref(), Some("web"));
    bench.answer(1, Err(Reason::OtherCgroup));
    assert_eq!(bench.name(9), None);
    assert_eq!(bench.counters.get(Count::Amended), 2);
    assert!(bench.answer(77, Ok("nobody")).is_empty());
    assert_eq!(bench.counters.get(Count::Stale), 1);
}

#[test]
fn a_full_queue_is_tried_again() {
    let mut bench = Bench::new(Limits::default());
    bench.resolver.0.lock().unwrap().full = true;
    bench.apply(Change::Created, 9, &docker(), 0);
    assert_eq!((bench.asked().len(), bench.state(9)), (0, Some(State::Pending)));
    bench.resolver.0.lock().unwrap().full = false;
    bench.identities.of(9, 0);
    assert_eq!(bench.asked().len(), 1);
    assert_eq!(bench.counters.get(Count::QueueFull), 2);
}

#[test]
fn v1_hierarchies_name_nothing() {
    let mut bench = Bench::new(Limits::default());
    let path = docker();
    let event = CgroupEvent {
        change: Change::Created,
        id: 9,
        hierarchy: 4,
        path: path.as_bytes(),
        time: 2 * SECOND,
        pid: 7,
    };
    bench.identities.apply(&event);
    assert_eq!(bench.identities.of(9, 2 * SECOND), Identity::Unknown);
    assert_eq!(bench.counters.get(Count::OtherHierarchy), 1);
}

#[test]
fn an_unannounced_cgroup_is_looked_for_once_in_a_while_and_never_host() {
    let mut bench = Bench::new(Limits::default());
    assert_eq!(bench.identities.of(9, SECOND / 2).id(), UNKNOWN_ID);
    assert_eq!((bench.counters.get(Count::Walks), bench.counters.get(Count::WalksSpared)), (1, 1));
    bench.existing.lock().unwrap().push(Cgroup { id: 9, path: docker().into_bytes() });
    assert_eq!(bench.identities.of(9, 2 * SECOND).full_id(), A.as_bytes());
    for _ in 0..5 {
        assert_eq!(bench.identities.of(10, 9 * SECOND), Identity::Unknown);
    }
    assert_eq!(bench.counters.get(Count::Walks), 3, "one for ten, whatever the time");
    assert_eq!(bench.identities.of(10, 99 * SECOND), Identity::Unknown);
    assert_eq!(bench.counters.get(Count::Walks), 3);
    assert_eq!(bench.counters.get(Count::UnknownCgroup), 7);
    bench.apply(Change::Created, 10, "/late", 100 * SECOND);
    assert_eq!(bench.identities.of(10, 100 * SECOND), Identity::Host);
}

#[test]
fn a_cgroup_gone_before_it_was_announced_is_still_a_container() {
    let mut bench = Bench::new(Limits::default());
    bench.apply(Change::Removed, 9, &docker(), 0);
    assert_eq!(bench.identities.of(9, 0).full_id(), A.as_bytes());
    assert_eq!(bench.asked().len(), 1);
}

#[test]
fn a_forgotten_record_is_opened_again() {
    let mut bench = Bench::new(Limits { records: NonZeroUsize::MIN, ..Limits::default() });
    bench.apply(Change::Created, 9, &docker(), 0);
    bench.apply(Change::Created, 10, "/lxc.payload.x", 0);
    assert_eq!(bench.state(9), Some(State::Pending));
    let asked: Vec<_> = bench.asked().into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(asked, [docker(), "/lxc.payload.x".to_owned(), docker()]);
}

#[test]
fn containers_that_ran_before_the_start_are_asked_about() {
    let mut bench = Bench::new(Limits::default());
    bench.existing.lock().unwrap().push(Cgroup { id: 9, path: docker().into_bytes() });
    bench.identities.seed(7).unwrap();
    assert_eq!(bench.asked(), [(1, docker(), 7)]);
}
