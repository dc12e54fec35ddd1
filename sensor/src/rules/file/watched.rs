//! The files that a rule watches: a key that Vigie adds to the language.

use super::reader::{Keys, Reader};
use super::source::Fault;

/// The key.
pub(in crate::rules) const KEY: &str = "vigie-watch";

/// What a rule watches. Such a rule is asked about each operation on a watched file, and about no event of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Files, directories with all that is below them, and shell patterns of either.
    pub paths: Vec<String>,
    /// Whether reads are watched, too.
    pub reads: bool,
}

impl Reader<'_> {
    /// Takes the key out.
    pub(in crate::rules) fn watched(&mut self, keys: &mut Keys) -> Result<Option<Watched>, Fault> {
        let Some(node) = keys.take(KEY) else { return Ok(None) };
        let mut keys = self.keys(node, "`paths` and `reads`, such as `{paths: [/etc/ssl], reads: true}`")?;
        let paths = keys.required("paths", "`vigie-watch`")?;
        let absolute = "an absolute path, a pattern of absolute paths, or a list of them";
        let texts = self.texts(&paths, "a list of absolute paths")?;
        if texts.is_empty() || texts.iter().any(|path| !path.starts_with('/')) {
            return Err(self.expected(&paths, absolute));
        }
        let reads = self.flag(&mut keys, "reads")?.unwrap_or_default();
        match keys.rest().first() {
            Some((key, _)) => Err(self.expected(key, "`paths` or `reads`")),
            None => Ok(Some(Watched { paths: texts, reads })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{EventTypes, RuleSet};

    fn load(keys: &str) -> Result<RuleSet, String> {
        let rule = "- rule: r\n  desc: d\n  condition: not proc.name = dpkg\n  output: o %vigie.fim.path\n  \
                    priority: info\n  warn_evttypes: false\n";
        let (rules, warnings) =
            RuleSet::load(&[("f", format!("{rule}{keys}"))]).map_err(|error| error.to_string())?;
        assert_eq!(warnings, []);
        Ok(rules)
    }

    #[test]
    fn a_rule_that_watches_files_is_asked_about_no_event() {
        let rules = load("  vigie-watch: {paths: [/etc/ssl, \"/home/*/.ssh\"], reads: yes}\n").unwrap();
        let paths = vec!["/etc/ssl".to_owned(), "/home/*/.ssh".to_owned()];
        assert_eq!(rules.rules()[0].watched, Some(Watched { paths, reads: true }));
        assert_eq!(rules.event_types(), EventTypes::NONE);
        assert!(rules.judges_nothing());
        assert_eq!(load("").unwrap().rules()[0].watched, None);
    }

    #[test]
    fn what_is_wrong_with_the_key_is_told_with_its_place() {
        for (keys, wanted) in [
            ("  vigie-watch: /etc\n", "f:7:16: error: expected `paths` and `reads`"),
            ("  vigie-watch: {reads: true}\n", "f:7:16: error: `vigie-watch` needs the key `paths`"),
            ("  vigie-watch: {paths: /etc}\n", "f:7:24: error: expected a list of absolute paths"),
            ("  vigie-watch: {paths: [etc]}\n", "f:7:24: error: expected an absolute path"),
            ("  vigie-watch: {paths: []}\n", "f:7:24: error: expected an absolute path"),
            ("  vigie-watch: {paths: [/etc], reads: 7}\n", "f:7:39: error: expected `true` or `false`"),
            ("  vigie-watch: {paths: [/etc], read: yes}\n", "f:7:32: error: expected `paths` or `reads`"),
            ("  vigie-wach: {}\n", "did you mean `vigie-watch`?"),
        ] {
            let message = load(keys).map(|_| ()).unwrap_err();
            assert!(message.contains(wanted), "{keys}: {message}");
        }
    }

    #[test]
    fn a_later_change_of_the_rule_may_change_what_it_watches() {
        let later = "  vigie-watch: {paths: [/a]}\n- rule: r\n  vigie-watch: {paths: [/b]}\n  tags: [x]\n  \
                     override: {tags: append}\n";
        let rules = load(later).unwrap();
        assert_eq!(rules.rules()[0].watched.as_ref().map(|watched| &*watched.paths[0]), Some("/b"));
    }
}
