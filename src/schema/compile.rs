//! Turning a schema into a validator, and saying why it cannot be done.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonschema::{PatternOptions, Registry, Retrieve, ValidationOptions, Validator};

use super::lint::{Findings, Lint};
use super::scope::Scope;
use super::set::Document;
use super::{SchemaProblem, Trust};
use crate::document::Spanned;

/// How far a pattern of a vendored schema that needs backtracking may backtrack.
const BACKTRACK_LIMIT: usize = 100_000;

/// A regular expression: the document it stands in, the JSON Pointer, the text.
pub(super) type Pattern = (Arc<Document>, String, String);

/// Where a document breaks the meta-schema of its draft.
pub(super) fn against_meta_schema(document: &Document) -> Vec<SchemaProblem> {
    let Ok(validator) = jsonschema::meta::validator_for(&document.value) else {
        return Vec::new();
    };
    validator
        .iter_errors(&document.value)
        .map(|error| {
            let pointer = error.instance_path().as_str().to_owned();
            SchemaProblem::error(&document.name, &pointer, sentence(&error.to_string()), None)
        })
        .collect()
}

/// Lints one document of `registry`.
pub(super) fn lint(
    document: &Document,
    registry: &Registry<'static>,
    missing: &BTreeSet<String>,
) -> Findings {
    let options = jsonschema::options_for::<Spanned>();
    let lint = Lint {
        document: &document.name,
        trust: document.trust,
        missing,
        knows_format: &|draft, name| options.is_known_format(draft, name),
    };
    Scope::at(registry, &document.base).map(|root| lint.run(&root)).unwrap_or_default()
}

type Options<'i> = ValidationOptions<'i, Arc<dyn Retrieve>, Spanned>;

/// Compiles with the linear-time engine; patterns it cannot take are an error, or for vendored
/// schemas a warning and a bounded engine that backtracks.
pub(super) fn build(
    document: &Document,
    registry: &Registry<'static>,
    trust: Trust,
    patterns: &[Pattern],
    problems: &mut Vec<SchemaProblem>,
) -> Option<Validator<Spanned>> {
    let options: Options<'_> = jsonschema::options_for::<Spanned>()
        .offline()
        .with_registry(registry)
        .with_base_uri(document.base.clone())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(trust == Trust::Vendored)
        .with_pattern_options(PatternOptions::regex());
    let error = match options.build(&document.value) {
        Ok(validator) => return Some(validator),
        Err(error) => error,
    };
    let before = problems.len();
    for (document, pointer, pattern) in patterns.iter().filter(|(_, _, at)| !is_linear(at)) {
        problems.push(SchemaProblem {
            warning: document.trust == Trust::Vendored,
            ..SchemaProblem::error(
                &document.name,
                pointer,
                format!("the pattern `{pattern}` cannot be matched in linear time"),
                Some("write it without look-around and back-references".to_owned()),
            )
        });
    }
    let blamed = problems.len() > before;
    let bounded = PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT);
    if trust == Trust::Vendored && problems.iter().all(|problem| problem.warning) {
        match options.with_pattern_options(bounded).build(&document.value) {
            Ok(validator) => {
                if !blamed {
                    let warning = refusal(document, &error);
                    problems.push(SchemaProblem { warning: true, ..warning });
                }
                return Some(validator);
            }
            Err(error) => problems.push(refusal(document, &error)),
        }
    } else if !blamed {
        problems.push(refusal(document, &error));
    }
    None
}

fn refusal(document: &Document, error: &jsonschema::ValidationError<'_>) -> SchemaProblem {
    let pointer = error.instance_path().as_str();
    SchemaProblem::error(&document.name, pointer, sentence(&error.to_string()), None)
}

fn is_linear(pattern: &str) -> bool {
    jsonschema::options_for::<Spanned>()
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .build(&serde_json::json!({ "pattern": pattern }))
        .is_ok()
}

/// An error message of the validator as the sentence of a problem.
pub(super) fn sentence(message: &str) -> String {
    message.trim_end_matches('.').to_owned()
}
