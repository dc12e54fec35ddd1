//! Names that only a program can say: `/proc/self` is a link, so the kernel's own path of a file never begins with it.
//!
//! Rules written for a sensor that has only what the program passed compare `fd.name` with such names. They mean
//! `fd.nameraw`, and are compared with that; the file really opened goes by its own path all the same.

use super::operand::Operand;
use crate::rules::field;
use crate::rules::syntax::Literal;

/// Directories that are links of the kernel's.
const LINKS: [&[u8]; 2] = [b"/proc/self/", b"/proc/thread-self/"];

/// What a comparison with these constants has to look at.
pub(super) fn operand(left: Operand, literals: &[Literal]) -> Operand {
    let is_said = |literal: &Literal| LINKS.iter().any(|link| literal.bytes.starts_with(link));
    if left.field_name() != Some("fd.name") || literals.is_empty() || !literals.iter().all(is_said) {
        return left;
    }
    field::resolve("fd.nameraw", None).map_or(left, Operand::Field)
}

#[cfg(test)]
mod tests {
    use crate::rules::{EventType, RuleSet, Scratch, testing::event, value::Value};

    /// Whether a condition holds for an open of `/dev/null` by this name.
    fn holds(condition: &str, passed: &'static str) -> bool {
        let rule = format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n");
        let (rules, _) = RuleSet::load(&[("f", rule)]).unwrap();
        let opened = [
            ("evt.type", Value::from("openat")),
            ("fd.name", Value::from("/dev/null")),
            ("fd.nameraw", Value::from(passed)),
        ];
        let open = event(&opened);
        let openat = EventType::from_name("openat").unwrap();
        !rules.evaluate(openat, &open, &mut Scratch::default()).matches.is_empty()
    }

    #[test]
    fn a_name_below_proc_self_is_the_one_that_was_passed() {
        for condition in ["fd.name startswith /proc/self/fd/", "fd.name in (/proc/self/exe, /proc/self/fd/1)"]
        {
            assert!(holds(&format!("evt.type = openat and {condition}"), "/proc/self/fd/1"), "{condition}");
            assert!(!holds(&format!("evt.type = openat and {condition}"), "/dev/stdout"), "{condition}");
        }
    }

    #[test]
    fn every_other_name_is_that_of_the_file_really_opened() {
        for condition in ["fd.name = /dev/null", "fd.name in (/dev/null, /proc/self/exe)", "fd.name exists"] {
            assert!(holds(&format!("evt.type = openat and {condition}"), "/proc/self/fd/1"), "{condition}");
        }
        assert!(!holds("evt.type = openat and fd.name startswith /proc/1/fd/", "/proc/1/fd/1"));
    }
}
