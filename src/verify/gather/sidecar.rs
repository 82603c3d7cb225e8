//! The manifest of an artifact: who took it from where, when and how much of it there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Reading;
use super::faults::artifact_finding;
use super::folder::{Sheet, split};
use crate::document::{Document, Node, read_text};
use crate::evidence::{MANIFEST_SUFFIX, Manifest};
use crate::model::time::Interval;
use crate::model::{Code, Finding, Label, Place};
use crate::verify::facts::ManifestFacts;
use crate::verify::plan::Use;

/// What is said of an artifact at one place: a mapping in a manifest.
#[derive(Clone, Copy)]
struct Layer<'s> {
    sheet: &'s Arc<Sheet>,
    node: Node<'s>,
}

/// All that is said of an artifact, what wins first.
struct Layers<'s>(Vec<Layer<'s>>);

impl<'s> Layers<'s> {
    /// The layer that says the member `key`, else the first.
    fn of(&self, key: &str) -> Option<Layer<'s>> {
        let says = self.0.iter().find(|layer| layer.node.get(key).is_some());
        says.or(self.0.first()).copied()
    }

    /// The value at `pointer`, with the layer that says it.
    fn node(&self, pointer: &str) -> Option<(Layer<'s>, Option<Node<'s>>)> {
        let layer =
            self.of(pointer.trim_start_matches('/').split('/').next().unwrap_or_default())?;
        Some((layer, layer.node.pointer(pointer)))
    }

    /// Where the value at `pointer` stands; nowhere in the file when it is not said.
    fn place(&self, pointer: &str) -> Place {
        match self.node(pointer) {
            Some((layer, Some(node))) => layer.sheet.place(node.span()),
            Some((layer, None)) => Place::file(&layer.sheet.path),
            None => Place::file(""),
        }
    }

    /// The beginning of the mapping in which something is missing.
    fn beginning(&self, pointer: &str) -> Place {
        let Some((layer, Some(node))) = self.node(pointer) else { return self.place("") };
        let text = layer.sheet.document.text();
        layer.sheet.place(crate::catalog::first_line(node.span(), text))
    }

    /// The only manifest, where there is one and it is the artifact's own.
    fn own(&self) -> Option<&'s Sheet> {
        let [first] = self.0.as_slice() else { return None };
        let whole = first.node.slot() == first.sheet.document.root().slot();
        whole.then_some(first.sheet.as_ref())
    }

    /// One document of all layers, or the only one as it stands.
    fn document(&self) -> Option<Document> {
        if let Some(own) = self.own() {
            return Some(own.document.clone());
        }
        if self.0.is_empty() {
            return None;
        }
        let mut merged = Map::new();
        for layer in self.0.iter().rev() {
            for (key, value) in layer.node.members() {
                merged.insert(key.as_str().unwrap_or_default().to_owned(), value.to_value());
            }
        }
        read_text("manifest.json", Value::Object(merged).to_string(), false).0
    }
}

