//! Reading a [`Node`] into a type through serde, with the place of everything that goes wrong, and
//! of every value that asks for its place by being [`Located`].

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, U64Deserializer};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::arena::Kind;
use super::node::{Elements, Members, Node};
use crate::model::Span;

/// Reads the value at `node` as a `T`.
///
/// `null` and an absent member are `None`; numbers must fit the type they are read as.
///
/// # Errors
///
/// The first thing that does not fit `T`, at its place.
pub fn from_node<'a, T: Deserialize<'a>>(node: Node<'a>) -> Result<T, DeError> {
    T::deserialize(At(node)).map_err(|unplaced| unplaced.into_error(node))
}

/// A value that does not fit the type it was to be read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeError {
    /// The bytes of the value; of the whole object, where a member is missing.
    pub span: Span,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
}

impl fmt::Display for DeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DeError {}

/// A value with the bytes it was read from.
///
/// Reads from a [`Node`] only: other deserializers know no places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its bytes.
    pub span: Span,
}

// Names no type outside can have: they tell the deserializer that a place is asked for.
const LOCATED: &str = "$tickmark::Located";
const FIELDS: &[&str] = &["$start", "$end", "$value"];

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(LOCATED, FIELDS, LocatedVisitor(PhantomData))
    }
}

struct LocatedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LocatedVisitor<T> {
    type Value = Located<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Located<T>, A::Error> {
        let mut ends = [0; 2];
        for (end, field) in ends.iter_mut().zip(FIELDS) {
            let (name, at) = map.next_entry::<&str, u64>()?.unwrap_or_default();
            if name != *field {
                return Err(de::Error::custom("the value has no place"));
            }
            *end = at;
        }
        let Some((_, value)) = map.next_entry::<&str, T>()? else {
            return Err(de::Error::custom("the value has no place"));
        };
        let span = Span::new(ends[0], ends[1]);
        Ok(Located { value, span })
    }
}

/// An error on its way out, which takes the place of the innermost value it passes.
#[derive(Debug)]
struct Unplaced {
    span: Option<Span>,
    message: String,
}

impl Unplaced {
    fn placed(mut self, node: Node<'_>) -> Self {
        self.span.get_or_insert(node.span());
        self
    }

    fn into_error(self, node: Node<'_>) -> DeError {
        DeError {
            span: self.span.unwrap_or(node.span()),
            message: self.message,
        }
    }
}

impl fmt::Display for Unplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unplaced {}

impl de::Error for Unplaced {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            span: None,
            message: message.to_string(),
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {found}"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {found}"))
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "{found:?} is not one of {}",
            expected.join(", ")
        ))
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "`{}` is not known here: known are {}",
            found.escape_debug(),
            expected.join(", ")
        ))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("`{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::custom(format_args!("`{field}` stands here twice"))
    }
}

/// The deserializer of one value.
#[derive(Clone, Copy)]
struct At<'a>(Node<'a>);

impl<'a> At<'a> {
    fn number<V: Visitor<'a>>(self, literal: &str, visitor: V) -> Result<V::Value, Unplaced> {
        if let Ok(value) = literal.parse::<u64>() {
            return visitor.visit_u64(value);
        }
        // A whole number that a float spells, such as `1.0`, still reads as an integer.
        if let Some(value) = self.0.as_i64() {
            return visitor.visit_i64(value);
        }
        match literal.parse::<f64>() {
            Ok(value) if value.is_finite() => visitor.visit_f64(value),
            _ => Err(de::Error::custom(format_args!(
                "the number {literal} is out of range"
            ))),
        }
    }

    fn variant<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let node = self.0;
        let (name, content) = match (node.kind(), node.members().next()) {
            (Kind::String, _) => (node, None),
            (Kind::Object, Some((key, value))) if node.len() == 1 => (key, Some(value)),
            (Kind::Object, _) => {
                let message = "expected an object with one member, which names the variant";
                return Err(de::Error::custom(message));
            }
            _ => {
                let message = "expected a string, or an object with one member";
                return Err(de::Error::custom(message));
            }
        };
        visitor.visit_enum(Choice { name, content })
    }
}

