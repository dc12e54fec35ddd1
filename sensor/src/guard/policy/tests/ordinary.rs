//! What ordinary clients send, with every member that they send for what they leave alone: it passes.

use super::*;

/// A create as `docker run` sends it: a volume, a port, a tmpfs, a limit, and all the rest empty.
const BY_CLI: &str = r#"{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":true,
"AttachStderr":true,"ExposedPorts":{"80/tcp":{}},"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":["A=1"],
"Cmd":["ls","-l"],"Image":"busybox","Volumes":{"/anonymous":{}},"WorkingDir":"","Entrypoint":null,"OnBuild":null,
"Labels":{"team":"web"},"HostConfig":{"Binds":["data:/data","/anonymous"],"ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},
"NetworkMode":"default","PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"RestartPolicy":{"Name":"no",
"MaximumRetryCount":0},"AutoRemove":true,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[24,80],"CapAdd":null,
"CapDrop":["NET_RAW"],"CgroupnsMode":"","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,
"IpcMode":"","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,
"ReadonlyRootfs":false,"SecurityOpt":null,"Tmpfs":{"/tmp":"size=1m"},"UTSMode":"","UsernsMode":"","ShmSize":0,
"Isolation":"","CpuShares":0,"Memory":67108864,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,
"BlkioWeightDevice":[],"BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],
"BlkioDeviceWriteIOps":[],"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"",
"CpusetMems":"","Devices":[],"DeviceCgroupRules":null,"DeviceRequests":null,"KernelMemory":0,"KernelMemoryTCP":0,
"MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,"Ulimits":null,
"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":null,"ReadonlyPaths":null},
"NetworkingConfig":{"EndpointsConfig":{}}}"#;

/// A create as Docker's Python client sends it.
const BY_PYTHON: &str = r#"{"Hostname":null,"Domainname":null,"ExposedPorts":null,"User":null,"Tty":false,
"OpenStdin":false,"StdinOnce":false,"AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Env":null,
"Cmd":["true"],"Image":"busybox","Volumes":null,"NetworkDisabled":false,"Entrypoint":null,"WorkingDir":null,
"HostConfig":{"NetworkMode":"default","Privileged":false,"CapAdd":null,"SecurityOpt":[],"Devices":[],"Binds":[],
"VolumesFrom":null,"PidMode":null,"Mounts":[{"Target":"/d","Source":"data","Type":"volume","ReadOnly":false},
{"Target":"/t","Source":null,"Type":"tmpfs","ReadOnly":false,"TmpfsOptions":{"SizeBytes":1000}}]},
"NetworkingConfig":null,"MacAddress":null,"Labels":null,"StopSignal":null,"Healthcheck":null,"StopTimeout":null,
"Runtime":null}"#;

