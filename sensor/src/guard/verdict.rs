//! What comes of a request.

use super::Request;

/// Whether a request may reach the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allow,
    /// It may not.
    Deny {
        /// The rule that says so.
        rule: String,
        /// Why, for the client.
        reason: String,
    },
}

/// Who decides. `Caller` is what is known of the client.
pub trait Judge<Caller>: Send + Sync {
    /// Decides on a request.
    fn judge(&self, request: &Request, caller: &Caller) -> impl Future<Output = Verdict> + Send;
}
