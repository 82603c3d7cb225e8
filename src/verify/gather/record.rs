//! One record under one requirement: whether it is selected, and what the checks take from it.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::civil::Date;

use super::Gatherer;
use super::dates::own_days;
use super::faults::labels;
use crate::catalog::{Control, KeyPath, Record, Slot};
use crate::document::Node;
use crate::model::time::Interval;
use crate::model::{Code, Finding, Label, Severity, Span, Subject};
use crate::verify::facts::{ManifestFacts, UseFacts};
use crate::verify::locate::Locator;
use crate::verify::plan::Use;
use crate::verify::probe;
use crate::verify::rows::{Origin, Placed, Row};

/// One record under one requirement.
pub(crate) struct Work<'w, 'r, 'n> {
    pub(crate) gatherer: &'w Gatherer<'r>,
    pub(crate) control: &'r Control,
    pub(crate) one: Use,
    pub(crate) slot: &'r Slot,
    pub(crate) locator: &'w Locator<'w>,
    pub(crate) record: Record<'n>,
    pub(crate) facts: &'w mut UseFacts,
    /// The last day the record is evidence of.
    pub(super) until: Option<Date>,
    /// The days the record is evidence of, where a check compares by period.
    pub(crate) placed: Option<Placed>,
    /// The record's name, once it was asked for.
    pub(super) named: OnceCell<Arc<str>>,
    pub(super) manifest: Option<&'w ManifestFacts>,
    pub(super) zoneless: &'w mut bool,
}

impl Work<'_, '_, '_> {
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
        if !outside && self.control.requirements[self.one.requirement].by_period {
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
        let Some(key) = &self.slot.population else { return };
        let texts: Vec<String> = key.iter().map(|path| path.text(&self.record)).collect();
        match key.iter().zip(&texts).find(|(_, text)| text.is_empty()) {
            Some((path, _)) => {
                let path = path.as_str();
                let message = format!("`{path}` is absent: a record of a population needs its key");
                let pointer = format!("{}/population/key", self.slot.pointer);
                self.find(Code::ConditionNotEvaluable, message, &[], &pointer);
            }
            None => {
                let row = self.row(texts, self.origins(key, 1)[0]);
                self.facts.population.push(row);
            }
        }
    }

    /// Keeps a selected record of a population where a sample is drawn.
    fn sampled(&mut self, day: Option<Date>) {
        let Some(key) = self.slot.population.as_ref().filter(|_| self.gatherer.sampling) else {
            return;
        };
        let texts = key.iter().map(|path| path.text(&self.record)).collect();
        let row = Row { day, ..self.row(texts, self.origins(key, 1)[0]) };
        self.facts.sampled.push(row);
    }

    /// Whether the requirement is about the record; where that cannot be told, it is a finding.
    fn is_selected(&mut self) -> bool {
        let Some(where_) = &self.slot.where_ else { return true };
        match self.gatherer.env.selects(where_, &self.record, Some(self.one.control)) {
            Ok(true) => true,
            Ok(false) => {
                self.passed_by();
                false
            }
            Err((reason, spans)) => {
                let message = format!("the selection cannot be decided: {reason}");
                self.find(Code::ConditionNotEvaluable, message, &spans, &where_.pointer);
                false
            }
        }
    }

    /// A record that the requirement is not about still shows of which days its file is; only where
    /// the document itself is the record, the whole file is about something else.
    pub(super) fn passed_by(&mut self) {
        let file = self.record.document.is_some() && self.slot.records.steps().is_empty();
        if !file {
            self.facts.placed.extend(self.placed.take());
        }
    }

    pub(super) fn group(&self) -> Option<String> {
        let part = |path: &KeyPath| format!("{}={}", path.as_str(), path.text(&self.record));
        let parts: Vec<_> = self.slot.per.iter().map(part).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Labels for `spans`, or for the record.
    pub(crate) fn labels(&self, spans: &[Span]) -> Vec<Label> {
        labels(self.locator, self.record.this, spans)
    }

    /// Where the value of a field stands; `None` where there is none in the artifact's text.
    pub(crate) fn origin(&self, path: &KeyPath) -> Option<Origin> {
        let node = path.node(&self.record).filter(|_| !path.is_of_manifest())?;
        Some(self.locator.record(node))
    }

    /// Where `node`, a value of `path`, stands; `None` where that is not in the artifact's text.
    pub(crate) fn stands(&self, path: &KeyPath, node: Node<'_>) -> Option<Origin> {
        (!path.is_of_manifest()).then(|| self.locator.record(node))
    }

    /// Where the `many` keys of the record stand: at the last of its own fields.
    pub(crate) fn origins(&self, key: &[KeyPath], many: usize) -> Vec<Origin> {
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
        let stands = |path: &&KeyPath| !path.is_of_manifest() && path.node(&self.record).is_some();
        let telling = key.iter().filter(stands).max_by_key(rank);
        let whole = || self.locator.record(self.record.this);
        vec![telling.and_then(|path| self.origin(path)).unwrap_or_else(whole); many]
    }

    pub(super) fn find(&mut self, code: Code, message: String, spans: &[Span], pointer: &str) {
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
            subject: Subject::Record { path: path.to_owned(), key: name.to_string() },
            evidence: labels,
            rule: Some(control.source.label(pointer)),
            excepted_by: None,
        });
    }

    /// The record's name for people: its population key, else a telling field, else its line.
    pub(crate) fn name(&self) -> Arc<str> {
        Arc::clone(self.named.get_or_init(|| self.new_name()))
    }

    fn new_name(&self) -> Arc<str> {
        let this = self.record.this;
        let plain = || self.locator.name(this, || name_of(this, self.locator));
        let named = match self.slot.population.as_deref() {
            Some([path]) => path.text(&self.record),
            Some(key) => {
                let texts: Vec<_> = key.iter().map(|path| path.text(&self.record)).collect();
                let named = texts.iter().any(|text| !text.is_empty());
                if named { texts.join("/") } else { String::new() }
            }
            None => String::new(),
        };
        if named.is_empty() { plain() } else { named.into() }
    }

    pub(crate) fn row(&self, key: Vec<String>, origin: Origin) -> Row {
        let name = self.name();
        Row { name, until: self.until, ..Row::new(key, origin) }
    }
}

/// The name of a record that has no population key: the first member whose name ends in `id`.
pub(super) fn name_of(this: Node<'_>, locator: &Locator<'_>) -> String {
    let named = this.members().find(|(key, value)| {
        let key = key.as_str().unwrap_or_default();
        (key == "id" || key.ends_with("_id")) && value.as_str().is_some()
    });
    match named.and_then(|(_, value)| value.as_str()) {
        Some(name) => name.to_owned(),
        None => format!("line {}", locator.record(this).start.line),
    }
}
