//! What is sent about containers: `container.CreateRequest`, `ExecCreateRequest`, `UpdateConfig` and their parts.

use super::mount::MOUNT;
use super::network::ENDPOINT;
use super::{Member, NOTHING, Nothing, Shape, members};

/// `container.Config`.
const CONFIG: &[Member] = members! {
    "Hostname": Text, "Domainname": Text, "User": Text, "AttachStdin": Bool, "AttachStdout": Bool,
    "AttachStderr": Bool, "ExposedPorts": [Shape::Map(&NOTHING)], "Tty": Bool, "OpenStdin": Bool, "StdinOnce": Bool,
    "Env": list, "Cmd": Texts, "Healthcheck": [HEALTHCHECK], "ArgsEscaped": Bool, "Image": Text,
    "Volumes": [Shape::Map(&NOTHING)], "WorkingDir": Text, "Entrypoint": Texts, "NetworkDisabled": Bool,
    "MacAddress": Text, "OnBuild": list, "Labels": map, "StopSignal": Text, "StopTimeout": Number, "Shell": Texts,
};

/// `HealthcheckConfig`.
pub(super) const HEALTHCHECK: Shape = Shape::Struct(&[members! {
    "Test": list, "Interval": Number, "Timeout": Number, "StartPeriod": Number, "StartInterval": Number,
    "Retries": Number,
}]);

/// `container.Resources`, which is embedded in `HostConfig` and `UpdateConfig`.
const RESOURCES: &[Member] = members! {
    "CpuShares": Number, "Memory": Number, "NanoCpus": Number, "CgroupParent": Text, "BlkioWeight": Number,
    "BlkioWeightDevice": [Shape::List(&WEIGHT_DEVICE)], "BlkioDeviceReadBps": [THROTTLES],
    "BlkioDeviceWriteBps": [THROTTLES], "BlkioDeviceReadIOps": [THROTTLES], "BlkioDeviceWriteIOps": [THROTTLES],
    "CpuPeriod": Number, "CpuQuota": Number, "CpuRealtimePeriod": Number, "CpuRealtimeRuntime": Number,
    "CpusetCpus": Text, "CpusetMems": Text, "Devices": [Shape::List(&DEVICE)], "DeviceCgroupRules": list,
    "DeviceRequests": [Shape::List(&DEVICE_REQUEST)], "KernelMemory": Number, "KernelMemoryTCP": Number,
    "MemoryReservation": Number, "MemorySwap": Number, "MemorySwappiness": Number, "OomKillDisable": Bool,
    "PidsLimit": Number, "Ulimits": [Shape::List(&ULIMIT)], "CpuCount": Number, "CpuPercent": Number,
    "IOMaximumIOps": Number, "IOMaximumBandwidth": Number,
};

const WEIGHT_DEVICE: Shape = Shape::Struct(&[members! { "Path": Text, "Weight": Number }]);
const THROTTLES: Shape = Shape::List(&Shape::Struct(&[members! { "Path": Text, "Rate": Number }]));
const DEVICE: Shape =
    Shape::Struct(&[members! { "PathOnHost": Text, "PathInContainer": Text, "CgroupPermissions": Text }]);
const DEVICE_REQUEST: Shape = Shape::Struct(&[members! {
    "Driver": Text, "Count": Number, "DeviceIDs": list, "Capabilities": [Shape::List(&super::LIST_OF_TEXTS)],
    "Options": map,
}]);
pub(super) const ULIMIT: Shape = Shape::Struct(&[members! { "Name": Text, "Hard": Number, "Soft": Number }]);
const RESTART_POLICY: Shape = Shape::Struct(&[members! { "Name": Text, "MaximumRetryCount": Number }]);
const LOG_CONFIG: Shape = Shape::Struct(&[members! { "Type": Text, "Config": map }]);
const PORT_BINDING: Shape = Shape::Struct(&[members! { "HostIp": Text, "HostPort": Text }]);

