//! A network without a way out: a container whose loopback interface has the addresses of the peers.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::common::engine::Engine;
use crate::{image, perl};

/// A name of the Internet, and the address that stands in for its own: one that is kept for documentation.
pub(crate) const NAME: &str = "example.com";
/// Its address.
pub(crate) const ADDRESS: &str = "203.0.113.10";

/// The container of the peers.
#[derive(Debug)]
pub(crate) struct Network {
    id: String,
    pid: u32,
}

impl Network {
    /// Starts it, and waits until the peers listen.
    pub(crate) fn start(engine: &Engine) -> Result<Self> {
        let host = format!("{NAME}:{ADDRESS}");
        let script = perl::peers();
        let options = ["--cap-add", "NET_ADMIN", "--add-host", &host, image::NAME, "perl", "-e", &script];
        let id = engine.run_detached(&options)?;
        let mut logs = engine.command(&["logs", "--follow", &id]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(logs.stdout.take().context("no stdout")?).read_line(&mut line)?;
        logs.kill()?;
        logs.wait()?;
        ensure!(line == "ready\n", "the peers said {line:?}: {}", engine.docker(&["logs", &id])?);
        let pid = engine.docker(&["inspect", "--format", "{{.State.Pid}}", &id])?.parse()?;
        Ok(Self { id, pid })
    }

    /// What `docker run --network` takes to join it.
    pub(crate) fn option(&self) -> String {
        format!("container:{}", self.id)
    }

    /// A process in it.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }
}
