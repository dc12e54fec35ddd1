//! The default policies as a page of the documentation.

use std::fmt::Write;

use super::cases::{self, Suite};
use crate::rules::policies;
use crate::rules::priority::Priority;
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::source::LoadError;

const INTRODUCTION: &str = "\
# Default policies

Every rule that is built into `vigie`, by the tactic of [ATT&CK](https://attack.mitre.org) that it belongs to: what it
finds, why that matters, how to adapt it, and what it does not see. Common to all: what a program does in its own
memory, and commands that a shell runs itself, are no events. [attack-actions.md](attack-actions.md) shows the rules at
work: attacks done for real, and which rule notices each. [policies/README.md](../policies/README.md) says how the policies are built,
`vigie rules show NAME` shows a rule with its condition, and [adding-a-policy.md](adding-a-policy.md) how to write one.

This page is generated from the policies; what stands between the marks under *Quiet by default* is written by hand.
";

/// Between these marks stands what is written by hand.
const MARKS: [&str; 2] = ["<!-- quiet -->\n", "<!-- /quiet -->\n"];

/// The page as Markdown; `quiet` is its part that is written by hand.
pub fn page(quiet: &str) -> Result<String, LoadError> {
    let (rules, _) = policies::load()?;
    let tests = cases::load(policies::TESTS)?;
    let tactics: Vec<_> = policies::DEFAULT.iter().filter_map(|file| Tactic::of(*file, &rules)).collect();
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| Tactic | Rules | Of these, `Warning` and above |\n| --- | --- | --- |\n");
    page.extend(tactics.iter().map(Tactic::row));
    let [begin, end] = MARKS;
    write!(page, "\n## Quiet by default\n\n{begin}{quiet}{end}").unwrap_or_default();
    page.extend(tactics.iter().map(|tactic| tactic.section(&tests)));
    Ok(page)
}

/// The part of a page that is written by hand; empty if there is none.
pub fn quiet(page: &str) -> &str {
    let [begin, end] = MARKS;
    let behind = page.split_once(begin).map(|(_, behind)| behind);
    behind.and_then(|behind| behind.split_once(end)).map(|(quiet, _)| quiet).unwrap_or_default()
}

/// The rules of a file, which are those of a tactic.
struct Tactic<'r> {
    /// Its name and number.
    title: String,
    /// What it is about.
    about: String,
    rules: Vec<&'r Rule>,
}

impl<'r> Tactic<'r> {
    /// A file begins with a comment `# TITLE: ABOUT`. `None` for one that has no rules.
    fn of((name, text): (&str, &str), rules: &'r RuleSet) -> Option<Self> {
        let comment: Vec<_> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
        let comment = comment.join(" ");
        let (title, about) = comment.split_once(": ").unwrap_or((&comment, ""));
        let rules: Vec<_> = rules.rules().iter().filter(|rule| *rule.place.file == *name).collect();
        (!rules.is_empty()).then(|| Self { title: title.to_owned(), about: capital(about), rules })
    }

    fn row(&self) -> String {
        let urgent = self.rules.iter().filter(|rule| rule.priority <= Priority::Warning).count();
        format!("| [{0}](#{1}) | {2} | {urgent} |\n", self.title, anchor(&self.title), self.rules.len())
    }

    fn section(&self, tests: &Suite) -> String {
        let rules: String = self.rules.iter().map(|rule| entry(rule, tests)).collect();
        format!("\n## {}\n\n{}\n{rules}", self.title, escaped(&self.about))
    }
}

