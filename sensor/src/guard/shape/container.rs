//! What is sent about containers: `container.CreateRequest`, `ExecCreateRequest`, `UpdateConfig` and their parts.

use super::mount::MOUNT;
use super::network::ENDPOINT;
use super::{Member, NOTHING, Shape, members};

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

/// Where the fields of the host's configuration belong.
const IN_HOST_CONFIG: Shape = Shape::Gone("in `HostConfig`");

/// Engines before 26 embed `HostConfig` in the create request itself, too: without an inner `HostConfig` it is the
/// outer one that counts, `Privileged` included.
const OUTER_HOST: &[Member] = members! {
    "Cpuset": [IN_HOST_CONFIG], "Binds": [IN_HOST_CONFIG], "ContainerIDFile": [IN_HOST_CONFIG],
    "LogConfig": [IN_HOST_CONFIG], "NetworkMode": [IN_HOST_CONFIG], "PortBindings": [IN_HOST_CONFIG],
    "RestartPolicy": [IN_HOST_CONFIG], "AutoRemove": [IN_HOST_CONFIG], "VolumeDriver": [IN_HOST_CONFIG],
    "VolumesFrom": [IN_HOST_CONFIG], "ConsoleSize": [IN_HOST_CONFIG], "Annotations": [IN_HOST_CONFIG],
    "CapAdd": [IN_HOST_CONFIG], "CapDrop": [IN_HOST_CONFIG], "Capabilities": [IN_HOST_CONFIG],
    "CgroupnsMode": [IN_HOST_CONFIG], "Dns": [IN_HOST_CONFIG], "DnsOptions": [IN_HOST_CONFIG],
    "DnsSearch": [IN_HOST_CONFIG], "ExtraHosts": [IN_HOST_CONFIG], "GroupAdd": [IN_HOST_CONFIG],
    "IpcMode": [IN_HOST_CONFIG], "Cgroup": [IN_HOST_CONFIG], "Links": [IN_HOST_CONFIG],
    "OomScoreAdj": [IN_HOST_CONFIG], "PidMode": [IN_HOST_CONFIG], "Privileged": [IN_HOST_CONFIG],
    "PublishAllPorts": [IN_HOST_CONFIG], "ReadonlyRootfs": [IN_HOST_CONFIG], "SecurityOpt": [IN_HOST_CONFIG],
    "StorageOpt": [IN_HOST_CONFIG], "Tmpfs": [IN_HOST_CONFIG], "UTSMode": [IN_HOST_CONFIG],
    "UsernsMode": [IN_HOST_CONFIG], "ShmSize": [IN_HOST_CONFIG], "Sysctls": [IN_HOST_CONFIG],
    "Runtime": [IN_HOST_CONFIG], "Isolation": [IN_HOST_CONFIG], "Mounts": [IN_HOST_CONFIG],
    "MaskedPaths": [IN_HOST_CONFIG], "ReadonlyPaths": [IN_HOST_CONFIG], "Init": [IN_HOST_CONFIG],
    "CpuShares": [IN_HOST_CONFIG], "Memory": [IN_HOST_CONFIG], "NanoCpus": [IN_HOST_CONFIG],
    "CgroupParent": [IN_HOST_CONFIG], "BlkioWeight": [IN_HOST_CONFIG], "BlkioWeightDevice": [IN_HOST_CONFIG],
    "BlkioDeviceReadBps": [IN_HOST_CONFIG], "BlkioDeviceWriteBps": [IN_HOST_CONFIG],
    "BlkioDeviceReadIOps": [IN_HOST_CONFIG], "BlkioDeviceWriteIOps": [IN_HOST_CONFIG],
    "CpuPeriod": [IN_HOST_CONFIG], "CpuQuota": [IN_HOST_CONFIG], "CpuRealtimePeriod": [IN_HOST_CONFIG],
    "CpuRealtimeRuntime": [IN_HOST_CONFIG], "CpusetCpus": [IN_HOST_CONFIG], "CpusetMems": [IN_HOST_CONFIG],
    "Devices": [IN_HOST_CONFIG], "DeviceCgroupRules": [IN_HOST_CONFIG], "DeviceRequests": [IN_HOST_CONFIG],
    "KernelMemory": [IN_HOST_CONFIG], "KernelMemoryTCP": [IN_HOST_CONFIG], "MemoryReservation": [IN_HOST_CONFIG],
    "MemorySwap": [IN_HOST_CONFIG], "MemorySwappiness": [IN_HOST_CONFIG], "OomKillDisable": [IN_HOST_CONFIG],
    "PidsLimit": [IN_HOST_CONFIG], "Ulimits": [IN_HOST_CONFIG], "CpuCount": [IN_HOST_CONFIG],
    "CpuPercent": [IN_HOST_CONFIG], "IOMaximumIOps": [IN_HOST_CONFIG], "IOMaximumBandwidth": [IN_HOST_CONFIG],
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
