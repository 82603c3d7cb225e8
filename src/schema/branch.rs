//! Choosing which alternative of `anyOf` or `oneOf` a value was meant to be, so that only the
//! mistakes of that one are told.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jsonschema::error::ValidationErrorKind as ErrorKind;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::explain::{Explainer, Fault, first_line, start_of};
use super::scope::Scope;
use super::{sentence, wording};
use crate::document::{Kind, Node};

/// How deep alternatives within alternatives are searched for the value that tells them apart.
const NESTING: usize = 6;

type Errors = Vec<ValidationError<'static>>;

/// One alternative and what is wrong with the value if it was meant.
#[derive(Clone)]
struct Branch<'e, 'r> {
    index: usize,
    errors: &'e Errors,
    tags: BTreeMap<&'r str, Tag<'r>>,
}

/// The values that a schema allows for one member.
#[derive(Debug, Clone, Default, PartialEq)]
struct Tag<'r> {
    values: Vec<&'r Value>,
    required: bool,
}

/// The faults of the alternative that was meant, or one fault that none is.
pub(super) fn explain(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    context: &[Errors],
) -> Vec<Fault> {
    let pointer = error.instance_path().as_str();
    let node = explainer.node(pointer);
    let demands: Vec<Option<Demands>> = context
        .iter()
        .map(|errors| demands(errors, pointer))
        .collect();
    if let Some(all) = demands.iter().cloned().collect::<Option<Vec<Demands>>>() {
        return vec![undemanded(explainer, error, node, &all)];
    }
    let scopes = explainer
        .scope(error)
        .map(|scope| scope.under(error.kind().keyword()))
        .unwrap_or_default();
    let branches: Vec<Branch<'_, '_>> = context
        .iter()
        .enumerate()
        .zip(&demands)
        .filter(|(_, demands)| demands.is_none())
        .map(|((index, errors), _)| Branch {
            index,
            errors,
            tags: scopes
                .get(index)
                .map(|scope| tags(scope, NESTING))
                .unwrap_or_default(),
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
    let Some(best) = branches
        .iter()
        .min_by_key(|branch| unlikeliness(branch, pointer))
    else {
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
            && matches!(
                error.kind(),
                ErrorKind::Constant { .. } | ErrorKind::Enum { .. }
            )
    });
    let shallowest = branch.errors.iter().map(depth).min().unwrap_or_default();
    (
        fixed.count(),
        Reverse(shallowest),
        branch.errors.iter().map(weight).sum(),
        branch.index,
    )
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
                let inner: Option<Vec<Demands>> = context
                    .iter()
                    .map(|errors| demands(errors, pointer))
                    .collect();
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

/// The members that `scope` fixes to certain values.
fn tags<'r>(scope: &Scope<'r>, nesting: usize) -> BTreeMap<&'r str, Tag<'r>> {
    let mut found: BTreeMap<&'r str, Tag<'r>> = BTreeMap::new();
    let Some(nesting) = nesting.checked_sub(1) else {
        return found;
    };
    let conjuncts = scope.conjuncts();
    for conjunct in &conjuncts {
        for (name, property) in conjunct.named("properties") {
            let values = property.conjuncts().iter().find_map(fixed);
            if let Some(values) = values.filter(|values| !values.is_empty()) {
                found.entry(name).or_default().values = values;
            }
        }
        for keyword in ["oneOf", "anyOf"] {
            let inner: Vec<_> = conjunct
                .under(keyword)
                .iter()
                .map(|scope| tags(scope, nesting))
                .collect();
            for (name, tag) in united(&inner) {
                found.entry(name).or_insert(tag);
            }
        }
    }
    let required = conjuncts.iter().filter_map(|scope| scope.get("required"));
    for name in required.filter_map(Value::as_array).flatten() {
        if let Some(tag) = name.as_str().and_then(|name| found.get_mut(name)) {
            tag.required = true;
        }
    }
    found
}

fn fixed<'r>(scope: &Scope<'r>) -> Option<Vec<&'r Value>> {
    match (scope.get("const"), scope.get("enum")) {
        (Some(value), _) => Some(vec![value]),
        (None, Some(Value::Array(values))) => Some(values.iter().collect()),
        _ => None,
    }
}

