//! Versions, and that of the Falco engine whose language this is.

/// A version: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

/// The engine's version, as it is written.
pub const ENGINE_TEXT: &str = "0.63.0";
/// The engine's version.
pub const ENGINE: Version = Version(0, 63, 0);

impl Version {
    /// Reads three numbers with dots between them.
    pub fn parse(text: &str) -> Option<Self> {
        // A pre-release or build suffix does not change what is required.
        let core = text.split(['-', '+']).next()?;
        let mut numbers = core.split('.').map(|number| number.parse().ok());
        let version = Self(numbers.next()??, numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(version)
    }

    /// Whether `available` is at least this version, and of the same major.
    pub fn is_met_by(self, available: Self) -> bool {
        self.0 == available.0 && self <= available
    }
}

/// Reads a requirement on the engine: a whole number, which is a minor version, or a version.
pub fn required(text: &str) -> Option<Version> {
    match text.parse() {
        Ok(minor) => Some(Version(ENGINE.0, minor, ENGINE.2)),
        Err(_) => Version::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_compared() {
        assert_eq!(required("26"), Some(Version(0, 26, 0)));
        assert_eq!(required("0.50.1-rc2"), Some(Version(0, 50, 1)));
        for text in ["", "x", "1.2", "1.2.3.4", "-1", "0.x.0"] {
            assert_eq!(required(text), None, "{text}");
        }
        for (text, met) in
            [("63", true), ("64", false), ("0.63.0", true), ("0.63.1", false), ("1.0.0", false)]
        {
            assert_eq!(required(text).unwrap().is_met_by(ENGINE), met, "{text}");
        }
        assert_eq!(required(ENGINE_TEXT), Some(ENGINE));
    }
}
