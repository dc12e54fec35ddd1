//! dockerd's own decoder: a program of Go around its source, of the version that Debian packages.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What dockerd makes of a body.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Decoded {
    /// Why it makes nothing of it.
    #[serde(default)]
    pub(crate) refused: String,
    /// Ways to the host that it opens.
    #[serde(default)]
    pub(crate) reaches: Vec<String>,
    /// What a container is made of.
    #[serde(flatten)]
    pub(crate) meaning: serde_json::Map<String, serde_json::Value>,
}

/// The program.
#[derive(Debug)]
pub(crate) struct Decoder(PathBuf);

impl Decoder {
    /// Builds it; the compiler remembers what it has built before.
    pub(crate) fn build() -> Result<Self> {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let sources =
            place.ancestors().map(|directory| directory.join("go-sources")).find(|path| path.is_dir());
        let sources = sources.context("no sources of dockerd; `cargo xtask test --only guard` gets them")?;
        let program = place.join("guard-decoder");
        let mut go = Command::new("go");
        go.env("GO111MODULE", "off").env("GOFLAGS", "").env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
        go.env("GOPATH", sources.join("usr/share/gocode")).env("GOCACHE", place.join("go-cache"));
        go.args(["build", "-o"]).arg(&program);
        go.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard/decoder/main.go"));
        let built = go.output().context("cannot run go; install golang-go")?;
        ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Ok(Self(program))
    }

    /// What dockerd makes of each of these; mounts from `allowed` are no way to the host.
    pub(crate) fn decode(&self, bodies: &[&[u8]], allowed: &str) -> Result<Vec<Decoded>> {
        let mut command = Command::new(&self.0);
        let mut child = command.arg(allowed).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = std::io::BufWriter::new(child.stdin.take().context("no input")?);
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let decoded = std::thread::scope(|scope| {
            scope.spawn(move || -> Result<()> {
                for body in bodies {
                    input.write_all(&u32::try_from(body.len())?.to_le_bytes())?;
                    input.write_all(body)?;
                }
                Ok(input.flush()?)
            });
            output.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<Vec<Decoded>>>()
        })?;
        ensure!(child.wait()?.success() && decoded.len() == bodies.len(), "{} answers", decoded.len());
        Ok(decoded)
    }
}
