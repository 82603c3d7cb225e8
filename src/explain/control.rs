//! The page of a control: what it asks and why, the evidence, the checks, what a person decides.

use std::collections::BTreeMap;

use super::page::{Block, Page};
use crate::catalog::{Catalog, Checklist, Control};
use crate::document::Node;

/// The page of `control`.
#[must_use]
pub fn control(catalog: &Catalog, control: &Control) -> Page {
    let mut page = Page::new(format!("{}: {}", control.id, control.title));
    for id in control.items.iter().chain(&control.adds_to) {
        if let Some((group, item)) = catalog.checklist.item(id) {
            page.blocks.push(Block::Quote(item.text.clone()));
            page.text(format!("Item {id} of the checklist, {}.", group.title));
        }
    }
    page.text(&control.objective);
    page.heading("Why");
    page.text(&control.why);
    page.heading("What good evidence looks like");
    page.text(&control.good);
    let rule = control.source.document.root();
    page.list("Evidence", evidence(control, rule));
    page.list("Checks", checks(control, rule));
    let described = |name: &str| {
        let text = rule.pointer(&format!("/params/{name}/description"));
        text.and_then(|text| text.as_str()).unwrap_or_default().to_owned()
    };
    let params = control.params.iter();
    page.list(
        "Parameters the engagement may set",
        params.map(|(name, value)| (format!("{name} = {value}"), described(name))).collect(),
    );
    let questions = control.judgement.iter().map(|question| (question.clone(), String::new()));
    page.list("What a person must still decide", questions.collect());
    page.list("Rules of the checklist", rules(&catalog.checklist, control, rule));
    let names = &catalog.checklist.criteria;
    let criteria = control.criteria.iter();
    let criteria = criteria.map(|id| (id.clone(), names.get(id).cloned().unwrap_or_default()));
    page.list("Criteria it supports", criteria.collect());
    for id in control.items.iter().chain(&control.adds_to) {
        let Some((_, item)) = catalog.checklist.item(id) else { continue };
        let crosswalk = item.crosswalk.iter();
        let crosswalk = crosswalk.map(|(framework, ids)| (framework.clone(), ids.join(", ")));
        page.list("Where other frameworks ask for the same", crosswalk.collect());
        if let Some(limit) = &item.limit {
            page.heading("What no tool can see");
            page.text(limit);
        }
    }
    page
}

fn evidence(control: &Control, rule: Node<'_>) -> Vec<(String, String)> {
    let mut list = Vec::new();
    for requirement in &control.requirements {
        for slot in &requirement.slots {
            let name = match &slot.alternative {
                Some(alternative) => format!("{}.{alternative}", requirement.name),
                None => requirement.name.clone(),
            };
            let own = rule.pointer(&slot.pointer);
            let described =
                own.and_then(|own| own.get("description")).and_then(|text| text.as_str());
            let paths: Vec<_> = slot.patterns.iter().map(|pattern| pattern.as_str()).collect();
            let mut said = described.map_or_else(String::new, |text| format!("{text} "));
            said.push_str(&format!("Kind {}, in {}", slot.kind, paths.join(" or ")));
            if let Some(cadence) = slot.cadence {
                said.push_str(&format!(", {cadence}"));
            }
            if slot.population.is_some() {
                said.push_str(", complete");
            }
            if slot.manifest_required {
                said.push_str(", with a manifest");
            }
            list.push((name, said + "."));
        }
    }
    list
}

fn checks(control: &Control, rule: Node<'_>) -> Vec<(String, String)> {
    let said = |id: &str, key: &str| {
        let text = rule.pointer(&format!("/checks/{id}/{key}")).and_then(|text| text.as_str());
        text.unwrap_or_default().to_owned()
    };
    let one = |check: &crate::catalog::Check| {
        let (message, help) = (said(&check.id, "message"), said(&check.id, "help"));
        let unmet = if message.is_empty() {
            check.title.clone()
        } else {
            format!("breaks when: {message}.")
        };
        (check.id.clone(), format!("{unmet} {help}").trim().to_owned())
    };
    control.checks.iter().map(one).collect()
}

/// Each rule of the items with what implements it.
fn rules(checklist: &Checklist, control: &Control, rule: Node<'_>) -> Vec<(String, String)> {
    let implemented = implemented(rule);
    let items = control.items.iter().filter_map(|id| checklist.item(id));
    items
        .flat_map(|(_, item)| &item.rules)
        .map(|(id, text)| {
            let by = implemented.get(id.as_str()).map_or_else(String::new, |by| by.join(", "));
            (id.clone(), format!("{text} ({by})"))
        })
        .collect()
}

/// What names each rule: checks and requirements by name, questions as `a person: question`.
pub(super) fn implemented<'a>(rule: Node<'a>) -> BTreeMap<&'a str, Vec<String>> {
    let mut by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut note = |one: Node<'a>, name: String| {
        for rule in one.get("rules").into_iter().flat_map(|rules| rules.elements()) {
            by.entry(rule.as_str().unwrap_or_default()).or_default().push(name.clone());
        }
    };
    let named = |key: &str| rule.get(key).into_iter().flat_map(|all| all.members());
    for (name, check) in named("checks") {
        note(check, format!("check {}", name.as_str().unwrap_or_default()));
    }
    for (name, requirement) in named("evidence") {
        let name = format!("evidence {}", name.as_str().unwrap_or_default());
        note(requirement, name.clone());
        for (_, alternative) in requirement.get("any_of").into_iter().flat_map(|all| all.members())
        {
            note(alternative, name.clone());
        }
    }
    for question in rule.get("judgement").into_iter().flat_map(|all| all.elements()) {
        let id = question.get("id").and_then(|id| id.as_str()).unwrap_or_default();
        note(question, format!("a person decides: {id}"));
    }
    by
}
