//! Fields of the event itself.

use crate::rules::value::{Kind, Type};

super::rows! {
    "evt.num": Number, None, "Number of the event since the sensor started, from 1.";
    "evt.time": Text, None, "Time of day of the event in UTC, with nanoseconds.";
    "evt.time.s": Text, None, "Time of day of the event in UTC, to the second.";
    "evt.time.iso8601": Text, None, "UTC date and time of the event in ISO 8601 form, with nanoseconds.";
    "evt.datetime": Text, None, "Date and time of the event in UTC, with nanoseconds.";
    "evt.datetime.s": Text, None, "Date and time of the event in UTC, to the second.";
    "evt.rawtime": Number, None, "Time of the event in nanoseconds since 1970.";
    "evt.rawtime.s": Number, None, "Whole seconds of the event's time since 1970.";
    "evt.rawtime.ns": Number, None, "Nanoseconds of the event's time behind the whole second.";
    "evt.reltime": Number, None, "Nanoseconds since the first event.";
    "evt.reltime.s": Number, None, "Whole seconds since the first event.";
    "evt.reltime.ns": Number, None, "Nanoseconds since the first event behind the whole second.";
    "evt.deltatime": Number, None, "Nanoseconds since the event before.";
    "evt.deltatime.s": Number, None, "Whole seconds since the event before.";
    "evt.deltatime.ns": Number, None, "Nanoseconds since the event before behind the whole second.";
    "evt.latency": Number, None, "Nanoseconds between the entry to the call and its return.", DEPRECATED;
    "evt.latency.s": Number, None, "Whole seconds between the entry to the call and its return.", DEPRECATED;
    "evt.latency.ns": Number, None, "Nanoseconds of `evt.latency` behind the whole second.", DEPRECATED;
    "evt.latency.quantized": Number, None, "Power of ten of `evt.latency`, for histograms.", DEPRECATED;
    "evt.latency.human": Text, None, "`evt.latency` with a unit that suits it.", DEPRECATED;
    "evt.wait_latency": Number, None, "Nanoseconds that a call waited for others, if it is one that waits.", DEPRECATED;
    "evt.outputtime": Text, None, "Time of the event in the form that was chosen for outputs.", PRINT_ONLY;
    "evt.type": Text, None, "Name of the event: the system call, or the kernel's name of what happened.";
    "evt.type.is": Number, RequiredKey, "1 if the event has the number in brackets in Falco's table of events, else 0.";
    "syscall.type": Text, None, "Name of the system call; missing for events that are none.";
    "evt.category": Text, None, "Domain of the event, such as `file` or `process`.";
    "evt.source": Text, None, "Where the event comes from; `syscall` for everything the kernel programs see.";
    "evt.hostname": Text, None, "Name of the host.";
    "evt.cpu": Number, None, "Number of the CPU that reported.";
    "evt.dir": Text, None, "Always `<`: events are reported once their result is known. Deprecated in the language.", DEPRECATED;
    "evt.args": Text, None, "All arguments of the event, as name=value, separated by blanks.";
    "evt.arg": Text, RequiredKey, "The argument of the event of this name or position.";
    "evt.rawarg": Number, RequiredKey, "The argument of this name as the kernel has it: flags as a number, texts as texts.", NO_RIGHT NO_TRANSFORMER;
    "evt.abspath": Text, RequiredKey, "Absolute form of a path argument: `src` and `dst` for calls with two paths.";
    "evt.around": Number, RequiredKey, "1 if the event lies within some milliseconds of a time.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "evt.info": Text, None, "For most events all arguments, for some a summary.";
    "evt.buffer": Bytes, None, "What a call that reads or writes carried.";
    "evt.buflen": Number, None, "Length of what a call that reads or writes carried, in bytes.";
    "evt.buflen.in": Number, None, "`evt.buflen` of calls that read.";
    "evt.buflen.out": Number, None, "`evt.buflen` of calls that write.";
    "evt.buflen.file": Number, None, "`evt.buflen` of calls on files.";
    "evt.buflen.file.in": Number, None, "`evt.buflen` of reads from files.";
    "evt.buflen.file.out": Number, None, "`evt.buflen` of writes to files.";
    "evt.buflen.net": Number, None, "`evt.buflen` of calls on sockets of the Internet Protocol.";
    "evt.buflen.net.in": Number, None, "`evt.buflen` of reads from such sockets.";
    "evt.buflen.net.out": Number, None, "`evt.buflen` of writes to such sockets.";
    "evt.res": Text, None, "`SUCCESS` or the name of the error, such as `ENOENT`.";
    "evt.rawres": Number, None, "The number the call returned; negative for an error.";
    "evt.failed": Bool, None, "Whether the call failed.";
    "evt.is_io": Bool, None, "The call reads or writes.";
    "evt.is_io_read": Bool, None, "The call reads.";
    "evt.is_io_write": Bool, None, "The call writes.";
    "evt.io_dir": Text, None, "`r` for calls that read, `w` for calls that write.";
    "evt.is_wait": Bool, None, "The call waits for others, such as `select` or `poll`.";
    "evt.is_syslog": Bool, None, "A write to the system log.";
    "evt.is_open_read": Bool, None, "An open that asked to read.";
    "evt.is_open_write": Bool, None, "An open that asked to write.";
    "evt.is_open_exec": Bool, None, "An open that created a file with an executable mode.";
    "evt.is_open_create": Bool, None, "An open that created the file.";
    "evt.is_async": Bool, None, "The event was not caused by a system call but sent by a part of the sensor.";
    "evt.asynctype": Text, None, "Kind of such an event.";
    "evt.pluginname": Text, None, "Name of the plugin that the event comes from.";
    "evt.plugininfo": Text, None, "What the plugin says about the event in one line.";
    "evt.count": Number, None, "Always 1, for sums over events.";
    "evt.count.error": Number, None, "1 for a call that failed.";
    "evt.count.error.file": Number, None, "1 for a call on a file that failed.";
    "evt.count.error.net": Number, None, "1 for a call on the network that failed.";
    "evt.count.error.memory": Number, None, "1 for a call on memory that failed.";
    "evt.count.error.other": Number, None, "1 for any other call that failed.";
    "evt.count.exit": Number, None, "1 for the return from a call.";
    "evt.count.procinfo": Number, None, "1 for a report on a process's use of the CPU, of its main thread.";
    "evt.count.threadinfo": Number, None, "1 for a report on a thread's use of the CPU.";
    "evt.infra.docker.name": Text, None, "Name of an event of Docker.";
    "evt.infra.docker.container.id": Text, None, "Container that an event of Docker is about.";
    "evt.infra.docker.container.name": Text, None, "Name of that container.";
    "evt.infra.docker.container.image": Text, None, "Image of that container.";
    "util.cnt": Number, None, "Number of times that the field was asked for.";
    "vigie.tier": Text, None, "How the event was obtained: `lsm` or `tracepoint`.";
    "vigie.compat": Bool, None, "It came about in a call through the 32-bit interface; missing for program starts.";
    "vigie.io_uring": Bool, None, "An io_uring worker did it on behalf of the process.";
}

/// Raw arguments that are texts.
const TEXTS: [&str; 31] = [
    "comm",
    "container_id",
    "cwd",
    "desc",
    "description",
    "dir",
    "exe",
    "exepath",
    "filename",
    "home",
    "image",
    "json",
    "linkpath",
    "name",
    "newpath",
    "oldpath",
    "path",
    "pathname",
    "quotafilepath",
    "root",
    "scope",
    "shell",
    "special",
    "sun_path",
    "target",
    "trusted_exepath",
    "tuple",
    "uargs",
    "arg2_str",
    "value_charbuf",
    "source",
];

/// Raw arguments that are bytes.
const BYTES: [&str; 7] = ["args", "cgroups", "data", "env", "img", "msgcontrol", "value_bytebuf"];

/// What kind of value `evt.rawarg` has for the argument of this name. All others are numbers.
pub(super) fn raw_argument_kind(name: &str) -> Kind {
    Kind::one(match name {
        name if TEXTS.contains(&name) => Type::Text,
        name if BYTES.contains(&name) => Type::Bytes,
        _ => Type::Number,
    })
}
