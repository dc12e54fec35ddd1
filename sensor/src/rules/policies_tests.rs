//! Each default policy against events: where it fires, and where it stays quiet.

use super::*;
use crate::rules::Scratch;
use crate::rules::event_type::EventType;
use crate::rules::rule_set::Matching;
use crate::rules::testing::{MapEvent, event, put};
use crate::rules::value::Value;

type Facts<'f> = &'f [(&'f str, Value<'static>)];

fn text(text: &'static str) -> Value<'static> {
    Value::from(text)
}

fn names(names: &[&'static str]) -> Value<'static> {
    Value::List(names.iter().map(|name| Value::from(*name)).collect())
}

const YES: Value<'static> = Value::Bool(true);
const NO: Value<'static> = Value::Bool(false);

/// The names of the default rules that match, whatever else does.
fn alerts(event_type: &str, event: &MapEvent) -> Vec<String> {
    let (rules, _) = load().unwrap_or_else(|error| panic!("{error}"));
    let rules = rules.with_matching(Matching::All);
    let evaluation =
        rules.evaluate(EventType::from_name(event_type).unwrap(), event, &mut Scratch::default());
    evaluation.matches.iter().map(|rule| rule.name.clone()).collect()
}

/// A bash user's `cat` on the host, with changes.
fn on_host(changes: Facts<'_>) -> MapEvent {
    let mut event = event(&[
        ("container.id", text("host")),
        ("proc.name", text("cat")),
        ("proc.exepath", text("/usr/bin/cat")),
        ("proc.pexepath", text("/usr/bin/bash")),
        ("proc.pcmdline", text("bash")),
        ("proc.aname", names(&["bash", "sshd", "systemd"])),
        ("proc.aexepath", names(&["/usr/bin/bash", "/usr/sbin/sshd", "/usr/lib/systemd/systemd"])),
        ("proc.tty", Value::Number(0)),
        ("proc.is_exe_upper_layer", NO),
        ("proc.is_exe_from_memfd", NO),
        ("vigie.proc.exe_deleted", NO),
    ]);
    for (name, value) in changes {
        put(&mut event, name, value.clone());
    }
    event
}

/// The same in a container, with changes.
fn in_container(changes: Facts<'_>) -> MapEvent {
    let mut event = on_host(&[
        ("container.id", text("3ad7b26ded6d")),
        ("container.image.repository", Value::Pending),
        ("proc.aname", names(&["sh", "containerd-shim"])),
        ("proc.aexepath", names(&["/bin/busybox", "/usr/bin/containerd-shim-runc-v2"])),
        ("proc.pexepath", text("/bin/busybox")),
    ]);
    for (name, value) in changes {
        put(&mut event, name, value.clone());
    }
    event
}

/// Makes an event one of a file opened to read.
fn reads(mut event: MapEvent, file: &'static str) -> MapEvent {
    let (directory, name) = file.rsplit_once('/').unwrap();
    for (field, value) in [
        ("fd.name", text(file)),
        ("fd.directory", text(directory)),
        ("fd.filename", text(name)),
        ("evt.failed", NO),
        ("evt.res", text("SUCCESS")),
        ("evt.is_open_read", YES),
        ("evt.is_open_write", NO),
    ] {
        put(&mut event, field, value);
    }
    event
}

/// Makes an event one of a file opened to write.
fn writes(event: MapEvent, file: &'static str) -> MapEvent {
    let mut event = reads(event, file);
    put(&mut event, "evt.is_open_read", NO);
    put(&mut event, "evt.is_open_write", YES);
    event
}

fn fires(rule: &str, event_type: &str, event: &MapEvent) {
    assert_eq!(alerts(event_type, event), [rule], "{event:?}");
}

fn quiet(event_type: &str, event: &MapEvent) {
    assert_eq!(alerts(event_type, event), [""; 0], "{event:?}");
}

#[test]
fn the_policies_load_without_a_warning() {
    let (rules, warnings) = load().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(rules.rules().len(), 12);
    let types: Vec<_> = rules.event_types().iter().map(EventType::name).collect();
    assert_eq!(types, ["creat", "execve", "execveat", "open", "open_by_handle_at", "openat", "openat2"]);
}

#[test]
fn every_rule_says_what_an_analyst_needs() {
    let (rules, _) = load().unwrap_or_else(|error| panic!("{error}"));
    for rule in rules.rules() {
        let named: Vec<_> = rule.output().fields().iter().map(|(name, _)| &**name).collect();
        for field in [
            "user.name",
            "proc.exepath",
            "proc.cmdline",
            "proc.pname",
            "container.id",
            "container.name",
            "container.image.repository",
        ] {
            assert!(named.contains(&field), "{}: {field}", rule.name);
        }
        let technique = |tag: &String| {
            tag.strip_prefix('T').is_some_and(|id| id.starts_with(|c: char| c.is_ascii_digit()))
        };
        assert!(rule.tags.iter().any(technique), "{}", rule.name);
        assert!(rule.tags.iter().any(|tag| tag.starts_with("mitre_")), "{}", rule.name);
        assert!(rule.tags.iter().any(|tag| tag == "container"), "{}", rule.name);
    }
}

#[test]
fn every_policy_file_is_built_in_and_in_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| format!("policies/{}", path.file_name().unwrap().to_string_lossy()))
        .collect();
    files.sort();
    assert_eq!(files, DEFAULT.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn reading_the_password_database_is_seen() {
    for file in ["/etc/shadow", "/etc/gshadow-", "/etc/sudoers", "/etc/sudoers.d/admins"] {
        for event_type in ["open", "openat", "openat2", "open_by_handle_at"] {
            fires("Sensitive file read", event_type, &reads(on_host(&[]), file));
        }
        fires("Sensitive file read", "openat", &reads(in_container(&[]), file));
    }
    quiet("openat", &reads(on_host(&[]), "/etc/passwd"));
    quiet("openat", &reads(on_host(&[]), "/etc/shadow.txt"));
    let mut failed = reads(on_host(&[]), "/etc/shadow");
    put(&mut failed, "evt.failed", YES);
    quiet("openat", &failed);
}

#[test]
fn programs_that_have_to_read_passwords_are_known_by_path() {
    for program in [
        "/usr/sbin/sshd",
        "/usr/bin/sudo",
        "/usr/sbin/unix_chkpwd",
        "/usr/bin/passwd",
        "/usr/sbin/cron",
        "/usr/lib/systemd/systemd-executor",
        "/usr/bin/dpkg",
    ] {
        quiet("openat", &reads(on_host(&[("proc.exepath", text(program))]), "/etc/shadow"));
    }
    let named = on_host(&[("proc.name", text("sshd")), ("proc.exepath", text("/tmp/sshd"))]);
    fires("Sensitive file read", "openat", &reads(named, "/etc/shadow"));
    // Within a package's installation script, whatever runs there.
    let postinst = [("proc.aexepath", names(&["/usr/bin/dash", "/usr/bin/dpkg", "/usr/bin/apt-get"]))];
    quiet("openat", &reads(on_host(&postinst), "/etc/shadow"));
}

#[test]
fn a_program_written_into_a_container_does_not_pass_for_sshd() {
    let shipped = [("proc.exepath", text("/usr/sbin/sshd"))];
    quiet("openat", &reads(in_container(&shipped), "/etc/shadow"));
    let planted = [("proc.exepath", text("/usr/sbin/sshd")), ("proc.is_exe_upper_layer", YES)];
    fires("Sensitive file read", "openat", &reads(in_container(&planted), "/etc/shadow"));
}

#[test]
fn the_daily_copy_of_the_password_files_is_quiet_under_cron_only() {
    let job = [
        ("proc.exepath", text("/usr/bin/cmp")),
        ("proc.pexepath", text("/usr/bin/dash")),
        ("proc.pcmdline", text("sh /etc/cron.daily/passwd")),
        ("proc.aexepath", names(&["/usr/bin/dash", "/usr/bin/run-parts", "/usr/sbin/cron"])),
    ];
    quiet("openat", &reads(on_host(&job), "/etc/shadow"));
    let mut by_hand = reads(on_host(&job), "/etc/shadow");
    put(&mut by_hand, "proc.aexepath", names(&["/usr/bin/dash", "/usr/bin/bash"]));
    fires("Sensitive file read", "openat", &by_hand);
}

#[test]
fn private_keys_are_for_openssh() {
    for file in ["/etc/ssh/ssh_host_ed25519_key", "/root/.ssh/id_rsa", "/home/ann/.ssh/id_ed25519"] {
        fires("SSH private key read", "openat", &reads(on_host(&[]), file));
        quiet("openat", &reads(on_host(&[("proc.exepath", text("/usr/bin/ssh"))]), file));
    }
    for file in ["/etc/ssh/ssh_host_ed25519_key.pub", "/root/.ssh/id_rsa.pub", "/root/.ssh/known_hosts"] {
        quiet("openat", &reads(on_host(&[]), file));
    }
}

#[test]
fn shells_with_a_terminal_in_containers_are_seen() {
    let shell = |changes: Facts<'_>| {
        let mut event = in_container(&[
            ("proc.name", text("bash")),
            ("proc.exepath", text("/usr/bin/bash")),
            ("proc.tty", Value::Number(34816)),
        ]);
        for (name, value) in changes {
            put(&mut event, name, value.clone());
        }
        event
    };
    fires("Terminal shell in container", "execve", &shell(&[]));
    fires(
        "Terminal shell in container",
        "execveat",
        &shell(&[("proc.name", text("sh")), ("proc.exepath", text("/bin/busybox"))]),
    );
    let applet = [
        ("proc.name", text("busybox")),
        ("proc.exepath", text("/bin/busybox")),
        ("proc.args[0]", text("ash")),
    ];
    fires("Terminal shell in container", "execve", &shell(&applet));
    quiet("execve", &shell(&[("proc.tty", Value::Number(0))]));
    quiet("execve", &shell(&[("proc.tty", Value::Missing)]));
    quiet("execve", &shell(&[("container.id", text("host"))]));
    quiet("execve", &shell(&[("container.id", Value::Missing)]));
    quiet("execve", &shell(&[("proc.name", text("ls")), ("proc.exepath", text("/usr/bin/ls"))]));
}

#[test]
fn programs_in_shared_memory_are_seen() {
    fires("Program run from shared memory", "execve", &on_host(&[("proc.exepath", text("/dev/shm/x/run"))]));
    quiet("execve", &on_host(&[("proc.exepath", text("/dev/shmoo/run"))]));
}

#[test]
fn writing_below_program_directories_is_for_package_managers() {
    for file in
        ["/usr/bin/ls", "/bin/ls", "/usr/sbin/sshd", "/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib64/x.so"]
    {
        fires("Write below a program directory", "openat", &writes(on_host(&[]), file));
        fires("Write below a program directory", "creat", &writes(in_container(&[]), file));
        quiet("openat", &writes(on_host(&[("proc.exepath", text("/usr/bin/dpkg"))]), file));
        let child = [("proc.aexepath", names(&["/usr/bin/dash", "/usr/bin/dpkg"]))];
        quiet("openat", &writes(on_host(&child), file));
        quiet("openat", &reads(on_host(&[]), file));
    }
    quiet("openat", &writes(on_host(&[]), "/usr/local/bin/tool"));
    quiet("openat", &writes(on_host(&[]), "/usr/binary"));
    let python = [("proc.exepath", text("/usr/bin/python3.11")), ("proc.args[0]", text("/usr/bin/tool"))];
    quiet(
        "openat",
        &writes(on_host(&python), "/usr/lib/python3/dist-packages/x/__pycache__/a.cpython-311.pyc.1"),
    );
    fires(
        "Write below a program directory",
        "openat",
        &writes(on_host(&python), "/usr/lib/python3/dist-packages/x.py"),
    );
    let dnf = [("proc.exepath", text("/usr/bin/python3.9")), ("proc.args[0]", text("/usr/bin/dnf"))];
    quiet("openat", &writes(on_host(&dnf), "/usr/bin/ls"));
    // Layers are unpacked behind a changed root, so they look like the host's own files.
    quiet("openat", &writes(on_host(&[("proc.exepath", text("/usr/sbin/dockerd"))]), "/usr/bin/ls"));
    fires(
        "Write below a program directory",
        "openat",
        &writes(in_container(&[("proc.exepath", text("/usr/sbin/dockerd"))]), "/usr/bin/ls"),
    );
}

#[test]
fn start_up_files_are_seen() {
    for file in ["/etc/cron.d/job", "/etc/systemd/system/x.service", "/etc/ld.so.preload", "/etc/crontab"] {
        fires("Start-up file changed", "openat", &writes(on_host(&[]), file));
        quiet("openat", &writes(on_host(&[("proc.exepath", text("/usr/bin/dpkg"))]), file));
        quiet("openat", &reads(on_host(&[]), file));
    }
    quiet(
        "openat",
        &writes(on_host(&[("proc.exepath", text("/usr/bin/crontab"))]), "/var/spool/cron/crontabs/tmp.x"),
    );
    quiet("openat", &writes(on_host(&[]), "/etc/cron.deny"));
}

#[test]
fn programs_without_a_file_are_seen() {
    let memfd =
        [("proc.exepath", text("memfd:x")), ("proc.is_exe_from_memfd", YES), ("vigie.proc.exe_deleted", YES)];
    fires("Program run from memory", "execveat", &on_host(&memfd));
    fires("Program run from memory", "execveat", &in_container(&memfd));
    let runc = [
        ("proc.exepath", text("memfd:runc_cloned:/proc/self/exe")),
        ("proc.is_exe_from_memfd", YES),
        ("proc.pexepath", text("/usr/sbin/runc")),
    ];
    quiet("execve", &on_host(&runc));
    let mut impostor = on_host(&runc);
    put(&mut impostor, "proc.pexepath", text("/usr/bin/bash"));
    fires("Program run from memory", "execve", &impostor);
    let deleted = [("proc.exepath", text("/tmp/x")), ("vigie.proc.exe_deleted", YES)];
    fires("Deleted program run", "execve", &on_host(&deleted));
    quiet("execve", &on_host(&[]));
}

#[test]
fn programs_that_no_image_holds_are_seen() {
    let drift = [("proc.exepath", text("/tmp/tool")), ("proc.is_exe_upper_layer", YES)];
    fires("Program run that is not from the image", "execve", &in_container(&drift));
    quiet("execve", &on_host(&drift));
    quiet("execve", &in_container(&[]));
}

#[test]
fn package_managers_in_containers_are_seen_once() {
    let apt = [("proc.name", text("apt-get")), ("proc.exepath", text("/usr/bin/apt-get"))];
    fires("Package manager run in container", "execve", &in_container(&apt));
    quiet("execve", &on_host(&apt));
    let dpkg = [
        ("proc.name", text("dpkg")),
        ("proc.exepath", text("/usr/bin/dpkg")),
        ("proc.aname", names(&["apt-get", "bash"])),
        ("proc.aexepath", names(&["/usr/bin/apt-get", "/usr/bin/bash"])),
    ];
    quiet("execve", &in_container(&dpkg));
}

#[test]
fn runtime_sockets_are_not_for_containers() {
    let rule = "Container runtime socket opened in container";
    let mut refused = reads(in_container(&[]), "/var/run/docker.sock");
    put(&mut refused, "evt.failed", YES);
    put(&mut refused, "evt.res", text("ENXIO"));
    fires(rule, "openat", &refused);
    put(&mut refused, "evt.res", text("ENOENT"));
    quiet("openat", &refused);
    fires(rule, "openat", &reads(in_container(&[]), "/run/containerd/containerd.sock"));
    quiet("openat", &reads(on_host(&[]), "/var/run/docker.sock"));
    let client = [("proc.name", text("docker")), ("proc.exepath", text("/usr/local/bin/docker"))];
    fires("Container runtime client run in container", "execve", &in_container(&client));
    quiet("execve", &on_host(&client));
}
