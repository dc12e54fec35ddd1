//! Whether each action raised what it had to.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::action::Action;
use crate::alert::Alert;
use crate::stage::Doer;

/// A line for everything that is missing.
pub(crate) fn failures(
    actions: &[&Action],
    done: &[Result<Doer>],
    ours: &[Alert],
    upstream: Option<&[Alert]>,
) -> Vec<String> {
    let of = |(action, done): (&&Action, &Result<Doer>)| match done {
        Err(error) => vec![format!("{}: not done: {error:#}", action.name)],
        Ok(doer) => {
            let ours = action.ours.iter().filter_map(|rule| missing(action, doer, ours, rule));
            let upstream = upstream.and_then(|alerts| missing(action, doer, alerts, action.upstream));
            ours.chain(upstream).collect()
        }
    };
    actions.iter().zip(done).flat_map(of).collect()
}

fn missing(action: &Action, doer: &Doer, alerts: &[Alert], rule: &str) -> Option<String> {
    let raised = alerts.iter().any(|alert| alert.rule() == rule && alert.is_about(doer, action.by));
    (!raised).then(|| {
        let others: BTreeSet<&str> =
            alerts.iter().filter(|alert| alert.is_about(doer, "")).map(Alert::rule).collect();
        let same = alerts.iter().find(|alert| alert.rule() == rule).map(ToString::to_string);
        format!(
            "{}: {doer:?} raised no `{rule}`; it raised {others:?}; of this rule there is {}",
            action.name,
            same.as_deref().unwrap_or("no alert")
        )
    })
}
