//! Which container a process is in, by its cgroups, and what the runtime says of that one, asked and remembered for a
//! short time.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lru::LruCache;
use tokio::time::timeout;

use crate::{
    identity::{
        Counters, Identity, Options, Reason, State,
        claim::Claim,
        docker::facts::Host,
        identities::Container,
        metadata::Shared,
        podman::facts::owner_of,
        source::Sources,
        witness::{Question, Witnesses},
    },
    sys::{cgroupfs, files},
};

/// Most containers remembered.
const MAX_KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);
/// How long a runtime's word is taken for its word of now: names and labels change rarely.
const FRESH: Duration = Duration::from_secs(10);
/// The same of a claim that could not be verified.
const UNVERIFIED_FRESH: Duration = Duration::from_secs(1);

/// Where a process runs.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// On the host, in this cgroup.
    Host(Box<[u8]>),
    /// In a container.
    Container(Arc<Kept>),
    /// Nobody can say.
    Unknown,
}

/// A container.
#[derive(Debug)]
pub(super) struct Kept {
    path: Box<[u8]>,
    claim: Claim,
    verdict: Result<Shared, Reason>,
    asked: Instant,
}

/// The containers, and who knows about them.
#[derive(Debug)]
pub(super) struct Registry {
    witnesses: Witnesses,
    host: Host,
    patience: Duration,
    /// By places, for the id of a cgroup is never used again.
    known: Mutex<LruCache<Place, Arc<Kept>>>,
}

/// Id of a cgroup, and the path that makes the claim.
type Place = (u64, Box<[u8]>);

impl Home {
    /// What lines of `cgroup` say without asking anybody. Where the v2 hierarchy makes no claim but another one does, as
    /// where a runtime makes cgroups in the old hierarchies only, that one counts: such a process is not the host's.
    pub(super) fn claimed(cgroups: &[u8]) -> Self {
        let lines = || cgroups.split(|byte| *byte == b'\n').filter_map(hierarchy);
        let unified = lines().find_map(|(number, path)| (number == b"0").then_some(path));
        let mut claims = unified.into_iter().chain(lines().map(|(_, path)| path));
        let claim = claims.find_map(|path| Claim::parse(path).map(|claim| (path, claim)));
        match (claim, unified) {
            (Some((path, claim)), _) => Self::Container(Arc::new(Kept {
                path: path.into(),
                claim,
                verdict: Err(Reason::NoClient),
                asked: Instant::now(),
            })),
            (None, Some(path)) => Self::Host(path.into()),
            (None, None) => Self::Unknown,
        }
    }

    /// The same of a process of which only the v2 path is known.
    pub(super) fn claimed_at(path: &[u8]) -> Self {
        if path.is_empty() { Self::Unknown } else { Self::claimed(&[b"0::", path].concat()) }
    }

    /// The same of a process of which only the last part of that path is known: without a claim, it may be anywhere.
    pub(super) fn named(name: &[u8]) -> Self {
        match Self::claimed_at(&[b"/", name].concat()) {
            container @ Self::Container(_) => container,
            Self::Host(_) | Self::Unknown => Self::Unknown,
        }
    }

    pub(super) fn identity(&self) -> Identity<'_> {
        match self {
            Self::Host(_) => Identity::Host,
            Self::Unknown => Identity::Unknown,
            Self::Container(kept) => Identity::Container(kept.container()),
        }
    }

    pub(super) fn path(&self) -> Option<&[u8]> {
        match self {
            Self::Host(path) => Some(path),
            Self::Container(kept) => Some(&kept.path),
            Self::Unknown => None,
        }
    }
}

impl Kept {
    pub(super) fn container(&self) -> Container<'_> {
        let (state, metadata) = match &self.verdict {
            Ok(metadata) => (State::Verified, Some(metadata.as_ref())),
            Err(reason) => (State::Unverified(*reason), None),
        };
        Container {
            id: &self.claim.id,
            runtime: metadata.map_or(self.claim.runtime, |known| known.runtime),
            state,
            cgroup: self.claim.root(&self.path),
            metadata,
        }
    }

    fn is_fresh(&self) -> bool {
        let fresh = if self.verdict.is_ok() { FRESH } else { UNVERIFIED_FRESH };
        self.asked.elapsed() < fresh
    }
}

impl Registry {
    /// Asks at these places, for at most `patience` each time.
    pub(super) fn new(options: &Options, patience: Duration) -> Self {
        let host = Host {
            driver: None,
            cgroup_parent: options.docker_cgroup_parent.clone(),
            cgroup_of: cgroupfs::of_process,
            now: Timestamp::now,
        };
        let counters = Arc::new(Counters::default());
        let witnesses = Witnesses::new(options.places.clone(), options.limits, &counters);
        Self { witnesses, host, patience, known: Mutex::new(LruCache::new(MAX_KEPT)) }
    }

