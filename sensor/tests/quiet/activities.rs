//! What an ordinary host does all day.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::common::{engine::Engine, image::IMAGE};
use crate::sshd::{Sshd, run};

/// Longest wait for cron, which starts jobs once a minute.
const CRON: Duration = Duration::from_mins(3);

/// Does all of it.
pub(crate) fn all(home: &Path, docker_socket: &Path, job: &Job) -> Result<()> {
    let cron = Cron::start()?;
    packages()?;
    containers(docker_socket)?;
    build(home)?;
    logins(home)?;
    maintenance()?;
    cron.wait(job)
}

/// Packages with maintainer scripts, triggers and services are installed again; with lists that are too old, after
/// fetching new ones.
fn packages() -> Result<()> {
    let install = ["install", "--reinstall", "--no-install-recommends", "cron", "openssh-server", "libc-bin"];
    run(&mut apt_get(&install)).or_else(|_| {
        run(&mut apt_get(&["update"]))?;
        run(&mut apt_get(&install))
    })
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-q", "-y", "-o", "Dpkg::Use-Pty=0"])
        .args(arguments);
    command
}

/// An engine starts, makes an image, and runs containers in all usual ways.
fn containers(socket: &Path) -> Result<()> {
    let engine = Engine::start()?;
    std::os::unix::fs::symlink(engine.socket(), socket)?;
    engine.import_busybox()?;
    engine.docker(&["run", "--rm", "--network", "none", IMAGE, "ls", "/"])?;
    engine.docker(&[
        "run",
        "--rm",
        "--network",
        "none",
        IMAGE,
        "sh",
        "-c",
        "echo hello > /tmp/x && cat /tmp/x",
    ])?;
    let service = engine.run_detached(&["--name", "service", IMAGE, "sleep", "600"])?;
    engine.docker(&["ps"])?;
    engine.docker(&["inspect", &service])?;
    engine.docker(&["logs", &service])?;
    engine.docker(&["stop", "--time", "1", &service])?;
    engine.docker(&["rm", &service])?;
    Ok(())
}

/// A crate with a build script and a test is built and tested.
fn build(home: &Path) -> Result<()> {
    let project = home.join("project");
    fs::create_dir_all(project.join("src"))?;
    fs::write(project.join("Cargo.toml"), "[package]\nname = \"hello\"\nedition = \"2024\"\n[workspace]\n")?;
    fs::write(project.join("build.rs"), "fn main() { println!(\"cargo::rustc-env=WHO=world\"); }\n")?;
    fs::write(
        project.join("src/main.rs"),
        "fn main() { println!(\"hello {}\", env!(\"WHO\")); }\n#[test] fn works() { main() }\n",
    )?;
    for verb in ["build", "test", "run"] {
        run(Command::new("cargo")
            .args([verb, "--quiet", "--offline"])
            .current_dir(&project)
            .env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(())
}

/// Somebody logs in over ssh, with a terminal and without, and copies a file.
fn logins(home: &Path) -> Result<()> {
    let sshd = Sshd::start(home)?;
    run(&mut sshd.ssh("root", &["uptime; id; ls /tmp >/dev/null"]))?;
    run(&mut sshd.ssh("root", &["-tt", "bash -lc 'echo $HOME; exit 0'"]))?;
    let file = home.join("note");
    fs::write(&file, "a note\n")?;
    run(sshd.scp().arg(&file).arg(Sshd::remote(&home.join("copy"))))
}

/// What timers do on a Debian host.
fn maintenance() -> Result<()> {
    run(&mut Command::new("ldconfig"))?;
    run(Command::new("apt-get").args(["-q", "check"]))?;
    run(Command::new("dpkg").args(["--audit"]))?;
    run(Command::new("find").args(["/etc", "-name", "*.conf", "-newer", "/etc/hostname"]))?;
    run(Command::new("sh").args(["-c", "df -h; ps aux; ss -ltn; free; uname -a; last -n 1; true"]))
}

/// A job for cron, written before anybody watches: a new job is something that an alert should say.
pub(crate) struct Job {
    /// What it leaves when it has run.
    marker: PathBuf,
}

impl Job {
    const FILE: &str = "/etc/cron.d/vigie-quiet";

    pub(crate) fn write(home: &Path) -> Result<Self> {
        let marker = home.join("cron-was-here");
        fs::write(Self::FILE, format!("* * * * * root date > {}\n", marker.display()))?;
        Ok(Self { marker })
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        fs::remove_file(Self::FILE).ok();
    }
}

/// A cron daemon of the test's own.
struct Cron {
    daemon: Child,
}

impl Cron {
    fn start() -> Result<Self> {
        let daemon = Command::new("cron").arg("-f").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self { daemon: daemon.context("cannot start cron; install cron")? })
    }

    /// Waits until the job has run.
    fn wait(mut self, job: &Job) -> Result<()> {
        let end = Instant::now() + CRON;
        while !job.marker.exists() {
            ensure!(Instant::now() < end, "cron ran no job");
            ensure!(self.daemon.try_wait()?.is_none(), "cron ended; is another one running?");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for Cron {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}
