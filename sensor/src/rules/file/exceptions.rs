//! The exceptions of rules: tuples of values for which a rule does not hold.
//!
//! An exception becomes text of the rule language that is added to the condition, as in Falco, so that list names in
//! its values mean what they mean elsewhere. Every value is checked to be one, and its text leads back to the file.

use std::sync::Arc;

use super::reader::{Keys, Reader, is_nothing, missing};
use super::source::{Fault, Place};
use super::written::{Scalar, Written};
use super::yaml::{Node, NodeKind, excerpt};
use crate::rules::calls;
use crate::rules::field::{did_you_mean, nearest};
use crate::rules::lists;
use crate::rules::operand::Operand;
use crate::rules::operator::{Modifier, Operator, Side};
use crate::rules::parser;
use crate::rules::problem::{Concern, Problem};
use crate::rules::syntax::{Right, SyntaxError};

/// One exception of a rule.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub place: Place,
    /// What is compared; nothing where only values are added to an earlier exception.
    shape: Option<Shape>,
    values: Vec<Value>,
}

/// What an exception compares.
#[derive(Clone, Debug)]
enum Shape {
    /// `fields` is one field, and `values` are its values.
    One(Column),
    /// `fields` is a list, and so is each of the `values`.
    Several(Vec<Column>),
}

/// A field and how it is compared.
#[derive(Clone, Debug)]
struct Column {
    field: Arc<Scalar>,
    comparator: Comparator,
}

/// An operator, with a modifier if there is one.
#[derive(Clone, Debug)]
struct Comparator {
    text: String,
    /// Whether a list stands behind it.
    takes_list: bool,
}

/// A value, or several.
#[derive(Clone, Debug)]
enum Value {
    One(Arc<Scalar>),
    Several(Vec<Value>, Place),
}

/// Most exceptions of one rule; each may have many values.
pub(in crate::rules) const MAX_EXCEPTIONS: usize = 1000;

/// Puts exceptions to a condition; `None` if they have no effect.
pub fn guard(condition: &Written, exceptions: &[Exception]) -> Result<Option<Written>, Fault> {
    let mut guarded = Written::default();
    guarded.glue("(");
    guarded.concat(condition);
    guarded.glue(")");
    let plain = guarded.text.len();
    for exception in exceptions {
        exception.add_to(&mut guarded)?;
    }
    Ok(Some(guarded).filter(|guarded| guarded.text.len() > plain))
}

/// Adds exceptions to those of a rule: values to the ones of the same name.
pub fn append(known: &mut Vec<Exception>, more: Vec<Exception>) -> Result<(), Fault> {
    for exception in more {
        let count = known.len();
        match known.iter_mut().find(|known| known.name == exception.name) {
            Some(earlier) if exception.shape.is_none() => earlier.values.extend(exception.values),
            Some(_) => return Err(exception.refuse("only `values`, for it exists already", "`fields`")),
            None if exception.shape.is_none() => return Err(exception.missing("fields")),
            None if exception.values.is_empty() => return Err(exception.missing("values")),
            None if count >= MAX_EXCEPTIONS => {
                let problem = Problem::TooMany { limit: MAX_EXCEPTIONS, what: "exceptions in one rule" };
                return Err(Fault { place: exception.place, problem });
            }
            None => known.push(exception),
        }
    }
    Ok(())
}

impl Exception {
    fn refuse(&self, expected: impl Into<String>, found: impl Into<String>) -> Fault {
        self.refuse_at(self.place.clone(), expected, found)
    }

    fn refuse_at(&self, place: Place, expected: impl Into<String>, found: impl Into<String>) -> Fault {
        let problem =
            Problem::Exception { name: excerpt(&self.name), expected: expected.into(), found: found.into() };
        Fault { place, problem }
    }

    fn missing(&self, key: &'static str) -> Fault {
        missing(&self.place, key, &format!("exception `{}`", excerpt(&self.name)), None)
    }

