//! Whole files in, matches out: the meaning of the language.

use super::*;
use crate::rules::testing::{MapEvent, event, put};
use crate::rules::value::Value;

fn rule(name: &str, condition: &str) -> String {
    format!("- rule: {name}\n  desc: d\n  condition: >\n    {condition}\n  output: o\n  priority: info\n")
}

fn loaded(text: &str) -> (RuleSet, Vec<String>) {
    let (rules, warnings) = RuleSet::load(&[("f", text)]).unwrap_or_else(|error| panic!("{text}\n{error}"));
    (rules, warnings.iter().map(ToString::to_string).collect())
}

fn refused(text: &str) -> String {
    RuleSet::load(&[("f", text)]).unwrap_err().to_string()
}

fn open() -> EventType {
    EventType::from_name("open").unwrap()
}

fn holds(condition: &str, event: &MapEvent) -> bool {
    let (rules, _) = loaded(&rule("r", condition));
    !rules.evaluate(open(), event, &mut Scratch::default()).matches.is_empty()
}

fn cat() -> MapEvent {
    event(&[
        ("proc.name", Value::from("cat")),
        ("proc.pid", Value::Number(42)),
        ("proc.args", Value::from("")),
        ("proc.aname", Value::List(vec![Value::from("bash"), Value::from("sshd")])),
        ("proc.aname[2]", Value::from("sshd")),
        ("fd.name", Value::text(b"/etc/shadow\xff")),
        ("fd.directory", Value::from("/etc")),
        ("evt.failed", Value::Bool(false)),
    ])
}

#[test]
fn comparisons_with_missing_values_are_false() {
    let event = cat();
    assert!(!holds("proc.cwd = /tmp", &event) && !holds("proc.cwd != /tmp", &event));
    assert!(holds("not proc.cwd = /tmp", &event) && holds("not proc.cwd != /tmp", &event));
    assert!(!holds("proc.ppid < 5", &event) && !holds("proc.ppid >= 5", &event));
    assert!(!holds("proc.cwd in ()", &event) && holds("not proc.cwd exists", &event));
    assert!(holds("proc.name exists", &event));
}

#[test]
fn every_operator_does_what_it_says() {
    let event = cat();
    for condition in [
        "proc.name = cat",
        "proc.name == 'cat'",
        "proc.name != dog",
        "proc.name in (dog, cat)",
        "proc.name intersects (cat)",
        "proc.name startswith ca",
        "proc.name endswith at",
        "proc.name contains a",
        "proc.name icontains CA",
        "proc.name glob c?t",
        "proc.name iglob C*",
        "proc.name > bat",
        "proc.pid = 42",
        "proc.pid = 0x2a",
        "proc.pid != -1",
        "proc.pid < 43",
        "proc.pid <= 42",
        "proc.pid > 41",
        "proc.pid >= 42",
        "proc.pid in (1, 42)",
        "proc.pid intersects (42)",
        "evt.failed = false",
        "evt.failed != true",
        "evt.failed in (true, false)",
        "fd.name pmatch (/var, /etc)",
        "fd.name endswith \"\\xff\"",
        "fd.name glob /*w?",
        "proc.args = \"\"",
        "evt.type = open",
        "proc.aname in (sshd)",
        "proc.aname[2] in (sshd)",
        "proc.aname != bash",
        "proc.aname contains ssh",
    ] {
        assert!(holds(condition, &event), "{condition}");
        assert!(!holds(&format!("not ({condition})"), &event), "not {condition}");
    }
    for condition in [
        "proc.name = Cat",
        "proc.name in ()",
        "proc.name startswith at",
        "proc.name glob c",
        "proc.pid in (1)",
        "proc.pid > 42",
        "evt.failed = true",
        "fd.name pmatch (/et)",
        "fd.name = /etc/shadow",
        "proc.args != \"\"",
        "proc.aname[3] in (sshd)",
        "evt.type = openat",
        "proc.aname = zsh",
    ] {
        assert!(!holds(condition, &event), "{condition}");
    }
}

