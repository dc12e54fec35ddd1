//! What is compared here is what Docker Engine 20.10 said of containers made from these bodies (the parts that count).

use serde_json::{Value, json};

use super::*;

pub(super) fn json_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Number(number) => Json::Number(number.to_string().into()),
        Value::String(text) => Json::Text(text.clone().into()),
        Value::Array(elements) => Json::List(elements.iter().map(json_of).collect()),
        Value::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone().into(), json_of(value))).collect())
        }
    }
}

fn masked() -> Value {
    json!(["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/sys/firmware"])
}

fn readonly() -> Value {
    json!(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"])
}

/// Of `{"Image": "t:1", "Cmd": ["sh"]}`.
fn plain() -> Value {
    json!({"Config": {"User": "", "Image": "t:1"}, "HostConfig": {
        "Binds": null, "NetworkMode": "default", "VolumeDriver": "", "VolumesFrom": null, "CapAdd": null,
        "CapDrop": null, "CgroupnsMode": "host", "GroupAdd": null, "IpcMode": "private", "PidMode": "",
        "Privileged": false, "SecurityOpt": null, "UTSMode": "", "UsernsMode": "", "CgroupParent": "",
        "Devices": null, "DeviceCgroupRules": null, "DeviceRequests": null,
        "MaskedPaths": masked(), "ReadonlyPaths": readonly()}, "Mounts": []})
}

/// The body of a container with much of the host in it.
fn rich_body() -> Value {
    json!({"Image": "t:1", "Cmd": ["sh"], "User": "5", "HostConfig": {
        "Binds": ["/srv/link:/l:ro", "vol:/v", "/srv/src/../src:/m"],
        "Mounts": [{"Type": "bind", "Source": "/etc", "Target": "/e"}, {"Type": "tmpfs", "Target": "/t"},
            {"Type": "volume", "Source": "other", "Target": "/o"}],
        "CapAdd": ["CAP_SYS_ADMIN", "net_admin"], "PidMode": "host", "IpcMode": "host", "NetworkMode": "host",
        "UTSMode": "host", "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x",
            "CgroupPermissions": "rwm"}],
        "SecurityOpt": ["seccomp=unconfined"], "Sysctls": {"net.ipv4.ip_forward": "1"}, "GroupAdd": ["7"],
        "DeviceCgroupRules": ["c 1:3 rwm"]}})
}

