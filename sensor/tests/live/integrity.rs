//! `vigie run --watch`: one alert for each operation on a watched file, with who did it.

use std::{
    fs,
    io::Write,
    os::unix::{fs::symlink, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Ended, Event, Finished, Place, Sensor, Want, busybox, ended, run, scaled, want};

/// A user that is not root, as every host has it.
const NOBODY: u32 = 65534;

/// A watched directory that anybody may change, and the sensor that watches it, without any other rule.
struct Watched {
    place: Place,
    directory: PathBuf,
    sensor: Sensor,
}

impl Watched {
    /// Watches a directory with what `fill` puts there.
    fn with(options: &[&str], fill: impl FnOnce(&Path)) -> Self {
        let place = Place::new();
        let directory = place.directory("watched");
        fs::set_permissions(&directory, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        fill(&directory);
        let watched = directory.to_str().unwrap().to_owned();
        let basic = ["--disable-rule", "*", "--watch", &watched];
        let mut sensor = Sensor::run(&[&basic, options].concat());
        sensor.until_note("file integrity: the contents of");
        Self { place, directory, sensor }
    }

    fn path(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }

    /// A file beside the watched directory.
    fn outside(&self, name: &str) -> String {
        self.place.join(name).to_str().unwrap().to_owned()
    }

    /// Waits for an operation on a file.
    #[track_caller]
    fn until(&mut self, operation: &str, name: &str) -> Event {
        let path = self.path(name);
        self.sensor.until(&want! { "vigie.fim.operation" => operation, "vigie.fim.path" => path })
    }

    /// Ends the sensor, which must have told of these operations on these files and of nothing else.
    #[track_caller]
    fn ends_with(self, wanted: &[(&str, &str)]) -> Finished {
        let prefix = format!("{}/", self.directory.display());
        let finished = self.sensor.stop();
        assert!(finished.status.success(), "{:#?}", finished.notes);
        let name = |event: &Event| {
            let path = event.text("vigie.fim.path").to_owned();
            (
                event.text("vigie.fim.operation").to_owned(),
                path.strip_prefix(&prefix).unwrap_or(&path).to_owned(),
            )
        };
        let mut told: Vec<_> = finished.events.iter().map(name).collect();
        let mut all: Vec<_> =
            wanted.iter().map(|(operation, path)| ((*operation).to_owned(), (*path).to_owned())).collect();
        told.sort();
        all.sort();
        let lines = finished.events.iter().map(Event::line).collect::<Vec<_>>().join("\n");
        assert_eq!(told, all, "{lines}");
        finished.summary.adds_up();
        assert_eq!(finished.summary.get("integrity", "alerts"), finished.events.len() as u64);
        finished
    }
}

/// Runs a line of busybox's shell.
fn shell(line: &str) -> Ended {
    run(Command::new(busybox()).args(["sh", "-c", line]))
}

/// Runs a busybox program as somebody who is not root.
fn as_nobody(arguments: &[&str]) -> Ended {
    run(Command::new(busybox()).args(arguments).uid(NOBODY).gid(NOBODY))
}

/// SHA-256 as busybox computes it.
fn sha256(text: &str) -> String {
    let place = Place::new();
    let file = place.file("text", text.as_bytes());
    let said = run(Command::new(busybox()).arg("sha256sum").arg(file)).output;
    String::from_utf8(said).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn what_a_user_does_to_a_file_is_one_alert_each_with_who_did_it() {
    let mut watched = Watched::with(&["--watch-reads"], |_| ());
    let (file, other) = (watched.path("file"), watched.path("other"));
    let steps: [(&str, &str, Vec<&str>, Want); 6] = [
        (
            "created",
            "file",
            vec!["sh", "-c", "echo one > $0", &file],
            want! { "vigie.fim.size.after" => 4, "vigie.fim.sha256.after" => sha256("one\n"),
            "vigie.fim.sha256.before" => Value::Null },
        ),
        (
            "modified",
            "file",
            vec!["sh", "-c", "echo three > $0", &file],
            want! { "vigie.fim.size.before" => 4, "vigie.fim.size.after" => 6,
            "vigie.fim.sha256.before" => sha256("one\n"), "vigie.fim.sha256.after" => sha256("three\n") },
        ),
        ("read", "file", vec!["cat", &file], want! { "priority" => "Notice" }),
        (
            "mode changed",
            "file",
            vec!["chmod", "600", &file],
            want! { "vigie.fim.mode.after" => "0600", "proc.name" => "busybox" },
        ),
        ("renamed", "other", vec!["mv", &file, &other], want! { "vigie.fim.path_from" => file.clone() }),
        ("deleted", "other", vec!["rm", &other], want! { "vigie.fim.size.before" => 6 }),
    ];
    let mut wanted = Vec::new();
    for (operation, name, command, want) in steps {
        let pid = as_nobody(&command).pid;
        let alert = watched.until(operation, name);
        alert.is(&want);
        alert.is(&want! { "proc.pid" => pid, "user.uid" => NOBODY, "container.id" => "host" });
        assert_eq!(alert.text("rule"), format!("File integrity: {operation}"));
        assert!(alert.get("tags").as_array().unwrap().contains(&Value::from("file_integrity")), "{alert}");
        wanted.push((operation, name));
    }
    watched.ends_with(&wanted);
}

#[test]
fn an_opening_for_writing_that_changes_nothing_is_no_operation() {
    let watched = Watched::with(&[], |place| fs::write(place.join("file"), "x").unwrap());
    // Opened for appending, and closed.
    shell(&format!(": >> {}", watched.path("file")));
    shell(&format!("cat {} > /dev/null", watched.path("file")));
    watched.ends_with(&[]);
}

#[test]
fn what_is_appended_and_cut_is_modified() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "12345678").unwrap());
    let file = watched.path("file");
    shell(&format!("echo 9 >> {file}"));
    watched.until("modified", "file").is(&want! {
        "vigie.fim.size.before" => 8, "vigie.fim.size.after" => 10, "vigie.fim.sha256.before" => sha256("12345678"),
        "vigie.fim.sha256.after" => sha256("123456789\n"),
    });
    rustix::fs::ftruncate(fs::OpenOptions::new().write(true).open(&file).unwrap(), 3).unwrap();
    let cut = want! { "vigie.fim.operation" => "modified", "vigie.fim.size.after" => 3 };
    watched.sensor.until(&cut).is(&want! { "vigie.fim.sha256.after" => sha256("123") });
    run(Command::new(busybox()).args(["truncate", "-s", "5", &file]));
    watched.sensor.until(&want! { "vigie.fim.operation" => "modified", "vigie.fim.size.after" => 5 });
    watched.ends_with(&[("modified", "file"); 3]);
}

