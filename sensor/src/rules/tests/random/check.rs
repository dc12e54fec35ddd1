//! A random comparison: its naive meaning, written for plainness and not for speed.

use super::dice::Dice;
use super::expression::Tri;
use super::facts::{ADDRESSES, Fact, Facts, NUMBER_FIELDS, TEXT_FIELDS, TEXTS};

/// Lists that conditions name.
pub(super) const LISTS: [(&str, &[&str]); 3] =
    [("letters", &["a", "b", "ab"]), ("paths", &["/etc", "/var/a b", "x=(y)"]), ("nothing", &[])];

/// The items of a list as YAML writes them.
pub(super) fn items(items: &[&str]) -> String {
    items.iter().map(|item| format!("'{item}'")).collect::<Vec<_>>().join(", ")
}

#[derive(Debug)]
pub(super) struct Check {
    left: Left,
    test: Test,
}

/// What is compared.
#[derive(Debug)]
enum Left {
    Field(&'static str),
    /// A transformer of one text.
    Call(&'static str, &'static str),
    /// `concat(field, "x", field)`
    Concat(&'static str, &'static str),
}

#[derive(Debug)]
enum Test {
    Exists,
    Truth(bool, bool),
    Number(&'static str, i64),
    NumberIn(Vec<i64>),
    Text(&'static str, &'static str),
    In(&'static str, Vec<&'static str>),
    InList(&'static str, usize),
    Each(&'static str, &'static str, Vec<&'static str>),
    Against(&'static str, &'static str),
    Ends(&'static str, Vec<&'static str>),
}

const TEXT_OPERATORS: [&str; 14] = [
    "regex",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "contains",
    "icontains",
    "startswith",
    "endswith",
    "glob",
    "iglob",
];
const NUMBER_OPERATORS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
/// What they hold is told by the text of an address.
const NETWORKS: [&str; 4] = ["10.0.0.0/16", "10.0.7.0/24", "192.168.0.0/16", "2001:db8::/32"];
const PATTERNS: [&str; 8] = ["*", "a*", "?b", "/etc/*", "*/?", "/*b", "ab", "*A*"];

impl Check {
    pub(super) fn random(dice: &mut Dice) -> Self {
        let texts = |dice: &mut Dice| (0..dice.below(4)).map(|_| dice.pick(&TEXTS)).collect::<Vec<_>>();
        match dice.below(11) {
            10 => Self::ends(dice),
            0 => {
                Self { left: Left::Field("evt.failed"), test: Test::Truth(dice.once_in(2), dice.once_in(2)) }
            }
            1 => Self::number(dice),
            2 => {
                let field = dice.pick(&["vigie.proc.argv", "proc.aname"]);
                let operator = dice.pick(&["in", "intersects"]);
                let test = if dice.once_in(5) { Test::Exists } else { Test::In(operator, texts(dice)) };
                Self { left: Left::Field(field), test }
            }
            3 => Self { left: Left::Field("proc.aname"), test: text_test(dice) },
            4 => Self {
                left: text_left(dice),
                test: Test::In(dice.pick(&["in", "intersects", "pmatch"]), texts(dice)),
            },
            5 => Self {
                left: text_left(dice),
                test: Test::InList(dice.pick(&["in", "pmatch"]), dice.below(3)),
            },
            6 => {
                let modifier = dice.pick(&["oneof", "anyof", "allof"]);
                let operator = dice.pick(&["=", "!=", "contains", "startswith", "endswith", "glob"]);
                Self { left: text_left(dice), test: Test::Each(operator, modifier, texts(dice)) }
            }
            7 => {
                let operator =
                    dice.pick(&["=", "!=", "<", ">=", "contains", "startswith", "icontains", "in"]);
                Self { left: text_left(dice), test: Test::Against(operator, dice.pick(&TEXT_FIELDS)) }
            }
            _ => Self { left: text_left(dice), test: text_test(dice) },
        }
    }

    fn ends(dice: &mut Dice) -> Self {
        let (field, choices) = dice.pick(&[("fd.ip", &ADDRESSES), ("fd.net", &NETWORKS)]);
        let operator = dice.pick(&["=", "!=", "in", "intersects"]);
        let wanted = if ["=", "!="].contains(&operator) { 1 } else { dice.below(3) };
        let wanted = (0..wanted).map(|_| dice.pick(choices)).collect();
        Self { left: Left::Field(field), test: Test::Ends(operator, wanted) }
    }

    fn number(dice: &mut Dice) -> Self {
        let number = |dice: &mut Dice| i64::try_from(dice.below(5)).unwrap() - 2;
        let left = match dice.below(4) {
            0 => Left::Call("len", dice.pick(&TEXT_FIELDS)),
            1 => Left::Call("len", "vigie.proc.argv"),
            _ => Left::Field(dice.pick(&NUMBER_FIELDS)),
        };
        let test = match dice.below(4) {
            0 => Test::NumberIn((0..dice.below(3)).map(|_| number(dice)).collect()),
            _ => Test::Number(dice.pick(&NUMBER_OPERATORS), number(dice)),
        };
        Self { left, test }
    }

    pub(super) fn write(&self) -> String {
        let left = match &self.left {
            Left::Field(field) => (*field).to_owned(),
            Left::Call(name, field) => format!("{name}({field})"),
            Left::Concat(one, two) => format!("concat({one}, \"x\", {two})"),
        };
        let quoted = |texts: &[&str]| texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", ");
        match &self.test {
            Test::Exists => format!("{left} exists"),
            Test::Truth(equal, wanted) => format!("{left} {} {wanted}", if *equal { "=" } else { "!=" }),
            Test::Number(operator, number) => format!("{left} {operator} {number}"),
            Test::NumberIn(numbers) => {
                let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                format!("{left} in ({})", numbers.join(", "))
            }
            Test::Text("regex", pattern) => {
                format!("{left} regex \"{}\"", pattern.replace('*', ".*").replace('?', "."))
            }
            Test::Text(operator, text) => format!("{left} {operator} {}", quote(text)),
            Test::In(operator, texts) => format!("{left} {operator} ({})", quoted(texts)),
            Test::InList(operator, list) => format!("{left} {operator} ({})", LISTS[*list].0),
            Test::Each(operator, modifier, texts) => {
                format!("{left} {operator} {modifier} ({})", quoted(texts))
            }
            Test::Against(operator, field) => format!("{left} {operator} val({field})"),
            Test::Ends(operator @ ("=" | "!="), wanted) => format!("{left} {operator} \"{}\"", wanted[0]),
            Test::Ends(operator, wanted) => {
                let wanted: Vec<_> = wanted.iter().map(|one| format!("\"{one}\"")).collect();
                format!("{left} {operator} ({})", wanted.join(", "))
            }
        }
    }

    pub(super) fn judge(&self, facts: &Facts) -> Tri {
        self.test.judge(&self.left.fact(facts), facts)
    }
}

/// Bare where that is possible: both ways of writing are to mean the same.
fn quote(text: &str) -> String {
    let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '/');
    if bare { text.to_owned() } else { format!("\"{text}\"") }
}

fn text_left(dice: &mut Dice) -> Left {
    let field = dice.pick(&TEXT_FIELDS);
    match dice.below(8) {
        0 => Left::Call("tolower", field),
        1 => Left::Call("toupper", field),
        2 => Left::Call("basename", field),
        3 => Left::Concat(field, dice.pick(&TEXT_FIELDS)),
        _ => Left::Field(field),
    }
}

fn text_test(dice: &mut Dice) -> Test {
    match dice.pick(&TEXT_OPERATORS) {
        _ if dice.once_in(12) => Test::Exists,
        operator @ ("glob" | "iglob" | "regex") => Test::Text(operator, dice.pick(&PATTERNS)),
        operator => Test::Text(operator, dice.pick(&TEXTS)),
    }
}

impl Left {
    fn fact(&self, facts: &Facts) -> Fact {
        let text = |field: &str, change: &dyn Fn(&str) -> Fact| {
            if let Fact::Text(text) = facts.get(field) { change(text) } else { facts.get(field).clone() }
        };
        match self {
            Self::Field(field) => facts.get(field).clone(),
            Self::Call("len", field @ "vigie.proc.argv") => {
                let Fact::List(texts) = facts.get(field) else { panic!("{field} is always there") };
                Fact::Number(i64::try_from(texts.len()).unwrap())
            }
            Self::Call("len", field) => text(field, &|text| Fact::Number(i64::try_from(text.len()).unwrap())),
            Self::Call("tolower", field) => text(field, &|text| Fact::Text(text.to_lowercase())),
            Self::Call("toupper", field) => text(field, &|text| Fact::Text(text.to_uppercase())),
            Self::Call(_, field) => {
                text(field, &|text| Fact::Text(text.rsplit('/').next().unwrap_or_default().to_owned()))
            }
            Self::Concat(one, two) => match (facts.get(one), facts.get(two)) {
                (Fact::Text(one), Fact::Text(two)) => Fact::Text(format!("{one}x{two}")),
                // The first argument that is not there decides.
                (Fact::Text(_), absent) | (absent, _) => absent.clone(),
            },
        }
    }
}

impl Test {
    fn judge(&self, fact: &Fact, facts: &Facts) -> Tri {
        match fact {
            Fact::Missing => return Tri::False,
            Fact::Pending if self.right_is_missing(facts) => return Tri::False,
            Fact::Pending => return Tri::Open,
            Fact::OneOf(alternatives) => {
                return Tri::any(alternatives.iter().map(|one| self.judge(one, facts)));
            }
            Fact::Truth(_) | Fact::Number(_) | Fact::Text(_) | Fact::List(_) | Fact::Ends(_) => {}
        }
        let Self::Against(operator, field) = self else { return Tri::of(self.holds(fact)) };
        let right = facts.get(field);
        if *right == Fact::Pending {
            return Tri::Open;
        }
        let (Fact::Text(left), Fact::Text(right)) = (fact, right) else { return Tri::False };
        Tri::of(holds(operator, left, right))
    }

