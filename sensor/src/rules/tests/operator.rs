//! Every operator with every type: what it means, and that it is refused where it means nothing.

use std::collections::BTreeSet;

use crate::rules::decimal::Decimal;
use crate::rules::event_type::EventType;
use crate::rules::operator::{Operator, Side};
use crate::rules::rule_set::{RuleSet, Scratch};
use crate::rules::testing::event;
use crate::rules::value::Value;

fn load(condition: &str) -> Result<RuleSet, String> {
    // In a block, so that the condition needs no YAML quotes.
    let text =
        format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: >\n    {condition}\n");
    RuleSet::load(&[("f", text)]).map(|(rules, _)| rules).map_err(|error| error.to_string())
}

fn holds(condition: &str, field: &str, value: &Value<'static>) -> bool {
    let rules = load(condition).unwrap_or_else(|error| panic!("{condition}: {error}"));
    let event = event(&[(field, value.clone())]);
    !rules.evaluate(EventType::OPEN, &event, &mut Scratch::default()).matches.is_empty()
}

/// Every operator as it is written.
fn operators() -> BTreeSet<&'static str> {
    Operator::SYMBOLS.iter().chain(&Operator::WORDS).map(|(_, operator)| operator.name()).collect()
}

/// What is said of one type.
struct Case {
    field: &'static str,
    value: Value<'static>,
    /// The operators that go with it.
    allowed: &'static str,
    /// Operators and right sides that hold for the value.
    yes: &'static [&'static str],
    /// And that do not.
    no: &'static [&'static str],
}

