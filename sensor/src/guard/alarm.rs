//! The rules by whose names is told what no request is judged for: who goes past the guard, and what has no single reading.

use crate::rules::{Fields, Rendered, Rule, RuleSet};

const PAST: &str = "\
- rule: Connection to a container engine past the guard
  desc: >
    A process other than the guard, and the programs that need it, connected to the socket of a container engine, or was
    refused to. Whoever may write there is root on the host.
  condition: evt.type = connect
  output: >
    Connection to a container engine past the guard (socket=%fd.name user=%user.name uid=%user.uid login=%user.loginname
    session=%vigie.session.id process=%proc.name pid=%proc.pid exe=%proc.exepath command=%proc.cmdline
    parent=%proc.pname container=%container.id container_name=%container.name image=%container.image.repository)
  priority: Critical
  tags: [host, container, process, mitre_privilege_escalation, T1611]
";

const REFUSED: &str = "\
- rule: Docker request with no single reading
  desc: >
    What a client sent to the Docker socket means nothing, more than one thing, or is longer than anything that is judged.
    Such requests are made to be read in one way by who judges them, and in another by the engine.
  source: docker
  condition: docker.operation exists
  output: >
    Docker request with no single reading (user=%user.name uid=%user.uid login=%user.loginname
    session=%vigie.session.id process=%proc.name pid=%proc.pid exe=%proc.exepath command=%proc.cmdline
    parent=%proc.pname container=%container.id container_name=%container.name image=%container.image.repository)
  priority: Warning
  tags: [host, container, process, mitre_defense_evasion, T1562.001]
";

/// One of these rules.
#[derive(Debug)]
pub struct Alarm(RuleSet);

impl Alarm {
    /// Somebody goes to the engine past the guard.
    pub fn past_guard() -> Self {
        Self::of(PAST)
    }

    /// What a client sent is refused unjudged.
    pub fn refused() -> Self {
        Self::of(REFUSED)
    }

    /// The rules load as they are, which a test holds.
    fn of(text: &str) -> Self {
        Self(RuleSet::load(&[("guard", text)]).map(|(rules, _)| rules).unwrap_or_default())
    }

    /// The rule, and its output for a caller.
    pub fn ring<C: Fields>(&self, caller: &C) -> Option<(&Rule, Rendered)> {
        self.0.rules().first().map(|rule| (rule, rule.render_output(caller)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_load() {
        for alarm in [Alarm::past_guard(), Alarm::refused()] {
            assert_eq!(alarm.0.rules().len(), 1);
        }
    }
}