#[test]
fn an_editor_that_writes_beside_and_renames_over_modifies_once() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "old\n").unwrap());
    run(Command::new(busybox()).args(["sed", "-i", "s/old/newer/", &watched.path("file")]));
    let alert = watched.until("modified", "file");
    alert.is(&want! {
        "vigie.fim.replaced" => true, "vigie.fim.sha256.before" => sha256("old\n"),
        "vigie.fim.sha256.after" => sha256("newer\n"), "vigie.fim.size.after" => 6,
    });
    watched.ends_with(&[("modified", "file")]);
}

#[test]
fn a_file_from_elsewhere_that_takes_the_place_of_a_watched_one_modifies_it() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "old").unwrap());
    let new = watched.outside("new");
    fs::write(&new, "new").unwrap();
    fs::rename(&new, watched.path("file")).unwrap();
    watched
        .until("modified", "file")
        .is(&want! { "vigie.fim.replaced" => true, "vigie.fim.path_from" => new });
    watched.ends_with(&[("modified", "file")]);
}

#[test]
fn renames_into_and_out_of_the_directory_are_told_with_both_names() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("leaves"), "x").unwrap());
    let (away, comes) = (watched.outside("away"), watched.outside("comes"));
    fs::rename(watched.path("leaves"), &away).unwrap();
    watched
        .sensor
        .until(&want! { "vigie.fim.operation" => "renamed", "vigie.fim.path" => away.clone() })
        .is(&want! { "vigie.fim.path_from" => watched.path("leaves") });
    fs::write(&away, "nobody's business").unwrap();
    fs::write(&comes, "y").unwrap();
    fs::rename(&comes, watched.path("came")).unwrap();
    watched.until("renamed", "came").is(&want! { "vigie.fim.path_from" => comes });
    fs::write(watched.path("came"), "yy").unwrap();
    watched
        .until("modified", "came")
        .is(&want! { "vigie.fim.size.before" => 1, "vigie.fim.size.after" => 2 });
    watched.ends_with(&[("renamed", &away), ("renamed", "came"), ("modified", "came")]);
}

