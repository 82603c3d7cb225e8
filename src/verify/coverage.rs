//! Expected against actual: which periods are due, and what evidence covers them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::facts::{ArtifactFacts, Marks, Occurrence, UseFacts};
use super::judge::{Gathered, Judge, Judged, Used, is_periodic};
use super::rows::Origin;
use crate::catalog::{Control, Slot};
use crate::model::time::{Allowance, Cadence, Interval, Period, gaps};
use crate::model::{Code, Finding, Label, PeriodState, Place, Subject, Tally};
use crate::report::PeriodReport;

/// The last day up to which a requirement must be complete at `as_of`: the end of its last due
/// period, or the as-of date where it has none. `None` when no period is due.
pub(crate) fn horizon(
    slot: &Slot,
    periods: &[Period],
    window: Interval,
    as_of: Date,
) -> Option<Date> {
    if !is_periodic(slot.cadence) {
        return Some(as_of.min(window.to()));
    }
    let due = periods.iter().rev().find(|period| period.due(slot.within, as_of).is_closed());
    due.map(|period| period.interval.to())
}

/// The last day of which there is evidence, due or not: what is there can be judged. `None` where
/// that differs from group to group.
pub(crate) fn reach(one: &Gathered<'_>) -> Option<Date> {
    if !one.slot.per.is_empty() {
        return None;
    }
    let exports = one.slot.population.is_some();
    let exported = |facts: &ArtifactFacts| {
        let manifest = facts.manifest.as_ref().filter(|_| exports && !facts.unread);
        manifest.and_then(|manifest| manifest.covers).map(|covers| covers.to())
    };
    let left = |uses: &UseFacts| {
        let days = |one: &Occurrence| one.period.or(one.covers).map(|days| days.to()).or(one.done);
        uses.occurrences.iter().map(|(when, _)| when).filter(|_| !exports).filter_map(days).max()
    };
    one.current.iter().filter_map(|(_, facts, uses)| exported(facts).max(left(uses))).max()
}

/// Judges the cadence of a requirement and returns its periods.
pub(crate) fn judge(
    judge: &Judge<'_>,
    control: &Control,
    one: &Gathered<'_>,
    tally: &mut Tally,
    judged: &mut Judged,
) -> Vec<PeriodReport> {
    let mut work = Work { judge, control, one, tally, judged, periods: Vec::new() };
    let Some(cadence) = one.slot.cadence.filter(|cadence| *cadence != Cadence::PerEvent) else {
        if one.slot.population.is_some() {
            work.whole();
        }
        return Vec::new();
    };
    if let Cadence::Continuous { max_gap_hours } = cadence {
        work.continuous(max_gap_hours.get());
    } else if is_periodic(Some(cadence)) {
        work.periodic(&one.periods);
    }
    work.periods
}

/// When evidence was left, and where that is said.
type Left<'s> = (&'s Occurrence, &'s Marks);

/// Whether `seen` shows the period: by its name, by a day in it, or by covering all of its days.
fn shown<'s>(period: &Period, seen: impl Iterator<Item = &'s Occurrence> + Clone) -> bool {
    let direct = |one: &Occurrence| match (one.period, one.covers) {
        (Some(stated), _) => stated == period.whole || stated == period.interval,
        (None, None) => one.done.is_some_and(|day| period.interval.contains(day)),
        (None, Some(_)) => false,
    };
    let days = period.interval;
    let touches = |covers: &Interval| covers.from() <= days.to() && days.from() <= covers.to();
    let mut covers = seen.clone().filter_map(|one| one.covers).filter(touches).peekable();
    seen.clone().any(direct) || covers.peek().is_some() && gaps(days, covers).is_empty()
}

/// The last evidence that begins before the period ends.
fn before<'s>(period: &Period, own: &[Left<'s>]) -> Option<(&'s Occurrence, &'s Marks)> {
    let first = |one: &Occurrence| one.period.or(one.covers).or(one.done.map(Interval::day));
    let began =
        |(one, _): &&Left<'_>| first(one).is_some_and(|days| days.from() <= period.interval.to());
    let last = own.iter().filter(began).max_by_key(|(one, _)| first(one));
    last.copied()
}

