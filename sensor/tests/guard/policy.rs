//! `vigie guard` as users run it, with its default policy, before a real engine: ordinary use is as without it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::common::command::{report, run, stop};
use super::common::engine::Engine;
use super::common::image::IMAGE;
use super::engine::with_input;

/// An engine, and the guard before it.
pub(crate) struct Guarded {
    pub(crate) engine: Engine,
    guard: Child,
    directory: TempDir,
}

impl Guarded {
    /// An engine that logs every request, with the image, and an enforcing guard with the default policy.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with("", |_, engine| Ok(engine))
    }

    /// The same with more rules behind the default ones, and before the socket that `upstream` names: it is given a
    /// directory that the guard's socket is in, and the engine's socket.
    pub(crate) fn start_with(
        rules: &str,
        upstream: impl FnOnce(&Path, PathBuf) -> Result<PathBuf>,
    ) -> Result<Self> {
        Self::start_as(&[], rules, upstream)
    }

    /// The same with these options.
    pub(crate) fn start_as(
        options: &[&str],
        rules: &str,
        upstream: impl FnOnce(&Path, PathBuf) -> Result<PathBuf>,
    ) -> Result<Self> {
        let engine = Engine::start_with_options(&["--debug"])?;
        engine.import_busybox()?;
        let directory = tempfile::tempdir()?;
        let binary = std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut guard = Command::new(binary);
        guard.arg("guard").args(options).arg("--listen").arg(directory.path().join("guard.sock"));
        if !rules.is_empty() {
            let file = directory.path().join("rules.yaml");
            fs::write(&file, rules)?;
            guard.args(["--rules", concat!(env!("CARGO_MANIFEST_DIR"), "/../policies"), "--rules"]).arg(file);
        }
        guard
            .arg("--upstream")
            .arg(upstream(directory.path(), engine.socket())?)
            .args(["--output", "json", "--file"]);
        guard.arg(directory.path().join("alerts")).arg("--audit-log").arg(directory.path().join("audit"));
        let mut guard = guard.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(guard.stderr.take().context("no stderr")?).lines();
        let started = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("mode enforce")));
        ensure!(started.is_some(), "the guard did not start");
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { engine, guard, directory })
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("guard.sock")
    }

    /// Stops the guard; gives the alerts and the verdicts that it wrote.
    pub(crate) fn finish(mut self) -> Result<(Vec<Value>, Vec<Value>)> {
        stop(&mut self.guard)?;
        let lines = |name: &str| -> Result<Vec<Value>> {
            let text = fs::read_to_string(self.directory.path().join(name))?;
            text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
        };
        Ok((lines("alerts")?, lines("audit")?))
    }

    /// How often the engine was asked to do this, by its own log.
    pub(crate) fn asked(&self, line: &str) -> Result<usize> {
        Ok(self
            .engine
            .whole_log()?
            .lines()
            .filter(|said| said.contains("Calling ") && said.contains(line))
            .count())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Err(error) = stop(&mut self.guard) {
            report(&format!("stopping the guard: {error:#}"));
        }
    }
}

/// A session of ordinary use. `IMAGE` stands for the image, `DIR` for a directory.
const SESSION: [&str; 61] = [
    "version",
    "info --format {{.Driver}}",
    "ps --all",
    "images --format {{.Repository}}:{{.Tag}}",
    "run --rm --network none IMAGE echo hello",
    "run --rm --network none IMAGE sh -c exit\\ 7",
    "run --rm --network none --env A=b --label c=d --user 1000 --memory 64m IMAGE id",
    "run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges IMAGE true",
    "create --name made --network none IMAGE echo made",
    "start --attach made",
    "logs made",
    "logs --follow made",
    "wait made",
    "inspect --format {{.State.ExitCode}} made",
    "diff made",
    "commit made kept:1",
    "tag kept:1 kept:2",
    "image inspect --format {{.RepoTags}} kept:2",
    "history --format {{.CreatedBy}} kept:1",
    "import DIR/layer.tar imported:1",
    "rmi imported:1",
    // Of one that was run detached the engine would drop what is said once nothing more can be sent.
    "create --interactive --name talker --network none IMAGE sh -c read\\ x;\\ echo\\ got\\ $x",
    "start talker",
    "attach talker",
    "wait talker",
    "rm talker",
    "rename made renamed",
    "rm renamed",
    "run --detach --name busy --network none IMAGE sleep 1000",
    "exec busy echo in",
    "exec busy sh -c exit\\ 3",
    "exec --interactive busy cat",
    "top busy -o comm",
    "stats --no-stream --format {{.Name}} busy",
    "cp DIR/file busy:/tmp/file",
    "exec busy cat /tmp/file",
    "cp busy:/tmp/file DIR/back",
    "pause busy",
    "unpause busy",
    "update --memory 128m --memory-swap 128m busy",
    "port busy",
    "kill --signal USR1 busy",
    "restart --time 0 busy",
    "stop --time 0 busy",
    "ps --all --format {{.Names}}:{{.Image}}",
    "container prune --force --filter until=1000h",
    "rm busy",
    "volume create store",
    "run --rm --network none --volume store:/store IMAGE sh -c echo\\ x>/store/y",
    "run --rm --network none --mount type=volume,src=store,dst=/s IMAGE cat /s/y",
    "volume ls --quiet",
    "volume inspect --format {{.Name}} store",
    "volume rm store",
    "network ls --format {{.Name}}",
    "network inspect --format {{.Driver}} none",
    "save --output DIR/saved kept:1",
    "rmi kept:1 kept:2",
    "load --input DIR/saved",
    "rmi kept:1",
    "system df --format {{.Type}}",
    "events --since 0 --until 1 --format {{.Action}}",
];

