//! Snapshots of a made-up /proc and of the real one.

use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Child, Command, Stdio};

use super::*;

/// A process directory as the kernel would show it.
fn process(root: &Path, pid: u32, stat: &str) {
    let dir = root.join(pid.to_string());
    fs::create_dir_all(dir.join("ns")).unwrap();
    fs::write(dir.join("stat"), stat).unwrap();
    fs::write(dir.join("status"), "Uid:\t1000\t0\t0\t0\nGid:\t7\t8\t8\t8\nNStgid:\t40\t1\n").unwrap();
    fs::write(dir.join("cmdline"), b"sh\0-c\0x\n\0").unwrap();
    fs::write(dir.join("cgroup"), b"1:cpu:/\n0::/docker/abc\n").unwrap();
    fs::write(dir.join("loginuid"), "1000").unwrap();
    fs::write(dir.join("sessionid"), "4294967295").unwrap();
    for (name, inode) in [("mnt", 10), ("pid", 11), ("user", 12), ("net", 13)] {
        symlink(format!("{name}:[{inode}]"), dir.join("ns").join(name)).unwrap();
    }
    symlink(root, dir.join("cwd")).unwrap();
    symlink(dir.join("stat"), dir.join("exe")).unwrap();
}

fn stat(pid: u32, state: &str, flags: u32) -> String {
    format!("{pid} (na)me) {state} 1 39 38 34817 -1 {flags} 0 0 0 0 0 0 0 0 20 0 1 0 250 0 0")
}

#[test]
fn everything_about_a_process_is_read() {
    let root = tempfile::tempdir().unwrap();
    process(root.path(), 40, &stat(40, "S", 0));
    let snapshot = ProcFs::at(root.path()).snapshot(10).unwrap();
    let [seed] = &snapshot.processes[..] else { panic!("{snapshot:?}") };
    assert_eq!(seed.key, ProcessKey { pid: 40, start: 250 * TICK });
    assert_eq!((seed.uid, seed.euid, seed.gid, seed.mnt_ns), (1000, 0, 7, 10));
    assert_eq!(&*seed.cgroup, b"/docker/abc");
    let facts = &seed.exec.facts;
    assert_eq!((facts.parent_pid, facts.pgid, facts.sid, facts.tty), (1, 39, 38, 136 << 20 | 1));
    assert_eq!((facts.vpid, facts.egid, facts.loginuid, facts.session_id), (1, 8, 1000, u32::MAX));
    assert_eq!((facts.pid_ns, facts.user_ns, facts.net_ns), (11, 12, 13));
    assert_eq!((facts.argc, facts.argv_len), (3, 9));
    assert_eq!(seed.exec.argv.arg(2), Some(&b"x\n"[..]));
    assert_eq!(seed.exec.exe.as_bytes(), root.path().join("40/stat").as_os_str().as_bytes());
    assert_eq!(facts.exe_ino, fs::metadata(root.path().join("40/stat")).unwrap().st_ino());
    assert_eq!(seed.exec.cwd.as_bytes(), root.path().as_os_str().as_bytes());
}

#[test]
fn kernel_threads_have_a_name_and_no_program() {
    let root = tempfile::tempdir().unwrap();
    process(root.path(), 2, &stat(2, "S", 0x0020_8040));
    let snapshot = ProcFs::at(root.path()).snapshot(10).unwrap();
    let exec = &snapshot.processes[0].exec;
    assert_eq!(&*exec.filename, b"na)me");
    assert!(exec.exe.is_empty() && exec.argv.args().next().is_none());
}

#[test]
fn what_ended_or_is_no_process_is_skipped_and_counted() {
    let root = tempfile::tempdir().unwrap();
    process(root.path(), 40, &stat(40, "S", 0));
    process(root.path(), 41, &stat(41, "Z", 0));
    process(root.path(), 42, "42 (cut");
    fs::create_dir(root.path().join("43")).unwrap();
    fs::create_dir(root.path().join("sys")).unwrap();
    let snapshot = ProcFs::at(root.path()).snapshot(10).unwrap();
    assert_eq!((snapshot.processes.len(), snapshot.ended, snapshot.refused), (1, 3, 0));
}

#[test]
fn too_many_processes_are_refused_and_counted() {
    let root = tempfile::tempdir().unwrap();
    for pid in 40..45 {
        process(root.path(), pid, &stat(pid, "S", 0));
    }
    let snapshot = ProcFs::at(root.path()).snapshot(2).unwrap();
    assert_eq!((snapshot.processes.len(), snapshot.refused), (2, 3));
}

