//! Names of numbers, as x86-64's headers have them.

/// Names, and what they stand for.
pub(super) type Names = &'static [(&'static str, i64)];

/// `open` and its family, the access mode included. Of `O_TMPFILE` the bit that is its own.
pub(super) const OPEN_FLAGS: Names = &[
    ("O_RDONLY", 0),
    ("O_WRONLY", 1),
    ("O_RDWR", 2),
    ("O_CREAT", 0o100),
    ("O_EXCL", 0o200),
    ("O_NOCTTY", 0o400),
    ("O_TRUNC", 0o1000),
    ("O_APPEND", 0o2000),
    ("O_NONBLOCK", 0o4000),
    ("O_DSYNC", 0o10_000),
    ("O_ASYNC", 0o20_000),
    ("O_DIRECT", 0o40_000),
    ("O_DIRECTORY", 0o200_000),
    ("O_NOFOLLOW", 0o400_000),
    ("O_NOATIME", 0o1_000_000),
    ("O_CLOEXEC", 0o2_000_000),
    ("O_PATH", 0o10_000_000),
    ("O_TMPFILE", 0o20_000_000),
];

/// `unlinkat`.
pub(super) const UNLINK_FLAGS: Names = &[("AT_REMOVEDIR", 0x200)];

/// `chmod` and its family; programs pass on the type of a file as well.
pub(super) const MODE: Names = &[
    ("S_IFREG", 0o100_000),
    ("S_IFDIR", 0o040_000),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRGRP", 0o40),
    ("S_IWGRP", 0o20),
    ("S_IXGRP", 0o10),
    ("S_IROTH", 0o4),
    ("S_IWOTH", 0o2),
    ("S_IXOTH", 0o1),
];

/// `kill` and its family; those that the workloads send.
pub(super) const SIGNALS: Names = &[
    ("SIGHUP", 1),
    ("SIGINT", 2),
    ("SIGQUIT", 3),
    ("SIGABRT", 6),
    ("SIGKILL", 9),
    ("SIGUSR1", 10),
    ("SIGPIPE", 13),
    ("SIGALRM", 14),
    ("SIGTERM", 15),
    ("SIGCHLD", 17),
    ("SIGCONT", 18),
    ("SIGSTOP", 19),
];
