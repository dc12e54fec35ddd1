//! What a real CRI runtime says of a pod.

use std::fs;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use sensor::identity::{Change, Metadata, State};
use sensor::sys::{cgroupfs, clock};

use crate::common::image::{IMAGE, REPOSITORY, TAG};
use crate::common::lookout::{Lookout, Seen};
use crate::containerd::{Containerd, PODS};
use crate::pod::{CONTAINER, Kubelet, NAME, NAMESPACE, UID};

/// Plays the making of the cgroup that a task runs in, and waits for enough.
fn seen(
    containerd: &Containerd,
    lookout: &mut Lookout,
    id: &str,
    enough: impl Fn(&Seen) -> bool,
) -> Result<Metadata> {
    let pid = containerd.init(PODS, id)?;
    let path = String::from_utf8(cgroupfs::of_process(pid).context("its init process is gone")?)?;
    let cgroup = fs::metadata(lookout.mount().join(path.trim_start_matches('/')))?.ino();
    lookout.event(Change::Created, cgroup, &path, clock::boottime());
    let seen = lookout.wait(cgroup, enough).with_context(|| containerd.log())?;
    assert_eq!((seen.id.as_slice(), seen.state), (id.as_bytes(), Some(State::Verified)), "{path}");
    seen.metadata.context("verified without metadata")
}

#[test]
fn a_pod_made_through_cri_is_verified_with_all_its_names() -> Result<()> {
    let containerd = Containerd::start()?;
    let kubelet = Kubelet::new(&containerd)?;
    let mut lookout = Lookout::start(containerd.places())?;
    let sandbox = kubelet.run_sandbox()?;
    let by_cri = |seen: &Seen| {
        let pod = seen.metadata.as_ref().and_then(|metadata| metadata.pod.as_ref());
        pod.is_some_and(|pod| !pod.labels.is_empty())
    };
    let pause = seen(&containerd, &mut lookout, &sandbox, by_cri)?;
    assert_eq!(
        (pause.name.as_str(), pause.shares.network, pause.shares.pid),
        (NAME, Some(true), Some(false))
    );
    let container = kubelet.create_container(&sandbox)?;
    kubelet.start_container(&container)?;
    let app = seen(&containerd, &mut lookout, &container, by_cri)?;
    assert_eq!(app.name, CONTAINER);
    assert_eq!(app.image.reference, IMAGE);
    assert_eq!((app.image.repository.as_str(), app.image.tag.as_str()), (REPOSITORY, TAG));
    assert!(app.image.id.starts_with("sha256:"), "{:?}", app.image);
    assert_eq!((app.privileged, app.shares.network, app.shares.ipc), (Some(false), Some(true), Some(false)));
    let mounts = app.mounts.context("no mounts")?;
    let mount = mounts.iter().find(|mount| mount.destination == "/host/tmp").context("not that mount")?;
    assert_eq!((mount.source.as_str(), mount.writable), ("/tmp", false));
    for pod in [pause.pod, app.pod] {
        let pod = pod.context("no pod")?;
        let names = [&pod.name, &pod.namespace, &pod.uid, &pod.sandbox_id].map(String::as_str);
        assert_eq!(names, [NAME, NAMESPACE, UID, &sandbox]);
        assert_eq!(pod.labels.get("app").map(String::as_str), Some("shop"));
    }
    Ok(())
}
