//! Lets JSON Schemas validate a document where it lies: [`jsonschema::json::Json`] for [`Node`].

use std::borrow::Cow;
use std::cell::Cell;

use jsonschema::JsonType;
use jsonschema::json::{self, Json, JsonNumber, NodeIdentity};
use serde_json::{Number, Value};

use super::arena::{Arena, Kind};
use super::node::{Elements, Members, Node};
use crate::model::Span;

/// The representation [`jsonschema`] is instantiated for; the only one in this crate.
#[derive(Debug)]
pub struct Spanned;

impl Json for Spanned {
    type Node<'a> = Node<'a>;
    type PreparedKey = String;
    type StringBuffer = Arena;

    // A lookup scans the members, so one pass over them replaces many lookups.
    const KEYS_PER_LOOKUP: usize = 8;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Arena, string: &str, f: impl FnOnce(Node<'_>) -> T) -> T {
        buffer.clear();
        buffer.string(Span::default(), Span::new(0, string.len() as u64));
        f(Node::new(buffer, string, 0))
    }
}

thread_local! {
    /// How many more values a validator may look into.
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// What `judge` says, in which a validator looks into values at most `steps` times; `None` where
/// that was not enough. After the last step every value is empty, so that judging ends, and what it
/// says is worth nothing.
pub fn bounded<T>(steps: u64, judge: impl FnOnce() -> T) -> Option<T> {
    let before = LEFT.replace(steps);
    let said = judge();
    let left = LEFT.replace(before);
    (left > 0).then_some(said)
}

/// Whether a validator may look into one more value.
#[inline]
fn may_look() -> bool {
    let left = LEFT.get();
    LEFT.set(left.saturating_sub(1));
    left > 0
}

/// A number as its literal.
#[derive(Debug, Clone, Copy)]
pub struct Literal<'a>(&'a str);

impl JsonNumber for Literal<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(serde_json::from_str(self.0).unwrap_or_else(|_| Number::from(0)))
    }

    fn is_integer(&self) -> bool {
        !self.0.contains(['.', 'e', 'E']) || self.as_f64().is_some_and(|value| value.fract() == 0.0)
    }
}

impl<'a> json::Node<'a, Spanned> for Node<'a> {
    type Object = Node<'a>;
    type Array = Node<'a>;
    type Number = Literal<'a>;

    fn as_object(&self) -> Option<Node<'a>> {
        (self.kind() == Kind::Object && may_look()).then_some(*self)
    }

    fn as_array(&self) -> Option<Node<'a>> {
        (self.kind() == Kind::Array && may_look()).then_some(*self)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.as_str().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<Literal<'a>> {
        self.as_literal().map(Literal)
    }

    fn as_boolean(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    fn json_type(&self) -> JsonType {
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::Boolean => JsonType::Boolean,
            Kind::Number => JsonType::Number,
            Kind::String => JsonType::String,
            Kind::Array => JsonType::Array,
            Kind::Object => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self.as_str(), expected) {
            (Some(own), Value::String(other)) => own == other,
            (Some(_), _) | (None, Value::String(_)) => false,
            _ => jsonschema_equal(self, expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(Node::to_value(self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        let address = std::ptr::from_ref(self.arena()) as usize;
        Some(NodeIdentity::tagged(address, self.slot() as u32))
    }
}

/// Equality for `const` and `enum`: numbers compare as numbers, members in any order.
fn jsonschema_equal(node: &Node<'_>, expected: &Value) -> bool {
    match expected {
        Value::Null => node.kind() == Kind::Null,
        Value::Bool(value) => node.as_bool() == Some(*value),
        Value::String(value) => node.as_str() == Some(value),
        Value::Number(value) => node.as_literal().is_some_and(|literal| {
            match (literal.parse::<i128>().ok(), value.as_i128()) {
                (Some(own), Some(other)) => own == other,
                _ => literal.parse::<f64>().ok() == value.as_f64(),
            }
        }),
        Value::Array(values) => {
            node.kind() == Kind::Array
                && Node::len(node) == values.len()
                && node.elements().zip(values).all(|(own, other)| jsonschema_equal(&own, other))
        }
        Value::Object(values) => {
            node.kind() == Kind::Object
                && Node::len(node) == values.len()
                && values.iter().all(|(key, other)| {
                    Node::get(node, key).is_some_and(|own| jsonschema_equal(&own, other))
                })
        }
    }
}

impl<'a> json::Object<'a, Spanned> for Node<'a> {
    type Node = Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Named<'a>;

    fn len(&self) -> usize {
        Node::len(self)
    }

    fn get(&self, key: &String) -> Option<Node<'a>> {
        Node::get(self, key)
    }

    fn members(&self) -> Named<'a> {
        Named(Node::members(self))
    }
}

/// Members by the text of their keys.
#[derive(Debug)]
pub struct Named<'a>(Members<'a>);

impl<'a> Iterator for Named<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str().unwrap_or_default(), value))
    }
}

impl<'a> json::Array<'a, Spanned> for Node<'a> {
    type Node = Node<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        Node::len(self)
    }

    fn elements(&self) -> Elements<'a> {
        Node::elements(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{JsonOptions, read_json};
    use super::*;

    #[test]
    fn whole_numbers_are_compared_exactly_up_to_64_bits() {
        let equal = |text: &str, expected: Value| {
            let mut arena = Arena::new();
            assert_eq!(read_json(text, &mut arena, JsonOptions::default()), []);
            arena.root(text).is_some_and(|root| json::Node::equals_value(&root, &expected))
        };
        assert!(equal("18446744073709551615", json!(u64::MAX)));
        assert!(!equal("18446744073709551614", json!(u64::MAX)));
        assert!(!equal("9223372036854775807", json!(1_u64 << 63)));
        assert!(equal("1e2", json!(100)));
        assert!(equal("100", json!(100.0)));
    }
}
