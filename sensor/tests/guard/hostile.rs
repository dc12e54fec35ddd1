//! No way to the host gets through a guard with its default policy: neither what `docker` writes, run in a login
//! session, nor what is written by hand, in a container. The real engine's log shows that none arrived, and the alerts
//! say who it was.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::common::image::{IMAGE, REPOSITORY};
use super::engine::docker;
use super::policy::{Guarded, words};

/// What `docker` is asked for, and a word of the reason for which it is refused.
const HOSTILE: [(&str, &str); 40] = [
    ("run --privileged IMAGE", "privileged"),
    ("run --cap-add SYS_ADMIN IMAGE", "cap:SYS_ADMIN"),
    ("run --cap-add cap_sys_ptrace IMAGE", "cap:SYS_PTRACE"),
    ("run --cap-add all IMAGE", "cap:ALL"),
    ("run --cap-add DAC_READ_SEARCH IMAGE", "cap:DAC_READ_SEARCH"),
    ("run --cap-add SYS_MODULE IMAGE", "cap:SYS_MODULE"),
    ("run --pid host IMAGE", "pid_mode:host"),
    ("run --ipc host IMAGE", "ipc_mode:host"),
    ("run --uts host IMAGE", "uts_mode:host"),
    ("run --userns host IMAGE", "userns_mode:host"),
    ("run --cgroupns host IMAGE", "cgroupns_mode:host"),
    ("run --network host IMAGE", "network_mode:host"),
    ("run --pid container:other IMAGE", "pid_mode:container:other"),
    ("run --network container:other IMAGE", "network_mode:container:other"),
    ("run --volume /:/host IMAGE", "bind:/"),
    ("run --volume /etc:/x IMAGE", "bind:/etc"),
    ("run --volume /srv/../root:/x IMAGE", "bind:/"),
    ("run --volume /var:/x IMAGE", "bind:/var"),
    ("run --volume /run/docker.sock:/x IMAGE", "bind:/run"),
    ("run --volume /run/containerd/containerd.sock:/x IMAGE", "bind:/run"),
    ("run --volume DIR/link:/x IMAGE", "bind:/etc"),
    ("run --mount type=bind,src=/proc,dst=/x IMAGE", "bind:/proc"),
    ("run --mount type=bind,src=/sys,dst=/x,readonly IMAGE", "bind:/sys"),
    (
        "run --mount type=volume,dst=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ IMAGE",
        "volume",
    ),
    ("run --volume-driver other --volume v:/x IMAGE", "volume_driver"),
    ("run --device /dev/vda IMAGE", "device"),
    ("run --device-cgroup-rule a\\ *:*\\ rwm IMAGE", "device"),
    ("run --security-opt seccomp=unconfined IMAGE", "seccomp"),
    ("run --security-opt apparmor=unconfined IMAGE", "apparmor"),
    ("run --security-opt label=disable IMAGE", "label"),
    ("run --security-opt systempaths=unconfined IMAGE", "paths"),
    ("run --sysctl kernel.shm_rmid_forced=1 IMAGE", "sysctl"),
    ("run --runtime other IMAGE", "runtime"),
    ("run --cgroup-parent / IMAGE", "cgroup_parent"),
    ("run --volumes-from other IMAGE", "volumes_from"),
    ("exec --privileged busy id", "privileged"),
    ("volume create --opt type=none --opt o=bind --opt device=/ v", "volume_driver_options"),
    ("volume create --opt type=overlay --opt device=overlay --opt o=lowerdir=/ v", "volume_driver_options"),
    ("plugin install --grant-all-permissions other", ""),
    ("swarm init", ""),
];

/// Likewise as `HostConfig` of a create.
const HOST_CONFIGS: [&str; 33] = [
    r#"{"Privileged":true}"#,
    r#"{"CapAdd":["SYS_ADMIN"]}"#,
    r#"{"CapAdd":["cap_sys_module"]}"#,
    r#"{"CapAdd":["ALL"]}"#,
    r#"{"PidMode":"host"}"#,
    r#"{"IpcMode":"host"}"#,
    r#"{"UTSMode":"host"}"#,
    r#"{"UsernsMode":"host"}"#,
    r#"{"CgroupnsMode":"host"}"#,
    r#"{"NetworkMode":"host"}"#,
    r#"{"NetworkMode":"ns:/proc/1/ns/net"}"#,
    r#"{"PidMode":"container:busy"}"#,
    r#"{"Binds":["/:/x"]}"#,
    r#"{"Binds":["//etc/../root:/x:ro"]}"#,
    r#"{"Binds":["/run/docker.sock:/x"]}"#,
    r#"{"Binds":["/proc/1/root:/x"]}"#,
    r#"{"Binds":["/var:/x:rshared"]}"#,
    r#"{"Mounts":[{"Type":"bind","Source":"/","Target":"/x"}]}"#,
    r#"{"Mounts":[{"Type":"bind","Source":"/dev","Target":"/x","ReadOnly":true}]}"#,
    r#"{"Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/"}}}}]}"#,
    r#"{"Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"overlay","o":"lowerdir=/","device":"overlay"}}}}]}"#,
    r#"{"VolumeDriver":"other","Binds":["v:/x"]}"#,
    r#"{"VolumesFrom":["busy"]}"#,
    r#"{"Devices":[{"PathOnHost":"/dev/vda","PathInContainer":"/dev/x","CgroupPermissions":"rwm"}]}"#,
    r#"{"DeviceCgroupRules":["a *:* rwm"]}"#,
    r#"{"DeviceRequests":[{"Count":-1,"Capabilities":[["gpu"]]}]}"#,
    r#"{"SecurityOpt":["seccomp=unconfined"]}"#,
    r#"{"SecurityOpt":["apparmor:unconfined"]}"#,
    r#"{"MaskedPaths":[]}"#,
    r#"{"ReadonlyPaths":[]}"#,
    r#"{"Sysctls":{"kernel.core_pattern":"|/x"}}"#,
    r#"{"Runtime":"other"}"#,
    r#"{"CgroupParent":"/"}"#,
];