    fn right_is_missing(&self, facts: &Facts) -> bool {
        matches!(self, Self::Against(_, field) if *facts.get(field) == Fact::Missing)
    }

    /// Of a single value and of a list, compared with constants.
    fn holds(&self, fact: &Fact) -> bool {
        match (self, fact) {
            (Self::Ends(operator, wanted), Fact::Ends(ends)) => {
                let is_wanted = |end: &&str| wanted.iter().any(|one| leads(one, end));
                if *operator == "!=" { !ends.iter().any(is_wanted) } else { ends.iter().any(is_wanted) }
            }
            (Self::Exists, Fact::List(texts)) => !texts.is_empty(),
            (Self::Exists, _) => true,
            (Self::Truth(equal, wanted), Fact::Truth(truth)) => (truth == wanted) == *equal,
            (Self::Number(operator, wanted), Fact::Number(number)) => compares(operator, number, wanted),
            (Self::NumberIn(numbers), Fact::Number(number)) => numbers.contains(number),
            (Self::Text(operator, wanted), Fact::Text(text)) => holds(operator, text, wanted),
            (Self::In(operator, texts), _) => within(operator, fact, texts),
            (Self::InList(operator, list), _) => within(operator, fact, LISTS[*list].1),
            (Self::Each(operator, modifier, texts), Fact::Text(text)) => {
                let holding = texts.iter().filter(|wanted| holds(operator, text, wanted)).count();
                match *modifier {
                    "oneof" => holding == 1,
                    "anyof" => holding > 0,
                    _ => !texts.is_empty() && holding == texts.len(),
                }
            }
            _ => false,
        }
    }
}

fn within(operator: &str, fact: &Fact, texts: &[&str]) -> bool {
    match (operator, fact) {
        ("in", Fact::List(elements)) => {
            !elements.is_empty() && elements.iter().all(|element| texts.contains(&element.as_str()))
        }
        (_, Fact::List(elements)) => elements.iter().any(|element| texts.contains(&element.as_str())),
        ("pmatch", Fact::Text(text)) => texts.iter().any(|path| leads_to(path, text)),
        (_, Fact::Text(text)) => texts.contains(&text.as_str()),
        _ => false,
    }
}

fn compares<T: PartialOrd + ?Sized>(operator: &str, left: &T, right: &T) -> bool {
    match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        _ => left >= right,
    }
}

fn holds(operator: &str, text: &str, wanted: &str) -> bool {
    match operator {
        "contains" => text.contains(wanted),
        "icontains" => text.to_lowercase().contains(&wanted.to_lowercase()),
        "startswith" => text.starts_with(wanted),
        "endswith" => text.ends_with(wanted),
        "glob" | "regex" => glob(wanted.as_bytes(), text.as_bytes()),
        "iglob" => glob(wanted.to_lowercase().as_bytes(), text.to_lowercase().as_bytes()),
        "in" => text == wanted,
        _ => compares(operator, text, wanted),
    }
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|skipped| glob(rest, &text[skipped..])),
        ([b'?', rest @ ..], [_, text @ ..]) => glob(rest, text),
        ([wanted, rest @ ..], [found, text @ ..]) => wanted == found && glob(rest, text),
        _ => false,
    }
}

fn leads_to(path: &str, text: &str) -> bool {
    let parts =
        |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (path, text) = (parts(path), parts(text));
    text.len() >= path.len() && text[..path.len()] == path[..]
}

/// Whether an address is this one, or in this network: of these few it shows in how they begin.
fn leads(wanted: &str, address: &str) -> bool {
    match wanted {
        "10.0.0.0/16" => address.starts_with("10.0."),
        "10.0.7.0/24" => address.starts_with("10.0.7."),
        "192.168.0.0/16" => address.starts_with("192.168."),
        "2001:db8::/32" => address.starts_with("2001:db8:"),
        one => one == address,
    }
}
