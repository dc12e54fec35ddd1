//! What Vigie says of itself: results on standard output, the rest on standard error.

use std::io::Write;

/// How much a line of status matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// For whoever looks.
    Info,
    /// Something does not work as it should.
    Warning,
    /// What was asked for cannot be done.
    Error,
}

/// Writes a command's result to standard output. A closed one is its reader's choice.
pub fn print(text: &str) {
    drop(std::io::stdout().lock().write_all(text.as_bytes()));
}

/// Writes one line about the sensor itself to standard error. A closed standard error is nobody's loss.
pub fn status(severity: Severity, text: &str) {
    let mark = match severity {
        Severity::Info => "",
        Severity::Warning => "warning: ",
        Severity::Error => "error: ",
    };
    drop(writeln!(std::io::stderr().lock(), "vigie: {mark}{text}"));
}
