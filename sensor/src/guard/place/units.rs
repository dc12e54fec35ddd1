//! The units of systemd: what the engine's say, and what the guard's are to say.

use std::path::{Path, PathBuf};

use super::DIRECTORY;

/// Where units are, the first having the last word.
const PLACES: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];
/// The engine's units.
const SOCKET_UNIT: &str = "docker.socket";
const SERVICE_UNIT: &str = "docker.service";
/// The guard's.
pub(super) const GUARD_SOCKET: &str = "vigie-guard.socket";
pub(super) const GUARD_SERVICE: &str = "vigie-guard.service";
pub(super) const RESTORE_SERVICE: &str = "vigie-guard-restore.service";
/// What of the engine's socket is changed.
pub(super) const DROP_IN: &str = "docker.socket.d/50-vigie-guard.conf";

const HEAD: &str = "# Made by `vigie guard install`; `vigie guard uninstall` removes it.\n";

/// What is to happen while the guard does not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Fail {
    /// The engine is reached directly.
    Open,
    /// Nobody reaches the engine.
    #[default]
    Closed,
}

/// The engine's socket as its unit makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSocket {
    /// The name that clients know.
    pub path: PathBuf,
    /// Whatever else the unit listens at: ports, other names.
    pub others: Vec<String>,
    /// `SocketMode`, `SocketUser` and `SocketGroup`, as lines.
    pub access: Vec<String>,
}

/// How the guard is run.
#[derive(Clone, Debug)]
pub struct Service {
    /// The program.
    pub program: PathBuf,
    /// `--mode`.
    pub mode: String,
    /// `--rules`.
    pub rules: Vec<PathBuf>,
    /// `--audit-log`.
    pub audit_log: Option<PathBuf>,
    /// `--owners`.
    pub owners: bool,
    /// `--lock-down`.
    pub lock_down: bool,
    /// What happens while it does not run.
    pub fail: Fail,
}

impl Service {
    /// What the guard is told besides where it stands.
    fn options(&self) -> String {
        let rules = self.rules.iter().map(|path| format!(" --rules {}", word(path)));
        let audit_log = self.audit_log.iter().map(|path| format!(" --audit-log {}", word(path)));
        let lock_down = self.lock_down.then(|| match self.fail {
            Fail::Open => " --lock-down --fail open".to_owned(),
            Fail::Closed => " --lock-down --fail closed".to_owned(),
        });
        let owners = self.owners.then(|| " --owners".to_owned());
        rules.chain(audit_log).chain(owners).chain(lock_down).collect()
    }
}

impl EngineSocket {
    /// Reads the engine's socket unit and what is changed of it below `root`; `None` if there is none or it listens at no
    /// path.
    pub fn read(root: &Path) -> Option<Self> {
        let mut texts = vec![unit(root, SOCKET_UNIT)?];
        texts.extend(drop_ins(root));
        let (mut streams, mut access) = (Vec::new(), [None, None, None]);
        for (key, value) in texts.iter().flat_map(|text| socket_section(text)) {
            match key {
                "ListenStream" if value.is_empty() => streams.clear(),
                "ListenStream" => streams.push(value.to_owned()),
                _ => {
                    let known = ["SocketMode", "SocketUser", "SocketGroup"].iter().position(|k| *k == key);
                    if let Some(place) = known.and_then(|index| access.get_mut(index)) {
                        *place = Some(format!("{key}={value}"));
                    }
                }
            }
        }
        let first = streams.iter().position(|stream| stream.starts_with('/'))?;
        let path = PathBuf::from(streams.remove(first));
        Some(Self { path, others: streams, access: access.into_iter().flatten().collect() })
    }

    /// Where the engine's socket is to be made.
    pub fn aside(&self) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default();
        // Whatever the name leads through, /run is where systemd makes sockets.
        Path::new("/run").join(DIRECTORY).join(name)
    }

    /// The change to the engine's unit.
    pub(super) fn drop_in(&self) -> String {
        let others = self.others.iter().map(|other| format!("ListenStream={other}\n"));
        let others = others.collect::<Vec<_>>().concat();
        let aside = self.aside();
        format!(
            "{HEAD}[Socket]\n# Emptied first: values add up.\nListenStream=\nListenStream={}\n{others}\
             # Nobody but root enters the directory, so nobody but the guard reaches the socket.\nDirectoryMode=0700\n",
            aside.display()
        )
    }

    /// The guard's own socket, with the engine's name, owner and mode.
    pub(super) fn guard_socket(&self) -> String {
        let access = self.access.iter().map(|line| format!("{line}\n")).collect::<Vec<_>>().concat();
        format!(
            "{HEAD}[Unit]\nDescription=Docker socket behind the Vigie guard\n\n[Socket]\nListenStream={}\n{access}\n\
             [Install]\nWantedBy=sockets.target\n",
            self.path.display()
        )
    }

    /// The guard.
    pub(super) fn guard_service(&self, service: &Service) -> String {
        let on_failure = match service.fail {
            Fail::Open => format!("OnFailure={RESTORE_SERVICE}\n"),
            Fail::Closed => String::new(),
        };
        format!(
            "{HEAD}[Unit]\nDescription=Vigie guard of the Docker socket\nRequires={GUARD_SOCKET}\nWants={SOCKET_UNIT}\n\
             After={GUARD_SOCKET} {SOCKET_UNIT}\n{on_failure}StartLimitIntervalSec=10\nStartLimitBurst=5\n\n\
             [Service]\nExecStart={} guard --listen fd:// --upstream {} --mode {}{}\n\
             # Rules that cannot be used change nothing.\nExecReload=/bin/kill -HUP $MAINPID\n\
             Restart=on-failure\nRestartSec=100ms\nLimitNOFILE=65536\n\
             # It must see the host's files and processes as the engine does: nothing here may hide any.\n\
             NoNewPrivileges=yes\nLockPersonality=yes\nRestrictRealtime=yes\nSystemCallArchitectures=native\n",
            word(&service.program),
            word(&self.aside()),
            service.mode,
            service.options(),
        )
    }

    /// What is run when the guard has failed for good and the engine is to be reached all the same.
    pub(super) fn restore_service(service: &Service) -> String {
        format!(
            "{HEAD}[Unit]\nDescription=Way round the Vigie guard of the Docker socket, which failed\n\n\
             [Service]\nType=oneshot\nExecStart={} guard restore\n",
            word(&service.program)
        )
    }
}

