//! What a rules file requires of the engine and of plugins.

use super::reader::{Keys, Reader, scalar};
use super::source::Fault;
use super::version::{self, Version};
use super::yaml::{Node, excerpt};
use crate::rules::problem::{Concern, Problem};

/// The plugins of Falco whose fields are built in, with the version that they are compatible with.
const BUILT_IN: [(&str, Version, &str); 1] = [("container", Version(0, 7, 1), "0.7.1")];

/// One plugin that a file requires, or an alternative to it.
struct Requirement {
    name: String,
    text: String,
    version: Version,
}

impl Requirement {
    fn built_in(&self) -> Option<(Version, &'static str)> {
        BUILT_IN.iter().find(|(name, ..)| *name == self.name).map(|(_, version, text)| (*version, *text))
    }

    fn is_met(&self) -> bool {
        self.built_in().is_some_and(|(version, _)| self.version.is_met_by(version))
    }

    /// Why it is not met.
    fn concern(&self) -> Concern {
        match self.built_in() {
            Some((_, built_in)) => {
                Concern::PluginTooOld { name: excerpt(&self.name), required: excerpt(&self.text), built_in }
            }
            None => Concern::Plugin(excerpt(&self.name)),
        }
    }
}

impl Reader<'_> {
    /// Checks the engine version that a file requires, and gives it.
    pub(in crate::rules) fn engine_version(&self, required: &Node) -> Result<Version, Fault> {
        let Some(version) = scalar(required).and_then(version::required) else {
            return Err(self.expected(required, "a number, or a version such as 0.50.0"));
        };
        if version.is_met_by(version::ENGINE) {
            return Ok(version);
        }
        let required_text = excerpt(scalar(required).unwrap_or_default());
        let problem = Problem::EngineTooOld { required: required_text, engine: version::ENGINE_TEXT };
        Err(required.fault(self.source, problem))
    }

    /// Reads the plugins that a file requires. One that is missing is warned about and is no error: rules that
    /// need its fields say so themselves.
    pub(in crate::rules) fn plugins(&mut self, required: Node) -> Result<(), Fault> {
        for plugin in self.elements(required, "a list of plugins")? {
            let start = plugin.clone();
            let mut keys = self.keys(plugin, "a plugin's `name` and `version`")?;
            let alternatives = keys.take("alternatives");
            let mut any = vec![self.requirement(keys)?];
            for node in alternatives
                .map_or_else(|| Ok(Vec::new()), |node| self.elements(node, "a list of alternative plugins"))?
            {
                self.alternative(node, &mut any)?;
            }
            if !any.iter().any(Requirement::is_met)
                && let Some(first) = any.first()
            {
                self.warn(&start, first.concern());
            }
        }
        Ok(())
    }

    fn alternative(&mut self, node: Node, any: &mut Vec<Requirement>) -> Result<(), Fault> {
        let keys = self.keys(node, "a plugin's `name` and `version`")?;
        let start = keys.start.clone();
        let requirement = self.requirement(keys)?;
        if any.iter().any(|other| other.name == requirement.name) {
            return Err(Fault { place: start, problem: Problem::PluginTwice(excerpt(&requirement.name)) });
        }
        any.push(requirement);
        Ok(())
    }

    fn requirement(&mut self, mut keys: Keys) -> Result<Requirement, Fault> {
        let name = keys.required("name", "a plugin requirement")?;
        let name = self.text(&name, "a plugin's name")?.to_owned();
        let node = keys.required("version", "a plugin requirement")?;
        let text = self.text(&node, "a version such as 0.4.0")?.to_owned();
        let Some(version) = Version::parse(&text) else {
            return Err(self.expected(&node, "a version such as 0.4.0"));
        };
        self.unknown_keys(&keys, "plugin requirement", &["name", "version", "alternatives"]);
        Ok(Requirement { name, text, version })
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::RuleSet;

    fn load(plugins: &str) -> Result<Vec<String>, String> {
        match RuleSet::load(&[("f", format!("- required_plugin_versions:\n{plugins}"))]) {
            Ok((_, warnings)) => Ok(warnings.iter().map(ToString::to_string).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn what_is_built_in_is_there_and_the_rest_is_warned_about() {
        assert_eq!(load("  - {name: container, version: 0.4.0}\n"), Ok(Vec::new()));
        let missing = "f:2:5: warning: plugin `k8smeta` is not available; its fields are unknown";
        assert_eq!(load("  - {name: k8smeta, version: 0.4.0}\n"), Ok(vec![missing.to_owned()]));
        let newer = load("  - {name: container, version: 0.99.0}\n").unwrap().concat();
        assert!(newer.contains("plugin `container` 0.99.0 is required"), "{newer}");
        assert!(load("  - {name: container, version: 1.0.0}\n").unwrap().concat().contains("1.0.0"));
    }

    #[test]
    fn one_alternative_is_enough() {
        let text = "  - name: k8smeta\n    version: 0.1.0\n    alternatives:\n      - {name: container, version: 0.2.0-rc1}\n";
        assert_eq!(load(text), Ok(Vec::new()));
        let none = text.replace("container", "json");
        assert!(load(&none).unwrap().concat().contains("`k8smeta` is not available"));
    }

    #[test]
    fn broken_requirements_are_refused_where_they_stand() {
        for (text, wanted) in [
            ("   x\n", "expected a list of plugins"),
            ("  - x\n", "f:2:5: error: expected a plugin's `name` and `version`"),
            ("  - {name: a}\n", "f:2:5: error: a plugin requirement needs the key `version`"),
            ("  - {version: 0.1.0}\n", "f:2:5: error: a plugin requirement needs the key `name`"),
            ("  - {name: a, version: 1}\n", "f:2:24: error: expected a version such as 0.4.0, found `1`"),
            ("  - {name: a, version: 0.1.0, alternatives: x}\n", "expected a list of alternative plugins"),
            (
                "  - name: a\n    version: 0.1.0\n    alternatives:\n      - {name: a, version: 0.2.0}\n",
                "f:5:9: error: plugin `a` is named twice in one requirement",
            ),
        ] {
            let message = load(text).unwrap_err();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
