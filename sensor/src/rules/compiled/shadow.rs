//! Rules that never alert because an earlier one has the same condition.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::fmt::{self, Write};
use std::hash::Hasher;

use crate::rules::problem::Concern;
use crate::rules::syntax::Tree;
use crate::rules::yaml::excerpt;

/// The conditions of the rules so far.
#[derive(Debug, Default)]
pub(in crate::rules) struct Shadows {
    /// By a hash: the texts would take much memory, and what hangs on them is a warning.
    rule_by_condition: HashMap<u64, String>,
}

impl Shadows {
    /// Takes an enabled rule in; gives what there is to say if an earlier one has its condition.
    pub(in crate::rules) fn add(&mut self, name: &str, condition: &Tree) -> Option<Concern> {
        let mut text = Hashed::default();
        write(condition, &mut text);
        match self.rule_by_condition.entry(text.0.finish()) {
            Entry::Occupied(earlier) => {
                Some(Concern::Shadowed { rule: excerpt(name), earlier: excerpt(earlier.get()) })
            }
            Entry::Vacant(free) => {
                free.insert(name.to_owned());
                None
            }
        }
    }
}

/// A text of which only the hash is kept.
#[derive(Default)]
struct Hashed(DefaultHasher);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// Writes a condition in one form, whatever its blanks and brackets were. Trees are no deeper than the parser allows.
fn write(tree: &Tree, out: &mut Hashed) {
    match tree {
        Tree::And(trees) => several("and", trees, out),
        Tree::Or(trees) => several("or", trees, out),
        Tree::Not(tree) => several("not", std::slice::from_ref(tree), out),
        Tree::Check(check) => {
            // Hashing cannot fail.
            write!(out, "{check}").unwrap_or_default();
        }
        Tree::Macro { name, .. } => out.0.write(name.as_bytes()),
    }
}

fn several(word: &str, trees: &[impl std::borrow::Borrow<Tree>], out: &mut Hashed) {
    out.0.write(b"(");
    out.0.write(word.as_bytes());
    for tree in trees {
        out.0.write(b" ");
        write(tree.borrow(), out);
    }
    out.0.write(b")");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::parser::parse;

    #[test]
    fn the_same_condition_is_seen_through_blanks_and_brackets() {
        let mut shadows = Shadows::default();
        let mut add = |name: &str, condition: &str| shadows.add(name, &parse(condition).unwrap());
        assert_eq!(add("a", "evt.type=open and (not m)"), None);
        let concern = Concern::Shadowed { rule: "b".to_owned(), earlier: "a".to_owned() };
        assert_eq!(add("b", "(evt.type = open) and not not not m"), Some(concern));
        let concern = Concern::Shadowed { rule: "e".to_owned(), earlier: "a".to_owned() };
        assert_eq!(add("e", "evt.type = \"open\" and not m"), Some(concern));
        assert_eq!(add("c", "evt.type = open or not m"), None);
        assert_eq!(add("d", "evt.type = open and m"), None);
    }
}
