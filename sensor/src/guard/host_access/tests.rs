//! Words that are shared by what is asked for and what was made.

use std::collections::BTreeSet;

use super::*;

#[test]
fn words_are_unique_and_documented() {
    let words: BTreeSet<_> = container::WAYS.iter().map(|way| way.word).collect();
    assert_eq!(words.len(), container::WAYS.len());
    assert!(container::WAYS.iter().all(|way| !way.doc.is_empty()));
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guard-policy.md")).unwrap();
    for word in words {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn short_mounts_are_taken_apart() {
    for (text, source, writable, propagation) in [
        ("/a:/b", "/a", true, ""),
        ("/a:/b:ro", "/a", false, ""),
        ("/a:/b:z,ro,rslave", "/a", false, "rslave"),
        ("/a:/b:rw,rshared", "/a", true, "rshared"),
        ("name:/b", "name", true, ""),
        ("/b", "", true, ""),
        ("", "", true, ""),
        (":/b", "", true, ""),
    ] {
        let spec = spec::Spec::of(text);
        assert_eq!(
            (spec.source, spec.is_writable(), spec.propagation()),
            (source, writable, propagation),
            "{text}"
        );
    }
    for text in ["~:/b", "./a:/b", "a/b:/c", "é:/b", "-a:/b"] {
        assert!(spec::Spec::of(text).is_unclear(), "{text}");
    }
    for text in ["/a:/b", "a_b.c-1:/b", "/b", ":/b"] {
        assert!(!spec::Spec::of(text).is_unclear(), "{text}");
    }
}

#[test]
fn what_was_made_is_read_as_the_engine_shows_it() {
    let made = |json: &str| of_made(&Json::parse(json.as_bytes()).unwrap());
    let usual = r#"{"HostConfig":{"CgroupnsMode":"host","Runtime":"crun","IpcMode":"shareable","MaskedPaths":["/proc/kcore"],
        "ReadonlyPaths":["/proc/sys"],"LogConfig":{"Type":"syslog"}},"Mounts":[{"Type":"bind","Source":"/srv/x"}]}"#;
    assert_eq!(made(usual), [""; 0]);
    let odd = r#"{"HostConfig":{"Privileged":true,"PidMode":"host","CapAdd":["SYS_ADMIN"],"MaskedPaths":[]},
        "Mounts":[{"Type":"bind","Source":"/"},{"Type":"bind","Source":"/run/x"}]}"#;
    assert_eq!(
        made(odd),
        ["bind:/", "bind:/run", "cap:SYS_ADMIN", "masked_paths", "pid_mode:host", "privileged"]
    );
}

#[test]
fn details_and_words_are_bounded() {
    let many: Vec<_> = (0..200).map(|number| format!("\"X{number}{}\"", "y".repeat(1000))).collect();
    let words = of_made(
        &Json::parse(format!("{{\"HostConfig\":{{\"CapAdd\":[{}]}}}}", many.join(",")).as_bytes()).unwrap(),
    );
    assert_eq!(words.len(), MAX_WORDS);
    assert!(words.iter().all(|word| word.len() <= MAX_DETAIL + 4));
}
