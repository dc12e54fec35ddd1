//! Privileged containers on hosts that lack a capability themselves, as some machines of CI do: what cannot be given is
//! left out, as else no privileged container could be made there. Docker and Vigie know the container as privileged.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use rustix::thread::{CapabilitySet, capability_is_in_bounding_set};

use crate::common::engine::Engine;

/// What `docker run --runtime` takes for such a container.
pub(crate) const RUNTIME: &str = "runc-of-this-host";

/// Starts an engine that can make them. The runtime is kept in this directory.
pub(crate) fn engine(directory: &Path) -> Result<Engine> {
    let runtime = directory.join("runtime");
    fs::write(&runtime, script(&missing()?))?;
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o755))?;
    let runtime = runtime.to_str().context("a path that is no text")?;
    Engine::start_with_options(&["--add-runtime", &format!("{RUNTIME}={runtime}")])
}

/// Names of the capabilities that this host lacks.
fn missing() -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for (name, capability) in CapabilitySet::all().iter_names() {
        if !capability_is_in_bounding_set(capability)? {
            missing.push(format!("CAP_{name}"));
        }
    }
    Ok(missing)
}

/// runc, but for these capabilities in what it is to make.
fn script(capabilities: &[String]) -> String {
    let edits: Vec<_> = capabilities.iter().map(|name| format!(" -e 's/\"{name}\",//g'")).collect();
    let edits = edits.concat();
    format!(
        "#!/bin/sh\nfor word; do\n  [ \"$last\" = --bundle ] && sed -i -e '' {edits} \"$word/config.json\"\n  \
         last=$word\ndone\nexec runc \"$@\"\n"
    )
}
