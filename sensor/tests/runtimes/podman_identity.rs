//! What a real podman's storage says, and what it does not confirm.

use std::fs;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use sensor::identity::claim::Runtime;
use sensor::identity::{Change, Reason, State};
use sensor::sys::{cgroupfs, clock};

use crate::common::cgroup::HandMade;
use crate::common::image::{IMAGE, REPOSITORY, TAG};
use crate::common::lookout::Lookout;
use crate::podman::Podman;

/// Path and id of the v2 cgroup in which the init process of a running container is.
fn cgroup(podman: &Podman, lookout: &Lookout, container: &str) -> Result<(String, u64)> {
    let pid = podman.run(&["inspect", "--format", "{{.State.Pid}}", container])?.parse()?;
    let path = String::from_utf8(cgroupfs::of_process(pid).context("its init process is gone")?)?;
    let id = fs::metadata(lookout.mount().join(path.trim_start_matches('/')))?.ino();
    Ok((path, id))
}

#[test]
fn a_container_of_podmans_is_verified_without_a_service() -> Result<()> {
    let podman = Podman::start()?;
    let options = ["--name", "web", "--pid", "host", "--volume", "/tmp:/host/tmp:ro"];
    let container = podman.run_detached(&[&options, [IMAGE, "sleep", "1000"].as_slice()].concat())?;
    let mut lookout = Lookout::start(podman.places())?;
    let (path, id) = cgroup(&podman, &lookout, &container)?;
    let seen = lookout.settled(id)?;
    assert_eq!((seen.id.as_slice(), seen.state), (container.as_bytes(), Some(State::Verified)), "{path}");
    let metadata = seen.metadata.context("verified without metadata")?;
    assert_eq!((metadata.runtime, metadata.name.as_str()), (Runtime::Podman, "web"));
    assert_eq!(metadata.image.reference, IMAGE);
    assert_eq!((metadata.image.repository.as_str(), metadata.image.tag.as_str()), (REPOSITORY, TAG));
    assert!(metadata.image.id.starts_with("sha256:"), "{:?}", metadata.image);
    assert_eq!(metadata.privileged, Some(false));
    assert_eq!((metadata.shares.pid, metadata.shares.network), (Some(true), Some(false)));
    let mounts = metadata.mounts.context("no mounts")?;
    let mount = mounts.iter().find(|mount| mount.destination == "/host/tmp").context("not that mount")?;
    assert_eq!((mount.source.as_str(), mount.writable), ("/tmp", false));
    Ok(())
}

#[test]
fn neither_forged_cgroups_nor_those_of_a_container_that_ended_are_verified() -> Result<()> {
    let podman = Podman::start()?;
    let running = podman.run_detached(&[IMAGE, "sleep", "1000"])?;
    let over = podman.run_detached(&[IMAGE, "true"])?;
    podman.run(&["wait", &over])?;
    let nobody = format!("{:064x}", std::process::id());
    let mut lookout = Lookout::start(podman.places())?;
    let mut made = HandMade::default();
    for (path, reason) in [
        (format!("/libpod-{running}"), Reason::OtherCgroup),
        (format!("/machine.slice/libpod-{running}.scope"), Reason::OtherCgroup),
        (format!("/docker/{running}"), Reason::UnknownId),
        (format!("/libpod_parent/libpod-{nobody}"), Reason::UnknownId),
        (format!("/libpod_parent/libpod-{over}"), Reason::NotRunning),
    ] {
        let cgroup = made.make(lookout.mount(), &path)?;
        lookout.event(Change::Created, cgroup, &path, clock::boottime());
        let seen = lookout.settled(cgroup)?;
        assert_eq!((seen.state, seen.metadata), (Some(State::Unverified(reason)), None), "{path}");
    }
    let (_, real) = cgroup(&podman, &lookout, &running)?;
    assert_eq!(lookout.settled(real)?.state, Some(State::Verified), "the real one still is");
    Ok(())
}
