//! `task_struct` and what hangs from it.

use aya_ebpf::helpers::generated::bpf_get_current_task;
use sensor_common::event::process::ProcessExec;

use super::{
    Miss, Ptr, Read, cgroup::Cgroup, cred::Cred, file::File, globals::offset, inode::Inode, record::Record,
    stdin,
};

/// `PF_IO_WORKER` of `include/linux/sched.h`.
const PF_IO_WORKER: u32 = 0x10;
/// `TS_COMPAT` of `arch/x86/include/asm/thread_info.h`.
const TS_COMPAT: u32 = 2;
/// `PIDTYPE_PGID` and `PIDTYPE_SID` of `include/linux/pid.h`: places in `signal_struct.pids`.
const PIDTYPE_PGID: u32 = 2;
const PIDTYPE_SID: u32 = 3;

/// Size of a pointer.
const POINTER: u32 = 8;

/// A task.
#[derive(Clone, Copy)]
pub(crate) struct Task(Ptr);

impl From<Ptr> for Task {
    #[inline(always)]
    fn from(task: Ptr) -> Self {
        Self(task)
    }
}

impl Task {
    /// The one that runs.
    #[inline(always)]
    pub(crate) fn current() -> Self {
        // SAFETY: the helper takes nothing and returns an address.
        Self(Ptr::argument(unsafe { bpf_get_current_task() }))
    }

    /// Thread id, initial pid namespace.
    #[inline(always)]
    pub(crate) fn pid(self) -> Read<u32> {
        self.0.read(offset!(task_pid))
    }

    /// Thread-group id, initial pid namespace.
    #[inline(always)]
    pub(crate) fn tgid(self) -> Read<u32> {
        self.0.read(offset!(task_tgid))
    }

    /// The thread-group leader.
    #[inline(always)]
    pub(crate) fn leader(self) -> Read<Self> {
        self.0.follow(offset!(task_group_leader)).map(Self)
    }

    /// When it started, nanoseconds of boot time.
    #[inline(always)]
    pub(crate) fn start_boottime(self) -> Read<u64> {
        self.0.read(offset!(task_start_boottime))
    }

    /// Whether it is a worker of `io_uring`.
    #[inline(always)]
    pub(super) fn is_io_worker(self) -> bool {
        self.0.read::<u32>(offset!(task_flags)).value & PF_IO_WORKER != 0
    }

    /// The process that counts as its parent.
    #[inline(always)]
    pub(crate) fn parent(self) -> Read<Self> {
        self.0.follow(offset!(task_real_parent)).map(Self)
    }

    /// User id of its login, and number of its audit session.
    #[inline(always)]
    pub(super) fn login(self) -> (Read<u32>, Read<u32>) {
        (self.0.read(offset!(task_loginuid)), self.0.read(offset!(task_sessionid)))
    }

    /// What it is allowed to do as itself, whatever it does for others just now.
    #[inline(always)]
    pub(crate) fn real_cred(self) -> Read<Cred> {
        self.0.follow(offset!(task_real_cred)).map(Cred::from)
    }

    /// Its session, a pid in the initial pid namespace.
    #[inline(always)]
    pub(crate) fn session(self) -> Read<u32> {
        self.signal_pid(PIDTYPE_SID)
    }

    /// Its process group, likewise.
    #[inline(always)]
    pub(crate) fn process_group(self) -> Read<u32> {
        self.signal_pid(PIDTYPE_PGID)
    }

    /// Effective user id.
    #[inline(always)]
    pub(super) fn euid(self) -> Read<u32> {
        self.0.follow(offset!(task_cred)).read(offset!(cred_euid))
    }

    /// Inode number of its mount namespace.
    #[inline(always)]
    pub(super) fn mnt_ns(self) -> Read<u32> {
        self.0.follow(offset!(task_nsproxy)).follow(offset!(nsproxy_mnt_ns)).read(offset!(mnt_ns_inum))
    }

    /// Its v2 cgroup.
    #[inline(always)]
    pub(crate) fn cgroup(self) -> Read<Cgroup> {
        self.0.follow(offset!(task_cgroups)).follow(offset!(css_set_dfl_cgrp)).map(Cgroup::from)
    }

