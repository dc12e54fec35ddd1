//! From rules files to a rule set: collects the items of all files, then compiles what they add up to.

use std::collections::HashMap;

use super::compile::{Compiled, Compiler, MAX_WARNINGS};
use super::event_type::EventTypes;
use super::field::{FieldError, nearest};
use super::items::{self, Item, RuleItem};
use super::lists::Lists;
use super::macros::{Macros, Parsed};
use super::output::Output;
use super::problem::{Concern, Problem};
use super::rule_set::{Rule, RuleSet};
use super::source::{Fault, LoadError, Place, Source, Warning};
use super::unfed;
use super::yaml::excerpt;
use crate::observation;

/// Most text that one load takes, in bytes, over all files.
const MAX_TOTAL_SIZE: usize = 32 << 20;

/// More event types than this deserve a warning, as in Falco.
const MANY_EVENT_TYPES: u32 = 100;

/// The event source of everything that the kernel programs see.
const SYSCALL: &str = "syscall";

/// Loads files in their order. Every error that can be found is reported, not only the first: one per file in
/// its structure, and one per rule or macro in conditions and outputs.
pub(super) fn load(
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

/// The items of all files, the later definitions in the place of the earlier ones.
#[derive(Debug, Default)]
struct Collection {
    lists: Lists,
    macros: Macros,
    rules: Vec<RuleItem>,
    rule_by_name: HashMap<String, usize>,
    warnings: Vec<Warning>,
}

impl Collection {
    fn file(&mut self, name: &str, text: &str, total: usize) -> Result<(), Fault> {
        let source = Source::new(name, text)?;
        if total > MAX_TOTAL_SIZE {
            let what = "bytes of rules files";
            return Err(source.fault(0, Problem::TooLarge { limit: MAX_TOTAL_SIZE, what }));
        }
        for item in items::read(&source, &mut self.warnings)? {
            self.item(item)?;
        }
        Ok(())
    }

    fn warn(&mut self, place: Place, concern: Concern) {
        self.warnings.push(Warning { place, concern });
    }

    /// Warns of a second definition in the same file; in another file it is how rules are adapted.
    fn redefined(&mut self, kind: &'static str, name: &str, earlier: Option<Place>, place: &Place) {
        if earlier.is_some_and(|earlier| earlier.file == place.file) {
            self.warn(place.clone(), Concern::Redefined { kind, name: excerpt(name) });
        }
    }

    fn item(&mut self, item: Item) -> Result<(), Fault> {
        match item {
            Item::List { name, items, place } => {
                let earlier = self.lists.place(&name).cloned();
                self.redefined("list", &name, earlier, &place);
                self.lists.define(&name, items, place);
                Ok(())
            }
            Item::Macro { name, condition, place } => {
                let earlier = self.macros.find(&name).map(|(_, earlier)| earlier.place.clone());
                self.redefined("macro", &name, earlier, &place);
                self.macros.define(&name, condition, place);
                Ok(())
            }
            Item::Rule(rule) => self.rule(*rule),
            Item::Toggle { name, enabled, place } => self.toggle(&name, enabled, place),
        }
    }

    fn rule(&mut self, rule: RuleItem) -> Result<(), Fault> {
        let known = self.rule_by_name.get(&rule.name).copied();
        if let Some(earlier) = known.and_then(|index| self.rules.get_mut(index)) {
            if earlier.source != rule.source {
                return Err(Fault {
                    place: rule.place,
                    problem: Problem::SourceChanged(excerpt(&rule.name)),
                });
            }
            let (name, place) = (rule.name.clone(), rule.place.clone());
            let earlier = std::mem::replace(earlier, rule);
            self.redefined("rule", &name, Some(earlier.place), &place);
        } else {
            self.rule_by_name.insert(rule.name.clone(), self.rules.len());
            self.rules.push(rule);
        }
        Ok(())
    }

    fn toggle(&mut self, name: &str, enabled: bool, place: Place) -> Result<(), Fault> {
        let known = self.rule_by_name.get(name).copied();
        if let Some(rule) = known.and_then(|index| self.rules.get_mut(index)) {
            rule.enabled = enabled;
            return Ok(());
        }
        let suggestion = nearest(name, self.rules.iter().map(|rule| &*rule.name)).map(str::to_owned);
        Err(Fault { place, problem: Problem::UnknownRule { name: excerpt(name), suggestion } })
    }

    fn compile(mut self) -> Result<(RuleSet, Vec<Warning>), LoadError> {
        let macros = std::mem::take(&mut self.macros);
        let lists = &mut self.lists;
        let parsed = macros.macros.iter().map(|one| Parsed::new(one.condition.clone(), lists)).collect();
        let list_names = lists.names().map(str::to_owned).collect();
        let mut compiler = Compiler::new(&macros, parsed, list_names);
        let mut rules = Vec::with_capacity(self.rules.len());
        let mut faults = Vec::new();
        for item in std::mem::take(&mut self.rules) {
            match self.compile_rule(item, &mut compiler) {
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
        self.warnings.extend(unfed::warnings(&rules, &leaves, observation::feeders));
        self.warnings.truncate(MAX_WARNINGS);
        Ok((RuleSet::new(rules, leaves), self.warnings))
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
    fn compile_rule(&mut self, item: RuleItem, compiler: &mut Compiler<'_>) -> Result<Option<Rule>, Fault> {
        if item.source != SYSCALL {
            let wanted = excerpt(&item.source);
            self.warn(item.place, Concern::UnknownSource { rule: excerpt(&item.name), wanted });
            return Ok(None);
        }
        let fault = match self.compile_parts(&item, compiler) {
            Ok((condition, output)) => {
                self.warn_event_types(&item, *condition.holds_for);
                return Ok(Some(finish(item, condition, output)));
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

    fn compile_parts(
        &mut self,
        item: &RuleItem,
        compiler: &mut Compiler<'_>,
    ) -> Result<(Compiled, Output), Fault> {
        let parsed = Parsed::new(item.condition.clone(), &mut self.lists)?;
        let condition = compiler.rule(&parsed)?;
        let output = Output::parse(item.output.text.trim_end())
            .map_err(|(at, problem)| Fault { place: item.output.place(at), problem })?;
        Ok((condition, output))
    }

    fn warn_event_types(&mut self, item: &RuleItem, types: EventTypes) {
        if types.and(EventTypes::OBSERVED).is_empty() {
            self.warn(item.place.clone(), Concern::NeverMatches(excerpt(&item.name)));
        } else if types.count() > MANY_EVENT_TYPES && item.warn_evttypes {
            self.warn(item.place.clone(), Concern::AllEventTypes(excerpt(&item.name)));
        }
    }
}

fn finish(item: RuleItem, compiled: Compiled, output: Output) -> Rule {
    Rule {
        name: item.name,
        desc: item.desc,
        priority: item.priority,
        tags: item.tags,
        source: item.source,
        enabled: item.enabled,
        extra: item.extra,
        place: item.place,
        condition: compiled.condition,
        event_types: *compiled.holds_for,
        output,
    }
}
