//! The header of a CSV file: a column of a wrong name is one fault of the file, not one of each row.

use super::Reading;
use super::faults::artifact_finding;
use crate::catalog::Kind;
use crate::expression::Shape;
use crate::model::{Code, Finding, Label, Span};
use crate::schema::suggest::nearest;
use crate::verify::locate::Locator;

impl Reading<'_, '_> {
    /// Whether the columns are those that the rows of each kind need. What is not is told to every
    /// control that reads the file, whatever kind it reads: none of the rows is read then.
    pub(super) fn has_columns(
        &mut self,
        columns: &[(&str, Span)],
        kinds: &[&Kind],
        locator: &Locator<'_>,
    ) -> bool {
        let wrong: Vec<Finding> =
            kinds.iter().flat_map(|kind| wrong(kind, columns, locator)).collect();
        let right = wrong.is_empty();
        self.facts.unread |= !right;
        self.facts.findings.extend(wrong.into_iter().map(|finding| (None, finding)));
        right
    }
}

/// What is wrong with the columns of a file of `kind`.
fn wrong(kind: &Kind, columns: &[(&str, Span)], locator: &Locator<'_>) -> Vec<Finding> {
    let Shape::Object(fields) = &kind.shape else { return Vec::new() };
    let is_given = |name: &str| columns.iter().any(|(column, _)| *column == name);
    let needed = fields.fields.iter().filter(|(_, field)| field.required);
    let mut missing: Vec<&str> =
        needed.map(|(name, _)| name.as_str()).filter(|name| !is_given(name)).collect();
    let schema = kind.source.document.root();
    let closed = schema.get("additionalProperties").and_then(|rest| rest.as_bool()) == Some(false);
    let is_unknown = |name: &str| closed && !fields.fields.contains_key(name);
    let mut wrong = Vec::new();
    for (name, span) in columns.iter().filter(|(name, _)| is_unknown(name)) {
        let unused = || fields.fields.keys().map(String::as_str).filter(|field| !is_given(field));
        let near = nearest(name, missing.iter().copied()).or_else(|| nearest(name, unused()));
        missing.retain(|field| near != Some(*field));
        let help = near.map_or_else(
            || {
                format!(
                    "Leave the column out, or see `tickmark explain {}` for its fields.",
                    kind.name
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{name}` is no column of {}", kind.name);
        wrong.push((message, help, *span, "/additionalProperties"));
    }
    let header =
        columns.iter().map(|(_, span)| *span).reduce(|all, one| Span::new(all.start, one.end));
    for name in missing {
        let message =
            format!("the column `{name}` is missing, which every row of {} needs", kind.name);
        let help = format!("Export it too, or give the column that holds it the name `{name}`.");
        wrong.push((message, help, header.unwrap_or_default(), "/required"));
    }
    let finding = |(message, help, span, pointer): (String, String, Span, &str)| {
        let labels = vec![Label::new(locator.place(span), "")];
        let found = artifact_finding(Code::SchemaMismatch, message, locator.path(), labels);
        Finding { help, rule: Some(kind.source.label(pointer)), ..found }
    };
    wrong.into_iter().map(finding).collect()
}
