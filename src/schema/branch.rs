//! Choosing which alternative of `anyOf` or `oneOf` a value was meant to be, so that only the
//! mistakes of that one are told.

use std::cmp::Reverse;

use jsonschema::error::ValidationErrorKind as ErrorKind;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::discriminate::{Branch, Errors, discriminate, fixed_members};
use super::explain::{Explainer, Fault};
use super::pointing::{first_line, start_of};
use super::{sentence, wording};
use crate::document::{Kind, Node};

/// The faults of the alternative that was meant, or one fault that none is.
pub(super) fn explain(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    context: &[Errors],
) -> Vec<Fault> {
    let pointer = error.instance_path().as_str();
    let node = explainer.node(pointer);
    let demands: Vec<Option<Demands>> =
        context.iter().map(|errors| demands(errors, pointer)).collect();
    if let Some(all) = demands.iter().cloned().collect::<Option<Vec<Demands>>>() {
        return vec![undemanded(explainer, error, node, &all)];
    }
    let scopes =
        explainer.scope(error).map(|scope| scope.under(error.kind().keyword())).unwrap_or_default();
    let branches: Vec<Branch<'_, '_>> = context
        .iter()
        .enumerate()
        .zip(&demands)
        .filter(|(_, demands)| demands.is_none())
        .map(|((index, errors), _)| Branch {
            index,
            errors,
            tags: scopes.get(index).map(fixed_members).unwrap_or_default(),
        })
        .collect();
    let branches = match discriminate(explainer, error, node, branches) {
        Ok(branches) => branches,
        Err(fault) => return vec![*fault],
    };
    if let [only] = branches.as_slice() {
        return faults(explainer, only);
    }
    if let Some(fault) = one_of_the_missing(explainer, error, node, &branches) {
        return vec![fault];
    }
    let Some(best) = branches.iter().min_by_key(|branch| unlikeliness(branch, pointer)) else {
        return Vec::new();
    };
    let mut faults = faults(explainer, best);
    let title = scopes.get(best.index).and_then(|scope| scope.text("title"));
    let title = title.map_or_else(String::new, |title| format!(", {}", wording::quoted(title)));
    for fault in &mut faults {
        let message = &mut fault.mismatch.message;
        if !message.contains(" alternatives") {
            message.push_str(&format!(
                " (under the {} of {} alternatives{title})",
                wording::ordinal(best.index + 1),
                context.len()
            ));
        }
    }
    faults
}

fn faults(explainer: &Explainer<'_, '_>, branch: &Branch<'_, '_>) -> Vec<Fault> {
    let errors = branch.errors.iter();
    errors.flat_map(|error| explainer.faults(error)).collect()
}

/// The alternative with the least is the likeliest: its mistakes lie deepest, and are fewest.
fn unlikeliness(branch: &Branch<'_, '_>, pointer: &str) -> (usize, Reverse<usize>, usize, usize) {
    let depth = |error: &ValidationError<'_>| {
        let path = error.instance_path().as_str();
        path.matches('/').count() - pointer.matches('/').count().min(path.matches('/').count())
    };
    let fixed = branch.errors.iter().filter(|error| {
        depth(error) == 1
            && matches!(error.kind(), ErrorKind::Constant { .. } | ErrorKind::Enum { .. })
    });
    let shallowest = branch.errors.iter().map(depth).min().unwrap_or_default();
    (fixed.count(), Reverse(shallowest), branch.errors.iter().map(weight).sum(), branch.index)
}

/// How many mistakes an error stands for.
fn weight(error: &ValidationError<'_>) -> usize {
    match error.kind() {
        ErrorKind::AdditionalProperties { unexpected }
        | ErrorKind::UnevaluatedProperties { unexpected } => unexpected.len(),
        _ => 1,
    }
}

/// What a schema asks of the kind of value, before anything else.
#[derive(Debug, Clone, Default)]
struct Demands {
    types: Vec<JsonType>,
    values: Vec<Value>,
}

