//! `rules check`: reads rules from files and directories, and reports on them.

use std::path::PathBuf;

use super::files;
use super::rule_set::RuleSet;
use super::source::{LoadError, Warning};

/// What `rules check` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The report, ready to be printed; ends with a line break.
    pub text: String,
    /// Whether the rules can be used.
    pub passed: bool,
}

/// Checks rules files and directories of them.
pub fn check(paths: &[PathBuf]) -> Report {
    match load(paths) {
        Ok((rules, warnings)) => {
            let disabled = rules.rules().iter().filter(|rule| !rule.enabled).count();
            let mut lines: Vec<String> = warnings.iter().map(ToString::to_string).collect();
            let total = rules.rules().len();
            lines.push(format!(
                "ok: {total} rules, {disabled} of them disabled, {} warnings\n",
                warnings.len()
            ));
            Report { text: lines.join("\n"), passed: true }
        }
        Err(error) => {
            Report { text: format!("{error}\nfailed: {}\n", count(error.faults.len())), passed: false }
        }
    }
}

fn count(faults: usize) -> String {
    match faults {
        1 => "1 error".to_owned(),
        LoadError::MAX_FAULTS => format!("{faults} errors or more"),
        _ => format!("{faults} errors"),
    }
}

/// Loads rules from files, and from the `.yaml` and `.yml` files of directories in alphabetical order; what ends in
/// `.test.yaml` holds tests, and is passed over.
pub fn load(paths: &[PathBuf]) -> Result<(RuleSet, Vec<Warning>), LoadError> {
    RuleSet::load(&files::read_rules(paths)?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::rules::source::MAX_FILE_SIZE;

    const GOOD: &str = "- rule: r\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: info\n";

    fn directory(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        directory
    }

    fn checked(directory: &tempfile::TempDir, path: &str) -> Report {
        let mut report = check(&[directory.path().join(path)]);
        report.text = report.text.replace(&format!("{}/", directory.path().display()), "");
        report
    }

    #[test]
    fn a_directory_is_read_in_alphabetical_order() {
        let second = GOOD.replace("rule: r", "rule: a").replace("open", "execve");
        let directory =
            directory(&[("b.yml", GOOD.as_bytes()), ("a.yaml", second.as_bytes()), ("c.txt", b"- [")]);
        let (rules, _) = load(&[directory.path().to_owned()]).unwrap();
        let names: Vec<_> = rules.rules().iter().map(|rule| &*rule.name).collect();
        assert_eq!(names, ["a", "r"]);
        let report = checked(&directory, ".");
        assert_eq!((&*report.text, report.passed), ("ok: 2 rules, 0 of them disabled, 0 warnings\n", true));
    }

    #[test]
    fn errors_of_all_files_are_listed() {
        let bad = GOOD.replace("evt.type", "evt.tpye");
        let directory = directory(&[("a.yaml", b"- [x\n"), ("b.yaml", b"- 1\n"), ("c.yaml", bad.as_bytes())]);
        let report = checked(&directory, ".");
        assert!(!report.passed);
        assert!(
            report.text.contains("a.yaml:") && report.text.contains("b.yaml:1:3: error: expected an item")
        );
        assert!(report.text.ends_with("failed: 2 errors\n"), "{}", report.text);
        let report = checked(&directory, "c.yaml");
        let wanted =
            "c.yaml:3:14: error: unknown field `evt.tpye`; did you mean `evt.type`?\nfailed: 1 error\n";
        assert_eq!(report.text, wanted);
    }

    #[test]
    fn what_is_no_text_file_is_refused() {
        let large = vec![b'#'; MAX_FILE_SIZE + 1];
        let directory = directory(&[("utf.yaml", b"- rule: x\n  desc: \xff\n"), ("large.yaml", &large)]);
        let report = checked(&directory, "utf.yaml");
        assert!(
            report.text.starts_with("utf.yaml:2:9: error: a rules file must be UTF-8"),
            "{}",
            report.text
        );
        assert!(checked(&directory, "large.yaml").text.contains("limit is 4194304"));
        assert!(checked(&directory, "none.yaml").text.contains("error: cannot read it"));
        std::os::unix::fs::symlink("/dev/zero", directory.path().join("zero.yaml")).unwrap();
        assert!(checked(&directory, "zero.yaml").text.contains("expected a directory or a file"));
    }

    #[test]
    fn a_hostile_file_name_stays_on_its_line() {
        let directory = directory(&[("a\nb\x1b[2J.yaml", b"- 1\n")]);
        let report = checked(&directory, ".");
        assert!(report.text.starts_with("./a\\nb\\u{1b}[2J.yaml:1:3: error:"), "{}", report.text);
    }

    #[test]
    fn warnings_do_not_fail() {
        let directory = directory(&[("a.yaml", format!("{GOOD}  colour: red\n").as_bytes())]);
        let report = checked(&directory, "a.yaml");
        assert!(report.passed);
        assert!(report.text.starts_with("a.yaml:6:3: warning: ignored: key `colour`"), "{}", report.text);
    }

    #[test]
    fn files_of_tests_are_no_rules() {
        let directory = directory(&[("a.yaml", GOOD.as_bytes()), ("a.test.yaml", b"- [")]);
        assert!(checked(&directory, ".").passed);
        let report = checked(&directory, "a.test.yaml");
        assert!(
            report.text.starts_with("a.test.yaml:1:1: error: a file of tests holds no rules"),
            "{}",
            report.text
        );
        let both = files::read(&[directory.path().to_owned()]).unwrap();
        assert_eq!((both.rules.len(), both.tests.len()), (1, 1));
    }
}
