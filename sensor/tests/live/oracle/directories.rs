//! The working directory of every thread, which names without a descriptor are relative to. strace does not say it,
//! so it is followed through `chdir`, `fchdir` and the making of threads; wherever strace does say it
//! (`AT_FDCWD</path>`), the two must agree.

use std::collections::HashMap;

use super::{
    made::absolute,
    strace::{Call, Log, Outcome, Thread, Value},
};

/// `AT_FDCWD`, and the flag by which a thread shares its working directory (`CLONE_FS`).
pub(super) const WORKING_DIRECTORY: i64 = -100;
const CLONE_FS: i64 = 0x200;

/// Who is where.
#[derive(Debug)]
pub(super) struct Directories {
    /// Index in `paths`, which threads with one working directory share.
    of: HashMap<Thread, usize>,
    paths: Vec<Vec<u8>>,
}

impl Directories {
    /// The first thread is in `path`.
    pub(super) fn new(root: Thread, path: &[u8]) -> Self {
        Self { of: HashMap::from([(root, 0)]), paths: vec![path.to_vec()] }
    }

    /// Where a thread is.
    pub(super) fn of(&self, thread: Thread) -> &[u8] {
        let place = self.of.get(&thread).unwrap_or_else(|| panic!("nobody made {thread:?}"));
        &self.paths[*place]
    }

    /// Takes note of what a call changes; calls are taken in the order in which they began.
    pub(super) fn follow(&mut self, call: &Call, log: &Log) {
        self.check(call);
        let Outcome::Returned(result @ 0.., _) = call.outcome else { return };
        match call.name.as_str() {
            "chdir" | "fchdir" => self.change(call),
            "clone" | "clone3" | "fork" | "vfork" => self.make(call, log, result),
            _ => {}
        }
    }

    /// Whether strace says so, too.
    fn check(&self, call: &Call) {
        for (_, argument) in &call.arguments {
            if let Value::Number(WORKING_DIRECTORY, Some(path)) = argument {
                let known = self.of(call.thread);
                assert_eq!(
                    known.escape_ascii().to_string(),
                    path.bytes.escape_ascii().to_string(),
                    "{call:?}"
                );
            }
        }
    }

    fn change(&mut self, call: &Call) {
        let to = match &call.arguments[..] {
            [(_, Value::Text(name))] => absolute(Some(self.of(call.thread)), name),
            [(_, Value::Number(_, Some(path)))] => Some(path.bytes.clone()),
            _ => None,
        };
        let place = self.of[&call.thread];
        self.paths[place] = to.unwrap_or_else(|| panic!("where does it lead? {call:?}"));
    }

    fn make(&mut self, call: &Call, log: &Log, child: i64) {
        let child = born(log, u32::try_from(child).unwrap(), call.begun);
        let place = if flags(call) & CLONE_FS == 0 {
            self.paths.push(self.of(call.thread).to_vec());
            self.paths.len() - 1
        } else {
            self.of[&call.thread]
        };
        self.of.insert(child, place);
    }
}

/// The thread of this number that is first heard of after a line.
fn born(log: &Log, tid: u32, after: usize) -> Thread {
    let lives = (0..).map_while(|life| {
        let thread = Thread { tid, life };
        log.first.get(&thread).map(|first| (thread, *first))
    });
    let found = lives.filter(|(_, first)| *first > after).map(|(thread, _)| thread).next();
    found.unwrap_or_else(|| panic!("{tid} was made after line {after} and never heard of"))
}

/// The flags of `clone` and `clone3`.
fn flags(call: &Call) -> i64 {
    let parts = call.arguments.iter().flat_map(|argument| {
        if let Value::Struct(parts) = &argument.1 { &parts[..] } else { std::slice::from_ref(argument) }
    });
    let flags = parts.filter(|(name, _)| name == "flags").map(|(_, value)| {
        let Value::Number(flags, _) = value else { panic!("flags {value:?} in {call:?}") };
        *flags
    });
    flags.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(log: &str, tid: u32) -> String {
        let log = Log::read(log).unwrap();
        let mut directories = Directories::new(log.calls[0].thread, b"/t");
        log.calls.iter().for_each(|call| directories.follow(call, &log));
        let thread = log.first.keys().rfind(|thread| thread.tid == tid).copied().unwrap();
        String::from_utf8(directories.of(thread).to_vec()).unwrap()
    }

    #[test]
    fn a_child_keeps_its_own_and_a_thread_shares() {
        let with = |flags: &str| {
            format!(
                "7 clone(child_stack=NULL, flags={flags}) = 8\n8 chdir(\"\\x61\") = 0\n8 +++ exited with 0 +++"
            )
        };
        assert_eq!((after(&with("0x11"), 7), after(&with("0x11"), 8)), ("/t".to_owned(), "/t/a".to_owned()));
        assert_eq!(
            (after(&with("0x200"), 7), after(&with("0x200"), 8)),
            ("/t/a".to_owned(), "/t/a".to_owned())
        );
    }

    #[test]
    fn failures_change_nothing() {
        let log = r#"7 chdir("\x61") = -1 ENOENT (No such file or directory)"#;
        assert_eq!(after(log, 7), "/t");
    }

    #[test]
    fn the_number_of_a_thread_that_is_used_again_is_the_later_one() {
        let log = "7 vfork() = 8\n8 +++ exited with 0 +++\n7 fchdir(3<\\x2f>) = 0\n7 vfork() = 8\n8 +++ exited with 0 +++";
        assert_eq!(after(log, 8), "/");
    }

    #[test]
    #[should_panic(expected = "/elsewhere")]
    fn strace_is_heard() {
        after(r#"7 unlinkat(-100<\x2f\x65\x6c\x73\x65\x77\x68\x65\x72\x65>, "\x61", 0) = 0"#, 7);
    }
}
