//! The guard beside dockerd's own decoder: what dockerd would let reach the host is denied, and what is passed on means
//! what its sender meant.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use sensor::guard::inspect::{Inspect, InspectError};
use sensor::guard::operation::{self, Operation};
use sensor::guard::{Digest, Json, Policy, Request, Target, Verdict, body};
use sensor::rules::{FieldRef, Fields, Value, policies};
use sensor::sys::host_path::Root;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::bodies::Bodies;
use super::client::{Answer, Client};
use super::common::image::IMAGE;
use super::decoder::{Decoded, Decoder};
use super::policy::Guarded;

const SEED: u64 = 0x5eed_0f00_d0c5;
const COUNT: usize = 100_000;
/// How many differences a failure shows.
const SHOWN: usize = 5;
/// A directory of the host from which the default policy lets containers mount.
const ALLOWED: &str = "/srv/containers/web";

/// What the guard does with a body.
#[derive(Debug)]
enum Outcome {
    /// It has no reading, or more than one.
    Refused,
    /// A rule denies it.
    Denied,
    /// The engine gets this.
    Forwarded(Vec<u8>),
}

/// An engine that has nothing yet.
#[derive(Debug)]
struct Empty;

impl Inspect for Empty {
    async fn get(&self, _: &str) -> Result<Option<Json>, InspectError> {
        Ok(None)
    }

    async fn remove(&self, _: &str) -> Result<(), InspectError> {
        Ok(())
    }
}

/// A caller of whom nothing is known.
struct Anybody;

impl Fields for Anybody {
    fn value(&self, _: &FieldRef) -> Value<'_> {
        Value::Missing
    }
}

/// The way of a body through the guard, with the default policy.
struct Guard {
    policy: Policy<Empty>,
    operation: &'static Operation,
    target: Target,
    runtime: Runtime,
    _host: TempDir,
}

impl Guard {
    fn new() -> Result<Self> {
        let host = tempfile::tempdir()?;
        for directory in ["etc", "root", "var/run", &ALLOWED[1..]] {
            fs::create_dir_all(host.path().join(directory))?;
        }
        symlink("/etc", host.path().join("srv/containers/link"))?;
        let (rules, _) = policies::load().map_err(|error| anyhow::anyhow!("{error}"))?;
        let policy = Policy::new(rules, Root::at(host.path())?, Empty);
        let target = Target::parse("/v1.41/containers/create")?;
        let operation = operation::find(&Method::POST, &target).context("an unknown operation")?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { policy, operation, target, runtime, _host: host })
    }

    fn judge(&self, bytes: &[u8]) -> Outcome {
        let Ok(Some(read)) = body::read(self.operation, bytes.to_vec()) else { return Outcome::Refused };
        let forwarded = read.json.to_bytes();
        let request = Request {
            method: Method::POST,
            target: self.target.clone(),
            operation: Some(self.operation),
            body: Some(read.json),
            dropped: read.dropped,
            digest: Digest::default(),
        };
        match self.runtime.block_on(self.policy.decide(&request, &Anybody)).verdict {
            Verdict::Allow => Outcome::Forwarded(forwarded),
            Verdict::Deny { .. } => Outcome::Denied,
        }
    }
}

/// Adds one to what was seen so often.
fn count(seen: &mut BTreeMap<String, usize>, what: impl Into<String>) {
    *seen.entry(what.into()).or_default() += 1;
}

#[test]
fn what_dockerd_would_let_reach_the_host_is_denied_and_the_rest_means_the_same() -> Result<()> {
    let (decoder, guard) = (Decoder::build()?, Guard::new()?);
    let mut bodies = Bodies::new(SEED, "box");
    let bodies: Vec<Vec<u8>> = (0..COUNT).map(|_| bodies.next()).collect();
    let outcomes: Vec<Outcome> = bodies.iter().map(|body| guard.judge(body)).collect();
    let sent: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    let meant = decoder.decode(&sent, ALLOWED)?;
    let forwarded: Vec<&[u8]> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Forwarded(body) => Some(body.as_slice()),
            Outcome::Refused | Outcome::Denied => None,
        })
        .collect();
    let mut got = decoder.decode(&forwarded, ALLOWED)?.into_iter();
    let (mut seen, mut wrong) = (BTreeMap::new(), Vec::new());
    for ((body, outcome), meant) in bodies.iter().zip(&outcomes).zip(&meant) {
        let shown = String::from_utf8_lossy(body);
        for way in &meant.reaches {
            count(&mut seen, format!("reaches by {way}"));
        }
        match outcome {
            Outcome::Forwarded(_) => {
                let got = got.next().context("an answer is missing")?;
                if !meant.reaches.is_empty() || !same(meant, &got) {
                    wrong.push(format!("{shown}\nmeant {meant:?}\nand is {got:?}"));
                }
                count(&mut seen, if meant.refused.is_empty() { "forwarded" } else { "forwarded nonsense" });
            }
            Outcome::Denied if meant.reaches.is_empty() => count(&mut seen, "denied for another reason"),
            Outcome::Denied => count(&mut seen, "denied"),
            Outcome::Refused if meant.refused.is_empty() => count(&mut seen, "refused and clear to dockerd"),
            Outcome::Refused => count(&mut seen, "refused"),
        }
    }
    ensure!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(SHOWN)].join("\n\n"));
    enough(&seen)
}

