//! The days of a record: when it happened, which period it is for, which days it covers.

use jiff::civil::Date;

use super::record::Work;
use crate::catalog::KeyPath;
use crate::document::Node;
use crate::model::time::{Interval, PeriodLabel};
use crate::model::{Code, Span};
use crate::verify::facts::{ManifestFacts, Marks, Occurrence};
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

    /// The moments a field's text begins and ends at: those of the day for a plain day.
    pub(crate) fn moments(&self, path: &KeyPath) -> Option<(i64, i64)> {
        let text = path.node(&self.record)?.as_str()?;
        let moment = self.gatherer.catalog.engagement.zone.moment(text).ok()?;
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
        if self.slot.population.is_some() && !covers.contains(day) {
            let message = format!("the record is of {day}, its export covers {covers}");
            self.date(Code::RecordOutsidePeriod, message);
        }
    }

    pub(super) fn date(&mut self, code: Code, message: String) {
        let span = self.slot.happened.as_ref().and_then(|path| path.node(&self.record));
        let spans: Vec<Span> = span.iter().map(Node::span).collect();
        let pointer = format!("{}/happened", self.slot.pointer);
        self.find(code, message, &spans, &pointer);
    }

    pub(super) fn day(&self, path: &KeyPath) -> Option<Date> {
        let text = path.node(&self.record)?.as_str()?;
        Some(self.gatherer.catalog.engagement.zone.moment(text).ok()?.date)
    }

    /// What the record says of its own days.
    pub(super) fn stated(&self) -> Stated {
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
    pub(super) fn days(&self, happened: Option<Date>, stated: &Stated) -> Option<Interval> {
        let exported = self.manifest.filter(|_| self.slot.population.is_some());
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
        if let Some(days) = own.or(days.filter(|_| self.slot.population.is_some())) {
            return days.intersect(&window).is_none();
        }
        self.is_dated_by_manifest() && days.is_some_and(|days| days.to() < window.from())
    }

    /// Whether nothing but the manifest says of which day the record is.
    pub(super) fn is_dated_by_manifest(&self) -> bool {
        let standing = || {
            let kind = self.gatherer.catalog.kinds.get(&self.slot.kind);
            kind.is_some_and(|kind| kind.standing)
        };
        self.slot.freshness.is_none() && !self.slot.dated_elsewhere && !standing()
    }

    pub(super) fn occurrence(&mut self, happened: Option<Date>, stated: Stated) {
        if let Some((message, spans, field)) = stated.wrong {
            let pointer = format!("{}/{field}", self.slot.pointer);
            return self.find(Code::DateUnreadable, message, &spans, &pointer);
        }
        let (group, period) = (self.group(), stated.period);
        let undated = self.slot.covers.is_none() && period.is_none() && happened.is_none();
        let manifest = self.manifest.filter(|_| undated);
        // An export claims all of its days, also those that were still to come.
        let claimed = |manifest: &ManifestFacts| match self.slot.population {
            Some(_) => manifest.covers,
            None => manifest.covered(),
        };
        let covers = stated.covers.or_else(|| manifest.and_then(claimed));
        let done = happened.or_else(|| self.manifest.map(|manifest| manifest.collected));
        let occurrence = Occurrence { group, period, covers, done };
        if !self.facts.occurrences.contains_key(&occurrence) {
            let marks = self.marks(happened, &stated);
            self.facts.occurrences.insert(occurrence, marks);
        }
    }

    /// Where the record says its day and its days; the whole artifact where its manifest does.
    pub(super) fn marks(&self, happened: Option<Date>, stated: &Stated) -> Marks {
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

    pub(super) fn freshness(&mut self) {
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
}

pub(super) fn own_days(stated: &Stated) -> Option<Interval> {
    stated.period.or(stated.covers)
}
