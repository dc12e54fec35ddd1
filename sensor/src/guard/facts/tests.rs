//! Every field has a value where a request has it, and none where it has not.

use std::collections::BTreeSet;

use bytes::Bytes;
use hyper::Method;

use super::*;
use crate::guard::host_access::Wanted;
use crate::guard::{Digest, Json, Target, body, operation};
use crate::rules::field::{Argument, TABLE, resolve};

struct Nobody;

impl Fields for Nobody {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        if field.field.name == "user.name" { Value::from("mira") } else { Value::Missing }
    }
}

fn request(method: Method, url: &str, text: &str) -> Request {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let target = Target {
        version: Some((1, 41).into()),
        segments: path.split('/').skip(1).map(str::to_owned).collect(),
        query: query.split('&').filter_map(pair).collect(),
    };
    let operation = operation::find(&method, &target);
    let read = operation.and_then(|operation| body::read(operation, text.to_owned()).unwrap());
    let (body, dropped) = read.map_or((None, Vec::new()), |read| (Some(read.json), read.dropped));
    Request { method, target, operation, body, dropped, digest: Digest::of(Bytes::from_static(b"abc")) }
}

/// The fields that have a value, as `name=value`; those that take a name are asked for `k`.
fn told(request: &Request, bind: Option<&Bind>, inspected: Option<&Inspected>) -> BTreeSet<String> {
    let facts = Facts::new(request, bind.cloned().into_iter().collect(), inspected, Vec::new());
    let asked = Asked { facts: &facts, bind, caller: &Nobody };
    let rows = TABLE.iter().filter(|field| field.name.starts_with("docker.") || field.name == "user.name");
    rows.filter_map(|row| {
        let key = (row.argument == Argument::RequiredKey).then_some("k");
        let value = asked.value(&resolve(row.name, key).unwrap());
        assert!(
            row.kind.list == matches!(value, Value::List(_))
                || value == Value::Missing
                || row.name == "docker.query"
        );
        let mut printed = Vec::new();
        value.print(&mut printed);
        let printed = String::from_utf8(printed).unwrap();
        (!matches!(&*printed, "<NA>" | "()" | "false"))
            .then(|| format!("{}={printed}", row.name.trim_start_matches("docker.")))
    })
    .collect()
}

fn holds(told: &BTreeSet<String>, wanted: &[&str]) {
    for wanted in wanted {
        assert!(told.contains(*wanted), "{wanted}: {told:#?}");
    }
}

/// A create that asks for everything.
const CREATE: &str = r#"{"Image":"i","User":"u","Cmd":["a","b"],"Entrypoint":"e","Env":["A=secret","B"],"Labels":{"k":"v"},"X":1,
        "HostConfig":{"Privileged":true,"Binds":["/a:/b:ro","/c:/d","vol:/e"],"VolumesFrom":["f"],"VolumeDriver":"d",
        "Mounts":[{"Type":"bind","Source":"/g","ReadOnly":true},{"Type":"volume","Source":"w","VolumeOptions":{"DriverConfig":{"Options":{"o":"bind"}}}}],
        "Devices":[{"PathOnHost":"/dev/x"}],"DeviceRequests":[{"Driver":"n"}],"DeviceCgroupRules":["a"],"CapAdd":["cap_x"],"CapDrop":["all"],
        "PidMode":"host","IpcMode":"host","UTSMode":"host","UsernsMode":"host","CgroupnsMode":"host","NetworkMode":"n1","SecurityOpt":["s=1"],
        "Sysctls":{"a.b":"1"},"Runtime":"r","CgroupParent":"/p","MaskedPaths":[],"ReadonlyPaths":[],"ReadonlyRootfs":true,"GroupAdd":["g"],
        "Annotations":{"x":"y"},"LogConfig":{"Type":"syslog"},"RestartPolicy":{"Name":"always"},"Memory":7,"PidsLimit":9,
        "PortBindings":{"80/tcp":[{"HostPort":"8080"}]}},
        "NetworkingConfig":{"EndpointsConfig":{"n1":{},"n2":{}}}}"#;