impl Reading<'_, '_> {
    /// Reads the manifest, where there is one.
    pub(super) fn sidecar(&mut self) {
        let path = format!("{}{MANIFEST_SUFFIX}", self.path);
        let own = self.gatherer.inventory.contains(&path);
        let own = own
            .then(|| Sheet::read(&path, self.path, self.gatherer.store).map(Arc::new))
            .transpose();
        let folder = self.gatherer.folders.of(self.path).map(Result::as_ref).transpose();
        for unread in own.as_ref().err().into_iter().chain(folder.err()) {
            self.facts.blind |= unread.blind;
            let findings = unread.findings.iter().cloned();
            self.facts.findings.extend(findings.map(|finding| (None, finding)));
        }
        let (Ok(own), Ok(folder)) = (own, folder) else { return };
        let mut layers: Vec<Layer<'_>> =
            own.iter().map(|sheet| Layer { sheet, node: sheet.document.root() }).collect();
        if let Some(sheet) = folder {
            let (listed, defaults) = sheet.layers(split(self.path).1);
            layers.extend(listed.map(|node| Layer { sheet, node }));
            // Defaults alone describe nobody.
            let described = !layers.is_empty();
            layers.extend(defaults.filter(|_| described).map(|node| Layer { sheet, node }));
        }
        let layers = Layers(layers);
        let Some(document) = layers.document() else {
            let needs = |one: &Use| self.gatherer.programs.of(*one).slot.manifest_required;
            if self.uses.iter().any(needs) {
                let unlisted = match folder {
                    Some(sheet) => format!(", and `{}` does not list the file", sheet.path),
                    None => String::new(),
                };
                let message = format!("`{path}` is missing{unlisted}");
                self.add(Code::ManifestMissing, message, Place::file(self.path), None);
            }
            return;
        };
        match self.manifest(&layers, &document) {
            Ok(manifest) => {
                self.facts.future = manifest.collected > self.gatherer.as_of;
                self.facts.manifest = Some(manifest);
                self.manifest = Some(document);
                // A binary's fields are those of the layer that holds them.
                self.facts.described_in =
                    layers.of("attributes").map(|layer| layer.sheet.path.clone());
                self.attributes = layers.of("attributes").map(|layer| Arc::clone(layer.sheet));
            }
            Err(findings) => {
                self.facts.findings.extend(findings.into_iter().map(|finding| (None, finding)));
            }
        }
    }

    fn manifest(
        &self,
        layers: &Layers<'_>,
        document: &Document,
    ) -> Result<ManifestFacts, Vec<Finding>> {
        let wrong = |message: String, place: Place| {
            artifact_finding(Code::ManifestInvalid, message, self.path, vec![Label::new(place, "")])
        };
        self.breaks(layers, document)?;
        let manifest: Manifest = crate::document::from_node(document.root()).map_err(|error| {
            let own = layers.own().map(|sheet| sheet.place(error.span));
            vec![wrong(error.message, own.unwrap_or_else(|| layers.beginning("")))]
        })?;
        let zone = &self.gatherer.catalog.engagement.zone;
        let collected = zone
            .moment(&manifest.collected_at)
            .map_err(|error| vec![wrong(error.to_string(), layers.place("/collected_at"))])?;
        let covers = match &manifest.covers {
            None => None,
            Some(covers) => {
                let day = |text: &str, pointer: &str| {
                    let message = format!("`{text}` is not a day: expected `2026-03-31`");
                    text.parse::<Date>().map_err(|_| vec![wrong(message, layers.place(pointer))])
                };
                let (from, to) =
                    (day(&covers.from, "/covers/from")?, day(&covers.to, "/covers/to")?);
                let interval = Interval::new(from, to)
                    .map_err(|error| vec![wrong(error.to_string(), layers.place("/covers"))])?;
                Some(interval)
            }
        };
        let mut labels = BTreeMap::new();
        for name in
            ["records", "second_source", "sha256", "covers", "collected_at", "source", "supersedes"]
        {
            let pointer = if name == "second_source" { "second_source/records" } else { name };
            labels.insert(name, Label::new(layers.place(&format!("/{pointer}")), ""));
        }
        Ok(ManifestFacts { collected: collected.date, covers, labels, manifest })
    }

    /// What breaks the schema of manifests.
    fn breaks(&self, layers: &Layers<'_>, document: &Document) -> Result<(), Vec<Finding>> {
        let schema = self.gatherer.manifests;
        if let Some(own) = layers.own() {
            let findings = own.breaks(schema, self.path);
            return if findings.is_empty() { Ok(()) } else { Err(findings) };
        }
        let at = |mismatch: crate::schema::Mismatch| {
            let label = Label::new(layers.beginning(&mismatch.pointer), "");
            let message = mismatch.message;
            let mut finding =
                artifact_finding(Code::ManifestInvalid, message, self.path, vec![label]);
            finding.help = mismatch.help.unwrap_or(finding.help);
            finding
        };
        let findings: Vec<_> = schema.check(document.root()).into_iter().map(at).collect();
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }
}
