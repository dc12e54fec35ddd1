//! The figures of the engine's bench: read from what the programs print, written as tables.

use std::fmt::Write as _;

/// What the example prints about one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Timed {
    rules: f64,
    events: f64,
    matches: f64,
    load_seconds: f64,
    judge_seconds: f64,
}

impl Timed {
    /// Takes the lines `engine-bench: <name> <number>`; `None` if one is missing.
    pub(super) fn read(printed: &str) -> Option<Self> {
        let figure = |name: &str| {
            let lines = printed.lines().filter_map(|line| line.strip_prefix("engine-bench: "));
            lines.filter_map(|line| line.split_once(' ')).find(|(known, _)| *known == name)?.1.parse().ok()
        };
        Some(Self {
            rules: figure("rules")?,
            events: figure("events")?,
            matches: figure("matches")?,
            load_seconds: figure("load-seconds")?,
            judge_seconds: figure("judge-seconds")?,
        })
    }
}

/// The figures of one rule set.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) timed: Timed,
    /// Per event.
    pub(super) instructions: f64,
}

/// The instructions that a profile of callgrind sums up; `None` if it has none.
pub(super) fn total(profile: &str) -> Option<f64> {
    let sum = |label| profile.lines().find_map(|line| line.strip_prefix(label)?.trim().parse().ok());
    sum("totals:").or_else(|| sum("summary:")).filter(|total: &f64| *total > 0.0)
}

/// The table for the terminal.
pub(super) fn with_times(rows: &[Row]) -> String {
    let mut text =
        "| Rule set | rules | load | events/s | matches in 1,000 events | instructions per event |\n\
                    |---|--:|--:|--:|--:|--:|\n"
            .to_owned();
    for Row { name, timed, instructions } in rows {
        // Writing to a text cannot fail.
        writeln!(
            text,
            "| {name} | {} | {:.1} ms | {:.0}k | {:.2} | {instructions:.0} |",
            timed.rules,
            timed.load_seconds * 1e3,
            timed.events / timed.judge_seconds / 1e3,
            timed.matches / timed.events * 1e3,
        )
        .ok();
    }
    text
}

/// The table for the page: what any host would find.
pub(super) fn without_times(rows: &[Row], counted: u32) -> String {
    let mut text = format!(
        "Vigie {}, {counted} events per rule set.\n\n\
         | Rule set | rules | instructions per event | of the first |\n|---|--:|--:|--:|\n",
        env!("CARGO_PKG_VERSION")
    );
    let first = rows.first().map_or(1.0, |row| row.instructions);
    for Row { name, timed, instructions } in rows {
        let ratio = instructions / first;
        // Writing to a text cannot fail.
        writeln!(text, "| {name} | {} | {instructions:.0} | {ratio:.2} |", timed.rules).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "engine-bench: rules 93\nengine-bench: events 1000\nengine-bench: matches 2\n\
                           engine-bench: load-seconds 0.05\nengine-bench: judge-seconds 0.001\n";

    #[test]
    fn rates_follow_from_what_the_program_prints() {
        let timed = Timed::read(PRINTED).unwrap();
        let rows = [Row { name: "some".to_owned(), timed, instructions: 1234.4 }];
        let text = with_times(&rows);
        assert!(text.ends_with("| some | 93 | 50.0 ms | 1000k | 2.00 | 1234 |\n"), "{text}");
        assert_eq!(Timed::read("engine-bench: rules 93\n"), None);
    }

    #[test]
    fn the_page_has_ratios_and_no_times() {
        let timed = Timed::read(PRINTED).unwrap();
        let row = |name: &str, instructions| Row { name: name.to_owned(), timed, instructions };
        let text = without_times(&[row("a", 1000.0), row("b", 2500.0)], 20_000);
        assert!(text.ends_with("| a | 93 | 1000 | 1.00 |\n| b | 93 | 2500 | 2.50 |\n"), "{text}");
        assert!(!text.contains("ms"));
    }

    #[test]
    fn callgrinds_total_is_found_and_nothing_is_no_total() {
        assert_eq!(total("events: Ir\nsummary: 12\n\ntotals: 345678\n"), Some(345_678.0));
        assert_eq!(total("events: Ir\nsummary: 12\n"), Some(12.0));
        assert_eq!(total("totals: 0\n"), None);
        assert_eq!(total(""), None);
    }
}
