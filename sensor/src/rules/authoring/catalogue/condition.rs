//! A condition over several lines, macros expanded.

use crate::rules::condition::Condition;
use crate::rules::rule_set::RuleSet;
use crate::rules::yaml::printable;

/// Deepest level that is set in: a condition may have a thousand.
const DEEPEST: usize = 40;

/// The lines of a condition, set in by `depth` steps. What a macro stands for follows its name.
pub(super) fn lines(condition: &Condition, rules: &RuleSet, depth: usize) -> Vec<String> {
    let mut lines = Vec::new();
    Writer { rules, lines: &mut lines }.write(condition, depth, "");
    lines
}

struct Writer<'w> {
    rules: &'w RuleSet,
    lines: &'w mut Vec<String>,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.lines.push(format!("{}{}", "  ".repeat(depth.min(DEEPEST)), printable(text)));
    }

    /// Writes a condition behind what comes before it on its line: `not`.
    fn write(&mut self, condition: &Condition, depth: usize, before: &str) {
        match condition {
            Condition::All(terms) => self.join(terms, "all of", depth, before),
            Condition::Any(terms) => self.join(terms, "any of", depth, before),
            Condition::Not(term) => self.write(term, depth, &format!("{before}not ")),
            Condition::Macro(named) => {
                self.line(depth, &format!("{before}{}:", named.name));
                self.write(&named.condition, depth + 1, "");
            }
            Condition::Leaf(id) => {
                let text = self.rules.leaf(*id).map(ToString::to_string).unwrap_or_default();
                self.line(depth, &format!("{before}{text}"));
            }
            Condition::EventType(_, text) | Condition::Constant(_, text) => {
                self.line(depth, &format!("{before}{text}"));
            }
        }
    }

    fn join(&mut self, terms: &[Condition], word: &str, depth: usize, before: &str) {
        self.line(depth, &format!("{before}{word}"));
        for term in terms {
            self.write(term, depth + 1, "");
        }
    }
}