    /// The same place, with what the runtime says of the container.
    pub(super) async fn resolve(&self, cgroup: u64, home: Home) -> Home {
        let Home::Container(claimed) = home else { return home };
        let key = (cgroup, claimed.path.clone());
        if let Some(known) = self.known(&key) {
            return Home::Container(known);
        }
        let verdict = self.ask(&claimed).await;
        let (path, claim) = (claimed.path.clone(), claimed.claim.clone());
        let kept = Arc::new(Kept { path, claim, verdict, asked: Instant::now() });
        self.known.lock().unwrap_or_else(PoisonError::into_inner).put(key, Arc::clone(&kept));
        Home::Container(kept)
    }

    fn known(&self, key: &Place) -> Option<Arc<Kept>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).filter(|kept| kept.is_fresh()).map(Arc::clone)
    }

    async fn ask(&self, claimed: &Kept) -> Result<Shared, Reason> {
        let sources = Sources::of(&claimed.claim);
        if sources.is_empty() {
            return Err(Reason::NoClient);
        }
        let cgroup = claimed.claim.root(&claimed.path);
        let owners = owner_of(cgroup).into_iter().collect();
        let question = Question { id: claimed.claim.id.clone(), sources, owners };
        // The process lives, so its container has not ended before now.
        let now = Timestamp::now();
        match timeout(self.patience, self.witnesses.gather(&question, &self.host)).await {
            Ok(facts) => facts?.check(cgroup, now),
            Err(_elapsed) => Err(Reason::TimedOut),
        }
    }
}

/// Id of a v2 cgroup by its path; 0 where that cannot be told.
pub(super) fn cgroup_id(mount: Option<&Path>, path: &[u8]) -> u64 {
    let relative = path.strip_prefix(b"/").unwrap_or(path);
    let at = mount.map(|mount| [mount.as_os_str().as_encoded_bytes(), b"/", relative].concat());
    at.and_then(|at| files::FileId::at(&at)).map_or(0, |file| file.ino)
}

/// Number and path of a line of `cgroup`.
fn hierarchy(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = line.splitn(3, |byte| *byte == b':');
    let (number, _, path) = (parts.next()?, parts.next()?, parts.next()?);
    Some((number, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(home: &Home) -> String {
        String::from_utf8_lossy(home.identity().full_id()).into_owned()
    }

    #[test]
    fn the_claim_of_any_hierarchy_makes_a_container() {
        let container = "5".repeat(64);
        for (lines, expected) in [
            ("0::/\n".to_owned(), "host"),
            ("1:cpu:/\n0::/user.slice\n".to_owned(), "host"),
            (format!("0::/docker/{container}\n"), container.as_str()),
            (format!("0::/system.slice/docker-{container}.scope\n"), &container),
            (format!("4:memory:/docker/{container}\n0::/\n"), &container),
            (format!("4:memory:/docker/{container}\n"), &container),
            ("4:memory:/\n".to_owned(), "<unknown>"),
            (String::new(), "<unknown>"),
            ("garbage\n\n::\n".to_owned(), "<unknown>"),
        ] {
            assert_eq!(id(&Home::claimed(lines.as_bytes())), expected, "{lines:?}");
        }
        assert_eq!(id(&Home::claimed_at(b"/init.scope")), "host");
        assert_eq!(id(&Home::claimed_at(b"")), "<unknown>");
        for (name, expected) in [
            (format!("docker-{container}.scope"), container.as_str()),
            (container.clone(), &container),
            ("user.slice".to_owned(), "<unknown>"),
            (String::new(), "<unknown>"),
        ] {
            assert_eq!(id(&Home::named(name.as_bytes())), expected, "{name:?}");
        }
    }

    #[test]
    fn the_innermost_container_counts_and_the_v2_hierarchy_first() {
        let (outer, inner) = ("1".repeat(64), "2".repeat(64));
        let lines = format!("1:cpu:/docker/{outer}\n0::/docker/{outer}/docker/{inner}/x\n");
        let home = Home::claimed(lines.as_bytes());
        assert_eq!(id(&home), inner);
        let Identity::Container(container) = home.identity() else { panic!("{home:?}") };
        assert_eq!(container.cgroup, format!("/docker/{outer}/docker/{inner}").as_bytes());
        assert_eq!(container.state, State::Unverified(Reason::NoClient));
    }

    #[test]
    fn a_runtime_that_is_not_there_leaves_the_claim_unverified() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut options = Options::default();
        options.places.docker_socket = "/nonexistent/docker.sock".into();
        let registry = Registry::new(&options, Duration::from_secs(5));
        let home = Home::claimed(format!("0::/docker/{}\n", "3".repeat(64)).as_bytes());
        let resolved = runtime.block_on(registry.resolve(7, home));
        let Identity::Container(container) = resolved.identity() else { panic!("{resolved:?}") };
        assert_eq!(container.state, State::Unverified(Reason::Unreachable));
    }
}