/// Splits at blanks that no backslash stands before.
pub(crate) fn words(command: &str, directory: &Path) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (character, words.last_mut()) {
            ('\\', Some(word)) => word.extend(characters.next()),
            (' ', _) => words.push(String::new()),
            (character, Some(word)) => word.push(character),
            (_, None) => {}
        }
    }
    let directory = directory.to_string_lossy();
    words.into_iter().map(|word| word.replace("IMAGE", IMAGE).replace("DIR", &directory)).collect()
}

/// What was said, with every id in it alike: an id is another one each time.
fn without_ids(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output).into_owned();
    let is_id = |word: &str| {
        let digits = word.strip_prefix("sha256:").unwrap_or(word);
        [12, 64].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    text.split_inclusive(|c: char| c.is_whitespace())
        .map(|piece| if is_id(piece.trim_end()) { "ID\n" } else { piece })
        .collect()
}

fn run_session(socket: &Path) -> Result<Vec<(String, Option<i32>, String)>> {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("file"), "content")?;
    // Not the image's layer, which would be shared.
    run(Command::new("tar")
        .arg("-C")
        .arg(directory.path())
        .arg("-cf")
        .arg(directory.path().join("layer.tar"))
        .arg("file"))?;
    let mut said = Vec::new();
    for command in SESSION {
        let words = words(command, directory.path());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Output { status, stdout, stderr } = with_input(socket, &words, b"input\n")?;
        let errors = String::from_utf8_lossy(&stderr);
        ensure!(!errors.contains("vigie:"), "{command}: {errors}");
        said.push((command.to_owned(), status.code(), without_ids(&stdout)));
    }
    ensure!(fs::read(directory.path().join("back"))? == b"content", "another file came back");
    Ok(said)
}

#[test]
fn ordinary_use_is_as_without_the_guard() -> Result<()> {
    let guarded = Guarded::start()?;
    let direct = run_session(&guarded.engine.socket())?;
    let through = run_session(&guarded.socket())?;
    for (direct, through) in direct.iter().zip(&through) {
        ensure!(direct == through, "without the guard {direct:?}, with it {through:?}");
    }
    ensure!(direct.iter().any(|(_, code, _)| *code == Some(7)), "an exit code was lost");
    let (alerts, verdicts) = guarded.finish()?;
    ensure!(alerts.is_empty(), "{alerts:?}");
    ensure!(verdicts.iter().all(|verdict| verdict["verdict"] == "allow"), "something was denied");
    ensure!(verdicts.len() > SESSION.len(), "{} verdicts", verdicts.len());
    Ok(())
}

/// Runs a command with a terminal.
fn on_a_terminal(socket: &Path, arguments: &[&str]) -> Result<Output> {
    let mut line = format!("docker --host unix://{}", socket.display());
    for argument in arguments {
        line.extend([" '", argument, "'"]);
    }
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).env("DOCKER_CONFIG", "/nonexistent/vigie");
    let mut child = command.spawn()?;
    // Where its input ends, it types that into the terminal.
    let input = child.stdin.take();
    let output = child.wait_with_output()?;
    drop(input);
    Ok(output)
}

#[test]
fn terminals_are_as_without_the_guard() -> Result<()> {
    let guarded = Guarded::start()?;
    guarded.engine.run_detached(&["--name", "busy", IMAGE, "sleep", "1000"])?;
    let shown = "test -t 0 && test -t 1 && echo a terminal; exit 4";
    for arguments in [
        &["run", "--rm", "--interactive", "--tty", "--network", "none", IMAGE, "busybox", "sh", "-c", shown]
            [..],
        &["exec", "--interactive", "--tty", "busy", "busybox", "sh", "-c", shown],
    ] {
        let direct = on_a_terminal(&guarded.engine.socket(), arguments)?;
        let through = on_a_terminal(&guarded.socket(), arguments)?;
        ensure!(through.status.code() == Some(4), "{through:?}");
        ensure!(
            direct.status == through.status && direct.stdout == through.stdout,
            "{direct:?} and {through:?}"
        );
        ensure!(through.stdout == b"a terminal\r\n", "{through:?}");
    }
    Ok(())
}
