//! The files of rules and of tests that paths stand for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::cases::problem::CaseProblem;
use crate::rules::problem::Problem;
use crate::rules::source::{self, Fault, LoadError, MAX_FILE_SIZE, MAX_TOTAL_SIZE, Place};
use crate::rules::yaml::printable;

/// Most files that a directory may hold.
const MAX_FILES: usize = 1000;

/// Files as names and texts.
pub type Texts = Vec<(String, String)>;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Files of rules.
    pub rules: Texts,
    /// Files of tests: those whose names end in `.test.yaml` or `.test.yml`.
    pub tests: Texts,
}

/// Reads files, and the `.yaml` and `.yml` files of directories in alphabetical order.
pub fn read(paths: &[PathBuf]) -> Result<Files, LoadError> {
    collect(paths, |_| true)
}

/// As [`read`], files of rules only. A path that is a file of tests itself is an error.
pub fn read_rules(paths: &[PathBuf]) -> Result<Texts, LoadError> {
    let tests = paths.iter().filter(|path| is_test_file(path) && path.is_file());
    let faults: Vec<_> = tests.map(|path| fault(path, CaseProblem::NotRules.into())).collect();
    if !faults.is_empty() {
        return Err(LoadError { faults });
    }
    collect(paths, |path| !is_test_file(path)).map(|files| files.rules)
}

fn collect(paths: &[PathBuf], wanted: impl Fn(&Path) -> bool) -> Result<Files, LoadError> {
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        match expand(path) {
            Ok(files) => found.extend(files.into_iter().filter(|file| wanted(file))),
            Err(problem) => faults.push(fault(path, problem)),
        }
    }
    let mut files = Files::default();
    for file in &found {
        let texts = if is_test_file(file) { &mut files.tests } else { &mut files.rules };
        match read_file(file) {
            Ok(text) if size_of_all(texts) + text.len() > MAX_TOTAL_SIZE => {
                faults.push(fault(file, Problem::FilesTooLarge));
                break;
            }
            Ok(text) => texts.push((shown(file), text)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(files) } else { Err(LoadError { faults }) }
}

fn size_of_all(texts: &Texts) -> usize {
    texts.iter().map(|(_, text)| text.len()).sum()
}

fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".test.yaml") || name.ends_with(b".test.yml")
}

fn fault(path: &Path, problem: Problem) -> Fault {
    Fault { place: Place { file: shown(path).into(), line: 1, column: 1 }, problem }
}

/// A path for people: what a file is called must not drive their terminal.
pub fn shown(path: &Path) -> String {
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
            return Err(Problem::TooMany { limit: MAX_FILES, what: "files in a directory" });
        }
    }
    files.sort();
    Ok(files)
}

fn is_rules_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") && path.is_file()
}

/// Reads one file, but never more than a rules file may hold, and never from a device or a pipe.
pub fn read_file(path: &Path) -> Result<String, Fault> {
    let file = open(path).map_err(|problem| fault(path, problem))?;
    read_text(path, file)
}

/// Reads standard input, but never more than a rules file may hold.
pub fn read_stdin() -> Result<String, Fault> {
    read_text(Path::new("-"), io::stdin().lock())
}

fn read_text(path: &Path, from: impl Read) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    let limit = source::size(MAX_FILE_SIZE).saturating_add(1);
    from.take(limit).read_to_end(&mut bytes).map_err(|error| fault(path, unreadable(&error)))?;
    refuse_large(source::size(bytes.len())).map_err(|problem| fault(path, problem))?;
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
    if !metadata.is_file() {
        return Err(Problem::NotARulesFile);
    }
    refuse_large(metadata.len()).map(|()| file)
}

fn refuse_large(size: u64) -> Result<(), Problem> {
    if size > source::size(MAX_FILE_SIZE) { Err(Problem::FileTooLarge { size }) } else { Ok(()) }
}
