//! The one pass over an artifact: bytes are hashed and read once, every record is validated,
//! selected and reduced to what the checks name.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::evaluate::{Env, Held};
use super::facts::{ArtifactFacts, ManifestFacts, Marks, Occurrence, UseFacts};
use super::locate::Locator;
use super::plan::Use;
use super::probe;
use super::rows::{Origin, Placed, Row};
use crate::catalog::{Catalog, Control, KeyPath, Kind, KindRule, Record, Slot, Unit};
use crate::document::{
    Arena, Blocks, CellType, Compression, CsvReader, Decoded, Document, Fault, FaultKind, Limits,
    Node, decode, decompressing, fault_of, read_text,
};
use crate::evidence::{Inventory, MANIFEST_SUFFIX, Manifest, Store};
use crate::expression::Shape;
use crate::model::time::{Interval, PeriodLabel};
use crate::model::{Code, Finding, Label, LineColumn, Place, Severity, Span, Subject};
use crate::schema::Schema;

/// What every artifact is gathered with.
pub(crate) struct Gatherer<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) inventory: &'a Inventory,
    pub(crate) store: &'a dyn Store,
    pub(crate) env: &'a Env<'a>,
    pub(crate) manifests: &'a Schema,
    pub(crate) as_of: Date,
}

/// Largest document that is held whole.
const LARGEST: u64 = 256 << 20;
const LIMITS: Limits = Limits { max_output: 4 << 30, max_ratio: 2_000 };

/// One file while it is read.
struct Reading<'r, 'a> {
    gatherer: &'r Gatherer<'a>,
    path: &'a str,
    entry: usize,
    uses: &'r [Use],
    manifest: Option<Document>,
    facts: ArtifactFacts,
    zoneless: bool,
}

impl<'a> Gatherer<'a> {
    /// Reads file number `entry` of the inventory for `uses`.
    pub(crate) fn artifact(&self, entry: usize, uses: &[Use]) -> ArtifactFacts {
        let path = self.inventory.entries()[entry].path.as_str();
        let mut facts = ArtifactFacts::default();
        facts.uses.resize_with(uses.len(), UseFacts::default);
        let mut reading =
            Reading { gatherer: self, path, entry, uses, manifest: None, facts, zoneless: false };
        reading.sidecar();
        if !reading.facts.future {
            reading.read();
        }
        reading.facts
    }

    fn slot(&self, one: Use) -> (&'a Control, &'a Slot) {
        let control = &self.catalog.controls[one.control];
        (control, &control.requirements[one.requirement].slots[one.slot])
    }
}