    /// Id of its v2 cgroup.
    #[inline(always)]
    pub(crate) fn cgroup_id(self) -> Read<u64> {
        self.cgroup().then(Cgroup::id)
    }

    /// Its thread id in its own pid namespace, and that namespace's inode number.
    #[inline(always)]
    pub(crate) fn pid_namespace(self) -> (Read<u32>, Read<u32>) {
        let pid = self.0.follow(offset!(task_thread_pid));
        let own_level = pid.read::<u32>(offset!(pid_level));
        let upid = pid
            .at(offset!(pid_numbers))
            .then(|numbers| own_level.then(|level| numbers.at(level.wrapping_mul(offset!(upid_size)))));
        (upid.read(offset!(upid_nr)), upid.follow(offset!(upid_ns)).read(offset!(pid_ns_inum)))
    }

    /// Threads of the process that have not ended.
    #[inline(always)]
    pub(crate) fn live_threads(self) -> Read<u32> {
        self.0.follow(offset!(task_signal)).read(offset!(signal_live))
    }

    /// The status that `wait` will report.
    #[inline(always)]
    pub(crate) fn exit_status(self) -> Read<u32> {
        let group = self.0.follow(offset!(task_signal)).read::<u32>(offset!(signal_group_exit_code));
        if group.value == 0 { self.0.read(offset!(task_exit_code)) } else { group }
    }

    /// Open file number `fd`.
    #[inline(always)]
    pub(crate) fn file(self, fd: u32) -> Result<File, Miss> {
        let table = self.0.follow(offset!(task_files)).follow(offset!(files_fdt));
        if fd >= table.read::<u32>(offset!(fdtable_max_fds)).required()? {
            return Err(Miss::Unreadable);
        }
        let files = table.follow(offset!(fdtable_fd));
        let file = files.at(fd.wrapping_mul(POINTER)).follow(0).required()?;
        if file.is_null() { Err(Miss::Unreadable) } else { Ok(File::from(file)) }
    }

    /// The same as a reading: a fault where there is no such file.
    #[inline(always)]
    pub(crate) fn open_file(self, fd: u32) -> Read<File> {
        match self.file(fd) {
            Ok(file) => Read { value: file, fault: 0 },
            Err(_) => Read { value: File::from(Ptr::argument(0)), fault: 1 },
        }
    }

    /// Whether the system call it serves is a 32-bit one; false where the kernel does not say.
    #[inline(always)]
    pub(super) fn is_compat(self) -> bool {
        self.0.read::<u32>(offset!(task_status)).value & TS_COMPAT != 0
    }

    /// Parent, session, process group, terminal, login.
    #[inline(always)]
    pub(crate) fn lineage(self, record: &mut Record<ProcessExec>) -> Result<(), Miss> {
        let parent = self.parent();
        record.body().parent_pid = parent.then(Self::tgid).required()?;
        record.body().parent_start = parent.then(Self::leader).then(Self::start_boottime).required()?;
        record.body().sid = record.take(self.session());
        record.body().pgid = record.take(self.process_group());
        record.body().parent_vpid =
            record.take(parent.then(Self::leader).then(|leader| leader.pid_namespace().0));
        record.body().vpgid = self.signal_pid_inside(PIDTYPE_PGID);
        record.body().tty = self.tty();
        let (loginuid, session) = self.login();
        record.body().loginuid = record.take(loginuid);
        record.body().session_id = record.take(session);
        Ok(())
    }

    /// Effective group and capabilities.
    #[inline(always)]
    pub(crate) fn credentials(self, record: &mut Record<ProcessExec>) {
        let cred = self.0.follow(offset!(task_cred));
        record.body().egid = record.take(cred.read(offset!(cred_egid)));
        record.body().cap_permitted = record.take(cred.read(offset!(cred_cap_permitted)));
        record.body().cap_effective = record.take(cred.read(offset!(cred_cap_effective)));
        record.body().cap_inheritable = record.take(cred.read(offset!(cred_cap_inheritable)));
        record.body().user_ns = record.take(cred.follow(offset!(cred_user_ns)).read(offset!(user_ns_inum)));
    }

