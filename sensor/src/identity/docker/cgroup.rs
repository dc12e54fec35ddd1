//! Which cgroup Docker gives a container: the path a true claim must have.

use super::model::Driver;
use crate::identity::placement::{normalized, slice_path};

/// Where containers go by default with the cgroupfs driver.
const CGROUPFS_PARENT: &str = "/docker";
/// Where containers go by default with the systemd driver.
const SYSTEMD_PARENT: &str = "system.slice";

/// The cgroups that the container `id` may be given: one, or one per driver while the driver is not known.
/// `parent` is the container's own setting or the daemon's; empty for Docker's default. A parent that the
/// driver would refuse gives none.
pub fn candidates(driver: Option<Driver>, parent: &str, id: &str) -> Vec<Vec<u8>> {
    let drivers = match driver {
        Some(Driver::Other) => &[][..],
        Some(Driver::Cgroupfs) => &[Driver::Cgroupfs][..],
        Some(Driver::Systemd) => &[Driver::Systemd][..],
        None => &[Driver::Cgroupfs, Driver::Systemd][..],
    };
    drivers.iter().filter_map(|driver| path(*driver, parent, id)).collect()
}

fn path(driver: Driver, parent: &str, id: &str) -> Option<Vec<u8>> {
    let or = |default| if parent.is_empty() { default } else { parent };
    match driver {
        Driver::Cgroupfs => Some(format!("{}/{id}", normalized(or(CGROUPFS_PARENT))?).into_bytes()),
        Driver::Systemd => {
            Some(format!("{}/docker-{id}.scope", slice_path(or(SYSTEMD_PARENT))?).into_bytes())
        }
        Driver::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn gives(driver: Option<Driver>, parent: &str, paths: &[&str]) {
        let found: Vec<String> = candidates(driver, parent, "ID")
            .into_iter()
            .map(|path| String::from_utf8(path).unwrap())
            .collect();
        assert_eq!(found, paths, "{driver:?} {parent:?}");
    }

    #[test]
    fn defaults_of_both_drivers() {
        gives(Some(Driver::Cgroupfs), "", &["/docker/ID"]);
        gives(Some(Driver::Systemd), "", &["/system.slice/docker-ID.scope"]);
        gives(None, "", &["/docker/ID", "/system.slice/docker-ID.scope"]);
        gives(Some(Driver::Other), "", &[]);
    }

    #[test]
    fn parents_are_followed_as_the_driver_does() {
        gives(Some(Driver::Cgroupfs), "foo", &["/foo/ID"]);
        gives(Some(Driver::Cgroupfs), "/foo//bar/", &["/foo/bar/ID"]);
        gives(Some(Driver::Cgroupfs), "/", &["/ID"]);
        gives(Some(Driver::Cgroupfs), "/foo/../..", &[]);
        gives(Some(Driver::Systemd), "a-b-c.slice", &["/a.slice/a-b.slice/a-b-c.slice/docker-ID.scope"]);
        gives(Some(Driver::Systemd), "-.slice", &["/docker-ID.scope"]);
        gives(Some(Driver::Systemd), "/foo", &[]);
        gives(Some(Driver::Systemd), "a--b.slice", &[]);
        gives(None, "/foo", &["/foo/ID"]);
    }
}
