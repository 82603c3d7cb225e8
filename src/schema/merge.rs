//! Leaving one fault for each mistake: what follows from another fault goes untold.

use std::collections::{BTreeMap, BTreeSet};

use super::explain::{About, Explainer, Fault, names};
use super::pointing::key_span;
use super::suggest::nearest;
use super::wording;
use crate::document::{Kind, Node};

impl Explainer<'_, '_> {
    /// Leaves one fault for each mistake.
    pub(super) fn merged(&self, faults: Vec<Fault>) -> Vec<Fault> {
        let mut places: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
        let mut solid: BTreeSet<String> = BTreeSet::new();
        for fault in faults {
            let pointer = fault.mismatch.pointer.clone();
            if !fault.about.is_unevaluated() {
                solid.insert(pointer.clone());
            }
            places.entry(pointer).or_default().push(fault);
        }
        let mut kept = Vec::new();
        for (pointer, mut faults) in places {
            self.drop_consequences(&pointer, &solid, &mut faults);
            self.join_misspelt(&pointer, &mut faults);
            one_for_each_subject(self.node(&pointer), &mut faults);
            kept.append(&mut faults);
        }
        kept
    }

    /// A part of the schema that fails vouches for nothing, so `unevaluated…` complains of members
    /// that are known and right. Their complaint only counts when nothing else is wrong.
    fn drop_consequences(&self, pointer: &str, solid: &BTreeSet<String>, faults: &mut Vec<Fault>) {
        let beneath = format!("{pointer}/");
        let wrong = solid.contains(pointer)
            || solid
                .range(beneath.clone()..)
                .next()
                .is_some_and(|first| first.starts_with(&beneath));
        if !wrong || !faults.iter().any(|fault| fault.about.is_unevaluated()) {
            return;
        }
        let scopes = self.scopes(pointer);
        let declared = names(&scopes);
        faults.retain(|fault| match &fault.about {
            About::Unknown { key, unevaluated: true } => !declared.contains(key.as_str()),
            About::Unevaluated => false,
            _ => true,
        });
    }

    /// A missing member and an unknown one of nearly the same name are one mistake.
    fn join_misspelt(&self, pointer: &str, faults: &mut Vec<Fault>) {
        if !faults.iter().any(|fault| matches!(fault.about, About::Missing(_))) {
            return;
        }
        let object = self.node(pointer);
        let scopes = self.scopes(pointer);
        let declared = names(&scopes);
        let mut strangers: Vec<&str> = object
            .members()
            .filter_map(|(key, _)| key.as_str())
            .filter(|key| !declared.contains(key))
            .collect();
        let mut joined = Vec::new();
        for fault in &mut *faults {
            let About::Missing(name) = &fault.about else {
                continue;
            };
            let Some(near) = nearest(name, strangers.iter().copied()) else {
                continue;
            };
            strangers.retain(|stranger| *stranger != near);
            let (name, near_name) = (wording::name(name), wording::name(near));
            fault.mismatch.span = key_span(object, near);
            fault.mismatch.message = format!("{name} is missing, but there is {near_name}");
            fault.mismatch.help = Some(format!("did you mean {name}?"));
            joined.push(near.to_owned());
        }
        faults.retain(|fault| match &fault.about {
            About::Unknown { key, .. } | About::Name(key) => !joined.contains(key),
            _ => true,
        });
    }
}

/// Keeps one fault for each missing member, each member too many, and the value itself when it is
/// a scalar or of the wrong type: the one that says most.
fn one_for_each_subject(node: Node<'_>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    faults.sort_by_key(|fault| rank(&fault.mismatch.keyword));
    let scalar = !matches!(node.kind(), Kind::Array | Kind::Object);
    let mistyped = faults.iter().any(|fault| fault.mismatch.keyword == "type");
    faults.retain(|fault| match &fault.about {
        About::Missing(name) => seen.insert(format!("missing {name}")),
        About::Unknown { key, .. } | About::Name(key) => seen.insert(format!("member {key}")),
        About::Value if scalar || mistyped => seen.insert("value".to_owned()),
        About::Value | About::Unevaluated => true,
    });
}

/// Which of several complaints about one value is told, the lowest first.
fn rank(keyword: &str) -> usize {
    const ORDER: [&str; 9] = [
        "type",
        "const",
        "enum",
        "oneOf",
        "anyOf",
        "additionalProperties",
        "minLength",
        "format",
        "pattern",
    ];
    ORDER.iter().position(|known| *known == keyword).unwrap_or(ORDER.len())
}
