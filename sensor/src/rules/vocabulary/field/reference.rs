//! The fields as people read about them: a page of the documentation and a table for the terminal.

use std::fmt::Write;

use super::{Argument, DOMAINS, Field, Flags, TABLE};
use crate::rules::yaml::excerpt;

/// Titles of the domains, in their order.
const TITLES: [&str; 12] = [
    "Event",
    "Process",
    "Thread",
    "User and group",
    "Descriptor and file",
    "Connection",
    "DNS",
    "Path",
    "File integrity",
    "Container",
    "Kubernetes",
    "Docker",
];

const INTRODUCTION: &str = "\
# Fields

Names that a condition or an output may use. All of Falco's are known, with their types, so that its rules load;
those that no event feeds in this version are marked *no*, are always missing, and satisfy no comparison.
`vigie rules check` names the rules that cannot fire for that reason. Fields under `vigie.` and `docker.` are our own;
the latter are for rules with `source: docker` alone.

`[n]` is an index, `[key]` a name; in brackets of their own they may be left out. A field with `ends` stands for
both ends of a connection: one of them has to satisfy the comparison, and both for `!=`.

This page is generated from the program's registry of fields.
";

/// Every field, as Markdown; `is_fed` says whether an event feeds it.
pub fn reference(is_fed: fn(&Field) -> bool) -> String {
    let mut page = INTRODUCTION.to_owned();
    for (title, rows) in TITLES.iter().zip(DOMAINS) {
        page.push_str(&section(title, rows, is_fed));
    }
    page
}

fn section(title: &str, rows: &[Field], is_fed: fn(&Field) -> bool) -> String {
    let mut text = format!("\n## {title}\n\n| Field | Type | Fed | |\n| --- | --- | --- | --- |\n");
    let mut names: Vec<_> = rows.iter().map(|row| row.name).collect();
    names.sort_unstable();
    for field in names.into_iter().filter_map(super::find) {
        text.push_str(&line(field, is_fed));
    }
    text
}

fn line(field: &Field, is_fed: fn(&Field) -> bool) -> String {
    let fed = if is_fed(field) { "yes" } else { "no" };
    let doc = field.doc.replace('|', "\\|");
    format!("| `{}{}` | {} | {fed} | {doc}{} |\n", field.name, argument(field), kind(field), remarks(field))
}

fn argument(field: &Field) -> &'static str {
    match field.argument {
        Argument::None => "",
        Argument::OptionalIndex => "[[n]]",
        Argument::OptionalKey => "[[key]]",
        Argument::RequiredKey => "[key]",
    }
}

fn kind(field: &Field) -> String {
    let of = field.kind.of.name();
    match (field.kind.list, field.kind.ends) {
        (true, _) => format!("list of {of}s"),
        (false, true) => format!("{of}, ends"),
        (false, false) => of.to_owned(),
    }
}

/// What rules must not do with it.
fn remarks(field: &Field) -> String {
    let said = [
        (Flags::DEPRECATED, " Deprecated."),
        (Flags::FILTER_ONLY, " In conditions only."),
        (Flags::PRINT_ONLY, " In outputs only."),
        (Flags::NO_RIGHT, " Not on the right of an operator."),
        (Flags::NO_TRANSFORMER, " Not in a transformer."),
    ];
    said.iter().filter(|(flag, _)| field.flags.has(*flag)).map(|(_, remark)| *remark).collect()
}

/// The fields whose names start with `prefix`, in columns, for the terminal; `is_fed` says whether an event feeds one.
pub fn table(prefix: Option<&str>, is_fed: fn(&Field) -> bool) -> String {
    let mut fields: Vec<_> =
        TABLE.iter().filter(|field| field.name.starts_with(prefix.unwrap_or_default())).collect();
    fields.sort_unstable_by_key(|field| field.name);
    if fields.is_empty() {
        return format!("no field starts with `{}`\n", excerpt(prefix.unwrap_or_default()));
    }
    let named = |field: &Field| format!("{}{}", field.name, argument(field));
    let width = fields.iter().map(|field| named(field).len()).max().unwrap_or_default();
    let mut text = String::new();
    for field in fields {
        let mark = if is_fed(field) { ' ' } else { '-' };
        let row = (named(field), kind(field), field.doc);
        // Writing to a text cannot fail.
        writeln!(text, "{mark} {:width$}  {:21}  {}", row.0, row.1, row.2).unwrap_or_default();
    }
    text + "Fields marked - are known, but no event feeds them in this version.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::is_fed_at_all as is_fed;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fields.md");

    #[test]
    fn the_documentation_names_every_field_as_the_program_knows_it() {
        if std::env::var_os("VIGIE_BLESS").is_some() {
            std::fs::write(PAGE, reference(is_fed)).unwrap();
        }
        let written = std::fs::read_to_string(PAGE).unwrap_or_default();
        assert!(
            written == reference(is_fed),
            "docs/fields.md is out of date; write it anew with VIGIE_BLESS=1 cargo test -p sensor --lib reference"
        );
    }

    #[test]
    fn what_no_event_feeds_is_marked() {
        assert!(reference(is_fed).contains("| `fd.uid` | text | no |"));
        assert!(reference(is_fed).contains("| `proc.aname[[n]]` | text | yes |"));
        let unfed = TABLE.iter().filter(|field| !is_fed(field)).count();
        assert_eq!(reference(is_fed).matches(" | no | ").count(), unfed);
        assert_eq!(reference(is_fed).matches("\n| `").count(), TABLE.len());
    }

    #[test]
    fn a_table_has_the_fields_of_a_prefix() {
        let table = table(Some("vigie.ns."), is_fed);
        assert_eq!(table.lines().count(), 5);
        assert!(table.starts_with("  vigie.ns.mnt   number "), "{table}");
        assert_eq!(super::table(Some("zebra"), is_fed), "no field starts with `zebra`\n");
        assert!(super::table(None, is_fed).contains("\n- proc.vmsize "));
    }
}
