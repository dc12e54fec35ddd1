//! Which sockets are protected, and which programs may reach them.

use std::path::{Path, PathBuf};

use sensor_common::lockdown::socket::{ENGINE, RUNTIME};

/// containerd's sockets: its own, and those of the one that an engine starts for itself.
const RUNTIMES: [&str; 4] = [
    "/run/containerd/containerd.sock",
    "/run/containerd/containerd.sock.ttrpc",
    "/run/docker/containerd/containerd.sock",
    "/run/docker/containerd/containerd.sock.ttrpc",
];
/// Engines that are not behind the guard.
const ENGINES: [&str; 1] = ["/run/podman/podman.sock"];
/// Programs that work with containerd: they would not without its socket.
const USERS: [&str; 7] = [
    "dockerd",
    "containerd",
    "containerd-shim",
    "containerd-shim-runc-v1",
    "containerd-shim-runc-v2",
    "kubelet",
    "buildkitd",
];
/// Where programs are.
const DIRECTORIES: [&str; 5] =
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec/docker"];

/// What is protected, and from whom not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Sockets, and their classes ([`sensor_common::lockdown::socket`]).
    pub sockets: Vec<(PathBuf, u32)>,
    /// Programs, and the classes that they may reach.
    pub programs: Vec<(PathBuf, u32)>,
}

impl Places {
    /// The usual sockets and programs, with these engines' sockets and further ones; `allowed` programs may reach all of
    /// them. This program itself asks containerd which containers there are.
    pub fn new(engines: &[PathBuf], more: &[PathBuf], allowed: &[PathBuf]) -> Self {
        let mut places = Self::default();
        for path in engines.iter().chain(more).map(PathBuf::as_path).chain(ENGINES.map(Path::new)) {
            places.protect(path, ENGINE);
        }
        for path in RUNTIMES {
            places.protect(Path::new(path), RUNTIME);
        }
        for path in allowed {
            places.allow(path.clone(), ENGINE | RUNTIME);
        }
        places.allow("/proc/self/exe".into(), RUNTIME);
        for directory in DIRECTORIES {
            for name in USERS {
                places.allow(Path::new(directory).join(name), RUNTIME);
            }
        }
        places
    }

    /// What is named first stays as it is.
    pub(super) fn protect(&mut self, path: &Path, class: u32) {
        if !self.sockets.iter().any(|(known, _)| known == path) {
            self.sockets.push((path.to_owned(), class));
        }
    }

    fn allow(&mut self, path: PathBuf, classes: u32) {
        self.programs.push((path, classes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtimes_users_reach_the_runtime_and_not_the_engine() {
        let places =
            Places::new(&["/run/docker.sock".into()], &["/srv/x.sock".into()], &["/opt/tool".into()]);
        let class = |path: &str| places.sockets.iter().find(|(known, _)| known == Path::new(path)).unwrap().1;
        assert_eq!((class("/run/docker.sock"), class("/srv/x.sock")), (ENGINE, ENGINE));
        assert_eq!((class("/run/podman/podman.sock"), class(RUNTIMES[0])), (ENGINE, RUNTIME));
        let of = |path: &str| places.programs.iter().find(|(known, _)| known == Path::new(path)).unwrap().1;
        assert_eq!((of("/usr/sbin/dockerd"), of("/opt/tool")), (RUNTIME, ENGINE | RUNTIME));
    }

    #[test]
    fn a_socket_that_is_named_twice_is_what_it_is_named_first() {
        let places = Places::new(&[RUNTIMES[0].into()], &[RUNTIMES[0].into()], &[]);
        let named: Vec<_> =
            places.sockets.iter().filter(|(path, _)| path == Path::new(RUNTIMES[0])).collect();
        assert_eq!(named, [&(PathBuf::from(RUNTIMES[0]), ENGINE)]);
    }
}
