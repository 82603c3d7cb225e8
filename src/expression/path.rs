//! Paths outside expressions: the fields that joins, dates and messages name.

use std::ops::Range;

use super::ExpressionError;
use super::bindings::Bindings;
use super::scope::{Path, Scope, Variable};
use super::shape::Shape;
use crate::document::Node;

/// A checked path to a value of a document: `approver`, `document.model_id`, `this`.
///
/// A path that does not begin with a variable begins at the record. No step leads into a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath(Path);

impl FieldPath {
    /// Checks the path `source`.
    ///
    /// # Errors
    ///
    /// The step that does not exist, at its place.
    pub fn compile(source: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        let path = parse(source, 0, scope)?;
        match path.variable {
            Variable::This | Variable::Parent | Variable::Document | Variable::Manifest => {
                Ok(Self(path))
            }
            Variable::Params | Variable::Window | Variable::AsOf => {
                let message = format!("`{source}` is not in the evidence");
                Err(ExpressionError::new(0..source.len(), message).help("name a field of it"))
            }
        }
    }

    /// The value; `None` when it, or something above it, is absent.
    #[must_use]
    pub fn get<'a>(&self, bindings: &Bindings<'a>) -> Option<Node<'a>> {
        bindings.node(&self.0, &self.0.fields).ok()
    }

    /// What is known of the value.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.0.shape
    }

    /// The variable it begins at.
    #[must_use]
    pub fn variable(&self) -> Variable {
        self.0.variable
    }

    /// The fields it goes through.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.0.fields
    }

    /// Whether the schema marks the value, or what holds it, as secret.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.0.sensitive
    }
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Checks the dotted path `source`, which stands at byte `base` of what errors count from.
pub(super) fn parse(source: &str, base: usize, scope: &Scope) -> Result<Path, ExpressionError> {
    let mut steps: Vec<(&str, Range<usize>)> = Vec::new();
    let mut at = base;
    for step in source.split('.') {
        steps.push((step, at..at + step.len()));
        at += step.len() + 1;
    }
    let whole = base..base + source.len();
    if steps.iter().any(|(step, _)| step.is_empty() || step.contains(char::is_whitespace)) {
        let message = format!("`{source}` is no path");
        return Err(ExpressionError::new(whole, message).help("a path is `field` or `field.field`"));
    }
    if let Some((step, range)) = steps.iter().find(|(step, _)| step.contains(['[', '(', '*'])) {
        let message = format!("`{step}` is no field: a path has no list elements or calls");
        return Err(ExpressionError::new(range.clone(), message));
    }
    let (first, range) = steps[0].clone();
    let this = scope.shape(Variable::This);
    let is_field =
        |shape: &Shape| shape.fields().is_some_and(|fields| fields.fields.contains_key(first));
    let field = this.is_some_and(is_field);
    let variable = scope.named(first);
    let path = |variable, from: usize| {
        let names = steps[from..].iter().map(|(step, _)| (*step).to_owned()).collect();
        scope.path(variable, names, |index| steps[from + index].1.clone())
    };
    match variable {
        Some(_) if field => {
            let message = format!("`{first}` is both a variable and a field of the record");
            let help = format!("write `this.{first}` for the field");
            Err(ExpressionError::new(range, message).help(help))
        }
        Some(variable) => path(variable, 1),
        None if this.is_none() => path(scope.variable(first, || range.clone())?, 1),
        None => path(Variable::This, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope() -> Scope {
        let record = Shape::from_schema(&json!({
            "properties": {
                "approver": {"type": "string"},
                "listing": {"properties": {"sha256": {"type": "string"}}},
                "tags": {"type": "array", "items": {"properties": {"name": {"type": "string"}}}},
                "manifest": {"type": "string"}
            }
        }));
        Scope::new()
            .with(Variable::This, record.clone(), "change-record")
            .with(Variable::Parent, record, "the parent")
            .with(Variable::Document, Shape::Any, "the document")
            .with(Variable::Manifest, Shape::Any, "the manifest")
            .with_times()
    }

    fn compile(source: &str) -> Result<String, (Range<usize>, String, Option<String>)> {
        FieldPath::compile(source, &scope())
            .map(|path| path.to_string())
            .map_err(|error| (error.start..error.end, error.message, error.help))
    }

    #[test]
    fn paths_begin_at_the_record_or_at_a_variable() {
        assert_eq!(compile("approver").unwrap(), "this.approver");
        assert_eq!(compile("this").unwrap(), "this");
        assert_eq!(compile("parent.listing.sha256").unwrap(), "parent.listing.sha256");
        assert_eq!(compile("document.anything.goes").unwrap(), "document.anything.goes");
        assert_eq!(compile("this.manifest").unwrap(), "this.manifest");
        let path = FieldPath::compile("listing.sha256", &scope()).unwrap();
        assert_eq!(path.shape(), &Shape::TEXT);
    }

    #[test]
    fn steps_that_do_not_exist_are_named() {
        let (range, message, help) = compile("parent.listing.sha265").unwrap_err();
        assert_eq!(range, 15..21);
        assert_eq!(message, "`sha265` is not a field of `parent.listing`");
        assert_eq!(help.unwrap(), "did you mean `sha256`?");
        assert_eq!(compile("aprover").unwrap_err().1, "`aprover` is not a field of change-record");
        assert!(compile("tags.name").unwrap_err().1.contains("is a list"));
        assert!(compile("tags[0]").unwrap_err().1.contains("no list elements"));
        assert!(compile("manifest").unwrap_err().1.contains("both a variable and a field"));
        assert!(compile("window.start").unwrap_err().1.contains("not in the evidence"));
        for source in ["", ".", "a..b", "a b", " approver"] {
            assert!(compile(source).unwrap_err().1.contains("no path"), "{source:?}");
        }
    }
}
