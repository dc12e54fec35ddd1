//! `rules check`: reads rules from files and directories, and reports on them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::problem::Problem;
use super::rule_set::RuleSet;
use super::source::{Fault, LoadError, MAX_FILE_SIZE, Place, Warning};
use super::yaml::printable;

/// Most files that a directory may hold.
const MAX_FILES: usize = 1000;

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

/// Loads rules from files, and from the `.yaml` and `.yml` files of directories in alphabetical order.
pub fn load(paths: &[PathBuf]) -> Result<(RuleSet, Vec<Warning>), LoadError> {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        match expand(path) {
            Ok(found) => files.extend(found),
            Err(problem) => faults.push(fault(path, problem)),
        }
    }
    let mut texts = Vec::with_capacity(files.len());
    for file in &files {
        match read(file) {
            Ok(text) => texts.push((shown(file), text)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { RuleSet::load(&texts) } else { Err(LoadError { faults }) }
}

fn fault(path: &Path, problem: Problem) -> Fault {
    Fault { place: Place { file: shown(path).into(), line: 1, column: 1 }, problem }
}

/// A path for people: what a file is called must not drive their terminal.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

fn unreadable(error: &io::Error) -> Problem {
    Problem::Unreadable(error.to_string())
}

/// The files that a path stands for.
fn expand(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_dir() {
        return if metadata.is_file() { Ok(vec![path.to_owned()]) } else { Err(Problem::NotARulesFile) };
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(&error))? {
        let file = entry.map_err(|error| unreadable(&error))?.path();
        if is_rules_file(&file) {
            files.push(file);
        }
        if files.len() > MAX_FILES {
            return Err(Problem::TooLarge { limit: MAX_FILES, what: "files in a directory" });
        }
    }
    files.sort();
    Ok(files)
}

fn is_rules_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") && path.is_file()
}

/// Reads one file, but never more than a rules file may hold, and never from a device or a pipe.
fn read(path: &Path) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_FILE_SIZE).unwrap_or(u64::MAX).saturating_add(1);
    let file = open(path).map_err(|problem| fault(path, problem))?;
    file.take(limit).read_to_end(&mut bytes).map_err(|error| fault(path, unreadable(&error)))?;
    if bytes.len() > MAX_FILE_SIZE {
        return Err(fault(path, Problem::FileTooLarge { size: bytes.len() }));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let text = String::from_utf8_lossy(valid);
        let line_start = text.rfind('\n').map_or(0, |newline| newline + 1);
        let place = Place {
            file: shown(path).into(),
            line: text.matches('\n').count() + 1,
            column: text.get(line_start..).unwrap_or_default().chars().count() + 1,
        };
        Fault { place, problem: Problem::NotUtf8 }
    })
}

fn open(path: &Path) -> Result<File, Problem> {
    // Without blocking: a pipe put in the place of a rules file must not hang the sensor.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file =
        OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_file() { Ok(file) } else { Err(Problem::NotARulesFile) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
