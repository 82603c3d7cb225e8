//! Typed values of documents that a schema has already accepted.

use serde::de::DeserializeOwned;

use super::Node;
use crate::model::Span;

/// Why a document has not the shape of a type, though its schema accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeError {
    /// The value.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// Reads `node` as a `T`. Places are told by the schema of `T`, which is asked first.
///
/// # Errors
/// When the value has not the shape of `T`.
pub fn from_node<T: DeserializeOwned>(node: Node<'_>) -> Result<T, DeError> {
    serde_json::from_value(node.to_value())
        .map_err(|error| DeError { span: node.span(), message: error.to_string() })
}
