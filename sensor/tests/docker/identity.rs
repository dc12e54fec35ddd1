//! What Docker really says, and what it does not confirm.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use sensor::identity::docker::facts::{Host, gather};
use sensor::identity::docker::http;
use sensor::identity::{Change, Counters, Reason, State};
use sensor::sys::{cgroupfs, clock};

use crate::common::cgroup::HandMade;
use crate::common::engine::Engine;
use crate::common::image::{IMAGE, REPOSITORY, TAG};
use crate::common::lookout::{Lookout, docker_at};

/// Containers in the test of short lives.
const BURST: u64 = 20;

/// A cgroup parent, which Docker makes in every hierarchy and does not remove. Always of the same name, so
/// that what could not be removed does not pile up.
const PARENT: &str = "vigie-test-parent";

/// Removes [`PARENT`] when dropped.
struct Parents;

impl Drop for Parents {
    fn drop(&mut self) {
        let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
        for hierarchy in hierarchies.map(|entry| entry.path()).chain([PathBuf::from("/sys/fs/cgroup")]) {
            let parent = hierarchy.join(PARENT);
            // Most hierarchies have none; what is left behind harms nobody.
            drop(fs::remove_dir(parent.join("inner")).and_then(|()| fs::remove_dir(parent)));
        }
    }
}

/// Path and id of the v2 cgroup in which the init process of a running container is.
fn cgroup(engine: &Engine, lookout: &Lookout, container: &str) -> Result<(String, u64)> {
    let pid = engine.docker(&["inspect", "--format", "{{.State.Pid}}", container])?.parse()?;
    let path = String::from_utf8(cgroupfs::of_process(pid).context("its init process is gone")?)?;
    let id = fs::metadata(lookout.mount().join(path.trim_start_matches('/')))?.ino();
    Ok((path, id))
}

#[test]
fn a_running_container_is_verified_with_all_its_metadata() -> Result<()> {
    let engine = Engine::start()?;
    let image = engine.import_busybox()?;
    let mut lookout = Lookout::start(docker_at(engine.socket()))?;
    let options = ["--name", "lookout", "--label", "team=a=b", "--volume", "/tmp:/host/tmp:ro"];
    let container = engine.run_detached(&[&options, [IMAGE, "sleep", "1000"].as_slice()].concat())?;
    let (path, id) = cgroup(&engine, &lookout, &container)?;
    lookout.event(Change::Created, id, &path, clock::boottime());
    assert_eq!(lookout.look(id).id, container.as_bytes(), "the id is there at once");
    // The answer may come from before the start, and be amended after it.
    let seen =
        lookout.wait(id, |seen| seen.metadata.as_ref().is_some_and(|known| known.started.is_some()))?;
    assert_eq!(seen.state, Some(State::Verified), "{}", engine.log());
    let metadata = seen.metadata.context("verified without metadata")?;
    assert_eq!(metadata.name, "lookout");
    assert_eq!(metadata.image.reference, IMAGE);
    assert_eq!((metadata.image.repository.as_str(), metadata.image.tag.as_str()), (REPOSITORY, TAG));
    assert_eq!((metadata.image.id, metadata.image.digest), (image, String::new()));
    assert_eq!(metadata.labels.get("team").map(String::as_str), Some("a=b"));
    assert_eq!(metadata.privileged, Some(false));
    let mounts = metadata.mounts.context("no mounts")?;
    let mount = mounts.iter().find(|mount| mount.destination == "/host/tmp").context("not that mount")?;
    assert_eq!((mount.kind.as_str(), mount.source.as_str(), mount.writable), ("bind", "/tmp", false));
    assert!(metadata.created <= metadata.started && metadata.started.is_some(), "{:?}", metadata.started);
    Ok(())
}

#[test]
fn a_privileged_container_is_known_as_such_before_it_starts() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    // Not started: a host that lacks a capability itself cannot run one.
    let container = engine.docker(&["create", "--privileged", "--network", "none", IMAGE, "true"])?;
    let client = http::Engine::new(engine.socket(), http::Limits::default(), Arc::new(Counters::default()));
    let host = Host { driver: None, cgroup_parent: String::new(), cgroup_of: |_| None, now: Timestamp::now };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let facts = runtime.block_on(gather(&client, &host, &container))?;
    assert_eq!((facts.metadata.privileged, facts.metadata.started), (Some(true), None));
    assert_eq!(facts.ended, None);
    Ok(())
}

#[test]
fn containers_from_before_the_start_are_found_wherever_they_were_put() -> Result<()> {
    let _parents = Parents;
    let engine = Engine::start()?;
    let image = engine.import_busybox()?;
    let (outer, inner) = (format!("/{PARENT}"), format!("/{PARENT}/inner"));
    let plain = engine.run_detached(&[IMAGE, "sleep", "1000"])?;
    let moved = engine.run_detached(&["--cgroup-parent", &outer, IMAGE, "sleep", "1000"])?;
    let deep = engine.run_detached(&["--cgroup-parent", &inner, &image, "sleep", "1000"])?;
    let mut lookout = Lookout::start(docker_at(engine.socket()))?;
    for container in [&plain, &moved, &deep] {
        let (path, id) = cgroup(&engine, &lookout, container)?;
        let seen = lookout.settled(id)?;
        assert_eq!((seen.id.as_slice(), seen.state), (container.as_bytes(), Some(State::Verified)), "{path}");
        let image = seen.metadata.context("verified without metadata")?.image;
        assert_eq!(image.repository, REPOSITORY, "created from {}", image.reference);
    }
    Ok(())
}

