//! From rules files to a rule set: collects the items of all files, then compiles what they add up to.

use std::collections::HashSet;

use super::collection::Collection;
use super::exceptions::{self, Exception};
use super::items::{self, RuleItem};
use super::origin::Origin;
use super::source::{Fault, LoadError, MAX_TOTAL_SIZE, Source, Warning};
use super::written::Written;
use super::yaml::{self, Node, excerpt};
use crate::rules::compile::{Compiled, Compiler, MAX_WARNINGS, MAX_WARNINGS_OF_ONE};
use crate::rules::event_type::EventTypes;
use crate::rules::field::FieldError;
use crate::rules::hints;
use crate::rules::macros::{Macros, Parsed};
use crate::rules::output::Output;
use crate::rules::problem::{Concern, Problem};
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::shadow::Shadows;

/// Most rules of one load.
pub(in crate::rules) const MAX_RULES: usize = 10_000;
/// Most YAML values of one load; one costs about a hundred bytes of memory.
const MAX_VALUES: usize = 200_000;
/// Most comparisons and names of macros that the conditions of one load may hold as they are written, lists expanded.
pub(in crate::rules) const MAX_TERMS: usize = 100_000;
/// Most comparisons of all rules, macros put in. What looks at every rule's condition takes time by them.
pub(in crate::rules) const MAX_CHECKS: usize = 500_000;

/// More event types than this deserve a warning, as in Falco.
const MANY_EVENT_TYPES: u32 = 100;

/// Loads files in their order. Every error that can be found is reported, not only the first: one per file in
/// its structure, and one per rule or macro in conditions and outputs.
pub(in crate::rules) fn load(
    files: &[(impl AsRef<str>, impl AsRef<str>)],
) -> Result<(RuleSet, Vec<Warning>), LoadError> {
    let mut collection = Collection::default();
    let mut faults = Vec::new();
    let mut total = 0_usize;
    for (name, text) in files {
        total = total.saturating_add(text.as_ref().len());
        if let Err(fault) = collection.file(name.as_ref(), text.as_ref(), total) {
            faults.push(fault);
        }
    }
    if faults.is_empty() { collection.compile() } else { Err(error(faults)) }
}

fn error(mut faults: Vec<Fault>) -> LoadError {
    let mut kept: Vec<Fault> = Vec::new();
    for fault in faults.drain(..) {
        // A broken macro breaks every rule that names it, and is said once.
        if kept.len() < LoadError::MAX_FAULTS && !kept.contains(&fault) {
            kept.push(fault);
        }
    }
    LoadError { faults: kept }
}

impl Collection {
    fn file(&mut self, name: &str, text: &str, total: usize) -> Result<(), Fault> {
        let source = Source::new(name, text)?;
        if total > MAX_TOTAL_SIZE {
            return Err(source.fault(0, Problem::FilesTooLarge));
        }
        let documents = yaml::parse(&source)?;
        self.values += documents.iter().map(Node::count).sum::<usize>();
        if self.values > MAX_VALUES {
            let what = "YAML values in the files up to here; load fewer at once";
            return Err(source.fault(0, Problem::TooMany { limit: MAX_VALUES, what }));
        }
        for item in items::read(&source, documents, &mut self.warnings)? {
            self.add(item)?;
        }
        Ok(())
    }

    fn compile(mut self) -> Result<(RuleSet, Vec<Warning>), LoadError> {
        let macros = std::mem::take(&mut self.macros);
        let parsed: Vec<_> = macros.macros.iter().map(|one| self.parse(one.condition.clone())).collect();
        let list_names = self.lists.names().map(str::to_owned).collect();
        self.hint_macros(&parsed);
        let mut compiler = Compiler::new(&macros, parsed, list_names);
        let mut rules = Vec::with_capacity(self.rules.len());
        let mut shadows = Shadows::default();
        let mut faults = Vec::new();
        for item in std::mem::take(&mut self.rules) {
            match self.compile_rule(item, &mut compiler, &mut shadows) {
                Ok(rule) => rules.extend(rule),
                Err(fault) if faults.contains(&fault) => {}
                Err(fault) => faults.push(fault),
            }
            if faults.len() >= LoadError::MAX_FAULTS {
                break;
            }
        }
        self.warnings.append(&mut compiler.warnings);
        let leaves = std::mem::take(&mut compiler.leaves);
        let (unused, broken) = compiler.unused();
        faults.extend(broken);
        if !faults.is_empty() {
            return Err(error(faults));
        }
        self.warn_unused(&macros, &unused);
        self.warnings.truncate(MAX_WARNINGS);
        let mut rules = RuleSet::new(rules, leaves);
        rules.required_engine = self.required_engine;
        Ok((rules, self.warnings))
    }

    fn hint(&mut self, parsed: &Parsed) {
        for (at, concern) in hints::in_condition(&parsed.tree).into_iter().take(MAX_WARNINGS_OF_ONE) {
            if self.warnings.len() >= MAX_WARNINGS {
                return;
            }
            self.warn(parsed.place(at), concern);
        }
    }

    fn hint_macros(&mut self, parsed: &[Result<Parsed, Fault>]) {
        parsed.iter().flatten().for_each(|parsed| self.hint(parsed));
    }

    fn warn_unused(&mut self, macros: &Macros, unused: &[usize]) {
        for one in unused.iter().filter_map(|index| macros.macros.get(*index)) {
            self.warn(one.place.clone(), Concern::Unused { kind: "macro", name: excerpt(&one.name) });
        }
        for list in self.lists.unused() {
            let concern = Concern::Unused { kind: "list", name: excerpt(&list.name) };
            self.warnings.push(Warning { place: list.place.clone(), concern });
        }
    }

