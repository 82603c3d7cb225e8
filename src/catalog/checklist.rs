//! The checklist: what the controls answer. Every item is claimed by a control, every control
//! claims an item.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::control::Control;
use super::problem::{Problem, Source};
use super::{File, generated, pack, schema_of, source, typed};
use crate::document::Node;
use crate::schema::suggest::nearest;

/// `controls/checklist.yaml`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// What the checklist is.
    #[schemars(length(min = 1))]
    pub title: String,
    /// All criteria of the framework by id, in words of our own; those that no item names, too.
    #[serde(default)]
    pub criteria: BTreeMap<String, String>,
    /// Groups of items in their order.
    #[schemars(length(min = 1))]
    pub groups: Vec<Group>,
}

/// A group of items.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What the ids of its items begin with.
    pub id: String,
    /// Title.
    pub title: String,
    /// Where in the checklist it stands.
    #[serde(default)]
    pub part: String,
    /// Its items in their order.
    #[schemars(length(min = 1))]
    pub items: Vec<Item>,
}

/// One line of the checklist.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable id, never renamed or used again.
    pub id: String,
    /// The exact text.
    #[schemars(length(min = 1))]
    pub text: String,
    /// SHA-256 of the text, so that it is not reworded by accident.
    pub sha256: Option<String>,
    /// Criteria the item supports.
    #[serde(default)]
    pub criteria: Vec<String>,
    /// Where other frameworks ask for the same: their ids by framework.
    #[serde(default)]
    pub crosswalk: BTreeMap<String, Vec<String>>,
    /// What no tool can see.
    pub limit: Option<String>,
    /// The rules of the item by id, each to be a check or a question for a person.
    #[serde(default)]
    pub rules: BTreeMap<String, String>,
}

impl Checklist {
    /// The item `id`, with its group.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<(&Group, &Item)> {
        self.items().find(|(_, item)| item.id == id)
    }

    /// All items in their order, with their groups.
    pub fn items(&self) -> impl Iterator<Item = (&Group, &Item)> {
        self.groups.iter().flat_map(|group| group.items.iter().map(move |item| (group, item)))
    }
}

/// The checklists a repository is judged by, with the files they came from.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) whole: Checklist,
    /// For each item: the file, and where in it.
    places: BTreeMap<String, (usize, String)>,
    sources: Vec<Source>,
}

/// Reads checklists and joins them into one.
pub(super) fn load(files: &[File]) -> Result<Loaded, Vec<Problem>> {
    let mut loaded = Loaded::default();
    if files.is_empty() {
        return Ok(loaded);
    }
    // The built-in one is held to its schema by a test.
    let own = files.iter().any(|file| !pack::holds(&file.path, &file.bytes));
    let schema = own.then(|| generated("checklist", schema_of::<Checklist>())).transpose()?;
    let mut problems = Vec::new();
    for file in files {
        let schema = schema.as_ref().filter(|_| !pack::holds(&file.path, &file.bytes));
        let read = source(file).and_then(|source| Ok((typed(schema, &source)?, source)));
        match read {
            Ok((checklist, source)) => loaded.add(checklist, source, &mut problems),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

impl Loaded {
    fn add(&mut self, checklist: Checklist, source: Source, problems: &mut Vec<Problem>) {
        for (at, group) in checklist.groups.iter().enumerate() {
            for (number, item) in group.items.iter().enumerate() {
                let pointer = format!("/groups/{at}/items/{number}");
                let text_pointer = format!("{pointer}/text");
                if item.sha256.as_ref().is_some_and(|stated| *stated != digest(&item.text)) {
                    let message =
                        format!("the text of {} is not the one its `sha256` was made of", item.id);
                    let help = "texts are kept word for word; a new wording is a new digest, and a decision";
                    problems.push(source.problem(&text_pointer, message, Some(help.to_owned())));
                }
                let place = (self.sources.len(), format!("{pointer}/id"));
                if self.places.insert(item.id.clone(), place).is_some() {
                    let message = format!("there are two items `{}`", item.id);
                    problems.push(source.problem(&format!("{pointer}/id"), message, None));
                }
            }
        }
        if self.whole.title.is_empty() {
            self.whole.title = checklist.title;
        }
        self.whole.criteria.extend(checklist.criteria);
        self.whole.groups.extend(checklist.groups);
        self.sources.push(source);
    }

    /// What is wrong between the items and the controls that claim them. Nothing is asked of
    /// controls where there is no checklist.
    pub(super) fn claims(&self, controls: &[Control]) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.sources.is_empty() {
            return problems;
        }
        let mut first: BTreeMap<&str, &str> = BTreeMap::new();
        let rules: BTreeSet<&str> = self
            .whole
            .items()
            .flat_map(|(_, item)| item.rules.keys().map(String::as_str))
            .collect();
        for control in controls {
            for (at, item) in control.items.iter().enumerate() {
                let pointer = format!("/items/{at}");
                if !self.places.contains_key(item) {
                    let near = nearest(item, self.places.keys().map(String::as_str));
                    let help = near.map_or_else(
                        || "name an item of the checklist, or add it to a `controls/checklist.yaml` of your own".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    let message = format!("there is no checklist item `{item}`");
                    problems.push(control.source.problem(&pointer, message, Some(help)));
                } else if let Some(other) = first.insert(item, &control.id) {
                    let message = format!("{item} is claimed by {other} already");
                    let help = "one control claims an item; another that adds to it names the item under `adds_to`";
                    problems.push(control.source.problem(&pointer, message, Some(help.to_owned())));
                }
            }
            for (at, item) in control.adds_to.iter().enumerate() {
                if !self.places.contains_key(item) {
                    let near = nearest(item, self.places.keys().map(String::as_str));
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("there is no checklist item `{item}`");
                    problems.push(control.source.problem(&format!("/adds_to/{at}"), message, help));
                }
            }
            self.criteria(control, &mut problems);
            unknown_rules(control.source.document.root(), control, &rules, &mut problems);
        }
        for (item, (source, pointer)) in &self.places {
            if !first.contains_key(item.as_str()) {
                let message = format!("no control claims {item}: nothing would be checked for it");
                let help = format!("write a control with `items: [{item}]`");
                problems.push(self.sources[*source].problem(pointer, message, Some(help)));
            }
        }
        problems
    }

    fn criteria(&self, control: &Control, problems: &mut Vec<Problem>) {
        let known = &self.whole.criteria;
        for (at, criterion) in control.criteria.iter().enumerate() {
            if !known.is_empty() && !known.contains_key(criterion) {
                let near = nearest(criterion, known.keys().map(String::as_str));
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("there is no criterion `{criterion}`");
                problems.push(control.source.problem(&format!("/criteria/{at}"), message, help));
            }
        }
    }
}

/// A rule that is named and does not exist would seem implemented.
fn unknown_rules(
    node: Node<'_>,
    control: &Control,
    known: &BTreeSet<&str>,
    problems: &mut Vec<Problem>,
) {
    for (key, value) in node.members() {
        if key.as_str() == Some("rules") {
            for rule in value.elements() {
                let Some(name) = rule.as_str() else { continue };
                if !known.contains(name) {
                    let near = nearest(name, known.iter().copied());
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("the checklist has no rule `{name}`");
                    let label = control.source.label_span(rule.span());
                    problems.push(Problem { label, message, help });
                }
            }
        }
        if !value.is_empty() {
            unknown_rules(value, control, known, problems);
        }
    }
    for element in node.elements().filter(|element| !element.is_empty()) {
        unknown_rules(element, control, known, problems);
    }
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
