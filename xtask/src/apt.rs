//! A throwaway apt: packages of any Debian suite, from the mirror this host already uses, without touching its
//! own apt.
//!
//! It has a source list, package lists and a cache of its own. What apt downloads through it is checked as always:
//! the suite's index is signed by the Debian keys, and every package matches the hash in that index.

mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::process::{capture, run};
pub(crate) use sources::Mirrors;

/// The system's Debian keyring, which apt checks every index against.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Which of Debian's archives a suite is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Archive {
    /// The main archive.
    Main,
    /// The security archive, often on another host.
    Security,
}

/// A suite of an archive, such as `bookworm-backports`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suite {
    /// The suite's name.
    pub(crate) name: &'static str,
    /// Where it is.
    pub(crate) archive: Archive,
}

/// Reads this host's mirrors from apt's own configuration.
pub(crate) fn find_mirrors() -> Result<Mirrors> {
    let configuration = capture(Command::new("apt-config").args([
        "shell",
        "LIST",
        "Dir::Etc::sourcelist/f",
        "PARTS",
        "Dir::Etc::sourceparts/d",
    ]))
    .context("this needs a Debian host: its apt knows a mirror and checks what it downloads")?;
    let value = |name: &str| shell_value(&configuration, name);
    let mut found = Vec::new();
    if let Some(list) = value("LIST") {
        found.extend(read_sources(Path::new(&list)));
    }
    for path in value("PARTS").map(|parts| files_in(Path::new(&parts))).unwrap_or_default() {
        found.extend(read_sources(&path));
    }
    sources::mirrors(&found)
}

/// The value of `NAME='...'` in what `apt-config shell` prints.
fn shell_value(text: &str, name: &str) -> Option<String> {
    let quoted = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(quoted.trim().trim_matches('\'').to_owned())
}

fn files_in(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// An unreadable file is passed over: another one may name the mirror.
fn read_sources(path: &Path) -> Vec<sources::Source> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    match path.extension().and_then(|end| end.to_str()) {
        Some("sources") => sources::deb822(&text),
        Some("list") => sources::one_line(&text),
        _ => Vec::new(),
    }
}

/// An apt with one suite, all of whose state is in one directory.
#[derive(Debug)]
pub(crate) struct ThrowawayApt {
    directory: PathBuf,
    options: Vec<String>,
}

impl ThrowawayApt {
    /// Writes the configuration below `directory`, which must exist.
    pub(crate) fn new(directory: &Path, mirrors: &Mirrors, suite: &Suite) -> Result<Self> {
        ensure!(Path::new(KEYRING).is_file(), "no {KEYRING}; install the package debian-archive-keyring");
        let directory = directory.join("apt");
        for part in ["lists/partial", "cache/archives/partial", "downloads"] {
            let path = directory.join(part);
            std::fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        }
        let list = directory.join("sources.list");
        let line = format!("deb [signed-by={KEYRING}] {} {} main\n", mirrors.uri(suite.archive)?, suite.name);
        std::fs::write(&list, line).with_context(|| format!("writing {}", list.display()))?;
        let options = options(&directory, &list);
        Ok(Self { directory, options })
    }

    /// Fetches the suite's index. As root, apt may warn that its own user cannot enter the directory; it then
    /// downloads as root, which changes nothing about the checks.
    pub(crate) fn updated(self) -> Result<Self> {
        run(self.command("apt-get").args(["-qq", "update"]))?;
        Ok(self)
    }

    /// Names of the packages that start with `prefix`.
    pub(crate) fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let names = capture(self.command("apt-cache").args(["pkgnames", prefix]))?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Downloads packages, each `name` or `name=version`, and returns their files.
    pub(crate) fn download(&self, packages: &[String]) -> Result<Vec<PathBuf>> {
        let place = self.directory.join("downloads");
        let mut command = self.command("apt-get");
        run(command.current_dir(&place).args(["-q", "download"]).args(packages))?;
        let files: Vec<PathBuf> = files_in(&place)
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "deb"))
            .collect();
        ensure!(!files.is_empty(), "apt-get downloaded nothing for {}", packages.join(" "));
        Ok(files)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(&self.options);
        command
    }
}

fn options(directory: &Path, list: &Path) -> Vec<String> {
    let settings = [
        format!("Dir::Etc::sourcelist={}", list.display()),
        "Dir::Etc::sourceparts=/dev/null".to_owned(),
        format!("Dir::State::lists={}", directory.join("lists").display()),
        format!("Dir::Cache={}", directory.join("cache").display()),
        // Only the package index: no translations, no desktop metadata.
        "Acquire::Languages=none".to_owned(),
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
        "Acquire::Retries=3".to_owned(),
    ];
    settings.into_iter().flat_map(|setting| ["-o".to_owned(), setting]).collect()
}

/// Unpacks packages into `tree`, without installing anything.
pub(crate) fn unpack(packages: &[PathBuf], tree: &Path) -> Result<()> {
    for package in packages {
        run(Command::new("dpkg").arg("-x").arg(package).arg(tree))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_values_are_unquoted() {
        let text = "LIST='/etc/apt/sources.list'\nPARTS='/etc/apt/sources.list.d/'\n";
        assert_eq!(shell_value(text, "LIST").unwrap(), "/etc/apt/sources.list");
        assert_eq!(shell_value(text, "PARTS").unwrap(), "/etc/apt/sources.list.d/");
        assert_eq!(shell_value(text, "OTHER"), None);
    }
}