/// What it tells.
const CREATED: &[&str] = &[
    "operation=container.create",
    "method=POST",
    "path=/containers/create",
    "version=1.41",
    "query=1",
    "user.name=mira",
    "unknown_members=(X)",
    "create.name=web",
    "create.image=i",
    "create.user=u",
    "create.command=a b",
    "create.entrypoint=e",
    "create.env_names=(A,B)",
    "create.label=v",
    "create.labels=(k=v)",
    "create.privileged=true",
    "create.binds=(/a,/c,/g)",
    "create.binds_rw=(/c)",
    "create.binds_resolved=(/z)",
    "create.volumes=(vol,w)",
    "create.volumes_from=(f)",
    "create.mount_types=(bind,volume)",
    "create.mount_sources=(/g,w)",
    "create.volume_driver=d",
    "create.volume_options=(o=bind)",
    "create.devices=(/dev/x)",
    "create.device_requests=(n)",
    "create.device_cgroup_rules=(a)",
    "create.caps_added=(X)",
    "create.caps_dropped=(ALL)",
    "create.pid_mode=host",
    "create.ipc_mode=host",
    "create.uts_mode=host",
    "create.userns_mode=host",
    "create.cgroupns_mode=host",
    "create.network_mode=n1",
    "create.networks=(n1,n2)",
    "create.security_options=(s=1)",
    "create.sysctls=(a.b=1)",
    "create.runtime=r",
    "create.cgroup_parent=/p",
    "create.masked_paths_set=true",
    "create.readonly_paths_set=true",
    "create.readonly_rootfs=true",
    "create.group_add=(g)",
    "create.annotations=(x=y)",
    "create.log_driver=syslog",
    "create.restart_policy=always",
    "create.memory=7",
    "create.pids_limit=9",
    "create.host_ports=(8080)",
    "bind.source=/a",
    "bind.resolved=/z",
    "bind.protected=/etc",
    "bind.writable=true",
    "bind.propagation=shared",
    "bind.swappable=true",
];

#[test]
fn a_create_tells_all_that_it_asks_for() {
    let request = request(Method::POST, "/containers/create?name=web&k=1", CREATE);
    let wanted = Wanted { source: "/a".to_owned(), writable: true, propagation: "shared".to_owned() };
    let bind = Bind { wanted, resolved: Some("/z".to_owned()), protected: Some("/etc"), swappable: true };
    let told = told(&request, Some(&bind), None);
    holds(&told, CREATED);
    assert!(told.iter().all(|line| !line.contains("secret")), "{told:#?}");
    let create = TABLE.iter().filter(|field| field.name.starts_with("docker.create.")).count();
    assert_eq!(told.iter().filter(|line| line.starts_with("create.")).count(), create);
}

#[test]
fn a_command_tells_what_it_is_about_and_where() {
    let exec = request(
        Method::POST,
        "/containers/web/exec",
        r#"{"User":"u","Privileged":true,"Cmd":["a","b"],"Env":["A=secret"],"WorkingDir":"/w"}"#,
    );
    let made = r#"{"Id":"0af","Name":"/web","Config":{"Image":"nginx","Labels":{"k":"v"}},"HostConfig":{"Privileged":true}}"#;
    let inspected = Inspected::new(Json::parse(made.as_bytes()).unwrap());
    let exec = told(&exec, None, Some(&inspected));
    holds(
        &exec,
        &[
            "exec.user=u",
            "exec.privileged=true",
            "exec.command=a b",
            "exec.env_names=(A)",
            "exec.working_dir=/w",
            "host_access=(exec_privileged)",
            "target.type=container",
            "target.id=web",
            "target.full_id=0af",
            "target.name=web",
            "target.image=nginx",
            "target.label=v",
            "target.host_access=(privileged)",
        ],
    );
    assert!(!exec.iter().any(|line| line.starts_with("create.") || line.contains("secret")), "{exec:#?}");
}

