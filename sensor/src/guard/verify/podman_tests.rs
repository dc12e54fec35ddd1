//! What is compared here is what Podman 4.3 said of containers made from these bodies (the parts that count).

use serde_json::{Value, json};

use super::tests::found;

/// Of `{"Image": "box", "Cmd": ["sh"]}`.
fn plain() -> Value {
    json!({"Image": "sha256:9e8ea1f77c0af107343dc7f63b7a03c4c4439a36aa54043899d3887fa1efe7eb",
        "Config": {"User": "", "Image": "docker.io/library/box:latest"}, "HostConfig": {
        "Binds": [], "NetworkMode": "bridge", "VolumeDriver": "", "VolumesFrom": null, "CapAdd": [], "CapDrop": [],
        "CgroupnsMode": "", "GroupAdd": [], "IpcMode": "shareable", "Cgroup": "", "PidMode": "private",
        "Privileged": false, "SecurityOpt": [], "UTSMode": "private", "UsernsMode": "", "Runtime": "oci",
        "CgroupParent": "", "Devices": [], "DeviceCgroupRules": null, "DeviceRequests": null,
        "MaskedPaths": null, "ReadonlyPaths": null}, "Mounts": []})
}

/// The same with this in its host configuration.
fn with(members: Value) -> Value {
    let mut inspect = plain();
    if let (Some(known), Value::Object(members)) = (inspect["HostConfig"].as_object_mut(), members) {
        known.extend(members);
    }
    inspect
}

fn rich_body() -> Value {
    json!({"Image": "box", "User": "5", "HostConfig": {"NetworkMode": "none", "PidMode": "host", "IpcMode": "host",
        "UTSMode": "host", "CgroupnsMode": "private", "CapAdd": ["SYS_ADMIN", "CAP_NET_ADMIN"],
        "CapDrop": ["CHOWN"], "SecurityOpt": ["seccomp=unconfined", "no-new-privileges:true"], "GroupAdd": ["7"],
        "Runtime": "runc", "VolumeDriver": "local", "Binds": ["/srv/src:/m:ro", "vol:/v",
        "/srv/src/../src/:/mm:z,rshared"], "Mounts": [{"Type": "bind", "Source": "/srv/src", "Target": "/n"},
        {"Type": "tmpfs", "Target": "/t"}, {"Type": "volume", "Source": "other", "Target": "/o"}],
        "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}]}})
}

fn rich() -> Value {
    let volume = |name: &str, destination: &str| {
        json!({"Type": "volume", "Name": name, "Source": format!("/srv/volumes/{name}/_data"), "Mode": "",
            "Destination": destination, "Driver": "local", "RW": true, "Propagation": "rprivate"})
    };
    let bind = |destination: &str, mode: &str, writable: bool| {
        json!({"Type": "bind", "Source": "/srv/src", "Destination": destination, "Driver": "", "Mode": mode,
            "RW": writable, "Propagation": "rprivate"})
    };
    let mut inspect = with(json!({"NetworkMode": "none", "PidMode": "host", "UTSMode": "host",
        "CapAdd": ["NET_ADMIN", "SYS_ADMIN"], "CapDrop": ["CHOWN"], "GroupAdd": ["7"],
        "SecurityOpt": ["no-new-privileges", "seccomp=unconfined"],
        "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": ""}],
        "Binds": ["/srv/src:/m:ro,rprivate,rbind", "/srv/src:/mm:z,rshared,rw,rbind",
            "/srv/src:/n:rw,rprivate,rbind", "vol:/v:rw,rprivate,nosuid,nodev,rbind"]}));
    inspect["Config"]["User"] = json!("5");
    inspect["Mounts"] = json!([
        volume("vol", "/v"),
        volume("other", "/o"),
        bind("/n", "", true),
        bind("/m", "", false),
        bind("/mm", "z", true)
    ]);
    inspect
}

#[test]
fn what_podman_made_as_it_was_asked_for_is_no_drift() {
    let other = "container:a10cf971500a";
    let body = |host: Value| json!({"Image": "box", "HostConfig": host});
    for (body, inspect) in [
        (json!({"Image": "box", "Cmd": ["sh"]}), plain()),
        (json!({"Image": "9e8ea1f77c0a"}), plain()),
        (rich_body(), rich()),
        (body(json!({"Privileged": true})), with(json!({"Privileged": true, "CapDrop": ["SYS_RESOURCE"]}))),
        (body(json!({"MaskedPaths": [], "ReadonlyPaths": []})), plain()),
        (body(json!({"CapAdd": ["ALL"]})), with(json!({"CapAdd": ["BPF", "SYS_ADMIN", "SYS_PTRACE"]}))),
        (body(json!({"CapAdd": ["chown"]})), plain()),
        (body(json!({"SecurityOpt": ["label:disable"]})), with(json!({"SecurityOpt": ["label=disable"]}))),
        (body(json!({"NetworkMode": "host", "CgroupnsMode": "host"})), with(json!({"NetworkMode": "host"}))),
        (
            body(json!({"NetworkMode": "container:a", "PidMode": "container:a", "IpcMode": "container:a"})),
            with(json!({"NetworkMode": other, "PidMode": other, "IpcMode": other})),
        ),
        (body(json!({"VolumesFrom": ["b"]})), with(json!({"VolumesFrom": ["b"]}))),
    ] {
        assert_eq!(found(&body, &inspect), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn what_podman_made_more_than_asked_for_is_told() {
    let mut inspect = rich();
    inspect["HostConfig"]["Privileged"] = json!(true);
    inspect["HostConfig"]["NetworkMode"] = json!("host");
    inspect["HostConfig"]["MaskedPaths"] = json!([]);
    let told = found(&json!({"Image": "other", "User": "6"}), &inspect);
    let expected = [
        "Privileged: true, which was not asked for",
        "PidMode: host, which was not asked for",
        "UTSMode: host, which was not asked for",
        "NetworkMode: host, which was not asked for",
        "CapAdd: NET_ADMIN, which was not asked for",
        "CapAdd: SYS_ADMIN, which was not asked for",
        "SecurityOpt: no-new-privileges, which was not asked for",
        "SecurityOpt: seccomp=unconfined, which was not asked for",
        "MaskedPaths: none, which was not asked for",
        "Devices: /dev/null:/dev/x:, which was not asked for",
        "GroupAdd: 7, which was not asked for",
        "User: 5 instead of 6",
        "Image: docker.io/library/box:latest instead of other",
        "Mounts: /srv/src:/n, which was not asked for",
        "Mounts: /srv/src:/m:ro, which was not asked for",
        "Mounts: /srv/src:/mm, which was not asked for",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_device_that_may_be_used_in_more_ways_is_told() {
    let device = |may: &str| json!({"Devices": [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": may}]});
    let body = json!({"Image": "box", "HostConfig": device("r")});
    assert_eq!(found(&body, &with(device("rwm"))), ["Devices: /dev/a:/dev/b:rwm, which was not asked for"]);
}
