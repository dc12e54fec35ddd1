//! A container that goes over to the host's mount namespace is told; what Docker itself does on the way into a
//! container is not.

use anyhow::{Context, Result};

use crate::common::engine::Engine;
use crate::common::image::{IMAGE, REPOSITORY};
use crate::common::vigie::{Vigie, field};

/// The rule that tells.
const RULE: &str = "Program run on the host from within a container";
/// What a container needs to enter the host's namespaces.
const RIGHTS: [&str; 10] = [
    "--pid",
    "host",
    "--cap-add",
    "SYS_ADMIN",
    "--cap-add",
    "SYS_PTRACE",
    "--security-opt",
    "seccomp=unconfined",
    "--security-opt",
    "apparmor=unconfined",
];

#[test]
fn a_container_that_enters_the_hosts_mounts_is_told_and_its_start_is_not() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let vigie = Vigie::start(&["--docker-socket".as_ref(), engine.socket().as_os_str()])?;
    let plain = engine.run_detached(&[&RIGHTS[..], &[IMAGE, "sleep", "1000"]].concat())?;
    for _ in 0..5 {
        engine.docker(&["exec", &plain, "true"])?;
    }
    // Not that of process 1, which not every host lets anybody look at: the test's own is the same.
    let own = std::process::id().to_string();
    let escape = ["nsenter", "-t", &own, "-m", "sh", "-c", "exit 7"];
    let escaped = engine.run_detached(&[&RIGHTS[..], &[IMAGE], &escape].concat())?;
    assert_eq!(engine.docker(&["wait", &escaped])?, "7", "{}", engine.docker(&["logs", &escaped])?);
    let alert = vigie.next_of(RULE)?;
    assert_eq!(field(&alert, "container.id"), escaped.get(..12).context("a container id")?, "{alert}");
    assert_eq!(field(&alert, "container.image.repository"), REPOSITORY, "{alert}");
    assert_eq!(field(&alert, "proc.name"), "sh", "{alert}");
    Ok(())
}
