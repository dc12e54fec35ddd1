//! Which hooks are worth their cost: those that report what a loaded rule can use, and those that identity needs.

use sensor_common::event::{Kind, hook::Hook};

use crate::{
    decode::call_type,
    observation::types_of,
    rules::{EventType, EventTypes, Field, RuleSet},
};

/// Fields of domain names, and the types of the events that they are learnt from.
const DOMAIN_NAMES: [&str; 4] = ["fd.cip.name", "fd.sip.name", "fd.lip.name", "fd.rip.name"];
const RECEIVED: EventTypes =
    EventTypes::NONE.with(EventType::RECVFROM).with(EventType::RECVMSG).with(EventType::RECVMMSG);

/// What a hook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Processes and containers are known by it, whatever the rules are.
    Identity,
    /// Rules on events of these types can use it.
    Types(EventTypes),
}

/// What a hook is for.
pub(crate) fn use_of(kind: Kind, hook: &Hook) -> Use {
    let identity = matches!(
        kind,
        Kind::ProcessFork
            | Kind::ProcessExec
            | Kind::ProcessExit
            | Kind::ProcessGroup
            | Kind::CgroupMkdir
            | Kind::CgroupAttachTask
            | Kind::CgroupRmdir
    );
    match call_type(hook.target) {
        _ if identity => Use::Identity,
        // Rights from nowhere are told by what does not account for them.
        Some(event) if kind == Kind::CredentialSetid && hook.target.contains("sys_exit_") => {
            Use::Types([event, EventType::COMMIT_CREDS].into_iter().collect())
        }
        Some(event) => Use::Types([event].into_iter().collect()),
        None => Use::Types(types_of(kind)),
    }
}

/// The types of events that rules need: those that they match, and those that the names of addresses are learnt from.
pub(super) fn types_needed(rules: &RuleSet) -> EventTypes {
    let is_name = |field: &Field| DOMAIN_NAMES.contains(&field.name);
    let learnt_from = if rules.asks_for(is_name) { RECEIVED } else { EventTypes::NONE };
    rules.event_types().or(learnt_from)
}

/// Whether rules on events of these types can use what a hook reports.
pub(super) fn is_wanted(kind: Kind, hook: &Hook, types: EventTypes) -> bool {
    match use_of(kind, hook) {
        Use::Identity => true,
        Use::Types(reported) => !reported.and(types).is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(types: EventTypes) -> Vec<&'static str> {
        let of_kind = |kind: &'static Kind| {
            kind.hooks().iter().filter(move |hook| is_wanted(*kind, hook, types)).map(|hook| hook.program)
        };
        Kind::ALL.iter().flat_map(of_kind).collect()
    }

    #[test]
    fn without_rules_only_processes_and_containers_are_watched() {
        let expected = [
            "sched_process_fork",
            "sched_process_exec",
            "sched_process_exit",
            "sys_exit_setsid",
            "sys_exit_setpgid",
            "cgroup_mkdir",
            "cgroup_attach_task",
            "cgroup_rmdir",
        ];
        assert_eq!(programs(EventTypes::NONE), expected);
    }

    #[test]
    fn a_rule_on_one_call_switches_on_that_call_alone() {
        let unlinkat: EventTypes = [EventType::UNLINKAT].into_iter().collect();
        let on = programs(unlinkat);
        assert!(on.contains(&"sys_exit_unlinkat"));
        assert!(!on.contains(&"sys_exit_unlink") && !on.contains(&"do_filp_open"), "{on:?}");
    }

    #[test]
    fn any_open_needs_the_hooks_that_see_all_of_them() {
        let creat: EventTypes = [EventType::CREAT].into_iter().collect();
        let on = programs(creat);
        assert!(on.contains(&"do_filp_open") && on.contains(&"sys_exit_creat"));
        assert!(!on.contains(&"sys_exit_openat"));
    }

    #[test]
    fn names_of_addresses_are_learnt_only_where_a_rule_asks_for_them() {
        let needed = |condition: &str, output: &str| {
            let text = format!(
                "- rule: r\n  desc: d\n  condition: evt.type = connect and {condition}\n  output: {output}\n  priority: INFO\n"
            );
            types_needed(&RuleSet::load(&[("r.yaml", text)]).unwrap().0)
        };
        let connect = EventTypes::NONE.with(EventType::CONNECT);
        assert_eq!(needed("fd.sport = 80", "x"), connect);
        assert_eq!(needed("fd.sip.name = a.example", "x"), connect.or(RECEIVED));
        assert_eq!(needed("fd.sport = 80", "x %fd.rip.name"), connect.or(RECEIVED));
    }

    #[test]
    fn a_recording_has_every_hook() {
        let all: usize = Kind::ALL.iter().map(|kind| kind.hooks().len()).sum();
        assert_eq!(programs(EventTypes::OBSERVED).len(), all);
    }
}
