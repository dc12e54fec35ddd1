//! Every way to the host that is known, in every spelling: the request, and the rule and words that deny it.

use super::*;

/// A create with this host configuration: what denies it, with a word of the reason.
const HOSTS: &[(&str, &str, &str)] = &[
    // Rights.
    (r#"{"Privileged":true}"#, ACCESS, "(privileged)"),
    (r#"{"PRIVILEGED":true}"#, ACCESS, "(privileged)"),
    (r#"{"privileged":true,"CapAdd":null}"#, ACCESS, "(privileged)"),
    (r#"{"CapAdd":["SYS_ADMIN"]}"#, ACCESS, "(cap:SYS_ADMIN)"),
    (r#"{"CapAdd":["cap_sys_admin"]}"#, ACCESS, "(cap:SYS_ADMIN)"),
    (r#"{"CapAdd":["CHOWN","CAP_SYS_PTRACE"]}"#, ACCESS, "cap:SYS_PTRACE"),
    (r#"{"CapAdd":"ALL"}"#, ACCESS, "(cap:ALL)"),
    (r#"{"CapAdd":["all"]}"#, ACCESS, "(cap:ALL)"),
    (r#"{"CapAdd":["\u017fys_module"]}"#, ACCESS, "(cap:SYS_MODULE)"),
    (r#"{"CapAdd":["DAC_READ_SEARCH"]}"#, ACCESS, "(cap:DAC_READ_SEARCH)"),
    (r#"{"CapAdd":["NET_ADMIN"]}"#, ACCESS, "(cap:NET_ADMIN)"),
    (r#"{"CapAdd":["SYS_RAWIO","BPF"]}"#, ACCESS, "cap:BPF"),
    (r#"{"CapAdd":[""]}"#, ACCESS, "(cap)"),
    (r#"{"Capabilities":["CAP_SYS_ADMIN"]}"#, ACCESS, "(cap:SYS_ADMIN)"),
    (r#"{"SecurityOpt":["seccomp=unconfined"]}"#, ACCESS, "seccomp=unconfined"),
    (r#"{"SecurityOpt":["seccomp:unconfined"]}"#, ACCESS, "seccomp:unconfined"),
    (
        r#"{"SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"]}"#,
        ACCESS,
        "security_option:seccomp=",
    ),
    (r#"{"SecurityOpt":["apparmor=unconfined"]}"#, ACCESS, "apparmor=unconfined"),
    (r#"{"SecurityOpt":["label=disable"]}"#, ACCESS, "label=disable"),
    (r#"{"SecurityOpt":["label:type:spc_t"]}"#, ACCESS, "label:type:spc_t"),
    (r#"{"SecurityOpt":["no-new-privileges=false"]}"#, ACCESS, "no-new-privileges=false"),
    (r#"{"SecurityOpt":["systempaths=unconfined"]}"#, ACCESS, "systempaths=unconfined"),
    (r#"{"SecurityOpt":["no-new-privileges","writable-cgroups=true"]}"#, ACCESS, "writable-cgroups"),
    (r#"{"MaskedPaths":[]}"#, ACCESS, "(masked_paths)"),
    (r#"{"Mas\u212aedPaths":["/proc/acpi"]}"#, ACCESS, "(masked_paths)"),
    (r#"{"ReadonlyPaths":[]}"#, ACCESS, "(readonly_paths)"),
    // Namespaces.
    (r#"{"PidMode":"host"}"#, ACCESS, "(pid_mode:host)"),
    (r#"{"pidmode":"container:agent"}"#, ACCESS, "(pid_mode:container:agent)"),
    (r#"{"IpcMode":"host"}"#, ACCESS, "(ipc_mode:host)"),
    (r#"{"IpcMode":"container:agent"}"#, ACCESS, "(ipc_mode:container:agent)"),
    (r#"{"UTSMode":"host"}"#, ACCESS, "(uts_mode:host)"),
    (r#"{"UsernsMode":"host"}"#, ACCESS, "(userns_mode:host)"),
    (r#"{"CgroupnsMode":"host"}"#, ACCESS, "(cgroupns_mode:host)"),
    (r#"{"NetworkMode":"host"}"#, ACCESS, "(network_mode:host)"),
    (r#"{"NetworkMode":"container:agent"}"#, ACCESS, "(network_mode:container:agent)"),
    (r#"{"NetworkMode":"ns:/proc/1/ns/net"}"#, ACCESS, "(network_mode:ns:/proc/1/ns/net)"),
    // Mounts of the host.
    (r#"{"Binds":["/:/host"]}"#, ACCESS, "(bind:/)"),
    (r#"{"binds":["//./:/host:ro"]}"#, ACCESS, "(bind:/)"),
    (r#"{"Binds":["/etc:/x"]}"#, ACCESS, "(bind:/etc)"),
    (r#"{"Binds":["/srv/../etc/shadow:/x"]}"#, ACCESS, "(bind:/)"),
    (r#"{"Binds":["/var:/x"]}"#, ACCESS, "(bind:/var/"),
    (r#"{"Binds":["/run:/x"]}"#, ACCESS, "(bind:/run)"),
    (r#"{"Binds":["/var/run/docker.sock:/x"]}"#, ACCESS, "(bind:/var/run)"),
    (r#"{"Binds":["/run/containerd/containerd.sock:/x"]}"#, ACCESS, "(bind:/run)"),
    (r#"{"Binds":["/proc/1/root/srv/containers/web:/x"]}"#, ACCESS, "bind:/proc"),
    (r#"{"Binds":["/srv/containers/link:/x"]}"#, ACCESS, "(bind:/etc)"),
    (r#"{"Binds":["/srv/containers/link/cron.d:/x"]}"#, ACCESS, "(bind:/etc)"),
    (r#"{"Binds":["/srv/containers/dangling:/x"]}"#, ACCESS, "(bind:unresolved)"),
    (r#"{"Binds":["/srv/containers/web:/x:rshared"]}"#, ACCESS, "(propagation:rshared)"),
    (r#"{"Binds":["~/x:/x"]}"#, ACCESS, "(bind:unclear)"),
    (r#"{"Binds":["../x:/x"]}"#, ACCESS, "(bind:unclear)"),
    (r#"{"Binds":["data:/x:O,upperdir=/etc,workdir=/srv"]}"#, ACCESS, "bind:options"),
    (r#"{"Binds":["/tmp/x:/x"]}"#, MOUNT, "docker_bind_directories"),
    (r#"{"Binds":["/srv:/x"]}"#, MOUNT, "docker_bind_directories"),
    (r#"{"Binds":["/srv/containers/web:/x","/srv:/y"]}"#, MOUNT, "docker_bind_directories"),
    (r#"{"Binds":["/srv/containers/shared/x:/x"]}"#, MOUNT, "docker_bind_directories"),
    (r#"{"Mounts":[{"Type":"bind","Source":"/","Target":"/host"}]}"#, ACCESS, "(bind:/)"),
    (
        r#"{"Mounts":[{"Type":"bind","Source":"/root","Target":"/x","ReadOnly":true}]}"#,
        ACCESS,
        "(bind:/root)",
    ),
    (r#"{"mounts":[{"type":"bind","source":"/dev"}]}"#, ACCESS, "(bind:/dev)"),
    (r#"{"Mounts":[{"Type":"volume","Source":"/etc"}]}"#, ACCESS, "bind:/etc"),
    (
        r#"{"Mounts":[{"Type":"bind","Source":"/srv/containers/web","BindOptions":{"Propagation":"shared"}}]}"#,
        ACCESS,
        "(propagation:shared)",
    ),
    (r#"{"Mounts":[{"Type":"bind","Source":"/data"}]}"#, MOUNT, "docker_bind_directories"),
    (r#"{"Mounts":[{"Type":"Bind","Source":"x"}]}"#, ACCESS, "(mount_type:Bind)"),
    (r#"{"Mounts":[{"Source":"x","Target":"/x"}]}"#, ACCESS, "(mount_type:none)"),
    (r#"{"Mounts":[{"Type":"npipe","Source":"x"}]}"#, ACCESS, "(mount_type:npipe)"),
    (r#"{"Mounts":[{"Type":"cluster","Source":"x"}]}"#, ACCESS, "(mount_type:cluster)"),
    // Volumes that are mounts of the host.
    (
        r#"{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/"}}}}]}"#,
        ACCESS,
        "(volume_driver_options)",
    ),
    (
        r#"{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Options":{"type":"overlay","o":"lowerdir=/,upperdir=/a,workdir=/b","device":"overlay"}}}}]}"#,
        ACCESS,
        "(volume_driver_options)",
    ),
    (
        r#"{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Options":{"type":"tmpfs","o":"size=1m,bind","device":"/"}}}}]}"#,
        ACCESS,
        "(volume_driver_options)",
    ),
    (
        r#"{"Mounts":[{"Type":"volume","Source":"v","VolumeOptions":{"Subpath":"../../x"}}]}"#,
        ACCESS,
        "(subpath)",
    ),
    (r#"{"Mounts":[{"Type":"image","Source":"i","ImageOptions":{"Subpath":"/x"}}]}"#, ACCESS, "(subpath)"),
    (r#"{"VolumeDriver":"rexray"}"#, ACCESS, "(volume_driver:rexray)"),
    (r#"{"VolumesFrom":["agent:ro"]}"#, ACCESS, "(volumes_from:agent:ro)"),
    (r#"{"Binds":["evil:/x"]}"#, ACCESS, "(volume_driver_options)"),
    (r#"{"Mounts":[{"Type":"volume","Source":"evil","Target":"/x"}]}"#, ACCESS, "(volume_driver_options)"),
    // Devices, and the rest.
    (
        r#"{"Devices":[{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}]}"#,
        ACCESS,
        "(device:/dev/sda)",
    ),
    (r#"{"Devices":[{}]}"#, ACCESS, "(device)"),
    (r#"{"DeviceCgroupRules":["a *:* rwm"]}"#, ACCESS, "(device_cgroup_rule:a *:* rwm)"),
    (r#"{"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["x"]}]}"#, ACCESS, "(device_request:cdi)"),
    (r#"{"Sysctls":{"kernel.core_pattern":"|/x"}}"#, ACCESS, "(sysctl:kernel.core_pattern)"),
    (r#"{"Runtime":"runsc"}"#, ACCESS, "(runtime:runsc)"),
    (r#"{"CgroupParent":"/"}"#, ACCESS, "(cgroup_parent:/)"),
    (r#"{"Cgroup":"container:agent"}"#, ACCESS, "(cgroup:container:agent)"),
    (r#"{"Annotations":{"run.oci.hooks":"x"}}"#, ACCESS, "(annotation:run.oci.hooks)"),
    (
        r#"{"LogConfig":{"Type":"syslog","Config":{"syslog-address":"unix:///run/docker.sock"}}}"#,
        ACCESS,
        "(log_driver:syslog)",
    ),
    (r#"{"OomScoreAdj":-1000}"#, ACCESS, "(oom_score:-1000)"),
];

/// Any other request: its line, its body, what denies it, and a word of the reason.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    (CREATE, r#"{"hostconfig":{"PRIVILEGED":true}}"#, ACCESS, "(privileged)"),
    (CREATE, r#"{"Ho\u017ftConfig":{"Privileged":true}}"#, ACCESS, "(privileged)"),
    (CREATE, "{\"ho\u{17f}tconfig\":{\"bind\u{17f}\":[\"/:/x\"]}}", ACCESS, "(bind:/)"),
    (CREATE, r#"{"NetworkingConfig":{"EndpointsConfig":{"host":{}}}}"#, ACCESS, "(network_mode:host)"),
    ("POST /containers/plain/exec", r#"{"Cmd":["sh"],"Privileged":true}"#, ACCESS, "(exec_privileged)"),
    ("POST /containers/plain/exec", r#"{"cmd":"sh","PRIVILEGED":true}"#, ACCESS, "(exec_privileged)"),
    ("POST /containers/agent/exec", r#"{"Cmd":["sh"]}"#, ENTERED, "way to the host already"),
    ("POST /containers/sock/exec", r#"{"Cmd":["sh"]}"#, ENTERED, "way to the host already"),
    ("POST /exec/e1/start", "{}", ENTERED, "way to the host already"),
    ("POST /exec/e1/start", "", ENTERED, "way to the host already"),
    ("POST /containers/agent/attach?stream=1&stdin=1", "", ENTERED, "way to the host already"),
    ("GET /containers/agent/attach/ws?stdin=1", "", ENTERED, "way to the host already"),
    ("PUT /containers/agent/archive?path=/", "", ENTERED, "way to the host already"),
    ("GET /containers/sock/archive?path=/", "", ENTERED, "way to the host already"),
    ("POST /containers/agent/start", "", ENTERED, "way to the host already"),
    ("POST /containers/plain/start?checkpoint=x&checkpoint-dir=/etc", "", ACCESS, "(checkpoint_directory)"),
    (
        "POST /containers/plain/checkpoints",
        r#"{"CheckpointID":"x","CheckpointDir":"/etc"}"#,
        ACCESS,
        "(checkpoint_directory)",
    ),
    (
        "POST /containers/plain/update",
        r#"{"Devices":[{"PathOnHost":"/dev/sda"}]}"#,
        ACCESS,
        "(device:/dev/sda)",
    ),
    (
        "POST /containers/plain/update",
        r#"{"devicecgrouprules":["a *:* rwm"]}"#,
        ACCESS,
        "(device_cgroup_rule:a *:* rwm)",
    ),
    (
        "POST /containers/plain/update",
        r#"{"CgroupParent":"/system.slice"}"#,
        ACCESS,
        "(cgroup_parent:/system.slice)",
    ),
    (
        "POST /volumes/create",
        r#"{"Name":"x","DriverOpts":{"type":"none","o":"bind","device":"/"}}"#,
        ACCESS,
        "(volume_driver_options)",
    ),
    (
        "POST /volumes/create",
        r#"{"driveropts":{"type":"ext4","device":"/dev/sda1"}}"#,
        ACCESS,
        "(volume_driver_options)",
    ),
    (
        "POST /volumes/create",
        r#"{"DriverOpts":{"type":"overlay","device":"overlay","o":"lowerdir=/"}}"#,
        ACCESS,
        "(volume_driver_options)",
    ),
    ("POST /volumes/create", r#"{"DriverOpts":{"O":"bind"}}"#, ACCESS, "(volume_driver_options)"),
    ("POST /volumes/create", r#"{"Driver":"vieux/sshfs"}"#, ACCESS, "(volume_driver:vieux/sshfs)"),
    ("PUT /volumes/x", r#"{"Spec":{"Availability":"active"}}"#, ACCESS, "(volume_cluster)"),
    (
        "POST /networks/create",
        r#"{"Name":"x","Driver":"macvlan","Options":{"parent":"eth0"}}"#,
        ACCESS,
        "network_driver:macvlan",
    ),
    (
        "POST /networks/create",
        r#"{"Name":"x","Driver":"bridge","Options":{"com.docker.network.bridge.name":"br-host"}}"#,
        ACCESS,
        "(network_parent:br-host)",
    ),
    ("POST /networks/create", r#"{"Name":"x","IPAM":{"Driver":"plugin"}}"#, ACCESS, "(ipam_driver:plugin)"),
    (
        "POST /networks/x/connect",
        r#"{"Container":"a","EndpointConfig":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"x"}}}"#,
        ACCESS,
        "(sysctl:",
    ),
    ("POST /build?networkmode=host", "", ACCESS, "(network_mode:host)"),
    ("POST /build?networkmode=default&networkmode=host", "", ACCESS, "(network_mode:host)"),
    ("POST /build?networkmode=container:agent", "", ACCESS, "(network_mode:container:agent)"),
    ("POST /build?volume=/:/host", "", ACCESS, "(build_option:volume)"),
    ("POST /build?nsoptions=[{\"Name\":\"network\",\"Host\":true}]", "", ACCESS, "(build_option:nsoptions)"),
    ("POST /build?isolation=chroot", "", ACCESS, "(build_option:isolation)"),
    ("POST /build?cgroupparent=/", "", ACCESS, "(cgroup_parent:/)"),
    ("POST /build?remote=https://git.test/x.git", "", ADDRESS, "address"),
    ("POST /images/create?fromSrc=http://169.254.169.254/x", "", ADDRESS, "address"),
    (
        "POST /services/create",
        r#"{"TaskTemplate":{"ContainerSpec":{"Image":"x","Mounts":[{"Type":"bind","Source":"/","Target":"/x"}]}}}"#,
        ACCESS,
        "(bind:/)",
    ),
    (
        "POST /services/create",
        r#"{"tasktemplate":{"containerspec":{"capabilityadd":["CAP_SYS_ADMIN"]}}}"#,
        ACCESS,
        "(cap:SYS_ADMIN)",
    ),
    (
        "POST /services/create",
        r#"{"TaskTemplate":{"Networks":[{"Target":"host"}]}}"#,
        ACCESS,
        "(network_mode:host)",
    ),
    (
        "POST /services/create",
        r#"{"Networks":[{"Target":"host"}],"TaskTemplate":{}}"#,
        ACCESS,
        "(network_mode:host)",
    ),
    (
        "POST /services/create",
        r#"{"TaskTemplate":{"Runtime":"plugin","PluginSpec":{"remote":"x"}}}"#,
        ACCESS,
        "(runtime:plugin)",
    ),
    (
        "POST /services/create",
        r#"{"TaskTemplate":{"ContainerSpec":{"Privileges":{"Seccomp":{"Mode":"unconfined"}}}}}"#,
        ACCESS,
        "(security_option:seccomp)",
    ),
    (
        "POST /services/create",
        r#"{"TaskTemplate":{"ContainerSpec":{"Privileges":{"AppArmor":{"Mode":"disabled"}}}}}"#,
        ACCESS,
        "(security_option:apparmor)",
    ),
    (
        "POST /services/create",
        r#"{"TaskTemplate":{"ContainerSpec":{"Privileges":{"SELinuxContext":{"Disable":true}}}}}"#,
        ACCESS,
        "(security_option:label)",
    ),
    (
        "POST /services/s/update?version=1",
        r#"{"TaskTemplate":{"ContainerSpec":{"Sysctls":{"kernel.x":"1"}}}}"#,
        ACCESS,
        "(sysctl:kernel.x)",
    ),
    (
        "POST /services/s/update?version=1",
        r#"{"TaskTemplate":{"LogDriver":{"Name":"gelf"}}}"#,
        ACCESS,
        "(log_driver:gelf)",
    ),
    ("POST /session", "", SESSION, "docker_opaque_operations"),
    ("POST /grpc", "", SESSION, "docker_opaque_operations"),
    ("POST /plugins/pull?remote=vieux/sshfs", "[]", PLUGIN, "plugins run on the host"),
    (
        "POST /plugins/pull?remote=x",
        r#"[{"Name":"mount","Description":"","Value":["/"]}]"#,
        PLUGIN,
        "plugins run on the host",
    ),
    ("POST /plugins/create?name=x", "", PLUGIN, "plugins run on the host"),
    ("POST /plugins/vieux/sshfs:latest/enable", "", PLUGIN, "plugins run on the host"),
    ("POST /plugins/x/set", r#"["mount.source=/"]"#, PLUGIN, "plugins run on the host"),
    ("POST /plugins/x/upgrade?remote=y", "[]", PLUGIN, "plugins run on the host"),
    ("POST /swarm/init", r#"{"ListenAddr":"0.0.0.0"}"#, CLUSTER, "cluster"),
    ("POST /swarm/join", r#"{"RemoteAddrs":["evil.test"]}"#, CLUSTER, "cluster"),
    ("GET /swarm/unlockkey", "", CLUSTER, "cluster"),
    ("GET /swarm", "", CLUSTER, "cluster"),
    ("POST /nodes/x/update?version=1", r#"{"Role":"manager"}"#, CLUSTER, "cluster"),
    ("POST /secrets/create", r#"{"Name":"x","Data":""}"#, CLUSTER, "cluster"),
    ("GET /configs/x", "", CLUSTER, "cluster"),
    ("GET /debug/pprof/heap", "", UNKNOWN, "does not know this endpoint"),
    ("POST /libpod/containers/create", "", UNKNOWN, "does not know this endpoint"),
    ("POST /libpod/play/kube", "", UNKNOWN, "does not know this endpoint"),
    ("POST /containers/a/copy", "", UNKNOWN, "does not know this endpoint"),
    ("POST /containers/create/x", "", UNKNOWN, "does not know this endpoint"),
    ("get /info", "", UNKNOWN, "does not know this endpoint"),
];

const CREATE: &str = "POST /containers/create";

#[tokio::test]
async fn every_way_to_the_host_is_denied() {
    let (_host, root) = host();
    let policy = Policy::new(default_rules(), root, engine());
    let hosts = HOSTS.iter().map(|(host, rule, word)| {
        (CREATE, format!(r#"{{"Image":"busybox","HostConfig":{host}}}"#), *rule, *word)
    });
    let others = OTHERS.iter().map(|(line, body, rule, word)| (*line, (*body).to_owned(), *rule, *word));
    for (line, body, wanted, word) in hosts.chain(others) {
        let Some((rule, reason)) = denied(&policy, line, &body).await else {
            panic!("allowed: {line} {body}")
        };
        assert_eq!(rule, wanted, "{line} {body}: {reason}");
        assert!(reason.contains(word), "{line} {body}: {reason}");
    }
    assert!(HOSTS.len() + OTHERS.len() > 150);
}

/// Bodies that no two decoders need read alike never come to a judgement.
#[test]
fn what_has_two_readings_is_no_request() {
    let create = operation::find(&Method::POST, &request(CREATE, "{}").target).unwrap();
    for bytes in [
        &br#"{"HostConfig":{},"hostconfig":{"Privileged":true}}"#[..],
        br#"{"HostConfig":{"Privileged":false,"Privileged":true}}"#,
        br#"{"HostConfig":{"Privileged":false,"PRIVILEGED":true}}"#,
        b"{\"HostConfig\":{},\"Ho\xc5\xbftConfig\":{}}",
        br#"{"Image":"x"}{"HostConfig":{"Privileged":true}}"#,
        br#"{"Image":"x"} x"#,
        b"\xef\xbb\xbf{\"Image\":\"x\"}",
        br#"{"Image":"x","Privileged":true}"#,
        br#"{"Image":"x","Binds":["/:/x"]}"#,
        br#"{"HostConfig":{"Privileged":1}}"#,
        br#"{"HostConfig":{"Privileged":"false"}}"#,
        br#"{"HostConfig":{"Binds":{"0":"/:/x"}}}"#,
        br#"{"HostConfig":{"CapAdd":[["ALL"]]}}"#,
        br#"[{"Image":"x"}]"#,
        b"{\"Image\":\"\xff\"}",
        br#"{"Image":"\ud800"}"#,
        b"",
        b"null",
    ] {
        let read = body::read(create, bytes);
        assert!(read.is_err(), "{}: {read:?}", String::from_utf8_lossy(bytes));
    }
    assert!(body::read(create, "[".repeat(10_000)).is_err());
}
