//! From a storage to facts.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use super::*;

const ID: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";

/// A storage with one container, called `web`, that runs as process 77.
fn storage(root: &Path) -> Storage {
    let userdata = root.join("overlay-containers").join(ID).join("userdata");
    fs::create_dir_all(&userdata).unwrap();
    let listed = format!(
        r#"[{{"id":"{ID}","names":["web"],"image":"cafe","created":"2026-11-20T21:59:48Z",
            "metadata":"{{\"image-name\":\"r.example:1/box:2\"}}"}},{{"id":null}}]"#
    );
    fs::write(root.join("overlay-containers/containers.json"), listed).unwrap();
    let environment = userdata.join(".containerenv");
    let spec = format!(
        r#"{{"annotations":{{"io.podman.annotations.privileged":"TRUE"}},
            "mounts":[{{"destination":"/run/.containerenv","type":"bind","source":"{}"}}],
            "linux":{{"cgroupsPath":"/libpod_parent/libpod-{ID}"}}}}"#,
        environment.display()
    );
    fs::write(userdata.join("config.json"), spec).unwrap();
    fs::write(userdata.join("pidfile"), "77").unwrap();
    Storage { root: root.to_owned(), owner: rustix::process::geteuid().as_raw(), base: String::new() }
}

fn place() -> Vec<u8> {
    format!("/libpod_parent/libpod-{ID}").into_bytes()
}

fn read(storage: &Storage) -> Result<Stored, Reason> {
    in_storages(std::slice::from_ref(storage), ID, 1 << 20).map(|(stored, _)| stored)
}

#[test]
fn a_storage_tells_name_image_and_place() {
    let directory = tempfile::tempdir().unwrap();
    let stored = read(&storage(directory.path())).unwrap();
    let running = facts(stored, "", |pid| (pid == 77).then(place));
    assert_eq!(running.ended, None);
    let metadata = running.check(&place(), Timestamp::MAX).unwrap();
    assert_eq!((metadata.name.as_str(), metadata.privileged), ("web", Some(true)));
    let image = &metadata.image;
    assert_eq!([&image.repository, &image.tag, &image.id], ["r.example:1/box", "2", "sha256:cafe"]);
}

#[test]
fn a_cgroup_made_after_the_last_run_is_none_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let storage = storage(directory.path());
    let reused: fn(u32) -> Option<Vec<u8>> = |_| Some(b"/init.scope".to_vec());
    for cgroup_of in [reused, |_| None] {
        let over = facts(read(&storage).unwrap(), "", cgroup_of);
        assert!(over.check(&place(), Timestamp::UNIX_EPOCH).is_ok(), "its own was there before the number");
        assert_eq!(over.check(&place(), Timestamp::MAX).err(), Some(Reason::NotRunning));
        assert_eq!(over.check(b"/x", Timestamp::UNIX_EPOCH).err(), Some(Reason::OtherCgroup));
    }
}

#[test]
fn a_storage_of_another_owner_or_of_garbage_is_told_and_another_is_searched() {
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut other = storage(first.path());
    let good = storage(second.path());
    other.owner += 1;
    assert_eq!(read(&other).err(), Some(Reason::Refused));
    assert!(in_storages(&[other.clone(), good], ID, 1 << 20).is_ok());
    other.owner -= 1;
    assert_eq!(in_storages(&[other.clone()], ID, 10).err(), Some(Reason::Garbage), "too large");
    fs::write(first.path().join("overlay-containers/containers.json"), "[{").unwrap();
    assert_eq!(read(&other).err(), Some(Reason::Garbage));
    fs::remove_dir_all(first.path().join("overlay-containers")).unwrap();
    assert_eq!(read(&other).err(), Some(Reason::UnknownId));
}

#[test]
fn a_cgroup_tells_whose_part_of_the_hierarchy_it_is_in() {
    assert_eq!(owner_of(b"/user.slice/user-1000.slice/user@1000.service/x"), Some(1000));
    for path in [&b"/user.slice/user-x.slice/a"[..], b"/user.slice", b"/x/user.slice/user-1.slice/a"] {
        assert_eq!(owner_of(path), None);
    }
}

#[test]
fn a_user_has_a_storage_at_home_and_slices_of_its_own() {
    let found = storages(&[PathBuf::from("/a")], &[0, u32::MAX]);
    let base = "/user.slice/user-0.slice/user@0.service".to_owned();
    let [roots, users] = found.as_slice() else { panic!("a user without a home has none: {found:?}") };
    assert_eq!(*roots, Storage { root: PathBuf::from("/a"), owner: 0, base: String::new() });
    assert!(users.root.ends_with(".local/share/containers/storage"));
    assert_eq!((users.owner, &users.base), (0, &base));
}
