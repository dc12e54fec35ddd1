//! Events that come near a default policy and do not match it: the first lines of the explanation name what
//! decided, and nothing else.

use crate::rules::rule_set::RuleSet;
use crate::rules::selection::{Choice, Selection, Selector};
use crate::rules::{cases, explain, policies};

/// `cat /etc/shadow` by root on the host.
const READ: &str = "evt.type: openat\nevt.failed: false\nevt.is_open_read: true\nfd.name: /etc/shadow\n\
                    proc.name: cat\nproc.exepath: /usr/bin/cat\nproc.aexepath: [/usr/bin/bash]\ncontainer.id: host\n";
/// `docker exec -it`.
const SHELL: &str = "evt.type: execve\nevt.failed: false\nproc.name: sh\nproc.exepath: /bin/dash\nproc.tty: 34817\n\
                     container.id: 0123456789ab\ncontainer.image.repository: example/web\n";
/// `docker run --privileged`.
const DOCKER: &str = "evt.type: execve\nevt.failed: false\nproc.name: docker\nproc.exepath: /usr/bin/docker\nproc.args: [run, box]\n\
                      vigie.proc.argv: [docker, run, --privileged=true, box]\ncontainer.id: host\n";

/// A change to the policies as a site may make it.
const SITE: (&str, &str) = (
    "site.yaml",
    "- rule: Terminal shell in container\n  condition: and container.image.repository = example/db\n  \
     override: {condition: append}\n",
);

const SHADOW_READ: &str = "Sensitive file read";
const TERMINAL_SHELL: &str = "Terminal shell in container";

/// The event, with the lines of `changes` in the place of those of the same field; one that is `~` is missing.
fn event(base: &str, changes: &str) -> cases::Event {
    let field = |line: &str| line.split_once(": ").map(|(name, _)| name.to_owned()).unwrap();
    let fields: Vec<_> = changes.lines().map(field).collect();
    let kept = base.lines().filter(|line| !fields.contains(&field(line)));
    let text: Vec<_> = kept.chain(changes.lines()).collect();
    cases::load_events("event", &text.join("\n")).unwrap_or_else(|error| panic!("{error}")).remove(0)
}

fn summary(rules: &RuleSet, name: &str, event: &cases::Event) -> Vec<String> {
    let rule = rules.rules().iter().find(|rule| rule.name == name).unwrap();
    explain::explain(rules, rule, event.event_type, &event.fields).summary()
}

/// Compares the summary of an event that is like `base` with the lines that are wanted below the first.
fn not_matched(name: &str, base: &str, changes: &str, wanted: &[&str]) {
    let (rules, _) = policies::load().unwrap();
    let lines = summary(&rules, name, &event(base, changes));
    assert_eq!(lines[0], format!("rule `{name}` does not match, because:"), "{changes}");
    let below: Vec<_> = lines[1..].iter().map(|line| line.trim_start()).collect();
    assert_eq!(below, wanted, "{name}: {changes}");
}

#[test]
fn the_events_that_the_near_misses_are_near_to_match() {
    let (rules, _) = policies::load().unwrap();
    for (name, base) in [(SHADOW_READ, READ), (TERMINAL_SHELL, SHELL)] {
        let lines = summary(&rules, name, &event(base, ""));
        assert_eq!(lines[0], format!("rule `{name}` matches, because:"));
    }
}

#[test]
fn another_file_is_none_of_those_that_are_sought() {
    const FILES: &str = "in (/etc/shadow, /etc/shadow-, /etc/gshadow, /etc/gshadow-, /etc/sudoers, \
                         /etc/security/opasswd)";
    not_matched(
        SHADOW_READ,
        READ,
        "fd.name: /home/ann/shadow",
        &[
            &format!("false: fd.name {FILES} -- it is `/home/ann/shadow`"),
            "false: fd.name startswith /etc/sudoers.d/ -- it is `/home/ann/shadow`",
            &format!("missing: vigie.fd.hardlink_of {FILES} -- the event has no such value"),
        ],
    );
}

#[test]
fn an_allowed_program_is_named_with_the_negation_that_it_stands_in() {
    not_matched(
        SHADOW_READ,
        READ,
        "proc.exepath: /usr/bin/passwd",
        &[
            "true: container.id = host -- it is `host` (in not (...) > as_shipped)",
            "true: proc.exepath in (/usr/bin/login, /bin/login, /usr/bin/su, /bin/su, /usr/bin/sudo, \
             /usr/bin/sudo-rs, /usr/bin/passwd, ...) -- it is `/usr/bin/passwd` (in not (...))",
        ],
    );
}

#[test]
fn an_open_that_failed_is_told_by_the_comparison_in_the_macro() {
    let wanted = ["false: evt.failed = false -- it is `true` (in opened_to_read)"];
    not_matched(SHADOW_READ, READ, "evt.failed: true", &wanted);
}

#[test]
fn another_event_type_is_the_first_reason() {
    let wanted = ["false: evt.type in (open, openat, openat2, creat, open_by_handle_at) -- it is `execve` \
                   (in opened_to_read > open_event)"];
    not_matched(SHADOW_READ, READ, "evt.type: execve", &wanted);
}

