//! One instance of a kind: validated by its schema and its rules, then cut into records.

use std::cell::OnceCell;

use super::Reading;
use super::faults::{artifact_finding, labels};
use super::record::{Work, name_of};
use crate::catalog::{Kind, KindRule, Record, Unit};
use crate::document::{Document, Node};
use crate::model::{Code, Finding, Label, Severity, Subject};
use crate::schema::Mismatch;
use crate::verify::evaluate::Held;
use crate::verify::locate::Locator;
use crate::verify::rows::Placed;
use crate::verify::version;

impl<'a> Reading<'_, 'a> {
    /// Validates one instance and hands its records to every use of its kinds.
    pub(super) fn instance(
        &mut self,
        node: Node<'_>,
        document: Option<Node<'_>>,
        kinds: &[&'a Kind],
        locator: &Locator<'_>,
    ) {
        for kind in kinds {
            let broken = if self.matches(kind, node, locator) {
                let rules = kind.rules.iter();
                rules.flat_map(|rule| self.kind_rule(kind, rule, node, locator)).collect()
            } else {
                Vec::new()
            };
            for at in 0..self.uses.len() {
                let (_, slot) = self.gatherer.slot(self.uses[at]);
                if slot.kind == kind.name {
                    let before = self.facts.uses[at].selected;
                    self.facts.uses[at].units += 1;
                    self.records(at, kind, node, document, locator);
                    // A rule of the kind concerns the controls that are about this record.
                    if self.facts.uses[at].selected > before {
                        self.concerned(at, &broken);
                    }
                }
            }
        }
    }

    /// Whether the instance satisfies the schema of its kind; what does not is a finding.
    fn matches(&mut self, kind: &Kind, node: Node<'_>, locator: &Locator<'_>) -> bool {
        if let Some((message, span)) = version::unknown(kind, node) {
            let labels = vec![Label::new(locator.place(span), "")];
            let finding = artifact_finding(Code::VersionUnknown, message, locator.path(), labels);
            self.facts.findings.push((Some(kind.name.clone()), finding));
            self.facts.blind = true;
            return false;
        }
        let mismatches = kind.schema.check(node);
        for mismatch in &mismatches {
            let mut labels = vec![Label::new(locator.place(mismatch.span), "")];
            let related = mismatch.related.as_ref();
            labels
                .extend(related.map(|(span, text)| Label::new(locator.place(*span), text.clone())));
            let message = with_field(mismatch);
            let code = if mismatch.unfinished { Code::ReaderLimit } else { Code::SchemaMismatch };
            self.facts.blind |= mismatch.unfinished;
            let mut finding = artifact_finding(code, message, locator.path(), labels);
            if let Some(help) = &mismatch.help {
                finding.help.clone_from(help);
            }
            // Another fault of the file is another finding from run to run.
            let record = match kind.unit {
                Unit::Record => name_of(node, locator),
                Unit::Document => String::new(),
            };
            let key = format!("{record}{}", mismatch.pointer);
            finding.subject = Subject::Record { path: locator.path().to_owned(), key };
            finding.rule = Some(kind.source.label(pointer_of(&mismatch.schema_path)));
            self.facts.findings.push((Some(kind.name.clone()), finding));
        }
        mismatches.is_empty()
    }

    /// Hands the records of an instance to use number `at`.
    fn records(
        &mut self,
        at: usize,
        kind: &Kind,
        node: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
    ) {
        let (control, slot) = self.gatherer.slot(self.uses[at]);
        if kind.unit == Unit::Record && slot.records == kind.records {
            return self.record(at, node, node, document, locator);
        }
        let read = self.facts.uses[at].read;
        for selected in slot.records.select(node) {
            self.record(at, selected.this, selected.parent, document, locator);
        }
        let requirement = &control.requirements[self.uses[at].requirement];
        if self.facts.uses[at].read == read && requirement.by_period {
            self.nothing(at, node, document, locator);
        }
    }

    /// Adds findings of the kind's rules to use number `at`.
    fn concerned(&mut self, at: usize, broken: &[Finding]) {
        let own = self.uses[at];
        let control = &self.gatherer.catalog.controls[own.control];
        for finding in broken {
            let check = finding.check.clone().unwrap_or_default();
            self.facts.uses[at].find(&check, || Finding {
                control: Some(control.id.clone()),
                requirement: Some(control.requirements[own.requirement].name.clone()),
                ..finding.clone()
            });
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
                && matches!(env.selects(where_, &record, None), Ok(false))
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
                key: name_of(selected.this, locator),
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
            until: None,
            placed: None,
            named: OnceCell::new(),
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
            until: None,
            placed: None,
            named: OnceCell::new(),
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

/// The message, which speaks of the value, after the field that has it. What is wrong with an object
/// as a whole names its fields itself.
fn with_field(mismatch: &Mismatch) -> String {
    const WHOLE: [&str; 8] = [
        "required",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "dependentRequired",
        "minProperties",
        "maxProperties",
        "not",
    ];
    let mut field = String::new();
    for token in mismatch.pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            field.push_str(&format!("[{token}]"));
        } else {
            field.push_str(if field.is_empty() { "" } else { "." });
            field.push_str(&token);
        }
    }
    let plain = field.len() <= 80 && field.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
    if field.is_empty() || !plain || WHOLE.contains(&mismatch.keyword.as_str()) {
        return mismatch.message.clone();
    }
    format!("`{field}`: {}", mismatch.message)
}

fn pointer_of(schema_path: &str) -> &str {
    if schema_path.starts_with('/') { schema_path } else { "" }
}
