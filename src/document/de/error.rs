//! What does not fit, and where.

use std::fmt;

use serde::de;

use crate::document::Node;
use crate::model::Span;

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

/// An error on its way out, which takes the place of the innermost value it passes.
#[derive(Debug)]
pub(super) struct Unplaced {
    pub(super) span: Option<Span>,
    pub(super) message: String,
}

impl Unplaced {
    pub(super) fn placed(mut self, node: Node<'_>) -> Self {
        self.span.get_or_insert(node.span());
        self
    }

    pub(super) fn into_error(self, node: Node<'_>) -> DeError {
        DeError { span: self.span.unwrap_or(node.span()), message: self.message }
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
        Self { span: None, message: message.to_string() }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {found}"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {found}"))
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("{found:?} is not one of {}", expected.join(", ")))
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
