//! What each kind of check takes from a record while it is at hand.

use std::iter::repeat_n;

use jiff::civil::Date;

use super::evaluate::Held;
use super::gather::Work;
use super::rows::Row;
use crate::catalog::{Check, Condition, KeyPath, Selection, Test, key_text, keys, whole_keys};
use crate::expression::Computed;
use crate::model::{Code, Finding, Severity, Span, Subject};

/// Roles of the sides of a check.
pub(crate) const HERE: u8 = 0;
pub(crate) const THERE: u8 = 1;
pub(crate) const ROOTS: u8 = 2;

/// Hands the record to every check of its control.
pub(super) fn record(work: &mut Work<'_, '_, '_>, day: Option<Date>) {
    let control = work.control;
    for (at, check) in control.checks.iter().enumerate() {
        One { work, at, check, day }.run();
    }
}

struct One<'o, 'w, 'r, 'n> {
    work: &'o mut Work<'w, 'r, 'n>,
    at: usize,
    check: &'r Check,
    day: Option<Date>,
}

impl One<'_, '_, '_, '_> {
    fn run(&mut self) {
        let check = self.check;
        match &check.test {
            Test::Require { each, holds } => {
                if self.selects(each) {
                    self.require(holds);
                }
            }
            Test::Counterpart { each, other, as_of, exactly, .. } => {
                if self.selects(&each.of) {
                    let at = as_of.as_ref().map(|(at, _, _)| self.time(at, true));
                    if let Some(None) = at {
                        return;
                    }
                    self.rows(HERE, &each.key, true, |row| row.at = at.flatten());
                }
                if self.selects(&other.of) {
                    let mut bound = |condition: Option<&Condition>| {
                        condition.and_then(|condition| self.time(condition, false))
                    };
                    let from = bound(as_of.as_ref().and_then(|as_of| as_of.1.as_ref()));
                    let to = bound(as_of.as_ref().and_then(|as_of| as_of.2.as_ref()));
                    if from.zip(to).is_some_and(|(from, to)| to < from) {
                        return self.reversed(&[]);
                    }
                    // What must not be found must be comparable; what must be found need not be.
                    let needed = *exactly == Some(0);
                    self.rows(THERE, &other.key, needed, |row| (row.from, row.to) = (from, to));
                }
            }
            Test::SameSet { left, right, .. } => {
                for (role, side) in [(HERE, left), (THERE, right)] {
                    if self.selects(&side.of) {
                        self.rows(role, &side.key, true, |_| {});
                    }
                }
            }
            Test::Unique { of } => {
                if self.selects(&of.of) {
                    self.rows(HERE, &of.key, true, |_| {});
                }
            }
            Test::Tile { each, tiles, from, to, points, .. } => {
                if let Some((each, begin, end)) = each
                    && self.selects(&each.of)
                {
                    self.span(HERE, &each.key, begin, end.as_ref(), false);
                }
                if self.selects(&tiles.of) {
                    self.span(THERE, &tiles.key, from, to.as_ref(), *points);
                }
            }
            Test::Count { of, .. } => {
                if self.selects(of) {
                    self.probe(HERE).whole += 1;
                }
            }
            Test::Rate { of, part, .. } => {
                if self.selects(of) {
                    self.rate(part);
                }
            }
            Test::Sum { of, value, .. } => {
                if self.selects(of)
                    && let Some(figure) = self.figure(value)
                {
                    let probe = self.probe(HERE);
                    probe.whole += 1;
                    probe.sum += figure;
                }
            }
            Test::Recompute { each, stated, from } => {
                if self.selects(each) {
                    self.recompute(stated, from);
                }
            }
            Test::Derive { each, stated, other, value } => {
                self.derive(each, stated, other, value.as_ref())
            }
            Test::Reaches { each, edges, from, to, roots } => {
                if self.selects(&each.of) {
                    self.rows(HERE, &each.key, true, |_| {});
                }
                if self.selects(edges) {
                    self.edges(from, to);
                }
                if self.selects(&roots.of) {
                    self.rows(ROOTS, &roots.key, false, |_| {});
                }
            }
        }
    }

    fn probe(&mut self, role: u8) -> &mut super::facts::ProbeFacts {
        self.work.facts.probe(self.at, role)
    }

