//! How urgent the alerts of a rule are.

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// The system is unusable.
    Emergency,
    /// Act at once.
    Alert,
    /// A critical condition.
    Critical,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// Normal and worth a look.
    Notice,
    /// For the record.
    Informational,
    /// For debugging.
    Debug,
}

impl Priority {
    /// All, the most urgent first; a number in a rule is a place in it.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Informational,
        Self::Debug,
    ];

    /// Its name, as alerts show it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emergency => "Emergency",
            Self::Alert => "Alert",
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Notice => "Notice",
            Self::Informational => "Informational",
            Self::Debug => "Debug",
        }
    }

    /// Reads a name in any case, or a number from 0 to 7.
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("info") {
            return Some(Self::Informational);
        }
        let by_name = Self::ALL.into_iter().find(|priority| priority.name().eq_ignore_ascii_case(text));
        by_name.or_else(|| Self::ALL.get(text.parse::<usize>().ok()?).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        for (number, priority) in Priority::ALL.into_iter().enumerate() {
            assert_eq!(Priority::parse(&number.to_string()), Some(priority));
            assert_eq!(Priority::parse(&priority.name().to_uppercase()), Some(priority));
        }
        assert_eq!(Priority::parse("info"), Some(Priority::Informational));
        for text in ["", "8", "-1", "urgent"] {
            assert_eq!(Priority::parse(text), None, "{text}");
        }
        assert!(Priority::Emergency < Priority::Debug);
    }
}
