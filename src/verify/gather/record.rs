//! One record under one requirement: whether it is selected, and what the checks take from it.

use std::sync::Arc;

use jiff::civil::Date;

use super::Gatherer;
use super::dates::own_days;
use super::faults::labels;
use crate::catalog::KeyPath;
use crate::document::Node;
use crate::expression::Computed;
use crate::model::time::Interval;
use crate::model::{Code, Finding, Label, Severity, Span, Subject};
use crate::verify::facts::{ManifestFacts, UseFacts};
use crate::verify::locate::Locator;
use crate::verify::memo::Memo;
use crate::verify::plan::Use;
use crate::verify::probe;
use crate::verify::program::{Asked, Field, Program};
use crate::verify::rows::{About, Origin, Placed, Row};

/// One record under one requirement.
pub(crate) struct Work<'w, 'r, 'n> {
    pub(crate) gatherer: &'w Gatherer<'r>,
    pub(crate) program: &'w Program<'r>,
    pub(crate) one: Use,
    pub(crate) locator: &'w Locator<'w>,
    pub(crate) memo: &'w Memo<'n>,
    pub(crate) facts: &'w mut UseFacts,
    /// The lists of rows of the artifact.
    pub(super) lists: &'w mut [Vec<Row>],
    /// The last day the record is evidence of.
    pub(super) until: Option<Date>,
    /// The days the record is evidence of, where a check compares by period.
    pub(crate) placed: Option<Placed>,
    /// What its rows have in common, once a check asked.
    pub(super) about: Option<Arc<About>>,
    pub(super) manifest: Option<&'w ManifestFacts>,
    pub(super) zoneless: &'w mut bool,
}