#[test]
fn a_directory_that_is_moved_in_is_watched_with_all_below() {
    let mut watched = Watched::with(&[], |_| ());
    let outside = watched.place.directory("tree/deep");
    fs::write(outside.join("file"), "x").unwrap();
    fs::rename(watched.outside("tree"), watched.path("tree")).unwrap();
    watched.until("renamed", "tree");
    fs::remove_file(watched.path("tree/deep/file")).unwrap();
    watched.until("deleted", "tree/deep/file").is(&want! { "vigie.fim.size.before" => 1 });
    fs::create_dir(watched.path("tree/new")).unwrap();
    watched.until("created", "tree/new");
    watched.ends_with(&[("renamed", "tree"), ("deleted", "tree/deep/file"), ("created", "tree/new")]);
}

#[test]
fn a_hard_link_from_outside_leads_to_the_watched_file() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "x").unwrap());
    let link = watched.outside("link");
    fs::hard_link(watched.path("file"), &link).unwrap();
    let linked = want! { "vigie.fim.operation" => "linked", "vigie.fim.path" => link.clone() };
    watched.sensor.until(&linked).is(&want! { "vigie.fim.path_from" => watched.path("file") });
    fs::write(&link, "changed").unwrap();
    watched.until("modified", "file").is(&want! { "vigie.fim.size.after" => 7 });
    watched.ends_with(&[("linked", &link), ("modified", "file")]);
}

#[test]
fn a_file_is_the_same_through_a_bind_mount() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "x").unwrap());
    let mount = watched.place.directory("mount");
    // In a mount namespace of its own, which ends with the shell.
    let line = format!(
        "mount -o bind {} {to} && echo changed > {to}/file && read line; rm {to}/file && read line",
        watched.directory.display(),
        to = mount.display()
    );
    let mut shell = Command::new(busybox());
    let mut shell = shell.args(["unshare", "-m", "sh", "-c", &line]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = shell.stdin.take().unwrap();
    watched.until("modified", "file").is(&want! { "vigie.fim.size.after" => 8 });
    input.write_all(b"\n").unwrap();
    watched.until("deleted", "file");
    input.write_all(b"\n").unwrap();
    assert!(shell.wait().unwrap().success());
    watched.ends_with(&[("modified", "file"), ("deleted", "file")]);
}

#[test]
fn owner_attributes_and_links_are_told() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "x").unwrap());
    let file = watched.path("file");
    run(Command::new(busybox()).args(["chown", "65534:65534", &file]));
    watched.until("owner changed", "file").is(&want! {
        "vigie.fim.uid.before" => 0, "vigie.fim.uid.after" => NOBODY, "vigie.fim.gid.after" => NOBODY,
    });
    rustix::fs::setxattr(&file, "trusted.vigie", b"1", rustix::fs::XattrFlags::empty()).unwrap();
    watched.until("attributes changed", "file").is(&want! { "vigie.fim.attribute" => "trusted.vigie" });
    symlink("file", watched.path("symbolic")).unwrap();
    watched.until("created", "symbolic");
    // Nothing changes by this.
    run(Command::new(busybox()).args(["chown", "65534:65534", &file]));
    watched.ends_with(&[("owner changed", "file"), ("attributes changed", "file"), ("created", "symbolic")]);
}

#[test]
fn the_directory_itself_may_go_and_come_again() {
    let mut watched = Watched::with(&[], |_| ());
    let directory = watched.directory.to_str().unwrap().to_owned();
    fs::remove_dir(&directory).unwrap();
    let itself =
        |operation| want! { "vigie.fim.operation" => operation, "vigie.fim.path" => directory.clone() };
    watched.sensor.until(&itself("deleted"));
    run(Command::new(busybox()).args(["mkdir", &directory]));
    watched.sensor.until(&itself("created"));
    fs::write(watched.path("file"), "x").unwrap();
    watched.until("created", "file");
    watched.ends_with(&[("deleted", &directory.clone()), ("created", &directory), ("created", "file")]);
}

