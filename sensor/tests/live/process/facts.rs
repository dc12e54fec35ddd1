//! An exec event against what /proc says of the same process while it lives.

use std::{
    fs::File,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Cgroup, Event, Living, Place, Proc, Sensor, busybox, device_and_inode, want};

/// Names of capabilities by number, as `capabilities(7)` has them.
const CAPABILITIES: &str = "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP \
    LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO \
    SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE \
    AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF \
    CHECKPOINT_RESTORE";

/// `busybox cat`, which waits for its input.
fn cat() -> Command {
    let mut command = Command::new(busybox());
    command.arg("cat");
    command
}

/// The exec of `busybox cat` by this process.
fn exec_of(sensor: &mut Sensor, pid: u32) -> Event {
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid, "proc.args" => "cat" })
}

#[track_caller]
fn agrees_with_proc(event: &Event, process: Proc) {
    let (uid, gid) = (process.status("Uid"), process.status("Gid"));
    event.is(&want! {
        "proc.pid" => process.0,
        "thread.tid" => process.0,
        "proc.vpid" => process.status("NSpid").last(),
        "proc.ppid" => process.stat(4),
        "proc.pgid" => process.stat(5),
        "proc.sid" => process.stat(6),
        "proc.tty" => kernel_tty(process.stat(7)),
        "proc.exepath" => process.link("exe"),
        "proc.exe_ino" => device_and_inode(Path::new(&process.link("exe"))).1,
        "proc.cwd" => process.link("cwd"),
        "user.uid" => uid[0],
        "vigie.user.euid" => uid[1],
        "group.gid" => gid[0],
        "vigie.group.egid" => gid[1],
        "thread.cap_permitted" => capabilities(process.capabilities("CapPrm")),
        "thread.cap_effective" => capabilities(process.capabilities("CapEff")),
        "thread.cap_inheritable" => capabilities(process.capabilities("CapInh")),
        "vigie.ns.pid" => process.namespace("pid"),
        "vigie.ns.mnt" => process.namespace("mnt"),
        "vigie.ns.user" => process.namespace("user"),
        "vigie.ns.net" => process.namespace("net"),
        "vigie.cgroup.id" => Cgroup::id_of(&process.cgroup()),
        "vigie.cgroup.path" => process.cgroup(),
        "evt.res" => "SUCCESS",
    });
    let arguments = process.bytes("cmdline");
    let arguments: Vec<_> = arguments.strip_suffix(b"\0").unwrap().split(|byte| *byte == 0).collect();
    assert_eq!(event.byte_list("vigie.proc.argv"), arguments);
    event.is(&want! { "evt.arg.argc" => arguments.len() });
    agrees_on_login(event, process);
}

#[track_caller]
fn agrees_on_login(event: &Event, process: Proc) {
    // A kernel without auditing has neither; one with it says 4294967295 where nobody logged in.
    let known = |id: Option<u32>| id.filter(|id| *id != u32::MAX);
    let login = known(process.number("loginuid")).map_or(-1, i64::from);
    event.is(&want! { "user.loginuid" => login, "vigie.session.id" => known(process.number("sessionid")) });
}

/// From the form of `stat` (minor's low byte, major, minor's rest) to `major << 20 | minor`.
fn kernel_tty(stat: i64) -> i64 {
    (stat >> 8 & 0xfff) << 20 | stat >> 12 & 0xfff00 | stat & 0xff
}

fn capabilities(mask: u64) -> String {
    let set = CAPABILITIES.split(' ').enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
    set.map(|(_, name)| format!("CAP_{name}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_exec_carries_what_proc_says() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let child = Living::start(cat().current_dir(place.path()));
    let event = exec_of(&mut sensor, child.pid());
    agrees_with_proc(&event, child.proc());
    event.is(&want! { "proc.cwd" => place.path(), "user.uid" => 0, "proc.ppid" => std::process::id() });
    assert!(child.release().success());
    sensor.stop().summary.adds_up();
}

#[test]
fn an_exec_carries_another_users_credentials() {
    let mut sensor = Sensor::events(&[]);
    let child = Living::start(cat().uid(65_533).gid(65_532).current_dir("/"));
    let event = exec_of(&mut sensor, child.pid());
    agrees_with_proc(&event, child.proc());
    event.is(&want! {
        "user.uid" => 65_533, "vigie.user.euid" => 65_533, "group.gid" => 65_532, "vigie.group.egid" => 65_532,
        "thread.cap_effective" => "", "proc.cwd" => "/",
    });
    assert!(child.release().success());
}

#[test]
fn an_exec_carries_its_namespaces() {
    let mut sensor = Sensor::events(&[]);
    let mut command = Command::new(busybox());
    command.args(["unshare", "-m", "-n", "-p", "-f"]).arg(busybox()).arg("cat");
    let child = Living::start(&mut command);
    let event = sensor.until(&want! { "proc.ppid" => child.pid(), "proc.args" => "cat" });
    let inner = Proc(u32::try_from(event.number("proc.pid")).unwrap());
    agrees_with_proc(&event, inner);
    let own = Proc(std::process::id());
    for namespace in ["mnt", "net", "pid"] {
        assert_ne!(event.number(&format!("vigie.ns.{namespace}")), own.namespace(namespace), "{namespace}");
    }
    event.is(&want! { "proc.vpid" => 1, "vigie.ns.user" => own.namespace("user") });
    assert!(child.release().success());
}

#[test]
fn an_exec_carries_the_login() {
    if Proc(std::process::id()).number("loginuid").is_none() {
        println!("skipped: this kernel has no loginuid, as /proc shows");
        return;
    }
    let mut sensor = Sensor::events(&[]);
    let script = format!("echo 1234 >/proc/self/loginuid && exec {} cat", busybox().display());
    let child = Living::start(Command::new(busybox()).args(["sh", "-c", &script]));
    let event = exec_of(&mut sensor, child.pid());
    agrees_with_proc(&event, child.proc());
    event.is(&want! { "user.loginuid" => 1234 });
    assert!(event.number("vigie.session.id") > 0, "{event}");
    assert!(child.release().success());
}

#[test]
fn an_exec_carries_its_terminal() {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
    // `setsid -c` makes it the controlling terminal itself; opening it must not.
    let terminal = File::options().read(true).write(true).open(&name).unwrap();
    let mut sensor = Sensor::events(&[]);
    let mut command = Command::new(busybox());
    command.args(["setsid", "-c"]).arg(busybox()).arg("cat");
    let child = Living::start_with(&mut command, Stdio::from(terminal));
    let event = exec_of(&mut sensor, child.pid());
    agrees_with_proc(&event, child.proc());
    assert!(event.number("proc.tty") > 0, "{event}");
    event.is(&want! { "proc.sid" => child.pid() });
    // Ends it: its terminal would keep it waiting.
    drop(child);
}
