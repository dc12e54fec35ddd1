//! The kernels we promise to run on, and which Debian suites carry them.

use clap::ValueEnum;

use crate::apt::{Archive, Suite};

/// A guest's kernel, named by its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kernel {
    /// Debian 11.
    #[value(name = "5.10")]
    V5_10,
    /// Debian 12.
    #[value(name = "6.1")]
    V6_1,
    /// Debian 12 with backports; also Debian 13.
    #[value(name = "6.12")]
    V6_12,
    /// Debian unstable.
    #[value(name = "7.2")]
    V7_2,
}

impl Kernel {
    /// All of them, oldest first.
    pub(crate) const ALL: [Self; 4] = [Self::V5_10, Self::V6_1, Self::V6_12, Self::V7_2];

    /// The version, as given on the command line.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::V5_10 => "5.10",
            Self::V6_1 => "6.1",
            Self::V6_12 => "6.12",
            Self::V7_2 => "7.2",
        }
    }

    /// Where to look for it, freshest first.
    pub(crate) fn suites(self) -> &'static [Suite] {
        const fn main(name: &'static str) -> Suite {
            Suite { name, archive: Archive::Main }
        }
        const fn security(name: &'static str) -> Suite {
            Suite { name, archive: Archive::Security }
        }
        match self {
            Self::V5_10 => const { &[security("bullseye-security"), main("bullseye")] },
            Self::V6_1 => const { &[security("bookworm-security"), main("bookworm")] },
            Self::V6_12 => {
                const { &[main("bookworm-backports"), security("trixie-security"), main("trixie")] }
            }
            Self::V7_2 => const { &[main("sid"), main("forky"), main("trixie-backports")] },
        }
    }
}