impl<'de> Deserializer<'de> for At<'de> {
    type Error = Unplaced;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let node = self.0;
        match node.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Boolean => visitor.visit_bool(node.as_bool().unwrap_or_default()),
            Kind::Number => self.number(node.as_literal().unwrap_or_default(), visitor),
            Kind::String => visitor.visit_borrowed_str(node.as_str().unwrap_or_default()),
            Kind::Array => {
                let mut elements = Sequence(node.elements());
                let value = visitor.visit_seq(&mut elements);
                match elements.0.next() {
                    Some(extra) if value.is_ok() => Err(Unplaced {
                        span: Some(extra.span()),
                        message: "the list has more elements than are expected".to_owned(),
                    }),
                    _ => value,
                }
            }
            Kind::Object => visitor.visit_map(Mapping {
                members: node.members(),
                value: None,
            }),
        }
        .map_err(|error| error.placed(node))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
        .map_err(|error| error.placed(self.0))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|error| error.placed(self.0))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        if name != LOCATED {
            return self.deserialize_any(visitor);
        }
        visitor
            .visit_map(Place {
                node: self.0,
                field: 0,
            })
            .map_err(|error| error.placed(self.0))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        self.variant(visitor).map_err(|error| error.placed(self.0))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        match self.0.as_f64().filter(|value| value.is_finite()) {
            Some(value) => visitor
                .visit_f64(value)
                .map_err(|error: Unplaced| error.placed(self.0)),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier
    }
}

struct Sequence<'a>(Elements<'a>);

impl<'de> SeqAccess<'de> for Sequence<'de> {
    type Error = Unplaced;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unplaced> {
        self.0.next().map(|node| read(seed, node)).transpose()
    }
}

struct Mapping<'a> {
    members: Members<'a>,
    value: Option<Node<'a>>,
}

