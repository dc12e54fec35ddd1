//! What comes of a request.

use std::sync::Arc;
use std::time::SystemTime;

use super::{Json, Operation, Request};

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

/// When the engine made a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Then.
    Made(SystemTime),
    /// There is no such container.
    Missing,
    /// It does not say.
    Unknown,
}

/// Who decides. `Caller` is what is known of the client.
pub trait Judge<Caller>: Send + Sync + 'static {
    /// What has to be known again once the engine has answered.
    type Memory: Default + Send + Sync + 'static;

    /// Writes into the body of a request what the guard says itself, before it is judged.
    fn stamp(&self, _operation: &'static Operation, _body: &mut Json, _caller: &Caller) {}

    /// Decides on a request.
    fn judge(
        &self,
        request: &Request,
        caller: &Caller,
    ) -> impl Future<Output = (Verdict, Self::Memory)> + Send;

    /// Looks at the container that the engine made of a request, before anybody uses it. Gives why it is gone again,
    /// where nobody must.
    fn made(
        &self,
        request: &Request,
        caller: &Caller,
        memory: &Self::Memory,
        id: &str,
    ) -> impl Future<Output = Option<String>> + Send;

    /// When the container of this name, id, or beginning of an id was made.
    fn age(&self, name: &str) -> impl Future<Output = Age> + Send;
}

impl<Caller: Sync, J: Judge<Caller>> Judge<Caller> for Arc<J> {
    type Memory = J::Memory;

    fn stamp(&self, operation: &'static Operation, body: &mut Json, caller: &Caller) {
        (**self).stamp(operation, body, caller);
    }

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

    async fn age(&self, name: &str) -> Age {
        (**self).age(name).await
    }
}
