//! Paths of the host that nobody gets by a mount: who holds one holds the host, or reads its secrets.

/// The protected paths. What lies in one of them is protected, and what holds one is, too.
pub static PROTECTED: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/snap",
    "/sys",
    "/usr",
    "/var/cache",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/lib/systemd",
    "/var/lib/vigie",
    "/var/log",
    "/var/run",
    "/var/spool",
];

/// The protected path that a path is, lies in, or holds. Holding several, it is `/` or the path's own first one.
pub fn touched(path: &str) -> Option<&'static str> {
    let names: Vec<&str> = names(path).collect();
    if names.is_empty() || names.contains(&"..") {
        return Some("/");
    }
    PROTECTED.iter().copied().find(|known| self::names(known).zip(&names).all(|(known, name)| known == *name))
}

/// Whether a path is absolute and leads nowhere up.
pub fn is_plain(path: &str) -> bool {
    path.starts_with('/') && !path.contains('\0') && names(path).all(|name| name != "..")
}

/// The names in a path; `.` and empty ones mean nothing.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_protected_with_what_is_above_and_below() {
        for (path, wanted) in [
            ("/", Some("/")),
            ("//", Some("/")),
            ("/.", Some("/")),
            ("", Some("/")),
            ("/srv/../etc", Some("/")),
            ("/etc", Some("/etc")),
            ("/etc/", Some("/etc")),
            ("//etc/./shadow", Some("/etc")),
            ("/var", Some("/var/cache")),
            ("/var/lib", Some("/var/lib/containerd")),
            ("/var/lib/docker/volumes/x", Some("/var/lib/docker")),
            ("/run/docker.sock", Some("/run")),
            ("/var/run/docker.sock", Some("/var/run")),
            ("/home/a", Some("/home")),
            ("/srv", None),
            ("/etcetera", None),
            ("/var/lib/dockers", None),
            ("/var/www", None),
            ("/tmp/x", None),
            ("/ETC", None),
        ] {
            assert_eq!(touched(path), wanted, "{path}");
        }
    }

    #[test]
    fn only_plain_paths_are_looked_up() {
        assert!(is_plain("/a/b"));
        for path in ["", "a", "~", "/a/../b", "/..", "/a\0b"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
