//! What members of a create request hold.

/// A member, with values that nobody minds and values that open a way to the host.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) harmless: &'static [&'static str],
    pub(super) reaching: &'static [&'static str],
}

/// One that opens no way to the host.
const fn plain(name: &'static str, harmless: &'static [&'static str]) -> Field {
    Field { name, harmless, reaching: &[] }
}

const fn field(
    name: &'static str,
    harmless: &'static [&'static str],
    reaching: &'static [&'static str],
) -> Field {
    Field { name, harmless, reaching }
}

/// What a container runs.
pub(super) const COMMANDS: &[&str] = &[r#"["sh","-c","exit 0"]"#, r#"["true"]"#, r#""true""#];

/// Of the container's own configuration.
pub(super) const CONFIG: &[Field] = &[
    plain("Hostname", &[r#""box""#, r#""""#]),
    plain("Domainname", &[r#""""#, r#""vigie.test""#]),
    plain("User", &[r#""1000""#, r#""0:0""#, r#""""#]),
    plain("AttachStdin", &["false", "true"]),
    plain("AttachStdout", &["false", "true"]),
    plain("ExposedPorts", &["null", "{}", r#"{"80/tcp":{}}"#]),
    plain("Tty", &["false", "true"]),
    plain("OpenStdin", &["false", "true"]),
    plain("StdinOnce", &["false"]),
    plain("Env", &["null", "[]", r#"["A=b","ſ=K","C"]"#, r#"["A=\" \\ \n ü"]"#]),
    plain("Entrypoint", &["null", r#"["sleep"]"#, r#""sh""#]),
    plain("Healthcheck", &["null", r#"{"Test":["CMD","true"],"Interval":1000000000,"Retries":3}"#]),
    plain("Volumes", &["null", "{}", r#"{"/data":{}}"#]),
    plain("WorkingDir", &[r#""""#, r#""/tmp""#]),
    plain("NetworkDisabled", &["false"]),
    plain("MacAddress", &[r#""""#]),
    plain("OnBuild", &["null"]),
    plain("Labels", &["null", r#"{"a":"b","A":"c","HostConfig":"{}","ſ":"K"}"#]),
    plain("StopSignal", &[r#""SIGTERM""#]),
    plain("StopTimeout", &["null", "0", "7"]),
    plain("Shell", &["null", r#"["/bin/sh"]"#]),
];

/// Of the configuration that is about the host.
pub(super) const HOST: &[Field] = &[
    field("Privileged", &["false", "null"], &["true"]),
    field(
        "Binds",
        &[
            "null",
            "[]",
            r#"["data:/data"]"#,
            r#"["/srv/containers/web:/web:ro"]"#,
            r#"["/srv/./containers//web:/w"]"#,
        ],
        &[
            r#"["/:/host"]"#,
            r#"["/etc:/x:ro"]"#,
            r#"["data:/data","/root:/x"]"#,
            r#"["/srv/containers/../../etc:/x"]"#,
            r#"["/srv/containers/link:/x"]"#,
            r#"["/var/run/docker.sock:/s"]"#,
            r#"["//:/x:rshared"]"#,
            r#"["/srv/container:/x"]"#,
        ],
    ),
    field(
        "Mounts",
        &[
            "null",
            "[]",
            r#"[{"Type":"volume","Source":"data","Target":"/d"}]"#,
            r#"[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576}}]"#,
            r#"[{"Type":"bind","Source":"/srv/containers/web","Target":"/w","ReadOnly":true}]"#,
            r#"[{"Type":"volume","Source":"data","Target":"/d","VolumeOptions":{"Labels":{"a":"b"}}}]"#,
        ],
        &[
            r#"[{"Type":"bind","Source":"/","Target":"/x"}]"#,
            r#"[{"Type":"volume","Source":"data","Target":"/d"},{"Type":"bind","Source":"/etc","Target":"/x"}]"#,
            r#"[{"Type":"bind","Source":"/srv/containers/link","Target":"/x"}]"#,
            r#"[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/"}}}}]"#,
            r#"[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Options":{"type":"overlay","o":"lowerdir=/","device":"overlay"}}}}]"#,
            r#"[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"other"}}}]"#,
        ],
    ),
    field(
        "CapAdd",
        &["null", "[]", r#"["CHOWN"]"#, r#"["cap_net_raw"]"#, r#""KILL""#],
        &[r#"["SYS_ADMIN"]"#, r#"["chown","cap_sys_ptrace"]"#, r#"["all"]"#, r#""CAP_BPF""#],
    ),
    plain("CapDrop", &["null", r#"["ALL"]"#, r#""MKNOD""#]),
    field("PidMode", &[r#""""#], &[r#""host""#, r#""container:other""#]),
    field("IpcMode", &[r#""""#, r#""private""#, r#""none""#], &[r#""host""#, r#""container:other""#]),
    field("UTSMode", &[r#""""#], &[r#""host""#]),
    field("UsernsMode", &[r#""""#], &[r#""host""#]),
    field("CgroupnsMode", &[r#""""#, r#""private""#], &[r#""host""#]),
    field("NetworkMode", &[r#""none""#, r#""default""#, r#""""#], &[r#""host""#, r#""container:other""#]),
    field(
        "Devices",
        &["null", "[]"],
        &[r#"[{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}]"#],
    ),
    field("DeviceCgroupRules", &["null"], &[r#"["a *:* rwm"]"#]),
    field(
        "DeviceRequests",
        &["null", "[]"],
        &[r#"[{"Driver":"nvidia","Count":-1,"Capabilities":[["gpu"]]}]"#],
    ),
    field("VolumesFrom", &["null", "[]"], &[r#"["other:ro"]"#]),
    field("VolumeDriver", &[r#""""#, r#""local""#], &[r#""other""#]),
    field(
        "SecurityOpt",
        &["null", "[]", r#"["no-new-privileges"]"#, r#"["no-new-privileges:true"]"#],
        &[
            r#"["seccomp=unconfined"]"#,
            r#"["apparmor:unconfined"]"#,
            r#"["label=disable"]"#,
            r#"["seccomp={}"]"#,
        ],
    ),
    field("MaskedPaths", &["null"], &["[]"]),
    field("ReadonlyPaths", &["null"], &["[]", r#"["/proc/bus"]"#]),
    field("Sysctls", &["null", "{}"], &[r#"{"kernel.shmmax":"1"}"#]),
    field("Runtime", &[r#""""#, r#""runc""#], &[r#""other""#]),
    field("CgroupParent", &[r#""""#], &[r#""/""#, r#""system.slice""#]),
    field("Cgroup", &[r#""""#], &[r#""container:other""#]),
    field("OomScoreAdj", &["0", "500"], &["-1000"]),
    plain("Memory", &["0", "67108864"]),
    plain("MemorySwappiness", &["null", "-1"]),
    plain("NanoCpus", &["0", "500000000"]),
    plain("PidsLimit", &["null", "0", "100"]),
    plain("ShmSize", &["0", "1048576"]),
    plain("Ulimits", &["null", r#"[{"Name":"nofile","Hard":64,"Soft":64}]"#]),
    plain("RestartPolicy", &["{}", r#"{"Name":"","MaximumRetryCount":0}"#, r#"{"Name":"no"}"#]),
    plain("LogConfig", &["{}", r#"{"Type":"json-file","Config":{"max-size":"1m"}}"#, r#"{"Type":"none"}"#]),
    plain("PortBindings", &["null", "{}", r#"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"0"}]}"#]),
    plain("ReadonlyRootfs", &["false", "true"]),
    plain("Tmpfs", &["null", r#"{"/t":"size=1m"}"#]),
    plain("Dns", &["null", r#"["127.0.0.1"]"#]),
    plain("ExtraHosts", &["null", r#"["a:127.0.0.1"]"#]),
    plain("GroupAdd", &["null", r#"["1000"]"#]),
    plain("Init", &["null", "false"]),
    plain("AutoRemove", &["false"]),
    plain("ConsoleSize", &["[0,0]", "[24,80]"]),
    plain("StorageOpt", &["null", "{}"]),
    plain("Isolation", &[r#""""#, r#""default""#]),
];

/// What a container is connected with.
pub(super) const NETWORKING: &[&str] = &[
    "null",
    "{}",
    r#"{"EndpointsConfig":{}}"#,
    r#"{"EndpointsConfig":null}"#,
    r#"{"EndpointsConfig":{"none":{}}}"#,
];

/// What is put in the place of a value.
pub(super) const STRANGE: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-0",
    "1.5",
    "1e2",
    "1e400",
    "18446744073709551616",
    r#""""#,
    r#""0""#,
    r#""true""#,
    r#""host""#,
    r#"" host""#,
    r#""\ud800""#,
    r#""\u0000""#,
    "[]",
    "{}",
    "[null]",
    r#"[["/:/x"]]"#,
    r#"{"Privileged":true}"#,
    r#"["/:/x"]"#,
];

/// Names that the engine does not know, though they look as if.
pub(super) const STRANGERS: &[&str] = &[
    "X",
    "Privileged ",
    "Privileged\\u0000",
    "Host\u{421}onfig",
    "HostConf\u{131}g",
    "Host_Config",
    "",
    "PRIVILEGED\u{feff}",
    "Config",
];