/// Whether the engine takes its sockets from systemd.
pub(super) fn is_activated(root: &Path) -> bool {
    unit(root, SERVICE_UNIT).is_some_and(|text| {
        text.lines().any(|line| line.trim_start().starts_with("ExecStart=") && line.contains("fd://"))
    })
}

/// Text of a unit.
fn unit(root: &Path, name: &str) -> Option<String> {
    PLACES.iter().find_map(|place| std::fs::read_to_string(root.join(place).join(name)).ok())
}

/// The changes of the engine's socket unit that are there, by name.
fn drop_ins(root: &Path) -> Vec<String> {
    let directories = PLACES.iter().map(|place| root.join(place).join(format!("{SOCKET_UNIT}.d")));
    let entries = directories.filter_map(|directory| std::fs::read_dir(directory).ok()).flatten();
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    paths.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

/// Keys and values of the section `[Socket]`.
fn socket_section(text: &str) -> Vec<(&str, &str)> {
    let mut inside = false;
    let mut pairs = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[Socket]";
        } else if inside && !line.starts_with(['#', ';']) {
            pairs.extend(line.split_once('=').map(|(key, value)| (key.trim(), value.trim())));
        }
    }
    pairs
}

/// A word of a command line as systemd reads it.
fn word(path: &Path) -> String {
    let text = path.to_string_lossy().replace('%', "%%").replace('$', "$$");
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-%$+=:@".contains(c));
    if plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_systemd_wants_it() {
        for (path, expected) in [
            ("/usr/bin/vigie", "/usr/bin/vigie"),
            ("/opt/a b/vi\"gie", "\"/opt/a b/vi\\\"gie\""),
            ("/opt/100%/$x", "/opt/100%%/$$x"),
        ] {
            assert_eq!(word(Path::new(path)), expected);
        }
    }

    #[test]
    fn changes_have_the_last_word_and_other_sections_none() {
        let root = tempfile::tempdir().unwrap();
        let units = root.path().join("lib/systemd/system");
        let changes = root.path().join("etc/systemd/system/docker.socket.d");
        for directory in [&units, &changes] {
            std::fs::create_dir_all(directory).unwrap();
        }
        assert_eq!(EngineSocket::read(root.path()), None);
        let text = "[Unit]\nListenStream=/no\n[Socket]\n# ListenStream=/comment\nListenStream=/run/docker.sock\n\
            SocketMode=0660\nSocketUser=root\nSocketGroup=docker\n[Install]\nSocketMode=0777\n";
        std::fs::write(units.join("docker.socket"), text).unwrap();
        let plain = EngineSocket::read(root.path()).unwrap();
        assert_eq!(plain.path, Path::new("/run/docker.sock"));
        assert_eq!(plain.access, ["SocketMode=0660", "SocketUser=root", "SocketGroup=docker"]);
        std::fs::write(
            changes.join("a.conf"),
            "[Socket]\nListenStream=\nListenStream=2375\nSocketGroup=ops\n",
        )
        .unwrap();
        std::fs::write(changes.join("b.conf"), "[Socket]\nListenStream=/var/run/d.sock\n").unwrap();
        let read = EngineSocket::read(root.path()).unwrap();
        assert_eq!(read.path, Path::new("/var/run/d.sock"));
        assert_eq!((&*read.others, &*read.access[2]), (&["2375".to_owned()][..], "SocketGroup=ops"));
        assert_eq!(read.aside(), Path::new("/run/vigie-guard/d.sock"));
        assert!(
            read.drop_in()
                .contains("ListenStream=\nListenStream=/run/vigie-guard/d.sock\nListenStream=2375\n")
        );
        std::fs::write(changes.join("c.conf"), "[Socket]\nListenStream=\nListenStream=2375\n").unwrap();
        assert_eq!(EngineSocket::read(root.path()), None, "ports alone are no socket to take");
    }
}
