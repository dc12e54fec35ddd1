//! Reading apt's source lists, in both of their formats, for the Debian mirrors they name.

use anyhow::{Context as _, Result};

use super::Archive;

/// Debian's releases and their aliases: what a suite's name starts with.
const DEBIAN: [&str; 13] = [
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "sid",
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
    "unstable",
    "experimental",
    "rc-buggy",
];

/// What may follow a release's name in a suite's name.
const POCKETS: [&str; 7] =
    ["", "-updates", "-security", "/updates", "-backports", "-backports-sloppy", "-proposed-updates"];

/// One entry: packages in `uris`, of `suites`, in `components`; `signed_by` is empty for apt's default keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    uris: Vec<String>,
    suites: Vec<String>,
    components: Vec<String>,
    signed_by: String,
}

/// The mirrors this host uses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mirrors {
    main: String,
    security: Option<String>,
}

impl Mirrors {
    /// The mirror of `archive`.
    pub(super) fn uri(&self, archive: Archive) -> Result<&str> {
        match archive {
            Archive::Main => Ok(&self.main),
            Archive::Security => self
                .security
                .as_deref()
                .context("apt's configuration names no mirror of Debian's security archive"),
        }
    }
}

/// Picks the Debian mirrors out of all entries.
pub(super) fn mirrors(sources: &[Source]) -> Result<Mirrors> {
    let first = |archive| {
        let mut matching = sources.iter().filter(|source| source.archive() == Some(archive));
        matching.find_map(|source| source.uris.iter().find(|uri| !uri.starts_with("cdrom:"))).cloned()
    };
    let main = first(Archive::Main)
        .context("apt's configuration names no Debian mirror (a source with a suite such as `bookworm`)")?;
    Ok(Mirrors { main, security: first(Archive::Security) })
}

impl Source {
    /// Which of Debian's archives this is, if it is one.
    fn archive(&self) -> Option<Archive> {
        let has_main = self.components.iter().any(|component| component == "main");
        let is_debian = !self.suites.is_empty() && self.suites.iter().all(|suite| is_debian_suite(suite));
        // Other vendors name their suites after Debian's releases too, but sign them with keys of their own.
        let is_signed_by_debian = self.signed_by.is_empty() || self.signed_by.contains("debian-archive");
        if !has_main || !is_debian || !is_signed_by_debian {
            return None;
        }
        let is_security = |suite: &String| suite.ends_with("-security") || suite.ends_with("/updates");
        Some(if self.suites.iter().any(is_security) { Archive::Security } else { Archive::Main })
    }
}

fn is_debian_suite(suite: &str) -> bool {
    let pockets = DEBIAN.iter().filter_map(|release| suite.strip_prefix(release));
    pockets.into_iter().any(|pocket| POCKETS.contains(&pocket))
}

/// Entries of a `.list` file: `deb [options] uri suite component...`.
pub(super) fn one_line(text: &str) -> Vec<Source> {
    text.lines().filter_map(one_line_entry).collect()
}

fn one_line_entry(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let rest = line.strip_prefix("deb").filter(|rest| rest.starts_with([' ', '\t']))?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?,
        None => ("", rest),
    };
    let signed_by = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
    let mut words = rest.split_whitespace().map(str::to_owned);
    let uris = vec![words.next()?];
    let suites = vec![words.next()?];
    let signed_by = signed_by.unwrap_or_default().to_owned();
    Some(Source { uris, suites, components: words.collect(), signed_by })
}

/// Entries of a `.sources` file: paragraphs of `Field: values`, values going on in indented lines.
pub(super) fn deb822(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut paragraph = Vec::new();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            sources.extend(deb822_entry(&paragraph));
            paragraph.clear();
        } else if !line.starts_with('#') {
            paragraph.push(line);
        }
    }
    sources
}

