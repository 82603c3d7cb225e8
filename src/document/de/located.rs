//! Values that keep the bytes they were read from.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, U64Deserializer};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};

use super::error::Unplaced;
use super::read;
use crate::document::Node;
use crate::model::Span;

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
pub(super) const LOCATED: &str = "$tickmark::Located";
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

/// The members that a [`Located`] reads: two ends and the value.
pub(super) struct Place<'a> {
    node: Node<'a>,
    field: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(node: Node<'a>) -> Self {
        Self { node, field: 0 }
    }
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
