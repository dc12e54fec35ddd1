//! The guard's record: one line of JSON for each verdict.
//!
//! No secret gets into it: of environment variables only names, of addresses no passwords, of logins to registries
//! nothing but that they happened, and no header at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Request, Verdict, caller::Caller};
use crate::{
    alert::{json_text, rfc3339},
    rules::{
        Value,
        field::{Fields, lookup},
    },
};

/// Most bytes of one text.
const MAX_TEXT: usize = 4096;
/// Most elements of one list.
const MAX_ELEMENTS: usize = 256;

/// One verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When, by RFC 3339 in UTC.
    pub time: String,
    /// `container.create`; none for what is no known operation.
    pub operation: Option<String>,
    /// Method of the request.
    pub method: String,
    /// Its path without version and without query, which may hold secrets.
    pub path: String,
    /// Version of the API that it names: `1.41`.
    pub version: Option<String>,
    /// SHA-256 of the body that is forwarded, in hexadecimal digits; of a stream there is none.
    pub digest: Option<String>,
    /// How the guard acts on verdicts: `audit` lets through what it would deny.
    pub mode: String,
    /// The verdict.
    pub verdict: Outcome,
    /// The rule that denied.
    pub rule: Option<String>,
    /// Why it denied.
    pub reason: Option<String>,
    /// Who asked.
    pub caller: Asker,
    /// What was asked for, by the names of the rule language.
    pub docker: BTreeMap<String, Json>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It may reach the engine.
    Allow,
    /// It may not.
    Deny,
}

/// Who asked. Whatever is not known of him is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asker {
    /// How much is known: `verified`, `by_number`, `recorded`, `gone`, `unknown`.
    pub standing: String,
    /// Process id.
    pub pid: Option<u32>,
    /// Path of the executable.
    pub exe: Option<String>,
    /// Name of the program.
    pub name: Option<String>,
    /// Its arguments, with its name in front.
    pub cmdline: Option<String>,
    /// Effective user id as of the connection, by the kernel.
    pub uid: Option<u32>,
    /// Name of the user.
    pub user: Option<String>,
    /// User who logged in, by the audit id.
    pub loginuid: Option<i64>,
    /// Name of that user.
    pub loginname: Option<String>,
    /// Audit session.
    pub session: Option<i64>,
    /// The container it is in; `host` outside of containers, `<unknown>` where nobody can say.
    pub container: Option<String>,
    /// Name of the container.
    pub container_name: Option<String>,
    /// Repository of its image.
    pub image: Option<String>,
}

/// What a record is about.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The request.
    pub request: &'a Request,
    /// Who asked.
    pub caller: &'a Caller,
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The guard's mode.
    pub mode: &'a str,
    /// Digest of the body, where there is one.
    pub digest: Option<String>,
    /// When, as nanoseconds since 1970.
    pub time: u64,
}

impl Record {
    /// The record of a verdict, with what the policy knows of the request.
    pub fn new<'v>(judged: Judged<'_>, facts: impl IntoIterator<Item = (&'v str, Value<'v>)>) -> Self {
        let Judged { request, caller, verdict, mode, digest, time } = judged;
        let (outcome, rule, reason) = match verdict {
            Verdict::Allow => (Outcome::Allow, None, None),
            Verdict::Deny { rule, reason } => (Outcome::Deny, Some(rule.clone()), Some(reason.clone())),
        };
        let target = &request.target;
        let is_login = target.segments == ["auth"];
        let facts = facts.into_iter().filter(|_| !is_login);
        let facts = facts.filter_map(|(name, value)| Some((name.to_owned(), fact(name, &value)?)));
        Self {
            time: rfc3339(time),
            operation: request.operation.map(|operation| operation.name.to_owned()),
            method: request.method.to_string(),
            path: cut(&format!("/{}", target.segments.join("/"))),
            version: target.version.map(|version| version.to_string()),
            digest: digest.filter(|_| !is_login),
            mode: mode.to_owned(),
            verdict: outcome,
            rule,
            reason,
            caller: Asker::of(caller),
            docker: facts.collect(),
        }
    }

    /// As a line, newline included, with nothing in it that a terminal would act on.
    pub fn line(&self) -> Vec<u8> {
        json_text(self)
    }
}

impl Asker {
    /// What is known of a client.
    pub fn of(caller: &Caller) -> Self {
        let value = |name| {
            let field = lookup(name, None).and_then(Result::ok);
            field.map_or(Value::Missing, |field| caller.value(&field))
        };
        let text = |name| value(name).as_text().map(|bytes| cut(&String::from_utf8_lossy(bytes)));
        let number = |name| if let Value::Number(number) = value(name) { Some(number) } else { None };
        Self {
            standing: caller.standing().name().to_owned(),
            pid: caller.pid(),
            exe: text("proc.exepath"),
            name: text("proc.name"),
            cmdline: text("proc.cmdline"),
            uid: Some(caller.uid()),
            user: text("user.name"),
            loginuid: number("user.loginuid"),
            loginname: text("user.loginname"),
            session: number("vigie.session.id"),
            container: text("container.id"),
            container_name: text("container.name"),
            image: text("container.image.repository"),
        }
    }
}