impl<'a> Reading<'_, 'a> {
    fn add(&mut self, code: Code, message: String, place: Place, related: Option<Label>) {
        let mut evidence = vec![Label::new(place, "")];
        evidence.extend(related);
        let finding = artifact_finding(code, message, self.path, evidence);
        self.facts.findings.push((None, finding));
    }

    fn failed(&mut self, error: &io::Error) {
        self.facts.unread = true;
        match fault_of(error) {
            Some(fault) => {
                let place = Place { span: fault.span, ..Place::file(self.path) };
                self.facts.blind |= is_blind(fault.kind);
                self.add(code_of(fault.kind), fault.message.clone(), place, None);
            }
            None => {
                self.facts.blind = true;
                let message = format!("the file cannot be read: {error}");
                self.add(Code::PathUnreadable, message, Place::file(self.path), None);
            }
        }
    }

    /// Records the faults of a text; whether it counts as read.
    fn faults(&mut self, faults: &[Fault], locator: &Locator<'_>) -> bool {
        for fault in faults {
            let related = fault
                .related
                .as_ref()
                .map(|(span, text)| Label::new(locator.place(*span), text.clone()));
            self.add(
                code_of(fault.kind),
                fault.message.clone(),
                locator.place(fault.span),
                related,
            );
            if fault.kind.is_warning() {
                if let Some((_, finding)) = self.facts.findings.last_mut() {
                    finding.severity = Severity::Warning;
                }
            } else {
                self.facts.unread = true;
                self.facts.blind |= is_blind(fault.kind);
            }
        }
        faults.iter().all(|fault| fault.kind.is_warning())
    }

    /// Reads the manifest, where there is one.
    fn sidecar(&mut self) {
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
    fn replaces(&mut self, manifest: &ManifestFacts) {
        let Some(older) = &manifest.manifest.supersedes else { return };
        if *older == self.path || !self.gatherer.inventory.contains(older) {
            let other = if *older == self.path { "the file itself" } else { "no file" };
            let message = format!("`supersedes` names {other}: `{older}`");
            let place = manifest.labels["supersedes"].place.clone();
            self.add(Code::ManifestInvalid, message, place, None);
        }
    }

    fn manifest(
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

    /// Reads the artifact itself.
    fn read(&mut self) {
        let digest = Arc::new(Mutex::new(Sha256::new()));
        let file = match self.gatherer.store.open(self.path) {
            Ok(file) => file,
            Err(error) => return self.failed(&error),
        };
        let mut hashing = Hashing { inner: file, digest: Arc::clone(&digest) };
        let compression = Compression::of(std::path::Path::new(self.path));
        let result = {
            let reader = decompressing(&mut hashing, compression, LIMITS);
            self.content(reader)
        };
        if let Err(error) = result.and_then(|()| io::copy(&mut hashing, &mut io::sink()).map(drop))
        {
            self.failed(&error);
        }
        let digest = digest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.facts.sha256 = hex;
        self.compare_digest();
    }

    fn compare_digest(&mut self) {
        let Some(manifest) = &self.facts.manifest else { return };
        if manifest.manifest.sha256 == self.facts.sha256 {
            return;
        }
        let message = format!(
            "the file's SHA-256 is {}, its manifest records {}",
            self.facts.sha256, manifest.manifest.sha256
        );
        let label = manifest.labels["sha256"].clone();
        let finding = artifact_finding(Code::DigestMismatch, message, self.path, vec![label]);
        self.facts.findings.push((None, finding));
    }

    fn content(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let format = match extension(self.path) {
            "jsonl" | "ndjson" => "jsonl",
            "yaml" | "yml" => "yaml",
            "md" | "markdown" => "markdown",
            "xml" => "junit",
            other => other,
        };
        let text =
            matches!(format, "jsonl" | "csv" | "json" | "yaml" | "toml" | "markdown" | "junit");
        if text && self.refuses(format) {
            return Ok(());
        }
        match extension(self.path) {
            "jsonl" | "ndjson" => self.lines(reader),
            "csv" => self.rows(reader),
            "json" | "yaml" | "yml" | "toml" | "md" | "markdown" | "xml" => self.document(reader),
            _ => self.binary(reader),
        }
    }

    fn kinds(&self) -> Vec<&'a Kind> {
        let names = self.uses.iter().map(|one| &self.gatherer.slot(*one).1.kind);
        let mut kinds: Vec<&'a Kind> =
            names.filter_map(|name| self.gatherer.catalog.kinds.get(name)).collect();
        kinds.sort_by(|a, b| a.name.cmp(&b.name));
        kinds.dedup_by(|a, b| a.name == b.name);
        kinds
    }

    fn lines(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let kinds = self.kinds();
        let mut blocks = Blocks::new(reader);
        let mut arena = Arena::new();
        while let Some(block) = blocks.next().transpose()? {
            for line in block.lines() {
                let first = LineColumn { line: line.number, column: 1 };
                let text = match &line.text {
                    Ok(text) => *text,
                    Err(fault) => {
                        let locator = Locator::new(self.path, self.entry, "", line.offset, first);
                        self.faults(std::slice::from_ref(fault), &locator);
                        continue;
                    }
                };
                let locator = Locator::new(self.path, self.entry, text, line.offset, first);
                let faults = crate::document::read_json(text, &mut arena, Default::default());
                if self.faults(&faults, &locator)
                    && let Some(node) = arena.root(text)
                {
                    self.instance(node, None, &kinds, &locator);
                }
            }
            blocks.recycle(block);
        }
        Ok(())
    }

    fn rows(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let kinds = self.kinds();
        let types: BTreeMap<String, CellType> =
            kinds.iter().flat_map(|kind| columns(&kind.shape)).collect();
        let (mut rows, header) = CsvReader::begin(reader, None, Some(&types))?;
        let locator = Locator::new(self.path, self.entry, &header.text, header.base, header.first);
        if !self.faults(&header.faults, &locator) {
            return Ok(());
        }
        let mut arena = Arena::new();
        while let Some(row) = rows.next_row(&mut arena)? {
            let locator = Locator::new(self.path, self.entry, row.text, row.base, row.first);
            if self.faults(&row.faults, &locator)
                && let Some(node) = arena.root(row.text)
            {
                self.instance(node, None, &kinds, &locator);
            }
        }
        Ok(())
    }

    fn document(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            self.facts.unread = true;
            self.facts.blind = true;
            let message = "the document is larger than 256 MiB".to_owned();
            self.add(Code::ReaderLimit, message, Place::file(self.path), None);
            return Ok(());
        }
        // A blank TOML or YAML file is a value by its grammar; a file without bytes shows nothing.
        if bytes.is_empty() {
            self.facts.unread = true;
            self.add(
                Code::ArtifactEmpty,
                "the file is empty".to_owned(),
                Place::file(self.path),
                None,
            );
            return Ok(());
        }
        // Up to its first fault even damaged bytes are text, in which the fault can be placed.
        let damaged = (bytes.contains(&0) || std::str::from_utf8(&bytes).is_err())
            .then(|| String::from_utf8_lossy(&bytes).into_owned());
        let Decoded { text, base } = match decode(bytes) {
            Ok(decoded) => decoded,
            Err(fault) => {
                self.facts.unread = true;
                let text = damaged.unwrap_or_default();
                let place = Place::in_text(self.path, &text, fault.span);
                self.add(code_of(fault.kind), fault.message, place, None);
                return Ok(());
            }
        };
        let kinds = self.kinds();
        let comments = kinds.iter().any(|kind| kind.comments);
        let (document, faults) = read_text(strip_compression(self.path), text.clone(), comments);
        let locator = Locator::new(self.path, self.entry, &text, base, LineColumn::FIRST);
        if self.faults(&faults, &locator)
            && let Some(document) = document
        {
            let locator =
                Locator::new(self.path, self.entry, document.text(), base, LineColumn::FIRST);
            self.whole(&document, &kinds, &locator);
        }
        Ok(())
    }

    /// A document: one instance of a kind whose unit is the document, many of the others.
    fn whole(&mut self, document: &Document, kinds: &[&'a Kind], locator: &Locator<'_>) {
        let root = document.root();
        for kind in kinds {
            if kind.unit == Unit::Document {
                self.instance(root, Some(root), &[kind], locator);
            } else if kind.records.steps().is_empty() && root.kind() == crate::document::Kind::Array
            {
                for element in root.elements() {
                    self.instance(element, None, &[kind], locator);
                }
            } else {
                for selected in kind.records.select(root) {
                    self.instance(selected.this, None, &[kind], locator);
                }
            }
        }
    }

    /// Whether a kind is not read from `format`, which is told.
    fn refuses(&mut self, format: &str) -> bool {
        let kinds = self.kinds();
        let Some(kind) = kinds.iter().find(|kind| !kind.formats.iter().any(|one| one == format))
        else {
            return false;
        };
        self.facts.unread = true;
        let message = format!(
            "`{}` is read from {}; the file's name ends in none of these",
            kind.name,
            kind.formats.join(", ")
        );
        self.add(Code::UnknownFormat, message, Place::file(self.path), None);
        true
    }

    /// A binary: the manifest's attributes are the instance.
    fn binary(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let bytes = io::copy(&mut { reader }, &mut io::sink())?;
        if bytes == 0 {
            self.facts.unread = true;
            let message = "the file is empty".to_owned();
            self.add(Code::ArtifactEmpty, message, Place::file(self.path), None);
            return Ok(());
        }
        if self.refuses("binary") {
            return Ok(());
        }
        let kinds = self.kinds();
        let Some(document) = self.manifest.clone() else {
            self.facts.unread = true;
            if !self.facts.findings.iter().any(|(_, finding)| finding.code == Code::ManifestMissing)
            {
                let message = format!("`{}{MANIFEST_SUFFIX}` is missing or wrong", self.path);
                self.add(Code::ManifestMissing, message, Place::file(self.path), None);
            }
            return Ok(());
        };
        let path = format!("{}{MANIFEST_SUFFIX}", self.path);
        let locator = Locator::of_manifest(&path, self.entry, document.text());
        match document.root().get("attributes") {
            Some(attributes) => {
                self.instance(attributes, Some(attributes), &kinds, &locator);
            }
            None => {
                self.facts.unread = true;
                let message = "the manifest has no `attributes`: a binary says nothing by itself";
                self.add(Code::ManifestInvalid, message.to_owned(), Place::file(&path), None);
            }
        }
        Ok(())
    }

    /// Validates one instance and hands its records to every use of its kinds.
    fn instance(
        &mut self,
        node: Node<'_>,
        document: Option<Node<'_>>,
        kinds: &[&'a Kind],
        locator: &Locator<'_>,
    ) {
        for kind in kinds {
            let mismatches = kind.schema.check(node);
            for mismatch in &mismatches {
                let mut labels = vec![Label::new(locator.place(mismatch.span), "")];
                labels.extend(
                    mismatch
                        .related
                        .as_ref()
                        .map(|(span, text)| Label::new(locator.place(*span), text.clone())),
                );
                let mut finding = artifact_finding(
                    Code::SchemaMismatch,
                    mismatch.message.clone(),
                    locator.path(),
                    labels,
                );
                if let Some(help) = &mismatch.help {
                    finding.help.clone_from(help);
                }
                finding.rule = Some(kind.source.label(pointer_of(&mismatch.schema_path)));
                self.facts.findings.push((Some(kind.name.clone()), finding));
            }
            let broken: Vec<Finding> = if mismatches.is_empty() {
                kind.rules
                    .iter()
                    .flat_map(|rule| self.kind_rule(kind, rule, node, locator))
                    .collect()
            } else {
                Vec::new()
            };
            for at in 0..self.uses.len() {
                let (_, slot) = self.gatherer.slot(self.uses[at]);
                if slot.kind != kind.name {
                    continue;
                }
                let before = self.facts.uses[at].selected;
                if kind.unit == Unit::Record && slot.records == kind.records {
                    self.record(at, node, node, document, locator);
                } else {
                    let read = self.facts.uses[at].read;
                    for selected in slot.records.select(node) {
                        self.record(at, selected.this, selected.parent, document, locator);
                    }
                    let (control, _) = self.gatherer.slot(self.uses[at]);
                    let requirement = &control.requirements[self.uses[at].requirement];
                    if self.facts.uses[at].read == read && requirement.by_period {
                        self.nothing(at, node, document, locator);
                    }
                }
                // A rule of the kind concerns the controls that are about this record.
                if self.facts.uses[at].selected > before {
                    let own = self.uses[at];
                    let control = &self.gatherer.catalog.controls[own.control];
                    for finding in &broken {
                        let check = finding.check.clone().unwrap_or_default();
                        self.facts.uses[at].find(&check, || Finding {
                            control: Some(control.id.clone()),
                            requirement: Some(control.requirements[own.requirement].name.clone()),
                            ..finding.clone()
                        });
                    }
                }
            }
        }
    }

    fn kind_rule(
        &self,
        kind: &Kind,
        rule: &KindRule,
        node: Node<'_>,
        locator: &Locator<'_>,
    ) -> Vec<Finding> {
        let mut broken = Vec::new();
        let manifest = self.manifest.as_ref().map(Document::root);
        for selected in rule.each.select(node) {
            let record = Record {
                this: selected.this,
                parent: Some(selected.parent),
                document: Some(node),
                manifest,
            };
            let env = self.gatherer.env;
            if let Some(where_) = &rule.where_
                && matches!(env.holds(where_, &record, None), Held::No(_))
            {
                continue;
            }
            let (spans, reason) = match env.holds(&rule.holds, &record, None) {
                Held::Yes => continue,
                Held::No(spans) => (spans, None),
                Held::Unknown(reason, spans) => (spans, Some(reason)),
            };
            let message = match (&reason, &rule.message) {
                (Some(reason), _) => format!("{} cannot be decided: {reason}", rule.id),
                (None, Some(template)) => env.fill(template, &record, None),
                (None, None) => rule.id.replace('-', " "),
            };
            let labels = labels(locator, selected.this, &spans);
            let mut finding =
                artifact_finding(Code::KindRuleBroken, message, locator.path(), labels);
            finding.subject = Subject::Record {
                path: locator.path().to_owned(),
                key: name_of(selected.this, &locator.record(selected.this)),
            };
            finding.check = Some(rule.id.clone());
            if reason.is_some() {
                finding.code = Code::ConditionNotEvaluable;
            }
            if let Some(help) = &rule.help {
                finding.help.clone_from(help);
            }
            finding.rule = Some(kind.source.label(&rule.holds.pointer));
            broken.push(finding);
        }
        broken
    }

    /// A document without records still is of its period.
    fn nothing(
        &mut self,
        at: usize,
        node: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
    ) {
        let one = self.uses[at];
        let (control, slot) = self.gatherer.slot(one);
        let manifest_document = self.manifest.as_ref();
        let manifest = manifest_document.map(Document::root);
        let work = Work {
            gatherer: self.gatherer,
            control,
            one,
            slot,
            locator,
            record: Record { this: node, parent: Some(node), document, manifest },
            facts: &mut self.facts.uses[at],
            placed: None,
            manifest: self.facts.manifest.as_ref(),
            zoneless: &mut self.zoneless,
        };
        let happened = slot.happened.as_ref().and_then(|path| work.day(path));
        let stated = work.stated();
        let days = work.days(happened, &stated);
        if let Some(days) = days.filter(|_| !work.is_outside(happened, &stated, days)) {
            let group = work.group();
            work.facts.placed.insert(Placed { group, days });
        }
    }

    /// One record of one use.
    fn record(
        &mut self,
        at: usize,
        this: Node<'_>,
        parent: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
    ) {
        let gatherer = self.gatherer;
        let one = self.uses[at];
        let (control, slot) = gatherer.slot(one);
        let manifest_document = self.manifest.take();
        let record = Record {
            this,
            parent: Some(parent),
            document,
            manifest: manifest_document.as_ref().map(Document::root),
        };
        let facts = &mut self.facts.uses[at];
        facts.read += 1;
        let mut work = Work {
            gatherer,
            control,
            one,
            slot,
            locator,
            record,
            facts,
            placed: None,
            manifest: self.facts.manifest.as_ref(),
            zoneless: &mut self.zoneless,
        };
        work.run();
        self.manifest = manifest_document;
        if self.zoneless
            && !self.facts.findings.iter().any(|(_, one)| one.code == Code::ZonelessTime)
        {
            let message = format!(
                "times without an offset are read as {}",
                gatherer.catalog.engagement.zone.name()
            );
            self.add(Code::ZonelessTime, message, locator.place(this.span()), None);
            if let Some((_, finding)) = self.facts.findings.last_mut() {
                finding.severity = Severity::Warning;
            }
        }
    }
}

/// What a record says of its own days.
#[derive(Debug, Default)]
struct Stated {
    period: Option<Interval>,
    covers: Option<Interval>,
    /// What cannot be read: why, where, and the field of the requirement that names it.
    wrong: Option<(String, Vec<Span>, &'static str)>,
}

fn own_days(stated: &Stated) -> Option<Interval> {
    stated.period.or(stated.covers)
}

/// One record under one requirement.
pub(super) struct Work<'w, 'r, 'n> {
    pub(super) gatherer: &'w Gatherer<'r>,
    pub(super) control: &'r Control,
    pub(super) one: Use,
    pub(super) slot: &'r Slot,
    pub(super) locator: &'w Locator<'w>,
    pub(super) record: Record<'n>,
    pub(super) facts: &'w mut UseFacts,
    /// The days the record is evidence of, where a check compares by period.
    pub(super) placed: Option<Placed>,
    manifest: Option<&'w ManifestFacts>,
    zoneless: &'w mut bool,
}

impl Work<'_, '_, '_> {
    fn run(&mut self) {
        let origin = self.locator.record(self.record.this);
        if let Some(key) = &self.slot.population {
            let texts: Vec<String> =
                key.iter().map(|path| path.texts(&self.record).join(";")).collect();
            match key.iter().zip(&texts).find(|(_, text)| text.is_empty()) {
                Some((path, _)) => {
                    let message = format!(
                        "`{}` is absent: a record of a population needs its key",
                        path.as_str()
                    );
                    let pointer = format!("{}/population/key", self.slot.pointer);
                    self.find(Code::ConditionNotEvaluable, message, &[], &pointer);
                }
                None => {
                    let at = self.origins(key, 1).first().copied().unwrap_or(origin);
                    let row = self.row(texts, at);
                    self.facts.population.push(row);
                }
            }
        }
        let Ok(happened) = self.happened() else { return };
        if let Some(day) = happened.filter(|day| *day > self.gatherer.as_of) {
            // It was collected by the as-of date, so it cannot have happened after it.
            if let Some(manifest) = self.manifest {
                let message =
                    format!("the record is of {day}, its export of {}", manifest.collected);
                self.date(Code::RecordAfterCollection, message);
            }
            return;
        }
        let stated = self.stated();
        let days = self.days(happened, &stated);
        let undated = happened.is_none() && self.manifest.is_none();
        if undated && stated.period.is_some_and(|days| days.from() > self.gatherer.as_of) {
            return;
        }
        let outside = self.is_outside(happened, &stated, days);
        if !outside && self.control.requirements[self.one.requirement].by_period {
            self.placed = days.map(|days| Placed { group: self.group(), days });
        }
        if let Some(where_) = &self.slot.where_ {
            match self.gatherer.env.holds(where_, &self.record, Some(self.control)) {
                Held::Yes => {}
                Held::No(_) => return self.passed_by(),
                Held::Unknown(reason, spans) => {
                    let message = format!("the selection cannot be decided: {reason}");
                    return self.find(
                        Code::ConditionNotEvaluable,
                        message,
                        &spans,
                        &where_.pointer,
                    );
                }
            }
        }
        if let (Some(day), Some(manifest)) = (happened, self.manifest) {
            if day > manifest.collected {
                let message =
                    format!("the record is of {day}, its export of {}", manifest.collected);
                self.date(Code::RecordAfterCollection, message);
            }
            if let Some(covers) = manifest.covers.filter(|covers| !covers.contains(day))
                && self.slot.population.is_some()
            {
                let message = format!("the record is of {day}, its export covers {covers}");
                self.date(Code::RecordOutsidePeriod, message);
            }
        }
        if outside {
            let (count, first) = self.facts.outside.unwrap_or_else(|| {
                let marks = self.marks(happened, &stated);
                let days = own_days(&stated);
                (0, if days.is_some() { marks.days } else { marks.done })
            });
            self.facts.outside = Some((count + 1, first));
            return;
        }
        self.facts.selected += 1;
        self.facts.placed.extend(self.placed.clone());
        self.occurrence(happened, stated);
        self.freshness();
        probe::record(self, happened);
    }

    /// The day the thing happened; `Err` when it cannot be told.
    fn happened(&mut self) -> Result<Option<Date>, ()> {
        let Some(path) = &self.slot.happened else { return Ok(None) };
        let Some(node) = path.node(&self.record) else {
            let message =
                format!("`{}` is absent: the record cannot be placed in time", path.as_str());
            self.date(Code::DateUnreadable, message);
            return Err(());
        };
        let text = node.as_str().unwrap_or_default();
        match self.gatherer.catalog.engagement.zone.moment(text) {
            Ok(moment) => {
                *self.zoneless |= moment.zoneless;
                Ok(Some(moment.date))
            }
            Err(error) => {
                self.date(Code::DateUnreadable, error.to_string());
                Err(())
            }
        }
    }

    /// Labels for `spans`, or for the record.
    pub(super) fn labels(&self, spans: &[Span]) -> Vec<Label> {
        labels(self.locator, self.record.this, spans)
    }

    /// The moments a field's text begins and ends at: those of the day for a plain day.
    pub(super) fn moments(&self, path: &KeyPath) -> Option<(i64, i64)> {
        let text = path.node(&self.record)?.as_str()?;
        let moment = self.gatherer.catalog.engagement.zone.moment(text).ok()?;
        Some((moment.instant.as_microsecond(), moment.end().as_microsecond()))
    }

    fn date(&mut self, code: Code, message: String) {
        let span = self.slot.happened.as_ref().and_then(|path| path.node(&self.record));
        let spans: Vec<Span> = span.iter().map(Node::span).collect();
        let pointer = format!("{}/happened", self.slot.pointer);
        self.find(code, message, &spans, &pointer);
    }

    fn day(&self, path: &KeyPath) -> Option<Date> {
        let text = path.node(&self.record)?.as_str()?;
        Some(self.gatherer.catalog.engagement.zone.moment(text).ok()?.date)
    }

    /// What the record says of its own days.
    fn stated(&self) -> Stated {
        let mut stated = Stated::default();
        if let Some(path) = &self.slot.period {
            let node = path.node(&self.record);
            match node.and_then(|node| node.as_str()).unwrap_or_default().parse::<PeriodLabel>() {
                Ok(label) => stated.period = Some(label.0),
                Err(error) => {
                    let spans = node.iter().map(Node::span).collect();
                    stated.wrong = Some((error.to_string(), spans, "period"));
                }
            }
        }
        if let Some((from, to)) = &self.slot.covers {
            let days = self.day(from).zip(self.day(to));
            stated.covers = days.and_then(|(from, to)| Interval::new(from, to).ok());
            if stated.covers.is_none() {
                let nodes = [from, to].into_iter().filter_map(|path| path.node(&self.record));
                let message = "the days it covers cannot be read".to_owned();
                stated.wrong = Some((message, nodes.map(|node| node.span()).collect(), "covers"));
            }
        }
        stated
    }

    /// The days the record is evidence of: its period, else the days it covers, else the days of
    /// its export, else the day it happened, else the days or the day of its manifest.
    fn days(&self, happened: Option<Date>, stated: &Stated) -> Option<Interval> {
        let exported = self.manifest.filter(|_| self.slot.population.is_some());
        let own = stated.period.or(stated.covers);
        let own = own.or_else(|| exported.and_then(|manifest| manifest.covers));
        own.or(happened.map(Interval::day)).or_else(|| {
            let manifest = self.manifest?;
            manifest.covered().or(Some(Interval::day(manifest.collected)))
        })
    }

    /// Whether the record shows nothing of the window. The age of what must be fresh is judged by
    /// its freshness.
    fn is_outside(&self, happened: Option<Date>, stated: &Stated, days: Option<Interval>) -> bool {
        let window = self.gatherer.catalog.engagement.window;
        let own = stated.period.or(stated.covers).or(happened.map(Interval::day));
        let days = own.or(days.filter(|_| self.slot.freshness.is_none()));
        days.is_some_and(|days| days.intersect(&window).is_none())
    }

    fn occurrence(&mut self, happened: Option<Date>, stated: Stated) {
        if let Some((message, spans, field)) = stated.wrong {
            let pointer = format!("{}/{field}", self.slot.pointer);
            return self.find(Code::DateUnreadable, message, &spans, &pointer);
        }
        let marks = self.marks(happened, &stated);
        let (group, period) = (self.group(), stated.period);
        let undated = self.slot.covers.is_none() && period.is_none() && happened.is_none();
        let manifest = self.manifest.filter(|_| undated);
        let covers = stated.covers.or_else(|| manifest.and_then(ManifestFacts::covered));
        let done = happened.or_else(|| self.manifest.map(|manifest| manifest.collected));
        let occurrence = Occurrence { group, period, covers, done };
        self.facts.occurrences.entry(occurrence).or_insert(marks);
    }

    /// Where the record says its day and its days; the whole artifact where its manifest does.
    fn marks(&self, happened: Option<Date>, stated: &Stated) -> Marks {
        let at = |path: Option<&KeyPath>| {
            path.and_then(|path| self.origin(path)).unwrap_or(self.locator.record(self.record.this))
        };
        let manifest = Origin::whole(self.locator.artifact());
        let done = match (happened, self.manifest) {
            (None, Some(_)) => manifest,
            _ => at(self.slot.happened.as_ref()),
        };
        let days = match (&self.slot.period, &self.slot.covers) {
            (Some(period), _) => at(Some(period)),
            (None, Some((from, _))) => at(Some(from)),
            (None, None) if own_days(stated).is_none() && happened.is_none() => done,
            (None, None) => at(self.slot.happened.as_ref()),
        };
        Marks { done, days }
    }

    /// Where the value of a field stands; `None` where there is none in the artifact's text.
    pub(super) fn origin(&self, path: &KeyPath) -> Option<Origin> {
        let node = path.node(&self.record).filter(|_| !path.is_of_manifest())?;
        Some(self.locator.record(node))
    }

    /// Where the `many` keys of the record stand: at the last of its own fields.
    pub(super) fn origins(&self, key: &[KeyPath], many: usize) -> Vec<Origin> {
        let whole = self.locator.record(self.record.this);
        if let [path] = key
            && !path.is_of_manifest()
        {
            let nodes = path.nodes(&self.record);
            if nodes.len() == many {
                return nodes.iter().map(|node| self.locator.record(*node)).collect();
            }
        }
        // Keys are written from the general to the particular: system, listing, account.
        let rank = |path: &&KeyPath| (path.is_of_record(), !path.is_list());
        let telling = key.iter().filter(|path| self.origin(path).is_some()).max_by_key(rank);
        vec![telling.and_then(|path| self.origin(path)).unwrap_or(whole); many]
    }

    /// A record that the requirement is not about still shows of which days its file is; only where
    /// the document itself is the record, the whole file is about something else.
    fn passed_by(&mut self) {
        let file = self.record.document.is_some() && self.slot.records.steps().is_empty();
        if !file {
            self.facts.placed.extend(self.placed.take());
        }
    }

    fn group(&self) -> Option<String> {
        let part =
            |path: &KeyPath| format!("{}={}", path.as_str(), path.texts(&self.record).join(";"));
        let parts: Vec<_> = self.slot.per.iter().map(part).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn freshness(&mut self) {
        let Some((of, _)) = &self.slot.freshness else { return };
        let whole = Origin::whole(self.locator.artifact());
        let (day, origin) = match of {
            Some(path) => (self.day(path), self.origin(path).unwrap_or(whole)),
            None => (self.manifest.map(|manifest| manifest.collected), whole),
        };
        let end = self.gatherer.as_of.min(self.gatherer.catalog.engagement.window.to());
        if let Some(day) = day.filter(|day| *day <= end)
            && self.facts.newest.is_none_or(|(newest, _)| newest < day)
        {
            self.facts.newest = Some((day, origin));
        }
    }

    fn find(&mut self, code: Code, message: String, spans: &[Span], pointer: &str) {
        let labels = labels(self.locator, self.record.this, spans);
        let name = self.name();
        let (control, one, path) = (self.control, self.one, self.locator.path());
        self.facts.find(code.as_str(), || Finding {
            code,
            severity: Severity::Error,
            control: Some(control.id.clone()),
            requirement: Some(control.requirements[one.requirement].name.clone()),
            check: None,
            message,
            help: code.page().fix.to_owned(),
            subject: Subject::Record { path: path.to_owned(), key: name },
            evidence: labels,
            rule: Some(control.source.label(pointer)),
            excepted_by: None,
        });
    }

    /// The record's name for people: its population key, else a telling field, else its line.
    pub(super) fn name(&self) -> String {
        let origin = self.locator.record(self.record.this);
        match &self.slot.population {
            Some(key) => {
                let texts: Vec<_> =
                    key.iter().map(|path| path.texts(&self.record).join(";")).collect();
                let named = texts.iter().any(|text| !text.is_empty());
                if named { texts.join("/") } else { name_of(self.record.this, &origin) }
            }
            None => name_of(self.record.this, &origin),
        }
    }

    pub(super) fn row(&self, key: Vec<String>, origin: Origin) -> Row {
        let name = self.name();
        Row { name, ..Row::new(key, origin) }
    }
}

/// Labels for the values that decide, the most telling first; the record when there are none.
fn labels(locator: &Locator<'_>, this: Node<'_>, spans: &[Span]) -> Vec<Label> {
    let mut labels: Vec<Label> =
        spans.iter().take(3).map(|span| Label::new(locator.place(*span), "")).collect();
    if labels.is_empty() {
        let origin = locator.record(this);
        let place = Place {
            path: locator.path().to_owned(),
            span: origin.span,
            start: origin.start,
            end: origin.end,
        };
        labels.push(Label::new(place, ""));
    }
    labels
}

/// The name of a record that has no population key: the first member whose name ends in `id`.
fn name_of(this: Node<'_>, origin: &Origin) -> String {
    let named = this.members().find(|(key, value)| {
        let key = key.as_str().unwrap_or_default();
        (key == "id" || key.ends_with("_id")) && value.as_str().is_some()
    });
    match named.and_then(|(_, value)| value.as_str()) {
        Some(name) => name.to_owned(),
        None => format!("line {}", origin.start.line),
    }
}

/// How the columns of a CSV file are read: by the type the schema gives them.
fn columns(shape: &Shape) -> Vec<(String, CellType)> {
    let Shape::Object(fields) = shape else { return Vec::new() };
    let cell = |shape: &Shape| match shape {
        Shape::Bool => CellType::Boolean,
        Shape::Int => CellType::Integer,
        Shape::Double => CellType::Number,
        Shape::List(_) => CellType::List,
        _ => CellType::Text,
    };
    fields.fields.iter().map(|(name, field)| (name.clone(), cell(&field.shape))).collect()
}

pub(crate) fn artifact_finding(
    code: Code,
    message: String,
    path: &str,
    evidence: Vec<Label>,
) -> Finding {
    Finding {
        code,
        severity: Severity::Error,
        control: None,
        requirement: None,
        check: None,
        message,
        help: code.page().fix.to_owned(),
        subject: Subject::Artifact { path: path.to_owned() },
        evidence,
        rule: None,
        excepted_by: None,
    }
}

fn pointer_of(schema_path: &str) -> &str {
    if schema_path.starts_with('/') { schema_path } else { "" }
}

fn strip_compression(path: &str) -> &str {
    path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(path)
}

fn extension(path: &str) -> &str {
    strip_compression(path)
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .rsplit_once('.')
        .map_or("", |(_, e)| e)
}

fn is_blind(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Limit | FaultKind::Unsupported)
}

fn code_of(kind: FaultKind) -> Code {
    match kind {
        FaultKind::Syntax => Code::ArtifactSyntax,
        FaultKind::DuplicateKey => Code::DuplicateKey,
        FaultKind::LossyNumber => Code::LossyNumber,
        FaultKind::Encoding => Code::BadEncoding,
        FaultKind::UnclosedQuote => Code::UnclosedQuote,
        FaultKind::RaggedRow => Code::RaggedRow,
        FaultKind::Compression => Code::DamagedCompression,
        FaultKind::Limit => Code::ReaderLimit,
        FaultKind::Unsupported => Code::UnsupportedConstruct,
        FaultKind::AmbiguousScalar => Code::AmbiguousScalar,
        FaultKind::Empty => Code::ArtifactEmpty,
    }
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    digest: Arc<Mutex<Sha256>>,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.lock().unwrap_or_else(PoisonError::into_inner).update(&buffer[..read]);
        Ok(read)
    }
}