/// `container.HostConfig` without its resources. `Capabilities` is of engines that were never released with it.
const HOST: &[Member] = members! {
    "Binds": list, "ContainerIDFile": Text, "LogConfig": [LOG_CONFIG], "NetworkMode": Text,
    "PortBindings": [Shape::Map(&Shape::List(&PORT_BINDING))], "RestartPolicy": [RESTART_POLICY], "AutoRemove": Bool,
    "VolumeDriver": Text, "VolumesFrom": list, "ConsoleSize": [Shape::List(&Shape::Number)], "Annotations": map,
    "CapAdd": Texts, "CapDrop": Texts, "Capabilities": list, "CgroupnsMode": Text, "Dns": list, "DnsOptions": list,
    "DnsSearch": list, "ExtraHosts": list, "GroupAdd": list, "IpcMode": Text, "Cgroup": Text, "Links": list,
    "OomScoreAdj": Number, "PidMode": Text, "Privileged": Bool, "PublishAllPorts": Bool, "ReadonlyRootfs": Bool,
    "SecurityOpt": list, "StorageOpt": map, "Tmpfs": map, "UTSMode": Text, "UsernsMode": Text, "ShmSize": Number,
    "Sysctls": map, "Runtime": Text, "Isolation": Text, "Mounts": [Shape::List(&MOUNT)], "MaskedPaths": list,
    "ReadonlyPaths": list, "Init": Bool,
};

/// `network.NetworkingConfig`.
const NETWORKING: Shape = Shape::Struct(&[members! { "EndpointsConfig": [Shape::Map(&ENDPOINT)] }]);

/// A field of the host's configuration outside of it, which says nothing if it holds this.
const fn outer(nothing: Nothing) -> Shape {
    Shape::Gone("in `HostConfig`", nothing)
}
const OUTER_FLAG: Shape = outer(Nothing::False);
const OUTER_NUMBER: Shape = outer(Nothing::Zero);
const OUTER_TEXT: Shape = outer(Nothing::Empty);
/// To engines an empty list of `MaskedPaths` is another thing than none, and zero another `MemorySwappiness`.
const OUTER_OTHER: Shape = outer(Nothing::Null);