/// A fact as it is recorded; none where it is missing or may be a secret.
fn fact(name: &str, value: &Value<'_>) -> Option<Json> {
    // Parameters of builds have secrets in them.
    if name.starts_with("docker.query") {
        return None;
    }
    let text = |bytes: &[u8]| Json::from(cut(&harmless(name, &String::from_utf8_lossy(bytes))));
    match value {
        Value::Missing | Value::Pending => None,
        Value::Bool(truth) => Some(Json::from(*truth)),
        Value::Number(number) => Some(Json::from(*number)),
        Value::Decimal(number) => Some(Json::from(number.to_string())),
        Value::Ip(address) => Some(Json::from(address.to_string())),
        Value::Text(bytes) => Some(text(bytes)),
        Value::List(elements) => {
            Some(elements.iter().take(MAX_ELEMENTS).filter_map(|element| fact(name, element)).collect())
        }
    }
}

/// Without the value of a variable, and without user and password of an address.
fn harmless(name: &str, text: &str) -> String {
    let is_variable = name.rsplit('.').next().is_some_and(|last| last.starts_with("env"));
    if is_variable {
        return text.split('=').next().unwrap_or_default().to_owned();
    }
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}://{}", rest.get(at.saturating_add(1)..).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::*;
    use crate::guard::{
        Digest, Target,
        caller::{Directory, Settings},
    };

    async fn caller() -> (Caller, tokio::net::UnixStream) {
        let (one, other) = tokio::net::UnixStream::pair().unwrap();
        (Caller::of(&one, &Directory::new(Settings::default())).await.unwrap(), other)
    }

    fn request(segments: &[&str]) -> Request {
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        let query = vec![("buildargs".to_owned(), "{\"TOKEN\":\"hunter2\"}".to_owned())];
        Request {
            method: Method::POST,
            target: Target { version: Some((1, 41).into()), segments, query },
            operation: None,
            body: None,
            dropped: Vec::new(),
            digest: Digest::default(),
        }
    }

    #[tokio::test]
    async fn a_record_tells_who_asked_for_what_and_comes_back_as_it_was() {
        let (caller, _other) = caller().await;
        let request = request(&["containers", "create"]);
        let verdict = Verdict::Deny { rule: "R".to_owned(), reason: "because\u{202e}\x1b[2J".to_owned() };
        let judged = Judged {
            request: &request,
            caller: &caller,
            verdict: &verdict,
            mode: "audit",
            digest: Some("ab".to_owned()),
            time: 1_700_000_000_000_000_000,
        };
        let facts = [
            ("docker.create.image", Value::from("alpine")),
            ("docker.create.privileged", Value::Bool(true)),
            ("docker.create.user", Value::Missing),
        ];
        let record = Record::new(judged, facts);
        assert_eq!((record.path.as_str(), record.version.as_deref()), ("/containers/create", Some("1.41")));
        assert_eq!(record.verdict, Outcome::Deny);
        assert_eq!(record.caller.pid, Some(std::process::id()));
        assert_eq!(record.caller.exe.as_deref(), std::env::current_exe().unwrap().to_str());
        assert_eq!(record.docker.len(), 2);
        let line = record.line();
        assert!(line.ends_with(b"\n") && !line.contains(&0x1b));
        assert!(!String::from_utf8_lossy(&line).contains('\u{202e}'));
        assert_eq!(serde_json::from_slice::<Record>(&line).unwrap(), record);
    }

    #[tokio::test]
    async fn secrets_are_not_recorded() {
        let (caller, _other) = caller().await;
        let facts = || {
            [
                ("docker.create.env_names", Value::List(vec![Value::from("PASSWORD=hunter2")])),
                ("docker.build.remote", Value::from("https://me:hunter2@git.example/x?y@z")),
                ("docker.query", Value::from("hunter2")),
            ]
        };
        for segments in [&["build"][..], &["auth"]] {
            let request = request(segments);
            let verdict = Verdict::Allow;
            let judged = Judged {
                request: &request,
                caller: &caller,
                verdict: &verdict,
                mode: "enforce",
                digest: Some("digest of a password".to_owned()),
                time: 0,
            };
            let line = String::from_utf8(Record::new(judged, facts()).line()).unwrap();
            assert!(!line.contains("hunter2"), "{line}");
            assert_eq!(line.contains("git.example/x"), segments == ["build"], "{line}");
            assert_eq!(line.contains("PASSWORD"), segments == ["build"], "{line}");
            assert_eq!(line.contains("digest of"), segments == ["build"], "{line}");
        }
    }
}
