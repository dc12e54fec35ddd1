//! What is watched: files and directories by their paths, or by shell patterns.

use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, absolute},
};

use crate::{
    rules::pattern::glob::{Case, Glob},
    sys::mounts::join,
};

/// A file, or a directory with all that is below it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The directory, or the file, below which everything is that it covers: free of links where it exists.
    root: Box<[u8]>,
    /// The same as it was given, where that is another path.
    given: Option<Box<[u8]>>,
    /// What the components behind the root must match.
    pattern: Vec<Glob>,
    reads: bool,
}

impl Target {
    /// A path or a pattern, in which `*`, `?` and `[...]` stand for a part of one name. Links in what comes before the
    /// first pattern are followed now, and not again.
    pub fn new(path: &Path, reads: bool) -> io::Result<Self> {
        let path = absolute(path)?.into_os_string().into_vec();
        let names = || path.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
        let literal = names().take_while(|name| !is_pattern(name)).count();
        let given: Vec<u8> = names().take(literal).flat_map(|name| [b"/", name].concat()).collect();
        let given = join(&given, b"");
        let root = resolved(&given);
        Ok(Self {
            given: (root != given).then(|| given.into()),
            root: root.into(),
            pattern: names().skip(literal).map(|name| Glob::new(name, Case::Sensitive)).collect(),
            reads,
        })
    }

    /// Whether there is nothing yet where it begins; what is made there is watched from then on.
    pub fn is_absent(&self) -> bool {
        let root = Path::new(OsStr::from_bytes(&self.root));
        root.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether reads are watched, too.
    pub fn reads(&self) -> bool {
        self.reads
    }

    /// The path above which nothing is covered.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// What leads to the root by links, where it was given so.
    pub fn given(&self) -> Option<&[u8]> {
        self.given.as_deref()
    }

    /// Whether it is or holds the file with this path.
    pub fn covers(&self, path: &[u8]) -> bool {
        self.match_names(path).is_some_and(|matched| matched == self.pattern.len())
    }

    /// Whether it covers the path or something that may be below it.
    pub fn may_cover_below(&self, path: &[u8]) -> bool {
        self.match_names(path).is_some()
    }

    /// How many names behind the root match the pattern; `None` where one does not.
    fn match_names(&self, path: &[u8]) -> Option<usize> {
        let rest = crate::sys::mounts::below(path, &self.root)?;
        let names = rest.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
        let mut matched = 0;
        for (name, glob) in names.zip(&self.pattern) {
            if !glob.matches(name) {
                return None;
            }
            matched += 1;
        }
        Some(matched)
    }
}

fn is_pattern(name: &[u8]) -> bool {
    name.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// The path without links, as far as it exists.
fn resolved(path: &[u8]) -> Vec<u8> {
    let path = Path::new(OsStr::from_bytes(path));
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            let rest =
                path.strip_prefix(ancestor).map(|rest| rest.as_os_str().as_bytes()).unwrap_or_default();
            let rest = if rest.is_empty() { Vec::new() } else { [b"/", rest].concat() };
            return join(real.as_os_str().as_bytes(), &rest);
        }
    }
    path.as_os_str().as_bytes().to_vec()
}

/// Everything that is watched.
#[derive(Clone, Debug, Default)]
pub struct Scope(pub Vec<Target>);

impl Scope {
    /// Whether a target covers the path.
    pub fn covers(&self, path: &[u8]) -> bool {
        self.0.iter().any(|target| target.covers(path))
    }

    /// Whether a target covers the path for reads, too.
    pub fn covers_reads(&self, path: &[u8]) -> bool {
        self.0.iter().any(|target| target.reads && target.covers(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_covers_itself_and_what_is_below() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(&place, place.join("link")).unwrap();
        let path = |name: &str| place.join(name).into_os_string().into_vec();
        let target = Target::new(&place.join("link"), false).unwrap();
        assert_eq!(target.given(), Some(&*path("link")));
        assert!(target.covers(target.root()) && target.covers(&path("a/b")));
        let none = Target::new(&place.join("link/none/x"), false).unwrap();
        assert_eq!(none.root(), path("none/x"), "what is not there yet is found below what is");
        assert!(none.is_absent() && !target.is_absent());
        assert!(none.covers(&path("none/x/y")) && !none.covers(&path("none/xy")));
    }

    #[test]
    fn a_pattern_stands_for_names_and_all_below_them() {
        let target = Target::new(Path::new("/none/*/c[xy]nf"), true).unwrap();
        assert_eq!((target.root(), target.given()), (&b"/none"[..], None));
        assert!(target.covers(b"/none/a/cxnf") && target.covers(b"/none/b/cynf/d/e"));
        assert!(!target.covers(b"/none/a/conf") && !target.covers(b"/none/a") && !target.covers(b"/none"));
        assert!(target.may_cover_below(b"/none/a") && !target.may_cover_below(b"/none/a/b"));
        assert!(Scope(vec![target]).covers_reads(b"/none/a/cxnf"));
    }
}
