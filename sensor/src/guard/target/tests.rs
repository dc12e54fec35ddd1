//! Spellings of paths and queries.

use super::*;

fn target(version: Option<(u16, u16)>, segments: &[&str], query: &[(&str, &str)]) -> Target {
    let own = |text: &&str| (*text).to_owned();
    let query = query.iter().map(|(name, value)| (own(name), own(value))).collect();
    let version = version.map(Version::from);
    Target { version, segments: segments.iter().map(own).collect(), query }
}

#[test]
fn every_spelling_with_two_readings_is_refused() {
    for (text, error) in [
        ("containers/json", TargetError::NoPath),
        ("", TargetError::NoPath),
        ("?a=b", TargetError::NoPath),
        ("http://docker/containers/create", TargetError::NoPath),
        ("/v1.41/../containers/create", TargetError::Dots),
        ("/v1.41/./containers/create", TargetError::Dots),
        ("/%2e%2e/containers/create", TargetError::Dots),
        ("/%2E./containers/create", TargetError::Dots),
        ("/v1.41/%2e/containers/create", TargetError::Dots),
        ("/containers/..", TargetError::Dots),
        ("//containers//create", TargetError::Empty),
        ("/containers//create", TargetError::Empty),
        ("/containers/create/", TargetError::Empty),
        ("//", TargetError::Empty),
        ("/containers%2fcreate", TargetError::Slash),
        ("/containers%2Fcreate", TargetError::Slash),
        ("/containers/..%2f..", TargetError::Slash),
        ("/containers%252fcreate", TargetError::Twice),
        ("/%2563ontainers/create", TargetError::Twice),
        ("/containers%00/create", TargetError::Control),
        ("/containers/create%0d%0aX:y", TargetError::Control),
        ("/containers/a%7f", TargetError::Control),
        ("/containers/a%c2%85", TargetError::Control),
        ("/containers/%ff", TargetError::Encoding),
        ("/containers/%c0%af", TargetError::Encoding),
        ("/containers/%", TargetError::Escape),
        ("/containers/%2", TargetError::Escape),
        ("/containers/%zz", TargetError::Escape),
        ("/containers/%+1", TargetError::Escape),
        ("/containers/a b", TargetError::Character),
        ("/containers/caf\u{e9}", TargetError::Character),
        ("/containers/a#b", TargetError::Character),
        ("/containers/json?a=b#c", TargetError::Character),
        ("/v4.3.1-dev/../libpod/info", TargetError::Dots),
        ("/info?a=b;c=d", TargetError::Semicolon),
        ("/info?;", TargetError::Semicolon),
        ("/info?=b", TargetError::NoName),
        ("/info?a=%zz", TargetError::Escape),
        ("/info?%f", TargetError::Escape),
        ("/info?a=%00", TargetError::Control),
        ("/info?a=%ff", TargetError::Encoding),
    ] {
        assert_eq!(Target::parse(text), Err(error), "{text}");
    }
}

#[test]
fn versions_have_one_spelling() {
    for text in [
        "/v1/info",
        "/v1.41.2/info",
        "/v4.3.1/info",
        "/v4.3.1",
        "/v4.3.1/libpodx/info",
        "/v4.3.1/Libpod/info",
        "/v4.3.1/containers/libpod",
        "/v4.3.1.2/libpod/info",
        "/v4.3.01/libpod/info",
        "/v4.3./libpod/info",
        "/v4..1/libpod/info",
        "/v4.3.70000/libpod/info",
        "/v4/libpod/info",
        "/v1./info",
        "/v.1/info",
        "/v01.41/info",
        "/v1.041/info",
        "/v1.70000/info",
        "/v./info",
    ] {
        assert_eq!(Target::parse(text), Err(TargetError::Version), "{text}");
    }
}

