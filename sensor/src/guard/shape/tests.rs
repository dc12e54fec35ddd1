//! Spellings that Go would match, data that nobody must touch, and what has no single meaning.

use super::*;

fn read(shape: &Shape, body: &str) -> Result<Canonical, ShapeError> {
    canonical(shape, Json::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}")))
}

fn spelt(shape: &Shape, body: &str) -> String {
    let read = read(shape, body).unwrap_or_else(|error| panic!("{body}: {error}"));
    assert_eq!(read.dropped, [""; 0], "{body}");
    assert_eq!(canonical(shape, read.json.clone()).as_ref(), Ok(&read), "{body}");
    assert!(is_canonical(shape, &read.json), "{body}");
    String::from_utf8(read.json.to_bytes()).unwrap()
}

fn refused(shape: &Shape, body: &str) -> String {
    read(shape, body).unwrap_err().to_string()
}

#[test]
fn every_spelling_becomes_the_fields_own() {
    for (body, wanted) in [
        (r#"{"hostconfig":{"PRIVILEGED":true}}"#, r#"{"HostConfig":{"Privileged":true}}"#),
        (
            "{\"Ho\u{17f}tConfig\":{\"Ma\u{17f}\u{212a}edPath\u{17f}\":[]}}",
            r#"{"HostConfig":{"MaskedPaths":[]}}"#,
        ),
        (r#"{"Ho\u017ftConfig":{"maSKedpaths":null}}"#, r#"{"HostConfig":{"MaskedPaths":null}}"#),
        (
            r#"{"HOSTCONFIG":{"mounts":[{"TYPE":"bind","bindoptions":{"PROPAGATION":"shared"}}]}}"#,
            r#"{"HostConfig":{"Mounts":[{"Type":"bind","BindOptions":{"Propagation":"shared"}}]}}"#,
        ),
        (
            r#"{"networkingconfig":{"ENDPOINTSCONFIG":{"HOST":{"macaddress":"x"}}}}"#,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"HOST":{"MacAddress":"x"}}}}"#,
        ),
        (r#"{"hostconfig":null,"image":"x"}"#, r#"{"HostConfig":null,"Image":"x"}"#),
        (r#"{"cmd":"ls","Entrypoint":["a"]}"#, r#"{"Cmd":["ls"],"Entrypoint":["a"]}"#),
        (r#"{"HostConfig":{"cpushares":1,"CPUQUOTA":2}}"#, r#"{"HostConfig":{"CpuShares":1,"CpuQuota":2}}"#),
    ] {
        assert_eq!(spelt(&CREATE, body), wanted, "{body}");
    }
    let service =
        r#"{"tasktemplate":{"containerspec":{"capabilityadd":["ALL"]}},"networks":[{"target":"host"}]}"#;
    let wanted =
        r#"{"TaskTemplate":{"ContainerSpec":{"CapabilityAdd":["ALL"]}},"Networks":[{"Target":"host"}]}"#;
    assert_eq!(spelt(&SERVICE, service), wanted);
    assert_eq!(spelt(&VOLUME_CREATE, r#"{"driveropts":{"O":"bind"}}"#), r#"{"DriverOpts":{"O":"bind"}}"#);
}

#[test]
fn names_that_are_data_stay_as_they_are() {
    for body in [
        r#"{"Labels":{"a":"1","A":"2","hostconfig":"3"}}"#,
        r#"{"HostConfig":{"Sysctls":{"net.x":"1","NET.X":"2"}}}"#,
        r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"80"}]}}}"#,
        r#"{"HostConfig":{"LogConfig":{"Type":"","Config":{"Type":"x"}},"Tmpfs":{"/A":"","/a":""}}}"#,
        r#"{"ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}}}"#,
    ] {
        assert_eq!(spelt(&CREATE, body), body);
    }
}

#[test]
fn two_spellings_of_one_field_are_refused() {
    for body in [
        r#"{"HostConfig":{},"hostconfig":{"Privileged":true}}"#,
        r#"{"HostConfig":null,"Ho\u017ftConfig":{}}"#,
        r#"{"HostConfig":{"Privileged":true,"privileged":false}}"#,
        r#"{"HostConfig":{"Mounts":[{"Source":"/a","SOURCE":"/"}]}}"#,
        "{\"HostConfig\":{\"Mas\u{212a}edPaths\":null,\"MaskedPaths\":[]}}",
    ] {
        assert!(refused(&CREATE, body).ends_with("is given twice, in different spellings"), "{body}");
    }
    assert!(
        refused(&SERVICE, r#"{"TaskTemplate":{"Networks":[],"networks":[]}}"#)
            .contains("`TaskTemplate.Networks`")
    );
}

#[test]
fn a_value_of_another_type_is_refused() {
    for (body, wanted) in [
        (
            r#"{"HostConfig":{"Privileged":"true"}}"#,
            "`HostConfig.Privileged` must be a truth value, and is a text",
        ),
        (r#"{"HostConfig":[]}"#, "`HostConfig` must be an object, and is a list"),
        (r#"{"HostConfig":{"Binds":"/:/h"}}"#, "`HostConfig.Binds` must be a list, and is a text"),
        (r#"{"HostConfig":{"Binds":[["/:/h"]]}}"#, "`HostConfig.Binds` must be a text, and is a list"),
        (
            r#"{"HostConfig":{"CapAdd":{"0":"ALL"}}}"#,
            "`HostConfig.CapAdd` must be a list of texts, and is an object",
        ),
        (r#"{"Labels":{"a":1}}"#, "`Labels.a` must be a text, and is a number"),
        ("[]", "`the body` must be an object, and is a list"),
        ("\"x\"", "`the body` must be an object, and is a text"),
    ] {
        assert_eq!(refused(&CREATE, body), wanted);
    }
}

#[test]
fn what_nobody_knows_is_left_out_and_told() {
    let body = r#"{"Image":"x","Host Config":{"Privileged":true},"HostConfig":{"X":1,"Host_Config":2},"labels":{"X":"1"}}"#;
    let read = read(&CREATE, body).unwrap();
    let wanted = r#"{"Image":"x","HostConfig":{},"Labels":{"X":"1"}}"#;
    assert_eq!(String::from_utf8(read.json.to_bytes()).unwrap(), wanted);
    assert_eq!(read.dropped, ["Host Config", "HostConfig.X", "HostConfig.Host_Config"]);
}

#[test]
fn the_names_of_what_is_left_out_are_bounded() {
    let names: Vec<_> = (0..100).map(|number| format!("\"{number}{}\":0", "x".repeat(1000))).collect();
    let read = read(&CREATE, &format!("{{{}}}", names.join(","))).unwrap();
    assert_eq!((read.dropped.len(), read.dropped[0].len()), (MAX_DROPPED, MAX_NAME));
}

#[test]
fn the_host_configuration_outside_of_its_place_is_refused_if_it_asks_for_anything() {
    for body in [
        r#"{"Image":"x","Privileged":true}"#,
        r#"{"Image":"x","binds":["/:/h"]}"#,
        r#"{"HostConfig":{},"VolumeDriver":"x"}"#,
        r#"{"Memory":1}"#,
        // To dockerd these are other things than nothing.
        r#"{"MaskedPaths":[]}"#,
        r#"{"MemorySwappiness":0}"#,
        r#"{"Memory":""}"#,
        r#"{"Privileged":0}"#,
    ] {
        assert!(refused(&CREATE, body).ends_with("belongs in `HostConfig`"), "{body}");
    }
    assert_eq!(spelt(&CREATE, r#"{"Image":"x","Runtime":"","Memory":0,"Binds":null}"#), r#"{"Image":"x"}"#);
}

/// Go looks for the first field that folds the same: no two may.
#[test]
fn no_two_fields_of_a_structure_fold_the_same() {
    let shapes = [
        CREATE,
        COMMIT,
        UPDATE,
        EXEC_CREATE,
        EXEC_START,
        CHECKPOINT,
        NETWORK_CREATE,
        CONNECT,
        DISCONNECT,
        VOLUME_CREATE,
        VOLUME_UPDATE,
        SERVICE,
        SWARM_INIT,
        SWARM,
        JOIN,
        SWARM_UNLOCK,
        NODE,
        SECRET,
        CONFIG,
        PRIVILEGES,
        SETTINGS,
        AUTH,
    ];
    shapes.iter().for_each(has_no_twins);
}

fn has_no_twins(shape: &Shape) {
    match shape {
        Shape::List(of) | Shape::Map(of) => has_no_twins(of),
        Shape::Struct(parts) => {
            let members: Vec<_> = parts.iter().copied().flatten().collect();
            for (index, member) in members.iter().enumerate() {
                assert!(member.name.is_ascii());
                let twin = members[index + 1..].iter().find(|other| fold::is_same(other.name, member.name));
                assert!(twin.is_none(), "{}", member.name);
                has_no_twins(&member.shape);
            }
        }
        Shape::Bool | Shape::Number | Shape::Text | Shape::Texts | Shape::Gone(..) => {}
    }
}