impl<'w, 'n> Work<'w, '_, 'n> {
    pub(super) fn run(&mut self) {
        self.keyed();
        let Ok(happened) = self.happened() else { return };
        if happened.is_some_and(|day| day > self.gatherer.as_of) {
            // It was collected by the as-of date, so it cannot have happened after it.
            return self.after_collection(happened);
        }
        let stated = self.stated();
        let undated = happened.is_none() && self.manifest.is_none();
        if undated && stated.period.is_some_and(|days| days.from() > self.gatherer.as_of) {
            return;
        }
        let days = self.days(happened, &stated);
        self.until = days.map(|days| days.to());
        let outside = self.is_outside(happened, &stated, days);
        if !outside && self.program.requirement.by_period {
            self.placed = days.map(|days| Placed { group: self.group(), days });
        }
        if !self.is_selected() {
            return;
        }
        self.after_collection(happened);
        self.outside_export(happened);
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
        self.sampled(happened.or(days.map(|days| days.from())));
        let after = |days: Interval| days.from() > self.gatherer.catalog.engagement.window.to();
        let only_by_manifest = happened.is_none() && own_days(&stated).is_none();
        if only_by_manifest && self.is_dated_by_manifest() && days.is_some_and(after) {
            self.facts.after += 1;
        }
        self.facts.placed.extend(self.placed.clone());
        self.occurrence(happened, stated);
        self.freshness();
        probe::record(self, happened);
    }

    /// Keeps the key of a record of a population; without one it has no name in the list.
    fn keyed(&mut self) {
        let Some(key) = &self.program.population else { return };
        match self.memo.member(key, self.locator) {
            Err(path) => {
                let path = path.as_str();
                let message = format!("`{path}` is absent: a record of a population needs its key");
                let pointer = format!("{}/population/key", self.program.slot.pointer);
                self.find(Code::ConditionNotEvaluable, message, &[], &pointer);
            }
            Ok(placement) => {
                let list = self.program.population_list.filter(|list| self.memo.is_new_in(*list));
                if let Some(list) = list {
                    let about = self.memo.share(About::named(self.name()));
                    self.list(list).push(Row::new(placement, about));
                }
            }
        }
    }

    /// Keeps a selected record of a population where a sample is drawn.
    fn sampled(&mut self, day: Option<Date>) {
        let sampling = self.gatherer.sampling;
        let Some(key) = self.program.population.as_ref().filter(|_| sampling) else { return };
        if let Ok(placement) = self.memo.member(key, self.locator) {
            let about = Arc::new(About { day, ..About::named(self.name()) });
            self.facts.sampled.push(Row::new(placement, about));
        }
    }

    /// Whether the requirement is about the record; where that cannot be told, it is a finding.
    fn is_selected(&mut self) -> bool {
        let Some(where_) = &self.program.where_ else { return true };
        match self.selects(where_) {
            Ok(true) => true,
            Ok(false) => {
                self.passed_by();
                false
            }
            Err((reason, spans)) => {
                let message = format!("the selection cannot be decided: {reason}");
                let pointer = &where_.condition.pointer;
                self.find(Code::ConditionNotEvaluable, message, &spans, pointer);
                false
            }
        }
    }

    /// What a condition or a value says of the record, or why that cannot be told.
    pub(crate) fn told(&self, asked: &Asked<'_>) -> Result<&'w Computed, &'w str> {
        self.memo.told(asked, self.gatherer.env, Some(self.one.control))
    }

    /// Whether a selection takes the record in; where that cannot be told, why, and the values.
    pub(crate) fn selects(&self, asked: &Asked<'_>) -> Result<bool, (String, Vec<Span>)> {
        match self.told(asked) {
            Ok(Computed::Bool(selected)) => Ok(*selected),
            _ => {
                let (env, record) = (self.gatherer.env, &self.memo.record);
                env.selects(asked.condition, record, Some(self.one.control))
            }
        }
    }

    /// A record that the requirement is not about still shows of which days its file is; only where
    /// the document itself is the record, the whole file is about something else.
    pub(super) fn passed_by(&mut self) {
        let whole = self.program.slot.records.steps().is_empty();
        let file = self.memo.record.document.is_some() && whole;
        if !file {
            self.facts.placed.extend(self.placed.take());
        }
    }

    pub(super) fn group(&self) -> Option<String> {
        let part =
            |field: &Field<'_>| format!("{}={}", field.path.as_str(), self.memo.text(*field));
        let parts: Vec<_> = self.program.per.iter().map(part).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Labels for `spans`, or for the record.
    pub(crate) fn labels(&self, spans: &[Span]) -> Vec<Label> {
        labels(self.locator, self.memo.record.this, spans)
    }

    /// List number `list` of those that the group keeps.
    pub(crate) fn list(&mut self, list: usize) -> &mut Vec<Row> {
        &mut self.lists[self.facts.begin + list]
    }

    /// The value of a field, where there is one.
    pub(crate) fn node(&self, field: Field<'_>) -> Option<Node<'n>> {
        self.memo.node(field)
    }

    /// Where the value of a field stands; `None` where there is none in the artifact's text.
    pub(crate) fn origin(&self, field: Field<'_>) -> Option<Origin> {
        self.stands(field.path, self.node(field)?)
    }

    /// Where `node`, a value of `path`, stands; `None` where that is not in the artifact's text.
    pub(crate) fn stands(&self, path: &KeyPath, node: Node<'_>) -> Option<Origin> {
        (!path.is_of_manifest()).then(|| self.locator.record(node))
    }

    pub(super) fn find(&mut self, code: Code, message: String, spans: &[Span], pointer: &str) {
        let labels = self.labels(spans);
        let (name, program, path) = (self.name(), self.program, self.locator.path());
        self.facts.find(code.as_str(), || Finding {
            code,
            severity: Severity::Error,
            control: Some(program.control.id.clone()),
            requirement: Some(program.requirement.name.clone()),
            check: None,
            message,
            help: code.page().fix.to_owned(),
            subject: Subject::Record { path: path.to_owned(), key: name.to_string() },
            evidence: labels,
            rule: Some(program.control.source.label(pointer)),
            excepted_by: None,
        });
    }

    /// The record's name for people.
    pub(crate) fn name(&self) -> Arc<str> {
        self.memo.name(self.program.population.as_ref(), self.locator)
    }

    /// What all rows of the record that happened on `day` have in common.
    pub(crate) fn about(&mut self, day: Option<Date>) -> Arc<About> {
        if let Some(about) = &self.about {
            return Arc::clone(about);
        }
        let (until, placed) = (self.until, self.placed.clone());
        let about = self.memo.share(About { name: self.name(), day, until, placed });
        Arc::clone(self.about.insert(about))
    }
}