#[test]
fn a_process_that_keeps_us_waiting_costs_only_what_it_holds_back() {
    let root = tempfile::tempdir().unwrap();
    let mut pipes = Vec::new();
    for pid in 40..60 {
        process(root.path(), pid, &stat(pid, "S", 0));
        if pid % 2 == 0 {
            // Nobody opens the other end of this pipe until the test is over.
            let pipe = root.path().join(pid.to_string()).join("cmdline");
            fs::remove_file(&pipe).unwrap();
            rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
            pipes.push(pipe);
        }
    }
    let snapshot = ProcFs::at(root.path()).snapshot(100).unwrap();
    let whole = snapshot.processes.iter().filter(|seed| seed.exec.facts.argc == 3);
    let whole: Vec<u32> = whole.map(|seed| seed.key.pid).collect();
    assert!(whole.iter().all(|pid| pid % 2 == 1) && !whole.is_empty(), "{whole:?}");
    // After some lost threads the others are not read whole either, and are counted as well.
    assert!(whole.len() < 10, "{whole:?}");
    assert_eq!(snapshot.incomplete, 20 - u64::try_from(whole.len()).unwrap());
    assert_eq!((snapshot.processes.len(), snapshot.ended), (20, 0));
    assert!(snapshot.processes.iter().all(|seed| seed.uid == 1000 && !seed.exec.exe.is_empty()));
    for pipe in pipes {
        // Lets a lost thread go.
        drop(fs::OpenOptions::new().read(true).write(true).open(pipe).unwrap());
    }
}

#[test]
fn a_missing_proc_is_one_error() {
    let error = ProcFs::at("/nonexistent").snapshot(10).unwrap_err();
    assert!(error.to_string().contains("/nonexistent"));
}

#[test]
fn this_very_process_is_found_as_it_is() {
    let snapshot = ProcFs::of_host().snapshot(usize::MAX).unwrap();
    let seed = snapshot.processes.iter().find(|seed| seed.key.pid == std::process::id()).unwrap();
    let args: Vec<_> = std::env::args_os().map(|arg| arg.as_bytes().to_vec()).collect();
    assert_eq!(seed.exec.argv.args().collect::<Vec<_>>(), args);
    assert_eq!(seed.exec.exe.as_bytes(), std::env::current_exe().unwrap().as_os_str().as_bytes());
    assert_eq!(seed.exec.cwd.as_bytes(), std::env::current_dir().unwrap().as_os_str().as_bytes());
    assert_eq!(seed.uid, rustix::process::getuid().as_raw());
    assert!(!seed.exec.is_deleted() && !seed.exec.is_memfd());
    assert!(seed.mnt_ns != 0 && seed.exec.facts.pid_ns != 0 && seed.key.start != 0);
    let parent = seed.exec.facts.parent_pid;
    assert!(snapshot.processes.iter().any(|seed| seed.key.pid == parent));
}

/// Starts a program that waits for its input to end.
fn waiting(program: &Path) -> Child {
    Command::new(program).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

/// What /proc shows of a child, which is ended then.
fn shown(mut child: Child) -> Exec {
    let snapshot = ProcFs::of_host().snapshot(usize::MAX).unwrap();
    drop(child.stdin.take());
    child.wait().unwrap();
    let seed = snapshot.processes.into_iter().find(|seed| seed.key.pid == child.id());
    seed.unwrap().exec
}

#[test]
fn a_deleted_executable_keeps_its_path_and_is_flagged() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("cat (deleted)");
    fs::copy("/bin/cat", &program).unwrap();
    let kept = shown(waiting(&program));
    assert_eq!(kept.exe.as_bytes(), program.as_os_str().as_bytes(), "a name is not a state");
    assert!(!kept.is_deleted());
    let child = waiting(&program);
    fs::remove_file(&program).unwrap();
    let gone = shown(child);
    assert_eq!(gone.exe.as_bytes(), program.as_os_str().as_bytes());
    assert!(gone.is_deleted());
}

#[test]
fn a_program_in_a_memfd_is_recognised() {
    let fd = rustix::fs::memfd_create("ca/t", rustix::fs::MemfdFlags::empty()).unwrap();
    let mut file = File::from(fd);
    file.write_all(&fs::read("/bin/cat").unwrap()).unwrap();
    file.set_permissions(fs::Permissions::from_mode(0o700)).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&file);
    // A file that is open for writing is not executed: open it anew for reading, and let the other go.
    let readable = File::open(format!("/proc/self/fd/{number}")).unwrap();
    drop(file);
    let number = std::os::fd::AsRawFd::as_raw_fd(&readable);
    let exec = shown(waiting(Path::new(&format!("/proc/self/fd/{number}"))));
    assert_eq!(exec.exe.as_bytes(), b"memfd:ca/t");
    assert!(exec.is_memfd() && !exec.is_deleted() && exec.exe.is_detached());
}