    fn columns(&self) -> &[Column] {
        match &self.shape {
            Some(Shape::One(column)) => std::slice::from_ref(column),
            Some(Shape::Several(columns)) => columns,
            None => &[],
        }
    }

    /// Checks that its fields exist, whether or not it has values.
    pub fn check_fields(&self) -> Result<(), Fault> {
        for Column { field, .. } in self.columns() {
            let operand = calls::whole(&field.text).and_then(|operand| Operand::compile(&operand));
            operand.map_err(|SyntaxError { at, problem }| field.fault(at, problem))?;
        }
        Ok(())
    }

    /// Adds `and not ...` to a condition in brackets.
    fn add_to(&self, out: &mut Written) -> Result<(), Fault> {
        let Some(shape) = self.shape.as_ref().filter(|_| !self.values.is_empty()) else { return Ok(()) };
        out.glue(" and not (");
        match shape {
            Shape::One(column) => self.one(column, out)?,
            Shape::Several(columns) => self.rows(columns, out)?,
        }
        out.glue(")");
        Ok(())
    }

    /// `field in (value, value)`
    fn one(&self, column: &Column, out: &mut Written) -> Result<(), Fault> {
        column.start(out);
        self.items(&self.values, "one value, for `fields` is one field", out)
    }

    /// `(a, b)`
    fn items(&self, values: &[Value], expected: &str, out: &mut Written) -> Result<(), Fault> {
        out.glue("(");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                out.glue(", ");
            }
            match value {
                Value::One(scalar) => item(scalar, out)?,
                Value::Several(_, place) => return Err(self.refuse_at(place.clone(), expected, "a list")),
            }
        }
        out.glue(")");
        Ok(())
    }

    /// `(a = x and b in (y)) or (a = z and b in (w))`
    fn rows(&self, columns: &[Column], out: &mut Written) -> Result<(), Fault> {
        for (index, row) in self.values.iter().enumerate() {
            out.glue(if index > 0 { " or (" } else { "(" });
            for (index, (column, cell)) in columns.iter().zip(self.cells(columns, row)?).enumerate() {
                out.glue(if index > 0 { " and " } else { "" });
                self.cell(column, cell, out)?;
            }
            out.glue(")");
        }
        Ok(())
    }

    fn cells<'v>(&self, columns: &[Column], row: &'v Value) -> Result<&'v [Value], Fault> {
        let expected = || format!("{} values, one for each of its `fields`", columns.len());
        match row {
            Value::Several(cells, _) if cells.len() == columns.len() => Ok(cells),
            Value::Several(cells, place) => {
                Err(self.refuse_at(place.clone(), expected(), cells.len().to_string()))
            }
            Value::One(scalar) => {
                let found = format!("`{}`", excerpt(&scalar.text));
                Err(self.refuse_at(scalar.place(0), format!("a list of {}", expected()), found))
            }
        }
    }

    fn cell(&self, column: &Column, cell: &Value, out: &mut Written) -> Result<(), Fault> {
        column.start(out);
        match cell {
            Value::One(scalar) if column.comparator.takes_list => list(scalar, out),
            Value::One(scalar) => single(scalar, out),
            Value::Several(values, _) if column.comparator.takes_list => self.items(values, "one value", out),
            Value::Several(_, place) => {
                let expected = format!("one value for `{}`", column.comparator.text);
                Err(self.refuse_at(place.clone(), expected, "a list"))
            }
        }
    }
}

impl Column {
    fn start(&self, out: &mut Written) {
        out.copy(Arc::clone(&self.field));
        out.glue(&format!(" {} ", self.comparator.text));
    }
}

impl Comparator {
    /// Reads an operator that takes a value, with a modifier behind it if there is one.
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (operator, modifier) = match *words.as_slice() {
            [operator] => (Operator::find(operator)?, None),
            [operator, modifier] => (Operator::find(operator)?, Some(Modifier::find(modifier)?)),
            _ => return None,
        };
        let fits = operator != Operator::Exists && (modifier.is_none() || operator.takes_modifier());
        let takes_list = modifier.is_some() || operator.right() == Side::Many;
        fits.then(|| Self { text: words.join(" "), takes_list })
    }
}