#[test]
fn hand_made_cgroups_are_never_verified() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let running = engine.run_detached(&[IMAGE, "sleep", "1000"])?;
    let over = engine.run_detached(&[IMAGE, "true"])?;
    engine.docker(&["wait", &over])?;
    let nobody = format!("{:064x}", std::process::id());
    let mut lookout = Lookout::start(docker_at(engine.socket()))?;
    let place = format!("/vigie-test-{}", std::process::id());
    let mut made = HandMade::default();
    for (path, id, reason) in [
        (format!("/docker-{running}.scope"), &running, Reason::OtherCgroup),
        (format!("/system.slice/docker-{running}.scope"), &running, Reason::OtherCgroup),
        (format!("{place}/docker/{running}"), &running, Reason::OtherCgroup),
        (format!("/docker/{running}/docker-{over}.scope"), &over, Reason::OtherCgroup),
        (format!("/docker-{nobody}.scope"), &nobody, Reason::UnknownId),
        (format!("/docker/{nobody}"), &nobody, Reason::UnknownId),
        (format!("{place}/{nobody}"), &nobody, Reason::UnknownId),
        (format!("/docker/{over}"), &over, Reason::NotRunning),
    ] {
        let cgroup = made.make(lookout.mount(), &path)?;
        lookout.event(Change::Created, cgroup, &path, clock::boottime());
        let seen = lookout.settled(cgroup)?;
        assert_eq!((seen.id.as_slice(), seen.metadata), (id.as_bytes(), None), "{path}");
        assert_eq!(seen.state, Some(State::Unverified(reason)), "{path}");
    }
    let (_, real) = cgroup(&engine, &lookout, &running)?;
    assert_eq!(lookout.settled(real)?.state, Some(State::Verified), "the real one still is");
    Ok(())
}

#[test]
fn containers_of_a_few_milliseconds_have_names_and_images() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let mut lookout = Lookout::start(docker_at(engine.socket()))?;
    let folder = tempfile::tempdir()?;
    let begun = clock::boottime();
    let mut clients = Vec::new();
    for number in 0..BURST {
        let name = format!("brief-{number}");
        let file = folder.path().join(&name).display().to_string();
        let arguments =
            ["run", "--rm", "--network", "none", "--cidfile", &file, "--name", &name, IMAGE, "true"];
        clients.push(engine.command(&arguments).spawn()?);
    }
    for mut client in clients {
        assert!(client.wait()?.success(), "{}", engine.log());
    }
    assert_eq!(engine.docker(&["ps", "--all", "--quiet"])?, "", "all are gone");
    // Another sensor, started too late to see any of it, has only what the engine remembers.
    let mut late = Lookout::start(docker_at(engine.socket()))?;
    for number in 0..BURST {
        let name = format!("brief-{number}");
        let container = fs::read_to_string(folder.path().join(&name))?;
        for lookout in [&mut lookout, &mut late] {
            // An id of a cgroup that is gone; no living one is that high.
            let cgroup = u64::MAX - number;
            lookout.event(Change::Created, cgroup, &format!("/docker/{container}"), begun);
            lookout.event(Change::Removed, cgroup, &format!("/docker/{container}"), clock::boottime());
            let seen = lookout.settled(cgroup)?;
            assert_eq!((seen.id.as_slice(), seen.state), (container.as_bytes(), Some(State::Verified)));
            let metadata = seen.metadata.context("verified without metadata")?;
            assert_eq!(
                (metadata.name.as_str(), metadata.image.repository.as_str()),
                (name.as_str(), REPOSITORY)
            );
        }
    }
    Ok(())
}

#[test]
fn a_container_that_starts_again_is_verified_again() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let mut lookout = Lookout::start(docker_at(engine.socket()))?;
    let container = engine.run_detached(&[IMAGE, "sleep", "1000"])?;
    for _ in 0..2 {
        let (path, id) = cgroup(&engine, &lookout, &container)?;
        lookout.event(Change::Created, id, &path, clock::boottime());
        let seen = lookout.wait(id, |seen| seen.state == Some(State::Verified))?;
        assert_eq!(seen.id, container.as_bytes());
        engine.docker(&["restart", "--time", "0", &container])?;
        lookout.event(Change::Removed, id, &path, clock::boottime());
    }
    Ok(())
}

#[test]
fn an_engine_that_is_gone_leaves_claims_unverified() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let mut lookout = Lookout::start(docker_at(engine.socket()))?;
    let container = engine.run_detached(&[IMAGE, "sleep", "1000"])?;
    let (path, id) = cgroup(&engine, &lookout, &container)?;
    lookout.event(Change::Created, id, &path, clock::boottime());
    assert_eq!(lookout.settled(id)?.state, Some(State::Verified));
    drop(engine);
    assert_eq!(lookout.look(id).state, Some(State::Verified), "what was confirmed stays so");
    let cgroup = u64::MAX;
    lookout.event(Change::Created, cgroup, &format!("/docker/{:064x}", 7), clock::boottime());
    assert_eq!(lookout.settled(cgroup)?.state, Some(State::Unverified(Reason::Unreachable)));
    Ok(())
}
