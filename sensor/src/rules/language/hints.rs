//! What a condition or an output probably did not mean, as far as its text alone tells.

use super::operator::Operator;
use super::syntax::{Argument, Check, FieldName, Literal, Operand, Right, Tree};
use crate::rules::field::{self, Flags};
use crate::rules::problem::Concern;
use crate::rules::transformer::Transformer;
use crate::rules::yaml::excerpt;

/// A place in the text, and what is odd there.
pub(in crate::rules) type Hint = (usize, Concern);

/// Longest regular expression that is looked at.
const LONGEST_REGEX: usize = 1000;

/// What is odd about a condition.
pub(in crate::rules) fn in_condition(tree: &Tree) -> Vec<Hint> {
    let mut hints = Vec::new();
    let mut trees = vec![tree];
    while let Some(tree) = trees.pop() {
        match tree {
            Tree::And(inner) | Tree::Or(inner) => trees.extend(inner.iter().rev()),
            Tree::Not(inner) => trees.push(inner),
            Tree::Check(check) => in_check(check, &mut hints),
            Tree::Macro { .. } => {}
        }
    }
    hints
}

/// The deprecated field of this name.
pub(in crate::rules) fn deprecated(name: &str) -> Option<Concern> {
    let field = field::find(name).filter(|field| field.flags.has(Flags::DEPRECATED));
    field.map(|field| Concern::Deprecated(field.name))
}

fn in_check(check: &Check, hints: &mut Vec<Hint>) {
    in_operand(&check.left, hints);
    match &check.right {
        Right::Nothing => {}
        Right::One(literal) => in_literal(check.operator, literal, hints),
        Right::Many(literals) | Right::Each(_, literals) => {
            for literal in literals {
                in_literal(check.operator, literal, hints);
            }
        }
        Right::Operand(operand) => in_operand(operand, hints),
    }
}

fn in_operand(operand: &Operand, hints: &mut Vec<Hint>) {
    each_field(operand, &mut |field| {
        hints.extend(deprecated(&field.name).map(|concern| (field.at, concern)));
    });
}

/// Calls `visit` with every field in an operand.
pub(in crate::rules) fn each_field<'o>(operand: &'o Operand, visit: &mut impl FnMut(&'o FieldName)) {
    match operand {
        Operand::Field(field) => visit(field),
        Operand::Call(call) => call.arguments.iter().for_each(|argument| each_field_in(argument, visit)),
    }
}

fn each_field_in<'o>(argument: &'o Argument, visit: &mut impl FnMut(&'o FieldName)) {
    match argument {
        Argument::Literal(_) => {}
        Argument::List(arguments) => arguments.iter().for_each(|argument| each_field_in(argument, visit)),
        Argument::Operand(operand) => each_field(operand, visit),
    }
}

fn in_literal(operator: Operator, literal: &Literal, hints: &mut Vec<Hint>) {
    let Ok(text) = std::str::from_utf8(&literal.bytes) else { return };
    if looks_like_transformer(text) {
        hints.push((literal.at, Concern::TextLikeTransformer(excerpt(text))));
    }
    if operator == Operator::Regex
        && let Some(operator) = simpler(text)
    {
        hints.push((literal.at, Concern::SimpleRegex { regex: excerpt(text), operator }));
    }
}

/// Whether a text is a transformer's name and a pair of brackets.
fn looks_like_transformer(text: &str) -> bool {
    let Some((name, rest)) = text.trim().split_once('(') else { return false };
    rest.ends_with(')') && (name == "val" || Transformer::find(name).is_some())
}

/// The operator that does what a regular expression does, which has to match the whole value.
fn simpler(regex: &str) -> Option<&'static str> {
    let anchored = regex.strip_prefix('^').unwrap_or(regex);
    let anchored = anchored.strip_suffix('$').unwrap_or(anchored);
    let behind = anchored.strip_prefix(".*");
    let start = behind.unwrap_or(anchored);
    let before = start.strip_suffix(".*");
    let core = before.unwrap_or(start);
    let plain = !core.is_empty()
        && !core.contains(['.', '+', '*', '?', '^', '$', '(', ')', '[', ']', '{', '}', '|', '\\']);
    (plain && regex.len() <= LONGEST_REGEX).then_some(match (behind, before) {
        (None, None) => "=",
        (Some(_), None) => "endswith",
        (None, Some(_)) => "startswith",
        (Some(_), Some(_)) => "contains",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::parser::parse;

    fn hints(condition: &str) -> Vec<(usize, String)> {
        let tree = parse(condition).unwrap_or_else(|error| panic!("{condition}: {error:?}"));
        in_condition(&tree).into_iter().map(|(at, concern)| (at, concern.to_string())).collect()
    }

    #[test]
    fn a_regex_that_a_simpler_operator_could_match_is_named() {
        for (regex, operator) in [
            ("abc", "="),
            ("^abc$", "="),
            (".*abc", "endswith"),
            ("abc.*", "startswith"),
            ("^.*abc.*$", "contains"),
            ("a b/c-d", "="),
        ] {
            assert_eq!(simpler(regex), Some(operator), "{regex}");
        }
        for regex in ["a.c", ".*", "", "a|b", "a+", ".+abc", "[a]", r"a\.b", "a^b", &"x".repeat(2000)] {
            assert_eq!(simpler(regex), None, "{regex}");
        }
        assert_eq!(
            hints("m and proc.name regex '.*sh'"),
            [(
                22,
                "the regular expression `.*sh` does no more than `endswith` does, which is faster".to_owned()
            )]
        );
        assert_eq!(hints("proc.name glob '.*sh'"), []);
    }

    #[test]
    fn a_text_that_looks_like_a_transformer_is_named() {
        for condition in ["proc.name = 'tolower(proc.pname)'", "proc.name in (a, \"val(proc.pname)\")"] {
            assert!(hints(condition).concat_messages().contains("looks like a transformer"), "{condition}");
        }
        assert_eq!(hints("proc.name in ('f(x)', 'len(x', 'length(x)', tolower)"), []);
    }

    #[test]
    fn deprecated_fields_are_found_everywhere() {
        assert_eq!(hints("evt.dir = <"), [(0, "`evt.dir` is deprecated".to_owned())]);
        assert_eq!(hints("a or not (len(evt.latency) > 1)").len(), 1);
        assert_eq!(hints("proc.pid < val(evt.latency.ns)")[0].0, 15);
        assert_eq!(hints("join(',', (evt.wait_latency)) = x").len(), 1);
        assert_eq!(hints("evt.time = 1"), []);
    }

    trait Messages {
        fn concat_messages(&self) -> String;
    }

    impl Messages for Vec<(usize, String)> {
        fn concat_messages(&self) -> String {
            self.iter().map(|(_, message)| &**message).collect()
        }
    }
}
