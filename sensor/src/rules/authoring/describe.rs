//! What the condition of a loaded rule consists of: for people, and to compare with what others know of a rule.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::condition::Condition;
use crate::rules::parser;
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::syntax::{Argument, Check, Operand, Right, Tree};

/// What a condition consists of, macros put in wherever they are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Number of comparisons, those included that were answered when the rules were loaded.
    pub checks: usize,
    /// Number of `and`s; `a and b and c` has one.
    pub ands: usize,
    /// Number of `or`s; `a or b or c` has one.
    pub ors: usize,
    /// Number of `not`s; two in a row are none.
    pub nots: usize,
    /// The fields as written, with the operators of the comparisons that they are part of.
    pub fields: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Description {
    /// Describes the condition of a rule of this set.
    pub fn of(rules: &RuleSet, rule: &Rule) -> Self {
        let mut description = Self::default();
        description.condition(rules, rule.condition());
        description
    }

    /// Conditions nest no deeper than [`crate::rules::compile::MAX_DEPTH`].
    fn condition(&mut self, rules: &RuleSet, condition: &Condition) {
        let terms = match condition {
            Condition::All(terms) => {
                self.ands += 1;
                terms
            }
            Condition::Any(terms) => {
                self.ors += 1;
                terms
            }
            Condition::Not(term) => {
                self.nots += 1;
                return self.condition(rules, term);
            }
            Condition::Macro(named) => return self.condition(rules, &named.condition),
            Condition::EventType(_, text) | Condition::Constant(_, text) => return self.comparison(text),
            Condition::Leaf(id) => {
                return self.comparison(&rules.leaf(*id).map(ToString::to_string).unwrap_or_default());
            }
        };
        terms.iter().for_each(|term| self.condition(rules, term));
    }

    /// Takes a comparison as it was written; compiled, it no longer tells which operator it had.
    fn comparison(&mut self, text: &str) {
        self.checks += 1;
        if let Ok(Tree::Check(check)) = parser::parse(text) {
            self.check(&check);
        }
    }

    fn check(&mut self, check: &Check) {
        let operator = check.operator.name();
        self.operand(&check.left, operator);
        if let Right::Operand(right) = &check.right {
            self.operand(right, operator);
        }
    }

    fn operand(&mut self, operand: &Operand, operator: &'static str) {
        match operand {
            Operand::Field(field) => {
                self.fields.entry(field.to_string()).or_default().insert(operator);
            }
            Operand::Call(call) => {
                call.arguments.iter().for_each(|argument| self.argument(argument, operator));
            }
        }
    }

    fn argument(&mut self, argument: &Argument, operator: &'static str) {
        match argument {
            Argument::Literal(_) => {}
            Argument::List(arguments) => arguments.iter().for_each(|inner| self.argument(inner, operator)),
            Argument::Operand(operand) => self.operand(operand, operator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(macros: &str, condition: &str) -> Description {
        let text = format!(
            "{macros}- rule: r\n  desc: d\n  condition: >\n    {condition}\n  output: o\n  priority: info\n"
        );
        let (rules, _) = RuleSet::load(&[("f", text)]).unwrap_or_else(|error| panic!("{error}"));
        Description::of(&rules, &rules.rules()[0])
    }

    fn counts(description: &Description) -> [usize; 4] {
        [description.checks, description.ands, description.ors, description.nots]
    }

    #[test]
    fn a_row_of_terms_is_one_and_and_brackets_make_another() {
        assert_eq!(counts(&described("", "proc.pid=1 and proc.pid=2 and proc.pid=3")), [3, 1, 0, 0]);
        assert_eq!(counts(&described("", "proc.pid=1 and (proc.pid=2 and proc.pid=3)")), [3, 2, 0, 0]);
        assert_eq!(counts(&described("", "proc.pid=1 and (proc.pid=2)")), [2, 1, 0, 0]);
        assert_eq!(
            counts(&described("", "not proc.pid=1 or not not proc.pid=2 or (not proc.pid=3)")),
            [3, 0, 1, 2]
        );
    }

    #[test]
    fn a_macro_counts_each_time_it_is_named() {
        let open = "- macro: open\n  condition: (evt.type in (open, openat) and fd.num>=0 and evt.num>=0)\n";
        let description =
            described(open, "(open and fd.name startswith /etc) or (open and not proc.name=cat)");
        assert_eq!(counts(&description), [8, 4, 1, 1]);
        let fields: Vec<_> = description.fields.into_iter().collect();
        let expected = [
            ("evt.num", ">="),
            ("evt.type", "in"),
            ("fd.name", "startswith"),
            ("fd.num", ">="),
            ("proc.name", "="),
        ];
        assert_eq!(fields, expected.map(|(field, operator)| (field.to_owned(), BTreeSet::from([operator]))));
    }

    #[test]
    fn fields_keep_their_arguments_and_every_operator() {
        let description = described("", "proc.aname[2]=a and proc.aname[2] in (b) and evt.arg.flags exists");
        let fields: Vec<_> = description.fields.into_iter().collect();
        assert_eq!(
            fields,
            [
                ("evt.arg.flags".to_owned(), BTreeSet::from(["exists"])),
                ("proc.aname[2]".to_owned(), BTreeSet::from(["=", "in"])),
            ]
        );
    }

    #[test]
    fn every_comparison_of_the_default_policies_can_be_read_again() {
        let (rules, _) = crate::rules::policies::load().unwrap_or_else(|error| panic!("{error}"));
        assert!(!rules.leaves().is_empty());
        for (_, leaf) in rules.leaves().iter() {
            let text = leaf.to_string();
            assert!(
                matches!(parser::parse(&text), Ok(Tree::Check(check)) if check.to_string() == text),
                "{text}"
            );
        }
    }
}
