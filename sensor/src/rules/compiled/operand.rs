//! Values taken from the event: fields, and what transformers make of them.

use super::getopt::OptString;
use super::transformer::Transformer;
use crate::rules::field::{self, FieldRef, Fields, Flags};
use crate::rules::problem::Problem;
use crate::rules::syntax::{self, SyntaxError};
use crate::rules::value::{Kind, Type, Value};

/// A field or a transformer, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A field.
    Field(FieldRef),
    /// What a transformer makes of its arguments.
    Call(Box<Call>),
}

/// A transformer and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    transformer: Transformer,
    arguments: Box<[Argument]>,
    /// Of `getopt`, the option that is asked for.
    key: Option<u8>,
    /// Of `getopt`, the options, where they are a constant.
    options: Option<OptString>,
    kind: Kind,
}

/// An argument of a transformer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A constant.
    Constant(Value<'static>),
    /// Several arguments as one list.
    List(Box<[Argument]>),
    /// Taken from the event.
    Operand(Operand),
}

impl Operand {
    /// Resolves the names in an operand and checks the types of arguments.
    pub fn compile(written: &syntax::Operand) -> Result<Self, SyntaxError> {
        match written {
            syntax::Operand::Field(name) => {
                let field = field::resolve(&name.name, name.argument.as_deref());
                let field = field.map_err(|error| SyntaxError { at: name.at, problem: error.into() })?;
                Ok(Self::Field(field))
            }
            syntax::Operand::Call(call) => Ok(Self::Call(Box::new(Call::compile(call)?))),
        }
    }

    /// What kind of value it gives.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Field(field) => field.kind(),
            Self::Call(call) => call.kind,
        }
    }

    /// The name of the field that it is, if it is one as it stands.
    pub fn field_name(&self) -> Option<&'static str> {
        match self {
            Self::Field(field) => Some(field.field.name),
            Self::Call(_) => None,
        }
    }

    /// Whether it can be compared with another value of the event, on either side.
    pub fn goes_on_the_right(&self) -> bool {
        match self {
            Self::Field(field) => !field.field.flags.has(Flags::NO_RIGHT),
            Self::Call(_) => true,
        }
    }

    /// Its value for an event.
    pub fn value<'f, F: Fields + ?Sized>(&'f self, fields: &'f F) -> Value<'f> {
        match self {
            Self::Field(field) => fields.value(field),
            Self::Call(call) => call.value(fields),
        }
    }

    /// Calls `visit` with every field in it.
    pub fn each_field<'o>(&'o self, visit: &mut impl FnMut(&'o FieldRef)) {
        match self {
            Self::Field(field) => visit(field),
            Self::Call(call) => call.arguments.iter().for_each(|argument| argument.each_field(visit)),
        }
    }
}

impl Call {
    fn compile(written: &syntax::Call) -> Result<Self, SyntaxError> {
        let refuse = |expected: &str, found: String| SyntaxError {
            at: written.at,
            problem: Problem::Syntax { expected: expected.to_owned(), found },
        };
        let transformer = written.transformer;
        let arguments = written.arguments.iter().map(Argument::compile).collect::<Result<Box<[_]>, _>>()?;
        let kinds: Vec<Kind> = arguments.iter().map(Argument::kind).collect();
        let Some(kind) = transformer.kind(&kinds) else {
            let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
            return Err(refuse(
                transformer.signature(),
                format!("`{}({})`", transformer.name(), kinds.join(", ")),
            ));
        };
        let key = match (transformer, written.key.as_deref()) {
            (_, None) => None,
            (Transformer::Getopt, Some(key)) if key.len() == 1 => key.bytes().next(),
            (Transformer::Getopt, Some(key)) => {
                return Err(refuse("one option character in brackets", format!("`{key}`")));
            }
            (_, Some(key)) => {
                return Err(refuse("nothing in brackets behind this transformer", format!("`{key}`")));
            }
        };
        let options = match (transformer, arguments.get(1)) {
            (Transformer::Getopt, Some(Argument::Constant(Value::Text(text)))) => Some(OptString::new(text)),
            _ => None,
        };
        let kind = if key.is_some() { Kind::one(Type::Text) } else { kind };
        Ok(Self { transformer, arguments, key, options, kind })
    }

    fn value<'f, F: Fields + ?Sized>(&'f self, fields: &'f F) -> Value<'f> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            let value = argument.value(fields);
            if matches!(value, Value::Missing | Value::Pending) {
                return value;
            }
            values.push(value);
        }
        if self.transformer != Transformer::Getopt {
            return self.transformer.apply(values);
        }
        let [Value::List(arguments), options] = &*values else { return Value::Missing };
        match (&self.options, options) {
            (Some(options), _) => options.parse(arguments, self.key),
            (None, Value::Text(text)) => OptString::new(text).parse(arguments, self.key),
            (None, _) => Value::Missing,
        }
    }
}

/// An operand as an argument, which not every field can be.
fn argument(written: &syntax::Operand) -> Result<Operand, SyntaxError> {
    let compiled = Operand::compile(written)?;
    match &compiled {
        Operand::Field(field) if field.field.flags.has(Flags::NO_TRANSFORMER) => Err(SyntaxError {
            at: written.at(),
            problem: Problem::Syntax {
                expected: "a field that goes with transformers".to_owned(),
                found: format!("`{written}`"),
            },
        }),
        Operand::Field(_) | Operand::Call(_) => Ok(compiled),
    }
}

impl Argument {
    fn compile(written: &syntax::Argument) -> Result<Self, SyntaxError> {
        Ok(match written {
            syntax::Argument::Literal(literal) => Self::Constant(Value::Text(literal.bytes.clone().into())),
            syntax::Argument::List(items) => {
                Self::List(items.iter().map(Self::compile).collect::<Result<_, _>>()?)
            }
            syntax::Argument::Operand(operand) => Self::Operand(argument(operand)?),
        })
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Constant(_) => Kind::one(Type::Text),
            Self::List(_) => Kind::list(Type::Text),
            Self::Operand(operand) => operand.kind(),
        }
    }

    fn value<'f, F: Fields + ?Sized>(&'f self, fields: &'f F) -> Value<'f> {
        match self {
            Self::Constant(Value::Text(text)) => Value::text(text),
            Self::Constant(other) => other.clone(),
            Self::Operand(operand) => operand.value(fields),
            Self::List(items) => {
                let values: Vec<_> = items.iter().map(|item| item.value(fields)).collect();
                match values.iter().find(|value| matches!(value, Value::Missing | Value::Pending)) {
                    Some(absent) => absent.clone(),
                    None => Value::List(values),
                }
            }
        }
    }

    fn each_field<'o>(&'o self, visit: &mut impl FnMut(&'o FieldRef)) {
        match self {
            Self::Constant(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.each_field(visit)),
            Self::Operand(operand) => operand.each_field(visit),
        }
    }
}

#[cfg(test)]
#[path = "operand_tests.rs"]
mod tests;
