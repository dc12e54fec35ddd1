//! What comes of a request.

use std::sync::Arc;

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
    /// What has to be known again once the engine has answered.
    type Memory: Default + Send + Sync;

    /// Decides on a request.
    fn judge(
        &self,
        request: &Request,
        caller: &Caller,
    ) -> impl Future<Output = (Verdict, Self::Memory)> + Send;

    /// Looks at the container that the engine made of a request, before the client is told of it. Gives why the client
    /// must not have it, where it must not.
    fn made(
        &self,
        request: &Request,
        caller: &Caller,
        memory: &Self::Memory,
        id: &str,
    ) -> impl Future<Output = Option<String>> + Send;
}

impl<Caller: Sync, J: Judge<Caller>> Judge<Caller> for Arc<J> {
    type Memory = J::Memory;

    async fn judge(&self, request: &Request, caller: &Caller) -> (Verdict, Self::Memory) {
        (**self).judge(request, caller).await
    }

    async fn made(
        &self,
        request: &Request,
        caller: &Caller,
        memory: &Self::Memory,
        id: &str,
    ) -> Option<String> {
        (**self).made(request, caller, memory, id).await
    }
}
