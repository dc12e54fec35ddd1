//! What no program does from its command line: scripts for perl, which is a part of every Debian. They call the
//! kernel by number, as perl does not know these calls.

use crate::network::ADDRESS;

/// The interpreter on this host.
pub(crate) const PATH: &str = "/usr/bin/perl";

/// Numbers of system calls on x86-64.
const EXECVE: u32 = 59;
const PTRACE: u32 = 101;
const SETUID: u32 = 105;
const SETNS: u32 = 308;
const MEMFD_CREATE: u32 = 319;
const USERFAULTFD: u32 = 323;
/// The user `daemon` of every Debian.
const DAEMON: u32 = 1;

/// `setns` with arguments that make no sense.
pub(crate) fn setns() -> String {
    format!("syscall({SETNS}, 0, 0)")
}

/// Becomes `daemon`, and tries to become root again.
pub(crate) fn setuid_and_back() -> String {
    format!("syscall({SETUID}, {DAEMON}); syscall({SETUID}, 0)")
}

/// Becomes `daemon`, and asks for page faults.
pub(crate) fn userfaultfd_as_daemon() -> String {
    format!("syscall({SETUID}, {DAEMON}); syscall({USERFAULTFD}, 0)")
}

/// Becomes `daemon`, and starts a program with no arguments at all, not even the first.
pub(crate) fn exec_without_arguments(program: &str) -> String {
    format!("syscall({SETUID}, {DAEMON}); $p = '{program}'; syscall({EXECVE}, $p, 0, 0)")
}

/// Copies a program into a file in memory, and runs it there.
pub(crate) fn run_from_memory(program: &str) -> String {
    format!(
        "$^F = 255; $n = 'memory'; $fd = syscall({MEMFD_CREATE}, $n, 0); open(M, '>&=', $fd) or die; \
         open(P, '<', '{program}') or die; undef $/; syswrite(M, <P>); exec {{\"/proc/self/fd/$fd\"}} 'memory'"
    )
}

/// Says that its parent traces it.
pub(crate) fn trace_me() -> String {
    format!("syscall({PTRACE}, 0, 0, 0, 0)")
}

/// Starts a program, attaches to it, detaches and kills it.
pub(crate) fn attach() -> String {
    format!(
        "if (!($p = fork)) {{ exec 'sleep', '3600' }} syscall({PTRACE}, 16, $p, 0, 0); waitpid $p, 0; \
         syscall({PTRACE}, 17, $p, 0, 0); kill 'KILL', $p; waitpid $p, 0"
    )
}

/// Opens a file with these flags and this mode.
pub(crate) fn open(path: &str, flags: &str, mode: &str) -> String {
    format!("umask 0; sysopen(F, '{path}', {flags}, {mode}) or die $!")
}

/// Opens a raw packet socket for every protocol.
pub(crate) const PACKET_SOCKET: &str = "socket(S, 17, 3, 0x300) or die $!";

/// Connects a UDP socket, without sending anything.
pub(crate) fn udp_connect(address: &str, port: u16) -> String {
    format!("socket(S, 2, 2, 0); connect(S, {}) or die $!", sockaddr(address, port))
}

/// Listens for TCP connections.
pub(crate) fn listen(address: &str, port: u16) -> String {
    format!("socket(S, 2, 1, 0); bind(S, {}) or die $!; listen(S, 1) or die $!", sockaddr(address, port))
}

/// Sends itself the first bytes of a class file over UDP, and receives them.
pub(crate) fn class_file() -> String {
    let here = sockaddr("127.0.0.1", 1234);
    format!(
        "socket(R, 2, 2, 0); bind(R, {here}) or die $!; socket(S, 2, 2, 0); \
         send(S, \"\\xca\\xfe\\xba\\xbe\", 0, {here}) or die $!; recv(R, $b, 64, 0); die if length($b) != 4"
    )
}

/// Gives the loopback interface the addresses of the peers, listens on the ports that actions go to, says so, and
/// closes whatever connects.
pub(crate) fn peers() -> String {
    format!(
        "$| = 1; system('ip', 'link', 'set', 'lo', 'up'); for $a ('{ADDRESS}', '169.254.169.254', '10.2.3.4') {{ \
         system('ip', 'addr', 'add', \"$a/32\", 'dev', 'lo') and die }} \
         for $p (22, 80, 443) {{ my $s; socket($s, 2, 1, 0); setsockopt($s, 1, 2, pack('i', 1)); \
         bind($s, pack('Snx4x8', 2, $p)) or die $!; listen($s, 8); push @s, $s }} print \"ready\\n\"; \
         for $s (@s) {{ next if fork; while (accept(C, $s)) {{ close C }} }} wait"
    )
}

fn sockaddr(address: &str, port: u16) -> String {
    format!("pack('SnC4x8', 2, {port}, split(/\\./, '{address}'))")
}
