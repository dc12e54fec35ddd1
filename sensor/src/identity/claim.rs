//! What a cgroup path says about itself: which container it claims to belong to.
//!
//! Anyone who may create a cgroup may give it any name, so a claim is never more than that until the runtime
//! confirms it. Names are any bytes but `/`, NUL and (the kernel sees to it) newline; this parser relies on
//! nothing of the kind.

use super::container_id::{ContainerId, HEX_LEN, is_hex_id};

/// Who makes containers whose cgroups look so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// Docker Engine.
    Docker,
    /// `BuildKit` within Docker Engine: a step of an image build.
    BuildKit,
    /// containerd, used by Kubernetes (CRI) or nerdctl.
    Containerd,
    /// CRI-O.
    CriO,
    /// podman and other users of libpod.
    Podman,
    /// Some runtime below a Kubernetes pod; this shape does not tell which.
    Kubernetes,
    /// LXC, Incus and LXD.
    Lxc,
    /// systemd-nspawn.
    Nspawn,
    /// Looks like a container of nobody in particular.
    Unknown,
}

impl Runtime {
    /// Its name in `container.type`, as Falco spells it where Falco knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::BuildKit => "buildkit",
            Self::Containerd => "containerd",
            Self::CriO => "cri-o",
            Self::Podman => "podman",
            Self::Kubernetes => "cri",
            Self::Lxc => "lxc",
            Self::Nspawn => "systemd-nspawn",
            Self::Unknown => "unknown",
        }
    }
}

/// The container a cgroup claims to belong to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Who would have made it.
    pub runtime: Runtime,
    /// The id in the path.
    pub id: ContainerId,
    /// Length of the leading part of the path that is the container's own cgroup; what follows are cgroups
    /// made inside of it.
    pub root_len: usize,
}

impl Claim {
    /// Reads the innermost claim of a cgroup path (from the root of its hierarchy), if it makes any.
    pub fn parse(path: &[u8]) -> Option<Self> {
        Self::all(path).last()
    }

    /// Reads every claim of a cgroup path, the outermost first: containers may run in containers.
    pub fn all(path: &[u8]) -> impl Iterator<Item = Self> {
        let mut above = Above::default();
        let mut start = 0;
        path.split(|&b| b == b'/').filter_map(move |component| {
            let end = start + component.len();
            let claim = claim_of(component, &above);
            above = above.below(component);
            start = end + 1;
            claim.map(|(runtime, id)| Self { runtime, id: ContainerId::new(id), root_len: end })
        })
    }

    /// The container's own cgroup, given the path this claim was parsed from.
    pub fn root<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        path.get(..self.root_len).unwrap_or(path)
    }
}

/// What the components before the one in hand say.
#[derive(Clone, Copy, Default)]
struct Above<'a> {
    parent: &'a [u8],
    grandparent: &'a [u8],
    in_kubepods: bool,
}

impl<'a> Above<'a> {
    /// Whether the parent is a cgroup at the top of the hierarchy.
    const fn is_top(&self) -> bool {
        self.grandparent.is_empty() && !self.parent.is_empty()
    }

    fn below(self, component: &'a [u8]) -> Self {
        Self {
            parent: component,
            grandparent: self.parent,
            in_kubepods: self.in_kubepods || matches!(component, b"kubepods" | b"kubepods.slice"),
        }
    }
}

/// Prefixes of `<prefix><64 hex>`, with `.scope` behind (systemd driver) or without (cgroupfs driver).
const PREFIXES: &[(&[u8], Runtime)] = &[
    (b"docker-", Runtime::Docker),
    (b"cri-containerd-", Runtime::Containerd),
    (b"nerdctl-", Runtime::Containerd),
    (b"crio-", Runtime::CriO),
    (b"libpod-", Runtime::Podman),
];

/// Monitors that run on the host on behalf of one container, and carry its id.
const MONITORS: &[&[u8]] = &[b"libpod-conmon-", b"crio-conmon-"];

