//! Where on the host a path leads that a process was seen to use.
//!
//! A path is one in the process's mount namespace. A container's `/etc` is not the host's, and a directory of the host
//! may be mounted in it under any name. Both are told by the tables of mounts: the same place in the same file system
//! is the same file.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::target::Scope;
use crate::sys::mounts::{Location, Mount, Mounts, below, join};

/// Most mount namespaces whose tables are kept.
const NAMESPACES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);
/// Most ways to what is watched that are kept for one namespace.
const WAYS: usize = 1024;

/// Reads the mounts that a process sees, `None` for the sensor's own.
pub(super) type Read = fn(Option<u32>) -> Option<Mounts>;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// To what is watched: its path on the host.
    Watched(Vec<u8>),
    /// Elsewhere.
    Elsewhere,
    /// That cannot be told: the path is cut, or nobody knows what is mounted there.
    Unknown,
}

/// The tables of mounts.
#[derive(Debug)]
pub(super) struct Places {
    /// Number of the sensor's own mount namespace.
    own: u32,
    roots: Vec<(Box<[u8]>, Location)>,
    links: Vec<Way>,
    tables: LruCache<u32, Table>,
    read: Read,
}

#[derive(Debug)]
struct Table {
    mounts: Mounts,
    ways: Vec<(Way, Mount)>,
}

/// A directory in a mount namespace, and what it is on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    here: Box<[u8]>,
    host: Box<[u8]>,
}

impl Way {
    fn follow(&self, path: &[u8]) -> Option<Vec<u8>> {
        below(path, &self.here).map(|rest| join(&self.host, rest))
    }
}

impl Places {
    pub(super) fn new(own: u32, scope: &Scope, read: Read) -> Self {
        let mut places =
            Self { own, roots: Vec::new(), links: Vec::new(), tables: LruCache::new(NAMESPACES), read };
        places.watch(scope);
        places
    }

    /// Looks for what is watched in the sensor's own namespace, and forgets every other one.
    pub(super) fn watch(&mut self, scope: &Scope) {
        let mounts = (self.read)(None).unwrap_or_default();
        let way = |(here, host): (&[u8], &[u8])| Way { here: here.into(), host: host.into() };
        let given = scope.0.iter().filter_map(|target| Some((target.given()?, target.root())));
        self.links = given.map(way).collect();
        self.roots = scope.0.iter().flat_map(|target| roots(target.root(), &mounts)).collect();
        self.tables.clear();
        let table = self.table(mounts);
        self.tables.put(self.own, table);
    }

    /// Forgets what is mounted in a namespace, since it changed. What changes in the sensor's own may show in any.
    pub(super) fn forget(&mut self, namespace: u32, scope: &Scope) {
        if namespace == self.own {
            self.watch(scope);
        } else {
            self.tables.pop(&namespace);
        }
    }

    /// Learns the mounts of the namespace that a process is in, unless they are known.
    pub(super) fn learn(&mut self, namespace: u32, process: u32) {
        if !self.tables.contains(&namespace)
            && let Some(mounts) = (self.read)(Some(process))
        {
            let table = self.table(mounts);
            self.tables.put(namespace, table);
        }
    }

    /// What a path leads to that a process in a namespace used.
    pub(super) fn find(&mut self, namespace: u32, process: u32, path: &[u8], scope: &Scope) -> Where {
        self.find_in(namespace, process, (path, path), scope)
    }

    /// What a name leads to that such a process made, took away or gave to another file. It is in the mount that its
    /// directory is in: what is mounted on it is no part of that, and may have come after.
    pub(super) fn find_name(&mut self, namespace: u32, process: u32, path: &[u8], scope: &Scope) -> Where {
        let directory =
            path.rsplitn(2, |byte| *byte == b'/').nth(1).filter(|directory| !directory.is_empty());
        self.find_in(namespace, process, (path, directory.unwrap_or(b"/")), scope)
    }

    /// What a path leads to by the mount that `inside` is in.
    fn find_in(
        &mut self,
        namespace: u32,
        process: u32,
        (path, inside): (&[u8], &[u8]),
        scope: &Scope,
    ) -> Where {
        if !path.starts_with(b"/") {
            return Where::Unknown;
        }
        if namespace == self.own && scope.covers(path) {
            return Where::Watched(path.to_vec());
        }
        self.learn(namespace, process);
        let Some(table) = self.tables.get(&namespace) else { return Where::Unknown };
        let links = self.links.iter().filter(|_| namespace == self.own);
        let ways = links.filter_map(|way| way.follow(path)).chain(table.follow(path, inside));
        ways.into_iter().find(|host| scope.covers(host)).map_or(Where::Elsewhere, Where::Watched)
    }

    fn table(&self, mounts: Mounts) -> Table {
        let pairs = mounts.iter().flat_map(|mount| self.roots.iter().map(move |root| (mount, root)));
        let ways = pairs.filter_map(|(mount, (host, place))| Some((way(mount, host, place)?, mount.clone())));
        Table { ways: ways.take(WAYS).collect(), mounts }
    }
}