#[test]
fn a_target_has_one_spelling() {
    let create = ["containers", "create"];
    for (text, wanted, uri) in [
        ("/containers/create", target(None, &create, &[]), "/containers/create"),
        ("/v1.41/containers/create", target(Some((1, 41)), &create, &[]), "/v1.41/containers/create"),
        ("/v9.99/containers/create", target(Some((9, 99)), &create, &[]), "/v9.99/containers/create"),
        ("/%76%31.4%31/%63ontainers/create", target(Some((1, 41)), &create, &[]), "/v1.41/containers/create"),
        ("/", target(None, &[], &[]), "/"),
        ("/v1.41", target(Some((1, 41)), &[], &[]), "/v1.41"),
        // Only the first part is a version.
        ("/v1.41/v1.41/info", target(Some((1, 41)), &["v1.41", "info"], &[]), "/v1.41/v1.41/info"),
        ("/volumes/v-1", target(None, &["volumes", "v-1"], &[]), "/volumes/v-1"),
        ("/V1.41/info", target(None, &["V1.41", "info"], &[]), "/V1.41/info"),
        (
            "/images/r.io:5000/a/b:1@sha256:0f/json",
            target(None, &["images", "r.io:5000", "a", "b:1@sha256:0f", "json"], &[]),
            "/images/r.io:5000/a/b:1@sha256:0f/json",
        ),
        // A plus is a space in a query only, and a percent sign with nothing to decode behind it is one.
        (
            "/a+b/100%25/...?c+d=e%2Bf+g&c+d&&h=1=2&",
            target(None, &["a+b", "100%", "..."], &[("c d", "e+f g"), ("c d", ""), ("h", "1=2")]),
            "/a%2Bb/100%25/...?c%20d=e%2Bf%20g&c%20d=&h=1%3D2",
        ),
        (
            "/events?filters=%7B%22type%22%3A%5B%22a%26b%22%5D%7D",
            target(None, &["events"], &[("filters", "{\"type\":[\"a&b\"]}")]),
            "/events?filters=%7B%22type%22%3A%5B%22a%26b%22%5D%7D",
        ),
        // What is decoded once is not decoded again in a query either; there it may stand.
        ("/info?a=%2541", target(None, &["info"], &[("a", "%41")]), "/info?a=%2541"),
        ("/info?", target(None, &["info"], &[]), "/info"),
        ("/info?a?b=c/d", target(None, &["info"], &[("a?b", "c/d")]), "/info?a%3Fb=c%2Fd"),
    ] {
        let parsed = Target::parse(text);
        assert_eq!(parsed.as_ref(), Ok(&wanted), "{text}");
        assert_eq!(wanted.to_uri(), uri, "{text}");
        assert_eq!(Target::parse(uri), parsed, "{uri}");
    }
}

#[test]
fn versions_of_podmans_own_endpoints_have_three_numbers() {
    let version = Version { major: 4, minor: 3, patch: Some(1) };
    for (text, uri) in [
        ("/v4.3.1/libpod/_ping", "/v4.3.1/libpod/_ping"),
        ("/%764.3%2e1/%6cibpod/_ping", "/v4.3.1/libpod/_ping"),
    ] {
        let parsed = Target::parse(text).unwrap();
        assert_eq!(parsed, Target { version: Some(version), ..target(None, &["libpod", "_ping"], &[]) });
        assert_eq!(parsed.to_uri(), uri);
        assert_eq!(Target::parse(uri), Ok(parsed));
    }
    assert_eq!(version.to_string(), "4.3.1");
    assert_eq!(Target::parse("/v4.3/libpod/info"), Ok(target(Some((4, 3)), &["libpod", "info"], &[])));
    // No version, and so a name that no endpoint has.
    assert_eq!(Target::parse("/v4.3.1-dev/libpod/info").unwrap().segments[0], "v4.3.1-dev");
}

#[test]
fn there_is_a_limit_to_parts_and_names() {
    assert!(Target::parse(&"/a".repeat(MAX_SEGMENTS)).is_ok());
    assert_eq!(Target::parse(&"/a".repeat(MAX_SEGMENTS + 1)), Err(TargetError::TooMany));
    let query = |names: usize| Target::parse(&format!("/a?{}", "b&".repeat(names)));
    assert_eq!(query(MAX_NAMES).unwrap().query.len(), MAX_NAMES);
    assert_eq!(query(MAX_NAMES + 1), Err(TargetError::TooMany));
}

/// A small deterministic generator of numbers (xorshift).
struct Dice(usize);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn text(&mut self, words: &[&str], most: usize) -> String {
        let count = self.below(most + 1);
        (0..count).map(|_| words[self.below(words.len())]).collect()
    }
}

const WORDS: [&str; 26] = [
    "/",
    "v1.41",
    "v4.3.1",
    "libpod/",
    "v",
    ".",
    "..",
    "%2e",
    "%25",
    "%2f",
    "%",
    "41",
    "a",
    "containers",
    "?",
    "&",
    "=",
    "+",
    "%20",
    ";",
    "%c3%a9",
    "%e2%84%aa",
    "@",
    ":",
    "~",
    "\\",
];

#[test]
fn whatever_is_read_is_read_again_from_what_is_written() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut read = 0;
    for _ in 0..200_000 {
        let text = format!("/{}", dice.text(&WORDS, 12));
        if let Ok(target) = Target::parse(&text) {
            let uri = target.to_uri();
            assert_eq!(Target::parse(&uri), Ok(target), "{text} was written as {uri}");
            read += 1;
        }
    }
    assert!(read > 10_000, "only {read} were read");
}