    /// Compiles one rule, unless it has to be skipped.
    fn compile_rule(
        &mut self,
        item: RuleItem,
        compiler: &mut Compiler<'_>,
        shadows: &mut Shadows,
    ) -> Result<Option<Rule>, Fault> {
        let Some(origin) = Origin::from_name(&item.source) else {
            let wanted = excerpt(&item.source);
            self.warn(item.place, Concern::UnknownSource { rule: excerpt(&item.name), wanted });
            return Ok(None);
        };
        let fault = match self.compile_parts(&item, compiler) {
            Ok((parsed, condition, output)) => {
                let misplaced = |problem| Fault { place: item.place.clone(), problem };
                origin.check_keys(&item).map_err(misplaced)?;
                origin.check_fields(&condition, &output, &compiler.leaves).map_err(misplaced)?;
                self.look_at(&item, &parsed, condition.holds_for.and(origin.event_types()), shadows);
                return Ok(Some(finish(item, condition, output, origin)));
            }
            Err(fault) => fault,
        };
        if let Problem::Field(error @ FieldError::Unknown { .. }) = &fault.problem
            && item.skip_if_unknown_filter
        {
            let concern = Concern::UnknownFilter { rule: excerpt(&item.name), error: error.clone() };
            self.warn(fault.place, concern);
            return Ok(None);
        }
        Err(fault)
    }

    /// Parses a condition, if there have not been too many comparisons before it.
    fn parse(&mut self, written: Written) -> Result<Parsed, Fault> {
        let parsed = Parsed::new(written, &mut self.lists)?;
        self.terms += parsed.tree.terms();
        if self.terms > MAX_TERMS {
            let what = "comparisons and names of macros in all conditions; load fewer rules at once";
            return Err(parsed.fault(0, Problem::TooMany { limit: MAX_TERMS, what }));
        }
        Ok(parsed)
    }

    fn compile_parts(
        &mut self,
        item: &RuleItem,
        compiler: &mut Compiler<'_>,
    ) -> Result<(Parsed, Compiled, Output), Fault> {
        let parsed = self.parse_condition(item)?;
        let condition = compiler.rule(&parsed)?;
        self.checks = self.checks.saturating_add(condition.checks());
        if self.checks > MAX_CHECKS {
            let what = "comparisons in all rules, macros put in; use fewer nested macros or fewer rules";
            return Err(parsed.fault(0, Problem::TooMany { limit: MAX_CHECKS, what }));
        }
        Ok((parsed, condition, self.parse_output(&item.output)?))
    }

    /// Parses the condition of a rule and what its exceptions make of it.
    fn parse_condition(&mut self, item: &RuleItem) -> Result<Parsed, Fault> {
        // It has to stand on its own, so that a bracket that is missing cannot be one of those put around it.
        let plain = self.parse(item.condition.clone())?;
        item.exceptions.iter().try_for_each(Exception::check_fields)?;
        match exceptions::guard(&item.condition, &item.exceptions)? {
            Some(guarded) => self.parse(guarded),
            None => Ok(plain),
        }
    }

    fn parse_output(&mut self, written: &Written) -> Result<Output, Fault> {
        let text = written.text.trim();
        let start = written.text.len() - written.text.trim_start().len();
        let output = Output::parse(text)
            .map_err(|(at, problem)| Fault { place: written.place(start + at), problem })?;
        for (name, _) in output.fields() {
            if let Some(concern) = hints::deprecated(name) {
                let at = written.text.find(&**name).unwrap_or_default();
                self.warn(written.place(at), concern);
            }
        }
        Ok(output)
    }

    /// Warns of what is odd about a rule that compiles.
    fn look_at(&mut self, item: &RuleItem, parsed: &Parsed, types: EventTypes, shadows: &mut Shadows) {
        self.hint(parsed);
        self.warn_event_types(item, types);
        // Of two rules with an action and one condition, the first decides and both may be meant.
        if item.enabled
            && item.action.is_none()
            && let Some(concern) = shadows.add(&item.name, &parsed.tree)
        {
            self.warn(item.place.clone(), concern);
        }
    }

    fn warn_event_types(&mut self, item: &RuleItem, types: EventTypes) {
        if types.and(EventTypes::OBSERVED.or(EventTypes::REQUESTS)).is_empty() {
            self.warn(item.place.clone(), Concern::NeverMatches(excerpt(&item.name)));
        } else if types.count() > MANY_EVENT_TYPES && item.warn_evttypes {
            self.warn(item.place.clone(), Concern::AllEventTypes(excerpt(&item.name)));
        }
    }
}

/// Tags that were given twice, once. Only here: to look at all of them each time some are added would take long.
fn each_once(mut tags: Vec<String>) -> Vec<String> {
    let mut known = HashSet::new();
    tags.retain(|tag| known.insert(tag.clone()));
    tags
}

fn finish(item: RuleItem, compiled: Compiled, output: Output, origin: Origin) -> Rule {
    Rule {
        name: item.name,
        desc: item.desc,
        priority: item.priority,
        tags: each_once(item.tags),
        source: item.source,
        enabled: item.enabled,
        notes: item.notes,
        watched: item.watched,
        action: item.action,
        place: item.place,
        condition: compiled.condition,
        event_types: match origin {
            Origin::Syscall => *compiled.holds_for,
            Origin::Docker => compiled.holds_for.and(origin.event_types()),
        },
        origin,
        output,
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod limits_tests;
