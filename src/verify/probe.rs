//! What each kind of check takes from a record while it is at hand.

use jiff::civil::Date;

use super::evaluate::Held;
use super::facts::ProbeFacts;
use super::gather::Work;
use super::program::{Asked, Field, KeyOf, Probe, Step};
use super::rows::{Bound, Key, Placement, Row, Says};
use crate::catalog::{Condition, KeyPath, Test, key_text, keys};
use crate::expression::Computed;
use crate::model::{Code, Finding, Severity, Span, Subject};

/// Roles of the sides of a check.
pub(crate) const HERE: u8 = 0;
pub(crate) const THERE: u8 = 1;
pub(crate) const ROOTS: u8 = 2;

/// Hands the record to every check that looks at it.
pub(super) fn record(work: &mut Work<'_, '_, '_>, day: Option<Date>) {
    for (at, probe) in work.program.probes.iter().enumerate() {
        One { work, at, probe, day }.run();
    }
}

struct One<'o, 'w, 'r, 'n> {
    work: &'o mut Work<'w, 'r, 'n>,
    at: usize,
    probe: &'w Probe<'r>,
    day: Option<Date>,
}

impl<'w> One<'_, 'w, '_, '_> {
    fn run(&mut self) {
        if !self.is_selected() {
            return;
        }
        match &self.probe.step {
            Step::Require(holds) => self.require(holds),
            Step::Seek(key, None) => self.rows(key, true, |_| {}),
            Step::Seek(key, Some(at)) => {
                if let Some(at) = self.time(at, true) {
                    self.rows(key, true, |row| row.says = Says::At(at));
                }
            }
            Step::Offer { key, from, to, needed } => {
                let mut bound = |asked: &Option<Asked<'_>>| self.time(asked.as_ref()?, false);
                let (from, to) = (bound(from), bound(to));
                if from.zip(to).is_some_and(|(from, to)| to < from) {
                    return self.reversed(&[]);
                }
                // What must not be found must be comparable; what must be found need not be.
                self.rows(key, *needed, |row| {
                    row.says = Says::Valid(Bound::new(from), Bound::new(to));
                });
            }
            Step::Row { key, needed } => self.rows(key, *needed, |_| {}),
            Step::Span { key, from, to, points } => self.span(key, *from, *to, *points),
            Step::Count => self.facts().whole += 1,
            Step::Rate(part) => self.rate(part),
            Step::Sum(value) => {
                if let Some(figure) = self.figure(value) {
                    let facts = self.facts();
                    facts.whole += 1;
                    facts.sum += figure;
                }
            }
            Step::Recompute(stated, from) => self.recompute(*stated, from),
            Step::Stated(key, stated) => {
                let figure = self.work.node(*stated).and_then(|node| node.as_f64());
                let at = self.work.origin(*stated);
                self.rows(key, true, |row| {
                    row.says = figure.map_or(Says::Nothing, Says::Figure);
                    row.origin = at.unwrap_or(row.origin);
                });
            }
            Step::Summand(key, value) => {
                let figure = match value {
                    None => Some(1.0),
                    Some(value) => self.figure(value),
                };
                self.rows(key, false, |row| {
                    row.says = figure.map_or(Says::Nothing, Says::Figure);
                });
            }
            Step::Edge(from, to) => self.edges(from, to),
        }
    }

    fn facts(&mut self) -> &mut ProbeFacts {
        &mut self.work.facts.probes[self.at]
    }

    /// Whether the check is about the record; where that cannot be told, it is a finding.
    fn is_selected(&mut self) -> bool {
        let Some(where_) = &self.probe.where_ else { return true };
        match self.work.selects(where_) {
            Ok(selected) => selected,
            Err((reason, spans)) => {
                let message =
                    format!("whether the record is concerned cannot be decided: {reason}");
                let pointer = &where_.condition.pointer;
                self.find(Code::ConditionNotEvaluable, message, &spans, pointer);
                false
            }
        }
    }

    fn holds(&self, asked: &Asked<'_>) -> Held {
        match self.work.told(asked) {
            Ok(Computed::Bool(true)) => Held::Yes,
            _ => {
                let (env, control) = (self.work.gatherer.env, self.work.one.control);
                env.holds(asked.condition, &self.work.memo.record, Some(control))
            }
        }
    }

    fn require(&mut self, holds: &Asked<'_>) {
        self.facts().whole += 1;
        let check = self.probe.check;
        match self.holds(holds) {
            Held::Yes => {}
            Held::No(spans) => {
                self.facts().part += 1;
                // Many deviations are counted, not each put into words.
                if self.work.facts.is_full(&check.id) {
                    return self.work.facts.omit(&check.id);
                }
                let message = self.message().unwrap_or_else(|| check.title.clone());
                self.find(Code::ConditionFailed, message, &spans, &holds.condition.pointer);
            }
            Held::Unknown(reason, spans) => {
                self.facts().part += 1;
                self.untold(holds.condition, &reason, &spans);
            }
        }
    }

    /// What a condition or a value says cannot be told.
    fn untold(&mut self, condition: &Condition, reason: &str, spans: &[Span]) {
        let message = format!("{}: {reason}", self.probe.check.title);
        self.find(Code::ConditionNotEvaluable, message, spans, &condition.pointer);
    }

    fn rate(&mut self, part: &Asked<'_>) {
        self.facts().whole += 1;
        match self.work.selects(part) {
            Ok(true) => self.facts().part += 1,
            Ok(false) => {}
            Err((reason, spans)) => self.untold(part.condition, &reason, &spans),
        }
    }

    fn recompute(&mut self, stated: Field<'_>, from: &Asked<'_>) {
        self.facts().whole += 1;
        let computed = match self.work.told(from) {
            Ok(computed) => computed,
            Err(reason) => {
                self.facts().part += 1;
                return self.untold(from.condition, reason, &[]);
            }
        };
        let node = self.work.node(stated);
        let agrees = node.is_some_and(|node| match computed {
            Computed::Bool(value) => node.as_bool() == Some(*value),
            Computed::Int(value) => node.as_f64() == Some(*value as f64),
            Computed::Double(value) => node.as_f64().is_some_and(|own| close(own, *value)),
            Computed::String(value) => node.as_str() == Some(value),
            Computed::Null | Computed::List(_) => false,
        });
        if !agrees {
            self.facts().part += 1;
            let own = node.as_ref().and_then(key_text).unwrap_or_else(|| "nothing".to_owned());
            let message = self.message().unwrap_or_else(|| {
                let path = stated.path.as_str();
                format!("`{path}` states {own}; recomputed it is {}", words(computed))
            });
            let spans: Vec<Span> = node.iter().map(|node| node.span()).collect();
            let text = differs(&own, &words(computed));
            let pointer = &from.condition.pointer;
            self.find_with(Code::RecomputedDiffers, message, &spans, pointer, text);
        }
    }

    fn figure(&mut self, value: &Asked<'_>) -> Option<f64> {
        match self.work.told(value) {
            Ok(Computed::Int(value)) => Some(*value as f64),
            Ok(Computed::Double(value)) => Some(*value),
            other => {
                let reason = other.err().unwrap_or("it is not a number");
                self.untold(value.condition, reason, &[]);
                None
            }
        }
    }

    /// A moment in microseconds. Where it must be there its absence is a finding.
    fn time(&mut self, asked: &Asked<'_>, needed: bool) -> Option<i64> {
        match self.work.told(asked) {
            Ok(Computed::Int(moment)) => Some(*moment),
            Ok(Computed::Null) if !needed => None,
            other => {
                let reason = other.err().unwrap_or("it is not a time");
                // An absent bound is open; anything else that cannot be read is told.
                if needed || !reason.contains("is absent") {
                    self.untold(asked.condition, reason, &[]);
                }
                None
            }
        }
    }

    /// Rows for every combination of the key's values. A record here whose key is absent cannot be
    /// compared, which is a finding; one there is nobody's counterpart.
    fn rows(&mut self, key: &KeyOf<'_>, needed: bool, fill: impl Fn(&mut Row)) {
        let (memo, locator) = (self.work.memo, self.work.locator);
        match (memo.keys(key, locator), &self.probe.check.test) {
            (Ok(placements), _) => self.add(placements, fill),
            (Err(path), _) if needed => self.keyless(path),
            // An element that lacks the field is no counterpart; the others still may be one.
            (Err(_), Test::Counterpart { .. }) => self.add(&memo.whole_keys(key, locator), fill),
            (Err(_), _) => self.add(&[], fill),
        }
    }

    fn add(&mut self, placements: &[Placement], fill: impl Fn(&mut Row)) {
        self.facts().whole += 1;
        let list = self.probe.list.filter(|list| self.work.memo.is_new_in(*list));
        let Some(list) = list else { return };
        let message = self.message();
        let about = self.work.about(self.day);
        let rows = self.work.list(list);
        if rows.is_empty() {
            // Of most files a check keeps one row.
            rows.reserve_exact(placements.len());
        }
        for placement in placements {
            let message = message.as_deref().map(Into::into);
            let mut row = Row { message, ..Row::new(placement.clone(), about.clone()) };
            fill(&mut row);
            rows.push(row);
        }
    }

    /// Rows of an event that makes what is at `to` from what is at `from`. An edge stands where it
    /// begins: that is what may be unknown.
    fn edges(&mut self, from: &KeyPath, to: &KeyPath) {
        let record = &self.work.memo.record;
        let listed = keys(&[from.clone(), to.clone()], record).unwrap_or_default();
        let nodes = from.nodes(record);
        let whole = self.work.locator.record(record.this);
        let origins: Vec<_> =
            nodes.iter().filter_map(|node| self.work.stands(from, *node)).collect();
        let many = listed.len().max(1);
        let placements: Vec<Placement> = listed
            .into_iter()
            .enumerate()
            .map(|(at, key)| {
                // Edges are made beginning by beginning.
                let origin = origins.get(at * origins.len() / many).copied().unwrap_or(whole);
                (Key::new(key.into_iter().map(Into::into).collect()), origin)
            })
            .collect();
        self.add(&placements, |_| {});
    }

    /// A record without its key: it has no counterpart, and compares with nothing else.
    fn keyless(&mut self, path: &KeyPath) {
        let check = self.probe.check;
        let plain = match self.message() {
            Some(message) => format!("{message} (`{}` is absent)", path.as_str()),
            None => format!("{}: `{}` is absent", check.title, path.as_str()),
        };
        let code = match check.test {
            Test::Counterpart { exactly, .. } if self.probe.role == HERE && exactly != Some(0) => {
                self.facts().part += 1;
                Code::CounterpartMissing
            }
            _ => Code::ConditionNotEvaluable,
        };
        self.find(code, plain, &[], &self.pointer());
    }

    /// Where the check stands in the rule file.
    fn pointer(&self) -> String {
        format!("/checks/{}", self.probe.check.id)
    }

    /// Rows that last from one field to another, or stand at a point.
    fn span(&mut self, key: &KeyOf<'_>, from: Field<'_>, to: Option<Field<'_>>, points: bool) {
        let title = &self.probe.check.title;
        let Some((begin, begin_end)) = self.work.moments(from) else {
            let message = format!("{title}: `{}` is absent or no date", from.path.as_str());
            return self.find(Code::ConditionNotEvaluable, message, &[], &self.pointer());
        };
        let end = match to {
            Some(to) => match (self.work.moments(to), self.work.node(to)) {
                (Some((_, end)), _) => Some(end),
                (None, None) => None,
                (None, Some(node)) => {
                    let message = format!("{title}: `{}` is no date", to.path.as_str());
                    let (spans, pointer) = ([node.span()], self.pointer());
                    return self.find(Code::ConditionNotEvaluable, message, &spans, &pointer);
                }
            },
            None if points => Some(begin_end),
            None => None,
        };
        if end.is_some_and(|end| end < begin) {
            let nodes = [Some(from), to].into_iter().flatten();
            let nodes = nodes.filter_map(|field| self.work.node(field));
            return self.reversed(&nodes.map(|node| node.span()).collect::<Vec<_>>());
        }
        // A gap lies after the end of what is before it.
        let at = to.and_then(|to| self.work.origin(to)).or_else(|| self.work.origin(from));
        let at = at.filter(|_| self.probe.role == THERE);
        self.rows(key, true, |row| {
            row.says = Says::Valid(Bound::new(Some(begin)), Bound::new(end));
            row.origin = at.unwrap_or(row.origin);
        });
    }

    /// What ends before it begins holds at no moment, so nothing could ever match it.
    fn reversed(&mut self, spans: &[Span]) {
        let message = format!("{}: it ends before it begins", self.probe.check.title);
        self.find(Code::ConditionNotEvaluable, message, spans, &self.pointer());
    }

    /// The message of the check, where it has one for this side.
    fn message(&self) -> Option<String> {
        let (said, work) = (self.probe.said.as_ref()?, &self.work);
        Some(work.memo.say(said, work.gatherer.env, Some(work.one.control)))
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
        let (check, program) = (self.probe.check, self.work.program);
        let subject = Subject::Record {
            path: self.work.locator.path().to_owned(),
            key: self.work.name().to_string(),
        };
        self.work.facts.find(&check.id, || Finding {
            code,
            severity: Severity::Error,
            control: Some(program.control.id.clone()),
            requirement: Some(program.requirement.name.clone()),
            check: Some(check.id.clone()),
            message,
            help: check.help.clone().unwrap_or_else(|| code.page().fix.to_owned()),
            subject,
            evidence: labels,
            rule: Some(program.control.source.label(pointer)),
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