/// The demands on the value at `pointer` itself that `errors` say it does not meet.
fn demands(errors: &[ValidationError<'_>], pointer: &str) -> Option<Demands> {
    let mut unmet: Option<Demands> = None;
    for error in errors {
        if error.instance_path().as_str() != pointer {
            continue;
        }
        match error.kind() {
            ErrorKind::Type { kind } => {
                let unmet = unmet.get_or_insert_default();
                unmet.types.extend(sentence::types(kind));
            }
            ErrorKind::Constant { expected_value } => {
                let unmet = unmet.get_or_insert_default();
                unmet.values.push(expected_value.as_ref().clone());
            }
            ErrorKind::Enum { options } => {
                let unmet = unmet.get_or_insert_default();
                let options = options.as_array().into_iter().flatten();
                unmet.values.extend(options.cloned());
            }
            ErrorKind::AnyOf { context } | ErrorKind::OneOfNotValid { context } => {
                let inner: Option<Vec<Demands>> =
                    context.iter().map(|errors| demands(errors, pointer)).collect();
                for inner in inner.into_iter().flatten() {
                    let unmet = unmet.get_or_insert_default();
                    unmet.types.extend(inner.types);
                    unmet.values.extend(inner.values);
                }
            }
            _ => {}
        }
    }
    unmet.map(|mut unmet| {
        // The values say all that their type says.
        if !unmet.values.is_empty() {
            let said = |kind: &JsonType| unmet.values.iter().any(|value| is_of(value, *kind));
            let types = unmet.types.clone();
            unmet.types = types.into_iter().filter(|kind| !said(kind)).collect();
        }
        unmet
    })
}

fn is_of(value: &Value, kind: JsonType) -> bool {
    match kind {
        JsonType::Array => value.is_array(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Integer => value.is_i64() || value.is_u64(),
        JsonType::Null => value.is_null(),
        JsonType::Number => value.is_number(),
        JsonType::Object => value.is_object(),
        JsonType::String => value.is_string(),
    }
}

/// No alternative takes a value of this kind.
fn undemanded(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    node: Node<'_>,
    all: &[Demands],
) -> Fault {
    let masked = explainer.is_masked(error.instance_path().as_str());
    let types: Vec<JsonType> = all.iter().flat_map(|one| one.types.clone()).collect();
    let values: Vec<Value> = all.iter().flat_map(|one| one.values.clone()).collect();
    let (keyword, (message, help)) = if values.is_empty() {
        ("type", sentence::mistyped(node, &types, masked))
    } else if types.is_empty() {
        ("enum", sentence::not_one_of(node, &values, masked))
    } else {
        let (expected, help) = sentence::mistyped(node, &types, masked);
        let expected = expected.split(", found").next().unwrap_or_default();
        let message = format!(
            "{expected}, or {}{}; found {}",
            if values.len() == 1 { "" } else { "one of " },
            wording::options(&values),
            wording::found(node, masked)
        );
        (error.kind().keyword(), (message, help))
    };
    let span = match node.kind() {
        Kind::Array | Kind::Object => start_of(node),
        _ => first_line(node),
    };
    let mut fault = explainer.fault(error, span, message, help);
    keyword.clone_into(&mut fault.mismatch.keyword);
    fault
}

/// All that the branches ask is that one member or another be there.
fn one_of_the_missing(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    node: Node<'_>,
    branches: &[Branch<'_, '_>],
) -> Option<Fault> {
    let pointer = error.instance_path().as_str();
    let mut ways = Vec::new();
    for branch in branches {
        let mut names = Vec::new();
        for error in branch.errors {
            match error.kind() {
                ErrorKind::Required { property } if error.instance_path().as_str() == pointer => {
                    names.push(wording::name(property.as_str()?));
                }
                _ => return None,
            }
        }
        let way = wording::all_of(&names);
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let message = format!("{} is missing", wording::any_of(&ways));
    let mut fault = explainer.fault(error, start_of(node), message, None);
    "required".clone_into(&mut fault.mismatch.keyword);
    Some(fault)
}
