//! Reading a [`Node`] into a type through serde, with the place of everything that goes wrong, and
//! of every value that asks for its place by being [`Located`].

mod error;
mod located;
#[cfg(test)]
mod tests;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use self::error::Unplaced;
use self::located::{LOCATED, Place};
use super::arena::Kind;
use super::node::{Elements, Members, Node};

pub use self::error::DeError;
pub use self::located::Located;

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
            _ => Err(de::Error::custom(format_args!("the number {literal} is out of range"))),
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
            Kind::Object => visitor.visit_map(Mapping { members: node.members(), value: None }),
        }
        .map_err(|error| error.placed(node))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
            .map_err(|error| error.placed(self.0))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        visitor.visit_newtype_struct(self).map_err(|error| error.placed(self.0))
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
        visitor.visit_map(Place::new(self.0)).map_err(|error| error.placed(self.0))
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
            Some(value) => visitor.visit_f64(value).map_err(|error: Unplaced| error.placed(self.0)),
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
    seed.deserialize(At(node)).map_err(|error| error.placed(node))
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
            let message = format!("`{}` needs content: write it as a member", name.escape_debug());
            Unplaced { span: Some(self.name.span()), message }
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
