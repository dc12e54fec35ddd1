//! What a kind's row says of its hooks.

/// How events are obtained on a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// LSM, fentry and fexit programs: kernels that allow trampolines.
    Lsm,
    /// BTF raw tracepoints and per-syscall tracepoints: any kernel since 5.8.
    Tracepoint,
    /// The hook is the same in both.
    Both,
}

impl Tier {
    /// Whether a hook of this tier is used where events are obtained by `tier`.
    pub const fn serves(self, tier: Self) -> bool {
        matches!(
            (self, tier),
            (Self::Both, _) | (Self::Lsm, Self::Lsm) | (Self::Tracepoint, Self::Tracepoint)
        )
    }

    /// Its name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lsm => "lsm",
            Self::Tracepoint => "tracepoint",
            Self::Both => "both",
        }
    }
}

/// One kernel program. Where several of a kind lose the same thing, they are the same hook for different
/// kernels, and the first one that loads is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Name of the program in the object, which is its function in `sensor-ebpf/src/hooks`.
    pub program: &'static str,
    /// What it attaches to: a kernel function, a BTF tracepoint, or `category/name` of a tracepoint.
    pub target: &'static str,
    /// Where it is used.
    pub tier: Tier,
    /// What is lost where it cannot be had.
    pub without: &'static str,
}
