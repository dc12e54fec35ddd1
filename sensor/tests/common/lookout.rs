//! The identity stage as the engine drives it, without the kernel: a test plays the cgroup events.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sensor::identity::identities::Limits;
use sensor::identity::{
    CgroupEvent, Change, Counters, Identities, Identity, Metadata, Options, Places, Resolver, State,
};
use sensor::sys::{cgroupfs, clock};

/// How long the resolver may be silent before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Most cgroups a walk lists.
const WALK: usize = 32_768;

/// The stage, and the bell that its waker rings.
#[derive(Debug)]
pub(crate) struct Lookout {
    identities: Identities<Resolver>,
    bell: Receiver<()>,
    mount: PathBuf,
    counters: Arc<Counters>,
}

/// What the stage says of one cgroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `container.full_id`.
    pub(crate) id: Vec<u8>,
    /// How sure that is; `None` for the host.
    pub(crate) state: Option<State>,
    /// What the runtime says.
    pub(crate) metadata: Option<Metadata>,
}

/// A Docker Engine and no other runtime.
pub(crate) fn docker_at(docker_socket: PathBuf) -> Places {
    Places { docker_socket, cri_sockets: Vec::new(), podman_storages: Vec::new() }
}

impl Lookout {
    /// Starts the stage with these runtimes and no others, and lets it walk the host's cgroups.
    pub(crate) fn start(places: Places) -> Result<Self> {
        let counters = Arc::new(Counters::default());
        let (rope, bell) = channel();
        let rope = Mutex::new(rope);
        let ring = move || {
            // A test that has ended does not listen any more.
            if let Ok(rope) = rope.lock() {
                rope.send(()).unwrap_or_default();
            }
        };
        let options = Options { places, ..Options::default() };
        let resolver = Resolver::start(&options, Arc::clone(&counters), ring)?;
        let mount = cgroupfs::find_mount()?;
        let root = mount.clone();
        let walker = Box::new(move || cgroupfs::walk(&root, WALK));
        let mut identities = Identities::new(resolver, walker, Limits::default(), Arc::clone(&counters));
        identities.seed(clock::boottime())?;
        Ok(Self { identities, bell, mount, counters })
    }

    /// Where the v2 hierarchy is mounted.
    pub(crate) fn mount(&self) -> &std::path::Path {
        &self.mount
    }

    /// Plays a cgroup event.
    pub(crate) fn event(&mut self, change: Change, id: u64, path: &str, time: u64) {
        self.identities.apply(&CgroupEvent { change, id, hierarchy: 0, path: path.as_bytes(), time, pid: 7 });
    }

    /// What is known of a cgroup now.
    pub(crate) fn look(&mut self, cgroup: u64) -> Seen {
        let identity = self.identities.of(cgroup, clock::boottime());
        let state = match identity {
            Identity::Container(container) => Some(container.state),
            Identity::Host | Identity::Unknown => None,
        };
        Seen { id: identity.full_id().to_vec(), state, metadata: identity.metadata().cloned() }
    }

    /// Waits until something was counted so often.
    pub(crate) fn wait_for_count(&self, name: &str, count: u64) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let counted = || self.counters.all().find(|(row, _)| *row == name).map_or(0, |(_, value)| value);
        while counted() < count {
            ensure!(Instant::now() < deadline, "{name} is still {}", counted());
            std::thread::yield_now();
        }
        Ok(())
    }

    /// What is known of a cgroup once `enough` is.
    pub(crate) fn wait(&mut self, cgroup: u64, enough: impl Fn(&Seen) -> bool) -> Result<Seen> {
        loop {
            let seen = self.look(cgroup);
            if enough(&seen) {
                return Ok(seen);
            }
            self.bell.recv_timeout(PATIENCE).with_context(|| format!("still {seen:?}"))?;
            self.identities.apply_answers();
        }
    }

    /// What is known of a cgroup once the runtime has had its say.
    pub(crate) fn settled(&mut self, cgroup: u64) -> Result<Seen> {
        self.wait(cgroup, |seen| seen.state != Some(State::Pending))
    }
}
