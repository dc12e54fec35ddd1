//! An installed guard that is killed, at work.

use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::host::{IMAGE, Uninstalled, fails, image, run, uninstall};
use super::picture::Picture;

/// Where the guard's processes are.
const CGROUP: &str = "/sys/fs/cgroup/system.slice/vigie-guard.service/cgroup.procs";
/// More deaths than systemd puts up with.
const FAR_MORE: usize = 100;
/// How often it starts a service again is told by the clock, which passes slowly on a slow host: here an hour counts.
const PATIENCE: &str = "/run/systemd/system/vigie-guard.service.d";

/// Clients that ask without end, whatever is answered, until they are dropped.
struct Load(Vec<Child>);

impl Load {
    fn start() -> Result<Self> {
        let client = "while :; do docker ps --all; docker inspect box; done >/dev/null 2>&1";
        let start = || Command::new("/bin/sh").args(["-c", client]).stdin(Stdio::null()).spawn();
        Ok(Self((0..2).map(|_| start()).collect::<Result<_, _>>()?))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended needs nothing.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn property(name: &str) -> Result<String> {
    let value = run(&format!("systemctl show --property {name} --value vigie-guard.service"))?;
    Ok(value.trim().to_owned())
}

/// Kills whatever runs of the guard; says whether anything did.
fn kill() -> Result<bool> {
    // Between two lives there is none.
    let processes = fs::read_to_string(CGROUP).unwrap_or_default();
    for pid in processes.lines() {
        let pid = pid.parse().ok().and_then(Pid::from_raw).context("no process id")?;
        kill_process(pid, Signal::KILL)?;
    }
    Ok(!processes.is_empty())
}

/// Kills the guard whenever it runs, until systemd gives it up.
fn kill_until_given_up() -> Result<()> {
    let mut deaths = 0;
    while property("ActiveState")? != "failed" {
        deaths += usize::from(kill()?);
        ensure!(deaths < FAR_MORE, "systemd does not give it up");
    }
    Ok(())
}

#[test]
fn what_a_guard_that_is_killed_under_load_leaves_is_what_the_setting_says() -> Result<()> {
    image();
    let before = Picture::take()?;
    let _cleanup = Uninstalled;
    let hostile = format!("docker run --rm --network none --privileged {IMAGE} /bin/busybox true");
    run(&format!(
        "mkdir -p {PATIENCE} && printf '[Unit]\\nStartLimitIntervalSec=1h\\n' >{PATIENCE}/hour.conf"
    ))?;
    run("vigie guard install --mode enforce --now && docker ps")?;

    // Started again: systemd holds the socket, so that clients wait until somebody serves it.
    let load = Load::start()?;
    let first = property("MainPID")?;
    ensure!(kill()?, "no guard runs");
    run("docker ps")?;
    ensure!(property("MainPID")? != first && fails(&hostile)?.contains("vigie: denied"), "{first}");

    // Given up, and closed.
    kill_until_given_up()?;
    drop(load);
    fails("docker ps")?;
    run("vigie guard restore")?;
    run(&hostile)?;

    // Another setting gives it another chance.
    run("vigie guard install --mode enforce --fail open --now")?;
    ensure!(fails(&hostile)?.contains("vigie: denied"), "the guard is not back");

    // Given up, and open.
    let load = Load::start()?;
    kill_until_given_up()?;
    drop(load);
    // Started by the failure itself; this waits for its end.
    run("systemctl start vigie-guard-restore.service")?;
    run(&hostile)?;
    uninstall()?;
    run(&format!("rm -r {PATIENCE} && systemctl daemon-reload"))?;
    before.is_now()
}
