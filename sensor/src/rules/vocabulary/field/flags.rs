//! What sets a field apart from others of its type.

/// A set of traits of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// It cannot stand on the right of an operator.
    pub const NO_RIGHT: Self = Self(1);
    /// It cannot be the argument of a transformer.
    pub const NO_TRANSFORMER: Self = Self(1 << 1);
    /// It has a meaning in conditions only; an output prints it as missing.
    pub const FILTER_ONLY: Self = Self(1 << 2);
    /// It has a meaning in outputs only.
    pub const PRINT_ONLY: Self = Self(1 << 3);
    /// Falco means to drop it.
    pub const DEPRECATED: Self = Self(1 << 4);

    /// The traits of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every trait of `other` is there.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}
