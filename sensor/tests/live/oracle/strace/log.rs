//! From lines to calls: a call that was interrupted by lines of other threads is put together again, and each call
//! belongs to one life of a thread, whose number may be used again.

use std::collections::{BTreeMap, HashMap};

use super::{
    line::{self, What},
    value::{Argument, Path, Rest, Value},
};

/// A thread: its number, and how often that number was in use before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Thread {
    pub(crate) tid: u32,
    pub(crate) life: u32,
}

/// What strace knows of a call's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What the kernel returned, an error negated, and the path where it is a descriptor.
    Returned(i64, Option<Path>),
    /// The thread was killed before strace was told.
    Untold,
}

/// A system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) thread: Thread,
    /// The lines where it begins and ends.
    pub(crate) begun: usize,
    pub(crate) ended: usize,
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) outcome: Outcome,
}

/// Everything that strace wrote.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// In the order in which they began.
    pub(crate) calls: Vec<Call>,
    /// The line where each thread is first heard of.
    pub(crate) first: BTreeMap<Thread, usize>,
    lives: HashMap<u32, u32>,
    begun: HashMap<Thread, (usize, String)>,
}

impl Log {
    /// Reads a whole log; an error names the line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut log = Self::default();
        for (number, line) in text.lines().enumerate() {
            log.take(number, line).map_err(|error| format!("line {}: {error}: {line}", number + 1))?;
        }
        if let Some((thread, (_, begun))) = log.begun.iter().next() {
            return Err(format!("{thread:?} never ended `{begun}`"));
        }
        log.calls.sort_by_key(|call| call.begun);
        Ok(log)
    }

    fn take(&mut self, number: usize, line: &str) -> Result<(), String> {
        let (tid, what) = line::read(line)?;
        let thread = self.thread(tid);
        self.first.entry(thread).or_insert(number);
        match what {
            What::Signal => Ok(()),
            What::Whole(text) => self.call(thread, number, number, text),
            What::Begun(text) => match self.begun.insert(thread, (number, text.to_owned())) {
                Some((_, earlier)) => Err(format!("`{earlier}` never ended")),
                None => Ok(()),
            },
            What::Resumed { name, rest } => self.resume(thread, number, name, rest),
            What::Superseded { by } => self.supersede(thread, by),
            What::Ended => self.end(thread),
        }
    }

    fn thread(&self, tid: u32) -> Thread {
        Thread { tid, life: self.lives.get(&tid).copied().unwrap_or(0) }
    }

    fn resume(&mut self, thread: Thread, number: usize, name: &str, rest: &str) -> Result<(), String> {
        let (begun, text) = self.begun.remove(&thread).ok_or("a call resumed that was never begun")?;
        if !text.starts_with(&format!("{name}(")) {
            return Err(format!("{name} resumed where `{text}` was begun"));
        }
        self.call(thread, begun, number, &(text + rest))
    }

    fn call(&mut self, thread: Thread, begun: usize, ended: usize, text: &str) -> Result<(), String> {
        let mut rest = Rest(text);
        let name = rest.word(|c| c.is_ascii_alphanumeric() || c == '_').to_owned();
        rest.expect("(")?;
        let arguments = rest.arguments(")")?;
        let outcome = outcome(rest.0.trim_start())?;
        self.calls.push(Call { thread, begun, ended, name, arguments, outcome });
        Ok(())
    }

    /// The exec that a thread began ends under its leader's number; what the leader was about never ends.
    fn supersede(&mut self, leader: Thread, by: u32) -> Result<(), String> {
        let thread = self.thread(by);
        let exec = self.begun.remove(&thread).ok_or("superseded by a thread that began nothing")?;
        self.cut_short(leader)?;
        self.begun.insert(leader, exec);
        self.lives.insert(by, thread.life + 1);
        Ok(())
    }

    fn end(&mut self, thread: Thread) -> Result<(), String> {
        self.cut_short(thread)?;
        self.lives.insert(thread.tid, thread.life + 1);
        Ok(())
    }

    /// strace says at the end of a thread what became of its last call, unless another thread's exec ended it.
    fn cut_short(&mut self, thread: Thread) -> Result<(), String> {
        match self.begun.remove(&thread) {
            Some((number, text)) => self.call(thread, number, number, &format!("{text}) = ?")),
            None => Ok(()),
        }
    }
}

