//! Becoming more than one is, out of a container above all.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::stage::{Doer, Stage, act};
use crate::{perl, privileged};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "ChangeNamespacePrivilegesViaUnshare",
        does: "`unshare` without the capability to",
        place: Place::Container,
        by: "unshare",
        upstream: "Change namespace privileges via unshare",
        ours: &["Namespace or root changed in container"],
        perform: unshare,
    },
    Action {
        name: "ChangeThreadNamespace",
        does: "`setns(0, 0)`, which fails",
        place: Place::Host,
        by: "perl",
        upstream: "Change thread namespace",
        ours: &["Namespace entered"],
        perform: setns,
    },
    Action {
        name: "DebugfsLaunchedInPrivilegedContainer",
        does: "`debugfs -V` in user and mount namespaces of its own",
        place: Place::Privileged,
        by: "debugfs",
        upstream: "Debugfs Launched in Privileged Container",
        ours: &["File system debugger run in container"],
        perform: debugfs,
    },
    Action {
        name: "MountLaunchedInPrivilegedContainer",
        does: "`mount -o` in user and mount namespaces of its own",
        place: Place::Privileged,
        by: "mount",
        upstream: "Mount Launched in Privileged Container",
        ours: &["File system mounted in container"],
        perform: mount,
    },
    Action {
        name: "DetectReleaseAgentFileContainerEscapes",
        does: "a shell writes a file called `release_agent`, with the capability to administrate",
        place: Place::Container,
        by: "sh",
        upstream: "Detect release_agent File Container Escapes",
        ours: &["Container escape file written"],
        perform: release_agent,
    },
    Action {
        name: "ModifyContainerEntrypoint",
        does: "`/proc/self/fd/1` is opened for writing",
        place: Place::Container,
        by: "perl",
        upstream: "Modify Container Entrypoint",
        ours: &["Own descriptor or program opened for writing in container"],
        perform: container_entrypoint,
    },
    Action {
        name: "NonSudoSetuid",
        does: "a program becomes `daemon`, and tries to become root again",
        place: Place::Host,
        by: "child",
        upstream: "Non sudo setuid",
        ours: &["Change of user refused"],
        perform: setuid,
    },
    Action {
        name: "PolkitLocalPrivilegeEscalationVulnerabilityCVE20214034",
        does: "`pkexec` started by `daemon` without any argument",
        place: Place::Host,
        by: "pkexec",
        upstream: "Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)",
        ours: &["Set-user-id program run without arguments"],
        perform: pkexec,
    },
    Action {
        name: "PotentialLocalPrivilegeEscalationViaEnvironmentVariablesMisuse",
        does: "`sh -c id` with `GLIBC_TUNABLES` in its environment",
        place: Place::Host,
        by: "sh",
        upstream: "Potential Local Privilege Escalation via Environment Variables Misuse",
        ours: &["Tunables of the C library set"],
        perform: tunables,
    },
    Action {
        name: "SetSetuidOrSetgidBit",
        does: "`chmod u+s` of a file",
        place: Place::Host,
        by: "chmod",
        upstream: "Set Setuid or Setgid bit",
        ours: &["Set-user-id bit given"],
        perform: set_user_id_bit,
    },
    Action {
        name: "SudoPotentialPrivilegeEscalation",
        does: "`sudoedit -u daemon -s 'ls\\'` started by `daemon`",
        place: Place::Host,
        by: "sudoedit",
        upstream: "Sudo Potential Privilege Escalation",
        ours: &["Backslash at the end of a command of sudo"],
        perform: sudoedit,
    },
    Action {
        name: "UnprivilegedDelegationOfPageFaultsHandlingToAUserspaceProcess",
        does: "a program becomes `daemon`, and calls `userfaultfd`",
        place: Place::Host,
        by: "child",
        upstream: "Unprivileged Delegation of Page Faults Handling to a Userspace Process",
        ours: &["Page faults taken over by a user"],
        perform: userfaultfd,
    },
    Action {
        name: "PtraceAttachedToProcess",
        does: "`PTRACE_ATTACH` to a `sleep`",
        place: Place::Host,
        by: "perl",
        upstream: "PTRACE attached to process",
        ours: &["Process attached to"],
        perform: attach,
    },
];

fn unshare(stage: &Stage) -> Result<Doer> {
    stage.contain(&["unshare"])
}

fn setns(_: &Stage) -> Result<Doer> {
    act(Command::new("perl").args(["-e", &perl::setns()]))
}

fn debugfs(stage: &Stage) -> Result<Doer> {
    all_rights(stage, &["debugfs", "-V"])
}

fn mount(stage: &Stage) -> Result<Doer> {
    all_rights(stage, &["mount", "-o"])
}

fn all_rights(stage: &Stage, command: &[&str]) -> Result<Doer> {
    let options = ["--network", "none", "--privileged", "--runtime", privileged::RUNTIME];
    let unshare: &[&str] = &["unshare", "--user", "--map-root-user", "--mount"];
    stage.contain_with(&options, &[unshare, command].concat())
}

fn release_agent(stage: &Stage) -> Result<Doer> {
    let options = ["--network", "none", "--cap-add", "SYS_ADMIN"];
    stage.contain_with(&options, &["sh", "-c", "echo /bin/true > /tmp/release_agent"])
}

fn container_entrypoint(stage: &Stage) -> Result<Doer> {
    stage.contain(&["perl", "-e", &perl::open("/proc/self/fd/1", "1", "0")])
}

fn setuid(stage: &Stage) -> Result<Doer> {
    act(&mut stage.perl_as("child", &perl::setuid_and_back())?)
}

fn pkexec(stage: &Stage) -> Result<Doer> {
    act(&mut stage.perl_as("child", &perl::exec_without_arguments("/usr/bin/pkexec"))?)
}

fn tunables(_: &Stage) -> Result<Doer> {
    act(Command::new("sh").args(["-c", "id"]).env("GLIBC_TUNABLES", "glibc.malloc.mxfast=0"))
}

fn set_user_id_bit(stage: &Stage) -> Result<Doer> {
    let file = stage.file("to-be-set-user-id", "")?;
    act(Command::new("chmod").arg("u+s").arg(file))
}

fn sudoedit(_: &Stage) -> Result<Doer> {
    let daemon = ["--reuid=daemon", "--clear-groups"];
    act(Command::new("setpriv").args(daemon).args(["sudoedit", "-u", "daemon", "-s", "ls\\"]))
}

fn userfaultfd(stage: &Stage) -> Result<Doer> {
    act(&mut stage.perl_as("child", &perl::userfaultfd_as_daemon())?)
}

fn attach(_: &Stage) -> Result<Doer> {
    act(Command::new("perl").args(["-e", &perl::attach()]))
}
