//! A text to be found within another one, whatever the case of ASCII letters.

use memchr::memchr2;

/// A text in lower case.
#[derive(Clone, Debug)]
pub struct Needle {
    lower: Box<[u8]>,
}

impl Needle {
    /// Takes the text in any case.
    pub fn new(text: &[u8]) -> Self {
        Self { lower: text.to_ascii_lowercase().into() }
    }

    /// The text in lower case.
    pub fn lower(&self) -> &[u8] {
        &self.lower
    }

    /// Whether `text` holds it.
    pub fn is_in(&self, text: &[u8]) -> bool {
        let Some((first, rest)) = self.lower.split_first() else { return true };
        let mut text = text;
        while let Some(at) = memchr2(*first, first.to_ascii_uppercase(), text) {
            text = text.get(at + 1..).unwrap_or_default();
            match text.get(..rest.len()) {
                Some(candidate) if candidate.eq_ignore_ascii_case(rest) => return true,
                Some(_) => {}
                None => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_position_neither() {
        let needle = Needle::new(b"Pass");
        for text in ["pass", "PASSWD", "xpaSs", "papass", "ppass"] {
            assert!(needle.is_in(text.as_bytes()), "{text}");
        }
        for text in ["", "pas", "p-ass", "papa"] {
            assert!(!needle.is_in(text.as_bytes()), "{text}");
        }
        assert!(Needle::new(b"").is_in(b""));
        assert!(Needle::new(b"1\xff").is_in(b"01\xff"));
    }
}