#[test]
fn a_program_on_the_host_or_of_unknown_place_is_in_no_container() {
    let wanted = ["false: container.id != host -- it is `host` (in in_container)"];
    not_matched(TERMINAL_SHELL, SHELL, "container.id: host", &wanted);
    let wanted = ["missing: container.id != host -- the event has no such value (in in_container)"];
    not_matched(TERMINAL_SHELL, SHELL, "container.id: ~", &wanted);
}

#[test]
fn a_negated_comparison_is_told_as_one() {
    not_matched(
        "SSH private key read",
        READ,
        "fd.name: /root/.ssh/id_ed25519.pub",
        &[
            "false: fd.name glob /etc/ssh/ssh_host_*_key -- it is `/root/.ssh/id_ed25519.pub` (in private_key_of_ssh)",
            "false: not fd.name endswith .pub -- it is `/root/.ssh/id_ed25519.pub` (in private_key_of_ssh)",
        ],
    );
}

#[test]
fn a_member_that_no_list_has_is_told_with_all_alternatives() {
    not_matched(
        "Privileged container started",
        DOCKER,
        "proc.tty: 0",
        &[
            "false: vigie.proc.argv intersects (--privileged, \"--pid=host\", \"--cap-add=ALL\", \
             \"--cap-add=SYS_ADMIN\") -- it is `(docker,run,--privileged=true,box)`",
            "false: proc.args contains \"-v /:\" -- it is `run box`",
            "false: proc.args contains docker.sock: -- it is `run box`",
        ],
    );
}

#[test]
fn what_hides_behind_a_macro_is_told_with_its_name() {
    not_matched(
        SHADOW_READ,
        READ,
        "proc.exepath: /usr/bin/cp\nproc.pexepath: /usr/bin/dash\nproc.pcmdline: sh /etc/cron.daily/passwd\n\
         proc.aexepath: [/usr/bin/dash, /usr/sbin/cron]",
        &[
            "true: container.id = host -- it is `host` (in not daily_password_backup)",
            "true: proc.exepath in (/usr/bin/cmp, /usr/bin/cp, /bin/cp) -- it is `/usr/bin/cp` (in not \
             daily_password_backup)",
            "true: proc.pexepath in (/usr/bin/dash, /bin/dash) -- it is `/usr/bin/dash` (in not \
             daily_password_backup)",
            "true: proc.pcmdline contains /etc/cron.daily/passwd -- it is `sh /etc/cron.daily/passwd` (in not \
             daily_password_backup)",
            "true: proc.aexepath in (/usr/sbin/cron, /usr/sbin/anacron, /usr/bin/run-parts, /bin/run-parts) -- it \
             is `(/usr/bin/dash,/usr/sbin/cron)` (in not daily_password_backup)",
        ],
    );
}

#[test]
fn metadata_that_may_still_come_is_told_as_pending() {
    let files: Vec<_> = policies::DEFAULT.iter().copied().chain([SITE]).collect();
    let (rules, _) = RuleSet::load(&files).unwrap_or_else(|error| panic!("{error}"));
    let lines = summary(&rules, TERMINAL_SHELL, &event(SHELL, "container.image.repository: <pending>"));
    assert_eq!(
        lines,
        [
            "rule `Terminal shell in container` does not match unless a value still comes, because:",
            "  pending: container.image.repository = example/db -- the value may still come",
        ]
    );
    let lines = summary(&rules, TERMINAL_SHELL, &event(SHELL, "proc.tty: 0"));
    assert_eq!(lines[1..], ["  false: proc.tty != 0 -- it is `0`"]);
}

#[test]
fn a_disabled_rule_is_said_to_be() {
    let selection =
        Selection { choices: vec![Choice::Disable(Selector::Name(SHADOW_READ.to_owned()))], least: None };
    let (rules, idle) = policies::load().unwrap().0.select(&selection);
    assert!(idle.is_empty());
    let lines = summary(&rules, SHADOW_READ, &event(READ, ""));
    assert_eq!(lines[0], "rule `Sensitive file read` is disabled; it would match, because:");
}

#[test]
fn a_rule_that_an_earlier_one_keeps_from_alerting_is_told_so() {
    let later = "- rule: Later\n  desc: d\n  condition: opened_to_read and fd.name = /etc/shadow\n  output: o\n  \
                 priority: info\n";
    let files: Vec<_> = policies::DEFAULT.iter().copied().chain([("site.yaml", later)]).collect();
    let (rules, _) = RuleSet::load(&files).unwrap_or_else(|error| panic!("{error}"));
    let event = event(READ, "");
    let report = |name: &str| {
        let rule = rules.rules().iter().find(|rule| rule.name == name).unwrap();
        explain::explain(&rules, rule, event.event_type, &event.fields).report()
    };
    assert!(
        report("Later")
            .contains("note: rule `Sensitive file read` comes before it and matches, too: only that"),
        "{}",
        report("Later")
    );
    assert!(!report(SHADOW_READ).contains("comes before"));
}