    /// Whether the record belongs to the selection; one that cannot be told is a finding.
    fn selects(&mut self, selection: &Selection) -> bool {
        let here = selection.requirement == self.work.one.requirement
            && (selection.alternative.is_none()
                || selection.alternative == self.work.slot.alternative);
        if !here {
            return false;
        }
        let Some(where_) = &selection.where_ else { return true };
        match self.work.gatherer.env.selects(where_, &self.work.record, Some(self.work.one.control))
        {
            Ok(selected) => selected,
            Err((reason, spans)) => {
                let message =
                    format!("whether the record is concerned cannot be decided: {reason}");
                self.find(Code::ConditionNotEvaluable, message, &spans, &where_.pointer);
                false
            }
        }
    }

    fn require(&mut self, holds: &Condition) {
        self.probe(HERE).whole += 1;
        match self.work.gatherer.env.holds(holds, &self.work.record, Some(self.work.one.control)) {
            Held::Yes => {}
            Held::No(spans) => {
                self.probe(HERE).part += 1;
                // Many deviations are counted, not each put into words.
                if self.work.facts.is_full(&self.check.id) {
                    return self.work.facts.omit(&self.check.id);
                }
                let message = self.message().unwrap_or_else(|| self.check.title.clone());
                self.find(Code::ConditionFailed, message, &spans, &holds.pointer);
            }
            Held::Unknown(reason, spans) => {
                self.probe(HERE).part += 1;
                let message = format!("{}: {reason}", self.check.title);
                self.find(Code::ConditionNotEvaluable, message, &spans, &holds.pointer);
            }
        }
    }

    fn rate(&mut self, part: &Condition) {
        self.probe(HERE).whole += 1;
        match self.work.gatherer.env.holds(part, &self.work.record, Some(self.work.one.control)) {
            Held::Yes => self.probe(HERE).part += 1,
            Held::No(_) => {}
            Held::Unknown(reason, spans) => {
                let message = format!("{}: {reason}", self.check.title);
                self.find(Code::ConditionNotEvaluable, message, &spans, &part.pointer);
            }
        }
    }

    fn recompute(&mut self, stated: &KeyPath, from: &Condition) {
        self.probe(HERE).whole += 1;
        let record = self.work.record;
        let computed = match self.work.gatherer.env.value(from, &record, self.work.one.control) {
            Ok(computed) => computed,
            Err(reason) => {
                self.probe(HERE).part += 1;
                let message = format!("{}: {reason}", self.check.title);
                return self.find(Code::ConditionNotEvaluable, message, &[], &from.pointer);
            }
        };
        let node = stated.node(&record);
        let agrees = node.is_some_and(|node| match &computed {
            Computed::Bool(value) => node.as_bool() == Some(*value),
            Computed::Int(value) => node.as_f64() == Some(*value as f64),
            Computed::Double(value) => node.as_f64().is_some_and(|own| close(own, *value)),
            Computed::String(value) => node.as_str() == Some(value),
            Computed::Null | Computed::List(_) => false,
        });
        if !agrees {
            self.probe(HERE).part += 1;
            let own = node.as_ref().and_then(key_text).unwrap_or_else(|| "nothing".to_owned());
            let message = self.message().unwrap_or_else(|| {
                format!("`{}` states {own}; recomputed it is {}", stated.as_str(), words(&computed))
            });
            let spans: Vec<Span> = node.iter().map(|node| node.span()).collect();
            let text = differs(&own, &words(&computed));
            self.find_with(Code::RecomputedDiffers, message, &spans, &from.pointer, text);
        }
    }

    fn derive(
        &mut self,
        each: &crate::catalog::Keyed,
        stated: &KeyPath,
        other: &crate::catalog::Keyed,
        value: Option<&Condition>,
    ) {
        if self.selects(&each.of) {
            let figure = stated.node(&self.work.record).and_then(|node| node.as_f64());
            let at = self.work.origin(stated);
            self.rows(HERE, &each.key, true, |row| {
                row.figure = figure;
                row.origin = at.unwrap_or(row.origin);
            });
        }
        if self.selects(&other.of) {
            let figure = match value {
                None => Some(1.0),
                Some(value) => self.figure(value),
            };
            self.rows(THERE, &other.key, false, |row| row.figure = figure);
        }
    }

