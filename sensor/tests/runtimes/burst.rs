//! The main job: containers that are gone before anyone can look each read `/etc/shadow`, ten at a time with every
//! runtime, and Vigie says of every read which container did it, and of which image that was.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail, ensure};
use tempfile::NamedTempFile;

use crate::common::engine::Engine;
use crate::common::image::{IMAGE, REPOSITORY};
use crate::common::vigie::{MARK, Vigie, field};
use crate::containerd::{Containerd, DEFAULT};
use crate::podman::Podman;

/// Containers that come and go, of all runtimes together.
const CONTAINERS: usize = 500;
/// Of these, how many are started at once.
const AT_ONCE: usize = 10;

/// Tells when a container's program begins and ends.
const LIVES: &str = "- rule: Lives
  desc: A container's program begins or ends
  condition: evt.type in (execve, procexit) and proc.name = cat and proc.cmdline contains MARK
  output: \"%evt.type at %evt.rawtime of %proc.cmdline\"
  priority: DEBUG
";
/// A life that is too short for anyone to look: 100 ms.
const SHORT: u64 = 100_000_000;

/// The runtimes.
struct Runtimes {
    docker: Engine,
    containerd: Containerd,
    podman: Podman,
}

impl Runtimes {
    /// Starts a container that reads the file and ends, by each runtime in turn. Its name tells which one it is.
    fn start(&self, number: usize) -> Result<(String, Child)> {
        let name = format!("brief-{number}");
        let mark = format!("{MARK}-{name}");
        let words = [IMAGE, "cat", "/etc/shadow", &mark];
        let ours = ["run", "--rm", "--network", "none", "--name", &name];
        let mut command = match number % 3 {
            0 => self.docker.command(&[&ours[..], &words].concat()),
            1 => self.podman.command(&[&ours[..], &words].concat()),
            _ => {
                let named = ["run", "--rm", IMAGE, &name];
                self.containerd.command(DEFAULT, &[&named[..], words.get(1..).unwrap_or_default()].concat())
            }
        };
        Ok((name, command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }
}

#[test]
fn five_hundred_short_lived_containers_of_every_runtime_are_each_told_apart() -> Result<()> {
    let docker = Engine::start()?;
    docker.import_busybox()?;
    let runtimes = Runtimes { docker, containerd: Containerd::start()?, podman: Podman::start()? };
    let sockets = (runtimes.docker.socket(), runtimes.containerd.socket(), runtimes.podman.storage());
    let rules = NamedTempFile::with_suffix(".yaml")?;
    fs::write(&rules, LIVES.replace("MARK", MARK))?;
    let vigie = Vigie::start(&[
        "--rules".as_ref(),
        concat!(env!("CARGO_MANIFEST_DIR"), "/../policies").as_ref(),
        "--rules".as_ref(),
        rules.path().as_os_str(),
        "--docker-socket".as_ref(),
        sockets.0.as_os_str(),
        "--cri-socket".as_ref(),
        sockets.1.as_os_str(),
        "--podman-storage".as_ref(),
        sockets.2.as_os_str(),
    ])?;
    let mut seen = BTreeMap::new();
    let (mut begun, mut ended) = (BTreeMap::new(), BTreeMap::new());
    for first in (0..CONTAINERS).step_by(AT_ONCE) {
        let running: Vec<_> =
            (first..first + AT_ONCE).map(|number| runtimes.start(number)).collect::<Result<_>>()?;
        for (name, mut child) in running {
            // The second file that it is to read is not there.
            ensure!(child.wait()?.code() == Some(1), "{name} did not run");
        }
        while seen.len().min(ended.len()) < first + AT_ONCE {
            let alert = vigie.next_marked()?;
            let line = field(&alert, "proc.cmdline").as_str().context("no command line")?;
            let name = line.rsplit_once('-').context("no name")?.1.to_owned();
            let time = field(&alert, "evt.rawtime").as_u64();
            let (moments, moment) = match (field(&alert, "evt.type").as_str(), time) {
                (Some("execve"), Some(time)) => (&mut begun, time),
                (Some("procexit"), Some(time)) => (&mut ended, time),
                _ if field(&alert, "fd.name") == "/etc/shadow" => {
                    if let Some(before) = seen.insert(name, alert) {
                        bail!("two alerts for one container, the first of them {before}");
                    }
                    continue;
                }
                // What its runtime does is told, too.
                _ => continue,
            };
            ensure!(moments.insert(name.clone(), moment).is_none(), "{name} has two lives");
        }
    }
    report_lives(&begun, &ended)?;
    ensure!(seen.len() == CONTAINERS, "only {} containers were seen", seen.len());
    let mut ids = BTreeMap::new();
    for (number, alert) in &seen {
        assert_eq!(field(alert, "container.name"), &format!("brief-{number}"), "{alert}");
        assert_eq!(field(alert, "container.image.repository"), REPOSITORY, "{alert}");
        assert_eq!(field(alert, "vigie.container.verified"), true, "{alert}");
        let id = field(alert, "container.id").as_str().context("no container.id")?;
        assert_eq!(ids.insert(id, number), None, "an id is another container's: {alert}");
    }
    Ok(())
}

/// Prints how long the containers' programs ran, each from its exec to its end.
fn report_lives(begun: &BTreeMap<String, u64>, ended: &BTreeMap<String, u64>) -> Result<()> {
    let life = |(name, end): (&String, &u64)| begun.get(name).map(|start| end.saturating_sub(*start));
    let mut lives =
        ended.iter().map(life).collect::<Option<Vec<_>>>().context("an end without a beginning")?;
    lives.sort_unstable();
    let short = lives.iter().filter(|life| **life < SHORT).count();
    let (median, longest) =
        (lives.get(lives.len() / 2).context("no lives")?, lives.last().context("no lives")?);
    let ms = |time: &u64| time / 1_000_000;
    writeln!(
        std::io::stderr(),
        "{short} of {} lived under 100 ms: half {} ms, the longest {} ms",
        lives.len(),
        ms(median),
        ms(longest)
    )?;
    Ok(())
}