#[test]
fn a_process_that_is_killed_with_the_file_open_has_modified_it() {
    let mut watched = Watched::with(&[], |place| fs::write(place.join("file"), "").unwrap());
    let line = format!("exec 7>> {}; echo x >&7; kill -9 $$", watched.path("file"));
    let killed = ended(Command::new(busybox()).args(["sh", "-c", &line]));
    assert!(!killed.status.success());
    watched.until("modified", "file").is(&want! { "vigie.fim.size.after" => 2, "proc.pid" => killed.pid });
    watched.ends_with(&[("modified", "file")]);
}

#[test]
fn what_is_still_open_at_the_end_is_told() {
    let watched = Watched::with(&[], |place| fs::write(place.join("file"), "").unwrap());
    let mut open = fs::OpenOptions::new().append(true).open(watched.path("file")).unwrap();
    open.write_all(b"more").unwrap();
    let finished = watched.ends_with(&[("modified", "file")]);
    finished.events[0].is(&want! { "vigie.fim.size.after" => 4 });
}

#[test]
fn another_directory_of_the_same_name_is_not_watched() {
    let watched = Watched::with(&[], |_| ());
    // In a mount namespace of its own another file system covers the directory.
    let line = format!(
        "mount -t tmpfs none {directory} && echo x > {directory}/file && rm {directory}/file",
        directory = watched.directory.display()
    );
    run(Command::new(busybox()).args(["unshare", "-m", "sh", "-c", &line]));
    watched.ends_with(&[]);
}

#[test]
fn a_flood_of_new_files_is_told_to_the_last_or_counted() {
    let watched = Watched::with(&[], |_| ());
    let files = u64::from(scaled(10_000, 1000));
    for number in 0..files {
        fs::write(watched.directory.join(format!("file-{number}")), "x").unwrap();
    }
    let finished = watched.sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    finished.summary.adds_up();
    let lost = finished.summary.get("kernel.FileOpen", "lost") + finished.summary.get("sink", "dropped");
    let told = finished.all(&want! { "vigie.fim.operation" => "created" }).len() as u64;
    assert!(told + lost >= files && told <= files, "{told} told, {lost} lost: {:#?}", finished.notes);
}

#[test]
fn a_rule_may_watch_files_by_itself() {
    let place = Place::new();
    let directory = place.directory("keys");
    let file = directory.join("a.key");
    fs::write(&file, "x").unwrap();
    let rule = |name: &str, pattern: &str| {
        format!(
            "- rule: {name}\n  desc: d\n  condition: not proc.args contains trusted\n  \
             output: key %vigie.fim.path %vigie.fim.operation by %proc.pid\n  priority: ERROR\n  \
             warn_evttypes: false\n  vigie-watch: {{paths: [\"{}/{pattern}\"], reads: true}}\n",
            directory.display()
        )
    };
    let rules = place.file("rules.yaml", rule("Key touched", "*.key").as_bytes());
    let mut sensor = Sensor::run(&["--rules", rules.to_str().unwrap()]);
    sensor.until_note("file integrity: the contents of");
    // What the rule's condition excludes, and what it does not watch, comes first: it would be told first.
    run(Command::new(busybox()).args(["sh", "-c", "read line < $0; :", file.to_str().unwrap(), "trusted"]));
    fs::write(directory.join("other"), "x").unwrap();
    let read = run(Command::new(busybox()).arg("cat").arg(&file)).pid;
    sensor.until(&want! { "rule" => "Key touched", "priority" => "Error", "vigie.fim.operation" => "read", "proc.pid" => read });
    fs::write(&rules, rule("Anything touched", "*")).unwrap();
    sensor.signal(Signal::HUP);
    sensor.until_note("1 rules loaded anew");
    fs::write(directory.join("other"), "changed").unwrap();
    sensor.until(&want! { "rule" => "Anything touched", "vigie.fim.operation" => "modified" });
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    assert_eq!(finished.events.len(), 2, "{:#?}", finished.events);
}
