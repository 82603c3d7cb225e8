//! The page of a kind: its fields, with an example each, and its rules.

use super::page::{Block, Page};
use crate::catalog::{Catalog, Kind};
use crate::document::Node;

/// The page of `kind`.
#[must_use]
pub fn kind(catalog: &Catalog, kind: &Kind) -> Page {
    let mut page = Page::new(format!("{}: {}", kind.name, kind.title));
    page.text(&kind.description);
    page.text(format!("Formats: {}.", kind.formats.join(", ")));
    if kind.formats.iter().any(|format| format == "csv") {
        page.text("In CSV: a list is written `a;b`, a boolean `true` or `false`, and an empty cell is an absent field.");
    }
    let schema = kind.source.document.root();
    page.list("Fields (those with ? may be absent)", fields(schema));
    let rules = kind.rules.iter();
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    page.list(
        "Rules for every artifact of the kind",
        rules.map(|rule| (rule.id.clone(), said(&rule.help))).collect(),
    );
    let example = example(schema);
    if !example.is_null() {
        page.heading("A record, from the examples of its required fields");
        let text = serde_json::to_string_pretty(&example).unwrap_or_default();
        page.blocks.push(Block::Code("json", text));
    }
    let reads = |control: &&crate::catalog::Control| {
        let slots = control.requirements.iter().flat_map(|requirement| &requirement.slots);
        slots.into_iter().any(|slot| slot.kind == kind.name)
    };
    let controls = catalog.controls.iter().filter(reads);
    page.list(
        "Controls that read it",
        controls.map(|control| (control.id.clone(), control.title.clone())).collect(),
    );
    page
}

fn fields(schema: Node<'_>) -> Vec<(String, String)> {
    let required = schema.get("required");
    let mut list = Vec::new();
    for (key, property) in schema.get("properties").into_iter().flat_map(|all| all.members()) {
        let name = key.as_str().unwrap_or_default();
        let needed =
            required.is_some_and(|all| all.elements().any(|one| one.as_str() == Some(name)));
        let text = property.get("description").and_then(|text| text.as_str()).unwrap_or_default();
        let example = property
            .pointer("/examples/0")
            .map_or_else(String::new, |example| format!(" Example: {}", example.to_value()));
        let name = if needed { name.to_owned() } else { format!("{name}?") };
        list.push((name, format!("{text}{example}")));
    }
    list
}

/// A record of the required fields, each with the first example of its schema.
fn example(schema: Node<'_>) -> serde_json::Value {
    let required = schema.get("required").into_iter().flat_map(|all| all.elements());
    let fields = required.filter_map(|name| {
        let name = name.as_str()?;
        let property = schema.get("properties")?.get(name)?;
        Some((name.to_owned(), property.pointer("/examples/0")?.to_value()))
    });
    let record: serde_json::Map<_, _> = fields.collect();
    if record.is_empty() { serde_json::Value::Null } else { record.into() }
}
