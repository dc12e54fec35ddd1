//! What becomes of a request that the policy denies.

/// How the guard acts on verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Nothing is judged. What cannot be read in one way only is refused even so.
    Off,
    /// What would be denied is told, and passed on.
    Audit,
    /// What is denied does not reach the engine.
    Enforce,
}

impl Mode {
    /// Its name, as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Audit => "audit",
            Self::Enforce => "enforce",
        }
    }
}
