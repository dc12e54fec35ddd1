//! Mounts in their long form, and the options of volume drivers.

use super::bind::Wanted;
use super::word;
use crate::guard::Json;

/// Whether a mount is of the host. A source that is a path is, whatever the type says.
pub fn is_of_host(mount: &Json) -> bool {
    mount.at(&["Type"]).text() == "bind" || mount.at(&["Source"]).text().starts_with('/')
}

/// The options for the driver of a mount's volume.
pub fn options(mount: &Json) -> &Json {
    mount.at(&["VolumeOptions", "DriverConfig", "Options"])
}

/// The mount of the host that it asks for, if it does.
pub(super) fn wanted(mount: &Json) -> Option<Wanted> {
    is_of_host(mount).then(|| Wanted {
        source: mount.at(&["Source"]).text().to_owned(),
        writable: !mount.at(&["ReadOnly"]).is_truthy(),
        propagation: mount.at(&["BindOptions", "Propagation"]).text().to_owned(),
    })
}

/// The words of a mount, but for the host's path in it.
pub(super) fn words(mount: &Json) -> Vec<String> {
    let kind = mount.at(&["Type"]).text();
    let mut words = match kind {
        "bind" | "volume" | "tmpfs" | "image" => Vec::new(),
        other => vec![word("mount_type", if other.is_empty() { "none" } else { other })],
    };
    let driver = mount.at(&["VolumeOptions", "DriverConfig", "Name"]).text();
    words.extend(volume(driver, options(mount)));
    let parts = [mount.at(&["VolumeOptions", "Subpath"]), mount.at(&["ImageOptions", "Subpath"])];
    let leads_out =
        |part: &&Json| part.text().starts_with('/') || part.text().split('/').any(|name| name == "..");
    words.extend(parts.iter().filter(|part| leads_out(part)).map(|_| "subpath".to_owned()));
    words.extend(tmpfs_options(mount.at(&["TmpfsOptions", "Options"])));
    words
}

/// The words of a volume: the local driver hands its options to mount(2), which reaches the host in many ways besides
/// `o=bind`: a block device, an overlay over `/`. So every option is one, unless all of them make a plain tmpfs.
pub(super) fn volume(driver: &str, options: &Json) -> Vec<String> {
    let mut words = Vec::new();
    if !matches!(driver, "" | "local") {
        words.push(word("volume_driver", driver));
    }
    if options.is_truthy() && !is_tmpfs(options) {
        words.push("volume_driver_options".to_owned());
    }
    words
}

/// Whether the options make a tmpfs and nothing else: the kernel passes over the type where it is told to bind.
fn is_tmpfs(options: &Json) -> bool {
    options.members().iter().all(|(key, value)| match &**key {
        "type" | "device" => value.text() == "tmpfs",
        "o" => value.text().split(',').all(is_of_tmpfs),
        _ => false,
    }) && options.at(&["type"]).text() == "tmpfs"
}

fn is_of_tmpfs(option: &str) -> bool {
    let (name, _) = option.split_once('=').unwrap_or((option, ""));
    matches!(
        name,
        "size"
            | "mode"
            | "uid"
            | "gid"
            | "nr_inodes"
            | "nosuid"
            | "nodev"
            | "noexec"
            | "noatime"
            | "ro"
            | "rw"
    )
}

/// Options of a tmpfs, each a list of a name and its value.
fn tmpfs_options(options: &Json) -> Vec<String> {
    let odd = options.elements().iter().filter(|option| {
        let name = option.texts().next().unwrap_or_default();
        !is_of_tmpfs(name) && !matches!(name, "exec" | "suid" | "dev")
    });
    odd.map(|_| "tmpfs_options".to_owned()).collect()
}