    fn figure(&mut self, value: &Condition) -> Option<f64> {
        match self.work.gatherer.env.value(value, &self.work.record, self.work.one.control) {
            Ok(Computed::Int(value)) => Some(value as f64),
            Ok(Computed::Double(value)) => Some(value),
            other => {
                let reason = other.err().unwrap_or_else(|| "it is not a number".to_owned());
                let message = format!("{}: {reason}", self.check.title);
                self.find(Code::ConditionNotEvaluable, message, &[], &value.pointer);
                None
            }
        }
    }

    /// A moment in microseconds. Where it must be there its absence is a finding.
    fn time(&mut self, condition: &Condition, needed: bool) -> Option<i64> {
        match self.work.gatherer.env.value(condition, &self.work.record, self.work.one.control) {
            Ok(Computed::Int(moment)) => Some(moment),
            Ok(Computed::Null) if !needed => None,
            other => {
                let reason = other.err().unwrap_or_else(|| "it is not a time".to_owned());
                // An absent bound is open; anything else that cannot be read is told.
                if needed || !reason.contains("is absent") {
                    let message = format!("{}: {reason}", self.check.title);
                    self.find(Code::ConditionNotEvaluable, message, &[], &condition.pointer);
                }
                None
            }
        }
    }

    /// Rows for every combination of the key's values. A record here whose key is absent cannot be
    /// compared, which is a finding; one there is nobody's counterpart.
    fn rows(&mut self, role: u8, key: &[KeyPath], needed: bool, fill: impl Fn(&mut Row)) {
        let keys = match keys(key, &self.work.record) {
            Ok(keys) => keys,
            Err(_) if !needed => match self.check.test {
                // An element that lacks the field is no counterpart; the others still may be one.
                Test::Counterpart { .. } => whole_keys(key, &self.work.record),
                _ => Vec::new(),
            },
            Err(path) => return self.keyless(role, path),
        };
        let message = if role == HERE { self.message() } else { None };
        let day = self.day;
        let origins = self.work.origins(key, keys.len());
        let many = keys.len();
        let said = repeat_n((message, self.work.placed.clone()), many);
        let rows = keys.into_iter().zip(origins).zip(said);
        let rows: Vec<Row> = rows
            .map(|((key, origin), (message, placed))| {
                let mut row = Row { message, day, placed, ..self.work.row(key, origin) };
                fill(&mut row);
                row
            })
            .collect();
        let probe = self.probe(role);
        probe.whole += 1;
        probe.rows.extend(rows);
    }

    /// Rows of an event that makes what is at `to` from what is at `from`. An edge stands where it
    /// begins: that is what may be unknown.
    fn edges(&mut self, from: &KeyPath, to: &KeyPath) {
        let before = self.probe(THERE).rows.len();
        self.rows(THERE, &[from.clone(), to.clone()], false, |_| {});
        let nodes = from.nodes(&self.work.record);
        let origins: Vec<_> =
            nodes.iter().filter_map(|node| self.work.stands(from, *node)).collect();
        let rows = &mut self.probe(THERE).rows[before..];
        let many = rows.len().max(1);
        for (at, row) in rows.iter_mut().enumerate() {
            // Edges are made beginning by beginning.
            row.origin = origins.get(at * origins.len() / many).copied().unwrap_or(row.origin);
        }
    }

    /// A record without its key: it has no counterpart, and compares with nothing else.
    fn keyless(&mut self, role: u8, path: &KeyPath) {
        let said = self.message().filter(|_| role == HERE);
        let plain = match said {
            Some(message) => format!("{message} (`{}` is absent)", path.as_str()),
            None => format!("{}: `{}` is absent", self.check.title, path.as_str()),
        };
        let code = match self.check.test {
            Test::Counterpart { exactly, .. } if role == HERE && exactly != Some(0) => {
                self.probe(HERE).part += 1;
                Code::CounterpartMissing
            }
            _ => Code::ConditionNotEvaluable,
        };
        let pointer = format!("/checks/{}", self.check.id);
        self.find(code, plain, &[], &pointer);
    }

