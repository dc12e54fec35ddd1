//! The source of dockerd's decoder, in `target/go-sources/`: a test of the guard builds it and asks what dockerd makes
//! of a body.
//!
//! Debian packages it, with a hundred packages that the decoder does not need; so those it needs are unpacked, and
//! nothing is installed.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::Scratch;
use crate::apt::{Archive, Suite, ThrowawayApt, find_mirrors, unpack};
use crate::progress::step;
use crate::workspace::Workspace;

/// The release whose dockerd it is: 20.10.
const SUITE: Suite = Suite { name: "bookworm", archive: Archive::Main };

/// The decoder, and what it is made of.
const PACKAGES: [&str; 15] = [
    "golang-dbus-dev",
    "golang-github-cilium-ebpf-dev",
    "golang-github-containerd-cgroups-dev",
    "golang-github-containerd-containerd-dev",
    "golang-github-coreos-go-systemd-dev",
    "golang-github-cyphar-filepath-securejoin-dev",
    "golang-github-docker-docker-dev",
    "golang-github-docker-go-connections-dev",
    "golang-github-docker-go-units-dev",
    "golang-github-gogo-protobuf-dev",
    "golang-github-moby-sys-dev",
    "golang-github-opencontainers-runc-dev",
    "golang-github-opencontainers-specs-dev",
    "golang-github-sirupsen-logrus-dev",
    "golang-golang-x-sys-dev",
];

/// Downloads and unpacks it unless it is there.
pub(super) fn ensure(workspace: &Workspace) -> Result<()> {
    let place = workspace.target.join("go-sources");
    if is_complete(&place) {
        return Ok(());
    }
    step(format_args!("the source of dockerd's decoder: downloading"), || download(workspace, &place))
}

/// It is put in place as a whole.
fn is_complete(place: &Path) -> bool {
    place.join("usr/share/gocode/src/github.com/docker/docker/runconfig/config.go").is_file()
}

fn download(workspace: &Workspace, place: &Path) -> Result<()> {
    let scratch = Scratch::new(workspace, "go-sources")?;
    let apt = ThrowawayApt::new(scratch.path(), &find_mirrors()?, &SUITE)?.updated()?;
    let tree = scratch.path().join("tree");
    unpack(&apt.download(&PACKAGES.map(str::to_owned))?, &tree)?;
    ensure!(is_complete(&tree), "{} has no source of dockerd's decoder", SUITE.name);
    if place.exists() {
        // Incomplete, or we would not be here.
        std::fs::remove_dir_all(place).with_context(|| format!("removing {}", place.display()))?;
    }
    std::fs::rename(&tree, place).with_context(|| format!("moving into {}", place.display()))
}