impl Table {
    /// Where a path leads by the ways that the topmost mount has in which `inside` is.
    fn follow<'t>(&'t self, path: &'t [u8], inside: &'t [u8]) -> impl Iterator<Item = Vec<u8>> + 't {
        let led = self.ways.iter().filter_map(move |(way, mount)| Some((way.follow(path)?, mount)));
        led.filter(move |(_, mount)| self.mounts.holder(inside) == Some(*mount)).map(|(host, _)| host)
    }
}

/// A watched path with its place, and what is mounted below it.
fn roots(path: &[u8], mounts: &Mounts) -> Vec<(Box<[u8]>, Location)> {
    let own = mounts.locate(path).map(|place| (Box::from(path), place));
    let inside = mounts.iter().filter(|mount| below(&mount.point, path).is_some_and(|rest| !rest.is_empty()));
    let place = |mount: &Mount| Location { dev: mount.dev, path: mount.root.to_vec() };
    own.into_iter().chain(inside.map(|mount| (mount.point.clone(), place(mount)))).collect()
}

/// The way by which a mount leads to a watched path: it holds that, or is a part of it.
fn way(mount: &Mount, host: &[u8], place: &Location) -> Option<Way> {
    if mount.dev != place.dev {
        return None;
    }
    if let Some(rest) = below(&place.path, &mount.root) {
        return Some(Way { here: join(&mount.point, rest).into(), host: host.into() });
    }
    let rest = below(&mount.root, &place.path)?;
    Some(Way { here: mount.point.clone(), host: join(host, rest).into() })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::watch::target::Target;

    const OWN: u32 = 1;

    /// The host has its root, a bind mount of a part of it, and a file system inside of what is watched; process 7 is
    /// in a container with the watched directory as `/data` and something else as `/none/watched`; the rest is gone.
    fn read(process: Option<u32>) -> Option<Mounts> {
        match process {
            None => Some(Mounts::parse(
                b"1 0 254:0 / / rw\n2 1 254:0 /none/watched/sub /mnt rw\n3 1 8:1 / /none/watched/disk rw\n",
            )),
            Some(7) => Some(Mounts::parse(
                b"1 0 0:50 / / rw\n2 1 254:0 /none/watched /data rw\n3 1 0:51 / /none/watched rw\n\
                  4 1 0:52 / /data/over rw\n5 1 8:1 /x /disk rw\n",
            )),
            Some(_) => None,
        }
    }

    fn find(namespace: u32, process: u32, path: &str) -> Where {
        let scope = Scope(vec![Target::new(Path::new("/none/watched"), false).unwrap()]);
        Places::new(OWN, &scope, read).find(namespace, process, path.as_bytes(), &scope)
    }

    fn watched(path: &str) -> Where {
        Where::Watched(path.as_bytes().to_vec())
    }

    #[test]
    fn a_path_of_the_host_is_found_by_its_name_and_by_bind_mounts() {
        assert_eq!(find(OWN, 1, "/none/watched/a"), watched("/none/watched/a"));
        assert_eq!(find(OWN, 1, "/mnt/a"), watched("/none/watched/sub/a"));
        assert_eq!(find(OWN, 1, "/etc/a"), Where::Elsewhere);
        assert_eq!(find(OWN, 1, ".../watched/a"), Where::Unknown);
    }

    #[test]
    fn a_path_of_a_container_is_found_by_what_is_mounted_there() {
        assert_eq!(find(2, 7, "/data/a/b"), watched("/none/watched/a/b"));
        assert_eq!(find(2, 7, "/data"), watched("/none/watched"));
        assert_eq!(find(2, 7, "/disk/y"), watched("/none/watched/disk/x/y"));
        assert_eq!(find(2, 7, "/none/watched/a"), Where::Elsewhere, "it is another directory of that name");
        assert_eq!(find(2, 7, "/data/over/a"), Where::Elsewhere, "something else is mounted over it");
    }

    #[test]
    fn a_name_is_not_what_is_mounted_on_it() {
        let scope = Scope(vec![Target::new(Path::new("/none/watched"), false).unwrap()]);
        let mut places = Places::new(OWN, &scope, read);
        assert_eq!(places.find_name(2, 7, b"/data", &scope), Where::Elsewhere);
        assert_eq!(places.find_name(2, 7, b"/data/a", &scope), watched("/none/watched/a"));
        assert_eq!(places.find_name(2, 7, b"/data/over", &scope), watched("/none/watched/over"));
        assert_eq!(places.find_name(2, 7, b"/data/over/a", &scope), Where::Elsewhere);
    }

    #[test]
    fn a_namespace_that_nobody_can_tell_of_any_more_is_not_guessed() {
        assert_eq!(find(3, 8, "/data/a"), Where::Unknown);
    }
}