const PASSING: &[(&str, &str)] = &[
    ("GET /_ping", ""),
    ("HEAD /_ping", ""),
    ("GET /version", ""),
    ("GET /info", ""),
    ("GET /events?since=0", ""),
    ("GET /system/df", ""),
    ("POST /auth", r#"{"username":"a","password":"b","serveraddress":"r.test"}"#),
    ("GET /containers/json?all=1", ""),
    ("POST /containers/create?name=x", BY_CLI),
    ("POST /containers/create", BY_PYTHON),
    ("POST /containers/create", r#"{"Image":"busybox"}"#),
    ("POST /containers/create", r#"{"Image":"busybox","HostConfig":null}"#),
    (
        "POST /containers/create",
        r#"{"Image":"busybox","HostConfig":{"Binds":["/srv/containers/web:/data"]}}"#,
    ),
    (
        "POST /containers/create",
        r#"{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"bind","Source":"/srv/containers/web/new","Target":"/x"}]}}"#,
    ),
    (
        "POST /containers/create",
        r#"{"Image":"busybox","HostConfig":{"CapAdd":["NET_BIND_SERVICE","cap_chown"],"SecurityOpt":["no-new-privileges"]}}"#,
    ),
    (
        "POST /containers/create",
        r#"{"Image":"busybox","HostConfig":{"SecurityOpt":["no-new-privileges:true","seccomp=builtin"],"IpcMode":"private"}}"#,
    ),
    (
        "POST /containers/create",
        r#"{"Image":"busybox","HostConfig":{"NetworkMode":"web","LogConfig":{"Type":"json-file"}},"NetworkingConfig":{"EndpointsConfig":{"web":{"Aliases":["a"]}}}}"#,
    ),
    (
        "POST /containers/create",
        r#"{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"volume","Source":"t","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"tmpfs","device":"tmpfs","o":"size=1m,uid=7"}}}}]}}"#,
    ),
    ("GET /containers/plain/json", ""),
    ("GET /containers/agent/json", ""),
    ("GET /containers/agent/logs?stdout=1", ""),
    ("POST /containers/agent/stop", ""),
    ("DELETE /containers/agent?force=1", ""),
    ("POST /containers/plain/start", ""),
    ("POST /containers/plain/attach?stream=1&stdin=1&stdout=1", ""),
    ("POST /containers/plain/wait?condition=next-exit", ""),
    ("POST /containers/plain/resize?h=24&w=80", ""),
    (
        "POST /containers/plain/exec",
        r#"{"User":"","Privileged":false,"Tty":true,"AttachStdin":true,"AttachStderr":true,"AttachStdout":true,"Detach":false,"DetachKeys":"","Env":null,"WorkingDir":"","Cmd":["sh"]}"#,
    ),
    ("POST /exec/e2/start", r#"{"Detach":false,"Tty":true}"#),
    ("GET /exec/e2/json", ""),
    ("HEAD /containers/plain/archive?path=/x", ""),
    ("GET /containers/plain/archive?path=/x", ""),
    ("PUT /containers/plain/archive?path=/x", ""),
    ("GET /containers/plain/top", ""),
    ("GET /containers/plain/stats?stream=1", ""),
    (
        "POST /containers/plain/update",
        r#"{"CpuShares":0,"Memory":104857600,"Devices":null,"RestartPolicy":{"Name":"","MaximumRetryCount":0}}"#,
    ),
    ("POST /commit?container=plain&repo=x", "null"),
    ("POST /commit?container=plain&repo=x", r#"{"Cmd":["x"]}"#),
    ("GET /images/json", ""),
    ("POST /images/create?fromImage=alpine&tag=latest", ""),
    ("POST /images/create?fromSrc=-&repo=x", ""),
    ("GET /images/get?names=a&names=b", ""),
    ("POST /images/load?quiet=0", ""),
    ("POST /images/a/b:1/tag?repo=x", ""),
    ("POST /images/a/b/push?tag=1", ""),
    ("DELETE /images/a:1", ""),
    ("POST /build?dockerfile=Dockerfile&t=x&networkmode=default&cgroupparent=&remote=", ""),
    (
        "POST /networks/create",
        r#"{"CheckDuplicate":true,"Driver":"bridge","EnableIPv6":false,"IPAM":{"Driver":"default","Options":{},"Config":[]},"Internal":false,"Attachable":false,"Ingress":false,"ConfigOnly":false,"ConfigFrom":null,"Options":{},"Labels":{},"Name":"web"}"#,
    ),
    (
        "POST /networks/web/connect",
        r#"{"Container":"plain","EndpointConfig":{"IPAMConfig":{},"Links":null,"Aliases":null,"DriverOpts":{}}}"#,
    ),
    ("POST /networks/web/disconnect", r#"{"Container":"plain","Force":false}"#),
    ("POST /volumes/create", r#"{"Driver":"local","DriverOpts":{},"Labels":{},"Name":"data"}"#),
    ("POST /volumes/create", ""),
    (
        "POST /volumes/create",
        r#"{"Name":"t","DriverOpts":{"type":"tmpfs","device":"tmpfs","o":"size=100m"}}"#,
    ),
    (
        "POST /build?buildargs=%7B%7D&cachefrom=%5B%5D&cgroupparent=&cpuperiod=0&cpuquota=0&cpusetcpus=&cpusetmems=&cpushares=0&dockerfile=Dockerfile&isolation=&labels=%7B%7D&memory=0&memswap=0&networkmode=default&nocache=1&rm=1&shmsize=0&t=x&target=&ulimits=null&version=1",
        "",
    ),
    ("GET /volumes", ""),
    ("DELETE /volumes/data", ""),
    ("GET /plugins", ""),
    (
        "POST /services/create",
        r#"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"x","Privileges":{"CredentialSpec":null,"SELinuxContext":null,"NoNewPrivileges":false},"Mounts":[{"Type":"volume","Source":"data","Target":"/d"}]},"Networks":[{"Target":"web"}],"ForceUpdate":0},"Mode":{"Replicated":{"Replicas":1}}}"#,
    ),
];

#[tokio::test]
async fn ordinary_requests_pass_without_an_alert() {
    let (_host, root) = host();
    let policy = Policy::new(default_rules(), root, engine());
    for (line, body) in PASSING {
        let request = request(line, body);
        assert_eq!(request.dropped, [""; 0], "{line}");
        let decision = policy.decide(&request, &Mira).await;
        assert_eq!(decision.verdict, Verdict::Allow, "{line} {body}");
        assert!(decision.alerts.is_empty(), "{line} {body}: {:?}", decision.alerts);
    }
}