#[test]
fn precedence_shows_in_results() {
    let event = cat();
    assert!(holds("proc.name = cat or proc.name = dog and proc.pid = 0", &event));
    assert!(!holds("(proc.name = cat or proc.name = dog) and proc.pid = 0", &event));
    assert!(!holds("not proc.name = cat and proc.pid = 0 or proc.pid = 1", &event));
    assert!(holds("not not proc.name = cat", &event));
}

#[test]
fn lists_and_macros_work_together() {
    let text = format!(
        "- list: pets\n  items: [cat, 'sea lion']\n- list: all\n  items: [pets, 7]\n\
         - macro: by_pet\n  condition: (proc.name in (all, hare))\n{}",
        rule("r", "by_pet and evt.type = open")
    );
    let (rules, warnings) = loaded(&text);
    assert_eq!(warnings, Vec::<String>::new());
    for (name, wanted) in [("cat", 1), ("sea lion", 1), ("7", 1), ("hare", 1), ("sea", 0), ("pets", 0)] {
        let event = event(&[("proc.name", Value::Text(name.as_bytes().to_vec().into()))]);
        assert_eq!(rules.evaluate(open(), &event, &mut Scratch::default()).matches.len(), wanted, "{name}");
    }
}

#[test]
fn the_first_match_counts_unless_all_are_wanted() {
    let text =
        [rule("a", "evt.type = open"), rule("b", "evt.type = creat"), rule("c", "proc.name = cat")].concat();
    let names = |rules: &RuleSet, event_type: &str| {
        let evaluation =
            rules.evaluate(EventType::from_name(event_type).unwrap(), &cat(), &mut Scratch::default());
        evaluation.matches.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>()
    };
    let (rules, _) = loaded(&text);
    assert_eq!(names(&rules, "open"), ["a"]);
    assert_eq!(names(&rules, "creat"), ["b"]);
    assert_eq!(names(&rules, "execve"), ["c"]);
    let rules = rules.with_matching(Matching::All);
    assert_eq!(names(&rules, "open"), ["a", "c"]);
}

#[test]
fn pending_values_are_reported_only_where_they_matter() {
    let mut event = cat();
    put(&mut event, "container.image.repository", Value::Pending);
    let evaluate = |condition: &str| {
        let (rules, _) = loaded(&rule("r", condition));
        let evaluation = rules.evaluate(open(), &event, &mut Scratch::default());
        (evaluation.matches.len(), evaluation.pending_touched)
    };
    assert_eq!(evaluate("container.image.repository = nginx"), (0, true));
    assert_eq!(evaluate("container.image.repository != nginx"), (0, true));
    assert_eq!(evaluate("not container.image.repository = nginx"), (1, true));
    assert_eq!(evaluate("container.image.repository = nginx and proc.name = dog"), (0, false));
    assert_eq!(evaluate("proc.name = dog and container.image.repository = nginx"), (0, false));
    assert_eq!(evaluate("container.image.repository = nginx or proc.name = cat"), (1, false));
    assert_eq!(evaluate("container.image.repository exists"), (0, true));
    assert_eq!(evaluate("proc.name = cat"), (1, false));
}

