//! The rule sets that the engine is measured with.

use std::path::PathBuf;

use anyhow::Result;
use sensor::rules::{RuleSet, files, policies};

use crate::generated;

/// Where rules come from.
#[derive(Clone, Debug)]
pub(crate) enum Set {
    /// The default policies.
    Policies,
    /// All rules files of a directory.
    Directory(PathBuf),
    /// So many rules made by number.
    Generated(usize),
}

impl Set {
    /// Names and texts of its files.
    pub(crate) fn texts(&self) -> Result<Vec<(String, String)>> {
        Ok(match self {
            Self::Policies => policies::DEFAULT
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            Self::Directory(directory) => files::read_rules(std::slice::from_ref(directory))?,
            Self::Generated(count) => vec![("generated.yaml".to_owned(), generated::rules(*count))],
        })
    }
}

/// Compiles rules files.
pub(crate) fn load(texts: &[(String, String)]) -> Result<RuleSet> {
    Ok(RuleSet::load(texts)?.0)
}
