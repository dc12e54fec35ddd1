//! A guest that is a host as people have them: Debian's systemd as its first program, and Docker run by that.

use anyhow::Result;

use super::{File, Link, userland};

/// What is installed there.
const PACKAGES: &[&str] = &["systemd", "docker.io", "dash", "coreutils", "tar"];

/// Files that the packages' own scripts would have made, or that an administrator of such a machine would.
const FILES: [(&str, u32, &str); 6] = [
    ("etc/group", 0o644, "root:x:0:\ndaemon:x:1:\nshadow:x:42:\ndocker:x:999:\nnogroup:x:65534:\n"),
    ("etc/machine-id", 0o444, "8a4e0c52f0a14b55a4a3c1ba53c5e2a1\n"),
    // The kernel has no modules for networks.
    ("etc/docker/daemon.json", 0o644, "{\"iptables\": false, \"ip6tables\": false, \"bridge\": \"none\"}\n"),
    ("etc/systemd/system/job.service", 0o644, JOB_UNIT),
    ("usr/local/sbin/run-job", 0o755, RUN_JOB),
    ("etc/fstab", 0o644, ""),
];

/// What the packages' scripts enable, and what the job needs; and what would want the console.
const LINKS: [(&str, &str); 6] = [
    ("etc/systemd/system/default.target", "/lib/systemd/system/multi-user.target"),
    ("etc/systemd/system/sockets.target.wants/docker.socket", "/lib/systemd/system/docker.socket"),
    ("etc/systemd/system/multi-user.target.wants/docker.service", "/lib/systemd/system/docker.service"),
    (
        "etc/systemd/system/multi-user.target.wants/containerd.service",
        "/lib/systemd/system/containerd.service",
    ),
    ("etc/systemd/system/multi-user.target.wants/job.service", "/etc/systemd/system/job.service"),
    ("etc/systemd/system/serial-getty@.service", "/dev/null"),
];

const JOB_UNIT: &str = "\
[Unit]
After=docker.service

[Service]
Type=oneshot
Environment=HOME=/root TERM=linux TMPDIR=/tmp RUST_BACKTRACE=1 VIGIE_BIN=/bin/vigie
ExecStart=/usr/local/sbin/run-job
StandardOutput=file:/dev/ttyS0
StandardError=inherit
TimeoutStartSec=infinity
";

/// The report goes to the second serial port, as that of guests without systemd.
const RUN_JOB: &str = "\
#!/bin/sh
sh /job
echo \"exit $?\" >/dev/ttyS1
poweroff -f
";

/// What makes a guest such a host.
pub(crate) fn contents() -> Result<(Vec<File>, Vec<Link>)> {
    let packages = userland::read(PACKAGES)?;
    let (mut files, mut links) = (packages.files, packages.links);
    let made = |path: &str| FILES.iter().any(|(known, ..)| *known == path);
    files.retain(|file| !made(&file.path));
    files.extend(FILES.map(|(path, mode, content)| File {
        path: path.to_owned(),
        mode,
        content: content.as_bytes().to_vec(),
    }));
    links.extend(LINKS.map(|(path, to)| Link { path: path.to_owned(), to: to.to_owned() }));
    Ok((files, links))
}