impl<'de> MapAccess<'de> for Mapping<'de> {
    type Error = Unplaced;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unplaced> {
        let Some((key, value)) = self.members.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        read(seed, key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unplaced> {
        match self.value.take() {
            Some(value) => read(seed, value),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

fn read<'de, S: DeserializeSeed<'de>>(seed: S, node: Node<'de>) -> Result<S::Value, Unplaced> {
    seed.deserialize(At(node))
        .map_err(|error| error.placed(node))
}

/// The members that a [`Located`] reads: two ends and the value.
struct Place<'a> {
    node: Node<'a>,
    field: usize,
}

impl<'de> MapAccess<'de> for Place<'de> {
    type Error = Unplaced;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unplaced> {
        let Some(name) = FIELDS.get(self.field) else {
            return Ok(None);
        };
        self.field += 1;
        let name = BorrowedStrDeserializer::new(name);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unplaced> {
        let span = self.node.span();
        let end = |at: u64| -> U64Deserializer<Unplaced> { at.into_deserializer() };
        match self.field {
            1 => seed.deserialize(end(span.start)),
            2 => seed.deserialize(end(span.end)),
            _ => read(seed, self.node),
        }
    }
}

/// A variant: its name alone, or as the key of its content.
struct Choice<'a> {
    name: Node<'a>,
    content: Option<Node<'a>>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Unplaced;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unplaced> {
        Ok((read(seed, self.name)?, self))
    }
}

impl<'de> Choice<'de> {
    fn content(&self) -> Result<At<'de>, Unplaced> {
        self.content.map(At).ok_or_else(|| {
            let name = self.name.as_str().unwrap_or_default();
            let message = format!(
                "`{}` needs content: write it as a member",
                name.escape_debug()
            );
            Unplaced {
                span: Some(self.name.span()),
                message,
            }
        })
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = Unplaced;

    fn unit_variant(self) -> Result<(), Unplaced> {
        match self.content {
            Some(content) if !content.is_null() => Err(Unplaced {
                span: Some(content.span()),
                message: "this variant has no content: write its name alone".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unplaced> {
        read(seed, self.content()?.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Unplaced> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        self.content()?.deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::super::testing::document;
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Rule<'a> {
        id: Located<String>,
        title: &'a str,
        note: Option<String>,
        #[serde(default)]
        every: Vec<Every>,
        limits: Option<BTreeMap<String, Located<f64>>>,
        days: Option<Days>,
        pair: Option<(u8, i64)>,
        any: Option<Value>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Days(u16);

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "kebab-case")]
    enum Every {
        Month,
        Days(u32),
        Between { from: i8, to: Located<i8> },
    }

    #[test]
    fn reads_every_shape_and_its_places() {
        let value = json!({
            "id": "A-1", "title": "t", "note": null,
            "every": ["month", {"days": 3}, {"between": {"from": -1, "to": 2}}],
            "limits": {"a": 1}, "days": 7, "pair": [1.0, -5], "any": {"x": [1, 2.5, "s", true]}
        });
        let document = document(&value);
        let rule: Rule<'_> = from_node(document.root()).expect("reads");
        assert_eq!(rule.id.span.slice(document.text()), "\"A-1\"");
        assert_eq!((rule.title, rule.note), ("t", None));
        assert_eq!(rule.days, Some(Days(7)));
        assert_eq!(rule.pair, Some((1, -5)));
        assert_eq!(rule.any.as_ref(), Some(&value["any"]));
        let [
            Every::Month,
            Every::Days(3),
            Every::Between { from: -1, to },
        ] = &rule.every[..]
        else {
            panic!("{:?}", rule.every);
        };
        assert_eq!((to.value, to.span.slice(document.text())), (2, "2"));
        let limits = rule.limits.expect("limits");
        assert_eq!(
            (limits["a"].value, limits["a"].span.slice(document.text())),
            (1.0, "1")
        );
    }

    #[test]
    fn an_optional_place_and_a_place_of_an_option() {
        let document = document(&json!([null, 1]));
        let inside: Vec<Located<Option<u8>>> = from_node(document.root()).expect("reads");
        assert_eq!(inside[0].value, None);
        assert_eq!(inside[0].span, Span::new(1, 5));
        let outside: Vec<Option<Located<u8>>> = from_node(document.root()).expect("reads");
        assert_eq!(outside[0], None);
    }

    #[test]
    fn errors_stand_at_the_innermost_value() {
        let table = [
            (
                json!({"id": 5, "title": "t"}),
                "5",
                "expected a string, found integer `5`",
            ),
            (json!({"id": "a"}), r#"{"id":"a"}"#, "`title` is missing"),
            (
                json!({"id": "a", "title": "t", "x": 1}),
                r#""x""#,
                "`x` is not known here: known are id, title, note, every, limits, days, pair, any",
            ),
            (
                json!({"id": "a", "title": "t", "every": ["year"]}),
                r#""year""#,
                r#""year" is not one of month, days, between"#,
            ),
            (
                json!({"id": "a", "title": "t", "every": ["days"]}),
                r#""days""#,
                "`days` needs content: write it as a member",
            ),
            (
                json!({"id": "a", "title": "t", "every": [{"month": 1}]}),
                "1",
                "this variant has no content: write its name alone",
            ),
            (
                json!({"id": "a", "title": "t", "every": [{}]}),
                "{}",
                "expected an object with one member, which names the variant",
            ),
            (
                json!({"id": "a", "title": "t", "every": [{"between": {"from": 300, "to": 1}}]}),
                "300",
                "expected i8, found integer `300`",
            ),
            (
                json!({"id": "a", "title": "t", "days": 70000}),
                "70000",
                "expected u16, found integer `70000`",
            ),
            (
                json!({"id": "a", "title": "t", "limits": {"a": true}}),
                "true",
                "expected f64, found boolean `true`",
            ),
            (
                json!({"id": "a", "title": "t", "pair": [1, 2, 3]}),
                "3",
                "the list has more elements than are expected",
            ),
            (json!([1, 2]), "1", "expected a string, found integer `1`"),
        ];
        for (value, place, message) in table {
            let document = document(&value);
            let error = from_node::<Rule<'_>>(document.root()).expect_err("does not fit");
            assert_eq!(
                (error.span.slice(document.text()), error.message.as_str()),
                (place, message)
            );
        }
    }
}
