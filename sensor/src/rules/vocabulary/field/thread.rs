//! Fields of the thread that caused the event.

super::rows! {
    "thread.tid": Number, None, "Thread id, in the initial pid namespace.";
    "thread.vtid": Number, None, "Thread id, in the thread's own pid namespace.";
    "thread.ismain": Bool, None, "It is the main thread of its process.";
    "thread.nametid": Text, None, "Name of the program and thread id.";
    "thread.cap_permitted": Text, None, "Permitted capabilities, by name, separated by blanks.";
    "thread.cap_effective": Text, None, "Effective capabilities, by name, separated by blanks.";
    "thread.cap_inheritable": Text, None, "Inheritable capabilities, by name, separated by blanks.";
    "thread.cgroups": Text, None, "All cgroups of the thread, as controller=path, separated by blanks.";
    "thread.cgroup": Text, RequiredKey, "Cgroup of the thread for this controller.";
    "thread.exectime": Number, None, "Nanoseconds of CPU time in the last slice.";
    "thread.totexectime": Number, None, "Nanoseconds of CPU time since the thread was first seen.";
    "thread.cpu": Decimal, None, "CPU time of the last second, in percent.";
    "thread.cpu.user": Decimal, None, "CPU time of the last second in the program, in percent.";
    "thread.cpu.system": Decimal, None, "CPU time of the last second in the kernel, in percent.";
    "thread.pfmajor": Number, None, "Page faults that read from disk.";
    "thread.pfminor": Number, None, "Page faults that did not.";
    "thread.vmsize": Number, None, "Virtual memory in kilobytes, of the main thread; 0 for others.";
    "thread.vmrss": Number, None, "Resident memory in kilobytes, of the main thread; 0 for others.";
    "thread.vmsize.b": Number, None, "`thread.vmsize` in bytes.";
    "thread.vmrss.b": Number, None, "`thread.vmrss` in bytes.";
}
