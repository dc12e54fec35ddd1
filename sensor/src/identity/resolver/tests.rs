//! The whole resolver against fake engines.

use std::path::PathBuf;
use std::sync::Condvar;
use std::sync::Mutex;

use super::*;
use crate::identity::claim::Claim;
use crate::identity::docker::fake::{FakeEngine, Reply, Script};

const ID: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";
const INSPECT: &str = "/containers/585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455/json";
const HEAD: &str = "HTTP/1.1 200 OK\r\n\r\n";

/// A resolver, the fake engine it asks, and a bell that its waker rings.
struct Bench {
    resolver: Resolver,
    fake: FakeEngine,
    bell: Arc<(Mutex<u64>, Condvar)>,
    heard: u64,
    counters: Arc<Counters>,
    _runtime: Runtime,
}

/// Docker alone, wherever this host has other runtimes.
fn places(docker_socket: PathBuf) -> Places {
    Places { docker_socket, cri_sockets: Vec::new(), podman_storages: Vec::new() }
}

impl Bench {
    fn new(script: Script, patience: Duration) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let fake = runtime.block_on(async { FakeEngine::start(script) });
        let options = Options {
            places: places(fake.socket()),
            limits: Limits { answer: patience, ..Limits::default() },
            ..Options::default()
        };
        let counters = Arc::new(Counters::default());
        let bell = Arc::new((Mutex::new(0), Condvar::new()));
        let rope = Arc::clone(&bell);
        let waker = move || {
            *rope.0.lock().unwrap() += 1;
            rope.1.notify_all();
        };
        let resolver = Resolver::start(&options, Arc::clone(&counters), waker).unwrap();
        Self { resolver, fake, bell, heard: 0, counters, _runtime: runtime }
    }

    fn ask(&mut self, record: u64, path: &str) {
        let claim = Claim::parse(path.as_bytes()).unwrap();
        let cgroup = path.as_bytes().into();
        self.resolver.ask(Request { record, claim, cgroup, seen: clock::boottime() }).unwrap();
    }

    /// Waits for the waker, then takes the answer it announced.
    fn answer(&mut self) -> Answer {
        let (count, rung) = &*self.bell;
        let patience = Duration::from_mins(1);
        let heard = self.heard;
        let (_guard, late) =
            rung.wait_timeout_while(count.lock().unwrap(), patience, |count| *count <= heard).unwrap();
        assert!(!late.timed_out(), "no answer came");
        self.heard += 1;
        self.resolver.try_recv().expect("the waker announced it")
    }
}

fn inspected() -> Reply {
    Reply::json(&format!(
        r#"{{"Id":"{ID}","Name":"/web","State":{{"Status":"created"}},"Config":{{"Image":"r.example:5000/box:1"}}}}"#
    ))
}

fn docker() -> String {
    format!("/docker/{ID}")
}

#[test]
fn a_fake_engine_confirms_one_claim_and_not_the_other() {
    let script =
        Script::from([(INSPECT, inspected()), ("/info", Reply::json(r#"{"CgroupDriver":"cgroupfs"}"#))]);
    let mut bench = Bench::new(script, Duration::from_mins(1));
    bench.ask(1, &docker());
    let metadata = bench.answer().verdict.unwrap();
    assert_eq!((metadata.name.as_str(), metadata.image.repository.as_str()), ("web", "r.example:5000/box"));
    bench.ask(2, &format!("/x/docker-{ID}.scope"));
    assert_eq!(bench.answer(), Answer { record: 2, verdict: Err(Reason::OtherCgroup) });
    let unknown = "/docker/0000000000000000000000000000000000000000000000000000000000000000";
    bench.ask(3, unknown);
    assert_eq!(bench.answer(), Answer { record: 3, verdict: Err(Reason::UnknownId) });
}

#[test]
fn a_fake_engine_that_forgot_the_container_remembers_its_events() {
    let event = |action: &str| {
        format!(
            r#"{{"Type":"container","Action":"{action}","timeNano":9000000000000000000,"Actor":{{"ID":"{ID}",
               "Attributes":{{"image":"box:1","name":"web"}}}}}}"#
        )
        .replace('\n', " ")
    };
    let body = format!("{}\n{}\n", event("create"), event("destroy"));
    let script = Script::from([("/events?since", Reply::json(&body))]);
    let mut bench = Bench::new(script, Duration::from_mins(1));
    bench.ask(1, &docker());
    let metadata = bench.answer().verdict.unwrap();
    assert_eq!((metadata.name.as_str(), metadata.image.repository.as_str()), ("web", "box"));
}

