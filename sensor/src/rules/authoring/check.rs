//! `rules check`: reads rules from files and directories, and reports on them.

mod codes;
mod json;
mod snippet;
mod text;

use std::path::PathBuf;

use super::files::{self, Texts};
use crate::rules::event_type::EventTypes;
use crate::rules::field::FieldRef;
use crate::rules::rule_set::RuleSet;
use crate::rules::source::{LoadError, Warning};

/// What became of loading rules.
#[derive(Clone, Debug)]
pub struct Report {
    /// The files, as far as they could be read.
    files: Texts,
    result: Result<(RuleSet, Vec<Warning>), LoadError>,
}

/// Checks rules files and directories of them.
///
/// `feeders` gives the event types that feed a field, so that rules are named that cannot fire for want of any.
pub fn check(paths: &[PathBuf], feeders: impl Fn(&FieldRef) -> EventTypes) -> Report {
    match files::read_rules(paths) {
        Ok(files) => {
            let result = RuleSet::load(&files).map(|(rules, mut warnings)| {
                warnings.extend(rules.unfed(feeders));
                (rules, warnings)
            });
            Report { files, result }
        }
        Err(error) => Report { files: Texts::new(), result: Err(error) },
    }
}

impl Report {
    /// Whether the rules can be used.
    pub fn passed(&self) -> bool {
        self.result.is_ok()
    }

    /// The report for people: every error and warning with the line it is about, and a summary.
    pub fn text(&self) -> String {
        text::report(self)
    }

    /// The report in the shape of Falco's.
    pub fn json(&self) -> String {
        json::report(self)
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

    /// A report, and what it says.
    struct Checked {
        report: Report,
        text: String,
        passed: bool,
    }

    fn checked(directory: &tempfile::TempDir, path: &str) -> Checked {
        let report = check(&[directory.path().join(path)], crate::observation::feeders);
        let text = report.text().replace(&format!("{}/", directory.path().display()), "");
        Checked { passed: report.passed(), text, report }
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
        let wanted = "c.yaml:3:14: error: unknown field `evt.tpye`; did you mean `evt.type`?\n      condition: evt.tpye = open\n                 ^\nfailed: 1 error\n";
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
        // Its size is told, which means that it was not read.
        let sparse = fs::File::create(directory.path().join("sparse.yaml")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        let refused = "sparse.yaml:1:1: error: the file has 1099511627776 bytes, and the limit is 4194304; split it\nfailed: 1 error\n";
        assert_eq!(checked(&directory, "sparse.yaml").text, refused);
        assert!(checked(&directory, "none.yaml").text.contains("error: cannot read it"));
        std::os::unix::fs::symlink("/dev/zero", directory.path().join("zero.yaml")).unwrap();
        assert!(checked(&directory, "zero.yaml").text.contains("expected a directory or a file"));
    }

    #[test]
    fn many_files_are_not_read_beyond_what_one_load_takes() {
        let large = vec![b'#'; MAX_FILE_SIZE];
        let directory =
            directory(&[("a.yaml", &large), ("b.yaml", &large), ("c.yaml", &large), ("d.yaml", b"- [")]);
        let text = checked(&directory, ".").text;
        assert_eq!(
            text,
            "./c.yaml:1:1: error: the files up to here have more than 8388608 bytes together; load fewer at once\nfailed: 1 error\n"
        );
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

    #[test]
    fn the_report_in_json_names_codes_and_places() {
        let bad = GOOD.replace("evt.type", "evt.tpye");
        let odd = format!("{GOOD}  colour: red\n").replace("rule: r", "rule: s");
        let directory = directory(&[("a.yaml", bad.as_bytes()), ("b.yaml", odd.as_bytes())]);
        let json = |path: &str| -> serde_json::Value {
            serde_json::from_str(&checked(&directory, path).report.json()).unwrap()
        };
        let failed = json("a.yaml");
        let result = &failed["falco_load_results"][0];
        assert_eq!(result["successful"], false);
        assert_eq!(result["errors"][0]["code"], "LOAD_ERR_COMPILE_CONDITION");
        assert_eq!(result["errors"][0]["context"]["locations"][0]["position"]["line"], 3);
        assert_eq!(
            result["errors"][0]["context"]["snippet"],
            "  condition: evt.tpye = open\n             ^\n"
        );
        let warned = json("b.yaml");
        let result = &warned["falco_load_results"][0];
        assert_eq!((&result["successful"], &result["errors"]), (&true.into(), &serde_json::json!([])));
        assert_eq!(result["warnings"][0]["code"], "LOAD_UNKNOWN_ITEM");
        assert!(json(".")["falco_load_results"].as_array().unwrap().len() == 2);
    }
}
