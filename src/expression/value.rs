//! Values of a document as CEL sees them: scalars borrowed from the text, objects read lazily.

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Sizer};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};

use super::shape::Shape;
use crate::document::{Kind, Node};

/// Longest list an expression reads: two of them, one looped over within the other, take half a
/// minute. Longer lists are records of their own, or keys of a join.
pub(super) const ELEMENTS: usize = 10_000;

/// The value of `node`, which the schema says has `shape`, or why it cannot be read.
pub(super) fn value<'v>(node: Node<'v>, shape: &'v Shape) -> Result<Box<dyn Val + 'v>, String> {
    Ok(match node.kind() {
        Kind::Null => Box::new(CelNull),
        Kind::Boolean => Box::new(CelBool::from(node.as_bool() == Some(true))),
        Kind::Number => match number(node, shape)? {
            Number::Int(whole) => Box::new(CelInt::from(whole)),
            Number::Double(number) => Box::new(CelDouble::from(number)),
        },
        Kind::String => Box::new(CelString::from(node.as_str().unwrap_or_default())),
        Kind::Array => {
            if node.len() > ELEMENTS {
                return Err(format!("has more than {ELEMENTS} elements"));
            }
            let element = shape.element().unwrap_or(&Shape::Any);
            let elements = node.elements().map(|node| value(node, element));
            Box::new(CelList::from(elements.collect::<Result<Vec<_>, _>>()?))
        }
        Kind::Object => Box::new(Record { node, shape }),
    })
}

/// A number as expressions see it.
pub(super) enum Number {
    Int(i64),
    Double(f64),
}

/// Whole numbers are `int`, never `uint`, so that `n + 1` holds; a number that the schema gives a
/// fraction is `double` even when this one has none.
pub(super) fn number(node: Node<'_>, shape: &Shape) -> Result<Number, String> {
    let literal = node.as_literal().unwrap_or_default();
    let fractional = shape.is_fractional();
    let whole = match literal.parse::<i64>() {
        Ok(whole) => Some(whole),
        Err(_) if shape.is_whole() => node.as_i64(),
        Err(_) => None,
    };
    if let (Some(whole), false) = (whole, fractional) {
        return Ok(Number::Int(whole));
    }
    let spelt_whole = !literal.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    match node.as_f64() {
        Some(number) if number.is_finite() && (fractional || !spelt_whole) => {
            Ok(Number::Double(number))
        }
        _ => Err("is a number beyond 64 bits".to_owned()),
    }
}

/// An object of a document.
#[derive(Debug)]
struct Record<'a> {
    node: Node<'a>,
    shape: &'a Shape,
}

impl Val for Record<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(Self { node: self.node, shape: self.shape })
    }
}

impl Indexer for Record<'_> {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = key.downcast_ref::<CelString<'_>>().map_or("", CelString::inner);
        let node = self.node.get(name).ok_or_else(|| ExecutionError::no_such_key(name))?;
        value(node, self.shape.field(name))
            .map(CowVal::Owned)
            .map_err(|reason| ExecutionError::function_error(name, format!("`{name}` {reason}")))
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

impl Container for Record<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        let name = key.downcast_ref::<CelString<'_>>();
        Ok(name.is_some_and(|name| self.node.get(name.inner()).is_some()))
    }
}

impl Sizer for Record<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.node.len()).unwrap_or(i64::MAX))
    }
}
