//! The rule by whose name attempts past the guard are told.

use crate::rules::{Fields, Rendered, Rule, RuleSet};

/// The rule's name.
pub const RULE: &str = "Connection to a container engine past the guard";

const TEXT: &str = "\
- rule: Connection to a container engine past the guard
  desc: >
    A process other than the guard, and the programs that need it, connected to the socket of a container engine, or was
    refused to. Whoever may write there is root on the host.
  condition: evt.type = connect
  output: >
    Connection to a container engine past the guard (socket=%fd.name user=%user.name uid=%user.uid login=%user.loginname
    process=%proc.name pid=%proc.pid exe=%proc.exepath command=%proc.cmdline parent=%proc.pname container=%container.id
    container_name=%container.name image=%container.image.repository)
  priority: Critical
  tags: [host, container, process, mitre_privilege_escalation, T1611]
";

/// The rule. It loads as it is, which a test holds.
#[derive(Debug)]
pub struct Alarm(RuleSet);

impl Default for Alarm {
    fn default() -> Self {
        Self(RuleSet::load(&[("guard", TEXT.to_owned())]).map(|(rules, _)| rules).unwrap_or_default())
    }
}

impl Alarm {
    /// The rule, and its output for a caller.
    pub fn ring<C: Fields>(&self, caller: &C) -> Option<(&Rule, Rendered)> {
        self.0.rules().first().map(|rule| (rule, rule.render_output(caller)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_loads() {
        let alarm = Alarm::default();
        assert_eq!(alarm.0.rules().iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), [RULE]);
    }
}
