//! What is measured: no sensor, the sensor, and the sensor stopped short after each stage.

/// The sensor's command line as a user would give it; alerts go to a file on a tmpfs.
const VIGIE: &str = "/bin/vigie run --output json --file /tmp/alerts.json";

/// One configuration. From `KernelOnly` to `Rules` each does what the one before does and one thing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Configuration {
    /// No sensor.
    Nothing,
    /// No sensor, once more: how well the figures repeat.
    NothingAgain,
    /// The sensor's process is stopped, so only the kernel programs run.
    KernelOnly,
    /// Records are read and thrown away.
    Ring,
    /// Records become typed events.
    Decode,
    /// Events feed the process table.
    Process,
    /// Events are judged; alerts go nowhere.
    Rules,
    /// The sensor with its default policies.
    Vigie,
}

impl Configuration {
    /// In the order of the data's way.
    pub(super) const ALL: [Self; 8] = [
        Self::Nothing,
        Self::NothingAgain,
        Self::KernelOnly,
        Self::Ring,
        Self::Decode,
        Self::Process,
        Self::Rules,
        Self::Vigie,
    ];

    /// The name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::NothingAgain => "none, again",
            Self::KernelOnly => "vigie, its process stopped",
            Self::Ring => "vigie until ring",
            Self::Decode => "vigie until decode",
            Self::Process => "vigie until process",
            Self::Rules => "vigie until rules",
            Self::Vigie => "vigie",
        }
    }

    /// What this configuration does that the one before does not.
    pub(super) fn added_part(self) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::NothingAgain => None,
            Self::KernelOnly => Some("kernel programs"),
            Self::Ring => Some("transport"),
            Self::Decode => Some("decode"),
            Self::Process => Some("process table and identity"),
            Self::Rules => Some("rules"),
            Self::Vigie => Some("alerts and sinks"),
        }
    }

    /// Whether it only serves the ladder.
    pub(super) fn is_rung(self) -> bool {
        !matches!(self, Self::Nothing | Self::NothingAgain | Self::Vigie)
    }

    /// The guest's job.
    pub(super) fn job(self, execs: u32, opens: u32) -> String {
        let load = format!("/bin/guest-load --execs {execs} --opens {opens}");
        match self {
            Self::Nothing | Self::NothingAgain => format!("{load}\n"),
            Self::KernelOnly => format!("{load} --stopped -- {VIGIE}\n"),
            Self::Ring => format!("{load} -- {VIGIE} --until ring\n"),
            Self::Decode => format!("{load} -- {VIGIE} --until decode\n"),
            Self::Process => format!("{load} -- {VIGIE} --until process\n"),
            Self::Rules => format!("{load} -- {VIGIE} --until rules\n"),
            Self::Vigie => format!("{load} -- {VIGIE}\n"),
        }
    }
}
