//! Debian packages of this host, with all they depend on, as files for a guest.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{File, Link};
use crate::process::capture;

/// What a working day needs.
pub(crate) const WORKING_DAY: &[&str] = &[
    "apt",
    "coreutils",
    "curl",
    "dash",
    "dpkg",
    "gcc",
    "git",
    "libc6-dev",
    "make",
    "python3",
    "strace",
    "tar",
    "wget",
    "xz-utils",
];

/// Names of packages begin so that are depended on and that nothing there uses.
const UNUSED_PACKAGES: [&str; 9] =
    ["perl", "libperl", "liberror-perl", "git-man", "libasan", "liblsan", "libtsan", "libubsan", "debconf"];

/// Paths begin so that nothing there reads; the compilers are those of link-time optimisation.
const UNUSED_PATHS: [&str; 5] = [
    "/usr/share/",
    "/usr/include/c++/",
    "/usr/lib/git-core/git-gui",
    "/usr/lib/x86_64-linux-gnu/perl",
    "/usr/bin/x86_64-linux-gnu-lto-dump",
];
/// Of `UNUSED_PATHS`, what is read all the same.
const USED_PATHS: [&str; 3] = ["/usr/share/dpkg/", "/usr/share/git-core/", "/usr/share/python3/"];

/// Files and links, at the paths they have on this host.
#[derive(Debug, Default)]
pub(crate) struct Userland {
    pub(crate) files: Vec<File>,
    pub(crate) links: Vec<Link>,
}

/// Everything of these packages.
pub(crate) fn read(wanted: &[&str]) -> Result<Userland> {
    let installed = Installed::query()?;
    let packages = installed.closure(wanted);
    for package in wanted {
        ensure!(packages.contains(package), "the package {package} is not installed");
    }
    let listing = capture(Command::new("dpkg-query").arg("--listfiles").args(&packages))
        .context("listing the files of packages")?;
    let paths: BTreeSet<&str> = listing.lines().filter(|path| is_used(path)).collect();
    let mut userland = Userland::default();
    for path in paths {
        userland.add(path)?;
    }
    Ok(userland)
}

fn is_used(path: &str) -> bool {
    let begins = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    path.starts_with('/') && (begins(&USED_PATHS) || !begins(&UNUSED_PATHS)) && !path.ends_with("/lto1")
}

impl Userland {
    /// Adds what is at a path; directories come with what is in them.
    fn add(&mut self, path: &str) -> Result<()> {
        let from = Path::new(path);
        // A package may list what its administrator removed.
        let Ok(metadata) = from.symlink_metadata() else { return Ok(()) };
        let relative = path.trim_start_matches('/');
        if metadata.is_symlink() {
            let to = from.read_link().with_context(|| format!("reading {path}"))?;
            // A merged /usr: the directory is there in the guest.
            if from.is_dir() && !relative.contains('/') {
                return Ok(());
            }
            self.links.push(Link { path: relative.to_owned(), to: to.to_string_lossy().into_owned() });
        } else if metadata.is_file() {
            let file = File::at(relative, from)?;
            self.files.push(File { mode: metadata.permissions().mode() & 0o777, ..file });
        }
        Ok(())
    }
}

/// What is installed here, and what it depends on.
#[derive(Debug, Default)]
struct Installed {
    /// By package: for each dependency the alternatives that fulfil it.
    needs: BTreeMap<String, Vec<Vec<String>>>,
    /// By virtual package: one that provides it.
    providers: BTreeMap<String, String>,
}

impl Installed {
    fn query() -> Result<Self> {
        let format = "-f=${Package}\t${db:Status-Status}\t${Provides}\t${Pre-Depends},${Depends}\n";
        let listing = capture(Command::new("dpkg-query").args(["-W", format]))
            .context("asking for the packages of this host; guests with a compiler need Debian's")?;
        Ok(Self::parse(&listing))
    }

    fn parse(listing: &str) -> Self {
        let mut installed = Self::default();
        for line in listing.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [package, "installed", provides, needs] = fields[..] else { continue };
            for virtual_package in provides.split(',').map(named).filter(|name| !name.is_empty()) {
                installed.providers.entry(virtual_package.to_owned()).or_insert_with(|| package.to_owned());
            }
            let needs =
                needs.split(',').map(|need| need.split('|').map(|name| named(name).to_owned()).collect());
            installed.needs.insert(package.to_owned(), needs.collect());
        }
        installed
    }

    /// The package of this name, or the one that provides it, if it is installed and used.
    fn find(&self, name: &str) -> Option<&str> {
        let provider =
            self.providers.get(name).map(String::as_str).filter(|_| !self.needs.contains_key(name));
        let (package, _) = self.needs.get_key_value(provider.unwrap_or(name))?;
        let is_unused = UNUSED_PACKAGES.iter().any(|unused| package.starts_with(unused));
        (!is_unused).then_some(package)
    }

    /// These and all that they depend on.
    fn closure<'a>(&'a self, names: &'a [&str]) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut pending: Vec<&str> = names.to_vec();
        while let Some(name) = pending.pop() {
            let Some(package) = self.find(name) else { continue };
            if found.insert(package) {
                let needs = self.needs.get(package).into_iter().flatten();
                pending.extend(needs.filter_map(|need| need.iter().find_map(|name| self.find(name))));
            }
        }
        found
    }
}

/// The name in `name:any (>= 1.2)`.
fn named(text: &str) -> &str {
    let text = text.trim();
    text.split([' ', '(', ':']).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "gcc\tinstalled\tc-compiler\tcpp (= 4:12), gcc-12 (>= 12.2)\n\
        gcc-12\tinstalled\tc-compiler\t, libc6 (>= 2.34)\n\
        cpp\tinstalled\t\t,\n\
        mawk\tinstalled\tawk\tlibc6 (>= 2.34),\n\
        base\tinstalled\t\t, gawk | awk, git-man:any\n\
        git-man\tinstalled\t\t\n\
        gone\tconfig-files\t\t,\n\
        libc6\tinstalled\tlibc6-2.36\tlibgcc-s1,\n";

    #[test]
    fn dependencies_are_followed() {
        let installed = Installed::parse(LISTING);
        let all = |names| installed.closure(names).into_iter().collect::<Vec<_>>();
        assert_eq!(all(&["gcc"]), ["cpp", "gcc", "gcc-12", "libc6"]);
        assert_eq!(all(&["base", "gone", "nothing"]), ["base", "libc6", "mawk"]);
    }

    #[test]
    fn what_is_not_used_stays_here() {
        assert!(is_used("/usr/bin/gcc-12") && is_used("/usr/share/git-core/templates/info/exclude"));
        assert!(!is_used("/usr/share/doc/gcc/NEWS") && !is_used("/usr/lib/gcc/x86_64-linux-gnu/12/lto1"));
        assert!(!is_used("package diverts others to: /usr/bin/x"));
    }
}
