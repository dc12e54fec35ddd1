//! What is sent about swarms, their nodes, services, secrets and configurations.

use super::container::{HEALTHCHECK, ULIMIT};
use super::mount::{DRIVER, MOUNT};
use super::{Member, NOTHING, Shape, members};

/// `swarm.Annotations`, which most specifications embed.
const ANNOTATIONS: &[Member] = members! { "Name": Text, "Labels": map };

const NETWORK_ATTACHMENTS: Shape =
    Shape::List(&Shape::Struct(&[members! { "Target": Text, "Aliases": list, "DriverOpts": map }]));
const ENDPOINT: Shape = Shape::Struct(&[members! { "Mode": Text, "Ports": [Shape::List(&PORT)] }]);
const PORT: Shape = Shape::Struct(&[members! {
    "Name": Text, "Protocol": Text, "TargetPort": Number, "PublishedPort": Number, "PublishMode": Text,
}]);

/// `swarm.ServiceSpec`, and `Networks` where old engines have it.
pub const SERVICE: Shape = Shape::Struct(&[
    ANNOTATIONS,
    members! {
        "TaskTemplate": [TASK], "Mode": [MODE], "UpdateConfig": [UPDATE], "RollbackConfig": [UPDATE],
        "Networks": [NETWORK_ATTACHMENTS], "EndpointSpec": [ENDPOINT],
    },
]);
const MODE: Shape = Shape::Struct(&[members! {
    "Replicated": [Shape::Struct(&[members! { "Replicas": Number }])], "Global": [NOTHING],
    "ReplicatedJob": [Shape::Struct(&[members! { "MaxConcurrent": Number, "TotalCompletions": Number }])],
    "GlobalJob": [NOTHING],
}]);
const UPDATE: Shape = Shape::Struct(&[members! {
    "Parallelism": Number, "Delay": Number, "FailureAction": Text, "Monitor": Number, "MaxFailureRatio": Number,
    "Order": Text,
}]);

/// `swarm.TaskSpec`.
const TASK: Shape = Shape::Struct(&[members! {
    "ContainerSpec": [CONTAINER], "PluginSpec": [PLUGIN],
    "NetworkAttachmentSpec": [Shape::Struct(&[members! { "ContainerID": Text }])], "Resources": [RESOURCES],
    "RestartPolicy": [RESTART], "Placement": [PLACEMENT], "Networks": [NETWORK_ATTACHMENTS], "LogDriver": [DRIVER],
    "ForceUpdate": Number, "Runtime": Text,
}]);
const PLUGIN: Shape = Shape::Struct(&[members! {
    "name": Text, "remote": Text, "disabled": Bool, "env": list,
    "privileges":
        [Shape::List(&Shape::Struct(&[members! { "name": Text, "description": Text, "value": list }]))],
}]);
const RESOURCES: Shape = Shape::Struct(&[members! {
    "Limits": [LIMITS], "Reservations": [LIMITS], "SwapBytes": Number, "MemorySwappiness": Number,
}]);
const LIMITS: Shape = Shape::Struct(&[members! {
    "NanoCPUs": Number, "MemoryBytes": Number, "Pids": Number, "GenericResources": [Shape::List(&GENERIC)],
}]);
const GENERIC: Shape = Shape::Struct(&[members! {
    "NamedResourceSpec": [Shape::Struct(&[members! { "Kind": Text, "Value": Text }])],
    "DiscreteResourceSpec": [Shape::Struct(&[members! { "Kind": Text, "Value": Number }])],
}]);
const RESTART: Shape = Shape::Struct(&[members! {
    "Condition": Text, "Delay": Number, "MaxAttempts": Number, "Window": Number,
}]);
const PLACEMENT: Shape = Shape::Struct(&[members! {
    "Constraints": list, "Preferences": [Shape::List(&PREFERENCE)], "MaxReplicas": Number,
    "Platforms": [Shape::List(&Shape::Struct(&[members! { "Architecture": Text, "OS": Text }]))],
}]);
const PREFERENCE: Shape =
    Shape::Struct(&[members! { "Spread": [Shape::Struct(&[members! { "SpreadDescriptor": Text }])] }]);