/// Likewise at other endpoints.
const OTHERS: [(&str, &str); 11] = [
    ("/containers/busy/exec", r#"{"Privileged":true,"Cmd":["id"]}"#),
    ("/v1.41/containers/busy/exec", r#"{"privileged":true,"Cmd":["id"]}"#),
    ("/containers/busy/update", r#"{"Devices":[{"PathOnHost":"/dev/vda","PathInContainer":"/x"}]}"#),
    ("/volumes/create", r#"{"Name":"v","DriverOpts":{"type":"none","o":"bind","device":"/"}}"#),
    ("/volumes/create", r#"{"Name":"v","Driver":"other"}"#),
    (
        "/services/create",
        r#"{"TaskTemplate":{"ContainerSpec":{"Image":"i","Mounts":[{"Type":"bind","Source":"/","Target":"/x"}]}}}"#,
    ),
    (
        "/services/create",
        r#"{"TaskTemplate":{"ContainerSpec":{"Image":"i"},"Networks":[{"Target":"host"}]}}"#,
    ),
    ("/plugins/pull?remote=other", "[]"),
    ("/swarm/init", r#"{"ListenAddr":"127.0.0.1:2377"}"#),
    ("/containers/%63reate", r#"{"Image":"i","HostConfig":{"Privileged":true}}"#),
    ("/containers/../containers/create", r#"{"Image":"i","HostConfig":{"Privileged":true}}"#),
];

/// Bodies of creates that the `docker` command does not write.
const BODIES: [&str; 14] = [
    r#"{"Image":"i","HostConfig":{"Privileged":true}}"#,
    r#"{"Image":"i","hostconfig":{"PRIVILEGED":true}}"#,
    r#"{"Image":"i","Ho\u017ftConfig":{"Privileged":true}}"#,
    "{\"Image\":\"i\",\"Ho\u{17f}tConfig\":{\"Binds\":[\"/:/x\"]}}",
    r#"{"Image":"i","HostConfig":{"\u212aernelMemory":1,"Privileged":true}}"#,
    r#"{"Image":"i","HostConfig":{"Privileged":false},"HostConfig":{"Privileged":true}}"#,
    r#"{"Image":"i","HostConfig":{"Privileged":true},"HostConfig":{"Privileged":false}}"#,
    r#"{"Image":"i","HostConfig":{"Privileged":false},"hostConfig":{"Privileged":true}}"#,
    r#"{"Image":"i","HostConfig":{"Binds":["/:/x"],"Binds":[]}}"#,
    r#"{"Image":"i","HostConfig":{"Mounts":[{"type":"BIND","source":"/","target":"/x"}]}}"#,
    r#"{"Image":"i","HostConfig":{"Mounts":[{"Type":"bind","Source":"//","Target":"/x"}]}}"#,
    r#"{"Image":"i","HostConfig":{"Privileged":true}} trailing"#,
    "\u{feff}{\"Image\":\"i\",\"HostConfig\":{\"Privileged\":true}}",
    r#"{"Image":"i","Privileged":true}"#,
];

/// Paths of the same endpoint.
const PATHS: [&str; 3] =
    ["/containers/create", "/v1.41/containers/create", "/v1.24/containers/create?name=x"];

/// The user of the login session, who has an account on every Debian host.
pub(crate) const LOGIN: (&str, &str) = ("1", "daemon");

/// Does something in a login session of its own, as far as the kernel is concerned; gives the session's number, too.
pub(crate) fn in_a_login_session<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<(T, i64)> {
    let work = || {
        // A session is a thread's, and what that starts inherits it.
        fs::write("/proc/thread-self/loginuid", LOGIN.0).context("this kernel has no login sessions")?;
        let session = fs::read_to_string("/proc/thread-self/sessionid")?.parse()?;
        Ok((work()?, session))
    };
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// The alerts about this program.
fn about<'a>(alerts: &'a [Value], program: &str) -> Vec<&'a Value> {
    alerts.iter().filter(|alert| alert["output_fields"]["proc.name"] == program).collect()
}

#[test]
fn no_way_to_the_host_gets_through_from_a_login_session() -> Result<()> {
    let guarded = Guarded::start()?;
    let socket = guarded.socket();
    let directory = tempfile::tempdir()?;
    std::os::unix::fs::symlink("/etc", directory.path().join("link"))?;
    guarded.engine.run_detached(&["--name", "busy", IMAGE, "sleep", "1000"])?;
    let before = guarded.asked("POST")?;
    let ((), session) = in_a_login_session(|| {
        for (command, word) in HOSTILE {
            let words = words(command, directory.path());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let Output { status, stderr, .. } = docker(&socket, &words).output()?;
            let said = String::from_utf8_lossy(&stderr);
            ensure!(
                !status.success() && said.contains("vigie: denied by rule") && said.contains(word),
                "{command}: {said}"
            );
        }
        Ok(())
    })?;
    ensure!(guarded.asked("POST")? == before, "something reached the engine");
    let socket = socket.display().to_string();
    let (alerts, _) = guarded.finish()?;
    let told = about(&alerts, "docker");
    ensure!(told.len() >= HOSTILE.len(), "{} alerts about docker", told.len());
    for alert in told {
        let fields = &alert["output_fields"];
        let line = fields["proc.cmdline"].as_str().unwrap_or_default();
        ensure!(line.contains(&socket), "another command's: {alert}");
        ensure!(fields["container.id"] == "host" && fields["user.uid"] == 0, "{alert}");
        ensure!(fields["user.loginname"] == LOGIN.1 && fields["vigie.session.id"] == session, "{alert}");
        ensure!(fields["vigie.guard.stopped"] == true && alert["source"] == "docker", "{alert}");
    }
    Ok(())
}

/// Every request written by hand: where it goes, and its body.
fn requests() -> Vec<(String, String)> {
    let create = |config: &&str| {
        ("/v1.41/containers/create".to_owned(), format!(r#"{{"Image":"i","HostConfig":{config}}}"#))
    };
    let spelled = PATHS.iter().flat_map(|path| BODIES.map(|body| ((*path).to_owned(), body.to_owned())));
    let others = OTHERS.iter().map(|(path, body)| ((*path).to_owned(), (*body).to_owned()));
    HOST_CONFIGS.iter().map(create).chain(others).chain(spelled).collect()
}

/// A script that sends each of them and writes the status of every answer.
fn script(requests: &[(String, String)], socket: &Path, directory: &Path) -> Result<String> {
    let mut script = String::new();
    for (number, (path, body)) in requests.iter().enumerate() {
        let file = directory.join(format!("body-{number}"));
        fs::write(&file, body)?;
        writeln!(
            script,
            "curl -s -o /dev/null -w '%{{http_code}}\n' --path-as-is --unix-socket '{}' -H 'Content-Type: application/json' \
             --data-binary '@{}' 'http://docker{path}'",
            socket.display(),
            file.display(),
        )?;
    }
    Ok(script)
}

#[test]
fn no_way_to_the_host_gets_through_from_a_container() -> Result<()> {
    let guarded = Guarded::start()?;
    let directory = tempfile::tempdir()?;
    guarded.engine.run_detached(&["--name", "busy", IMAGE, "sleep", "1000"])?;
    // It was started before there was a guard, so to speak: with the host's programs.
    guarded.engine.run_detached(&["--name", "attacker", "--volume", "/:/host:ro", IMAGE, "sleep", "1000"])?;
    let requests = requests();
    let file = directory.path().join("script");
    fs::write(&file, script(&requests, &guarded.socket(), directory.path())?)?;
    let before = guarded.asked("POST")?;
    let file = file.to_str().context("not UTF-8")?;
    let said = guarded.engine.docker(&["exec", "attacker", "busybox", "chroot", "/host", "/bin/sh", file])?;
    let statuses: Vec<&str> = said.lines().collect();
    ensure!(statuses.len() == requests.len(), "{statuses:?}");
    for (request, status) in requests.iter().zip(&statuses) {
        ensure!(["400", "403"].contains(status), "{request:?}: {status}");
    }
    // The test itself made its container execute something.
    ensure!(guarded.asked("POST")? == before.saturating_add(2), "something reached the engine");
    let (alerts, _) = guarded.finish()?;
    let told = about(&alerts, "curl");
    ensure!(told.len() == requests.len(), "{} alerts about {} requests", told.len(), requests.len());
    for alert in told {
        let fields = &alert["output_fields"];
        ensure!(fields["container.name"] == "attacker" && fields["user.uid"] == 0, "{alert}");
        ensure!(fields["container.image.repository"] == REPOSITORY, "{alert}");
        ensure!(fields["vigie.guard.stopped"] == true && alert["source"] == "docker", "{alert}");
    }
    Ok(())
}