#[test]
fn a_later_definition_replaces_and_keeps_the_place() {
    let first = [rule("a", "evt.type = creat"), rule("b", "proc.name = cat")].concat();
    let files = [("one", first), ("two", rule("a", "evt.type = open"))];
    let (rules, warnings) = RuleSet::load(&files).unwrap();
    assert_eq!(warnings.iter().filter(|w| w.to_string().contains("defined again")).count(), 0);
    assert_eq!(rules.rules().iter().map(|rule| &*rule.name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(rules.evaluate(open(), &cat(), &mut Scratch::default()).matches[0].name, "a");
    assert_eq!(rules.rules()[0].place.to_string(), "two:1:9");

    let twice = [rule("a", "evt.type = creat"), rule("a", "evt.type = open")].concat();
    assert!(loaded(&twice).1[0].contains("f:7:9: warning: rule `a` is defined again in the same file"));
    let changed = rule("a", "evt.type = open") + &rule("a", "evt.type = open") + "  source: k8s_audit\n";
    assert!(refused(&changed).contains("defined before with another source"));
}

#[test]
fn rules_are_switched_off_and_on() {
    let off = rule("a", "evt.type = open") + "  enabled: false\n";
    let (rules, _) = loaded(&off);
    assert_eq!(rules.rules().len(), 1);
    assert_eq!(rules.event_types(), EventTypes::NONE);
    assert!(rules.evaluate(open(), &cat(), &mut Scratch::default()).matches.is_empty());
    let (rules, warnings) = loaded(&(off + "- rule: a\n  enabled: true\n"));
    assert_eq!(rules.evaluate(open(), &cat(), &mut Scratch::default()).matches.len(), 1);
    assert!(warnings[0].contains("deprecated"));
    let unknown =
        refused(&(rule("open shadow", "evt.type = open") + "- rule: open shadw\n  enabled: false\n"));
    assert_eq!(unknown, "f:7:9: error: no rule `open shadw` comes before this; did you mean `open shadow`?");
}

#[test]
fn items_are_checked_where_they_stand() {
    for (text, wanted) in [
        ("a: b\n", "f:1:1: error: expected a list of rules"),
        ("- a\n", "f:1:3: error: expected an item such as `rule: NAME`, found `a`"),
        ("- list: l\n", "f:1:3: error: list `l` needs the key `items`"),
        ("- list: l\n  items: a\n", "f:2:10: error: expected a list of texts and numbers, found `a`"),
        ("- list: l\n  items: [[a]]\n", "f:2:11: error: expected a text or a number, found a sequence"),
        ("- macro: [x]\n", "f:1:10: error: expected a name, found a sequence"),
        ("- macro: m\n  condition:\n", "error: expected a text, found nothing"),
        ("- rule: r\n  desc: d\n", "f:1:3: error: rule `r` needs the key `condition`"),
        ("- rule: r\n  enabled: maybe\n", "f:2:12: error: expected `true` or `false`, found `maybe`"),
        ("- rule: r\n  exceptions: []\n", "f:1:3: error: rule `r` needs the key `condition`"),
        ("- rule: r\n  condition: x\n  append: true\n", "f:1:9: error: no rule `r` comes before this"),
        (
            "- list: l\n  items: []\n  override: {items: append}\n",
            "f:1:9: error: no list `l` comes before this",
        ),
        (
            "- required_engine_version: 99\n",
            "f:1:28: error: the rules need engine version 99, and this is 0.63.0",
        ),
        ("- required_engine_version: x\n", "f:1:28: error: expected a number, or a version"),
    ] {
        let message = refused(text);
        assert!(message.contains(wanted), "{text}: {message}");
    }
    let priority = rule("r", "evt.type = open").replace("info", "urgent");
    assert!(refused(&priority).contains("f:6:13: error: expected a priority"), "{}", refused(&priority));
    let output = rule("r", "evt.type = open").replace("output: o", "output: \"a %proc.nam\"");
    assert!(refused(&output).contains("f:5:14: error: unknown field `proc.nam`"), "{}", refused(&output));
}

#[test]
fn places_survive_folding_and_list_expansion() {
    let text = "- list: l\n  items: [a, b]\n- rule: r\n  desc: d\n  condition: >\n    evt.type = open\n\n    and proc.name in (l)\n    and proc.pid = x\n  output: o\n  priority: info\n";
    assert!(refused(text).starts_with("f:9:20: error: field `proc.pid` is a number"), "{}", refused(text));
    let text = text.replace("proc.pid = x", "proc.pid in (1, l)");
    assert!(refused(&text).starts_with("f:9:25: error:"), "{}", refused(&text));
}

#[test]
fn oddities_are_warned_about() {
    let warned = |condition: &str| loaded(&rule("r", condition)).1.join("\n");
    assert!(
        warned("proc.name = proc.pname and evt.type = open").contains("`proc.pname` is compared as text")
    );
    assert!(warned("proc.cwd = <NA> and evt.type = open").contains("use `exists`"));
    assert!(warned("proc.name = cat").contains("does not restrict evt.type"));
    assert!(warned("evt.type = opennat").contains("did you mean `openat`?"));
    assert!(warned("evt.type = mmap2").contains("can never match"));
    assert!(warned("evt.type = open and evt.dir = <").contains("`evt.dir` is deprecated"));
    assert_eq!(warned("evt.type = open and proc.name = \"proc.pname\""), "");
    let quiet = rule("r", "proc.name = cat") + "  warn_evttypes: false\n";
    assert_eq!(loaded(&quiet).1, Vec::<String>::new());
    let unused = "- list: l\n  items: []\n- macro: m\n  condition: evt.type = open\n- colour: red\n- list: a b\n  items: [x]\n";
    let warnings = loaded(unused).1.join("\n");
    for part in [
        "list `l` is not used",
        "macro `m` is not used",
        "f:5:3: warning: ignored: an item",
        "list name `a b` holds",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[test]
fn rules_that_cannot_work_here_are_skipped_if_they_say_so() {
    let text = rule("a", "evt.type = open and zebra.stripes = 1") + "  skip-if-unknown-filter: true\n";
    let (rules, warnings) = loaded(&text);
    assert!(
        rules.rules().is_empty() && warnings[0].contains("rule `a` skipped: unknown field `zebra.stripes`")
    );
    let text = rule("a", "ka.verb = get") + "  source: k8s_audit\n";
    let (rules, warnings) = loaded(&text);
    assert!(rules.rules().is_empty() && warnings[0].contains("there is no source `k8s_audit`"));
}

#[test]
fn keys_that_nobody_knows_are_warned_about() {
    let text = rule("a", "evt.type = open")
        + "  colour: red\n  prioritty: x\n  capture: true\n  capture_duration: 5000\n";
    let (_, warnings) = loaded(&text);
    assert!(warnings[0].contains("rule `a` asks for a capture"), "{warnings:?}");
    assert!(warnings[1].contains("key `colour` has no meaning in a rule"), "{warnings:?}");
    assert!(warnings[2].contains("did you mean `priority`?"), "{warnings:?}");
    let text = text.replace("5000", "long");
    assert!(
        refused(&text).contains("f:10:21: error: expected a whole number of milliseconds"),
        "{}",
        refused(&text)
    );
}

#[test]
fn several_documents_comments_and_nothing_are_fine() {
    let text = format!(
        "# a\n---\n{}---\n# nothing\n---\n{}",
        rule("a", "evt.type = open"),
        rule("b", "evt.type = creat")
    );
    assert_eq!(loaded(&text).0.rules().len(), 2);
    assert!(loaded("").0.rules().is_empty() && loaded("# only a comment\n").0.rules().is_empty());
    let versions = "- required_engine_version: 0.50.0\n- required_plugin_versions:\n  - name: container\n    version: 0.2.2\n  - name: k8saudit\n    version: 0.7.0\n";
    assert_eq!(loaded(versions).1.len(), 1);
}

#[test]
fn a_rule_keeps_its_parts() {
    let text = "- rule: R\n  desc: >\n    what\n    it is\n  condition: evt.type = open\n  output: \"%proc.name of %proc.cwd\"\n  priority: 3\n  tags: [host, T1]\n";
    let (rules, _) = loaded(text);
    let rule = rules.evaluate(open(), &cat(), &mut Scratch::default()).matches[0];
    assert_eq!((&*rule.name, &*rule.desc, rule.priority), ("R", "what it is\n", Priority::Error));
    assert_eq!((rule.tags.join(" "), &*rule.source, rule.enabled), ("host T1".to_owned(), "syscall", true));
    assert_eq!(rule.render_output(&cat()).text, b"cat of <NA>");
}

#[test]
fn a_field_is_asked_for_by_conditions_and_outputs_of_enabled_rules() {
    let rule = |name: &str, condition: &str, output: &str, enabled: bool| {
        format!(
            "- rule: {name}\n  desc: d\n  condition: evt.type = open and {condition}\n  output: \"{output}\"\n  \
             priority: info\n  enabled: {enabled}\n"
        )
    };
    let asks = |text: String| {
        let rules = RuleSet::load(&[("f", text)]).unwrap().0;
        rules.asks_for(|field| field.name == "proc.env")
    };
    assert!(asks(rule("a", "proc.env[LD_PRELOAD] exists", "o", true)));
    assert!(asks(rule("a", "proc.name = x", "%proc.env[HOME]", true)));
    assert!(!asks(rule("a", "proc.env contains x", "o", false)));
    assert!(!asks(rule("a", "proc.name = x", "%proc.name", true)));
}
