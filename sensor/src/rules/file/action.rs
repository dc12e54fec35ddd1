//! What a rule decides about the request that it matches: a key that Vigie adds to the language.

use super::reader::{Keys, Reader, scalar};
use super::source::Fault;

/// The key.
pub(in crate::rules) const KEY: &str = "action";

/// What a rule decides about a request to the Docker socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It does not reach the engine.
    Deny,
    /// It reaches the engine, whatever later rules say.
    Allow,
}

impl Action {
    /// How it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allow => "allow",
        }
    }
}

impl Reader<'_> {
    /// Takes the key out.
    pub(in crate::rules) fn action(&self, keys: &mut Keys) -> Result<Option<Action>, Fault> {
        let Some(node) = keys.take(KEY) else { return Ok(None) };
        match scalar(&node) {
            Some("deny") => Ok(Some(Action::Deny)),
            Some("allow") => Ok(Some(Action::Allow)),
            Some(_) | None => Err(self.expected(&node, "`deny` or `allow`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::example::Example;
    use crate::rules::{EventType, EventTypes, RuleSet, Scratch};

    fn load(source: &str, condition: &str, keys: &str) -> Result<RuleSet, String> {
        let text = format!(
            "- rule: r\n  desc: d\n  condition: {condition}\n  output: o %proc.name\n  priority: info\n{source}{keys}"
        );
        let (rules, warnings) = RuleSet::load(&[("f", text)]).map_err(|error| error.to_string())?;
        assert_eq!(warnings, []);
        Ok(rules)
    }

    const DOCKER: &str = "  source: docker\n";

    #[test]
    fn rules_of_docker_may_decide() {
        let action =
            |keys: &str| load(DOCKER, "docker.operation = build", keys).map(|rules| rules.rules()[0].action);
        assert_eq!(action("  action: deny\n"), Ok(Some(Action::Deny)));
        assert_eq!(action("  action: allow\n"), Ok(Some(Action::Allow)));
        assert_eq!(action(""), Ok(None));
        for wrong in ["kill", "[deny]", "true", "Deny"] {
            let message = action(&format!("  action: {wrong}\n")).unwrap_err();
            assert!(message.contains("f:7:11: error: expected `deny` or `allow`"), "{message}");
        }
    }

    #[test]
    fn a_later_item_may_change_what_a_rule_decides() {
        let later = "  action: deny\n- rule: r\n  source: docker\n  action: allow\n  tags: [x]\n  override: {tags: append}\n";
        let rules = load(DOCKER, "docker.operation = build", later).unwrap();
        assert_eq!(rules.rules()[0].action, Some(Action::Allow));
    }

    #[test]
    fn no_other_rule_decides_anything() {
        for source in ["", "  source: syscall\n"] {
            let message = load(source, "evt.type = open", "  action: deny\n").map(|_| ()).unwrap_err();
            assert!(message.contains("`action` is for rules with `source: docker`"), "{message}");
        }
    }

    #[test]
    fn rules_of_docker_see_requests_and_nothing_else() {
        let rules = load(DOCKER, "docker.operation = build and proc.name = make", "").unwrap();
        assert_eq!(rules.rules()[0].event_types(), EventTypes::REQUESTS);
        assert_eq!(rules.event_types(), EventTypes::NONE);
        let rules = load("", "not proc.name = make", "  warn_evttypes: false\n").unwrap();
        let judged =
            |event| rules.evaluate(event, &Example::default(), &mut Scratch::default()).matches.len();
        assert_eq!((judged(EventType::OPEN), judged(EventType::PLUGIN)), (1, 0));
    }

    #[test]
    fn fields_of_the_other_source_are_refused() {
        let message = load("", "evt.type = open and docker.operation = build", "").map(|_| ()).unwrap_err();
        assert!(message.contains("field `docker.operation` is for rules with `source: docker`"), "{message}");
        for field in ["fd.name", "vigie.fim.path", "evt.res"] {
            let message = load(DOCKER, &format!("docker.operation = build and {field} = x"), "")
                .map(|_| ())
                .unwrap_err();
            let wanted = format!("rules with `source: docker` have no field `{field}`");
            assert!(message.contains(&wanted), "{message}");
        }
        let output = "- rule: r\n  desc: d\n  condition: docker.operation = build\n  output: o %fd.name\n  priority: info\n  source: docker\n";
        assert!(RuleSet::load(&[("f", output)]).unwrap_err().to_string().contains("have no field `fd.name`"));
        let watching = load(DOCKER, "docker.operation = build", "  vigie-watch: {paths: [/etc]}\n")
            .map(|_| ())
            .unwrap_err();
        assert!(watching.contains("`vigie-watch` is not for rules with `source: docker`"), "{watching}");
    }
}
