//! Progress lines: what is being done, and how long it took.

use std::fmt::Display;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Announces `what`, does `work`, and says how it ended and after how long. Lines go to standard error.
pub(crate) fn step<T>(what: impl Display, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {what}");
    let start = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done in" } else { "failed after" };
    eprintln!("    {outcome} {}", elapsed(start.elapsed()));
    result
}

/// One more line about the step under way.
pub(crate) fn note(what: impl Display) {
    eprintln!("    {what}");
}

/// `0.12 s`, `7.3 s` or `4 min 05 s`.
pub(crate) fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{:.2} s", time.as_secs_f64()),
        1..=99 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_fits_its_size() {
        assert_eq!(elapsed(Duration::from_millis(120)), "0.12 s");
        assert_eq!(elapsed(Duration::from_millis(7_300)), "7.3 s");
        assert_eq!(elapsed(Duration::from_secs(245)), "4 min 05 s");
    }
}