fn entry(rule: &Rule, tests: &Suite) -> String {
    let named = tests.cases.iter().filter(|case| case.rules.iter().any(|one| one.name == rule.name)).count();
    let techniques: Vec<_> = rule.tags.iter().filter_map(|tag| technique(tag)).collect();
    let links: Vec<_> = techniques.iter().map(|(name, page)| format!("[{name}]({page})")).collect();
    let facts = [
        rule.priority.name().to_owned(),
        links.join(", "),
        format!("on `{}`", rule.event_types().listed()),
        format!("{named} tests"),
    ];
    let mut text = format!("\n### {}\n\n{}\n", escaped(&rule.name), facts.join(" · "));
    writeln!(text, "\n{}\n", escaped(&rule.desc)).unwrap_or_default();
    let notes = &rule.notes;
    let notes = [("Why", &notes.why), ("Tuning", &notes.tuning), ("Blind spots", &notes.blind_spots)];
    for (name, note) in notes.into_iter().filter_map(|(name, note)| Some((name, note.as_deref()?))) {
        writeln!(text, "- *{name}:* {}", escaped(note)).unwrap_or_default();
    }
    let is_linked = |page: &str| techniques.iter().any(|(_, linked)| linked == page);
    let others = rule.notes.references.iter().filter(|page| !is_linked(page)).map(|page| format!("<{page}>"));
    let others: Vec<_> = others.collect();
    if !others.is_empty() {
        writeln!(text, "- *References:* {}", others.join(", ")).unwrap_or_default();
    }
    text
}

/// A tag `T1003.008` and the page of that technique.
fn technique(tag: &str) -> Option<(&str, String)> {
    let number = tag.strip_prefix('T')?;
    let is_one = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_one.then(|| (tag, format!("https://attack.mitre.org/techniques/{}/", tag.replace('.', "/"))))
}

/// Text as Markdown, on one line; what stands between backticks is code and stays as it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_code = false;
    for character in text.trim_end().chars().map(|character| if character == '\n' { ' ' } else { character })
    {
        is_code ^= character == '`';
        if !is_code && matches!(character, '*' | '_' | '<' | '>' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The anchor of a headline.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|character| character.is_alphanumeric() || *character == ' ');
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policies.md");

    #[test]
    fn the_documentation_tells_of_every_policy_as_it_is() {
        let written = std::fs::read_to_string(PAGE).unwrap_or_default();
        let wanted = page(quiet(&written)).unwrap_or_else(|error| panic!("{error}"));
        if std::env::var_os("VIGIE_BLESS").is_some() {
            std::fs::write(PAGE, &wanted).unwrap();
        }
        let written = std::fs::read_to_string(PAGE).unwrap_or_default();
        assert!(
            written == wanted,
            "docs/policies.md is out of date; write it anew with VIGIE_BLESS=1 cargo test -p sensor --lib reference"
        );
    }

    #[test]
    fn every_rule_is_there_once_with_all_its_notes() {
        let (rules, _) = policies::load().unwrap();
        let page = page("").unwrap();
        let lines_with = |text: &str| page.lines().filter(|line| line.starts_with(text)).count();
        assert_eq!(lines_with("### "), rules.rules().len());
        for note in ["- *Why:* ", "- *Tuning:* ", "- *Blind spots:* "] {
            assert_eq!(lines_with(note), rules.rules().len(), "{note}");
        }
        assert_eq!(lines_with("## "), policies::DEFAULT.len());
        assert!(!page.contains(" 0 tests") && !page.contains("·  ·"));
        assert!(page.contains("\n### SSH private key read\n\n"));
        assert!(page.contains("| [Credential access (TA0006)](#credential-access-ta0006) |"));
    }

    #[test]
    fn what_is_written_by_hand_stays() {
        let first = page("1 alert a day\n").unwrap();
        assert_eq!(quiet(&first), "1 alert a day\n");
        assert_eq!(page(quiet(&first)).unwrap(), first);
        assert_eq!(quiet("no marks"), "");
    }

    #[test]
    fn paths_and_code_are_no_markup() {
        assert_eq!(escaped("`more_*` in /home/*/a_b <x>\nend\n"), "`more_*` in /home/\\*/a\\_b \\<x\\> end");
    }
}