/// The claim of one component.
fn claim_of<'a>(component: &'a [u8], above: &Above<'a>) -> Option<(Runtime, &'a [u8])> {
    hex_claim(component, above).or_else(|| named_claim(component, above))
}

/// Claims by a hex id.
fn hex_claim<'a>(component: &'a [u8], above: &Above<'_>) -> Option<(Runtime, &'a [u8])> {
    let unit = component.strip_suffix(b".scope").unwrap_or(component);
    let (prefix, id) = unit.split_at_checked(unit.len().checked_sub(HEX_LEN)?)?;
    if !id.iter().all(u8::is_ascii_hexdigit) || MONITORS.contains(&prefix) {
        return None;
    }
    if !is_hex_id(id) {
        // No runtime writes upper case; somebody wants this to look like one of theirs.
        return Some((Runtime::Unknown, id));
    }
    if prefix.is_empty() {
        return Some((bare_runtime(above), id));
    }
    let known = PREFIXES.iter().find(|(known, _)| *known == prefix).map(|&(_, runtime)| runtime);
    let separated = matches!(prefix.last(), Some(b'-' | b':'));
    known.or(separated.then_some(Runtime::Unknown)).map(|runtime| (runtime, id))
}

/// Whose a bare id is, which only its surroundings tell.
fn bare_runtime(above: &Above<'_>) -> Runtime {
    match above.parent {
        b"docker" => Runtime::Docker,
        b"default" | b"k8s.io" if above.is_top() => Runtime::Containerd,
        pod if above.in_kubepods && is_pod(pod) => Runtime::Kubernetes,
        _ => Runtime::Unknown,
    }
}

/// `pod<uid>`, or `kubepods-<class>-pod<uid>.slice`.
fn is_pod(component: &[u8]) -> bool {
    let slice = component.strip_suffix(b".slice");
    match slice {
        Some(slice) => slice.windows(4).any(|w| w == b"-pod"),
        None => component.starts_with(b"pod"),
    }
}

/// Claims by the name of a container.
fn named_claim<'a>(component: &'a [u8], above: &Above<'a>) -> Option<(Runtime, &'a [u8])> {
    if above.parent == b"buildkit" && above.grandparent == b"docker" && is_buildkit_id(component) {
        return Some((Runtime::BuildKit, component));
    }
    if let Some(name) = component.strip_prefix(b"lxc.payload.").filter(|name| !name.is_empty()) {
        return Some((Runtime::Lxc, name));
    }
    // containerd's own client puts containers, called as the user likes, into its default namespace.
    if above.parent == b"default" && above.is_top() && !component.is_empty() {
        return Some((Runtime::Containerd, component));
    }
    if component == b"payload" && above.grandparent == b"machine.slice" {
        return scope_machine(above.parent).map(|name| (Runtime::Nspawn, name));
    }
    let machine = machine_of(component).filter(|name| !name.is_empty())?;
    (above.parent == b"machine.slice").then_some((Runtime::Nspawn, machine))
}

/// The machine whose unit this is; systemd writes other characters than these in another way.
fn machine_of(component: &[u8]) -> Option<&[u8]> {
    let plain = |name: &&[u8]| !name.contains(&b'\\');
    let service = component.strip_prefix(b"systemd-nspawn@").and_then(|rest| rest.strip_suffix(b".service"));
    service.filter(plain)
}

/// The machine whose scope this is. Virtual machines have such scopes too, but no payload inside of them.
fn scope_machine(component: &[u8]) -> Option<&[u8]> {
    let name = component.strip_prefix(b"machine-")?.strip_suffix(b".scope")?;
    (!name.is_empty() && !name.contains(&b'\\')).then_some(name)
}

/// 25 lower-case letters and digits.
fn is_buildkit_id(component: &[u8]) -> bool {
    component.len() == 25 && component.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