#[test]
fn a_fake_engine_that_hangs_or_babbles_leaves_claims_unverified() {
    let garbage = Reply::Bytes(b"\0\xff nonsense".to_vec());
    let other = Reply::json(r#"{"Id":"ffff","Name":"/not-asked-for"}"#);
    for (reply, reason) in [
        (Reply::Open(Vec::new()), Reason::TimedOut),
        (garbage, Reason::Garbage),
        (other, Reason::Garbage),
        (Reply::status("503 Busy"), Reason::Refused),
    ] {
        let mut bench = Bench::new(Script::from([("/", reply)]), Duration::from_millis(50));
        bench.ask(1, &docker());
        assert_eq!(bench.answer(), Answer { record: 1, verdict: Err(reason) });
    }
}

#[test]
fn a_fake_engine_that_comes_back_amends_the_answer() {
    let script = Script::from([("/", Reply::status("503 Busy"))]);
    let mut bench = Bench::new(script, Duration::from_mins(1));
    bench.ask(1, &docker());
    assert_eq!(bench.answer().verdict, Err(Reason::Refused));
    bench.fake.set(INSPECT, inspected());
    bench.fake.set("/events", Reply::Open(HEAD.as_bytes().to_vec()));
    assert_eq!(bench.answer().verdict.unwrap().name, "web");
    assert_eq!(bench.counters.get(Count::StreamOpened), 1);
}

#[test]
fn no_engine_at_all_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(Script::new(), Duration::from_mins(1));
    let options = Options { places: places(directory.path().join("none")), ..Options::default() };
    let bell = Arc::clone(&bench.bell);
    let waker = move || {
        *bell.0.lock().unwrap() += 1;
        bell.1.notify_all();
    };
    bench.resolver = Resolver::start(&options, Arc::clone(&bench.counters), waker).unwrap();
    bench.ask(1, &docker());
    assert_eq!(bench.answer().verdict, Err(Reason::Unreachable));
}

#[test]
fn it_stops_while_a_fake_engine_hangs_and_another_floods() {
    let event = format!(
        r#"{{"Type":"container","Action":"rename","timeNano":1,"Actor":{{"ID":"{ID}","Attributes":{{}}}}}}"#
    );
    let flood = Reply::Endless(HEAD.as_bytes().to_vec(), format!("{event}\n").into_bytes());
    let hang = Reply::Open(Vec::new());
    for events in [hang.clone(), flood] {
        let script = Script::from([("/", hang.clone()), ("/events", events), ("/info", Reply::json("{}"))]);
        let mut bench = Bench::new(script, Duration::from_hours(1));
        bench.ask(1, &docker());
        // Returns although nothing was answered and nothing will be.
        drop(bench.resolver);
    }
}

#[test]
fn it_stops_while_nobody_takes_its_answers() {
    let mut bench = Bench::new(Script::new(), Duration::from_hours(1));
    let nobodys = Claim::parse(b"/lxc.payload.x").unwrap();
    let request =
        |record| Request { record, claim: nobodys.clone(), cgroup: b"/".as_slice().into(), seen: 0 };
    let mut refused = 0;
    let mut record = 0;
    while refused == 0 {
        refused = u64::from(bench.resolver.ask(request(record)).is_err());
        record += 1;
    }
    assert!(record > u64::try_from(QUEUE).unwrap());
    drop(bench.resolver);
}
