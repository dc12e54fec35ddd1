//! One line of strace's log: `TID what`, as `-f -o FILE` writes it.
//!
//! With `-xx` every string is written as `\xNN`, so no name of a file can imitate any of this.

/// What a line says of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What<'a> {
    /// A call with its result: `name(arguments) = result`.
    Whole(&'a str),
    /// The beginning of a call during which another thread was heard of.
    Begun(&'a str),
    /// The rest of it.
    Resumed { name: &'a str, rest: &'a str },
    /// The thread took over the number of its leader by an exec: `by` is the number it had.
    Superseded { by: u32 },
    /// The thread ended.
    Ended,
    /// A signal arrived.
    Signal,
}

/// Reads a line; an error says what it was taken for.
pub(super) fn read(line: &str) -> Result<(u32, What<'_>), String> {
    let (tid, rest) = line.split_once(' ').ok_or("no thread")?;
    let tid = tid.parse().map_err(|error| format!("the thread: {error}"))?;
    Ok((tid, what(rest.trim_start())?))
}

fn what(text: &str) -> Result<What<'_>, String> {
    if let Some(note) = text.strip_prefix("+++ ").and_then(|text| text.strip_suffix(" +++")) {
        return end(note);
    }
    if text.starts_with("--- ") && text.ends_with(" ---") {
        return Ok(What::Signal);
    }
    if let Some(text) = text.strip_prefix("<... ") {
        let (name, rest) = text.split_once(" resumed>").ok_or("a call resumed without a name")?;
        return Ok(What::Resumed { name, rest });
    }
    Ok(text
        .strip_suffix(" <unfinished ...>")
        .or_else(|| renumbered(text))
        .map_or(What::Whole(text), What::Begun))
}

/// The beginning of an exec that goes on under the number of the thread's leader; another line says so again.
fn renumbered(text: &str) -> Option<&str> {
    let (begun, leader) = text.strip_suffix(" ...>")?.rsplit_once(" <pid changed to ")?;
    leader.bytes().all(|byte| byte.is_ascii_digit()).then_some(begun)
}

fn end(note: &str) -> Result<What<'_>, String> {
    if let Some(by) = note.strip_prefix("superseded by execve in pid ") {
        return by.parse().map(|by| What::Superseded { by }).map_err(|error| format!("superseded: {error}"));
    }
    let is_end = note.starts_with("exited with ") || note.starts_with("killed by ");
    is_end.then_some(What::Ended).ok_or_else(|| format!("an unknown end: {note}"))
}

#[test]
fn lines_of_every_kind_are_told_apart() {
    let cases = [
        (r#"7 rmdir("\x64") = 0"#, What::Whole(r#"rmdir("\x64") = 0"#)),
        ("7     vfork( <unfinished ...>", What::Begun("vfork(")),
        ("7 execve(NULL <pid changed to 9 ...>", What::Begun("execve(NULL")),
        ("7 <... vfork resumed>) = 9", What::Resumed { name: "vfork", rest: ") = 9" }),
        ("7 +++ superseded by execve in pid 9 +++", What::Superseded { by: 9 }),
        ("7 +++ exited with 127 +++", What::Ended),
        ("7 +++ killed by SIGSEGV (core dumped) +++", What::Ended),
        ("7 --- SIGCHLD {si_signo=17, si_code=0x1} ---", What::Signal),
    ];
    for (line, what) in cases {
        assert_eq!(read(line), Ok((7, what)), "{line}");
    }
}

#[test]
fn lines_of_no_kind_are_refused() {
    for line in ["", "7", "x rmdir(0) = 0", "7 +++ vanished +++", "7 <... vfork) = 0"] {
        assert!(read(line).is_err(), "{line}");
    }
}
