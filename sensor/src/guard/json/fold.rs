//! When Go takes a member's name for the name of a field.
//!
//! `encoding/json` folds both names: every letter stands for all letters of its orbit under simple case folding. The
//! names of the engine's fields are ASCII, and only two letters of ASCII have company outside of it: `s` has U+017F
//! (long s), and `k` has U+212A (the sign of Kelvin).

/// Whether Go reads `name` into the field called `field`, whose name is ASCII.
pub fn is_same(name: &str, field: &str) -> bool {
    let mut letters = name.chars().map(folded);
    field.chars().all(|letter| letters.next() == Some(folded(letter))) && letters.next().is_none()
}

/// The letter that stands for all of its orbit.
fn folded(letter: char) -> char {
    match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_the_two_strangers_fold() {
        for name in ["HostConfig", "hostconfig", "HOSTCONFIG", "Ho\u{17f}tConfig", "ho\u{17f}tconfig"] {
            assert!(is_same(name, "HostConfig"), "{name}");
        }
        for name in ["MaskedPaths", "Mas\u{212a}edPaths", "ma\u{17f}\u{212a}edpath\u{17f}"] {
            assert!(is_same(name, "MaskedPaths"), "{name}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for name in [
            "",
            "HostConfi",
            "HostConfigs",
            "Host Config",
            "Host_Config",
            "HostConf\u{131}g",
            "Host\u{0}Config",
        ] {
            assert!(!is_same(name, "HostConfig"), "{name}");
        }
        assert!(is_same("", ""));
    }

    /// Of all letters there are, those that Go folds to a letter of ASCII are these.
    #[test]
    fn no_other_letter_folds_to_ascii() {
        let strangers: Vec<_> = (char::MIN..=char::MAX)
            .filter(|letter| !letter.is_ascii() && folded(*letter).is_ascii())
            .collect();
        assert_eq!(strangers, ['\u{17f}', '\u{212a}']);
    }
}