fn deb822_entry(paragraph: &[&str]) -> Option<Source> {
    let types = field(paragraph, "Types");
    let enabled = field(paragraph, "Enabled");
    let is_off =
        enabled.iter().any(|word| matches!(word.to_ascii_lowercase().as_str(), "no" | "false" | "0"));
    if is_off || !types.iter().any(|word| word == "deb") {
        return None;
    }
    let [uris, suites, components] = ["URIs", "Suites", "Components"].map(|name| field(paragraph, name));
    let signed_by = signed_by(&field(paragraph, "Signed-By"));
    (!uris.is_empty()).then_some(Source { uris, suites, components, signed_by })
}

/// The keyring's path; a key written out in the list itself is the administrator's choice, as apt's default keys are.
fn signed_by(words: &[String]) -> String {
    words.first().filter(|path| path.starts_with('/')).cloned().unwrap_or_default()
}

/// The words of a field, over all of its lines.
fn field(paragraph: &[&str], name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut is_inside = false;
    for line in paragraph {
        let value = if line.starts_with([' ', '\t']) {
            is_inside.then_some(*line)
        } else {
            let value = line.split_once(':').filter(|(label, _)| label.trim().eq_ignore_ascii_case(name));
            is_inside = value.is_some();
            value.map(|(_, value)| value)
        };
        words.extend(value.into_iter().flat_map(str::split_whitespace).map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "\
# A comment
Types: deb deb-src
URIs: http://mirror.example/main
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 URIs: http://evil.example/
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
# Between the fields
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/main
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/main
Suites: bookworm
Components: main
";

    #[test]
    fn deb822_paragraphs() {
        let sources = deb822(DEB822);
        assert_eq!(sources.len(), 2);
        assert_eq!(sources[0].uris, ["http://mirror.example/main"]);
        assert_eq!(sources[0].suites, ["bookworm", "bookworm-updates"]);
        assert_eq!(sources[0].components, ["main", "contrib"]);
        let mirrors = mirrors(&sources).unwrap();
        assert_eq!(mirrors.uri(Archive::Main).unwrap(), "http://mirror.example/main");
        assert_eq!(mirrors.uri(Archive::Security).unwrap(), "http://mirror.example/security");
    }

    #[test]
    fn one_line_entries() {
        let sources = one_line(
            "deb cdrom:[Debian 12]/ bookworm main\n\
             # deb http://commented.example/main bookworm main\n\
             deb-src http://source.example/main bookworm main\n\
             deb [arch=amd64 signed-by=/k/debian-archive-keyring.gpg]\thttps://mirror.example/main bookworm main non-free # why\n\
             deb http://security.example bullseye/updates main\n",
        );
        assert_eq!(sources.len(), 3);
        assert_eq!(sources[1].components, ["main", "non-free"]);
        let mirrors = mirrors(&sources).unwrap();
        assert_eq!(mirrors.main, "https://mirror.example/main");
        assert_eq!(mirrors.security.unwrap(), "http://security.example");
    }

    #[test]
    fn other_vendors_are_no_debian_mirror() {
        let sources = one_line(
            "deb https://vendor.example/apt cloud-sdk-bookworm main\n\
             deb https://vendor.example/node nodistro main\n\
             deb [signed-by=/usr/share/keyrings/vendor.gpg] https://vendor.example/vpn bookworm main\n\
             deb https://vendor.example/sql bookworm-pgdg main\n\
             deb https://vendor.example/docker bookworm stable\n\
             deb https://vendor.example/ubuntu noble main\n",
        );
        assert_eq!(sources.len(), 6);
        let error = mirrors(&sources).unwrap_err();
        assert!(error.to_string().contains("no Debian mirror"), "{error}");
    }

    #[test]
    fn a_missing_security_mirror_is_said_only_when_wanted() {
        let mirrors = mirrors(&one_line("deb http://mirror.example/main sid main")).unwrap();
        assert_eq!(mirrors.uri(Archive::Main).unwrap(), "http://mirror.example/main");
        mirrors.uri(Archive::Security).unwrap_err();
    }
}
