//! Records that have, or must not have, a counterpart; and two lists that hold the same keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::against::{Periods, Section};
use super::checks::One;
use super::probe::{HERE, THERE};
use super::relation;
use super::rows::{Origin, Row};
use crate::catalog::{Against, Selection};
use crate::model::time::Interval;
use crate::model::{Code, Label, Subject};

/// How a record fails to match in some of the sections.
struct Failed {
    code: Code,
    many: u64,
    /// The periods in which it fails, where it is compared by period.
    names: Vec<String>,
    /// Counterparts, by index of the section and of the row.
    found: Vec<(usize, usize)>,
}

impl<'a> One<'_, 'a> {
    pub(super) fn counterpart(
        &mut self,
        each: &Selection,
        other: &Selection,
        against: Against,
        exactly: Option<u64>,
    ) {
        let left = self.rows(each, HERE);
        let sections = self.sections(other, THERE, against);
        // Those without a key are told where they were read.
        self.checked = left.len() as u64 + self.totals(each).1;
        let due = self.due(other, all(&sections));
        let most =
            exactly.map_or(1, |many| usize::try_from(many).unwrap_or(usize::MAX).saturating_add(1));
        let matches = |one: &Section<'_>| match exactly {
            Some(0) => relation::look_alikes(&left, &one.rows, most.max(1)),
            _ => relation::matches(&left, &one.rows, most.max(1)),
        };
        let matches: Vec<_> = sections.iter().map(matches).collect();
        if exactly != Some(0) && self.has_no_file(other) {
            let mut lacking = left.clone();
            lacking.retain(|row| !self.is_later(row, &due));
            if lacking.len() > 1 {
                return self.nobody(Code::CounterpartMissing, each, other, &lacking);
            }
        }
        for (at, row) in left.iter().enumerate() {
            let found = matches.iter().map(|matches| matches.of(at));
            let Some(failed) = failed(&sections, found, exactly) else { continue };
            if failed.code == Code::CounterpartMissing && self.is_later(row, &due) {
                continue;
            }
            let there = &self.side(other).requirement.name;
            let periods = of_periods(&failed.names);
            let key = row.key.join(" ");
            let plain = match failed.code {
                Code::CounterpartForbidden => {
                    format!("`{key}` stands in {there}{periods}, where it must not")
                }
                Code::CounterpartCount => {
                    format!("`{key}` stands {} times in {there}{periods}", failed.many)
                }
                _ => format!("`{key}` has no counterpart in {there}{periods}"),
            };
            let message = match row.said() {
                None => plain,
                Some(message) if against == Against::Any => message,
                Some(message) => format!("{message} ({plain})"),
            };
            let text = format!("in {there}");
            let mut finding = self.finding(failed.code, each, message);
            finding.subject = self.judge.subject(row);
            finding.evidence.push(Label::new(self.judge.place(row.origin), ""));
            for (section, at) in failed.found.into_iter().take(2) {
                let place = self.judge.place(sections[section].rows[at].origin);
                finding.evidence.push(Label::new(place, text.clone()));
            }
            self.judged.findings.push(finding);
        }
    }

    fn sections(&self, side: &Selection, role: u8, against: Against) -> Vec<Section<'a>> {
        let rows = self.rows(side, role);
        if against == Against::Any {
            return vec![Section { rows, ..Section::default() }];
        }
        Periods::of(self.side(side)).sections(rows, against)
    }

    pub(super) fn same_set(&mut self, left: &Selection, right: &Selection, against: [Against; 2]) {
        let here = self.sections(left, HERE, against[0]);
        let there = self.sections(right, THERE, against[1]);
        let rows =
            |sections: &[Section<'_>]| sections.iter().map(|one| one.rows.len()).sum::<usize>();
        self.checked = (rows(&here) + rows(&there)) as u64;
        let both = against == [Against::EveryPeriod; 2];
        let none = Section::default();
        let due = [self.due(left, all(&here)), self.due(right, all(&there))];
        let mut lacking: BTreeMap<(bool, Origin, &[Arc<str>]), Lacking<'_>> = BTreeMap::new();
        for (one, other) in pairs(&here, &there, &none) {
            let (only_one, only_other) = relation::differences(&one.rows, &other.rows);
            for (is_left, own, opposite, only) in
                [(true, one, other, only_one), (false, other, one, only_other)]
            {
                let (side, across) = if is_left { (left, right) } else { (right, left) };
                let compared = own.period.filter(|_| both);
                if compared.is_some_and(|period| self.is_not_due_in(across, period)) {
                    continue;
                }
                let due = &due[usize::from(is_left)];
                for row in only.into_iter().map(|at| own.rows[at]) {
                    if self.is_later(row, due) {
                        continue;
                    }
                    let key = (is_left, row.origin, &*row.key);
                    let new = Lacking { row, side, across, own: &own.name, names: BTreeSet::new() };
                    // A period of which there is no evidence at all has the name of the other.
                    let name = opposite.name.as_ref().or(own.name.as_ref().filter(|_| both));
                    lacking.entry(key).or_insert(new).names.extend(name.cloned());
                }
            }
        }
        for is_left in [true, false] {
            let of_side = lacking.iter().filter(|(key, _)| key.0 == is_left);
            let of_side: Vec<&Lacking<'_>> = of_side.map(|(_, one)| one).collect();
            match of_side[..] {
                [first, _, ..] if self.has_no_file(first.across) => {
                    let rows: Vec<&Row> = of_side.iter().map(|one| one.row).collect();
                    self.nobody(Code::SetDifference, first.side, first.across, &rows);
                }
                _ => of_side.into_iter().for_each(|one| self.tell(one)),
            }
        }
    }

    /// Whether there is no file at all of a side that must have one.
    fn has_no_file(&self, side: &Selection) -> bool {
        let side = self.side(side);
        side.artifacts.is_empty() && side.requirement.demanded_by.is_none()
    }

    /// Nothing can have a counterpart where there is no file, which is told once.
    fn nobody(&mut self, code: Code, side: &Selection, across: &Selection, rows: &[&Row]) {
        let Some(first) = rows.first() else { return };
        let names = [side, across].map(|side| self.side(side).requirement.name.clone());
        let many = rows.len();
        let message = format!(
            "{}: {many} records of `{}` have no counterpart, because there is no file of `{}`",
            self.title(),
            names[0],
            names[1]
        );
        let mut finding = self.finding(code, side, message);
        finding.help = format!("Add the evidence of `{}` first; then see what is left.", names[1]);
        let label = Label::new(self.judge.place(first.origin), format!("the first of {many}"));
        finding.evidence.push(label);
        self.judged.findings.push(finding);
        self.folded += many as u64 - 1;
    }

    /// There is no evidence of `period`, and it may still come.
    fn is_not_due_in(&self, side: &Selection, period: Interval) -> bool {
        let side = self.side(side);
        let later = side.horizon.is_none_or(|horizon| period.to() > horizon);
        later && !Periods::of(side).has(period)
    }

    fn tell(&mut self, one: &Lacking<'_>) {
        let names = [one.side, one.across].map(|side| self.side(side).requirement.name.clone());
        let key = one.row.key.join(" ");
        let own = of_periods(one.own.as_slice());
        let others = of_periods(&one.names.iter().cloned().collect::<Vec<_>>());
        let plain = format!("`{key}` is in {}{own} and not in {}{others}", names[0], names[1]);
        let message = match one.row.said() {
            Some(message) => format!("{message} ({plain})"),
            None => plain,
        };
        let mut finding = self.finding(Code::SetDifference, one.side, message);
        finding.subject = self.judge.subject(one.row);
        if let Subject::Record { key: name, .. } = &mut finding.subject {
            *name = key;
        }
        finding.evidence.push(Label::new(self.judge.place(one.row.origin), ""));
        self.judged.findings.push(finding);
    }
}