/// Engines before 26 embed `HostConfig` in the create request itself, too: without an inner `HostConfig` it is the
/// outer one that counts, `Privileged` included.
const OUTER_HOST: &[Member] = members! {
    "Cpuset": [OUTER_TEXT], "Binds": [OUTER_OTHER], "ContainerIDFile": [OUTER_TEXT], "LogConfig": [OUTER_OTHER],
    "NetworkMode": [OUTER_TEXT], "PortBindings": [OUTER_OTHER], "RestartPolicy": [OUTER_OTHER],
    "AutoRemove": [OUTER_FLAG], "VolumeDriver": [OUTER_TEXT], "VolumesFrom": [OUTER_OTHER],
    "ConsoleSize": [OUTER_OTHER], "Annotations": [OUTER_OTHER], "CapAdd": [OUTER_OTHER], "CapDrop": [OUTER_OTHER],
    "Capabilities": [OUTER_OTHER], "CgroupnsMode": [OUTER_TEXT], "Dns": [OUTER_OTHER], "DnsOptions": [OUTER_OTHER],
    "DnsSearch": [OUTER_OTHER], "ExtraHosts": [OUTER_OTHER], "GroupAdd": [OUTER_OTHER], "IpcMode": [OUTER_TEXT],
    "Cgroup": [OUTER_TEXT], "Links": [OUTER_OTHER], "OomScoreAdj": [OUTER_NUMBER], "PidMode": [OUTER_TEXT],
    "Privileged": [OUTER_FLAG], "PublishAllPorts": [OUTER_FLAG], "ReadonlyRootfs": [OUTER_FLAG],
    "SecurityOpt": [OUTER_OTHER], "StorageOpt": [OUTER_OTHER], "Tmpfs": [OUTER_OTHER], "UTSMode": [OUTER_TEXT],
    "UsernsMode": [OUTER_TEXT], "ShmSize": [OUTER_NUMBER], "Sysctls": [OUTER_OTHER], "Runtime": [OUTER_TEXT],
    "Isolation": [OUTER_TEXT], "Mounts": [OUTER_OTHER], "MaskedPaths": [OUTER_OTHER], "ReadonlyPaths": [OUTER_OTHER],
    "Init": [OUTER_OTHER], "CpuShares": [OUTER_NUMBER], "Memory": [OUTER_NUMBER], "NanoCpus": [OUTER_NUMBER],
    "CgroupParent": [OUTER_TEXT], "BlkioWeight": [OUTER_NUMBER], "BlkioWeightDevice": [OUTER_OTHER],
    "BlkioDeviceReadBps": [OUTER_OTHER], "BlkioDeviceWriteBps": [OUTER_OTHER], "BlkioDeviceReadIOps": [OUTER_OTHER],
    "BlkioDeviceWriteIOps": [OUTER_OTHER], "CpuPeriod": [OUTER_NUMBER], "CpuQuota": [OUTER_NUMBER],
    "CpuRealtimePeriod": [OUTER_NUMBER], "CpuRealtimeRuntime": [OUTER_NUMBER], "CpusetCpus": [OUTER_TEXT],
    "CpusetMems": [OUTER_TEXT], "Devices": [OUTER_OTHER], "DeviceCgroupRules": [OUTER_OTHER],
    "DeviceRequests": [OUTER_OTHER], "KernelMemory": [OUTER_NUMBER], "KernelMemoryTCP": [OUTER_NUMBER],
    "MemoryReservation": [OUTER_NUMBER], "MemorySwap": [OUTER_NUMBER], "MemorySwappiness": [OUTER_OTHER],
    "OomKillDisable": [OUTER_OTHER], "PidsLimit": [OUTER_OTHER], "Ulimits": [OUTER_OTHER], "CpuCount": [OUTER_NUMBER],
    "CpuPercent": [OUTER_NUMBER], "IOMaximumIOps": [OUTER_NUMBER], "IOMaximumBandwidth": [OUTER_NUMBER],
};

/// `POST /containers/create`.
pub const CREATE: Shape = Shape::Struct(&[
    CONFIG,
    members! { "HostConfig": [Shape::Struct(&[HOST, RESOURCES])], "NetworkingConfig": [NETWORKING] },
    OUTER_HOST,
]);

/// `POST /commit`: the configuration of the new image. Old engines read it as they read a create request.
pub const COMMIT: Shape = Shape::Struct(&[CONFIG]);

/// `POST /containers/{id}/update`: `container.UpdateConfig`.
pub const UPDATE: Shape = Shape::Struct(&[RESOURCES, members! { "RestartPolicy": [RESTART_POLICY] }]);

/// `POST /containers/{id}/exec`.
pub const EXEC_CREATE: Shape = Shape::Struct(&[members! {
    "User": Text, "Privileged": Bool, "Tty": Bool, "ConsoleSize": [Shape::List(&Shape::Number)],
    "AttachStdin": Bool, "AttachStderr": Bool, "AttachStdout": Bool, "Detach": Bool, "DetachKeys": Text,
    "Env": list, "WorkingDir": Text, "Cmd": Texts, "Container": Text,
}]);

/// `POST /exec/{id}/start`.
pub const EXEC_START: Shape =
    Shape::Struct(&[members! { "Detach": Bool, "Tty": Bool, "ConsoleSize": [Shape::List(&Shape::Number)] }]);

/// `POST /containers/{id}/checkpoints`.
pub const CHECKPOINT: Shape =
    Shape::Struct(&[members! { "CheckpointID": Text, "CheckpointDir": Text, "Exit": Bool }]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_host_configuration_is_known_outside_of_it() {
        let names: Vec<_> = OUTER_HOST.iter().map(|member| member.name).collect();
        for member in HOST.iter().chain(RESOURCES) {
            assert!(names.contains(&member.name), "{}", member.name);
        }
        assert_eq!(names.len(), HOST.len() + RESOURCES.len() + 1);
    }
}
