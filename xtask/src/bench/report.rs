//! The bench's figures: read from the load's lines, written as tables.

use anyhow::{Context as _, Result};

use super::configuration::Configuration;
use crate::progress::note;
use crate::workspace::Workspace;

/// Two lines of docs/performance.md; what is between them belongs to a bench.
pub(super) struct Marks {
    begin: &'static str,
    end: &'static str,
}

/// The marks of the bench in a guest.
pub(super) const WHOLE: Marks = Marks { begin: "<!-- bench: begin -->", end: "<!-- bench: end -->" };
/// The marks of the engine's bench.
pub(super) const ENGINE: Marks =
    Marks { begin: "<!-- bench engine: begin -->", end: "<!-- bench engine: end -->" };
/// The marks of the guard's bench.
pub(super) const GUARD: Marks =
    Marks { begin: "<!-- bench guard: begin -->", end: "<!-- bench guard: end -->" };

/// Instructions per operation: of the whole guest, and of the sensor's process alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    pub(super) whole: f64,
    pub(super) sensor: f64,
}

/// The operations measured, in the order of the tables.
const OPERATIONS: [&str; 3] = ["exec", "bare-exec", "open"];

/// The cost of each operation.
pub(super) type Costs = [Cost; OPERATIONS.len()];

/// What one boot has measured so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Figures {
    costs: [Option<Cost>; OPERATIONS.len()],
}

/// The figures of a configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) configuration: Configuration,
    pub(super) costs: Costs,
}

impl Figures {
    /// Takes `guest-load: <operation> <whole> <sensor>`; other lines are no figures.
    pub(super) fn add_line(&mut self, line: &[u8]) {
        let Some(text) = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("guest-load: "))
        else {
            return;
        };
        let mut words = text.split_whitespace();
        let name = words.next();
        let mut number = || words.next().and_then(|word| word.parse().ok());
        if let (Some(whole), Some(sensor)) = (number(), number()) {
            let places = OPERATIONS.iter().zip(&mut self.costs);
            for (_, place) in places.filter(|(operation, _)| name == Some(operation)) {
                *place = Some(Cost { whole, sensor });
            }
        }
    }

    /// All costs, once all are known.
    pub(super) fn complete(self) -> Option<Costs> {
        let [exec, bare_exec, open] = self.costs;
        Some([exec?, bare_exec?, open?])
    }
}

/// The table of totals, and the one of differences when the ladder was measured.
pub(super) fn tables(rows: &[Row]) -> String {
    let mut text = totals(rows);
    if rows.iter().any(|row| row.configuration.is_rung()) {
        text.push('\n');
        text.push_str(&ladder(rows));
    }
    text
}

fn totals(rows: &[Row]) -> String {
    let mut table = Table::new("Configuration", &["over none", "in the sensor's process"]);
    if let Some(base) = rows.first() {
        for row in rows {
            let cells = row.costs.iter().zip(&base.costs).map(|(cost, base)| {
                let over = 100.0 * (cost.whole / base.whole - 1.0);
                format!("{} | {over:+.1} % | {}", thousands(cost.whole), thousands(cost.sensor))
            });
            table.add(row.configuration.name(), cells);
        }
    }
    table.finish()
}

fn ladder(rows: &[Row]) -> String {
    let mut table = Table::new("Where they go", &["of none"]);
    let mut rungs = rows.iter();
    if let Some(base) = rungs.next() {
        let mut below = base;
        for row in rungs {
            if let Some(part) = row.configuration.added_part() {
                let costs = row.costs.iter().zip(&below.costs).zip(&base.costs);
                let cells = costs.map(|((cost, below), base)| {
                    let added = cost.whole - below.whole;
                    format!("{} | {:+.1} %", thousands(added), 100.0 * added / base.whole)
                });
                table.add(part, cells);
                below = row;
            }
        }
    }
    table.finish()
}

/// A Markdown table with a group of columns for each operation.
struct Table {
    lines: Vec<String>,
}

impl Table {
    fn new(first: &str, further: &[&str]) -> Self {
        let columns = OPERATIONS.iter().flat_map(|operation| std::iter::once(operation).chain(further));
        let columns: Vec<&str> = columns.copied().collect();
        let rule = "--:|".repeat(columns.len());
        Self { lines: vec![format!("| {first} | {} |", columns.join(" | ")), format!("|---|{rule}")] }
    }