fn words(comparisons: &[&'static str]) -> BTreeSet<&'static str> {
    comparisons.iter().filter_map(|comparison| comparison.split(' ').next()).collect()
}

impl Case {
    fn check(&self) {
        let allowed: BTreeSet<_> = self.allowed.split(' ').collect();
        assert_eq!(words(self.yes), allowed, "every operator is tried");
        let mut but_exists = allowed.clone();
        but_exists.remove("exists");
        assert_eq!(words(self.no), but_exists, "every operator is tried");
        for comparison in self.yes {
            self.judge(comparison, true);
        }
        for comparison in self.no {
            self.judge(comparison, false);
        }
        for operator in operators().difference(&allowed) {
            self.refuse(operator);
        }
    }

    /// Whatever holds for the value, nothing holds for a missing one.
    fn judge(&self, comparison: &str, wanted: bool) {
        let condition = format!("{} {comparison}", self.field);
        let opposite = format!("not {condition}");
        assert_eq!(holds(&condition, self.field, &self.value), wanted, "{condition}");
        assert_eq!(holds(&opposite, self.field, &self.value), !wanted, "{opposite}");
        assert!(!holds(&condition, self.field, &Value::Missing), "{condition}");
        assert!(holds(&opposite, self.field, &Value::Missing), "{opposite}");
    }

    fn refuse(&self, operator: &str) {
        let side = Operator::WORDS.iter().find(|(word, _)| *word == operator).map(|(_, known)| known.right());
        let right = if side == Some(Side::Many) { "(1)" } else { "1" };
        let condition = format!("{} {operator} {right}", self.field);
        let error = load(&condition).unwrap_err();
        let column = "    ".len() + self.field.len() + " ".len() + 1;
        let wanted =
            format!("f:6:{column}: error: operator `{operator}` cannot be used with field `{}`", self.field);
        assert!(error.starts_with(&wanted), "{condition}: {error}");
    }
}

#[test]
fn operators_on_numbers() {
    Case {
        field: "proc.pid",
        value: Value::Number(42),
        allowed: "= != < <= > >= in intersects exists",
        yes: &[
            "= 42",
            "= 0x2A",
            "!= -42",
            "< 43",
            "<= 42",
            "> 41",
            ">= 42",
            "in (1, 42)",
            "intersects (42, 1)",
            "exists",
        ],
        no: &[
            "= 41",
            "!= 42",
            "!= 0x2a",
            "< 42",
            "<= 41",
            "> 42",
            ">= 43",
            "in (1)",
            "in ()",
            "intersects (1)",
        ],
    }
    .check();
}

#[test]
fn operators_on_ports() {
    Case {
        field: "fd.sport",
        value: Value::Number(443),
        allowed: "= != < <= > >= in intersects exists",
        yes: &[
            "= 443",
            "= https",
            "= 0x1bb",
            "!= http",
            "< 444",
            "<= https",
            "> http",
            ">= 443",
            "in (http, https)",
            "intersects (80, 443)",
            "exists",
        ],
        no: &["= http", "!= https", "< 443", "<= http", "> https", ">= 444", "in (80)", "intersects (ssh)"],
    }
    .check();
}

#[test]
fn operators_on_decimals() {
    Case {
        field: "thread.cpu",
        value: Value::Decimal(Decimal::from_millionths(12_500_000)),
        allowed: "= != < <= > >= in intersects exists",
        yes: &[
            "= 12.5",
            "!= 12",
            "< 13",
            "<= 12.50",
            "> 12.499999",
            ">= 12.5",
            "in (1, 12.5)",
            "intersects (12.5)",
            "exists",
        ],
        no: &["= 12", "!= 12.5", "< 12.5", "<= 12.4", "> 12.5", ">= 12.6", "in (12)", "intersects ()"],
    }
    .check();
}

#[test]
fn operators_on_booleans() {
    Case {
        field: "evt.failed",
        value: Value::Bool(true),
        allowed: "= != in intersects exists",
        yes: &["= true", "!= false", "in (false, true)", "intersects (true)", "exists"],
        no: &["= false", "!= true", "in (false)", "in ()", "intersects (false)"],
    }
    .check();
}

#[test]
fn operators_on_text() {
    Case {
        field: "proc.name",
        value: Value::text(b"/Bin/s\xffh"),
        allowed: "= != < <= > >= contains icontains startswith endswith glob iglob regex in intersects pmatch exists",
        yes: &[
            "= \"/Bin/s\\xffh\"",
            "!= /Bin/sh",
            "< /C",
            "<= /C",
            "> /A",
            ">= /Bin",
            "contains in/s",
            "contains \"\"",
            "icontains BIN",
            "startswith /B",
            "endswith \"\\xffh\"",
            "glob /*/s?h",
            "iglob /bin/S?H",
            "regex '/Bin/s.h'",
            "regex '/(Bin|sbin)/[a-z]+.h'",
            "in (sh, \"/Bin/s\\xffh\")",
            "intersects (\"/Bin/s\\xffh\")",
            "pmatch (/usr, /Bin)",
            "pmatch (/B*)",
            "exists",
        ],
        no: &[
            "= /bin/sh",
            "!= \"/Bin/s\\xffh\"",
            "< /A",
            "<= /A",
            "> /C",
            ">= /C",
            "contains bin",
            "icontains bash",
            "startswith Bin",
            "endswith /",
            "glob /Bin",
            "iglob bin*",
            "regex /Bin",
            "regex ''",
            "in (/Bin)",
            "in ()",
            "intersects (sh)",
            "pmatch (/Bi, /bin)",
            "pmatch ()",
        ],
    }
    .check();
}

#[test]
fn operators_on_bytes() {
    Case {
        field: "evt.buffer",
        value: Value::text(b"GET\x01\xca\xfe"),
        allowed: "= != contains bcontains startswith bstartswith endswith in intersects exists",
        yes: &[
            "!= GET",
            "!= \"\"",
            "= \"GET\\x01\\xca\\xfe\"",
            "contains ET",
            "bcontains 01CAfe",
            "bcontains \"\"",
            "startswith GET",
            "bstartswith 4745",
            "endswith \"\\xfe\"",
            "in (x, \"GET\\x01\\xca\\xfe\")",
            "intersects (\"GET\\x01\\xca\\xfe\")",
            "exists",
        ],
        no: &[
            "= GET",
            "!= \"GET\\x01\\xca\\xfe\"",
            "contains cafe",
            "bcontains beef",
            "startswith ET",
            "bstartswith cafe",
            "endswith GET",
            "in (GET)",
            "intersects ()",
        ],
    }
    .check();
}

#[test]
fn operators_on_addresses() {
    Case {
        field: "fd.sip",
        value: Value::Ip("10.0.0.1".parse().unwrap()),
        allowed: "= != in intersects exists",
        yes: &[
            "= 10.0.0.1",
            "= \"::ffff:10.0.0.1\"",
            "!= 10.0.0.2",
            "!= ::1",
            "in (::1, 10.0.0.1)",
            "intersects (10.0.0.1)",
            "exists",
        ],
        no: &["= 10.0.0.2", "= ::1", "!= 10.0.0.1", "in (::1)", "in ()", "intersects (10.0.0.2)"],
    }
    .check();
}

#[test]
fn operators_on_networks() {
    Case {
        field: "fd.snet",
        value: Value::Ip("2001:db8::7".parse().unwrap()),
        allowed: "= != in intersects exists",
        yes: &[
            "= 2001:db8::/32",
            "= 2001:db8::7",
            "!= 10.0.0.0/8",
            "!= 2001:db9::/32",
            "in (10.0.0.0/8, 2001::/16)",
            "intersects (2001:db8::/64)",
            "exists",
        ],
        no: &[
            "= 10.0.0.0/8",
            "= 0.0.0.0/0",
            "!= ::/0",
            "in (10.0.0.0/8, fe80::/10)",
            "intersects (fe80::/10)",
        ],
    }
    .check();
}

#[test]
fn operators_on_lists() {
    Case {
        field: "vigie.proc.argv",
        value: Value::List(vec![Value::from("sh"), Value::from("-c")]),
        allowed: "in intersects exists",
        yes: &["in (-c, sh, x)", "intersects (x, sh)", "exists"],
        no: &["in (sh)", "in ()", "intersects (x)", "intersects ()"],
    }
    .check();
}

#[test]
fn values_of_another_type_are_refused_where_they_stand() {
    for (condition, column, wanted) in [
        ("proc.pid = x", 12, "field `proc.pid` is a number: expected a whole number of 64 bits, found `x`"),
        ("proc.pid = 1.5", 12, "expected a whole number"),
        ("proc.pid in (1, 0x)", 17, "found `0x`"),
        ("fd.sport = zebra", 12, "is a port: expected a number from 0 to 65535 or the name of a service"),
        ("fd.sport = 65536", 12, "found `65536`"),
        ("fd.sport in (1, -1)", 17, "found `-1`"),
        ("thread.cpu > 1.0000001", 14, "is a decimal number: expected a number with at most 6 digits"),
        ("evt.failed = 1", 14, "is a boolean: expected `true` or `false`, found `1`"),
        ("evt.buffer bcontains cafe0", 22, "is a byte buffer: expected an even number of hexadecimal digits"),
        ("evt.buffer bstartswith xy", 24, "found `xy`"),
        (
            "fd.sip = 10.0.0.0/8",
            10,
            "is a single IP address: expected an address such as `10.0.0.1` or `::1`",
        ),
        ("fd.sip in (10.0.0.1, host)", 22, "found `host`"),
        ("fd.snet = 10.0.0.0/33", 11, "is a network: expected a network such as `10.0.0.0/8` or an address"),
        ("proc.name regex 'a('", 17, "not a usable regular expression: unclosed group"),
    ] {
        let error = load(condition).unwrap_err();
        let place = format!("f:6:{}: error: ", column + "    ".len());
        assert!(error.starts_with(&place) && error.contains(wanted), "{condition}: {error}");
    }
}
