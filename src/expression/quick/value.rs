//! The values of the quick way: borrowed from the document or the expression where they can be.

use std::borrow::Cow;
use std::cmp::Ordering;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString};
use cel::common::value::Val;

use super::{Arithmetic, Equality, Order};
use crate::document::{Kind, Node};
use crate::expression::shape::Shape;
use crate::expression::value::{ELEMENTS, Number, number};
use crate::model::looks_alike;

/// A value, borrowed from the document or the expression where it can be.
#[derive(Debug, Clone)]
pub(in crate::expression) enum Value<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'v, str>),
    /// A list of the document.
    Elements(Node<'v>, &'v Shape),
    Object(Node<'v>, &'v Shape),
    /// A list of a parameter.
    Given(&'v [Value<'v>]),
    /// A list that was put together here.
    Made(Vec<Value<'v>>),
}

/// A value that compares by what it is: no list or object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Plain<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(&'v str),
}

impl Value<'static> {
    /// The same without a copy of texts and lists.
    pub(super) fn lent(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Made(values) => Value::Given(values),
            value => value.clone(),
        }
    }
}

impl Value<'_> {
    /// Whether it compares by what it is: no `null`, list or object.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Text(_))
    }

    pub(super) fn plain(&self) -> Option<Plain<'_>> {
        Some(match self {
            Value::Null => Plain::Null,
            Value::Bool(value) => Plain::Bool(*value),
            Value::Int(value) => Plain::Int(*value),
            Value::Double(value) => Plain::Double(*value),
            Value::Text(text) => Plain::Text(text),
            Value::Elements(..) | Value::Object(..) | Value::Given(_) | Value::Made(_) => {
                return None;
            }
        })
    }

    pub(super) fn whole(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }
}

/// A value that is looked for in a list.
pub(super) struct Search<'s> {
    pub(super) value: Plain<'s>,
    /// Whether an element that only looks the same is no answer.
    pub(super) alike: bool,
    pub(super) found: bool,
    pub(super) like: bool,
}

impl Search<'_> {
    pub(super) fn see(&mut self, element: Plain<'_>) {
        self.found |= same(self.value, element);
        self.like |= self.alike && look_alike(self.value, element);
    }

    pub(super) fn see_any(&mut self, element: &Value<'_>) -> Option<()> {
        // An object equals no plain value; whether a list can be read is not known yet.
        if !matches!(element, Value::Object(..)) {
            self.see(element.plain()?);
        }
        Some(())
    }

    pub(super) fn told(&self) -> Option<bool> {
        if self.like && !self.found { None } else { Some(self.found) }
    }
}

impl Equality {
    pub(super) fn holds(self, left: Plain<'_>, right: Plain<'_>) -> Option<bool> {
        let equal = match (left, right) {
            (Plain::Text(left), Plain::Text(right)) => left == right,
            _ if self.strict => compare(left, right)?.is_eq(),
            _ => same(left, right),
        };
        if self.alike && !equal && look_alike(left, right) {
            return None;
        }
        Some(equal == self.wanted)
    }
}

impl Order {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

pub(super) fn of_node<'v>(node: Node<'v>, shape: &'v Shape) -> Option<Value<'v>> {
    Some(match node.kind() {
        Kind::Array => Value::Elements(node, shape),
        Kind::Object => Value::Object(node, shape),
        _ => match plain_of(node, || shape)? {
            Plain::Null => Value::Null,
            Plain::Bool(value) => Value::Bool(value),
            Plain::Int(value) => Value::Int(value),
            Plain::Double(value) => Value::Double(value),
            Plain::Text(text) => Value::Text(Cow::Borrowed(text)),
        },
    })
}

/// `shape` is looked for where the value is a number: it says how to read one.
pub(super) fn plain_of<'v, 's>(
    node: Node<'v>,
    shape: impl FnOnce() -> &'s Shape,
) -> Option<Plain<'v>> {
    Some(match node.kind() {
        Kind::Null => Plain::Null,
        Kind::Boolean => Plain::Bool(node.as_bool()?),
        Kind::Number => match number(node, shape()).ok()? {
            Number::Int(value) => Plain::Int(value),
            Number::Double(value) => Plain::Double(value),
        },
        Kind::String => Plain::Text(node.as_str()?),
        Kind::Array | Kind::Object => return None,
    })
}