    fn add(&mut self, first: &str, cells: impl Iterator<Item = String>) {
        let cells: Vec<String> = cells.collect();
        self.lines.push(format!("| {first} | {} |", cells.join(" | ")));
    }

    fn finish(self) -> String {
        self.lines.join("\n") + "\n"
    }
}

/// `718.3k`, `9.97k`, `0.05k`.
fn thousands(instructions: f64) -> String {
    let value = instructions / 1000.0;
    if value.abs() >= 100.0 { format!("{value:.1}k") } else { format!("{value:.2}k") }
}

/// Puts `report` between the marks of docs/performance.md.
pub(super) fn write(workspace: &Workspace, marks: &Marks, report: &str) -> Result<()> {
    let path = workspace.root.join("docs/performance.md");
    let page = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let page = insert(&page, marks, report)?;
    std::fs::write(&path, page).with_context(|| format!("writing {}", path.display()))?;
    note(format_args!("written to {}", path.display()));
    Ok(())
}

/// `page` with `report` between the two marks.
fn insert(page: &str, Marks { begin, end }: &Marks, report: &str) -> Result<String> {
    let (head, rest) =
        page.split_once(begin).with_context(|| format!("docs/performance.md has no line {begin}"))?;
    let (_, tail) = rest.split_once(end).with_context(|| format!("docs/performance.md has no line {end}"))?;
    Ok(format!("{head}{begin}\n\n{report}\n{end}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(configuration: Configuration, exec: f64, open: f64) -> Row {
        Row { configuration, costs: [exec, exec / 2.0, open].map(|whole| Cost { whole, sensor: 0.0 }) }
    }

    #[test]
    fn figures_come_from_the_loads_lines_only() {
        let mut figures = Figures::default();
        figures.add_line(b"guest-load: exec 718000.5 0.0");
        figures.add_line(b"guest-load: starting");
        figures.add_line(b"exec 1 1");
        assert_eq!(figures.complete(), None);
        figures.add_line(b"guest-load: open 9970.0 12.5");
        assert_eq!(figures.complete(), None);
        figures.add_line(b"guest-load: bare-exec 300000 0");
        let [exec, bare_exec, open] = figures.complete().unwrap();
        assert_eq!(bare_exec, Cost { whole: 300_000.0, sensor: 0.0 });
        assert_eq!(exec, Cost { whole: 718_000.5, sensor: 0.0 });
        assert_eq!(open, Cost { whole: 9970.0, sensor: 12.5 });
    }

    #[test]
    fn totals_are_relative_to_the_first_row() {
        let rows =
            [row(Configuration::Nothing, 700_000.0, 10_000.0), row(Configuration::Vigie, 770_000.0, 9_500.0)];
        let text = tables(&rows);
        assert!(
            text.ends_with(
                "| vigie | 770.0k | +10.0 % | 0.00k | 385.0k | +10.0 % | 0.00k | 9.50k | -5.0 % | 0.00k |\n"
            ),
            "{text}"
        );
        assert!(!text.contains("Where they go"));
    }

    #[test]
    fn the_ladder_shows_differences_against_the_rung_below() {
        let rows = [
            row(Configuration::Nothing, 700_000.0, 10_000.0),
            row(Configuration::NothingAgain, 701_000.0, 10_000.0),
            row(Configuration::KernelOnly, 707_000.0, 10_100.0),
            row(Configuration::Ring, 714_000.0, 10_100.0),
        ];
        let text = tables(&rows);
        assert!(
            text.contains("| kernel programs | 7.00k | +1.0 % | 3.50k | +1.0 % | 0.10k | +1.0 % |\n"),
            "{text}"
        );
        assert!(
            text.ends_with("| transport | 7.00k | +1.0 % | 3.50k | +1.0 % | 0.00k | +0.0 % |\n"),
            "{text}"
        );
    }

    #[test]
    fn only_the_marked_part_of_the_page_changes() {
        let Marks { begin, end } = ENGINE;
        let page = format!("before\n{begin}\nold\n{end}\nafter\n");
        let page = insert(&page, &ENGINE, "new").unwrap();
        assert_eq!(page, format!("before\n{begin}\n\nnew\n{end}\nafter\n"));
        assert_eq!(insert(&page, &ENGINE, "new").unwrap(), page);
        insert(&page, &WHOLE, "new").unwrap_err();
    }
}
