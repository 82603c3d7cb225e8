//! Intervals and points that leave no gap: over the window, or over the time of each record.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::checks::One;
use super::probe::{HERE, THERE};
use super::relation;
use super::rows::Row;
use crate::catalog::Selection;
use crate::model::time::{Allowance, InstantSpan, gaps_longer_than};
use crate::model::{Code, Label, Subject};

impl One<'_, '_> {
    /// The end of the days for which intervals of `selection` must be there.
    fn target(&self, selection: &Selection) -> Option<InstantSpan> {
        let zone = &self.judge.catalog.engagement.zone;
        let window = self.judge.catalog.engagement.window;
        let end = self.side(selection).horizon?.min(window.to()).min(self.judge.as_of);
        InstantSpan::new(zone.start_of(window.from()), zone.end_of(end)).ok()
    }

    pub(super) fn tile_window(&mut self, tiles: &Selection, points: bool, max_gap: Allowance) {
        let Some(target) = self.target(tiles) else { return };
        let rows = self.rows(tiles, THERE);
        let mut groups: BTreeMap<&[Arc<str>], Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().copied() {
            groups.entry(&row.key).or_default().push(row);
        }
        self.checked = groups.len() as u64;
        let side = self.side(tiles);
        if rows.is_empty() && !side.artifacts.is_empty() && !side.pending && !side.empty {
            let message = format!("no record covers any of {}", self.list(&[target]));
            let mut finding = self.finding(Code::IntervalsNotTiled, tiles, message);
            finding.subject = Subject::Period { label: self.list(&[target]), group: None };
            self.judged.findings.push(finding);
        }
        for (key, rows) in groups {
            let gaps = self.gaps(target, &rows, points, max_gap);
            if gaps.is_empty() {
                continue;
            }
            let whose =
                if key.is_empty() { String::new() } else { format!(" for {}", key.join(" ")) };
            let said =
                rows[0].message.as_deref().map(|said| format!("{said}: ")).unwrap_or_default();
            let message = format!("{said}nothing covers {}{whose}", self.list(&gaps));
            let mut finding = self.finding(Code::IntervalsNotTiled, tiles, message);
            finding.subject = Subject::Period { label: self.list(&gaps), group: None };
            let nearest = nearest(&rows, gaps[0]);
            finding.evidence.push(Label::new(self.judge.place(nearest.origin), "before the gap"));
            self.judged.findings.push(finding);
        }
    }

    pub(super) fn tile_each(
        &mut self,
        each: &Selection,
        tiles: &Selection,
        points: bool,
        max_gap: Allowance,
    ) {
        let Some(window) = self.target(tiles) else { return };
        let (left, right) = (self.rows(each, HERE), self.rows(tiles, THERE));
        let index = relation::Index::new(&right);
        for row in &left {
            let (from, to) = row.valid();
            let from = from.and_then(|at| Timestamp::from_microsecond(at).ok());
            let to = to.and_then(|at| Timestamp::from_microsecond(at).ok());
            let from = from.unwrap_or(window.from()).max(window.from());
            let to = to.unwrap_or(window.to()).min(window.to());
            if from >= to {
                continue;
            }
            let Ok(target) = InstantSpan::new(from, to) else { continue };
            self.checked += 1;
            let own: Vec<&Row> = index.get(&row.key).map(|at| right[at]).collect();
            let gaps = self.gaps(target, &own, points, max_gap);
            if gaps.is_empty() {
                continue;
            }
            let said = row.said().unwrap_or_else(|| row.key.join(" "));
            let message = format!("{said}: nothing covers {}", self.list(&gaps));
            let mut finding = self.finding(Code::IntervalsNotTiled, each, message);
            finding.subject = self.judge.subject(row);
            finding.evidence.push(Label::new(self.judge.place(row.origin), ""));
            if !own.is_empty() {
                let place = self.judge.place(nearest(&own, gaps[0]).origin);
                finding.evidence.push(Label::new(place, "before the gap"));
            }
            self.judged.findings.push(finding);
        }
    }

    fn gaps(
        &self,
        target: InstantSpan,
        rows: &[&Row],
        points: bool,
        max_gap: Allowance,
    ) -> Vec<InstantSpan> {
        let most = match max_gap {
            Allowance::Hours(hours) => SignedDuration::from_hours(hours.into()),
            // A day may have 25 hours.
            Allowance::Days(0) | Allowance::Months(0) => SignedDuration::ZERO,
            Allowance::Days(days) => SignedDuration::from_hours(i64::from(days) * 24 + 1),
            Allowance::Months(months) => {
                SignedDuration::from_hours(i64::from(months) * 31 * 24 + 1)
            }
        };
        let moment = |at: Option<i64>, open: Timestamp| {
            at.and_then(|at| Timestamp::from_microsecond(at).ok()).unwrap_or(open)
        };
        if points {
            let mut moments: Vec<Timestamp> =
                rows.iter().map(|row| moment(row.valid().0, target.from())).collect();
            moments.sort_unstable();
            return crate::model::time::point_gaps(target, moments, most);
        }
        let spans = rows.iter().filter_map(|row| {
            let (from, to) = row.valid();
            InstantSpan::new(moment(from, target.from()), moment(to, Timestamp::MAX)).ok()
        });
        gaps_longer_than(target, spans, most)
    }

    /// Gaps as people read them: days where they are whole days, else moments in the zone.
    fn list(&self, gaps: &[InstantSpan]) -> String {
        let zone = &self.judge.catalog.engagement.zone;
        let one = |gap: &InstantSpan| {
            let first = zone.date(gap.from());
            let last =
                zone.date(gap.to().checked_sub(SignedDuration::from_micros(1)).unwrap_or(gap.to()));
            if first == last { first.to_string() } else { format!("{first} to {last}") }
        };
        let shown: Vec<_> = gaps.iter().take(5).map(one).collect();
        let more = gaps.len().saturating_sub(5);
        let more = if more > 0 { format!(" and {more} more gaps") } else { String::new() };
        format!("{}{more}", shown.join(", "))
    }
}

/// The last row that begins before the gap, else the first.
fn nearest<'r>(rows: &[&'r Row], gap: InstantSpan) -> &'r Row {
    let before = |row: &&&Row| row.valid().0.is_none_or(|from| from <= gap.from().as_microsecond());
    let last = rows.iter().filter(before).max_by_key(|row| {
        let (from, to) = row.valid();
        (to.unwrap_or(i64::MAX), from)
    });
    last.unwrap_or(&rows[0])
}
