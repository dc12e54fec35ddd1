//! Row 80: spellings of paths and methods.

use super::place::Place;

#[test]
fn every_ambiguous_target_is_refused_and_the_daemon_gets_nothing() {
    let place = Place::strict();
    let lines = [
        "POST /v1.41/../containers/create",
        "POST /v1.41/./containers/create",
        "POST //containers//create",
        "POST /containers//create",
        "POST /containers/create/",
        "POST /%2e%2e/containers/create",
        "POST /x/%2E%2E/containers/create",
        "POST /containers%2fcreate",
        "POST /containers%2Fcreate",
        "POST /%2563ontainers/create",
        "POST /containers/create%00",
        "POST /containers/create%0d%0a",
        "POST /containers/%ff",
        "POST /containers/%c0%ae%c0%ae/create",
        "POST /containers/%zz",
        "POST /v1/containers/create",
        "POST /v1.41.1/containers/create",
        "POST /v01.41/containers/create",
        "POST /containers/create#a",
        "POST /containers/create?a=b;c=d",
        "POST /containers/create?%zz",
        "POST /containers/create?=a",
        "POST http://docker/containers/create",
        "POST docker/containers/create",
        "OPTIONS *",
        "CONNECT docker:80",
        "get /info",
        "Post /containers/create",
        "POST\t/containers/create",
        "POST  /containers/create",
        "POST /containers/create ",
    ];
    for line in lines {
        let mut client = place.client();
        let answer = client.get(line);
        assert_eq!(answer.status, 400, "{line}: {answer:?}");
        assert!(client.all().is_empty(), "{line}: there is more behind the answer");
    }
    assert_eq!(place.daemon().lines(), [""; 0]);
    assert_eq!(place.refused(), vec![400; lines.len()]);
}

#[test]
fn other_spellings_are_judged_and_forwarded_as_one() {
    let place = Place::strict();
    let mut client = place.client();
    for (line, status, arrives) in [
        ("GET /%63ontainers/json", 200, Some("GET /containers/json HTTP/1.1")),
        ("GET /v9.99/info", 200, Some("GET /v9.99/info HTTP/1.1")),
        ("GET /%76%31.41/info?a=%41&&b", 200, Some("GET /v1.41/info?a=A&b= HTTP/1.1")),
        ("HEAD /_ping", 200, Some("HEAD /_ping HTTP/1.1")),
        // The engine tells small letters from capitals, and so does the guard.
        ("GET /Containers/json", 403, None),
        ("GET /V1.41/info", 403, None),
        ("HEAD /info", 403, None),
        ("TRACE /info", 403, None),
        ("POST /v1.41/v1.41/containers/create", 403, None),
        // It is known for what it is: one that needs a body.
        ("POST /%63ontainers/create", 400, None),
    ] {
        let before = place.daemon().lines().len();
        let answer = client.get(line);
        assert_eq!(answer.status, status, "{line}: {answer:?}");
        assert_eq!(place.daemon().lines().get(before).map(String::as_str), arrives, "{line}");
    }
    place.assert_only_judged_arrived();
}
