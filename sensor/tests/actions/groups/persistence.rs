//! Staying: keys, start-up files, accounts, and files where programs and configuration are.
//!
//! What would change the system is done in a container, whose files go with it.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::stage::{Doer, Stage, act};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "AddingSshKeysToAuthorizedKeys",
        does: "`touch` of `authorized_keys` in a home directory",
        place: Place::Container,
        by: "touch",
        upstream: "Adding ssh keys to authorized_keys",
        ours: &["Authorized keys changed"],
        perform: authorized_keys,
    },
    Action {
        name: "ModifyShellConfigurationFile",
        does: "`touch` of a new `.bashrc`",
        place: Place::Host,
        by: "touch",
        upstream: "Modify Shell Configuration File",
        ours: &["Shell start-up file of a user changed"],
        perform: write_shell_configuration,
    },
    Action {
        name: "UserMgmtBinaries",
        does: "a program called `vipw` is run, and starts `ls`",
        place: Place::Host,
        by: "vipw",
        upstream: "User mgmt binaries",
        ours: &["Account made or changed"],
        perform: user_management,
    },
    Action {
        name: "WriteBelowBinaryDir",
        does: "`touch` of a new file in `/bin`",
        place: Place::Container,
        by: "touch",
        upstream: "Write below binary dir",
        ours: &["Write below a program directory"],
        perform: |stage| touch(stage, "/bin/vigie-action"),
    },
    Action {
        name: "WriteBelowMonitoredDir",
        does: "`touch` of a new file in `/lib`",
        place: Place::Container,
        by: "touch",
        upstream: "Write below monitored dir",
        ours: &["Write below a program directory"],
        perform: |stage| touch(stage, "/lib/vigie-action"),
    },
    Action {
        name: "WriteBelowEtc",
        does: "`touch` of a new file in `/etc`",
        place: Place::Container,
        by: "touch",
        upstream: "Write below etc",
        ours: &["File made in the configuration of the system"],
        perform: |stage| touch(stage, "/etc/vigie-action"),
    },
    Action {
        name: "WriteBelowRoot",
        does: "`touch` of a new file in `/root`",
        place: Place::Container,
        by: "touch",
        upstream: "Write below root",
        ours: &["File made in root's home of a container"],
        perform: |stage| touch(stage, "/root/vigie-action"),
    },
    Action {
        name: "WriteBelowRpmDatabase",
        does: "`touch` of a new file in `/var/lib/rpm`",
        place: Place::Container,
        by: "touch",
        upstream: "Write below rpm database",
        ours: &["Package database changed"],
        perform: |stage| touch(stage, "/var/lib/rpm/vigie-action"),
    },
    Action {
        name: "MkdirBinaryDirs",
        does: "`mkdir` of a directory in `/bin`",
        place: Place::Container,
        by: "mkdir",
        upstream: "Mkdir binary dirs",
        ours: &["Directory made below a program directory"],
        perform: mkdir_in_bin,
    },
    Action {
        name: "ModifyBinaryDirs",
        does: "`mv` of `/bin/true` to another name and back",
        place: Place::Container,
        by: "sh",
        upstream: "Modify binary dirs",
        ours: &["Program renamed, replaced or removed"],
        perform: rename_in_bin,
    },
    Action {
        name: "DropAndExecuteNewBinaryInContainer",
        does: "`ls` is copied into `/bin` and run there",
        place: Place::Container,
        by: "vigie-dropped",
        upstream: "Drop and execute new binary in container",
        ours: &["Program run that is not from the image"],
        perform: drop_and_execute,
    },
];

fn touch(stage: &Stage, path: &str) -> Result<Doer> {
    stage.contain(&["touch", path])
}

fn authorized_keys(stage: &Stage) -> Result<Doer> {
    touch(stage, "/home/ann/.ssh/authorized_keys")
}

fn write_shell_configuration(stage: &Stage) -> Result<Doer> {
    act(Command::new("touch").arg(stage.path(".bashrc")))
}

fn user_management(stage: &Stage) -> Result<Doer> {
    act(&mut stage.perl_as("vipw", "system('/bin/ls')")?)
}

fn mkdir_in_bin(stage: &Stage) -> Result<Doer> {
    stage.contain(&["mkdir", "/bin/vigie-action"])
}

fn rename_in_bin(stage: &Stage) -> Result<Doer> {
    stage.contain(&["sh", "-c", "mv /bin/true /bin/vigie-action && mv /bin/vigie-action /bin/true"])
}

fn drop_and_execute(stage: &Stage) -> Result<Doer> {
    let script = "cp /usr/bin/ls /bin/vigie-dropped && chmod +x /bin/vigie-dropped && /bin/vigie-dropped";
    stage.contain(&["sh", "-c", script])
}
