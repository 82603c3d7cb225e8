//! Expected against actual: which periods are due, and what evidence covers them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::facts::Occurrence;
use super::judge::{Gathered, Judge, Judged, is_periodic};
use super::rows::Origin;
use crate::catalog::{Control, Slot};
use crate::model::time::{Allowance, Cadence, Interval, Period, gaps};
use crate::model::{Code, Finding, Label, PeriodState, Place, Subject, Tally};
use crate::report::PeriodReport;

/// The last day up to which a requirement must be complete at `as_of`: the end of its last due
/// period, or the as-of date where it has none. `None` when no period is due.
pub(crate) fn horizon(slot: &Slot, window: Interval, as_of: Date) -> Option<Date> {
    let Some(cadence) = slot.cadence.filter(|cadence| is_periodic(Some(*cadence))) else {
        return Some(as_of.min(window.to()));
    };
    let periods = cadence.periods(window);
    let due = periods.iter().rev().find(|period| period.due(slot.within, as_of).is_closed());
    due.map(|period| period.interval.to())
}

/// Judges the cadence of a requirement and returns its periods.
pub(crate) fn judge(
    judge: &Judge<'_>,
    control: &Control,
    one: &Gathered<'_>,
    tally: &mut Tally,
    judged: &mut Judged,
) -> Vec<PeriodReport> {
    let Some(cadence) = one.slot.cadence else { return Vec::new() };
    let mut work = Work { judge, control, one, tally, judged, periods: Vec::new() };
    if let Cadence::Continuous { max_gap_hours } = cadence {
        work.continuous(max_gap_hours.get());
    } else if is_periodic(Some(cadence)) {
        work.periodic(&cadence.periods(judge.catalog.engagement.window));
    }
    work.periods
}

struct Work<'w, 'a> {
    judge: &'w Judge<'a>,
    control: &'w Control,
    one: &'w Gathered<'a>,
    tally: &'w mut Tally,
    judged: &'w mut Judged,
    periods: Vec<PeriodReport>,
}

type Seen = BTreeMap<Occurrence, Vec<Origin>>;

impl Work<'_, '_> {
    /// What was left when; an export without records still covers its days.
    fn seen(&self) -> Seen {
        let mut seen = Seen::new();
        let dated = self.one.slot.period.is_some()
            || self.one.slot.covers.is_some()
            || self.one.slot.happened.is_some();
        for (entry, facts, uses) in &self.one.artifacts {
            for (occurrence, origin) in &uses.occurrences {
                seen.entry(occurrence.clone()).or_default().push(*origin);
            }
            let Some(manifest) = facts.manifest.as_ref().filter(|_| !facts.unread) else { continue };
            let exports = self.one.slot.population.is_some();
            if let Some(covers) = manifest.covers.filter(|_| exports || !dated) {
                let occurrence = Occurrence {
                    group: None,
                    period: None,
                    covers: Some(covers),
                    done: Some(manifest.collected),
                };
                let origin = Origin {
                    artifact: *entry as u32,
                    span: crate::model::Span::default(),
                    start: crate::model::LineColumn::FIRST,
                    end: crate::model::LineColumn::FIRST,
                };
                if exports || uses.selected > 0 {
                    seen.entry(occurrence).or_default().push(origin);
                }
            }
        }
        seen
    }

    fn periodic(&mut self, periods: &[Period]) {
        let seen = self.seen();
        let exports = self.one.slot.population.is_some();
        // The records of an export show that things happened; its days are what it covers.
        let counts = |occurrence: &Occurrence| !exports || occurrence.covers.is_some();
        let seen: Seen = seen.into_iter().filter(|(one, _)| counts(one)).collect();
        let mut groups: BTreeSet<Option<String>> =
            seen.keys().map(|occurrence| occurrence.group.clone()).collect();
        if !self.one.slot.per.is_empty() {
            groups.retain(Option::is_some);
        }
        if groups.is_empty() {
            groups.insert(None);
        }
        for group in groups {
            let own: Vec<_> = seen.iter().filter(|(one, _)| one.group == group).collect();
            for period in periods {
                self.period(&group, period, &own);
            }
        }
        self.early(&seen);
        self.twice(&seen);
    }