/// The members that every one of several alternatives fixes.
fn united<'r>(all: &[BTreeMap<&'r str, Tag<'r>>]) -> BTreeMap<&'r str, Tag<'r>> {
    let Some((first, rest)) = all.split_first() else {
        return BTreeMap::new();
    };
    let mut united = first.clone();
    for other in rest {
        united.retain(|name, tag| match other.get(name) {
            Some(more) => {
                tag.values.extend(&more.values);
                tag.required &= more.required;
                true
            }
            None => false,
        });
    }
    united
}

/// The branches that remain after looking at the members that tell them apart; a fault if those
/// members say that no branch was meant.
fn discriminate<'e, 'r>(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    node: Node<'_>,
    branches: Vec<Branch<'e, 'r>>,
) -> Result<Vec<Branch<'e, 'r>>, Box<Fault>> {
    if branches.len() < 2 || node.kind() != Kind::Object {
        return Ok(branches);
    }
    let tags: Vec<_> = branches.iter().map(|branch| branch.tags.clone()).collect();
    let all = united(&tags);
    let telling: Vec<&str> = all
        .keys()
        .copied()
        .filter(|name| tells_apart(name, &tags))
        .collect();
    let mut wrong = None;
    for name in &telling {
        let Some(value) = node.get(name) else {
            continue;
        };
        let fits: Vec<_> = matching(&branches, name, value);
        if !fits.is_empty() {
            return Ok(fits);
        }
        wrong = wrong.or(Some((*name, value)));
    }
    if let Some((name, value)) = wrong {
        return Err(Box::new(misdirected(explainer, error, name, value, &all)));
    }
    if let Some(name) = telling.iter().find(|name| all[**name].required) {
        let options: Vec<Value> = all[name].values.iter().copied().cloned().collect();
        let help = format!("one of {}", wording::options(&options));
        return Err(Box::new(explainer.missing(error, name, Some(help))));
    }
    Ok(narrowed(node, branches))
}

/// Whether no two branches allow the same value for the member.
fn tells_apart(name: &str, tags: &[BTreeMap<&str, Tag<'_>>]) -> bool {
    let sets: Vec<_> = tags.iter().filter_map(|tags| tags.get(name)).collect();
    sets.iter().enumerate().all(|(index, one)| {
        let later = sets.iter().skip(index + 1);
        later
            .flat_map(|other| &other.values)
            .all(|value| !one.values.contains(value))
    })
}

fn matching<'e, 'r>(
    branches: &[Branch<'e, 'r>],
    name: &str,
    value: Node<'_>,
) -> Vec<Branch<'e, 'r>> {
    let fits = |branch: &&Branch<'e, 'r>| {
        let tag = branch.tags.get(name);
        tag.is_some_and(|tag| allows(tag, value))
    };
    branches.iter().filter(fits).cloned().collect()
}

fn allows(tag: &Tag<'_>, value: Node<'_>) -> bool {
    tag.values
        .iter()
        .any(|allowed| jsonschema::json::Node::equals_value(&value, allowed))
}

/// Where members are fixed in some branches only, or to values that several share, those that do
/// not contradict the value remain; all of them if each does.
fn narrowed<'e, 'r>(node: Node<'_>, branches: Vec<Branch<'e, 'r>>) -> Vec<Branch<'e, 'r>> {
    let agreement = |branch: &Branch<'_, '_>| {
        let present = branch
            .tags
            .iter()
            .filter_map(|(name, tag)| Some(allows(tag, node.get(name)?)));
        let (agree, contradict): (Vec<bool>, Vec<bool>) = present.partition(|agrees| *agrees);
        (contradict.len(), Reverse(agree.len()))
    };
    let Some(best) = branches.iter().map(agreement).min() else {
        return branches;
    };
    branches
        .into_iter()
        .filter(|branch| agreement(branch) == best)
        .collect()
}

/// The member that tells the branches apart has a value of none of them.
fn misdirected(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    name: &str,
    value: Node<'_>,
    all: &BTreeMap<&str, Tag<'_>>,
) -> Fault {
    let options: Vec<Value> = all
        .get(name)
        .map(|tag| tag.values.iter().copied().cloned().collect())
        .unwrap_or_default();
    let parent = error.instance_path().as_str();
    let pointer = format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"));
    let masked = explainer.is_masked(&pointer);
    let (message, help) = sentence::not_one_of(value, &options, masked);
    let mut fault = explainer.fault(error, first_line(value), message, help);
    fault.mismatch.sensitive = explainer.is_sensitive(&pointer);
    fault.mismatch.pointer = pointer;
    "enum".clone_into(&mut fault.mismatch.keyword);
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
