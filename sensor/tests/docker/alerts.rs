//! The main job: containers that are gone before anyone can look each read `/etc/shadow`, and Vigie says which.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use crate::common::engine::Engine;
use crate::common::image::{IMAGE, REPOSITORY};
use crate::common::vigie::{MARK, Vigie, field};

/// Containers that come and go.
const CONTAINERS: usize = 100;

#[test]
fn a_hundred_short_lived_containers_are_each_told_apart() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let vigie = Vigie::start(&["--docker-socket".as_ref(), engine.socket().as_os_str()])?;
    let read = format!("cat /etc/shadow {MARK} >/dev/null 2>&1; true");
    let mut ids = BTreeSet::new();
    for number in 0..CONTAINERS {
        let removal: &[&str] = if number % 2 == 0 { &["--rm"] } else { &[] };
        let command = [IMAGE, "sh", "-c", &read];
        let id = engine.run_detached(&[removal, &command].concat())?;
        ids.insert(id.get(..12).context("a container id")?.to_owned());
    }
    ensure!(ids.len() == CONTAINERS, "container ids repeat");
    let mut seen = BTreeMap::new();
    for _ in 0..CONTAINERS {
        let alert = vigie.next_shadow()?;
        let id = field(&alert, "container.id").as_str().context("no container.id")?.to_owned();
        if let Some(before) = seen.insert(id, alert) {
            bail!("two alerts for one container, the first of them {before}");
        }
    }
    assert_eq!(seen.keys().cloned().collect::<BTreeSet<_>>(), ids);
    for alert in seen.values() {
        assert_eq!(field(alert, "container.image.repository"), REPOSITORY, "{alert}");
        assert_eq!(field(alert, "proc.name"), "cat", "{alert}");
        assert_eq!(field(alert, "proc.pname"), "sh", "{alert}");
        assert_eq!(field(alert, "vigie.container.verified"), true, "{alert}");
    }
    Ok(())
}