/// What the engine made of it.
fn rich() -> Value {
    json!({"Config": {"User": "5", "Image": "t:1"}, "HostConfig": {
        "Binds": ["/srv/link:/l:ro", "vol:/v", "/srv/src/../src:/m"],
        "Mounts": [{"Type": "bind", "Source": "/etc", "Target": "/e"}, {"Type": "tmpfs", "Target": "/t"},
            {"Type": "volume", "Source": "other", "Target": "/o"}],
        "NetworkMode": "host", "VolumeDriver": "", "VolumesFrom": null, "CapAdd": ["CAP_SYS_ADMIN", "net_admin"],
        "CapDrop": null, "CgroupnsMode": "host", "GroupAdd": ["7"], "IpcMode": "host", "PidMode": "host",
        "Privileged": false, "SecurityOpt": ["seccomp=unconfined", "label=disable"], "UTSMode": "host",
        "UsernsMode": "", "Runtime": "runc", "CgroupParent": "",
        "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}],
        "DeviceCgroupRules": ["c 1:3 rwm"], "DeviceRequests": null, "MaskedPaths": masked(),
        "ReadonlyPaths": readonly(), "Sysctls": {"net.ipv4.ip_forward": "1"}},
        "Mounts": [
            {"Type": "bind", "Source": "/srv/link", "Destination": "/l", "Mode": "ro", "RW": false,
                "Propagation": "rprivate"},
            {"Type": "volume", "Name": "vol", "Source": "/var/lib/docker/volumes/vol/_data", "Destination": "/v",
                "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""},
            {"Type": "bind", "Source": "/srv/src", "Destination": "/m", "Mode": "", "RW": true,
                "Propagation": "rprivate"},
            {"Type": "bind", "Source": "/etc", "Destination": "/e", "Mode": "", "RW": true,
                "Propagation": "rprivate"},
            {"Type": "tmpfs", "Source": "", "Destination": "/t", "Mode": "", "RW": true, "Propagation": ""},
            {"Type": "volume", "Name": "other", "Source": "/var/lib/docker/volumes/other/_data",
                "Destination": "/o", "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""}]})
}

fn judged(source: &str, resolved: Option<&str>) -> Judged {
    Judged { source: source.to_owned(), resolved: resolved.map(str::to_owned) }
}

pub(super) fn found(create: &Value, inspect: &Value) -> Vec<String> {
    let drift = drift(&json_of(create), &json_of(inspect), &[], |path| Some(path.to_owned()));
    drift.iter().map(Drift::to_string).collect()
}

#[test]
fn what_was_made_as_it_was_asked_for_is_no_drift() {
    let privileged_body = json!({"Image": "t:1", "HostConfig": {"Privileged": true}});
    let mut privileged = plain();
    for (name, value) in [
        ("Privileged", json!(true)),
        ("SecurityOpt", json!(["label=disable"])),
        ("MaskedPaths", json!(null)),
        ("ReadonlyPaths", json!(null)),
        ("Runtime", json!("runc")),
    ] {
        privileged["HostConfig"][name] = value;
    }
    let open_body = json!({"Image": "t:1", "HostConfig": {"MaskedPaths": [], "ReadonlyPaths": [],
        "Binds": ["rel:/a:z", "/etc/:/b//:ro,rshared"], "IpcMode": "shareable", "CgroupnsMode": "private"}});
    let mut open = plain();
    for (name, value) in [
        ("MaskedPaths", json!([])),
        ("ReadonlyPaths", json!([])),
        ("IpcMode", json!("shareable")),
        ("CgroupnsMode", json!("private")),
    ] {
        open["HostConfig"][name] = value;
    }
    open["Mounts"] = json!([
        {"Type": "volume", "Name": "rel", "Source": "/var/lib/docker/volumes/rel/_data", "Destination": "/a",
            "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""},
        {"Type": "bind", "Source": "/etc", "Destination": "/b", "Mode": "ro,rshared", "RW": false,
            "Propagation": "rshared"}]);
    let host_config = json!({"Image": "t:1", "HostConfig": null});
    for (body, inspect) in [
        (json!({"Image": "t:1", "Cmd": ["sh"]}), plain()),
        (host_config, plain()),
        (rich_body(), rich()),
        (privileged_body, privileged),
        (open_body, open),
    ] {
        assert_eq!(found(&body, &inspect), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn whatever_is_more_than_was_asked_for_is_told() {
    let body = json!({"Image": "t:1", "User": "5"});
    let told = found(&body, &{
        let mut inspect = rich();
        inspect["HostConfig"]["Privileged"] = json!(true);
        inspect["HostConfig"]["MaskedPaths"] = json!([]);
        inspect["HostConfig"]["DeviceRequests"] = json!([{"Driver": "nvidia"}]);
        inspect["HostConfig"]["VolumesFrom"] = json!(["other"]);
        inspect
    });
    let expected = [
        "Privileged: true, which was not asked for",
        "PidMode: host, which was not asked for",
        "IpcMode: host, which was not asked for",
        "UTSMode: host, which was not asked for",
        "NetworkMode: host, which was not asked for",
        "CapAdd: NET_ADMIN, which was not asked for",
        "CapAdd: SYS_ADMIN, which was not asked for",
        "SecurityOpt: label=disable, which was not asked for",
        "SecurityOpt: seccomp=unconfined, which was not asked for",
        "MaskedPaths: none, which was not asked for",
        "Devices: /dev/null:/dev/x:rwm, which was not asked for",
        "DeviceRequests: 1 instead of 0",
        "DeviceCgroupRules: c 1:3 rwm, which was not asked for",
        "GroupAdd: 7, which was not asked for",
        "VolumesFrom: other, which was not asked for",
        "Sysctls: net.ipv4.ip_forward=1, which was not asked for",
        "Mounts: /srv/link:/l:ro, which was not asked for",
        "Mounts: /srv/src:/m, which was not asked for",
        "Mounts: /etc:/e, which was not asked for",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_other_than_asked_for_is_told() {
    let body = json!({"Image": "t:1", "User": "5", "HostConfig": {"CgroupnsMode": "private", "Runtime": "runsc",
        "CgroupParent": "/a", "NetworkMode": "container:web", "Binds": ["/srv/a:/m:ro", "/srv/b:/n"]}});
    let mut inspect = plain();
    for (name, value) in [("Runtime", "runc"), ("CgroupParent", "/b"), ("NetworkMode", "container:0123")] {
        inspect["HostConfig"][name] = json!(value);
    }
    inspect["Config"]["User"] = json!("0");
    inspect["Mounts"] = json!([{"Type": "bind", "Source": "/srv/a", "Destination": "/m", "RW": true},
        {"Type": "bind", "Source": "/srv/c", "Destination": "/n", "RW": true}]);
    let expected = [
        "CgroupnsMode: host instead of private",
        "Runtime: runc instead of runsc",
        "CgroupParent: /b instead of /a",
        "User: 0 instead of 5",
        "Mounts: /srv/a:/m instead of /srv/a:/m:ro",
        "Mounts: /srv/c:/n instead of /srv/b:/n",
    ];
    assert_eq!(found(&body, &inspect), expected);
}

#[test]
fn a_path_that_leads_elsewhere_than_when_it_was_judged_is_told() {
    let (body, inspect) = (json_of(&rich_body()), json_of(&rich()));
    let judged = [
        judged("/srv/link", Some("/srv/harmless")),
        judged("/etc", Some("/etc")),
        // The engine made a directory where there was nothing.
        judged("/srv/new/", None),
        judged("/srv/absent", None),
        judged("/srv/gone", Some("/srv/gone")),
    ];
    let resolve = |path: &str| match path {
        "/srv/link" => Some("/root".to_owned()),
        "/srv/new/" => Some("/srv/new".to_owned()),
        "/srv/absent" | "/srv/gone" => None,
        path => Some(path.to_owned()),
    };
    let told: Vec<_> = drift(&body, &inspect, &judged, resolve).iter().map(Drift::to_string).collect();
    let expected = [
        "Binds: /srv/link leads to /root instead of /srv/harmless",
        "Binds: /srv/gone leads to nothing instead of /srv/gone",
    ];
    assert_eq!(told, expected);
}
