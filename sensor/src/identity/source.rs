//! Who may be asked about a container.

use super::claim::{Claim, Runtime};
use super::container_id::ContainerId;

/// Longest id that containerd allows.
const MAX_IDENTIFIER: usize = 76;
/// Longest name of a machine: that of a host.
const MAX_MACHINE: usize = 64;

/// Somebody who knows containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The Docker Engine's API.
    Docker,
    /// A Kubernetes runtime's CRI socket, and containerd's own API on the same socket.
    Cri,
    /// podman's storage.
    Podman,
    /// systemd's register of machines.
    Machines,
}

impl Source {
    /// All of them, the first being believed first where two know a container.
    pub const ALL: [Self; 4] = [Self::Docker, Self::Cri, Self::Podman, Self::Machines];

    /// Whether this id may become part of a question to it.
    pub fn takes(self, id: &ContainerId) -> bool {
        match self {
            Self::Docker | Self::Podman => id.hex().is_some(),
            Self::Cri => is_name(id.as_bytes(), MAX_IDENTIFIER),
            Self::Machines => is_name(id.as_bytes(), MAX_MACHINE),
        }
    }
}

/// Letters, digits, and between them dots, dashes and underscores: what containerd and systemd allow.
fn is_name(name: &[u8], longest: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    word(name.first()) && word(name.last()) && name.len() <= longest && name.iter().all(inner)
}

/// Some of the sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources(u8);

impl Sources {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// One of them.
    pub const fn only(source: Source) -> Self {
        Self(1 << source as u8)
    }

    /// Those that might know the container of a claim; none if nobody could be asked.
    pub fn of(claim: &Claim) -> Self {
        let likely: &[Source] = match claim.runtime {
            Runtime::Docker => &[Source::Docker],
            Runtime::Containerd | Runtime::CriO => &[Source::Cri],
            Runtime::Podman => &[Source::Podman],
            // Shapes of the users' own making, and pods that Docker may run for Kubernetes.
            Runtime::Kubernetes | Runtime::Unknown => &[Source::Docker, Source::Cri, Source::Podman],
            Runtime::Nspawn => &[Source::Machines],
            Runtime::BuildKit | Runtime::Lxc => &[],
        };
        let asked = likely.iter().filter(|source| source.takes(&claim.id));
        asked.fold(Self::NONE, |all, source| all.or(Self::only(*source)))
    }

    /// Both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether this one is among them.
    pub const fn contains(self, source: Source) -> bool {
        self.0 & Self::only(source).0 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Vec<Source> {
        let claim = Claim::parse(path.as_bytes()).unwrap();
        let sources = Sources::of(&claim);
        Source::ALL.into_iter().filter(|source| sources.contains(*source)).collect()
    }

    #[test]
    fn a_claim_is_taken_to_those_who_might_know() {
        let id = "5".repeat(64);
        assert_eq!(of(&format!("/docker/{id}")), [Source::Docker]);
        assert_eq!(of(&format!("/x/{id}")), [Source::Docker, Source::Cri, Source::Podman]);
        assert_eq!(of(&format!("/libpod_parent/libpod-{id}")), [Source::Podman]);
        assert_eq!(of("/default/web"), [Source::Cri]);
        assert_eq!(of("/machine.slice/systemd-nspawn@deb.service"), [Source::Machines]);
        assert!(of("/lxc.payload.x").is_empty());
    }

    #[test]
    fn ids_that_no_runtime_gives_are_not_asked_about() {
        let upper = "A".repeat(64);
        for path in [format!("/docker/{upper}"), format!("/docker/{upper}.scope")] {
            assert!(!of(&path).contains(&Source::Docker), "{path}");
        }
        for name in ["..", "-x", "x-", "a\nb", "a b", &"x".repeat(77)] {
            assert!(of(&format!("/default/{name}")).is_empty(), "{name}");
        }
    }
}