/// A value within a list.
fn item(scalar: &Arc<Scalar>, out: &mut Written) -> Result<(), Fault> {
    match lists::quoted(&scalar.text) {
        None => out.copy(Arc::clone(scalar)),
        Some(_) if is_quoted(&scalar.text) => {
            checked(scalar, parser::one_value(&scalar.text))?;
            out.copy(Arc::clone(scalar));
        }
        Some(quoted) => out.stand_in(&quoted, Arc::clone(scalar)),
    }
    Ok(())
}

/// A text for an operator that takes a list: a list in brackets as a condition has it, or one value.
fn list(scalar: &Arc<Scalar>, out: &mut Written) -> Result<(), Fault> {
    if scalar.text.starts_with('(') {
        checked(scalar, parser::values(&scalar.text))?;
        out.copy(Arc::clone(scalar));
        return Ok(());
    }
    out.glue("(");
    item(scalar, out)?;
    out.glue(")");
    Ok(())
}

/// A text for an operator that takes one value, which may be `val(field)` or a transformer.
fn single(scalar: &Arc<Scalar>, out: &mut Written) -> Result<(), Fault> {
    let text = &scalar.text;
    if is_quoted(text) {
        checked(scalar, parser::one_value(text))?;
        out.copy(Arc::clone(scalar));
    } else if matches!(parser::one_value(text), Ok(Right::Operand(_)))
        || lists::quoted(text).is_none() && !text.contains(',')
    {
        out.copy(Arc::clone(scalar));
    } else {
        out.stand_in(&lists::quote(text), Arc::clone(scalar));
    }
    Ok(())
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\''])
}

fn checked<T>(scalar: &Scalar, parsed: Result<T, SyntaxError>) -> Result<T, Fault> {
    parsed.map_err(|SyntaxError { at, problem }| scalar.fault(at, problem))
}