/// Of evidence in order of when it was left, the first of what was left at each time.
fn first<'s>(seen: &[Left<'s>]) -> Vec<Left<'s>> {
    let mut first = seen.to_vec();
    first.dedup_by_key(|(one, _)| *one);
    first
}

/// Of evidence in order of when it was left, that of `group`.
fn of_group<'o, 's>(seen: &'o [Left<'s>], group: &Option<String>) -> &'o [Left<'s>] {
    let from = seen.partition_point(|(one, _)| one.group < *group);
    let many = seen[from..].partition_point(|(one, _)| one.group == *group);
    &seen[from..from + many]
}

struct Work<'w, 'a> {
    judge: &'w Judge<'a>,
    control: &'w Control,
    one: &'w Gathered<'a>,
    tally: &'w mut Tally,
    judged: &'w mut Judged,
    periods: Vec<PeriodReport>,
}

/// What the manifest of each artifact says was left when, if it is for it to say.
type Stated = Vec<Option<(Occurrence, Marks)>>;

impl Work<'_, '_> {
    /// An export without records still covers its days.
    fn stated(&self, artifacts: &[Used<'_>]) -> Stated {
        let exports = self.one.slot.population.is_some();
        let dated = self.one.slot.period.is_some()
            || self.one.slot.covers.is_some()
            || self.one.slot.happened.is_some();
        let stated = |(entry, facts, uses): &Used<'_>| {
            let manifest = facts.manifest.as_ref().filter(|_| !facts.unread)?;
            let covers = if exports { manifest.covers } else { manifest.covered() };
            let covers = covers.filter(|_| exports || !dated && uses.selected > 0)?;
            let done = Some(manifest.collected);
            let whole = Origin::whole(*entry);
            Some((
                Occurrence { group: None, period: None, covers: Some(covers), done },
                Marks { done: whole, days: whole },
            ))
        };
        artifacts.iter().map(stated).collect()
    }

