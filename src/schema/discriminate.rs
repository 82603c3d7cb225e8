//! The members whose values tell the alternatives of a schema apart: `kind: file`, `type: note`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jsonschema::ValidationError;
use serde_json::Value;

use super::explain::{Explainer, Fault};
use super::pointing::first_line;
use super::scope::Scope;
use super::{sentence, wording};
use crate::document::{Kind, Node};

/// How deep alternatives within alternatives are searched for the value that tells them apart.
const NESTING: usize = 6;

/// What is wrong with a value by one alternative.
pub(super) type Errors = Vec<ValidationError<'static>>;

/// One alternative and what is wrong with the value if it was meant.
#[derive(Clone)]
pub(super) struct Branch<'e, 'r> {
    pub(super) index: usize,
    pub(super) errors: &'e Errors,
    /// The members that the alternative fixes to certain values.
    pub(super) tags: BTreeMap<&'r str, Tag<'r>>,
}

/// The values that a schema allows for one member.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tag<'r> {
    values: Vec<&'r Value>,
    required: bool,
}

/// The members that `scope` fixes to certain values.
pub(super) fn fixed_members<'r>(scope: &Scope<'r>) -> BTreeMap<&'r str, Tag<'r>> {
    tags(scope, NESTING)
}

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
            let inner: Vec<_> =
                conjunct.under(keyword).iter().map(|scope| tags(scope, nesting)).collect();
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
pub(super) fn discriminate<'e, 'r>(
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
    let telling: Vec<&str> = all.keys().copied().filter(|name| tells_apart(name, &tags)).collect();
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
        later.flat_map(|other| &other.values).all(|value| !one.values.contains(value))
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
    tag.values.iter().any(|allowed| jsonschema::json::Node::equals_value(&value, allowed))
}

/// Where members are fixed in some branches only, or to values that several share, those that do
/// not contradict the value remain; all of them if each does.
fn narrowed<'e, 'r>(node: Node<'_>, branches: Vec<Branch<'e, 'r>>) -> Vec<Branch<'e, 'r>> {
    let agreement = |branch: &Branch<'_, '_>| {
        let present =
            branch.tags.iter().filter_map(|(name, tag)| Some(allows(tag, node.get(name)?)));
        let (agree, contradict): (Vec<bool>, Vec<bool>) = present.partition(|agrees| *agrees);
        (contradict.len(), Reverse(agree.len()))
    };
    let Some(best) = branches.iter().map(agreement).min() else {
        return branches;
    };
    branches.into_iter().filter(|branch| agreement(branch) == best).collect()
}

/// The member that tells the branches apart has a value of none of them.
fn misdirected(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    name: &str,
    value: Node<'_>,
    all: &BTreeMap<&str, Tag<'_>>,
) -> Fault {
    let options: Vec<Value> =
        all.get(name).map(|tag| tag.values.iter().copied().cloned().collect()).unwrap_or_default();
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