    /// Pid and network namespaces; the mount namespace is in the header.
    #[inline(always)]
    pub(crate) fn namespaces(self, record: &mut Record<ProcessExec>) {
        let (vpid, pid_ns) = self.pid_namespace();
        record.body().vpid = record.take(vpid);
        record.body().pid_ns = record.take(pid_ns);
        let net = self.0.follow(offset!(task_nsproxy)).follow(offset!(nsproxy_net_ns));
        record.body().net_ns = record.take(net.read(offset!(net_ns_inum)));
    }

    /// The file that runs.
    #[inline(always)]
    pub(crate) fn executable(self, record: &mut Record<ProcessExec>) -> Result<(), Miss> {
        let exe = File::from(self.memory().follow(offset!(mm_exe_file)).required()?);
        record.body().task_size = record.take(self.memory().read(offset!(mm_task_size)));
        let facts = exe.facts()?;
        record.body().exe_dev = facts.dev;
        record.body().exe_ino = facts.ino;
        record.body().exe_nlink = facts.nlink;
        record.body().exe_mode = facts.mode;
        record.body().exe_flags = facts.flags;
        Inode::from(exe.inode().value).describe(record);
        record.body().stdin = stdin::connection();
        record.body().exe = record.path(exe.path())?;
        Ok(())
    }

    /// The working directory.
    #[inline(always)]
    pub(crate) fn working_directory(self, record: &mut Record<ProcessExec>) -> Result<(), Miss> {
        record.body().cwd = record.path(self.working_directory_path())?;
        Ok(())
    }

    /// The `struct path` of the working directory.
    #[inline(always)]
    pub(super) fn working_directory_path(self) -> Read<Ptr> {
        self.0.follow(offset!(task_fs)).at(offset!(fs_pwd))
    }

    /// The `struct path` of the root directory.
    #[inline(always)]
    pub(super) fn root_path(self) -> Read<Ptr> {
        self.0.follow(offset!(task_fs)).at(offset!(fs_root))
    }

    /// The stack on which it runs in the kernel.
    #[inline(always)]
    pub(super) fn stack(self) -> Read<Ptr> {
        self.0.follow(offset!(task_stack))
    }

    /// Its memory.
    #[inline(always)]
    pub(super) fn memory(self) -> Read<Ptr> {
        self.0.follow(offset!(task_mm))
    }

    /// A pid that the process shares with others, initial pid namespace.
    #[inline(always)]
    fn signal_pid(self, kind: u32) -> Read<u32> {
        let pids = self.0.follow(offset!(task_signal)).at(offset!(signal_pids));
        pids.follow(kind.wrapping_mul(POINTER)).at(offset!(pid_numbers)).read(offset!(upid_nr))
    }

    /// The same in the process's own pid namespace; 0 where the process that it names is not in there
    /// (`pid_nr_ns` of `kernel/pid.c`).
    #[inline(always)]
    fn signal_pid_inside(self, kind: u32) -> u32 {
        let own = self.0.follow(offset!(task_thread_pid));
        let level = own.read::<u32>(offset!(pid_level)).value;
        let pids = self.0.follow(offset!(task_signal)).at(offset!(signal_pids));
        let pid = pids.follow(kind.wrapping_mul(POINTER));
        if pid.read::<u32>(offset!(pid_level)).value < level {
            return 0;
        }
        let place = level.wrapping_mul(offset!(upid_size));
        let upid = pid.at(offset!(pid_numbers)).at(place);
        let namespace = upid.follow(offset!(upid_ns)).value;
        let own_namespace = own.at(offset!(pid_numbers)).at(place).follow(offset!(upid_ns)).value;
        if namespace == own_namespace { upid.read(offset!(upid_nr)).value } else { 0 }
    }

    /// Device number of the controlling terminal; 0 for none, which is what the reads give without one.
    #[inline(always)]
    fn tty(self) -> u32 {
        let tty = self.0.follow(offset!(task_signal)).follow(offset!(signal_tty));
        let driver = tty.follow(offset!(tty_driver));
        let major = driver.read::<u32>(offset!(tty_driver_major)).value;
        let first = driver.read::<u32>(offset!(tty_driver_minor_start)).value;
        major << 20 | first.wrapping_add(tty.read::<u32>(offset!(tty_index)).value)
    }
}
