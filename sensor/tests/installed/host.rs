//! The host: commands, an image, and a guard that is gone at a test's end.

use std::process::{Command, Output};
use std::sync::Once;

use anyhow::{Result, ensure};

/// The image's name.
pub(crate) const IMAGE: &str = "box";

/// Runs a line of shell, whatever comes of it.
pub(crate) fn shell(line: &str) -> Result<Output> {
    Ok(Command::new("/bin/sh").args(["-c", line]).output()?)
}

/// Runs a line of shell that must succeed; gives what it printed.
pub(crate) fn run(line: &str) -> Result<String> {
    let Output { status, stdout, stderr } = shell(line)?;
    let said = String::from_utf8_lossy(&stderr);
    ensure!(status.success(), "{line}: {status}: {said}{}", journal());
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

/// Runs a line of shell that must fail; gives what it complained.
pub(crate) fn fails(line: &str) -> Result<String> {
    let Output { status, stdout, stderr } = shell(line)?;
    let said = String::from_utf8_lossy(&stderr).into_owned();
    ensure!(
        !status.success(),
        "{line} did not fail: {}{said}{}",
        String::from_utf8_lossy(&stdout),
        journal()
    );
    Ok(said)
}

/// What the units said last, for a failing test to show.
fn journal() -> String {
    let lines = shell("journalctl --no-pager --lines 30 -u vigie-guard -u docker -u docker.socket");
    lines.map(|lines| String::from_utf8_lossy(&lines.stdout).into_owned()).unwrap_or_default()
}

/// Makes the image, once: a static busybox and nothing else. The first container makes directories that stay.
pub(crate) fn image() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        run(&format!("tar -C / -cf /tmp/image.tar bin/busybox && docker import /tmp/image.tar {IMAGE}"))
            .unwrap();
    });
}

/// Whatever a test that fails installed is removed at its end.
#[derive(Debug)]
pub(crate) struct Uninstalled;

/// Removes what a test installed.
pub(crate) fn uninstall() -> Result<()> {
    run("vigie guard uninstall --now").map(drop)
}

impl Drop for Uninstalled {
    fn drop(&mut self) {
        // The test has said why it failed, and the next one is to begin anew.
        if std::path::Path::new("/etc/vigie/guard-install.json").exists() {
            drop(shell("vigie guard uninstall --now"));
        }
    }
}
