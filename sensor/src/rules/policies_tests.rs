//! What the test files beside the default policies cannot say.

use std::collections::BTreeSet;

use super::*;
use crate::rules::event_type::EventType;
use crate::rules::priority::Priority;
use crate::rules::rule_set::Rule;
use crate::rules::{cases, coverage};

/// The tactics of ATT&CK that something on a host can show.
const TACTICS: [&str; 12] = [
    "mitre_collection",
    "mitre_command_and_control",
    "mitre_credential_access",
    "mitre_defense_evasion",
    "mitre_discovery",
    "mitre_execution",
    "mitre_exfiltration",
    "mitre_impact",
    "mitre_initial_access",
    "mitre_lateral_movement",
    "mitre_persistence",
    "mitre_privilege_escalation",
];

fn rules() -> RuleSet {
    load().unwrap_or_else(|error| panic!("{error}")).0
}

/// Whether this is a technique's number, such as `T1003` or `T1003.008`.
fn is_technique(tag: &str) -> bool {
    let Some(number) = tag.strip_prefix('T') else { return false };
    let (technique, sub) = number.split_once('.').unwrap_or((number, "000"));
    let digits = |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(technique, 4) && digits(sub, 3)
}

fn tactic(rule: &Rule) -> Option<&str> {
    rule.tags.iter().map(String::as_str).find(|tag| TACTICS.contains(tag))
}

/// The files of `policies/` that end so, without that end, in alphabetical order.
fn files_on_disk(end: &str) -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> =
        names.filter_map(|name| name.to_string_lossy().strip_suffix(end).map(str::to_owned)).collect();
    names.sort_unstable();
    names
}

/// The files that are built in, named as [`files_on_disk`] does.
fn files_built_in(files: &[(&str, &str)], end: &str) -> Vec<String> {
    let name = |file: &str| Some(file.strip_prefix("policies/")?.strip_suffix(end)?.to_owned());
    files.iter().filter_map(|(file, _)| name(file)).collect()
}

