//! One instance of a kind: validated by its schema and its rules, then cut into records.

use super::Reading;
use super::faults::{artifact_finding, labels};
use super::record::Work;
use crate::catalog::{Kind, Record, Unit};
use crate::document::{Document, Node};
use crate::expression::Computed;
use crate::model::{Code, Finding, Label, Severity, Subject};
use crate::schema::Mismatch;
use crate::verify::evaluate::Held;
use crate::verify::locate::Locator;
use crate::verify::memo::{Memo, name_of};
use crate::verify::program::{Program, Rule};
use crate::verify::rows::Placed;
use crate::verify::version;

impl<'r, 'a> Reading<'r, 'a> {
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
                self.broken(kind, node, locator)
            } else {
                Vec::new()
            };
            let before: Vec<u64> = self.facts.uses.iter().map(|facts| facts.selected).collect();
            self.records(kind, node, document, locator);
            for (at, before) in before.into_iter().enumerate() {
                // A rule of the kind concerns the controls that are about this record.
                if self.facts.uses[at].selected > before {
                    self.concerned(at, &broken);
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

    /// Hands the records of an instance to every use of its kind.
    fn records(
        &mut self,
        kind: &Kind,
        node: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
    ) {
        for at in 0..self.uses.len() {
            let program = self.program(at);
            if program.slot.kind != kind.name {
                continue;
            }
            self.facts.uses[at].units += 1;
            // The first of those that read the same records reads them for all.
            let group = program.group;
            if (0..at).any(|other| self.program(other).group == group) {
                continue;
            }
            let records = &program.slot.records;
            if kind.unit == Unit::Record && *records == kind.records {
                self.record(at, node, node, document, locator);
                continue;
            }
            let selected = records.select(node);
            for selected in &selected {
                self.record(at, selected.this, selected.parent, document, locator);
            }
            if selected.is_empty() {
                self.nothing(at, node, document, locator);
            }
        }
    }

    /// Adds findings of the kind's rules to use number `at`.
    fn concerned(&mut self, at: usize, broken: &[Finding]) {
        let Program { control, requirement, .. } = self.program(at);
        for finding in broken {
            let check = finding.check.clone().unwrap_or_default();
            self.facts.uses[at].find(&check, || Finding {
                control: Some(control.id.clone()),
                requirement: Some(requirement.name.clone()),
                ..finding.clone()
            });
        }
    }

    /// The rules of its kind that an instance breaks.
    fn broken(&self, kind: &Kind, node: Node<'_>, locator: &Locator<'_>) -> Vec<Finding> {
        let mut broken = Vec::new();
        let manifest = self.manifest.as_ref().map(Document::root);
        for rules in self.gatherer.programs.rules(kind) {
            for selected in rules.each.select(node) {
                let record = Record {
                    this: selected.this,
                    parent: Some(selected.parent),
                    document: Some(node),
                    manifest,
                };
                let memo = Memo::new(record, &rules.layout);
                let breaks = rules.rules.iter();
                broken
                    .extend(breaks.filter_map(|rule| self.broken_rule(kind, rule, &memo, locator)));
            }
        }
        broken
    }

    /// What is wrong with a record by a rule of its kind.
    fn broken_rule(
        &self,
        kind: &Kind,
        one: &Rule<'_>,
        memo: &Memo<'_>,
        locator: &Locator<'_>,
    ) -> Option<Finding> {
        let (env, rule, this) = (self.gatherer.env, one.rule, memo.record.this);
        let told = |asked| memo.told(asked, env, None);
        let passed_by = |asked| matches!(told(asked), Ok(Computed::Bool(false)));
        if one.where_.as_ref().is_some_and(passed_by)
            || matches!(told(&one.holds), Ok(Computed::Bool(true)))
        {
            return None;
        }
        let (spans, reason) = match env.holds(&rule.holds, &memo.record, None) {
            Held::Yes => return None,
            Held::No(spans) => (spans, None),
            Held::Unknown(reason, spans) => (spans, Some(reason)),
        };
        let message = match (&reason, &one.said) {
            (Some(reason), _) => format!("{} cannot be decided: {reason}", rule.id),
            (None, Some(said)) => memo.say(said, env, None),
            (None, None) => rule.id.replace('-', " "),
        };
        let labels = labels(locator, this, &spans);
        let mut finding = artifact_finding(Code::KindRuleBroken, message, locator.path(), labels);
        finding.subject =
            Subject::Record { path: locator.path().to_owned(), key: name_of(this, locator) };
        finding.check = Some(rule.id.clone());
        if reason.is_some() {
            finding.code = Code::ConditionNotEvaluable;
        }
        if let Some(help) = &rule.help {
            finding.help.clone_from(help);
        }
        finding.rule = Some(kind.source.label(&rule.holds.pointer));
        Some(finding)
    }

    /// A document without records still is of its period.
    fn nothing(
        &mut self,
        first: usize,
        node: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
    ) {
        self.each_use(first, node, node, document, locator, |work| {
            if !work.program.requirement.by_period {
                return;
            }
            let happened = work.program.happened.and_then(|field| work.day(field));
            let stated = work.stated();
            let days = work.days(happened, &stated);
            if let Some(days) = days.filter(|days| !work.is_outside(happened, &stated, Some(*days)))
            {
                let group = work.group();
                work.facts.placed.insert(Placed { group, days });
            }
        });
    }

    /// One record.
    fn record(
        &mut self,
        first: usize,
        this: Node<'_>,
        parent: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
    ) {
        self.each_use(first, this, parent, document, locator, |work| {
            work.facts.read += 1;
            work.run();
        });
        if self.zoneless
            && !self.facts.findings.iter().any(|(_, one)| one.code == Code::ZonelessTime)
        {
            let zone = &self.gatherer.catalog.engagement.zone;
            let message = format!("times without an offset are read as {}", zone.name());
            self.add(Code::ZonelessTime, message, locator.place(this.span()), None);
            if let Some((_, finding)) = self.facts.findings.last_mut() {
                finding.severity = Severity::Warning;
            }
        }
    }

    /// Does `work` with a record for use number `first` and all after it that read the same
    /// records.
    fn each_use(
        &mut self,
        first: usize,
        this: Node<'_>,
        parent: Node<'_>,
        document: Option<Node<'_>>,
        locator: &Locator<'_>,
        mut work: impl FnMut(&mut Work<'_, '_, '_>),
    ) {
        let gatherer = self.gatherer;
        let manifest = self.manifest.as_ref().map(Document::root);
        let leader = gatherer.programs.of(self.uses[first]);
        let record = Record { this, parent: Some(parent), document, manifest };
        let memo = Memo::new(record, gatherer.programs.layout(leader.group));
        for (at, one) in self.uses.iter().enumerate().skip(first) {
            let program = gatherer.programs.of(*one);
            if program.group != leader.group {
                continue;
            }
            work(&mut Work {
                gatherer,
                program,
                one: *one,
                locator,
                memo: &memo,
                facts: &mut self.facts.uses[at],
                lists: &mut self.facts.lists,
                until: None,
                placed: None,
                about: None,
                manifest: self.facts.manifest.as_ref(),
                zoneless: &mut self.zoneless,
            });
        }
    }

    fn program(&self, at: usize) -> &'r Program<'a> {
        self.gatherer.programs.of(self.uses[at])
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