    fn period(&mut self, group: &Option<String>, period: &Period, own: &[(&Occurrence, &Vec<Origin>)]) {
        let due = period.due(self.one.slot.within, self.judge.as_of);
        let stated = |one: &Occurrence| {
            one.period.is_some_and(|stated| stated == period.whole || stated == period.interval)
        };
        let happened = |one: &Occurrence| {
            one.period.is_none()
                && one.covers.is_none()
                && one.done.is_some_and(|day| period.interval.contains(day))
        };
        let direct: Vec<_> = own.iter().filter(|(one, _)| stated(one) || happened(one)).collect();
        let covering: Vec<Interval> = own.iter().filter_map(|(one, _)| one.covers).collect();
        let uncovered = gaps(period.interval, covering.iter().copied());
        let covered = !direct.is_empty() || uncovered.is_empty();
        self.tally.periods += 1;
        self.tally.due += u64::from(due.is_closed());
        self.tally.covered += u64::from(due.is_closed() && covered);
        let state = match (covered, due.is_closed()) {
            (true, _) => PeriodState::Covered,
            (false, true) => PeriodState::Missing,
            (false, false) => PeriodState::Pending,
        };
        self.periods.push(PeriodReport {
            label: period.label.clone(),
            group: group.clone(),
            state,
            due_on: due.due_on().to_string(),
        });
        if state == PeriodState::Missing && !self.one.artifacts.is_empty() {
            self.missing(group, period, &uncovered, !covering.is_empty());
        }
        if covered {
            self.late(group, period, own);
        }
    }

    fn missing(&mut self, group: &Option<String>, period: &Period, uncovered: &[Interval], partly: bool) {
        let whose = group.as_ref().map(|group| format!(" for {group}")).unwrap_or_default();
        let partly = partly && uncovered != [period.interval];
        let (code, message) = if partly {
            let days: Vec<_> = uncovered.iter().map(ToString::to_string).collect();
            let message = format!("{} is not covered to its end{whose}: {} missing", period.label, days.join(", "));
            (Code::CoverageGap, message)
        } else {
            let message = format!("`{}` has no evidence{whose} of {}", self.one.requirement.name, period.label);
            (Code::PeriodMissing, message)
        };
        let mut finding = self.finding(code, message);
        finding.subject = Subject::Period { label: period.label.clone(), group: group.clone() };
        let folder = self.one.artifacts.last().map(|(entry, _, _)| *entry);
        if let Some(entry) = folder {
            let path = &self.judge.inventory.entries()[entry].path;
            finding.evidence.push(Label::new(Place::file(path), "the latest evidence there is"));
        }
        self.judged.findings.push(finding);
    }

    /// The work for a period was done after its grace.
    fn late(&mut self, group: &Option<String>, period: &Period, own: &[(&Occurrence, &Vec<Origin>)]) {
        if self.one.slot.within == Allowance::NONE {
            return;
        }
        let last = self.one.slot.within.after(period.whole.to());
        let of_period = |one: &Occurrence| {
            one.period.is_some_and(|stated| stated == period.whole || stated == period.interval)
                || one.covers.is_some_and(|covers| covers == period.whole || covers == period.interval)
        };
        let mut done = own.iter().filter(|(one, _)| of_period(one));
        if let Some((one, origins)) = done.clone().find(|(one, _)| one.done.is_none_or(|day| day > last)) {
            if done.any(|(one, _)| one.done.is_some_and(|day| day <= last)) {
                return;
            }
            let day = one.done.map_or_else(|| "an unknown day".to_owned(), |day| day.to_string());
            let message = format!("the evidence of {} is of {day}; it was due on {last}", period.label);
            let mut finding = self.finding(Code::EvidenceLate, message);
            finding.subject = Subject::Period { label: period.label.clone(), group: group.clone() };
            self.point(&mut finding, origins[0]);
            self.judged.findings.push(finding);
        }
    }