/// A parameter, where the quick way knows such values.
pub(in crate::expression) fn given(value: &dyn Val) -> Option<Value<'static>> {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return Some(Value::Text(Cow::Owned(text.inner().to_owned())));
    }
    if let Some(value) = value.downcast_ref::<CelInt>() {
        return Some(Value::Int(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelBool>() {
        return Some(Value::Bool(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelDouble>() {
        return Some(Value::Double(*value.inner()));
    }
    let list = value.downcast_ref::<CelList<'_>>()?;
    Some(Value::Made(list.inner().iter().map(|value| given(&**value)).collect::<Option<_>>()?))
}

/// The elements of a list of the document, where they can be read.
pub(super) fn read_elements<'v>(
    node: Node<'v>,
    shape: &'v Shape,
) -> Option<impl Iterator<Item = Option<Value<'v>>>> {
    let element = shape.element().unwrap_or(&Shape::Any);
    // Whether the elements of an element can be read is not known yet.
    let flat = |node: Node<'_>| node.kind() != Kind::Array;
    let read = move |node| of_node(node, element).filter(|_| flat(node));
    (node.len() <= ELEMENTS).then(|| node.elements().map(read))
}

/// Most texts that are compared in pairs; more are left to the interpreter.
const PAIRWISE: usize = 64;

/// The texts of a list without repetitions; no answer where two of them only look the same.
pub(super) fn distinct(values: Vec<Value<'_>>) -> Option<Vec<Value<'_>>> {
    let mut kept: Vec<Value<'_>> = Vec::new();
    for value in values {
        let Value::Text(text) = &value else { return None };
        let mut new = true;
        for known in &kept {
            let Value::Text(known) = known else { return None };
            if looks_alike(known, text) {
                return None;
            }
            new &= known != text;
        }
        if new {
            kept.push(value);
        }
        if kept.len() > PAIRWISE {
            return None;
        }
    }
    Some(kept)
}

/// How two values of one kind stand to each other.
pub(super) fn compare(left: Plain<'_>, right: Plain<'_>) -> Option<Ordering> {
    match (left, right) {
        (Plain::Int(left), Plain::Int(right)) => Some(left.cmp(&right)),
        (Plain::Int(left), Plain::Double(right)) => (left as f64).partial_cmp(&right),
        (Plain::Double(left), Plain::Int(right)) => left.partial_cmp(&(right as f64)),
        (Plain::Double(left), Plain::Double(right)) => left.partial_cmp(&right),
        (Plain::Text(left), Plain::Text(right)) => Some(left.cmp(right)),
        (Plain::Bool(left), Plain::Bool(right)) => Some(left.cmp(&right)),
        _ => None,
    }
}

/// Whether two values are equal; values of different kinds are not. `null` equals `null`.
pub(super) fn same(left: Plain<'_>, right: Plain<'_>) -> bool {
    match (left, right) {
        (Plain::Null, Plain::Null) => true,
        // Most are told apart by their lengths.
        (Plain::Text(left), Plain::Text(right)) => left == right,
        _ => compare(left, right).is_some_and(Ordering::is_eq),
    }
}

/// Whether two texts differ only in how they are spelled, which is for the interpreter to refuse.
pub(super) fn look_alike(left: Plain<'_>, right: Plain<'_>) -> bool {
    matches!((left, right), (Plain::Text(left), Plain::Text(right)) if looks_alike(left, right))
}

pub(super) fn whole(operator: Arithmetic, left: i64, right: i64) -> Option<i64> {
    match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    }
}

pub(super) fn arithmetic<'v>(
    operator: Arithmetic,
    left: Value<'v>,
    right: Value<'v>,
) -> Option<Value<'v>> {
    Some(match (left, right) {
        (Value::Int(left), Value::Int(right)) => Value::Int(whole(operator, left, right)?),
        (Value::Double(left), Value::Double(right)) => Value::Double(match operator {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
            Arithmetic::Remainder => return None,
        }),
        (Value::Text(left), Value::Text(right)) if matches!(operator, Arithmetic::Add) => {
            Value::Text(Cow::Owned(left.into_owned() + &right))
        }
        _ => return None,
    })
}
