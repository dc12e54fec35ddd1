//! The version of the Falco engine whose language this is, and requirements on it.

/// The version, as it is written.
pub const ENGINE_TEXT: &str = "0.63.0";
/// The version: major, minor, patch.
const ENGINE: (u64, u64, u64) = (0, 63, 0);

/// Reads a requirement: a whole number, which is a minor version, or three numbers with dots.
pub fn required(text: &str) -> Option<(u64, u64, u64)> {
    if let Ok(minor) = text.parse() {
        return Some((ENGINE.0, minor, ENGINE.2));
    }
    // A pre-release or build suffix does not change what is required.
    let core = text.split(['-', '+']).next()?;
    let mut numbers = core.split('.').map(|number| number.parse().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(version)
}

/// Whether the engine is at least this version, of the same major.
pub fn is_met(required: (u64, u64, u64)) -> bool {
    required.0 == ENGINE.0 && required <= ENGINE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_compared() {
        assert_eq!(required("26"), Some((0, 26, 0)));
        assert_eq!(required("0.50.1-rc2"), Some((0, 50, 1)));
        for text in ["", "x", "1.2", "1.2.3.4", "-1", "0.x.0"] {
            assert_eq!(required(text), None, "{text}");
        }
        for (text, met) in
            [("63", true), ("64", false), ("0.63.0", true), ("0.63.1", false), ("1.0.0", false)]
        {
            assert_eq!(is_met(required(text).unwrap()), met, "{text}");
        }
        assert_eq!(required(ENGINE_TEXT), Some(ENGINE));
    }
}