impl Reader<'_> {
    /// Reads the exceptions of a rule, or what is appended to them.
    pub(in crate::rules) fn exceptions(
        &mut self,
        node: Node,
        appended: bool,
    ) -> Result<Vec<Exception>, Fault> {
        if is_nothing(&node) {
            return Ok(Vec::new());
        }
        let mut exceptions: Vec<Exception> = Vec::new();
        for node in self.elements(node, "a list of exceptions")? {
            let exception = self.exception(node, appended)?;
            if exceptions.iter().any(|other| other.name == exception.name) {
                let concern = Concern::ExceptionRepeated(excerpt(&exception.name));
                self.warnings.push(super::source::Warning { place: exception.place.clone(), concern });
            }
            if exceptions.len() >= MAX_EXCEPTIONS {
                let problem = Problem::TooMany { limit: MAX_EXCEPTIONS, what: "exceptions in one rule" };
                return Err(Fault { place: exception.place, problem });
            }
            exceptions.push(exception);
        }
        Ok(exceptions)
    }

    fn exception(&mut self, node: Node, appended: bool) -> Result<Exception, Fault> {
        let mut keys = self.keys(node, "an exception with a `name`")?;
        let name = keys.required("name", "an exception")?;
        let place = name.place(self.source);
        let name = self.text(&name, "a name")?.to_owned();
        let mut exception = Exception { name, place, shape: None, values: Vec::new() };
        exception.shape = self.shape(&mut keys, &exception)?;
        if exception.shape.is_none() && !appended {
            return Err(missing(
                &keys.start,
                "fields",
                &format!("exception `{}`", excerpt(&exception.name)),
                None,
            ));
        }
        match keys.take("values") {
            Some(values) if !is_nothing(&values) => {
                let values = self.elements(values, "a list of values")?;
                exception.values =
                    values.into_iter().map(|value| self.value(value)).collect::<Result<_, _>>()?;
            }
            Some(_) | None if appended => self.warnings.push(super::source::Warning {
                place: exception.place.clone(),
                concern: Concern::AppendWithoutValues(excerpt(&exception.name)),
            }),
            Some(_) | None => {}
        }
        self.unknown_keys(&keys, "rule's exception", &["name", "fields", "comps", "values"]);
        Ok(exception)
    }

    /// Reads `fields` and `comps`.
    fn shape(&self, keys: &mut Keys, exception: &Exception) -> Result<Option<Shape>, Fault> {
        let comps = keys.take("comps");
        let Some(fields) = keys.take("fields") else {
            return match comps {
                Some(comps) => {
                    let place = comps.place(self.source);
                    Err(exception.refuse_at(place, "`fields` beside `comps`, or `values` only", "`comps`"))
                }
                None => Ok(None),
            };
        };
        if let NodeKind::Sequence(fields) = fields.kind {
            return self.several(fields, comps, exception).map(Shape::Several).map(Some);
        }
        let field = self.field(fields)?;
        let comparator = match comps {
            Some(node) => self.comparator(&node, true)?,
            None => Comparator { text: "in".to_owned(), takes_list: true },
        };
        Ok(Some(Shape::One(Column { field, comparator })))
    }

    fn several(
        &self,
        fields: Vec<Node>,
        comps: Option<Node>,
        exception: &Exception,
    ) -> Result<Vec<Column>, Fault> {
        let Some(comps) = comps else {
            let equal = || Comparator { text: "=".to_owned(), takes_list: false };
            let columns = fields.into_iter().map(|field| self.field(field));
            return columns.map(|field| Ok(Column { field: field?, comparator: equal() })).collect();
        };
        let place = comps.place(self.source);
        let comps = self.elements(comps, "a list of operators, for `fields` is a list")?;
        if comps.len() != fields.len() {
            let expected = format!("{} `comps`, one for each of its `fields`", fields.len());
            return Err(exception.refuse_at(place, expected, comps.len().to_string()));
        }
        let columns = fields.into_iter().zip(&comps);
        columns
            .map(|(field, comp)| {
                Ok(Column { field: self.field(field)?, comparator: self.comparator(comp, false)? })
            })
            .collect()
    }

    fn field(&self, node: Node) -> Result<Arc<Scalar>, Fault> {
        let scalar = self.scalar(node, "a field")?;
        checked(&scalar, calls::whole(&scalar.text))?;
        Ok(Arc::new(scalar))
    }

    fn comparator(&self, node: &Node, only_lists: bool) -> Result<Comparator, Fault> {
        const LISTS: &str = "`in`, `pmatch`, `intersects` or an operator with `oneof`, `anyof` or `allof`";
        const ANY: &str = "an operator that takes a value";
        let expected = if only_lists { LISTS } else { ANY };
        let text = self.text(node, expected)?;
        let comparator = Comparator::parse(text).filter(|found| found.takes_list || !only_lists);
        comparator.ok_or_else(|| {
            let first = text.split_ascii_whitespace().next().unwrap_or_default();
            let meant = nearest(first, Operator::WORDS.iter().map(|(word, _)| *word));
            let found = node.describe() + &did_you_mean(meant.filter(|word| *word != first));
            node.fault(self.source, Problem::Expected { expected, found })
        })
    }

    fn value(&self, node: Node) -> Result<Value, Fault> {
        let place = node.place(self.source);
        if let NodeKind::Sequence(nodes) = node.kind {
            let values = nodes.into_iter().map(|node| self.value(node)).collect::<Result<_, _>>()?;
            return Ok(Value::Several(values, place));
        }
        self.scalar(node, "a value; write '\"\"' for an empty one").map(|scalar| Value::One(Arc::new(scalar)))
    }
}

#[cfg(test)]
#[path = "exceptions_tests.rs"]
mod tests;