/// A row whose key the other list lacks.
struct Lacking<'r> {
    row: &'r Row,
    side: &'r Selection,
    across: &'r Selection,
    own: &'r Option<String>,
    /// The periods of the other list that lack it.
    names: BTreeSet<String>,
}

/// How a record fails, where it does: what must not be found before what is missing.
fn failed<'m>(
    sections: &[Section<'_>],
    found: impl Iterator<Item = &'m [usize]>,
    exactly: Option<u64>,
) -> Option<Failed> {
    let mut worst: Option<Failed> = None;
    for (at, (section, rows)) in sections.iter().zip(found).enumerate() {
        let code = match (exactly, rows.len() as u64) {
            (Some(wanted), many) if many == wanted => continue,
            (None, many) if many > 0 => continue,
            (Some(0), _) => Code::CounterpartForbidden,
            (_, 0) => Code::CounterpartMissing,
            _ => Code::CounterpartCount,
        };
        let new = Failed { code, many: rows.len() as u64, names: Vec::new(), found: Vec::new() };
        let worst = match &mut worst {
            Some(worst) if worst.code == code => worst,
            // Too many is told before too few, which may still come.
            Some(worst) if worst.code != Code::CounterpartMissing => continue,
            other => other.insert(new),
        };
        worst.names.extend(section.name.clone());
        worst.found.extend(rows.iter().map(|row| (at, *row)));
    }
    worst
}

/// The rows of all sections.
fn all<'r>(sections: &[Section<'r>]) -> impl Iterator<Item = &'r Row> {
    sections.iter().flat_map(|section| section.rows.iter().copied())
}

/// The sections that are compared with one another: where both lists are cut by period, those of
/// the same period.
fn pairs<'s, 'r>(
    here: &'s [Section<'r>],
    there: &'s [Section<'r>],
    none: &'s Section<'r>,
) -> Vec<(&'s Section<'r>, &'s Section<'r>)> {
    let by_period = |sections: &[Section<'_>]| sections.iter().any(|one| one.period.is_some());
    if !by_period(here) || !by_period(there) {
        return here.iter().flat_map(|one| there.iter().map(move |other| (one, other))).collect();
    }
    let periods: BTreeSet<Interval> =
        here.iter().chain(there).filter_map(|section| section.period).collect();
    let of = |sections: &'s [Section<'r>], period: Interval| {
        sections.iter().find(|one| one.period == Some(period)).unwrap_or(none)
    };
    periods.into_iter().map(|period| (of(here, period), of(there, period))).collect()
}

/// ` of 2026-Q1, 2026-Q2`, or nothing.
fn of_periods(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    match names.len() {
        0 => String::new(),
        many @ 1..=5 => format!(" of {}", shown[..many].join(", ")),
        many => format!(" of {} and {} more", shown.join(", "), many - 5),
    }
}
