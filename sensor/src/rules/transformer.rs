//! The transformers: functions from values to values.

/// A transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transformer {
    /// ASCII letters in lower case.
    ToLower,
    /// ASCII letters in upper case.
    ToUpper,
    /// What a Base64 text stands for.
    B64,
    /// The last component of a path.
    Basename,
    /// Number of characters, bytes or elements.
    Len,
    /// Elements put together with a separator between them.
    Join,
    /// Texts put together.
    Concat,
    /// The options of a command line.
    Getopt,
}

impl Transformer {
    /// Every transformer and how it is written.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("tolower", Self::ToLower),
        ("toupper", Self::ToUpper),
        ("b64", Self::B64),
        ("basename", Self::Basename),
        ("len", Self::Len),
        ("join", Self::Join),
        ("concat", Self::Concat),
        ("getopt", Self::Getopt),
    ];

    /// The transformer of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, transformer)| *transformer)
    }

    /// How it is written.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }
}
