//! Fields of the event itself.

use super::{Rows, args, number, or_missing, owned};
use crate::{
    decode::{Body, Open, What, event_type, is_compat, is_io_uring, result_name},
    rules::value::Value,
};

/// `O_ACCMODE` and `O_PATH` of the kernel's interface.
const ACCESS: u32 = 3;
const PATH: u32 = 0o10_000_000;
/// `O_CREAT` and the bit of `O_TMPFILE` that is its own.
const CREATES: u32 = 0o100 | UNNAMED;
const UNNAMED: u32 = 0o20_000_000;
/// Any bit of a mode that allows running.
const EXECUTABLE: u32 = 0o111;

pub(super) const ROWS: Rows = &[
    ("evt.num", |o, _| number(o.number)),
    ("evt.time", |o, _| owned(clock(o.time(), 9))),
    ("evt.time.s", |o, _| owned(clock(o.time(), 0))),
    ("evt.time.iso8601", |o, _| owned(crate::alert::rfc3339(o.time()))),
    ("evt.datetime", |o, _| owned(crate::alert::rfc3339(o.time()).replace('T', " ").replace('Z', ""))),
    ("evt.rawtime", |o, _| number(o.time())),
    ("evt.type", |o, _| event_type(o.event).name().into()),
    ("evt.category", |o, _| category(&o.event.body).into()),
    ("evt.source", |_, _| "syscall".into()),
    ("evt.hostname", |o, _| o.host.hostname.as_str().into()),
    ("evt.cpu", |o, _| number(o.event.header.cpu)),
    ("evt.dir", |_, _| "<".into()),
    ("evt.arg", |o, argument| or_missing(argument, |argument| args::value(o, argument))),
    ("evt.res", |o, _| or_missing(error(&o.event.body).and_then(result_name), Value::from)),
    ("evt.rawres", |o, _| or_missing(raw_result(&o.event.body), Value::Number)),
    ("evt.failed", |o, _| or_missing(error(&o.event.body), |error| Value::Bool(error != 0))),
    ("evt.is_open_read", |o, _| access(&o.event.body, |access| access != 1)),
    ("evt.is_open_write", |o, _| access(&o.event.body, |access| access != 0)),
    ("evt.is_open_exec", |o, _| {
        let creates_executable =
            o.open().map(|open| open.facts.flags & CREATES != 0 && open.facts.mode & EXECUTABLE != 0);
        Value::Bool(creates_executable.unwrap_or(false))
    }),
    ("evt.is_open_create", |o, _| Value::Bool(o.open().is_some_and(creates))),
    ("vigie.tier", |o, _| o.host.tier.name().into()),
    ("vigie.io_uring", |o, _| Value::Bool(is_io_uring(&o.event.header))),
    (
        "vigie.compat",
        |o, _| {
            if o.is_exec() { Value::Missing } else { Value::Bool(is_compat(&o.event.header)) }
        },
    ),
];

/// A file without a name (`O_TMPFILE`) is new whenever its open succeeds; the kernel marks only those with one.
fn creates(open: &Open) -> bool {
    open.is_created() || (open.facts.flags & UNNAMED != 0 && !open.is_failed())
}

fn category(body: &Body) -> &'static str {
    match body {
        Body::Fork(_) | Body::Exec(_) | Body::Exit(_) => "process",
        Body::Open(_) => "file",
        Body::CgroupMkdir(_) | Body::CgroupAttachTask(_) | Body::CgroupRmdir(_) => "container",
        Body::Call(call) => match call.what {
            What::File(_) => "file",
            What::Network(_) => "net",
            What::Process(_) => "process",
            What::Credential(_) => "user",
            What::Kernel(_) => "system",
        },
    }
}

/// The error, 0 for success; none where nobody knows how the event ended.
fn error(body: &Body) -> Option<i32> {
    match body {
        Body::Open(open) => Some(open.facts.error),
        Body::Call(call) => call.result().map(|_| call.error()),
        Body::Fork(_)
        | Body::Exec(_)
        | Body::Exit(_)
        | Body::CgroupMkdir(_)
        | Body::CgroupAttachTask(_)
        | Body::CgroupRmdir(_) => Some(0),
    }
}

fn raw_result(body: &Body) -> Option<i64> {
    match body {
        Body::Call(call) => call.result(),
        Body::Open(open) if open.is_failed() => Some(open.facts.error.into()),
        Body::Open(open) => Some(i64::from(open.facts.fd)).filter(|fd| *fd >= 0),
        Body::Fork(fork) => Some(fork.child_pid.into()),
        Body::Exec(_) => Some(0),
        Body::Exit(_) | Body::CgroupMkdir(_) | Body::CgroupAttachTask(_) | Body::CgroupRmdir(_) => None,
    }
}

fn access(body: &Body, asked: impl FnOnce(u32) -> bool) -> Value<'static> {
    match body {
        Body::Open(open) => Value::Bool(open.facts.flags & PATH == 0 && asked(open.facts.flags & ACCESS)),
        Body::Fork(_)
        | Body::Exec(_)
        | Body::Exit(_)
        | Body::CgroupMkdir(_)
        | Body::CgroupAttachTask(_)
        | Body::CgroupRmdir(_)
        | Body::Call(_) => Value::Bool(false),
    }
}

/// Time of day in UTC with this many digits behind the seconds.
fn clock(time: u64, digits: usize) -> String {
    let text = crate::alert::rfc3339(time);
    let (_, clock) = text.split_once('T').unwrap_or_default();
    let len = if digits == 0 { "00:00:00".len() } else { "00:00:00.".len() + digits };
    clock.get(..len).unwrap_or(clock).to_owned()
}
