//! Fields of the event itself.

super::rows! {
    "evt.num": Number, None, "Number of the event since the sensor started, from 1.";
    "evt.time": Text, None, "Time of day of the event in UTC, with nanoseconds.";
    "evt.time.s": Text, None, "Time of day of the event in UTC, to the second.";
    "evt.time.iso8601": Text, None, "UTC date and time of the event in ISO 8601 form, with nanoseconds.";
    "evt.datetime": Text, None, "Date and time of the event in UTC, with nanoseconds.";
    "evt.rawtime": Number, None, "Time of the event in nanoseconds since 1970.";
    "evt.type": Text, None, "Name of the event: the system call, or the kernel's name of what happened.";
    "evt.category": Text, None, "Domain of the event, such as `file` or `process`.";
    "evt.source": Text, None, "Where the event comes from; `syscall` for everything the kernel programs see.";
    "evt.hostname": Text, None, "Name of the host.";
    "evt.cpu": Number, None, "Number of the CPU that reported.";
    "evt.dir": Text, None, "Always `<`: events are reported once their result is known. Deprecated in the language.";
    "evt.arg": Text, RequiredKey, "The argument of the event of this name or position.";
    "evt.res": Text, None, "`SUCCESS` or the name of the error, such as `ENOENT`.";
    "evt.rawres": Number, None, "The number the call returned; negative for an error.";
    "evt.failed": Bool, None, "Whether the call failed.";
    "evt.is_open_read": Bool, None, "An open that asked to read.";
    "evt.is_open_write": Bool, None, "An open that asked to write.";
    "evt.is_open_exec": Bool, None, "An open that created a file with an executable mode.";
    "evt.is_open_create": Bool, None, "An open that created the file.";
    "vigie.tier": Text, None, "How the event was obtained: `lsm` or `tracepoint`.";
    "vigie.io_uring": Bool, None, "An io_uring worker did it on behalf of the process.";
}
