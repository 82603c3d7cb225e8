//! JSON Schemas, compiled once, validating documents where they lie, and telling each mistake of a
//! document once: in a sentence, at the node that is wrong.
//!
//! [`SchemaSet`] holds the schemas at hand and compiles them; [`Schema::check`] judges a value.
//! Nothing here touches the file system or the network.

mod branch;
mod compile;
mod discriminate;
mod explain;
mod lint;
mod merge;
mod pointing;
mod scope;
mod sentence;
mod set;
pub mod suggest;
mod vocabulary;
mod wording;
mod work;

use jsonschema::{Registry, Validator};

use crate::document::{Node, Spanned, bounded};
use crate::model::Span;

pub use set::SchemaSet;

/// Who wrote a schema, which decides how strictly it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Trust {
    /// Ours or the repository's: whatever a schema says and does not do is an error.
    #[default]
    Own,
    /// Published by others: such things are warnings.
    Vendored,
}

/// One compiled schema.
#[derive(Debug)]
pub struct Schema {
    name: String,
    validator: Validator<Spanned>,
    /// The schema and all it refers to, for explaining.
    registry: Registry<'static>,
    base: String,
    /// Whether anything is marked `x-sensitive` at all.
    marks_sensitive: bool,
}

/// One mistake in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The bytes to point at: the value that is wrong, the key that should not be there, or where
    /// the object begins that lacks something.
    pub span: Span,
    /// JSON Pointer of the value that is wrong (of the object, where a member is missing), from
    /// the value that was checked.
    pub pointer: String,
    /// The keyword that was not satisfied.
    pub keyword: String,
    /// Where that keyword stands: a JSON Pointer in the schema, or a URI where it is another one.
    pub schema_path: String,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do, or what is meant.
    pub help: Option<String>,
    /// A second place that explains the first.
    pub related: Option<(Span, String)>,
    /// Whether the schema marks the value `x-sensitive`; no text here shows it.
    pub sensitive: bool,
    /// Whether judging the value was given up: it is neither valid nor invalid.
    pub unfinished: bool,
}

/// Steps that judging a value may take, and those for each value within it.
const STEPS: (u64, u64) = (200_000, 2_000);

impl Mismatch {
    /// The value at `span` could not be judged with the steps there are.
    fn unfinished(span: Span) -> Self {
        Self {
            span,
            pointer: String::new(),
            keyword: String::new(),
            schema_path: String::new(),
            message: "judging this by its schema takes more steps than are allowed".to_owned(),
            help: Some(
                "let fewer alternatives (`anyOf`, `oneOf`) of the schema lead to one another"
                    .to_owned(),
            ),
            related: None,
            sensitive: false,
            unfinished: true,
        }
    }
}

/// Something wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaProblem {
    /// The name of the schema.
    pub document: String,
    /// JSON Pointer in the schema.
    pub pointer: String,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether the schema can be used all the same.
    pub warning: bool,
}

impl SchemaProblem {
    fn error(document: &str, pointer: &str, message: String, help: Option<String>) -> Self {
        Self {
            document: document.to_owned(),
            pointer: pointer.to_owned(),
            message,
            help,
            warning: false,
        }
    }
}

impl Schema {
    fn new(
        name: &str,
        validator: Validator<Spanned>,
        registry: Registry<'static>,
        base: String,
        marks_sensitive: bool,
    ) -> Self {
        Self { name: name.to_owned(), validator, registry, base, marks_sensitive }
    }

    /// The name the schema has in its set.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the value satisfies the schema.
    #[must_use]
    pub fn is_valid(&self, node: Node<'_>) -> bool {
        self.validator.is_valid(node)
    }

    /// Every mistake of the value, each once, in the order of the text; none when it is valid.
    ///
    /// Values are shown unless the schema marks them `x-sensitive: true`.
    #[must_use]
    pub fn check(&self, node: Node<'_>) -> Vec<Mismatch> {
        self.judge(node, false)
    }

    /// As [`check`](Self::check), with every value kept out of the texts.
    #[must_use]
    pub fn check_masked(&self, node: Node<'_>) -> Vec<Mismatch> {
        self.judge(node, true)
    }

    fn judge(&self, node: Node<'_>, masked: bool) -> Vec<Mismatch> {
        let steps = STEPS.0.saturating_add(STEPS.1.saturating_mul(node.size() as u64));
        let judged = bounded(steps, || {
            if self.is_valid(node) {
                return Vec::new();
            }
            let errors: Vec<_> = self.validator.iter_errors(node).collect();
            explain::Explainer::new(self, node, masked).explain(&errors)
        });
        judged.unwrap_or_else(|| vec![Mismatch::unfinished(node.span())])
    }
}

#[cfg(test)]
mod tests;
