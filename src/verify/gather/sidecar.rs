//! The manifest of an artifact: who took it from where, when and how much of it there is.

use std::collections::BTreeMap;
use std::io::Read as _;

use jiff::civil::Date;

use super::faults::artifact_finding;
use super::{LARGEST, Reading};
use crate::document::{Document, Fault, decode, read_text};
use crate::evidence::{MANIFEST_SUFFIX, Manifest};
use crate::model::time::Interval;
use crate::model::{Code, Finding, Label, Place, Span};
use crate::verify::facts::ManifestFacts;
use crate::verify::plan::Use;

impl Reading<'_, '_> {
    /// Reads the manifest, where there is one.
    pub(super) fn sidecar(&mut self) {
        let path = format!("{}{MANIFEST_SUFFIX}", self.path);
        if !self.gatherer.inventory.contains(&path) {
            let needs = |one: &Use| self.gatherer.slot(*one).1.manifest_required;
            if self.uses.iter().any(needs) {
                let message = format!("`{path}` is missing");
                self.add(Code::ManifestMissing, message, Place::file(self.path), None);
            }
            return;
        }
        let mut bytes = Vec::new();
        let read = self.gatherer.store.open(&path);
        if let Err(error) = read.and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
            let message = format!("the manifest cannot be read: {error}");
            self.facts.blind = true;
            self.add(Code::PathUnreadable, message, Place::file(&path), None);
            return;
        }
        match self.manifest(&path, bytes) {
            Ok((manifest, document)) => {
                self.facts.future = manifest.collected > self.gatherer.as_of;
                self.replaces(&manifest);
                self.facts.manifest = Some(manifest);
                self.manifest = Some(document);
            }
            Err(findings) => {
                self.facts.findings.extend(findings.into_iter().map(|finding| (None, finding)));
            }
        }
    }

    /// What a manifest replaces stays in the repository: it is not erased.
    pub(super) fn replaces(&mut self, manifest: &ManifestFacts) {
        let Some(older) = &manifest.manifest.supersedes else { return };
        if *older == self.path || !self.gatherer.inventory.contains(older) {
            let other = if *older == self.path { "the file itself" } else { "no file" };
            let message = format!("`supersedes` names {other}: `{older}`");
            let place = manifest.labels["supersedes"].place.clone();
            self.add(Code::ManifestInvalid, message, place, None);
        }
    }

    pub(super) fn manifest(
        &self,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<(ManifestFacts, Document), Vec<Finding>> {
        let wrong = |message: String, place: Place| {
            artifact_finding(Code::ManifestInvalid, message, self.path, vec![Label::new(place, "")])
        };
        let decoded =
            decode(bytes).map_err(|fault| vec![wrong(fault.message, Place::file(path))])?;
        let (document, faults) = read_text(path, decoded.text.clone(), false);
        let Some(document) =
            document.filter(|_| faults.iter().all(|fault| fault.kind.is_warning()))
        else {
            let at = |fault: &Fault| wrong(fault.message.clone(), decoded.place(path, fault.span));
            return Err(faults.iter().map(at).collect());
        };
        let root = document.root();
        let mismatches = self.gatherer.manifests.check(root);
        if !mismatches.is_empty() {
            let at = |mismatch: &crate::schema::Mismatch| {
                let mut finding =
                    wrong(mismatch.message.clone(), decoded.place(path, mismatch.span));
                if let Some(help) = &mismatch.help {
                    finding.help.clone_from(help);
                }
                finding
            };
            return Err(mismatches.iter().map(at).collect());
        }
        let manifest: Manifest = crate::document::from_node(root)
            .map_err(|error| vec![wrong(error.message, decoded.place(path, error.span))])?;
        let at = |pointer: &str| {
            let span = root.pointer(pointer).map_or_else(Span::default, |node| node.span());
            decoded.place(path, span)
        };
        let zone = &self.gatherer.catalog.engagement.zone;
        let collected = zone
            .moment(&manifest.collected_at)
            .map_err(|error| vec![wrong(error.to_string(), at("/collected_at"))])?;
        let covers = match &manifest.covers {
            None => None,
            Some(covers) => {
                let day = |text: &str, pointer: &str| {
                    text.parse::<Date>().map_err(|_| {
                        vec![wrong(
                            format!("`{text}` is not a day: expected `2026-03-31`"),
                            at(pointer),
                        )]
                    })
                };
                let (from, to) =
                    (day(&covers.from, "/covers/from")?, day(&covers.to, "/covers/to")?);
                let interval = Interval::new(from, to)
                    .map_err(|error| vec![wrong(error.to_string(), at("/covers"))])?;
                Some(interval)
            }
        };
        let mut labels = BTreeMap::new();
        for name in
            ["records", "second_source", "sha256", "covers", "collected_at", "source", "supersedes"]
        {
            let pointer = if name == "second_source" { "second_source/records" } else { name };
            labels.insert(name, Label::new(at(&format!("/{pointer}")), ""));
        }
        let facts = ManifestFacts { collected: collected.date, covers, labels, manifest };
        Ok((facts, document))
    }
}
