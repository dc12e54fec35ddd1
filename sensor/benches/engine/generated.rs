//! Rules made by number: as many as an organisation with thousands of them has, and of the shapes that people write.

use std::fmt::Write as _;

/// What the rules share.
const HEAD: &str = "\
- list: shells
  items: [ash, bash, csh, ksh, sh, tcsh, zsh, dash]
- list: package_managers
  items: [apt, apt-get, dpkg, dnf, rpm, yum, apk, pip, npm, cargo]
- macro: open_read
  condition: (evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.num>=0)
- macro: open_write
  condition: (evt.type in (open, openat, openat2) and evt.is_open_write=true and fd.num>=0)
- macro: spawned_process
  condition: (evt.type in (execve, execveat))
- macro: container
  condition: (container.id != host)
- macro: known_maintenance
  condition: (proc.pname in (cron, anacron, ansible, systemd) and proc.name in (package_managers))
";

/// Words that paths, programs and arguments are made of.
const WORDS: [&str; 16] = [
    "vault", "ledger", "billing", "audit", "backup", "mirror", "relay", "agent", "session", "token",
    "metrics", "export", "invoice", "catalog", "courier", "archive",
];

/// A rules file with `count` rules; the same one each time.
pub(crate) fn rules(count: usize) -> String {
    let mut text = HEAD.to_owned();
    for number in 0..count {
        // Writing to a text cannot fail.
        write!(text, "{}", Rule { number }).ok();
    }
    text
}

struct Rule {
    number: usize,
}

impl Rule {
    fn word(&self, stride: usize) -> &'static str {
        WORDS.get(self.number / stride % WORDS.len()).copied().unwrap_or_default()
    }

    /// One of eight shapes: a type of event, what is looked for, and what is known to be harmless.
    fn condition(&self) -> String {
        let number = self.number;
        let [first, second] = [self.word(1), self.word(7)];
        match number % 8 {
            0 => format!(
                "open_read and fd.name startswith /srv/{first}/{second}-{number}/ and not proc.name in (shells)"
            ),
            1 => format!(
                "open_write and container and fd.name = /etc/{first}/{second}{number}.conf and not known_maintenance"
            ),
            2 => format!(
                "spawned_process and proc.name in ({first}-{number}, {second}ctl{number}, {first}{second}{number})"
            ),
            3 => format!(
                "spawned_process and proc.cmdline contains \"--{first}-{second}{number}\" and not proc.pname in (shells) \
                 and not user.name = {second}"
            ),
            4 => format!(
                "open_read and fd.name endswith /.{first}-{second}{number} and not proc.name in (ssh, git, {second})"
            ),
            5 => format!(
                "spawned_process and container and proc.exepath startswith /opt/{first}/{number}/ \
                 and not container.image.repository in (docker.io/library/{first}, registry.example.org/{second})"
            ),
            6 => format!(
                "open_write and fd.directory in (/var/lib/{first}-{number}, /var/cache/{second}-{number}) \
                 and not proc.aname in (systemd-{first}, {second}d) and not known_maintenance"
            ),
            _ => format!(
                "spawned_process and proc.name in (shells) and proc.pname in ({first}{number}, {second}{number}) \
                 and (container or user.uid = 0) and not proc.cmdline contains {second}-healthcheck"
            ),
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = self.number;
        writeln!(f, "- rule: Generated {number}\n  desc: Made by number.")?;
        writeln!(f, "  condition: >\n    {}", self.condition())?;
        writeln!(
            f,
            "  output: seen (user=%user.name process=%proc.name command=%proc.cmdline file=%fd.name)"
        )?;
        writeln!(f, "  priority: notice\n  tags: [generated, {}]", self.word(3))
    }
}