    /// What was left, as far as it counts for a cadence, in order of when it was.
    fn seen<'s>(&self, artifacts: &'s [Used<'_>], stated: &'s Stated) -> Vec<Left<'s>> {
        let exports = self.one.slot.population.is_some();
        // The records of an export show that things happened; its days are what it covers.
        let counts = |one: &Left<'_>| !exports || one.0.covers.is_some();
        let mut seen: Vec<Left<'_>> = Vec::new();
        for ((_, _, uses), stated) in artifacts.iter().zip(stated) {
            let left = uses.occurrences.iter().map(|(when, marks)| (when, marks));
            seen.extend(left.filter(counts));
            seen.extend(stated.as_ref().map(|(one, marks)| (one, marks)));
        }
        seen.sort_by_key(|(one, _)| *one);
        seen
    }

    fn periodic(&mut self, periods: &[Period]) {
        let one = self.one;
        // What was replaced covers nothing any more, and yet shows that the work was done in time.
        let stated = self.stated(&one.artifacts);
        let ever = self.seen(&one.artifacts, &stated);
        let in_force;
        let all = if one.replaced.is_empty() {
            ever.clone()
        } else {
            in_force = self.stated(&one.current);
            self.seen(&one.current, &in_force)
        };
        let (ever, seen) = (first(&ever), first(&all));
        for group in self.groups(&seen) {
            let (own, ever) = (of_group(&seen, &group), of_group(&ever, &group));
            for period in periods {
                self.period(&group, period, own, ever);
            }
        }
        self.early(&seen);
        self.twice(&all);
    }

    fn groups(&self, seen: &[Left<'_>]) -> Vec<Option<String>> {
        let per = !self.one.slot.per.is_empty();
        let groups = seen.chunk_by(|one, other| one.0.group == other.0.group);
        let groups = groups.map(|own| &own[0].0.group).filter(|group| !per || group.is_some());
        let groups: Vec<_> = groups.cloned().collect();
        if groups.is_empty() { vec![None] } else { groups }
    }

    /// A population that has no cadence still is the complete list for the window.
    fn whole(&mut self) {
        let window = self.judge.catalog.engagement.window;
        if self.one.artifacts.is_empty() || self.judge.as_of <= window.to() {
            return;
        }
        let stated = self.stated(&self.one.current);
        let seen = first(&self.seen(&self.one.current, &stated));
        self.early(&seen);
        for gap in gaps(window, seen.iter().filter_map(|(one, _)| one.covers)) {
            let message = format!("the population does not cover {gap}");
            let mut finding = self.finding(Code::CoverageGap, message);
            finding.subject = Subject::Period { label: gap.to_string(), group: None };
            finding.evidence.extend(self.beside(gap, &seen, &None));
            self.judged.findings.push(finding);
        }
    }

    fn period(
        &mut self,
        group: &Option<String>,
        period: &Period,
        own: &[Left<'_>],
        ever: &[Left<'_>],
    ) {
        let due = period.due(self.one.slot.within, self.judge.as_of);
        let covered = shown(period, own.iter().map(|(one, _)| *one));
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
            from: period.interval.from().to_string(),
            to: period.interval.to().to_string(),
            state,
            due_on: due.due_on().to_string(),
        });
        // Without any file at all, one finding says so for every period.
        if state == PeriodState::Missing && self.tally.matched > 0 {
            self.missing(group, period, own);
        }
        if covered {
            self.late(group, period, own, ever);
        }
    }

    fn missing(&mut self, group: &Option<String>, period: &Period, own: &[Left<'_>]) {
        let whose = group.as_ref().map(|group| format!(" for {group}")).unwrap_or_default();
        let uncovered = gaps(period.interval, own.iter().filter_map(|(one, _)| one.covers));
        let partly = own.iter().any(|(one, _)| one.covers.is_some());
        let partly = partly && uncovered != [period.interval];
        let before = before(period, own);
        let (code, message) = if partly {
            let days: Vec<_> = uncovered.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} is not covered to its end{whose}: {} missing",
                period.label,
                days.join(", ")
            );
            (Code::CoverageGap, message)
        } else {
            let patterns = self.one.slot.patterns.iter();
            let patterns: Vec<_> =
                patterns.map(|pattern| format!("`{}`", pattern.as_str())).collect();
            let last = before.map_or_else(
                || "there is none before it either".to_owned(),
                |(_, marks)| format!("the last before it is `{}`", self.path(marks.days)),
            );
            let message = format!(
                "`{}` has no evidence{whose} of {} in {}; {last}",
                self.one.requirement.name,
                period.label,
                patterns.join(" or ")
            );
            (Code::PeriodMissing, message)
        };
        let mut finding = self.finding(code, message);
        finding.subject = Subject::Period { label: period.label.clone(), group: group.clone() };
        finding.evidence.extend(self.nearest(before, own));
        self.judged.findings.push(finding);
    }

    /// Where what is missing should stand: beside the last evidence before it, else beside the first
    /// there is, else beside the newest file.
    fn nearest(&self, before: Option<(&Occurrence, &Marks)>, own: &[Left<'_>]) -> Option<Label> {
        let (marks, text) = match (before, own.first()) {
            (Some((_, marks)), _) => (marks, "the last before it"),
            (None, Some((_, marks))) => (*marks, "the first there is"),
            (None, None) => {
                let files = self.one.artifacts.iter().filter(|(_, facts, _)| !facts.unread);
                let collected =
                    |facts: &ArtifactFacts| facts.manifest.as_ref().map(|one| one.collected);
                let (entry, _, _) =
                    files.max_by_key(|(entry, facts, _)| (collected(facts), *entry))?;
                let path = &self.judge.inventory.entries()[*entry].path;
                return Some(Label::new(Place::file(path), "the newest file"));
            }
        };
        let mut label = self.judge.mark(marks.days, "covers");
        text.clone_into(&mut label.text);
        Some(label)
    }

    /// The last evidence of `group` that begins before `gap`, in a requirement without periods.
    fn beside(&self, gap: Interval, seen: &[Left<'_>], group: &Option<String>) -> Option<Label> {
        let own = of_group(seen, group);
        let began = |one: &Occurrence| {
            one.covers.or(one.done.map(Interval::day)).is_some_and(|days| days.from() <= gap.from())
        };
        let last = own.iter().rfind(|(one, _)| began(one));
        self.nearest(last.copied(), own)
    }

    /// The work for a period was done after its grace: without what came late it is not covered.
    fn late(
        &mut self,
        group: &Option<String>,
        period: &Period,
        own: &[Left<'_>],
        ever: &[Left<'_>],
    ) {
        if self.one.slot.within == Allowance::NONE {
            return;
        }
        let last = self.one.slot.within.after(period.whole.to());
        let in_time = |one: &Occurrence| one.done.is_some_and(|day| day <= last);
        if shown(period, ever.iter().map(|(one, _)| *one).filter(|one| in_time(one))) {
            return;
        }
        let concerns = |one: &Occurrence| {
            let days = one.period.or(one.covers);
            days.is_some_and(|days| !gaps(period.interval, [days]).contains(&period.interval))
        };
        let Some((one, marks)) = own.iter().find(|(one, _)| concerns(one) && !in_time(one)) else {
            return;
        };
        let label = &period.label;
        let message = match one.done {
            Some(day) => format!("the evidence of {label} is of {day}; it was due on {last}"),
            None => {
                format!("nothing says when the evidence of {label} was left; it was due on {last}")
            }
        };
        let mut finding = self.finding(Code::EvidenceLate, message);
        finding.subject = Subject::Period { label: period.label.clone(), group: group.clone() };
        finding.evidence.push(self.judge.mark(marks.done, "collected_at"));
        self.judged.findings.push(finding);
    }

    /// An export was taken before its days were over.
    fn early(&mut self, seen: &[Left<'_>]) {
        for (one, marks) in seen {
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
                finding.subject = self.artifact(marks.done);
                finding.evidence.push(self.judge.mark(marks.done, "collected_at"));
                self.judged.findings.push(finding);
            }
        }
    }

    /// Two artifacts claim the same days.
    fn twice(&mut self, seen: &[Left<'_>]) {
        let exports = self.one.slot.population.is_some();
        let mut claims: BTreeMap<(&Option<String>, Interval), Vec<Origin>> = BTreeMap::new();
        for (one, marks) in seen {
            if let Some(days) = one.period.or(one.covers.filter(|_| exports)) {
                claims.entry((&one.group, days)).or_default().push(marks.days);
            }
        }
        for ((_, days), mut origins) in claims {
            origins.sort_unstable();
            origins.dedup_by_key(|origin| origin.artifact);
            if let [first, second, ..] = origins[..] {
                let message = format!("two artifacts claim {days}");
                let mut finding = self.finding(Code::PeriodDuplicate, message);
                finding.subject = self.artifact(second);
                finding.evidence.push(self.judge.mark(second, "covers"));
                finding.evidence.push(self.judge.mark(first, "covers"));
                self.judged.findings.push(finding);
            }
        }
    }

    /// No silence longer than allowed, up to the as-of date.
    fn continuous(&mut self, hours: u32) {
        let window = self.judge.catalog.engagement.window;
        let Ok(target) = Interval::new(window.from(), window.to().min(self.judge.as_of)) else {
            return;
        };
        let stated = self.stated(&self.one.current);
        let seen = first(&self.seen(&self.one.current, &stated));
        self.early(&seen);
        let allowed = hours.div_ceil(24).saturating_sub(1);
        for group in self.groups(&seen) {
            let own = of_group(&seen, &group).iter();
            let days = own.filter_map(|(one, _)| one.covers.or(one.done.map(Interval::day)));
            for gap in gaps(target, days).into_iter().filter(|gap| gap.days() > allowed) {
                let whose = group.as_ref().map(|group| format!(" for {group}")).unwrap_or_default();
                let mut finding =
                    self.finding(Code::CoverageGap, format!("nothing covers {gap}{whose}"));
                finding.subject = Subject::Period { label: gap.to_string(), group: group.clone() };
                finding.evidence.extend(self.beside(gap, &seen, &group));
                self.judged.findings.push(finding);
            }
        }
    }

    fn finding(&self, code: Code, message: String) -> Finding {
        let mut finding = self.judge.about(self.control, self.one, code, message);
        let pointer = format!("{}/cadence", self.one.slot.pointer);
        finding.rule = Some(self.control.source.label(&pointer));
        finding
    }

    fn artifact(&self, origin: Origin) -> Subject {
        Subject::Artifact { path: self.path(origin).to_owned() }
    }

    fn path(&self, origin: Origin) -> &str {
        &self.judge.inventory.entries()[origin.artifact as usize].path
    }
}
