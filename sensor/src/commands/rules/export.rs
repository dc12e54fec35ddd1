//! `vigie rules export`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::Exit;
use crate::rules::policies::{DEFAULT, TESTS};
use crate::sink::{Severity, status};

/// Why the default policies are not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}", path = path.display())]
pub struct ExportError {
    path: PathBuf,
    source: io::Error,
}

/// Writes all of them, or none where one of them is there.
pub(super) fn export(directory: &Path) -> Result<Exit, ExportError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError { path, source }
    };
    fs::create_dir_all(directory).map_err(failed(directory))?;
    let files = || DEFAULT.iter().chain(TESTS).map(|(name, text)| (directory.join(base(name)), text));
    if let Some((path, _)) = files().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(failed(&path)(io::ErrorKind::AlreadyExists.into()));
    }
    for (path, text) in files() {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed(&path))?;
        file.write_all(text.as_bytes()).map_err(failed(&path))?;
    }
    status(Severity::Info, &format!("{} files are in {}", files().count(), directory.display()));
    Ok(Exit::Done)
}

fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::check;

    #[test]
    fn what_is_exported_is_what_is_built_in_and_nothing_is_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("new/rules.d");
        export(&place).unwrap();
        let (rules, warnings) = check::load(std::slice::from_ref(&place)).unwrap();
        let (built_in, _) = crate::rules::policies::load().unwrap();
        assert_eq!(rules.rules().len(), built_in.rules().len());
        assert!(warnings.is_empty(), "{warnings:?}");
        fs::write(place.join("docker.yaml"), "mine").unwrap();
        fs::remove_file(place.join("_common.yaml")).unwrap();
        let error = export(&place).unwrap_err().to_string();
        assert!(error.contains("collection.yaml"), "{error}");
        assert!(!place.join("_common.yaml").exists(), "nothing is written then");
        assert_eq!(fs::read_to_string(place.join("docker.yaml")).unwrap(), "mine");
    }
}
