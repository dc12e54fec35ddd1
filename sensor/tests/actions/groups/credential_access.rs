//! Reading what proves who somebody is.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::perl;
use crate::stage::{Doer, Stage, act};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "ReadSensitiveFileUntrusted",
        does: "`cat /etc/shadow`",
        place: Place::Host,
        by: "cat",
        upstream: "Read sensitive file untrusted",
        ours: &["Sensitive file read"],
        perform: read_shadow,
    },
    Action {
        name: "ReadSensitiveFileTrustedAfterStartup",
        does: "a program called `httpd` opens `/etc/shadow` six seconds after its start",
        place: Place::Container,
        by: "httpd",
        upstream: "Read sensitive file trusted after startup",
        ours: &["Sensitive file read"],
        perform: read_shadow_late,
    },
    Action {
        name: "DirectoryTraversalMonitoredFileRead",
        does: "`cat /etc/../etc/../etc/shadow`",
        place: Place::Host,
        by: "cat",
        upstream: "Directory traversal monitored file read",
        ours: &["Sensitive file read"],
        perform: traverse,
    },
    Action {
        name: "CreateHardlinkOverSensitiveFiles",
        does: "`ln -v /etc/shadow` to another name, and `cat` of that",
        place: Place::Host,
        by: "ln",
        upstream: "Create Hardlink Over Sensitive Files",
        ours: &["Link to a sensitive file made"],
        perform: hard_link,
    },
    Action {
        name: "CreateSymlinkOverSensitiveFiles",
        does: "`ln -s /etc` to another name",
        place: Place::Host,
        by: "ln",
        upstream: "Create Symlink Over Sensitive Files",
        ours: &["Link to a sensitive file made"],
        perform: symbolic_link,
    },
    Action {
        name: "FindAwsCredentials",
        does: "`find` for `.aws/credentials`",
        place: Place::Host,
        by: "find",
        upstream: "Find AWS Credentials",
        ours: &["Search for credentials"],
        perform: find_aws_credentials,
    },
    Action {
        name: "SearchPrivateKeysOrPasswords",
        does: "`find` for `id_rsa`",
        place: Place::Host,
        by: "find",
        upstream: "Search Private Keys or Passwords",
        ours: &["Search for credentials"],
        perform: find_private_keys,
    },
    Action {
        name: "ReadEnvironmentVariableFromProcFiles",
        does: "`cat /proc/self/environ`",
        place: Place::Container,
        by: "cat",
        upstream: "Read environment variable from /proc files",
        ours: &["Environment of another process read"],
        perform: read_environment,
    },
    Action {
        name: "ReadShellConfigurationFile",
        does: "`cat` of a `.bashrc`",
        place: Place::Host,
        by: "cat",
        upstream: "Read Shell Configuration File",
        ours: &["Shell start-up file read"],
        perform: read_shell_configuration,
    },
    Action {
        name: "ReadSshInformation",
        does: "`known_hosts` in a home directory is opened for reading and writing",
        place: Place::Container,
        by: "perl",
        upstream: "Read ssh information",
        ours: &["SSH directory of a user read"],
        perform: read_ssh_information,
    },
    Action {
        name: "PacketSocketCreatedInContainer",
        does: "a raw packet socket is made",
        place: Place::Container,
        by: "perl",
        upstream: "Packet socket created in container",
        ours: &["Packet socket made in container"],
        perform: packet_socket,
    },
    Action {
        name: "ContactEC2InstanceMetadataServiceFromContainer",
        does: "`nc 169.254.169.254 80`",
        place: Place::Container,
        by: "nc",
        upstream: "Contact EC2 Instance Metadata Service From Container",
        ours: &["Cloud metadata service contacted in container"],
        perform: metadata_service,
    },
];

fn read_shadow(_: &Stage) -> Result<Doer> {
    act(Command::new("cat").arg("/etc/shadow"))
}

fn read_shadow_late(stage: &Stage) -> Result<Doer> {
    // The rule is about processes that are older than five seconds.
    stage.contain(&["httpd", "-e", &format!("sleep 6; {}", perl::open("/etc/shadow", "0", "0"))])
}

fn traverse(_: &Stage) -> Result<Doer> {
    act(Command::new("cat").arg("/etc/../etc/../etc/shadow"))
}

fn hard_link(stage: &Stage) -> Result<Doer> {
    let link = stage.path("shadow_link");
    let doer = act(Command::new("ln").args(["-v", "/etc/shadow"]).arg(&link))?;
    act(Command::new("cat").arg(link))?;
    Ok(doer)
}

fn symbolic_link(stage: &Stage) -> Result<Doer> {
    act(Command::new("ln").args(["-s", "/etc"]).arg(stage.path("etc_link")))
}

fn find_aws_credentials(stage: &Stage) -> Result<Doer> {
    act(Command::new("find").arg(stage.path("")).args(["-maxdepth", "1", "-iname", ".aws/credentials"]))
}

fn find_private_keys(stage: &Stage) -> Result<Doer> {
    act(Command::new("find").arg(stage.path("")).args(["-maxdepth", "1", "-iname", "id_rsa"]))
}

fn read_environment(stage: &Stage) -> Result<Doer> {
    stage.contain(&["cat", "/proc/self/environ"])
}

fn read_shell_configuration(stage: &Stage) -> Result<Doer> {
    let file = stage.file("home/.bashrc", "# nothing\n")?;
    act(Command::new("cat").arg(file))
}

fn read_ssh_information(stage: &Stage) -> Result<Doer> {
    stage.contain(&["perl", "-e", &perl::open("/home/ann/.ssh/known_hosts", "0102", "0600")])
}

fn packet_socket(stage: &Stage) -> Result<Doer> {
    stage.contain(&["perl", "-e", perl::PACKET_SOCKET])
}

fn metadata_service(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["nc", "-w", "1", "169.254.169.254", "80"])
}
