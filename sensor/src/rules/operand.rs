//! Values taken from the event: fields, and what transformers make of them.

use super::field::{self, FieldRef, Fields};
use super::problem::Problem;
use super::syntax::{self, SyntaxError};
use super::value::{Kind, Value};

/// A field or a transformer, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A field.
    Field(FieldRef),
}

impl Operand {
    /// Resolves the names in an operand.
    pub fn compile(written: &syntax::Operand) -> Result<Self, SyntaxError> {
        match written {
            syntax::Operand::Field(name) => {
                let field = field::resolve(&name.name, name.argument.as_deref());
                let field = field.map_err(|error| SyntaxError { at: name.at, problem: error.into() })?;
                Ok(Self::Field(field))
            }
            syntax::Operand::Call(call) => Err(SyntaxError {
                at: call.at,
                problem: Problem::NotSupported(format!("the transformer `{}`", call.transformer.name())),
            }),
        }
    }

    /// What kind of value it gives.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Field(field) => field.kind(),
        }
    }

    /// Its value for an event.
    pub fn value<'f, F: Fields + ?Sized>(&'f self, fields: &'f F) -> Value<'f> {
        match self {
            Self::Field(field) => fields.value(field),
        }
    }

    /// Calls `visit` with every field in it.
    pub fn each_field<'o>(&'o self, visit: &mut impl FnMut(&'o FieldRef)) {
        match self {
            Self::Field(field) => visit(field),
        }
    }
}