    /// Rows that last from one field to another, or stand at a point.
    fn span(
        &mut self,
        role: u8,
        key: &[KeyPath],
        from: &KeyPath,
        to: Option<&KeyPath>,
        points: bool,
    ) {
        let Some((begin, begin_end)) = self.work.moments(from) else {
            let message = format!("{}: `{}` is absent or no date", self.check.title, from.as_str());
            let pointer = format!("/checks/{}", self.check.id);
            return self.find(Code::ConditionNotEvaluable, message, &[], &pointer);
        };
        let end = match to {
            Some(to) => match (self.work.moments(to), to.node(&self.work.record)) {
                (Some((_, end)), _) => Some(end),
                (None, None) => None,
                (None, Some(node)) => {
                    let message = format!("{}: `{}` is no date", self.check.title, to.as_str());
                    let pointer = format!("/checks/{}", self.check.id);
                    let spans = [node.span()];
                    return self.find(Code::ConditionNotEvaluable, message, &spans, &pointer);
                }
            },
            None if points => Some(begin_end),
            None => None,
        };
        if end.is_some_and(|end| end < begin) {
            let nodes = [Some(from), to].into_iter().flatten();
            let nodes = nodes.filter_map(|path| path.node(&self.work.record));
            return self.reversed(&nodes.map(|node| node.span()).collect::<Vec<_>>());
        }
        // A gap lies after the end of what is before it.
        let at = to.and_then(|to| self.work.origin(to)).or_else(|| self.work.origin(from));
        let at = at.filter(|_| role == THERE);
        self.rows(role, key, true, |row| {
            (row.from, row.to) = (Some(begin), end);
            row.origin = at.unwrap_or(row.origin);
        });
    }

    /// What ends before it begins holds at no moment, so nothing could ever match it.
    fn reversed(&mut self, spans: &[Span]) {
        let message = format!("{}: it ends before it begins", self.check.title);
        let pointer = format!("/checks/{}", self.check.id);
        self.find(Code::ConditionNotEvaluable, message, spans, &pointer);
    }

    fn message(&self) -> Option<String> {
        let template = self.check.message.as_ref()?;
        let work = &self.work;
        Some(work.gatherer.env.fill(template, &work.record, Some(work.one.control)))
    }

    fn find(&mut self, code: Code, message: String, spans: &[Span], pointer: &str) {
        self.find_with(code, message, spans, pointer, String::new());
    }

    /// A finding whose first place says `text`.
    fn find_with(
        &mut self,
        code: Code,
        message: String,
        spans: &[Span],
        pointer: &str,
        text: String,
    ) {
        let mut labels = self.work.labels(spans);
        if let Some(first) = labels.first_mut() {
            first.text = text;
        }
        let (check, control, one) = (self.check, self.work.control, self.work.one);
        let subject = Subject::Record {
            path: self.work.locator.path().to_owned(),
            key: self.work.name().to_string(),
        };
        self.work.facts.find(&check.id, || Finding {
            code,
            severity: Severity::Error,
            control: Some(control.id.clone()),
            requirement: Some(control.requirements[one.requirement].name.clone()),
            check: Some(check.id.clone()),
            message,
            help: check.help.clone().unwrap_or_else(|| code.page().fix.to_owned()),
            subject,
            evidence: labels,
            rule: Some(control.source.label(pointer)),
            excepted_by: None,
        });
    }
}

/// Equality of figures that may have been rounded on their way.
pub(crate) fn close(a: f64, b: f64) -> bool {
    // An infinite figure is as far from every other as can be, and NaN equals nothing.
    a == b
        || (a.is_finite() && b.is_finite() && (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0))
}

/// What stands beside a stated figure that does not follow from its records.
pub(super) fn differs(stated: &str, derived: &str) -> String {
    let crop = |text: &str| text.chars().take(80).collect::<String>();
    format!("states {}, it should be {}", crop(stated), crop(derived))
}

fn words(computed: &Computed) -> String {
    match computed {
        Computed::Null => "null".to_owned(),
        Computed::Bool(value) => value.to_string(),
        Computed::Int(value) => value.to_string(),
        Computed::Double(value) => value.to_string(),
        Computed::String(value) => format!("`{value}`"),
        Computed::List(values) => format!("a list of {}", values.len()),
    }
}
