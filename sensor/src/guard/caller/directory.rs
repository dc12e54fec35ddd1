//! What is known besides a connection, and kept between connections: the host, the containers, the accounts.

use std::fmt;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sensor_common::{event::hook::Tier, lockdown::Client};
use tokio::net::UnixStream;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use super::containers::{Home, Registry, cgroup_id};
use super::readers::Readers;
use super::scene::{MAX_ANCESTORS, Scene};
use crate::{
    dns::Names,
    enrichment::Enrichment,
    identity::Options,
    links::Links,
    observation::{Host, Known, Observation},
    rules::field::{FieldRef, lookup},
    sys::{
        cgroup_handle, cgroupfs, clock,
        files::FileId,
        host,
        lockdown::Clients,
        peer::{Peer, cookie},
        proc::{Ancestors, Line, ProcFs},
    },
    trail::Clients as EngineClients,
};

/// How long a process may hold back its arguments.
const READING: Duration = Duration::from_millis(250);

/// How to look clients up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the runtimes are; the engine's socket is the one behind the guard.
    pub runtimes: Options,
    /// Where the guard listens, which is what clients connected to.
    pub listener: PathBuf,
    /// How long names of users, and of containers, may take together.
    pub patience: Duration,
    /// Fields that are worth waiting for before the first request is judged, besides the usual ones.
    pub wanted: Vec<FieldRef>,
    /// Who connected, where the kernel keeps a record of it.
    pub records: Option<Clients>,
}

/// Looks clients up. Copies share what is remembered.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    settings: Settings,
    proc: ProcFs,
    ancestors: Arc<Ancestors>,
    host: Host,
    /// Where the v2 hierarchy of cgroups is mounted.
    cgroups: Option<PathBuf>,
    registry: Registry,
    readers: Readers,
    lore: Mutex<Lore>,
    news: Arc<Notify>,
}

/// What observations are looked up in; of it only the enrichment ever has something to say here.
struct Lore {
    links: Links,
    clients: EngineClients,
    names: Names,
    enrichment: Enrichment,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// Fields that every audit line has.
const USUAL: [&str; 2] = ["user.name", "user.loginname"];

impl Default for Settings {
    fn default() -> Self {
        Self {
            runtimes: Options::default(),
            listener: PathBuf::from("/run/docker.sock"),
            patience: Duration::from_secs(1),
            wanted: Vec::new(),
            records: None,
        }
    }
}

impl Directory {
    /// Looks up as the settings say.
    pub fn new(mut settings: Settings) -> Self {
        let usual = USUAL.iter().filter_map(|name| lookup(name, None)?.ok());
        settings.wanted.extend(usual);
        let news = Arc::new(Notify::new());
        let bell = Arc::clone(&news);
        let lore = Lore {
            links: Links::new(std::collections::BTreeSet::new(), FileId::at),
            clients: EngineClients::default(),
            names: Names::default(),
            enrichment: Enrichment::new(&(Arc::new(move || bell.notify_waiters()) as _)),
        };
        Self(Arc::new(Inner {
            proc: ProcFs::of_host(),
            ancestors: Arc::default(),
            host: this_host(),
            cgroups: cgroupfs::find_mount().ok(),
            registry: Registry::new(&settings.runtimes, settings.patience),
            readers: Readers::default(),
            lore: Mutex::new(lore),
            news,
            settings,
        }))
    }

    /// Fields to wait for.
    pub(super) fn wanted(&self) -> &[FieldRef] {
        &self.0.settings.wanted
    }

    /// Where clients connect.
    pub(super) fn listener(&self) -> &[u8] {
        self.0.settings.listener.as_os_str().as_encoded_bytes()
    }

    /// Reads a process and its ancestors. A thread beside this one reads, and is given up where a process does not let
    /// it come back; what cannot be held up is then read without it.
    pub(super) async fn line(&self, pid: u32) -> Line {
        if let Some(whole) = self.whole_line(pid).await {
            return whole;
        }
        self.0.proc.line_promptly(pid, MAX_ANCESTORS)
    }

    async fn whole_line(&self, pid: u32) -> Option<Line> {
        let (proc, ancestors) = (self.0.proc.clone(), Arc::clone(&self.0.ancestors));
        let line = self.0.readers.read(move || proc.line(pid, MAX_ANCESTORS, &ancestors))?;
        timeout(READING, line).await.ok()?.ok()
    }

    /// Puts together what is kept of a client.
    pub(super) async fn scene(&self, line: Line, peer: &Peer, listener: &[u8]) -> Scene {
        let Line { processes, cgroups } = line;
        let mount = self.0.cgroups.as_deref();
        let mut homes: Vec<(u64, Home)> = Vec::with_capacity(processes.len());
        // Most of a line are in one cgroup.
        for group in processes.chunk_by(|one, next| one.cgroup == next.cgroup) {
            let path = group.first().map(|seed| &*seed.cgroup).unwrap_or_default();
            let id = cgroup_id(mount, path);
            homes.extend(group.iter().map(|_| (id, Home::claimed_at(path))));
        }
        if let Some((id, home)) = homes.first_mut() {
            *home = self.0.registry.resolve(*id, Home::claimed(&cgroups)).await;
        }
        Scene::new(processes, homes, peer, listener)
    }

    /// What the kernel kept of the process that made this connection, if it did.
    pub(super) fn record(&self, stream: &UnixStream) -> Option<Client> {
        self.0.settings.records.as_ref()?.take(cookie(stream.as_fd()).ok()?)
    }

    /// Puts together what the kernel kept of a client that is not there any more.
    pub(super) async fn recorded_scene(&self, client: &Client, peer: &Peer, listener: &[u8]) -> Scene {
        let mount = self.0.cgroups.as_deref();
        let path = mount.and_then(|mount| cgroup_handle::path_of(mount, client.cgroup).ok());
        // Its cgroup may be gone as well; but the name of a container's says which one it was.
        let home = path.map_or_else(|| Home::named(client.cgroup_name()), |path| Home::claimed_at(&path));
        let home = self.0.registry.resolve(client.cgroup, home).await;
        Scene::recorded(client, home, peer, listener)
    }

    /// Shows a scene as what the fields are about.
    pub(super) fn observe<T>(&self, scene: &Scene, look: impl FnOnce(&Observation<'_>) -> T) -> T {
        let lore = self.0.lore.lock().unwrap_or_else(PoisonError::into_inner);
        let Lore { links, clients, names, enrichment } = &*lore;
        let known = Known {
            host: &self.0.host,
            links,
            table: &scene.table,
            containers: scene.homes(),
            clients,
            enrichment,
            names,
        };
        look(&Observation::new(&scene.event, 0, scene.location(), &known))
    }

    /// Waits for news until something is so, or for as long as the settings allow; says whether it is so.
    pub(super) async fn wait_until(&self, is_so: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + self.0.settings.patience;
        loop {
            // Made before looking, so that no news is missed in between.
            let news = self.0.news.notified();
            self.take_answers();
            if is_so() {
                return true;
            }
            if timeout_at(deadline, news).await.is_err() {
                self.take_answers();
                return is_so();
            }
        }
    }

    fn take_answers(&self) {
        self.0.lore.lock().unwrap_or_else(PoisonError::into_inner).enrichment.take_answers();
    }
}

/// What fields say of the host.
fn this_host() -> Host {
    Host {
        hostname: host::hostname(),
        boot_offset: clock::boot_offset(),
        tier: Tier::Both,
        mnt_ns: host::mount_namespace(),
        init_mnt_ns: host::init_mount_namespace(),
        systemd: host::runs_systemd(),
    }
}
