//! The days of a record: when it happened, which period it is for, which days it covers.

use jiff::civil::Date;

use super::record::Work;
use crate::document::Node;
use crate::model::time::{Interval, Moment, PeriodLabel};
use crate::model::{Code, Span};
use crate::verify::facts::{ManifestFacts, Marks, Occurrence};
use crate::verify::program::Field;
use crate::verify::rows::Origin;

/// What a record says of its own days.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) period: Option<Interval>,
    covers: Option<Interval>,
    /// What cannot be read: why, where, and the field of the requirement that names it.
    wrong: Option<(String, Vec<Span>, &'static str)>,
}

impl Work<'_, '_, '_> {
    /// The day the thing happened; `Err` when it cannot be told.
    pub(super) fn happened(&mut self) -> Result<Option<Date>, ()> {
        let Some(field) = self.program.happened else { return Ok(None) };
        if let Some(moment) = self.moment(field) {
            *self.zoneless |= moment.zoneless;
            return Ok(Some(moment.date));
        }
        let message = match self.node(field) {
            None => {
                let path = field.path.as_str();
                format!("`{path}` is absent: the record cannot be placed in time")
            }
            Some(node) => {
                let zone = &self.gatherer.catalog.engagement.zone;
                let wrong = zone.moment(node.as_str().unwrap_or_default()).err();
                wrong.map(|error| error.to_string()).unwrap_or_default()
            }
        };
        self.date(Code::DateUnreadable, message);
        Err(())
    }

    fn moment(&self, field: Field<'_>) -> Option<Moment> {
        self.memo.moment(field, &self.gatherer.catalog.engagement.zone)
    }

    /// The moments a field's text begins and ends at: those of the day for a plain day.
    pub(crate) fn moments(&self, field: Field<'_>) -> Option<(i64, i64)> {
        let moment = self.moment(field)?;
        Some((moment.instant.as_microsecond(), moment.end().as_microsecond()))
    }

    /// What is later than its own export.
    pub(super) fn after_collection(&mut self, happened: Option<Date>) {
        let Some((day, manifest)) = happened.zip(self.manifest) else { return };
        if day > manifest.collected {
            let message = format!("the record is of {day}, its export of {}", manifest.collected);
            self.date(Code::RecordAfterCollection, message);
        }
    }

    /// What is of another day than its export covers.
    pub(super) fn outside_export(&mut self, happened: Option<Date>) {
        let covers = self.manifest.and_then(|manifest| manifest.covers);
        let Some((day, covers)) = happened.zip(covers) else { return };
        if self.program.population.is_some() && !covers.contains(day) {
            let message = format!("the record is of {day}, its export covers {covers}");
            self.date(Code::RecordOutsidePeriod, message);
        }
    }

    pub(super) fn date(&mut self, code: Code, message: String) {
        let span = self.program.happened.and_then(|field| self.node(field));
        let spans: Vec<Span> = span.iter().map(Node::span).collect();
        let pointer = format!("{}/happened", self.program.slot.pointer);
        self.find(code, message, &spans, &pointer);
    }

    pub(super) fn day(&self, field: Field<'_>) -> Option<Date> {
        Some(self.moment(field)?.date)
    }

    /// What the record says of its own days.
    pub(super) fn stated(&self) -> Stated {
        let mut stated = Stated::default();
        if let Some(field) = self.program.period {
            let node = self.node(field);
            match node.and_then(|node| node.as_str()).unwrap_or_default().parse::<PeriodLabel>() {
                Ok(label) => stated.period = Some(label.0),
                Err(error) => {
                    let spans = node.iter().map(Node::span).collect();
                    stated.wrong = Some((error.to_string(), spans, "period"));
                }
            }
        }
        if let Some((from, to)) = self.program.covers {
            let days = self.day(from).zip(self.day(to));
            stated.covers = days.and_then(|(from, to)| Interval::new(from, to).ok());
            if stated.covers.is_none() {
                let nodes = [from, to].into_iter().filter_map(|field| self.node(field));
                let message = "the days it covers cannot be read".to_owned();
                stated.wrong = Some((message, nodes.map(|node| node.span()).collect(), "covers"));
            }
        }
        stated
    }

    /// The days the record is evidence of: its period, else the days it covers, else the days of
    /// its export, else the day it happened, else the days or the day of its manifest.
    pub(super) fn days(&self, happened: Option<Date>, stated: &Stated) -> Option<Interval> {
        let exported = self.manifest.filter(|_| self.program.population.is_some());
        let own = stated.period.or(stated.covers);
        let own = own.or_else(|| exported.and_then(|manifest| manifest.covers));
        own.or(happened.map(Interval::day)).or_else(|| {
            let manifest = self.manifest?;
            manifest.covered().or(Some(Interval::day(manifest.collected)))
        })
    }

    /// Whether the record shows nothing of the window. What has no day of its own is only known to be
    /// too old: the age of what must be fresh is judged by its freshness, that of standing documents
    /// by their own dates, and that of a part of a document where the document is judged.
    pub(super) fn is_outside(
        &self,
        happened: Option<Date>,
        stated: &Stated,
        days: Option<Interval>,
    ) -> bool {
        let window = self.gatherer.catalog.engagement.window;
        let own = stated.period.or(stated.covers).or(happened.map(Interval::day));
        if let Some(days) = own.or(days.filter(|_| self.program.population.is_some())) {
            return days.intersect(&window).is_none();
        }
        self.is_dated_by_manifest() && days.is_some_and(|days| days.to() < window.from())
    }

    /// Whether nothing but the manifest says of which day the record is.
    pub(super) fn is_dated_by_manifest(&self) -> bool {
        let standing = || {
            let kind = self.gatherer.catalog.kinds.get(&self.program.slot.kind);
            kind.is_some_and(|kind| kind.standing)
        };
        self.program.slot.freshness.is_none() && !self.program.slot.dated_elsewhere && !standing()
    }

    pub(super) fn occurrence(&mut self, happened: Option<Date>, stated: Stated) {
        if let Some((message, spans, field)) = stated.wrong {
            let pointer = format!("{}/{field}", self.program.slot.pointer);
            return self.find(Code::DateUnreadable, message, &spans, &pointer);
        }
        let (group, period) = (self.group(), stated.period);
        let undated = self.program.covers.is_none() && period.is_none() && happened.is_none();
        let manifest = self.manifest.filter(|_| undated);
        // An export claims all of its days, also those that were still to come.
        let claimed = |manifest: &ManifestFacts| match self.program.population {
            Some(_) => manifest.covers,
            None => manifest.covered(),
        };
        let covers = stated.covers.or_else(|| manifest.and_then(claimed));
        let done = happened.or_else(|| self.manifest.map(|manifest| manifest.collected));
        let occurrence = Occurrence { group, period, covers, done };
        let mut occurrences = std::mem::take(&mut self.facts.occurrences);
        occurrences.add(occurrence, || self.marks(happened, &stated));
        self.facts.occurrences = occurrences;
    }

    /// Where the record says its day and its days; the whole artifact where its manifest does.
    pub(super) fn marks(&self, happened: Option<Date>, stated: &Stated) -> Marks {
        let at = |field: Option<Field<'_>>| {
            let told = field.and_then(|field| self.origin(field));
            told.unwrap_or_else(|| self.locator.record(self.memo.record.this))
        };
        let manifest = Origin::whole(self.locator.artifact());
        let program = self.program;
        let done = match (happened, self.manifest) {
            (None, Some(_)) => manifest,
            _ => at(program.happened),
        };
        let days = match (program.period, program.covers) {
            (Some(period), _) => at(Some(period)),
            (None, Some((from, _))) => at(Some(from)),
            (None, None) if own_days(stated).is_none() && happened.is_none() => done,
            (None, None) => at(program.happened),
        };
        Marks { done, days }
    }

    pub(super) fn freshness(&mut self) {
        if self.program.slot.freshness.is_none() {
            return;
        }
        let whole = Origin::whole(self.locator.artifact());
        let (day, origin) = match self.program.fresh {
            Some(field) => (self.day(field), self.origin(field).unwrap_or(whole)),
            None => (self.manifest.map(|manifest| manifest.collected), whole),
        };
        let end = self.gatherer.as_of.min(self.gatherer.catalog.engagement.window.to());
        if let Some(day) = day.filter(|day| *day <= end)
            && self.facts.newest.is_none_or(|(newest, _)| newest < day)
        {
            self.facts.newest = Some((day, origin));
        }
    }
}

pub(super) fn own_days(stated: &Stated) -> Option<Interval> {
    stated.period.or(stated.covers)
}
