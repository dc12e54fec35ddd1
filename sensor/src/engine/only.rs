//! What a recording is restricted to.

use std::str::FromStr;

use sensor_common::event::Kind;

use crate::{
    observation::types_of,
    rules::{EventType, EventTypes},
};

/// Names of the domains of events, with the high byte of the ids of their kinds.
const DOMAINS: [(&str, u16); 6] =
    [("process", 1), ("file", 2), ("network", 3), ("credential", 4), ("kernel", 5), ("container", 6)];

/// Event types, by their names or by that of their domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Only(pub EventTypes);

impl FromStr for Only {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let domain = DOMAINS.iter().find(|(known, _)| *known == name).map(|(_, domain)| of_domain(*domain));
        let event = || EventType::from_name(name).filter(|event| event.is_observed());
        let types = domain.or_else(|| event().map(|event| [event].into_iter().collect()));
        types.map(Self).ok_or_else(|| {
            let domains = DOMAINS.map(|(name, _)| name).join(", ");
            format!("expected an event type such as connect, or one of {domains}")
        })
    }
}

fn of_domain(domain: u16) -> EventTypes {
    let kinds = Kind::ALL.iter().filter(|kind| **kind as u16 >> 8 == domain);
    kinds.fold(EventTypes::NONE, |all, kind| all.or(types_of(*kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_domains_are_known_by_name() {
        let Only(network) = "network".parse().unwrap();
        assert!(network.contains(EventType::CONNECT) && !network.contains(EventType::OPENAT));
        let Only(one) = "unlinkat".parse().unwrap();
        assert_eq!(one.iter().collect::<Vec<_>>(), [EventType::UNLINKAT]);
        assert!("zebra".parse::<Only>().unwrap_err().contains("process, file, network"));
        assert!("semop".parse::<Only>().is_err(), "no event of ours");
    }
}
