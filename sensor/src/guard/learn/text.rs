//! Groups of requests as rules in YAML.

use super::{
    Counts,
    group::{From, Group, Groups, HOST_ACCESS, Key, Values},
};

/// Facts by whose values a rule is narrowed, where every request of its group had one.
const NARROWING: [&str; 3] = ["docker.create.image", "docker.target.image", "docker.image.name"];

/// The whole file.
pub(super) fn file(groups: &Groups, counts: Counts) -> String {
    let rules =
        groups.0.iter().enumerate().map(|(index, (key, group))| rule(index.saturating_add(1), key, group));
    std::iter::once(head(groups, counts)).chain(rules).collect::<Vec<_>>().join("\n")
}

fn head(groups: &Groups, counts: Counts) -> String {
    let Counts { records, denied, unlearnable, unreadable } = counts;
    let mut text = vec![format!(
        "# Proposed by `vigie guard learn`: {} rules for {} of {denied} denied requests, {records} in all.\n\
         # Read every rule before you use it: whoever attacked while the log was written is in here too.\n\
         # These rules have to come before those that deny: the first one that matches decides.\n",
        groups.0.len(),
        denied.saturating_sub(unlearnable),
    )];
    if unlearnable > 0 {
        text.push(format!(
            "# {unlearnable} denied requests have no rule here: their caller, its image or their operation is not known.\n"
        ));
    }
    if unreadable > 0 {
        text.push(format!("# {unreadable} lines are no records of the guard.\n"));
    }
    text.concat()
}

fn rule(number: usize, key: &Key, group: &Group) -> String {
    let from = match &key.from {
        From::Host => "the host".to_owned(),
        From::Image(image) => format!("image {image}"),
    };
    let name = format!("Learnt {number}: {} by {} from {from}", key.operation, key.exe);
    let denied_by = group.rules.iter().map(|(rule, count)| format!("{rule} ({count})"));
    let desc = format!("{} requests denied by {}.", group.count, denied_by.collect::<Vec<_>>().join(", "));
    let condition = conditions(key, group).join("\n    and ");
    format!(
        "- rule: {}\n  desc: {}\n{}  condition: >-\n    {condition}\n  output: >-\n    Allowed as learnt \
         (user=%user.name exe=%proc.exepath command=%proc.cmdline container=%container.name)\n  \
         priority: Informational\n  source: docker\n  action: allow\n  tags: [guard, learnt]\n",
        yaml(&name),
        yaml(&desc),
        comments(group),
    )
}

/// What a request has to be like, joined by `and`.
fn conditions(key: &Key, group: &Group) -> Vec<String> {
    let mut conditions = vec![
        format!("docker.operation = {}", quoted(&key.operation)),
        format!("proc.exepath = {}", quoted(&key.exe)),
    ];
    conditions.push(match &key.from {
        From::Host => "container.id = host".to_owned(),
        From::Image(image) => format!("container.image.repository = {}", quoted(image)),
    });
    conditions.push(if key.access.is_empty() {
        format!("not {HOST_ACCESS} exists")
    } else {
        format!("{HOST_ACCESS} in {}", list(key.access.iter().map(String::as_str)))
    });
    for name in NARROWING {
        let values = group.facts.get(name).and_then(|values| values.all_of(group.count));
        conditions.extend(values.map(|values| format!("{name} in {}", list(values))));
    }
    conditions
}

/// When, by whom, and what else there was: for whoever reads the rule.
fn comments(group: &Group) -> String {
    let mut lines = vec![format!("first {}, last {}", group.first, group.last)];
    lines.push(format!("user.name: {}", values(&group.users)));
    lines.extend(group.facts.iter().map(|(name, found)| format!("{name}: {}", values(found))));
    lines.iter().map(|line| format!("  # {}\n", plain(line))).collect::<Vec<_>>().concat()
}

fn values(values: &Values) -> String {
    let mut texts: Vec<_> = values.counts.iter().map(|(value, count)| format!("{value} ({count})")).collect();
    texts.extend(values.more.then(|| "and more".to_owned()));
    texts.join(", ")
}

/// A text of the rule language. What is not printable ASCII is written by its bytes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.extend(format!("\\x{byte:02x}").chars()),
        }
    }
    out.push('"');
    out
}

fn list(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    format!("({})", texts.map(|text| quoted(text.as_ref())).collect::<Vec<_>>().join(", "))
}

/// A text of YAML: one of JSON is.
fn yaml(text: &str) -> String {
    serde_json::Value::from(plain(text)).to_string()
}

/// On one line, whatever is in it.
fn plain(text: &str) -> String {
    let is_plain = |c: char| matches!(c, ' '..='~') || c.is_alphanumeric();
    text.chars().flat_map(|c| if is_plain(c) { vec![c] } else { c.escape_unicode().collect() }).collect()
}
