//! Hostile requests and ordinary ones, as bodies and paths, against the default policy.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Mutex;

use bytes::Bytes;
use hyper::Method;

use super::*;
use crate::guard::inspect::InspectError;
use crate::guard::{Digest, Json, Target, operation};
use crate::rules::example::Example;
use crate::rules::{FieldRef, Value, policies};

#[path = "tests/hostile.rs"]
mod hostile;
#[path = "tests/ordinary.rs"]
mod ordinary;

/// An engine that knows these things by their paths.
#[derive(Debug, Default)]
struct Engine {
    answers: BTreeMap<&'static str, &'static str>,
    asked: Mutex<Vec<String>>,
}

impl Inspect for Engine {
    async fn get(&self, path: &str) -> Result<Option<Json>, InspectError> {
        self.asked.lock().unwrap().push(path.to_owned());
        self.answers.get(path).map(|answer| Ok(Json::parse(answer.as_bytes())?)).transpose()
    }

    async fn remove(&self, id: &str) -> Result<(), InspectError> {
        self.asked.lock().unwrap().push(format!("remove {id}"));
        Ok(())
    }
}

/// A container without a way to the host, a privileged one, and one that mounts the engine's socket.
fn engine() -> Engine {
    let plain = r#"{"Id":"p1","Name":"/plain","Config":{"Image":"busybox","Labels":{"team":"web"}},"HostConfig":{
        "Privileged":false,"CapAdd":null,"PidMode":"","IpcMode":"private","CgroupnsMode":"host","NetworkMode":"default",
        "SecurityOpt":null,"Runtime":"runc","LogConfig":{"Type":"json-file","Config":{}},
        "MaskedPaths":["/proc/acpi","/proc/kcore"],"ReadonlyPaths":["/proc/bus","/proc/sys"]},
        "Mounts":[{"Type":"volume","Source":"/var/lib/docker/volumes/x/_data"}]}"#;
    let privileged =
        r#"{"Id":"a1","Name":"/agent","Config":{"Image":"agent"},"HostConfig":{"Privileged":true}}"#;
    let socket = r#"{"Id":"s1","Name":"/sock","HostConfig":{},"Mounts":[{"Type":"bind","Source":"/run/docker.sock"}]}"#;
    let answers = [
        ("/containers/plain/json", plain),
        ("/containers/agent/json", privileged),
        ("/containers/sock/json", socket),
        ("/containers/a1/json", privileged),
        ("/containers/p1/json", plain),
        ("/exec/e1/json", r#"{"ID":"e1","ContainerID":"a1"}"#),
        ("/exec/e2/json", r#"{"ID":"e2","ContainerID":"p1"}"#),
        ("/volumes/data", r#"{"Name":"data","Driver":"local","Options":null}"#),
        (
            "/volumes/evil",
            r#"{"Name":"evil","Driver":"local","Options":{"type":"none","o":"bind","device":"/"}}"#,
        ),
        ("/volumes/broken", "{"),
    ];
    Engine { answers: answers.into_iter().collect(), asked: Mutex::default() }
}

/// A host with a link to `/etc` in the directory that may be mounted.
fn host() -> (tempfile::TempDir, Root) {
    use std::os::unix::fs::PermissionsExt as _;
    let host = tempfile::tempdir().unwrap();
    for directory in ["etc", "srv/containers/web", "srv/containers/shared/x", "tmp"] {
        fs::create_dir_all(host.path().join(directory)).unwrap();
    }
    for (directory, mode) in [("", 0o755), ("srv/containers/shared", 0o777), ("tmp", 0o1777)] {
        fs::set_permissions(host.path().join(directory), fs::Permissions::from_mode(mode)).unwrap();
    }
    symlink("/etc", host.path().join("srv/containers/link")).unwrap();
    symlink("/nowhere", host.path().join("srv/containers/dangling")).unwrap();
    let root = Root::at(host.path()).unwrap();
    (host, root)
}

/// Somebody on the host.
struct Mira;

impl Fields for Mira {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        match field.field.name {
            "user.name" => Value::from("mira"),
            "proc.name" => Value::from("docker"),
            "container.id" => Value::from("host"),
            _ => Value::Missing,
        }
    }
}

fn request(line: &str, body: &str) -> Request {
    let (method, url) = line.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let segments = path.split('/').skip(1).map(str::to_owned).collect();
    let (method, target) = (
        Method::from_bytes(method.as_bytes()).unwrap(),
        Target { version: Some((1, 41).into()), segments, query },
    );
    let operation = operation::find(&method, &target);
    let mut request = Request {
        method,
        target,
        operation,
        body: None,
        dropped: Vec::new(),
        digest: Digest::of(Bytes::from_static(b"abc")),
    };
    if let Some(operation) = operation {
        let read =
            body::read(operation, body.to_owned()).unwrap_or_else(|error| panic!("{line} {body}: {error}"));
        if let Some(read) = read {
            (request.body, request.dropped) = (Some(read.json), read.dropped);
        }
    }
    request
}

fn rules(texts: &[(&str, &str)]) -> RuleSet {
    RuleSet::load(texts).unwrap_or_else(|error| panic!("{error}")).0
}

fn default_rules() -> RuleSet {
    policies::load().unwrap_or_else(|error| panic!("{error}")).0
}

/// The rule that denies, with its reason, or nothing.
async fn denied<I: Inspect>(policy: &Policy<I>, line: &str, body: &str) -> Option<(String, String)> {
    match policy.decide(&request(line, body), &Mira).await.verdict {
        Verdict::Allow => None,
        Verdict::Deny { rule, reason } => Some((rule, reason)),
    }
}

const ACCESS: &str = "Docker request for access to the host";
const MOUNT: &str = "Docker mount outside of the allowed directories";
const ENTERED: &str = "Docker container with host access entered";
const SESSION: &str = "Docker BuildKit session";
const PLUGIN: &str = "Docker plugin managed";
const CLUSTER: &str = "Docker cluster managed";
const ADDRESS: &str = "Docker image from an address";
const UNKNOWN: &str = "Unknown Docker operation";

#[tokio::test]
async fn an_alert_names_request_and_caller() {
    let (_host, root) = host();
    let policy = Policy::new(default_rules(), root, engine());
    let request =
        request("POST /containers/create?name=x", r#"{"Image":"busybox","HostConfig":{"Privileged":true}}"#);
    let decision = policy.decide(&request, &Mira).await;
    let reason =
        "What the request asks for opens a way from a container to the host. (privileged)".to_owned();
    assert_eq!(decision.verdict, Verdict::Deny { rule: ACCESS.to_owned(), reason });
    let [(rule, output)] = &decision.alerts[..] else { panic!("{:?}", decision.alerts) };
    assert_eq!(rule.name, ACCESS);
    let text = String::from_utf8_lossy(&output.text);
    for part in [
        "access=(privileged)",
        "operation=container.create",
        "path=/containers/create",
        "user=mira",
        "digest=ba7816bf",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn what_was_left_out_is_told_and_nothing_else() {
    let (_host, root) = host();
    let policy = Policy::new(default_rules(), root, engine());
    let decision =
        policy.decide(&request("POST /containers/create", r#"{"Image":"x","Shiny":1}"#), &Mira).await;
    assert_eq!(decision.verdict, Verdict::Allow);
    let alerts: Vec<_> = decision.alerts.iter().map(|(rule, _)| &*rule.name).collect();
    assert_eq!(alerts, ["Docker request with unknown members"]);
}

#[tokio::test]
async fn what_was_not_read_by_the_guard_is_denied() {
    let (_host, root) = host();
    let policy = Policy::new(default_rules(), root, engine());
    for body in [None, Some(r#"{"hostconfig":{}}"#), Some(r#"{"Unknown":1}"#)] {
        let mut request = request("POST /containers/create", "{}");
        request.body = body.map(|body| Json::parse(body.as_bytes()).unwrap());
        let verdict = policy.decide(&request, &Mira).await.verdict;
        assert!(
            matches!(verdict, Verdict::Deny { rule, .. } if rule == "Unreadable Docker request"),
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn the_engine_is_asked_only_where_rules_want_to_know() {
    let (_host, root) = host();
    let text = "- rule: r\n  desc: d\n  source: docker\n  action: deny\n  condition: docker.target.id = x\n  output: o\n  priority: info\n";
    let policy = Policy::new(rules(&[("f", text)]), root, engine());
    assert!(denied(&policy, "POST /containers/x/stop", "").await.is_some());
    assert!(denied(&policy, "POST /containers/plain/exec", r#"{"Cmd":["ls"]}"#).await.is_none());
    assert_eq!(*policy.engine.asked.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_target_that_cannot_be_looked_up_is_denied() {
    let (_host, root) = host();
    let policy = Policy::new(default_rules(), root, engine());
    for line in ["POST /containers/a%2fb/start", "POST /containers/-x/start"] {
        let (rule, _) = denied(&policy, line, "").await.unwrap();
        assert_eq!(rule, "Docker target that cannot be looked up");
    }
    let broken = r#"{"Image":"x","HostConfig":{"Binds":["broken:/x"]}}"#;
    assert_eq!(
        denied(&policy, "POST /containers/create", broken).await.unwrap().0,
        "Docker target that cannot be looked up"
    );
    // The engine itself says that there is no such container.
    assert_eq!(denied(&policy, "POST /containers/nobody/start", "").await, None);
}

#[tokio::test]
async fn the_first_rule_with_an_action_decides() {
    let rule = |name: &str, action: &str| {
        format!(
            "- rule: {name}\n  desc: {name}.\n  source: docker\n{action}  condition: docker.operation = build\n  output: o\n  priority: info\n"
        )
    };
    let (deny, allow) = ("  action: deny\n", "  action: allow\n");
    for (texts, verdict, alerts) in [
        ([rule("a", ""), rule("b", deny), rule("c", allow)], Some("b"), vec!["a", "b"]),
        ([rule("a", allow), rule("b", deny), rule("c", "")], None, vec!["c"]),
        ([rule("a", ""), rule("b", ""), rule("c", deny)], Some("c"), vec!["a", "b", "c"]),
        ([rule("a", deny), rule("b", deny), rule("c", "")], Some("a"), vec!["a", "c"]),
    ] {
        let (_host, root) = host();
        let policy = Policy::new(rules(&[("f", &texts.concat())]), root, engine());
        let decision = policy.decide(&request("POST /build", ""), &Mira).await;
        let denied = match decision.verdict {
            Verdict::Allow => None,
            Verdict::Deny { rule, .. } => Some(rule),
        };
        assert_eq!(denied.as_deref(), verdict);
        assert_eq!(decision.alerts.iter().map(|(rule, _)| &*rule.name).collect::<Vec<_>>(), alerts);
    }
}

#[tokio::test]
async fn every_mount_has_to_be_allowed() {
    let (_host, root) = host();
    let allow = "- rule: a\n  desc: a.\n  source: docker\n  action: allow\n  condition: docker.bind.source = /etc\n  output: o\n  priority: info\n\
                 - rule: b\n  desc: b.\n  source: docker\n  action: deny\n  condition: docker.bind.source exists\n  output: o\n  priority: info\n";
    let policy = Policy::new(rules(&[("f", allow)]), root, engine());
    let create = |binds: &str| format!(r#"{{"Image":"x","HostConfig":{{"Binds":[{binds}]}}}}"#);
    assert_eq!(denied(&policy, "POST /containers/create", &create(r#""/etc:/x""#)).await, None);
    assert!(denied(&policy, "POST /containers/create", &create(r#""/etc:/x","/tmp:/y""#)).await.is_some());
    let many = vec![r#""/etc:/x""#; MAX_BINDS + 1].join(",");
    let (rule, _) = denied(&policy, "POST /containers/create", &create(&many)).await.unwrap();
    assert_eq!(rule, "Docker request with too many mounts");
}

#[tokio::test]
async fn a_policy_may_allow_what_the_default_denies() {
    let (_host, root) = host();
    let texts = [
        (
            "first",
            "- rule: admin\n  desc: d\n  source: docker\n  action: allow\n  condition: user.name = mira and docker.operation = plugin.pull\n  output: o\n  priority: info\n",
        ),
        policies::DEFAULT.iter().find(|(name, _)| name.ends_with("docker.yaml")).copied().unwrap(),
        ("last", "- list: docker_opaque_operations\n  items: []\n  override: {items: replace}\n"),
    ];
    let policy = Policy::new(rules(&texts), root, engine());
    assert_eq!(denied(&policy, "POST /plugins/pull?remote=x", "[]").await, None);
    assert_eq!(denied(&policy, "POST /session", "").await, None);
    assert!(denied(&policy, "POST /plugins/x/enable", "").await.is_some());
}

/// A request as a test file gives it is judged as a real one: the names of fields are the same.
#[test]
fn the_default_policy_names_operations_that_exist() {
    let rules = default_rules();
    let named = rules.texts_of("docker.operation");
    assert!(named.len() > 30);
    for name in named {
        let name = String::from_utf8(name.into()).unwrap();
        assert!(operation::TABLE.iter().any(|operation| operation.name == name), "{name}");
    }
    drop(Example::default());
}
