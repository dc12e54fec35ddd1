//! What is found, and what is not.

use std::collections::BTreeSet;

use super::*;

fn target(path: &str) -> Target {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    Target {
        version: None,
        segments: path.split('/').skip(1).map(str::to_owned).collect(),
        query: query.split('&').filter_map(pair).collect(),
    }
}

fn found(method: &str, path: &str) -> Option<&'static str> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    find(&method, &target(path)).map(|operation| operation.name)
}

#[test]
fn every_row_finds_itself() {
    let mut ways = BTreeSet::new();
    for operation in TABLE {
        let path = operation.path.replace("{name...}", "a/b:1").replace(['{', '}'], "");
        let query = if operation.name == PULL { "?fromImage=a" } else { "" };
        let found = find(&operation.method, &target(&format!("{path}{query}"))).unwrap();
        assert_eq!(found.name, operation.name, "{path}");
        assert!(ways.insert((operation.method.as_str(), operation.path, operation.name)), "{path}");
        assert_eq!(operation.body == Body::Json, operation.shape.is_some(), "{path}");
        assert!(!operation.needs_body || operation.body == Body::Json, "{path}");
        assert_eq!(operation.path.contains('{'), operation.subject != Subject::None, "{path}");
        assert_eq!(operation.target(&target(&path)).is_some(), operation.path.contains('{'), "{path}");
    }
}

#[test]
fn nothing_matches_by_its_beginning_or_in_another_case() {
    for (method, path) in [
        ("GET", "/containers/json/x"),
        ("POST", "/containers/create/"),
        ("POST", "/Containers/create"),
        ("GET", "/containers/a/b/json"),
        ("POST", "/containers"),
        ("GET", "/containers"),
        ("get", "/info"),
        ("OPTIONS", "/info"),
        ("CONNECT", "/info"),
        ("TRACE", "/info"),
        ("PUT", "/info"),
        ("HEAD", "/info"),
        ("HEAD", "/containers/json"),
        ("GET", "/debug/pprof/"),
        ("GET", "/debug/vars"),
        ("GET", "/"),
        ("GET", "/_ping2"),
        ("POST", "/libpod/containers/create"),
        ("GET", "/v4.3.1-dev/libpod/info"),
        ("GET", "/libpod/containers/json"),
        ("POST", "/libpod/play/kube"),
        ("POST", "/containers/a/copy"),
        ("GET", "/v1.41/info"),
        ("GET", "/networks/"),
        ("GET", "/volumes/a/b"),
    ] {
        assert_eq!(found(method, path), None, "{method} {path}");
    }
}

#[test]
fn a_pull_is_told_from_an_import_as_the_engine_does() {
    for (query, wanted) in [
        ("?fromImage=alpine&tag=3", "image.pull"),
        ("?fromImage=alpine&fromSrc=-", "image.pull"),
        ("?fromSrc=-&repo=x", "image.import"),
        ("?fromImage=&fromSrc=-", "image.import"),
        // Go takes the first of several values.
        ("?fromImage=&fromImage=alpine&fromSrc=-", "image.import"),
        ("?FromImage=alpine", "image.import"),
        ("", "image.import"),
    ] {
        assert_eq!(found("POST", &format!("/images/create{query}")), Some(wanted), "{query}");
    }
}

#[test]
fn the_target_is_the_variable_of_the_path() {
    let named = |method: Method, path: &str| {
        let target = target(path);
        find(&method, &target).and_then(|operation| operation.target(&target))
    };
    assert_eq!(named(Method::POST, "/containers/web/exec").as_deref(), Some("web"));
    assert_eq!(named(Method::POST, "/images/r.io/a/b:1/push").as_deref(), Some("r.io/a/b:1"));
    assert_eq!(named(Method::DELETE, "/containers/web/checkpoints/one").as_deref(), Some("web"));
    assert_eq!(named(Method::GET, "/info"), None);
}

#[test]
fn bodies_and_streams_are_where_they_belong() {
    let of = |method: &str, path: &str| {
        let operation = find(&Method::from_bytes(method.as_bytes()).unwrap(), &target(path)).unwrap();
        (operation.body, operation.needs_body, operation.upgrades)
    };
    assert_eq!(of("POST", "/containers/create"), (Body::Json, true, false));
    assert_eq!(of("POST", "/exec/a/start"), (Body::Json, false, true));
    assert_eq!(of("POST", "/containers/a/start"), (Body::Empty, false, false));
    assert_eq!(of("POST", "/containers/a/attach"), (Body::Empty, false, true));
    assert_eq!(of("PUT", "/containers/a/archive"), (Body::Stream, false, false));
    assert_eq!(of("POST", "/session"), (Body::Empty, false, true));
    assert_eq!(of("POST", "/build"), (Body::Stream, false, false));
}

#[test]
fn the_documentation_names_every_operation() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guard-policy.md")).unwrap();
    for operation in TABLE {
        assert!(page.contains(&format!("`{}`", operation.name)), "{}", operation.name);
    }
}
