//! The lock-down before a real engine, whose socket a container has under another name.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::host::{IMAGE, Uninstalled, fails, image, run, uninstall};
use super::picture::Picture;

const ENGINE: &str = "/run/docker.sock";
const GUARD: &str = "/run/guard.sock";
/// A directory that a container shares with the host, with a pipe in it that it waits at.
const SHARED: &str = "/srv/shared";
/// What the kernel says to who is kept out; the client says it in its own words.
const REFUSED: &str = "operation not permitted";

/// A guard at a socket of its own, with its alerts in a file.
struct Guard(Child);

impl Guard {
    fn start(options: &[&str]) -> Result<Self> {
        let mut command = Command::new("/bin/vigie");
        command.args(["guard", "--listen", GUARD, "--upstream", ENGINE, "--lock-down"]).args(options);
        command.args(["--output", "json", "--file", "/srv/alerts"]).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("no stderr")?).lines();
        let mut is_on = false;
        for line in lines.by_ref() {
            let line = line?;
            is_on |= line.contains("lock-down: on");
            if line.contains("mode enforce") {
                ensure!(is_on, "the lock-down is not on");
                // What else it says must not fill the pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self(child));
            }
        }
        anyhow::bail!("the guard did not start")
    }

    /// Ends it; gives its alerts.
    fn finish(mut self) -> Result<Vec<serde_json::Value>> {
        kill_process(Pid::from_child(&self.0), Signal::TERM)?;
        ensure!(self.0.wait()?.success(), "the guard failed");
        let text = fs::read_to_string("/srv/alerts")?;
        fs::remove_file("/srv/alerts")?;
        text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // One that has ended needs nothing.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A container with the host's programs and the engine's real socket as /mnt/other.sock, which tries it once it is told to.
fn start_spy() -> Result<()> {
    run(&format!("mkdir -p {SHARED} && rm -f {SHARED}/* && mkfifo {SHARED}/go && touch /mnt/other.sock"))?;
    let script = "cat /shared/go; chroot /host docker -H unix:///mnt/other.sock ps >/shared/said 2>&1; \
                  echo $? >/shared/code";
    run(&format!(
        "docker run --detach --name spy --network none --volume /:/host:ro --volume {SHARED}:/shared \
         --volume {ENGINE}:/host/mnt/other.sock {IMAGE} /bin/busybox sh -c '{script}'"
    ))
    .map(drop)
}

/// Has the container try, and gives what it got to hear.
fn spy_tries() -> Result<String> {
    // Opening the pipe waits for the container, and it ends once it has tried.
    fs::write(Path::new(SHARED).join("go"), "")?;
    run(&format!("docker -H unix://{GUARD} wait spy"))?;
    let read = |name: &str| fs::read_to_string(Path::new(SHARED).join(name));
    ensure!(read("code")?.trim() != "0", "the container reached the engine: {}", read("said")?);
    Ok(read("said")?)
}

#[test]
fn neither_root_nor_a_container_with_the_real_socket_reaches_the_engine_and_an_allowed_program_does()
-> Result<()> {
    image();
    let allowed = "/usr/local/sbin/node-agent";
    fs::copy("/usr/bin/docker", allowed)?;
    fs::set_permissions(allowed, fs::Permissions::from_mode(0o755))?;
    // Before there is a guard.
    start_spy()?;
    let guard = Guard::start(&["--allow", allowed])?;

    for name in [ENGINE, "/proc/1/root/run/docker.sock", "/var/run/../../run/docker.sock"] {
        let said = fails(&format!("docker -H unix://{name} ps"))?;
        ensure!(said.to_lowercase().contains(REFUSED), "{name}: {said}");
    }
    let said = spy_tries()?;
    ensure!(said.to_lowercase().contains(REFUSED), "{said}");
    run(&format!("{allowed} -H unix://{ENGINE} ps"))?;
    // The engine itself still works, with containerd and its shims behind a socket that is protected, too.
    let echo = format!("run --rm --network none {IMAGE} /bin/busybox echo through");
    ensure!(
        run(&format!("docker -H unix://{GUARD} {echo}"))? == "through\n",
        "the guard does not get through"
    );
    fails("ctr --address /run/containerd/containerd.sock version")?;

    let spy = run(&format!("docker -H unix://{GUARD} inspect --format '{{{{slice .Id 0 12}}}}' spy"))?;
    let alerts = guard.finish()?;
    let past: Vec<_> = alerts
        .iter()
        .filter(|alert| alert["rule"] == "Connection to a container engine past the guard")
        .map(|alert| &alert["output_fields"])
        .collect();
    let of_spy = past.iter().find(|fields| fields["container.id"] == spy.trim());
    let of_spy = of_spy.with_context(|| format!("no alert about the spy: {past:#?}"))?;
    ensure!(of_spy["vigie.guard.stopped"] == true && of_spy["user.uid"] == 0, "{of_spy}");
    ensure!(past.iter().any(|fields| fields["container.id"] == "host"), "no alert about the host: {past:?}");
    run(&format!("docker rm --force spy && rm -r {SHARED} {allowed} /mnt/other.sock")).map(drop)
}

#[test]
fn an_installed_guard_with_a_lock_down_keeps_root_out_also_when_it_is_killed() -> Result<()> {
    image();
    let before = Picture::take()?;
    let _cleanup = Uninstalled;
    let engine = "unix:///run/vigie-guard/docker.sock";
    run("vigie guard install --mode enforce --lock-down --now && docker ps")?;
    let told = run("journalctl --no-pager -u vigie-guard")?;
    ensure!(told.contains("lock-down: on, fails closed"), "{told}");
    fails(&format!("docker -H {engine} ps"))?;
    run("systemctl kill --kill-who=main --signal KILL vigie-guard.service")?;
    fails(&format!("docker -H {engine} ps"))?;
    run("docker ps")?;
    fails(&format!("docker -H {engine} ps"))?;
    // The engine can be started anew behind it.
    run("systemctl restart docker.service && docker ps")?;
    fails(&format!("docker -H {engine} ps"))?;
    uninstall()?;
    ensure!(!Path::new("/sys/fs/bpf/vigie-guard").exists(), "a lock-down is left");
    before.is_now()
}