#[test]
fn updates_and_builds_tell_what_they_are_about() {
    let update = request(
        Method::POST,
        "/containers/web/update",
        r#"{"Memory":5,"PidsLimit":-1,"RestartPolicy":{"Name":"always"}}"#,
    );
    holds(
        &told(&update, None, None),
        &["update.memory=5", "update.pids_limit=-1", "update.restart_policy=always"],
    );
    let build = "/build?dockerfile=D&remote=r&networkmode=n&cgroupparent=c&outputs=o&t=a&t=b&extrahosts=h&securityopt=s";
    holds(
        &told(&request(Method::POST, build, ""), None, None),
        &[
            "build.dockerfile=D",
            "build.remote=r",
            "build.network_mode=n",
            "build.cgroup_parent=c",
            "build.outputs=o",
            "build.tags=(a,b)",
            "build.extra_hosts=(h)",
            "build.security_options=(s)",
        ],
    );
}

#[test]
fn volumes_and_networks_tell_what_they_are_about() {
    let volume = request(
        Method::POST,
        "/volumes/create",
        r#"{"Name":"n","Driver":"d","DriverOpts":{"o":"x"},"Labels":{"k":"v"}}"#,
    );
    holds(
        &told(&volume, None, None),
        &["volume.name=n", "volume.driver=d", "volume.options=(o=x)", "volume.label=v"],
    );
    let network = request(
        Method::POST,
        "/networks/create",
        r#"{"Name":"n","Driver":"d","Options":{"o":"x"},"Labels":{"k":"v"}}"#,
    );
    holds(
        &told(&network, None, None),
        &["network.name=n", "network.driver=d", "network.options=(o=x)", "network.label=v"],
    );
    let connect = request(Method::POST, "/networks/n/connect", r#"{"Container":"web"}"#);
    holds(&told(&connect, None, None), &["network.container=web", "target.type=network", "target.id=n"]);
}

#[test]
fn services_and_images_tell_what_they_are_about() {
    let service = request(
        Method::POST,
        "/services/create",
        r#"{"Name":"n","Labels":{"k":"v"},"Networks":[{"Target":"old"}],"TaskTemplate":{
        "Runtime":"container","Networks":[{"Target":"new"}],"ContainerSpec":{"Image":"i","User":"u","CapabilityAdd":["cap_x"],"Env":["A=secret"],
        "Mounts":[{"Type":"bind","Source":"/a"}],"Secrets":[{"SecretName":"s"}]}}}"#,
    );
    holds(
        &told(&service, None, None),
        &[
            "service.name=n",
            "service.image=i",
            "service.user=u",
            "service.runtime=container",
            "service.caps_added=(X)",
            "service.binds=(/a)",
            "service.mount_types=(bind)",
            "service.mount_sources=(/a)",
            "service.networks=(new,old)",
            "service.secrets=(s)",
            "service.env_names=(A)",
            "service.label=v",
        ],
    );
    for (method, url, image) in [
        (Method::POST, "/images/create?fromImage=r.test/a&tag=1", "r.test/a:1"),
        (Method::POST, "/images/create?fromImage=a&tag=sha256:00", "a@sha256:00"),
        (Method::POST, "/images/create?fromImage=a", "a"),
        (Method::POST, "/images/r.test/a:1/tag", "r.test/a:1"),
        (Method::DELETE, "/images/a", "a"),
    ] {
        holds(&told(&request(method, url, ""), None, None), &[&format!("image.name={image}")]);
    }
    let unknown = told(&request(Method::GET, "/nowhere", ""), None, None);
    holds(&unknown, &["operation=unknown", "path=/nowhere"]);
}

#[test]
fn a_parameter_that_is_repeated_has_all_its_values() {
    let request = request(Method::GET, "/info?k=1&k=2", "");
    holds(&told(&request, None, None), &["query=(1,2)"]);
}
