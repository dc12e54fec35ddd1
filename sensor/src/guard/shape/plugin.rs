//! What is sent about plugins of the engine.

use super::{Shape, members};

/// `POST /plugins/pull` and `/plugins/{name}/upgrade`: the privileges that are granted.
pub const PRIVILEGES: Shape =
    Shape::List(&Shape::Struct(&[members! { "Name": Text, "Description": Text, "Value": list }]));

/// `POST /plugins/{name}/set`.
pub const SETTINGS: Shape = super::LIST_OF_TEXTS;
