//! What rules speak of: fields, event types, and the values and types that they have.

pub mod decimal;
pub mod event_type;
pub mod field;
pub mod priority;
pub(crate) mod services;
pub mod value;
