//! Fields of a container that is to be made.

use super::value::{flag, joined, keys, label, list, names_of, number, owned, pairs, text, texts};
use crate::guard::Json;
use crate::guard::host_access::{capability, mounts, spec};
use crate::rules::{FieldRef, Value};

/// The value of `docker.create.NAME`.
pub(super) fn value<'v>(body: &'v Json, name: &str, field: &FieldRef) -> Value<'v> {
    let host = body.at(&["HostConfig"]);
    match name {
        "image" => text(body.at(&["Image"]).text()),
        "command" => joined(body.at(&["Cmd"])),
        "entrypoint" => joined(body.at(&["Entrypoint"])),
        "user" => text(body.at(&["User"]).text()),
        "env_names" => names_of(body.at(&["Env"])),
        "label" => label(body.at(&["Labels"]), field),
        "labels" => owned(pairs(body.at(&["Labels"]))),
        "networks" => list(networks(body)),
        name => of_host(host, name),
    }
}

/// The networks that a container joins: its own, and those with settings.
fn networks(body: &Json) -> impl Iterator<Item = &str> {
    let mode = Some(body.at(&["HostConfig", "NetworkMode"]).text()).filter(|mode| !mode.is_empty());
    let others =
        keys(body.at(&["NetworkingConfig", "EndpointsConfig"])).filter(move |name| Some(*name) != mode);
    mode.into_iter().chain(others)
}

fn of_host<'v>(host: &'v Json, name: &str) -> Value<'v> {
    let one = |member| host.at(&[member]);
    match name {
        "privileged" => flag(one("Privileged")),
        "binds" => list(binds(host).map(|(source, _)| source)),
        "binds_rw" => list(binds(host).filter(|(_, writable)| *writable).map(|(source, _)| source)),
        "volumes" => list(volumes(host)),
        "volumes_from" => texts(one("VolumesFrom")),
        "mount_types" => list(one("Mounts").elements().iter().map(|mount| mount.at(&["Type"]).text())),
        "mount_sources" => list(one("Mounts").elements().iter().map(|mount| mount.at(&["Source"]).text())),
        "volume_driver" => text(one("VolumeDriver").text()),
        "volume_options" => {
            owned(one("Mounts").elements().iter().flat_map(|mount| pairs(mounts::options(mount))))
        }
        "devices" => list(one("Devices").elements().iter().map(|device| device.at(&["PathOnHost"]).text())),
        "device_requests" => {
            list(one("DeviceRequests").elements().iter().map(|device| device.at(&["Driver"]).text()))
        }
        "device_cgroup_rules" => texts(one("DeviceCgroupRules")),
        "caps_added" => owned(one("CapAdd").texts().map(capability)),
        "caps_dropped" => owned(one("CapDrop").texts().map(capability)),
        "security_options" => texts(one("SecurityOpt")),
        "sysctls" => owned(pairs(one("Sysctls"))),
        "masked_paths_set" => Value::Bool(*one("MaskedPaths") != Json::Null),
        "readonly_paths_set" => Value::Bool(*one("ReadonlyPaths") != Json::Null),
        "readonly_rootfs" => flag(one("ReadonlyRootfs")),
        "group_add" => texts(one("GroupAdd")),
        "annotations" => owned(pairs(one("Annotations"))),
        "log_driver" => text(host.at(&["LogConfig", "Type"]).text()),
        "restart_policy" => text(host.at(&["RestartPolicy", "Name"]).text()),
        "memory" => number(one("Memory")),
        "pids_limit" => number(one("PidsLimit")),
        "host_ports" => list(host_ports(host)),
        name => mode(name).map_or(Value::Missing, |member| text(one(member).text())),
    }
}

/// The member of a field that is one text.
fn mode(name: &str) -> Option<&'static str> {
    Some(match name {
        "pid_mode" => "PidMode",
        "ipc_mode" => "IpcMode",
        "uts_mode" => "UTSMode",
        "userns_mode" => "UsernsMode",
        "cgroupns_mode" => "CgroupnsMode",
        "network_mode" => "NetworkMode",
        "runtime" => "Runtime",
        "cgroup_parent" => "CgroupParent",
        _ => return None,
    })
}

/// Mounts of the host: their sources, and whether they can be written to.
fn binds(host: &Json) -> impl Iterator<Item = (&str, bool)> {
    let short = host.at(&["Binds"]).texts().map(spec::Spec::of).filter(spec::Spec::is_of_host);
    let short = short.map(|spec| (spec.source, spec.is_writable()));
    let long = host.at(&["Mounts"]).elements().iter().filter(|mount| mounts::is_of_host(mount));
    short.chain(long.map(|mount| (mount.at(&["Source"]).text(), !mount.at(&["ReadOnly"]).is_truthy())))
}

fn volumes(host: &Json) -> impl Iterator<Item = &str> {
    let short = host.at(&["Binds"]).texts().map(spec::Spec::of).filter(|spec| !spec.is_of_host());
    let long = host.at(&["Mounts"]).elements().iter().filter(|mount| mount.at(&["Type"]).text() == "volume");
    let named = short.map(|spec| spec.source).chain(long.map(|mount| mount.at(&["Source"]).text()));
    named.filter(|name| !name.is_empty())
}

fn host_ports(host: &Json) -> impl Iterator<Item = &str> {
    let bindings = host.at(&["PortBindings"]).members().iter().flat_map(|(_, bindings)| bindings.elements());
    bindings.map(|binding| binding.at(&["HostPort"]).text()).filter(|port| !port.is_empty())
}
