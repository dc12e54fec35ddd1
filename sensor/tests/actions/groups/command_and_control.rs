//! Looking around, bringing tools in, and talking to the outside.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::network::{ADDRESS, NAME};
use crate::perl;
use crate::stage::{Doer, Stage, act, act_a_second};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "LaunchSuspiciousNetworkToolOnHost",
        does: "`nmap -sn 172.17.0.1/32`, a second long",
        place: Place::Host,
        by: "nmap",
        upstream: "Launch Suspicious Network Tool on Host",
        ours: &["Network scanner run"],
        perform: nmap,
    },
    Action {
        name: "LaunchSuspiciousNetworkToolInContainer",
        does: "`nmap -sn 192.168.1.1`",
        place: Place::Container,
        by: "nmap",
        upstream: "Launch Suspicious Network Tool in Container",
        ours: &["Network scanner run"],
        perform: nmap_in_container,
    },
    Action {
        name: "LaunchIngressRemoteFileCopyToolsInContainer",
        does: "`wget -V`",
        place: Place::Container,
        by: "wget",
        upstream: "Launch Ingress Remote File Copy Tools in Container",
        ours: &["Download tool run in container"],
        perform: |stage| stage.contain(&["wget", "-V"]),
    },
    Action {
        name: "LaunchRemoteFileCopyToolsInContainer",
        does: "`scp` without arguments",
        place: Place::Container,
        by: "scp",
        upstream: "Launch Remote File Copy Tools in Container",
        ours: &["Remote login tool run in container"],
        perform: |stage| stage.contain(&["scp"]),
    },
    Action {
        name: "LaunchPackageManagementProcessInContainer",
        does: "`apt-get --version`",
        place: Place::Container,
        by: "apt-get",
        upstream: "Launch Package Management Process in Container",
        ours: &["Package manager run in container"],
        perform: |stage| stage.contain(&["apt-get", "--version"]),
    },
    Action {
        name: "KubernetesClientToolLaunchedInContainer",
        does: "a script called `kubectl`",
        place: Place::Container,
        by: "kubectl",
        upstream: "Kubernetes Client Tool Launched in Container",
        ours: &["Kubernetes client run in container"],
        perform: |stage| stage.contain(&["kubectl"]),
    },
    Action {
        name: "DisallowedSSHConnectionNonStandardPort",
        does: "`ssh -p 443` to a peer in a network of its own",
        place: Place::Host,
        by: "ssh",
        upstream: "Disallowed SSH Connection Non Standard Port",
        ours: &["SSH to the port of another service"],
        perform: ssh,
    },
    Action {
        name: "InterpretedProcsInboundNetworkActivity",
        does: "a program called `lua` listens on an address that is not loopback",
        place: Place::Container,
        by: "lua",
        upstream: "Interpreted procs inbound network activity",
        ours: &["Program on a command line listens"],
        perform: interpreter_listens,
    },
    Action {
        name: "InterpretedProcsOutboundNetworkActivity",
        does: "a program called `lua` connects a UDP socket to port 53 of a peer",
        place: Place::Container,
        by: "lua",
        upstream: "Interpreted procs outbound network activity",
        ours: &["Program on a command line connects"],
        perform: interpreter_connects,
    },
    Action {
        name: "JavaProcessClassFileDownload",
        does: "a program called `java` receives the first bytes of a class file over UDP",
        place: Place::Container,
        by: "java",
        upstream: "Java Process Class File Download",
        ours: &["Java class received over the network"],
        perform: class_file,
    },
    Action {
        name: "ProgramRunWithDisallowedHttpProxyEnv",
        does: "`curl` with `HTTP_PROXY` in its environment",
        place: Place::Host,
        by: "curl",
        upstream: "Program run with disallowed http proxy env",
        ours: &["Download tool run with a proxy"],
        perform: proxy,
    },
    Action {
        name: "SystemProcsNetworkActivity",
        does: "a program called `sha1sum` connects a UDP socket to `10.2.3.4:8192`",
        place: Place::Container,
        by: "sha1sum",
        upstream: "System procs network activity",
        ours: &["Program without a use for the network connects"],
        perform: system_program,
    },
    Action {
        name: "UnexpectedUDPTraffic",
        does: "`nc -u example.com 22`",
        place: Place::Container,
        by: "nc",
        upstream: "Unexpected UDP Traffic",
        ours: &["Netcat talks over UDP"],
        perform: udp,
    },
];

fn nmap(_: &Stage) -> Result<Doer> {
    act_a_second(Command::new("nmap").args(["-sn", "172.17.0.1/32"]))
}

fn nmap_in_container(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["nmap", "-sn", "192.168.1.1"])
}

fn ssh(stage: &Stage) -> Result<Doer> {
    act(stage.on_network("ssh").args(["-o", "BatchMode=yes", "-p", "443"]).arg(format!("user@{ADDRESS}")))
}

fn interpreter_listens(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["lua", "-e", &perl::listen(ADDRESS, 4321)])
}

fn interpreter_connects(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["lua", "-e", &perl::udp_connect(ADDRESS, 53)])
}

fn class_file(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["java", "-e", &perl::class_file()])
}

fn proxy(stage: &Stage) -> Result<Doer> {
    let address = format!("http://{ADDRESS}");
    act(stage.on_network("curl").args(["--max-time", "5", &address]).env("HTTP_PROXY", &address))
}

fn system_program(stage: &Stage) -> Result<Doer> {
    stage.contain_on_network(&["sha1sum", "-e", &perl::udp_connect("10.2.3.4", 8192)])
}

fn udp(stage: &Stage) -> Result<Doer> {
    // netcat ends at once, as its input has ended.
    stage.contain_on_network(&["sh", "-c", &format!("echo x | /opt/nc -u -w 1 {NAME} 22")])
}
