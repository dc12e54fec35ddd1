//! What a real containerd says of containers of no pod, and what it does not confirm.

use std::fs;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use sensor::identity::claim::Runtime;
use sensor::identity::{Change, Reason, State};
use sensor::sys::{cgroupfs, clock};

use crate::common::cgroup::HandMade;
use crate::common::image::{IMAGE, REPOSITORY};
use crate::common::lookout::Lookout;
use crate::containerd::{Containerd, DEFAULT};

/// Containers in the test of short lives.
const BURST: u64 = 10;

/// Path and id of the v2 cgroup in which the init process of a running container is.
fn cgroup(containerd: &Containerd, lookout: &Lookout, id: &str) -> Result<(String, u64)> {
    let pid = containerd.init(DEFAULT, id)?;
    let path = String::from_utf8(cgroupfs::of_process(pid).context("its init process is gone")?)?;
    let id = fs::metadata(lookout.mount().join(path.trim_start_matches('/')))?.ino();
    Ok((path, id))
}

#[test]
fn a_container_of_ctr_is_verified_under_the_name_its_user_gave() -> Result<()> {
    let containerd = Containerd::start()?;
    containerd.run_sleeping("web")?;
    let mut lookout = Lookout::start(containerd.places())?;
    let (path, id) = cgroup(&containerd, &lookout, "web")?;
    assert_eq!(path, "/default/web");
    let seen = lookout.settled(id)?;
    assert_eq!(
        (seen.id.as_slice(), seen.state),
        (&b"web"[..], Some(State::Verified)),
        "{}",
        containerd.log()
    );
    let metadata = seen.metadata.context("verified without metadata")?;
    assert_eq!((metadata.runtime, metadata.name.as_str()), (Runtime::Containerd, "web"));
    assert_eq!((metadata.image.reference.as_str(), metadata.image.repository.as_str()), (IMAGE, REPOSITORY));
    assert!(metadata.image.digest.starts_with("sha256:"), "{:?}", metadata.image);
    assert_eq!(metadata.labels.get("team").map(String::as_str), Some("a=b"), "the image's");
    assert_eq!((metadata.pod, metadata.shares.pid), (None, Some(false)));
    Ok(())
}

#[test]
fn cgroups_made_by_hand_are_never_verified() -> Result<()> {
    let containerd = Containerd::start()?;
    containerd.run_sleeping("web")?;
    let long = format!("{:064x}", std::process::id());
    let mut lookout = Lookout::start(containerd.places())?;
    let mut made = HandMade::default();
    for (path, reason) in [
        ("/default/another".to_owned(), Reason::UnknownId),
        ("/default/bad name".to_owned(), Reason::NoClient),
        (format!("/default/cri-containerd-{long}.scope"), Reason::UnknownId),
        (format!("/default/web/{long}"), Reason::UnknownId),
    ] {
        let cgroup = made.make(lookout.mount(), &path)?;
        lookout.event(Change::Created, cgroup, &path, clock::boottime());
        let seen = lookout.settled(cgroup)?;
        assert_eq!((seen.state, seen.metadata), (Some(State::Unverified(reason)), None), "{path}");
    }
    let (_, real) = cgroup(&containerd, &lookout, "web")?;
    assert_eq!(lookout.settled(real)?.state, Some(State::Verified), "the real one still is");
    Ok(())
}

#[test]
fn containers_that_are_gone_when_they_are_asked_about_were_foreseen() -> Result<()> {
    let containerd = Containerd::start()?;
    let mut lookout = Lookout::start(containerd.places())?;
    lookout.wait_for_count("cri_stream_opened", 1)?;
    let begun = clock::boottime();
    for number in 0..BURST {
        containerd.ctr(DEFAULT, &["run", "--rm", IMAGE, &format!("brief-{number}"), "true"])?;
    }
    assert_eq!(containerd.ctr(DEFAULT, &["containers", "list", "--quiet"])?, "", "all are gone");
    for number in 0..BURST {
        let name = format!("brief-{number}");
        // An id of a cgroup that is gone; no living one is that high.
        let cgroup = u64::MAX - number;
        lookout.event(Change::Created, cgroup, &format!("/default/{name}"), begun);
        let seen = lookout.settled(cgroup)?;
        assert_eq!(seen.state, Some(State::Verified), "{name}");
        let metadata = seen.metadata.context("verified without metadata")?;
        assert_eq!((metadata.name, metadata.image.repository.as_str()), (name, REPOSITORY));
    }
    Ok(())
}

#[test]
fn a_containerd_that_is_gone_leaves_claims_unverified() -> Result<()> {
    let containerd = Containerd::start()?;
    containerd.run_sleeping("web")?;
    let mut lookout = Lookout::start(containerd.places())?;
    let (_, id) = cgroup(&containerd, &lookout, "web")?;
    assert_eq!(lookout.settled(id)?.state, Some(State::Verified));
    drop(containerd);
    assert_eq!(lookout.look(id).state, Some(State::Verified), "what was confirmed stays so");
    lookout.event(Change::Created, u64::MAX, "/default/other", clock::boottime());
    assert_eq!(lookout.settled(u64::MAX)?.state, Some(State::Unverified(Reason::Unreachable)));
    Ok(())
}