/// `swarm.ContainerSpec`.
const CONTAINER: Shape = Shape::Struct(&[members! {
    "Image": Text, "Labels": map, "Command": list, "Args": list, "Hostname": Text, "Env": list, "Dir": Text,
    "User": Text, "Groups": list, "Privileges": [PRIVILEGES], "Init": Bool, "StopSignal": Text, "TTY": Bool,
    "OpenStdin": Bool, "ReadOnly": Bool, "Mounts": [Shape::List(&MOUNT)], "StopGracePeriod": Number,
    "Healthcheck": [HEALTHCHECK], "Hosts": list, "DNSConfig": [DNS], "Secrets": [Shape::List(&SECRET_REFERENCE)],
    "Configs": [Shape::List(&CONFIG_REFERENCE)], "Isolation": Text, "Sysctls": map, "CapabilityAdd": list,
    "CapabilityDrop": list, "Ulimits": [Shape::List(&ULIMIT)], "OomScoreAdj": Number,
}]);
const DNS: Shape = Shape::Struct(&[members! { "Nameservers": list, "Search": list, "Options": list }]);
const PRIVILEGES: Shape = Shape::Struct(&[members! {
    "CredentialSpec": [Shape::Struct(&[members! { "Config": Text, "File": Text, "Registry": Text }])],
    "SELinuxContext": [Shape::Struct(&[
        members! { "Disable": Bool, "User": Text, "Role": Text, "Type": Text, "Level": Text },
    ])],
    "Seccomp": [Shape::Struct(&[members! { "Mode": Text, "Profile": Text }])],
    "AppArmor": [Shape::Struct(&[members! { "Mode": Text }])], "NoNewPrivileges": Bool,
}]);
const FILE: Shape = Shape::Struct(&[members! { "Name": Text, "UID": Text, "GID": Text, "Mode": Number }]);
const SECRET_REFERENCE: Shape =
    Shape::Struct(&[members! { "File": [FILE], "SecretID": Text, "SecretName": Text }]);
const CONFIG_REFERENCE: Shape = Shape::Struct(&[members! {
    "File": [FILE], "Runtime": [NOTHING], "ConfigID": Text, "ConfigName": Text,
}]);

/// `swarm.SecretSpec`.
pub const SECRET: Shape =
    Shape::Struct(&[ANNOTATIONS, members! { "Data": Text, "Driver": [DRIVER], "Templating": [DRIVER] }]);
/// `swarm.ConfigSpec`.
pub const CONFIG: Shape = Shape::Struct(&[ANNOTATIONS, members! { "Data": Text, "Templating": [DRIVER] }]);
/// `swarm.NodeSpec`.
pub const NODE: Shape = Shape::Struct(&[ANNOTATIONS, members! { "Role": Text, "Availability": Text }]);

/// `swarm.Spec`.
pub const SWARM: Shape = Shape::Struct(&[
    ANNOTATIONS,
    members! {
        "Orchestration": [Shape::Struct(&[members! { "TaskHistoryRetentionLimit": Number }])],
        "Raft": [Shape::Struct(&[members! {
            "SnapshotInterval": Number, "KeepOldSnapshots": Number, "LogEntriesForSlowFollowers": Number,
            "ElectionTick": Number, "HeartbeatTick": Number,
        }])],
        "Dispatcher": [Shape::Struct(&[members! { "HeartbeatPeriod": Number }])], "CAConfig": [AUTHORITY],
        "TaskDefaults": [Shape::Struct(&[members! { "LogDriver": [DRIVER] }])],
        "EncryptionConfig": [Shape::Struct(&[members! { "AutoLockManagers": Bool }])],
    },
]);
const AUTHORITY: Shape = Shape::Struct(&[members! {
    "NodeCertExpiry": Number, "SigningCACert": Text, "SigningCAKey": Text, "ForceRotate": Number,
    "ExternalCAs": [Shape::List(&Shape::Struct(&[
        members! { "Protocol": Text, "URL": Text, "Options": map, "CACert": Text },
    ]))],
}]);
/// `swarm.InitRequest`.
pub const SWARM_INIT: Shape = Shape::Struct(&[members! {
    "ListenAddr": Text, "AdvertiseAddr": Text, "DataPathAddr": Text, "DataPathPort": Number,
    "ForceNewCluster": Bool, "Spec": [SWARM], "AutoLockManagers": Bool, "Availability": Text,
    "DefaultAddrPool": list, "SubnetSize": Number,
}]);
/// `swarm.JoinRequest`.
pub const JOIN: Shape = Shape::Struct(&[members! {
    "ListenAddr": Text, "AdvertiseAddr": Text, "DataPathAddr": Text, "RemoteAddrs": list, "JoinToken": Text,
    "Availability": Text,
}]);
/// `swarm.UnlockRequest`.
pub const SWARM_UNLOCK: Shape = Shape::Struct(&[members! { "UnlockKey": Text }]);