    /// An export was taken before its days were over.
    fn early(&mut self, seen: &Seen) {
        for (one, origins) in seen {
            let closed = match (one.period, one.covers) {
                (_, Some(covers)) if self.one.slot.population.is_some() => Some(covers.to()),
                (Some(period), None) => jiff::civil::Date::yesterday(period.from()).ok(),
                _ => None,
            };
            let Some((closed, day)) = closed.zip(one.done) else { continue };
            if day <= closed {
                let message = if self.one.slot.population.is_some() {
                    format!("the export was taken on {day}, before {closed} was over")
                } else {
                    format!("the work is of {day}, before its period began")
                };
                let mut finding = self.finding(Code::EvidenceEarly, message);
                finding.subject = self.artifact(origins[0]);
                self.point(&mut finding, origins[0]);
                self.judged.findings.push(finding);
            }
        }
    }

    /// Two artifacts claim the same days.
    fn twice(&mut self, seen: &Seen) {
        let current: BTreeSet<u32> =
            self.judge.current(self.one).map(|(entry, _, _)| entry as u32).collect();
        let mut claims: BTreeMap<(Option<String>, Interval), Vec<Origin>> = BTreeMap::new();
        for (one, origins) in seen {
            let exports = one.covers.filter(|_| self.one.slot.population.is_some());
            if let Some(days) = one.period.or(exports) {
                let claims = claims.entry((one.group.clone(), days)).or_default();
                claims.extend(origins.iter().filter(|origin| current.contains(&origin.artifact)));
            }
        }
        for ((_, days), mut origins) in claims {
            origins.sort_unstable();
            origins.dedup_by_key(|origin| origin.artifact);
            if let [first, second, ..] = origins[..] {
                let message = format!("two artifacts claim {days}");
                let mut finding = self.finding(Code::PeriodDuplicate, message);
                finding.subject = self.artifact(second);
                self.point(&mut finding, second);
                self.point(&mut finding, first);
                self.judged.findings.push(finding);
            }
        }
    }

    /// No silence longer than allowed, up to the as-of date.
    fn continuous(&mut self, hours: u32) {
        let window = self.judge.catalog.engagement.window;
        let Ok(target) = Interval::new(window.from(), window.to().min(self.judge.as_of)) else { return };
        let seen = self.seen();
        let days = seen.keys().filter_map(|one| one.covers.or(one.done.map(Interval::day)));
        let allowed = hours.div_ceil(24).saturating_sub(1);
        for gap in gaps(target, days).into_iter().filter(|gap| gap.days() > allowed) {
            let message = format!("nothing covers {gap}");
            let mut finding = self.finding(Code::CoverageGap, message);
            finding.subject = Subject::Period { label: gap.to_string(), group: None };
            self.judged.findings.push(finding);
        }
    }

    fn finding(&self, code: Code, message: String) -> Finding {
        let mut finding = self.judge.about(self.control, self.one, code, message);
        let pointer = format!("{}/cadence", self.one.slot.pointer);
        finding.rule = Some(self.control.source.label(&pointer));
        finding
    }

    fn artifact(&self, origin: Origin) -> Subject {
        let path = self.judge.inventory.entries()[origin.artifact as usize].path.clone();
        Subject::Artifact { path }
    }

    /// Points at the record, or at the manifest where the manifest says it.
    fn point(&self, finding: &mut Finding, origin: Origin) {
        let facts = self.judge.facts[origin.artifact as usize].as_ref();
        let manifest = facts.and_then(|facts| facts.manifest.as_ref());
        let label = match manifest {
            Some(manifest) if origin.span.end == 0 => manifest.labels["collected_at"].clone(),
            _ => Label::new(self.judge.place(origin), ""),
        };
        finding.evidence.push(label);
    }
}
