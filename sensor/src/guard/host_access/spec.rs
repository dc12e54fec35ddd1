//! Mounts in their short form, `source:destination:options`.

/// A mount in its short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec<'t> {
    /// The path on the host, or the name of a volume; empty for a volume without a name.
    pub source: &'t str,
    /// Options, separated by commas.
    pub options: &'t str,
}

/// Options that name nothing.
const USUAL: [&str; 18] = [
    "",
    "ro",
    "rw",
    "z",
    "Z",
    "nocopy",
    "copy",
    "consistent",
    "cached",
    "delegated",
    "default",
    "private",
    "rprivate",
    "slave",
    "rslave",
    "shared",
    "rshared",
    "volume-nocopy",
];

impl<'t> Spec<'t> {
    /// Takes a text apart.
    pub fn of(text: &'t str) -> Self {
        let mut parts = text.splitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(source), Some(_), options) => Self { source, options: options.unwrap_or_default() },
            _ => Self { source: "", options: "" },
        }
    }

    /// Whether the source is a path on the host.
    pub fn is_of_host(&self) -> bool {
        self.source.starts_with('/')
    }

    /// Whether it is neither a path nor a name of a volume.
    pub(super) fn is_unclear(&self) -> bool {
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
        let starts_so = self.source.starts_with(|first: char| first.is_ascii_alphanumeric());
        let is_name = starts_so && self.source.chars().all(is_of_name);
        !(is_name || self.is_of_host() || self.source.is_empty())
    }

    /// Whether it has options other than the engine's usual ones. Podman's may name further paths of the host.
    pub(super) fn has_odd_options(&self) -> bool {
        self.options.split(',').any(|option| !USUAL.contains(&option))
    }

    /// Whether it is mounted for writing.
    pub fn is_writable(&self) -> bool {
        !self.options.split(',').any(|option| option == "ro")
    }

    /// How mounts spread, if that is said.
    pub fn propagation(&self) -> &'t str {
        let mut options = self.options.split(',');
        options
            .find(|option| {
                option.ends_with("shared") || option.ends_with("slave") || option.ends_with("private")
            })
            .unwrap_or_default()
    }
}
