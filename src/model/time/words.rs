//! Types that rule files and reports write as text: serde through `FromStr` and `Display`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

use super::error::{Expected, TimeError};

/// A type with one textual notation.
pub(super) trait Word: FromStr<Err = TimeError> {
    const EXPECTED: Expected;
}

pub(super) fn deserialize<'de, T: Word, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_str(WordVisitor(PhantomData))
}

struct WordVisitor<T>(PhantomData<T>);

impl<T: Word> Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED.examples())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Serializes as `Display`, deserializes through `FromStr`.
macro_rules! as_word {
    ($type:ty, $expected:expr) => {
        impl $crate::model::time::words::Word for $type {
            const EXPECTED: $crate::model::time::Expected = $expected;
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::model::time::words::deserialize(from)
            }
        }
    };
}

/// A JSON Schema of a string with a pattern.
macro_rules! word_schema {
    ($type:ty, $name:literal, $description:literal, $pattern:expr) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema = schemars::Schema::default();
                schema.insert("type".to_owned(), "string".into());
                schema.insert("description".to_owned(), $description.into());
                schema.insert("pattern".to_owned(), $pattern.into());
                schema
            }
        }
    };
}

pub(super) use {as_word, word_schema};
