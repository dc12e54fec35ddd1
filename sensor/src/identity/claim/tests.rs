//! Shapes of cgroup paths, friendly and hostile.

use super::*;

const A: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";
const B: &str = "81dbd7b7a7110aec12ec7669a1356385f1f71fc6b3a48f653bc67450818d4617";

fn parse(template: &str) -> Option<(Runtime, String, String)> {
    let path = template.replace("{A}", A).replace("{B}", B);
    let claim = Claim::parse(path.as_bytes())?;
    let root = String::from_utf8(claim.root(path.as_bytes()).to_vec()).unwrap();
    Some((claim.runtime, String::from_utf8(claim.id.as_bytes().to_vec()).unwrap(), root))
}

#[track_caller]
fn claims(template: &str, runtime: Runtime, id: &str, root: &str) {
    let root = root.replace("{A}", A).replace("{B}", B);
    assert_eq!(parse(template), Some((runtime, id.to_owned(), root)), "{template}");
}

#[test]
fn shapes_of_the_runtimes() {
    let pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice";
    for (template, runtime) in [
        ("/docker/{A}", Runtime::Docker),
        ("/system.slice/docker-{A}.scope", Runtime::Docker),
        (&format!("{pod}/cri-containerd-{{A}}.scope"), Runtime::Containerd),
        ("/system.slice/nerdctl-{A}.scope", Runtime::Containerd),
        (&format!("{pod}/crio-{{A}}.scope"), Runtime::CriO),
        ("/machine.slice/libpod-{A}.scope", Runtime::Podman),
        ("/libpod_parent/libpod-{A}", Runtime::Podman),
        ("/kubepods/besteffort/pod12-34/{A}", Runtime::Kubernetes),
        (&format!("{pod}/{{A}}"), Runtime::Kubernetes),
        ("/default/{A}", Runtime::Containerd),
        ("/k8s.io/{A}", Runtime::Containerd),
        ("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope", Runtime::Podman),
    ] {
        claims(template, runtime, A, template);
    }
    claims("/lxc.payload.web", Runtime::Lxc, "web", "/lxc.payload.web");
    claims("/default/web", Runtime::Containerd, "web", "/default/web");
    let nspawn = "/machine.slice/systemd-nspawn@deb.service";
    claims(&format!("{nspawn}/payload"), Runtime::Nspawn, "deb", nspawn);
    let scope = "/machine.slice/machine-deb.scope/payload";
    claims(&format!("{scope}/init.scope"), Runtime::Nspawn, "deb", scope);
    let step = "/docker/buildkit/abcdefghijklmnopqrstuvwxy";
    claims(step, Runtime::BuildKit, "abcdefghijklmnopqrstuvwxy", step);
}

#[test]
fn cgroups_made_inside_belong_to_the_container() {
    claims("/docker/{A}/init.scope", Runtime::Docker, A, "/docker/{A}");
    claims(
        "/machine.slice/libpod-{A}.scope/container/x",
        Runtime::Podman,
        A,
        "/machine.slice/libpod-{A}.scope",
    );
}

#[test]
fn the_innermost_of_nested_containers_counts() {
    claims("/docker/{A}/docker/{B}", Runtime::Docker, B, "/docker/{A}/docker/{B}");
    claims("/docker/{A}/kubepods/podx/{B}/y", Runtime::Kubernetes, B, "/docker/{A}/kubepods/podx/{B}");
}

#[test]
fn every_container_of_a_nest_is_told_from_the_outside_in() {
    let path = format!("/docker/{A}/x/docker/{B}/lxc.payload.web/y");
    let ids: Vec<_> =
        Claim::all(path.as_bytes()).map(|claim| claim.id.as_bytes().escape_ascii().to_string()).collect();
    assert_eq!(ids, [A, B, "web"]);
    assert_eq!(Claim::all(b"/system.slice/x.service").count(), 0);
}

#[test]
fn what_looks_like_a_container_of_nobody_is_still_a_claim() {
    for template in [
        "/{A}",
        "/foo/{A}",
        "/foo/{A}.scope",
        "/x/thing-{A}.scope",
        "/system.slice:docker:{A}",
        "/pods/podx/{A}",
    ] {
        claims(template, Runtime::Unknown, A, template);
    }
}

#[test]
fn the_host_makes_no_claim() {
    for template in [
        "",
        "/",
        "//",
        "/init.scope",
        "/system.slice/docker.service",
        "/docker",
        "/docker/buildkit",
        "/docker/foo",
        "/user.slice/user-0.slice/session-1.scope",
        "/machine.slice/libpod-conmon-{A}.scope",
        "/system.slice/crio-conmon-{A}.scope",
        "/kubepods/besteffort/pod12",
        "/machine.slice/machine-qemu.scope",
        "/x/systemd-nspawn@deb.service",
        "/x/default/web",
        "/default",
        "/default/",
        "/lxc.payload.",
        "/system.slice/run-r98bdb3c0b42a336c8228d1962b50a705.scope",
        "/system.slice/x{A}y.mount",
        "foo:/init.scope",
    ] {
        assert_eq!(parse(template), None, "{template}");
    }
}

#[test]
fn a_monitor_named_so_inside_of_a_container_does_not_leave_it() {
    claims("/docker/{A}/libpod-conmon-{B}.scope", Runtime::Docker, A, "/docker/{A}");
}

#[test]
fn hostile_bytes_are_data() {
    let mut newline = b"/a\n0::/docker/".to_vec();
    newline.extend_from_slice(A.as_bytes());
    assert_eq!(Claim::parse(&newline).map(|c| c.root_len), Some(newline.len()));
    assert_eq!(Claim::parse(b"/\xff\xfe/\x1b[2J/docker/..").map(|c| c.runtime), None);
    let long = [b"/".as_slice(), &[b'f'; 255]].concat();
    assert_eq!(Claim::parse(&long), None, "255 hex digits are no id");
    let mut upper = b"/docker/".to_vec();
    upper.extend_from_slice(A.to_uppercase().as_bytes());
    let claim = Claim::parse(&upper).unwrap();
    assert_eq!((claim.runtime, claim.id.hex()), (Runtime::Unknown, None), "never host, never asked for");
}

#[test]
fn every_prefix_of_a_path_parses() {
    let path = format!(
        "/kubepods.slice/docker/{A}/lxc.payload.x/machine.slice/systemd-nspawn@a.service/docker-{B}.scope"
    );
    for end in 0..=path.len() {
        if let Some(claim) = Claim::parse(&path.as_bytes()[..end]) {
            assert!(claim.root_len <= end);
            assert!(path.as_bytes()[..claim.root_len].ends_with(claim.id.as_bytes()) || claim.root_len > 64);
        }
    }
}