#[test]
fn the_policies_load_without_a_warning() {
    let (_, warnings) = load().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_tactic_has_rules_and_there_are_many() {
    let rules = rules();
    assert!(rules.rules().len() >= 45, "{}", rules.rules().len());
    let covered: BTreeSet<_> = rules.rules().iter().filter_map(tactic).collect();
    assert_eq!(covered.into_iter().collect::<Vec<_>>(), TACTICS);
}

#[test]
fn the_policies_leave_alone_what_every_program_does_all_the_time() {
    let types = rules().event_types();
    for event in [EventType::CLOSE, EventType::MMAP, EventType::FCNTL, EventType::DUP, EventType::CLONE] {
        assert!(!types.contains(event), "{event:?}");
    }
}

#[test]
fn every_policy_file_is_built_in_and_has_a_test_file() {
    let tests = files_on_disk(".test.yaml");
    assert_eq!(tests, files_built_in(TESTS, ".test.yaml"));
    assert_eq!(tests, files_built_in(DEFAULT, ".yaml"));
    assert_eq!(files_on_disk(".yaml").len(), DEFAULT.len() + TESTS.len());
}

#[test]
fn every_rule_stands_in_the_file_of_its_tactic() {
    // What leads to the Docker socket has a file of its own, whatever its tactic.
    let by_tactic = DEFAULT.iter().filter(|(file, _)| !file.contains("_common") && !file.contains("docker"));
    for (file, text) in by_tactic {
        let (rules, _) = RuleSet::load(&[DEFAULT[0], (file, text)]).unwrap_or_else(|error| panic!("{error}"));
        let expected = file.replace("policies/", "mitre_").replace(".yaml", "");
        for rule in rules.rules() {
            assert_eq!(tactic(rule), Some(&*expected), "{}", rule.name);
        }
    }
}

#[test]
fn every_rule_is_tagged_by_place_subject_tactic_and_technique() {
    for rule in rules().rules() {
        let has = |tags: &[&str]| rule.tags.iter().any(|tag| tags.contains(&&**tag));
        assert!(has(&["host", "container"]), "{}", rule.name);
        assert!(has(&["filesystem", "process", "network"]), "{}", rule.name);
        assert!(rule.tags.iter().any(|tag| is_technique(tag)), "{}", rule.name);
    }
}

#[test]
fn every_rule_says_what_an_analyst_needs() {
    for rule in rules().rules() {
        assert!(rule.desc.trim_end().ends_with('.'), "{}: {}", rule.name, rule.desc);
        let named: Vec<_> = rule.output().fields().iter().map(|(name, _)| &**name).collect();
        for field in [
            "user.name",
            "user.loginname",
            "proc.pid",
            "proc.exepath",
            "proc.cmdline",
            "proc.pname",
            "proc.pexepath",
            "container.id",
            "container.name",
            "container.image.repository",
        ] {
            assert!(named.contains(&field), "{}: {field}", rule.name);
        }
    }
}

#[test]
fn every_rule_has_notes_with_the_pages_of_its_techniques() {
    for rule in rules().rules() {
        let notes = &rule.notes;
        for text in [&notes.why, &notes.tuning, &notes.blind_spots] {
            assert!(
                text.as_deref().is_some_and(|text| text.trim_end().ends_with('.')),
                "{}: {text:?}",
                rule.name
            );
        }
        assert!(notes.references.iter().all(|reference| reference.starts_with("https://")), "{}", rule.name);
        for technique in rule.tags.iter().filter(|tag| is_technique(tag)) {
            let page = format!("https://attack.mitre.org/techniques/{}/", technique.replace('.', "/"));
            assert!(notes.references.contains(&page), "{}: {page}", rule.name);
        }
        assert!(notes.references.len() > 1, "{}", rule.name);
    }
}

#[test]
fn no_rule_is_more_urgent_than_critical_or_less_than_informational() {
    for rule in rules().rules() {
        let urgency = Priority::Critical..=Priority::Informational;
        assert!(urgency.contains(&rule.priority), "{}: {:?}", rule.name, rule.priority);
    }
}

#[test]
fn rules_about_the_docker_socket_stand_in_a_file_of_their_own() {
    for (file, text) in DEFAULT {
        let (rules, _) = RuleSet::load(&[DEFAULT[0], (file, text)]).unwrap_or_else(|error| panic!("{error}"));
        let is_docker = file.contains("docker");
        for rule in rules.rules() {
            assert_eq!(rule.source == "docker", is_docker, "{}", rule.name);
        }
    }
}

#[test]
fn the_examples_load_before_the_default_policies_and_pass_their_tests() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/examples/");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    let (rules, warnings) = RuleSet::load(&[("examples", read("docker-callers.yaml"))]).unwrap();
    assert_eq!(warnings, []);
    let suite = cases::load(&[("tests", read("docker-callers.test.yaml"))]).unwrap();
    assert_eq!(suite.unknown_rules(&rules), []);
    let outcome = suite.run(&rules);
    assert!(outcome.passed(), "{:?}", outcome.failures);
    let named: BTreeSet<_> =
        suite.cases.iter().flat_map(|case| &case.rules).map(|rule| &*rule.name).collect();
    assert!(rules.rules().iter().all(|rule| named.contains(&*rule.name)), "{named:?}");
}

#[test]
fn no_test_misses_a_change_to_a_rule_about_the_docker_socket() {
    let docker = |files: &[(&'static str, &'static str)]| {
        files.iter().filter(|(file, _)| file.contains("docker")).copied().collect::<Vec<_>>()
    };
    let (rules, _) = RuleSet::load(&docker(DEFAULT)).unwrap_or_else(|error| panic!("{error}"));
    let suite = cases::load(&docker(TESTS)).unwrap_or_else(|error| panic!("{error}"));
    let trial = crate::rules::mutate::run(&rules, &suite);
    let survivors: Vec<_> = trial.survivors.iter().map(ToString::to_string).collect();
    assert_eq!(survivors, [""; 0]);
    assert!(trial.mutants > 100, "{}", trial.mutants);
}

#[test]
fn the_tests_pass() {
    let suite = cases::load(TESTS).unwrap_or_else(|error| panic!("{error}"));
    let outcome = suite.run(&rules());
    assert!(outcome.passed(), "{:?}", outcome.failures);
    assert!(suite.cases.len() > 500, "{}", suite.cases.len());
}

#[test]
fn every_comparison_is_true_in_one_test_and_false_in_another() {
    let suite = cases::load(TESTS).unwrap_or_else(|error| panic!("{error}"));
    let coverage = coverage::measure(&rules(), &suite);
    let gaps: Vec<_> = coverage.gaps.iter().map(|gap| (&gap.rule, &gap.check, gap.never)).collect();
    assert_eq!(gaps, []);
    assert!(coverage.total > 1000, "{}", coverage.total);
}
