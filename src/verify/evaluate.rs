//! Conditions, values and messages of one record: joins the expressions to the engagement.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Map;

use crate::catalog::{Catalog, Condition, Record};
use crate::expression::{
    Bindings, Computed, Known, Moments, Outcome, Params, Reading, Runtime, Scope, Template,
};
use crate::model::Span;
use crate::model::time::Zone;

/// Reads times in the engagement's zone.
struct InZone(Zone);

impl Moments for InZone {
    fn moment(&self, text: &str) -> Result<i64, String> {
        let instant = self.0.timestamp(text).map_err(|error| error.to_string())?;
        Ok(instant.as_microsecond())
    }

    fn day(&self, text: &str) -> Result<i64, String> {
        let day = self.0.day_of(text).map_err(|error| error.to_string())?;
        Ok(self.0.start_of(day).as_microsecond())
    }

    fn shift(&self, moment: i64, days: i64) -> Result<i64, String> {
        let at = Timestamp::from_microsecond(moment).ok();
        if let Some(shifted) = at.and_then(|at| self.0.shift(at, days)) {
            return Ok(shifted.as_microsecond());
        }
        // "For ever" and the days after it lie beyond the calendar, and have no clocks to change.
        let beyond = days.checked_mul(86_400_000_000).and_then(|span| moment.checked_add(span));
        beyond.ok_or_else(|| "the duration is longer than time itself".to_owned())
    }
}

/// What expressions see beside the record.
pub(crate) struct Env {
    runtime: Runtime,
    params: Vec<Params>,
    none: Params,
    window: (i64, i64),
    as_of: i64,
}

/// What a condition says.
pub(crate) enum Held {
    /// It holds.
    Yes,
    /// It does not; the values that decide.
    No(Vec<Span>),
    /// It cannot be told, and why.
    Unknown(String, Vec<Span>),
}

impl Env {
    /// The environment of a run.
    pub(crate) fn new(catalog: &Catalog, as_of: Date) -> Self {
        let zone = &catalog.engagement.zone;
        let window = catalog.engagement.window;
        let last = |day: Date| zone.end_of(day).as_microsecond() - 1;
        let params = catalog.controls.iter().map(|control| {
            let values: Map<_, _> =
                control.params.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            // The types were compared when the rule file was loaded.
            Params::new(&values, &Scope::new().with_params(&values)).unwrap_or_default()
        });
        Self {
            runtime: Runtime::new(Arc::new(InZone(zone.clone()))),
            params: params.collect(),
            none: Params::default(),
            window: (zone.start_of(window.from()).as_microsecond(), last(window.to())),
            as_of: last(as_of),
        }
    }

    /// What expressions see of `record`; `control` is the position of the control in the catalog.
    fn bindings<'n>(
        &'n self,
        record: &Record<'n>,
        control: Option<usize>,
        known: Known<'n>,
    ) -> Bindings<'n> {
        Bindings {
            runtime: &self.runtime,
            params: control.and_then(|at| self.params.get(at)).unwrap_or(&self.none),
            this: Some(record.this),
            parent: record.parent,
            document: record.document,
            manifest: record.manifest,
            window: Some(self.window),
            as_of: Some(self.as_of),
            known,
        }
    }

    /// What a condition or a value says of a record, or why that cannot be told.
    pub(crate) fn told<'n>(
        &'n self,
        condition: &Condition,
        record: &Record<'n>,
        control: Option<usize>,
        known: Known<'n>,
    ) -> Result<Computed, String> {
        condition.expression.told(&self.bindings(record, control, known))
    }

    /// Whether a condition holds for a record.
    pub(crate) fn holds(
        &self,
        condition: &Condition,
        record: &Record<'_>,
        control: Option<usize>,
    ) -> Held {
        match condition.expression.evaluate(&self.bindings(record, control, Known::default())) {
            Outcome::True => Held::Yes,
            Outcome::False { culprit } => Held::No(spans(&culprit.readings)),
            Outcome::Error { message, culprit } => Held::Unknown(message, spans(&culprit.readings)),
        }
    }

    /// Whether a selection takes a record in; where that cannot be told, why, and the values.
    pub(crate) fn selects(
        &self,
        condition: &Condition,
        record: &Record<'_>,
        control: Option<usize>,
    ) -> Result<bool, (String, Vec<Span>)> {
        let bindings = self.bindings(record, control, Known::default());
        if let Some(told) = condition.expression.holds(&bindings) {
            return Ok(told);
        }
        match condition.expression.evaluate(&bindings) {
            Outcome::True => Ok(true),
            Outcome::False { .. } => Ok(false),
            Outcome::Error { message, culprit } => Err((message, spans(&culprit.readings))),
        }
    }

    /// A message filled in from a record.
    pub(crate) fn fill<'n>(
        &'n self,
        template: &Template,
        record: &Record<'n>,
        control: Option<usize>,
        known: Known<'n>,
    ) -> String {
        template.render(&self.bindings(record, control, known))
    }
}

fn spans(readings: &[Reading<'_>]) -> Vec<Span> {
    let of_record = readings.iter().filter(|reading| !reading.path.starts_with("manifest"));
    of_record.filter_map(|reading| reading.span).collect()
}