/// Whether a body that is passed on means what was sent. What dockerd refuses, it refuses for some reason.
fn same(meant: &Decoded, got: &Decoded) -> bool {
    if meant.refused.is_empty() { meant == got } else { !got.refused.is_empty() }
}

/// Whether there was enough of everything for the comparison to say something.
fn enough(seen: &BTreeMap<String, usize>) -> Result<()> {
    for (what, least) in [
        ("forwarded", 40_000),
        ("denied", 20_000),
        ("refused", 5_000),
        ("refused and clear to dockerd", 5_000),
        ("reaches by privileged", 1_000),
        ("reaches by bind", 1_000),
        ("reaches by mount", 500),
    ] {
        let found = seen.get(what).copied().unwrap_or_default();
        ensure!(found >= least, "only {found} are {what}: {seen:#?}");
    }
    Ok(())
}

#[test]
fn the_decoder_is_dockerds() -> Result<()> {
    let decoder = Decoder::build()?;
    let bodies: [&[u8]; 5] = [
        "{\"Image\":\"i\",\"Ho\u{17f}tConfig\":{\"Privileged\":true}}".as_bytes(),
        br#"{"Image":"i","HostConfig":{"Binds":["/:/x","v:/y"]},"hostconfig":{"PidMode":"host"}}"#,
        br#"{"Image":"i","Privileged":true}"#,
        br#"{"Image":"i","HostConfig":{"Binds":["/srv/containers/web/x:/x"]}} trailing"#,
        br#"{"Image":"i","HostConfig":{"Privileged":1}}"#,
    ];
    let told = decoder.decode(&bodies, ALLOWED)?;
    let ways: Vec<_> = told.iter().map(|one| one.reaches.join(" ")).collect();
    ensure!(ways == ["privileged", "bind pid", "privileged", "", ""], "{ways:?}");
    ensure!(told[4].refused.contains("Privileged") && told[3].refused.is_empty(), "{told:?}");
    ensure!(told[0].meaning["config"]["Image"] == "i", "{told:?}");
    Ok(())
}

/// How many bodies a real engine gets.
const SAMPLE: usize = 200;
const CREATE: &str = "/v1.41/containers/create";

/// What the engine made: the container, with all that is another one each time called the same.
fn made(socket: &Path, answer: &Answer) -> Result<String> {
    let created: serde_json::Value = serde_json::from_str(&answer.body)?;
    let id = created["Id"].as_str().context("no id")?;
    let looked = Client::connect(socket).get(&format!("GET /containers/{id}/json"));
    let mut container: serde_json::Value = serde_json::from_str(&looked.body)?;
    if let Some(mounts) = container["Mounts"].as_array_mut() {
        // The engine tells them in any order.
        mounts.sort_by_key(|mount| mount["Destination"].to_string());
    }
    let parts = ["Config", "HostConfig", "Mounts", "NetworkSettings"].map(|part| &container[part]);
    ensure!(parts.iter().all(|part| !part.is_null()), "{}", looked.body);
    let text = serde_json::to_string(&parts)?;
    Ok(text.split('"').map(|word| if is_id(word, id) { "ID" } else { word }).collect::<Vec<_>>().join("\""))
}

/// Whether a word, or the last part of a path, is an id: the container's, or a volume's.
fn is_id(word: &str, id: &str) -> bool {
    let name = word.trim_end_matches("/_data");
    let name = name.rsplit('/').next().unwrap_or(name);
    name == &id[..12] || (name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[test]
fn dockerd_makes_the_same_container_through_the_guard() -> Result<()> {
    let (decoder, guarded) = (Decoder::build()?, Guarded::start()?);
    let (direct, through) = (guarded.engine.socket(), guarded.socket());
    let mut bodies = Bodies::new(SEED, IMAGE);
    let bodies: Vec<String> =
        (0..SAMPLE).map(|_| String::from_utf8_lossy(&bodies.next()).into_owned()).collect();
    let sent: Vec<&[u8]> = bodies.iter().map(String::as_bytes).collect();
    let (mut same, mut stopped) = (0, 0);
    for (body, meant) in bodies.iter().zip(decoder.decode(&sent, "/srv/containers")?) {
        let before = guarded.asked("POST")?;
        let answer = Client::connect(&through).post(CREATE, body);
        if answer.body.contains("vigie: ") {
            ensure!([400, 403].contains(&answer.status), "{body}: {answer:?}");
            ensure!(guarded.asked("POST")? == before, "{body} reached the engine");
            stopped += 1;
            continue;
        }
        ensure!(meant.reaches.is_empty(), "{:?} got through: {body}", meant.reaches);
        let other = Client::connect(&direct).post(CREATE, body);
        ensure!(answer.status == other.status, "{body}: {answer:?} and without the guard {other:?}");
        if answer.status == 201 {
            ensure!(made(&direct, &answer)? == made(&direct, &other)?, "{body} made another container");
            same += 1;
        }
    }
    ensure!(same >= 35 && stopped >= 35, "{same} were made, {stopped} were not");
    Ok(())
}
