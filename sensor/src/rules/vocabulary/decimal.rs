//! Numbers with a point in them, such as percentages.

use std::fmt;

/// A number in whole millionths, so that equality means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    millionths: i64,
}

/// Digits behind the point.
const DIGITS: usize = 6;
const ONE: i64 = 1_000_000;

impl Decimal {
    /// That many millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self { millionths }
    }

    /// How many millionths it is.
    pub const fn millionths(self) -> i64 {
        self.millionths
    }

    /// Reads digits with an optional sign and an optional point; `None` for anything else, for more than six
    /// digits behind the point, and for what is too large.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if fraction.len() > DIGITS {
            return None;
        }
        let fraction = digits_only(&format!("{fraction:0<DIGITS$}"), fraction)?;
        let whole = digits_only(whole, whole)?.checked_mul(ONE)?;
        Some(Self { millionths: sign * whole.checked_add(fraction)? })
    }
}

/// The number that `padded` is, if `written` is made of digits.
fn digits_only(padded: &str, written: &str) -> Option<i64> {
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| padded.parse().ok()).flatten()
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.millionths < 0 { "-" } else { "" };
        let (whole, fraction) = (self.millionths / ONE, self.millionths % ONE);
        let fraction = format!("{:0>DIGITS$}", fraction.unsigned_abs());
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{fraction}", whole.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_numbers_and_the_same_texts_again() {
        for text in ["0", "1.5", "-0.25", "100", "0.000001", "-12.000034", "9223372036854"] {
            let decimal = Decimal::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(decimal.to_string(), text);
        }
        assert_eq!(Decimal::parse(b"1.50"), Some(Decimal::from_millionths(1_500_000)));
        assert!(Decimal::parse(b"2") > Decimal::parse(b"1.999999"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1.0000000",
            "1,5",
            "--1",
            "1.-5",
            "0x10",
            "9223372036855",
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text}");
        }
    }
}