/// What follows the arguments: `= 3</path>`, `= -1 ENOENT (words)`, `= ?`, `= ? ERESTARTSYS (words)`.
fn outcome(text: &str) -> Result<Outcome, String> {
    let mut rest = Rest(text);
    rest.expect("= ")?;
    if rest.0 == "?" {
        return Ok(Outcome::Untold);
    }
    if rest.take("? ") || rest.take("-1 ") {
        let name = rest.word(|c| c.is_ascii_alphanumeric() || c == '_');
        let error = errno(name).ok_or_else(|| format!("an unknown error {name}"))?;
        return Ok(Outcome::Returned(-i64::from(error), None));
    }
    if let Value::Number(number, path) = rest.number()?
        && rest.0.is_empty()
    {
        return Ok(Outcome::Returned(number, path));
    }
    Err(format!("a result `{text}`"))
}

/// Errors by which the kernel remembers that a call is to be made again after a signal; programs never see them.
const RESTARTS: [(&str, i32); 4] =
    [("ERESTARTSYS", 512), ("ERESTARTNOINTR", 513), ("ERESTARTNOHAND", 514), ("ERESTART_RESTARTBLOCK", 516)];

fn errno(name: &str) -> Option<i32> {
    let restart = RESTARTS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    restart.or_else(|| (1..134).find(|number| syscalls::Errno::new(*number).name() == Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Call {
        let mut log = Log::read(text).unwrap();
        assert_eq!(log.calls.len(), 1, "{log:?}");
        log.calls.remove(0)
    }

    fn results(log: &Log) -> Vec<(u32, u32, &str, Option<i64>)> {
        let result = |call: &Call| match &call.outcome {
            Outcome::Returned(value, _) => Some(*value),
            Outcome::Untold => None,
        };
        log.calls
            .iter()
            .map(|call| (call.thread.tid, call.thread.life, call.name.as_str(), result(call)))
            .collect()
    }

    #[test]
    fn results_are_values_errors_or_unknown() {
        let of = |text: &str| only(&format!("7 rmdir(NULL) {text}")).outcome;
        let path = Path { bytes: b"/".to_vec(), is_deleted: false };
        assert_eq!(of("= 0"), Outcome::Returned(0, None));
        assert_eq!(of(r"      = 3<\x2f>"), Outcome::Returned(3, Some(path)));
        assert_eq!(of("= -1 ENOENT (No such file or directory)"), Outcome::Returned(-2, None));
        assert_eq!(
            of("= ? ERESTARTSYS (To be restarted if SA_RESTART is set)"),
            Outcome::Returned(-512, None)
        );
        assert_eq!(of("= ?"), Outcome::Untold);
        for bad in ["= -1 EWHAT (?)", "= 0 and more", "", "= ", "= ??"] {
            assert!(Log::read(&format!("7 rmdir(NULL) {bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_call_is_put_together_again() {
        let log = "7 vfork( <unfinished ...>\n8 rmdir(NULL) = 0\n7 <... vfork resumed>)   = 8\n8 +++ exited with 0 +++";
        let log = Log::read(log).unwrap();
        assert_eq!(results(&log), [(7, 0, "vfork", Some(8)), (8, 0, "rmdir", Some(0))]);
        assert_eq!((log.calls[0].begun, log.calls[0].ended), (0, 2));
        let eight = Thread { tid: 8, life: 0 };
        assert_eq!(log.first[&eight], 1);
    }

    #[test]
    fn a_number_that_is_used_again_is_another_thread() {
        let log = "7 rmdir(NULL) = 0\n7 +++ killed by SIGKILL +++\n7 rmdir(NULL) = 0";
        assert_eq!(results(&Log::read(log).unwrap()), [(7, 0, "rmdir", Some(0)), (7, 1, "rmdir", Some(0))]);
    }

    #[test]
    fn an_exec_of_a_thread_ends_as_its_leader() {
        let log = "7 kill(1, 2 <unfinished ...>\n8 execve(NULL <unfinished ...>\n\
            7 +++ superseded by execve in pid 8 +++\n7 <... execve resumed>) = 0";
        let log = Log::read(log).unwrap();
        assert_eq!(results(&log), [(7, 0, "kill", None), (7, 0, "execve", Some(0))]);
    }

    #[test]
    fn a_call_that_death_cut_short_has_no_result() {
        for log in [
            "7 kill(1, 9 <unfinished ...>\n7 <... kill resumed>) = ?\n7 +++ killed by SIGKILL +++",
            "7 kill(1, 9 <unfinished ...>\n7 +++ killed by SIGKILL +++",
        ] {
            assert_eq!(only(log).outcome, Outcome::Untold, "{log}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for log in [
            "7 rmdir(NULL <unfinished ...>",
            "7 rmdir(NULL <unfinished ...>\n7 rmdir(NULL <unfinished ...>",
            "7 <... rmdir resumed>) = 0",
            "7 rmdir(NULL <unfinished ...>\n7 <... unlink resumed>) = 0",
            "7 +++ superseded by execve in pid 8 +++",
        ] {
            assert!(Log::read(log).is_err(), "{log}");
        }
    }
}
