//! Which period each row is of, so that a relation can look at the newest one, or at each by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::{Gathered, is_periodic};
use super::rows::{Placed, Row};
use crate::catalog::Against;
use crate::model::time::{Interval, Period};

/// Rows that are compared together.
#[derive(Debug, Default)]
pub(super) struct Section<'r> {
    /// The period they are compared by, with [`Against::EveryPeriod`].
    pub period: Option<Interval>,
    /// What people call the period, where there is one.
    pub name: Option<String>,
    /// The rows, in the order they were read.
    pub rows: Vec<&'r Row>,
}

/// The periods that a requirement has evidence of.
#[derive(Debug, Default)]
pub(super) struct Periods {
    /// Those of its cadence.
    cadence: Vec<Period>,
    /// Without a cadence: the last day of what happened in each artifact.
    last: BTreeMap<u32, Interval>,
    /// All there are, by group.
    known: BTreeSet<Placed>,
}

impl Periods {
    /// The periods of the artifacts in force.
    pub(super) fn of(one: &Gathered<'_>) -> Self {
        let is_periodic = is_periodic(one.slot.cadence);
        let mut periods = Self { cadence: one.periods.clone(), ..Self::default() };
        let stated = one.slot.period.is_some() || one.slot.covers.is_some();
        for (entry, _, uses) in &one.current {
            let artifact = *entry as u32;
            if !is_periodic && !stated {
                let last = uses.placed.iter().map(|one| one.days).max_by_key(age);
                periods.last.extend(last.map(|days| (artifact, days)));
            }
            for placed in &uses.placed {
                let days = periods.period(artifact, placed.days);
                periods.known.insert(Placed { group: placed.group.clone(), days });
            }
        }
        periods
    }

    /// The period that evidence of `days` in `artifact` is of.
    fn period(&self, artifact: u32, days: Interval) -> Interval {
        if let Some(last) = self.last.get(&artifact) {
            return *last;
        }
        let held = self.cadence.iter().find(|period| period.whole.covers(&days));
        held.map_or(days, |period| period.whole)
    }

    /// What people call a period.
    fn name(&self, days: Interval) -> String {
        let own = self.cadence.iter().find(|period| period.whole == days);
        match own {
            Some(period) => period.label.clone(),
            None if days.from() == days.to() => days.from().to_string(),
            None => days.to_string(),
        }
    }

    /// Whether there is evidence of the period.
    pub(super) fn has(&self, period: Interval) -> bool {
        self.known.iter().any(|one| one.days == period)
    }

    /// Cuts `rows` as `against` says. There is always one section, so that nothing is compared
    /// with no period at all.
    pub(super) fn sections<'r>(&self, rows: Vec<&'r Row>, against: Against) -> Vec<Section<'r>> {
        match against {
            Against::Any => vec![Section { rows, ..Section::default() }],
            Against::Newest => vec![self.newest(rows)],
            Against::EveryPeriod => self.each(rows),
        }
    }

    fn newest<'r>(&self, rows: Vec<&'r Row>) -> Section<'r> {
        let mut newest: BTreeMap<&Option<String>, Interval> = BTreeMap::new();
        for one in &self.known {
            let latest = newest.entry(&one.group).or_insert(one.days);
            if age(&one.days) > age(latest) {
                *latest = one.days;
            }
        }
        let is_newest = |row: &&Row| {
            row.about.placed.as_ref().is_some_and(|placed| {
                let own = self.period(row.origin.artifact, placed.days);
                newest.get(&placed.group) == Some(&own)
            })
        };
        let names: BTreeSet<_> = newest.values().map(|days| self.name(*days)).collect();
        let name = (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(", "));
        Section { period: None, name, rows: rows.into_iter().filter(is_newest).collect() }
    }

    fn each<'r>(&self, rows: Vec<&'r Row>) -> Vec<Section<'r>> {
        let mut sections: BTreeMap<Interval, Section<'r>> = BTreeMap::new();
        for one in &self.known {
            let name = Some(self.name(one.days));
            let section = Section { period: Some(one.days), name, rows: Vec::new() };
            sections.entry(one.days).or_insert(section);
        }
        for row in rows {
            let Some(placed) = &row.about.placed else { continue };
            let own = self.period(row.origin.artifact, placed.days);
            if let Some(section) = sections.get_mut(&own) {
                section.rows.push(row);
            }
        }
        if sections.is_empty() {
            return vec![Section::default()];
        }
        sections.into_values().collect()
    }
}

/// Periods in the order of their age: by the last day, then by the first.
fn age(days: &Interval) -> (jiff::civil::Date, jiff::civil::Date) {
    (days.to(), days.from())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::model::time::Cadence;
    use crate::verify::relation::tests::row;

    /// Rows of `(artifact, month, group)`, and the periods of all of them.
    fn placed(rows: &[(u32, i8, bool)], cadence: Option<Cadence>) -> (Periods, Vec<Row>) {
        let window = Interval::new(date(2026, 1, 1), date(2026, 12, 31)).unwrap();
        let mut periods = Periods {
            cadence: cadence.map_or_else(Vec::new, |cadence| cadence.periods(window)),
            ..Periods::default()
        };
        let mut all = Vec::new();
        for (artifact, month, group) in rows {
            let days = Interval::day(date(2026, *month, 9));
            if cadence.is_none() {
                let last = periods.last.entry(*artifact).or_insert(days);
                *last = (*last).max(days);
            }
            let group = Some(format!("g={group}"));
            let mut row = row(&["k"]);
            row.origin.artifact = *artifact;
            Arc::make_mut(&mut row.about).placed = Some(Placed { group, days });
            all.push(row);
        }
        for row in &all {
            let placed = row.about.placed.clone().unwrap();
            let days = periods.period(row.origin.artifact, placed.days);
            periods.known.insert(Placed { days, ..placed });
        }
        (periods, all)
    }

    fn rows() -> impl Strategy<Value = Vec<(u32, i8, bool)>> {
        proptest::collection::vec((0u32..4, 1i8..=12, any::<bool>()), 0..20)
    }

    proptest! {
        #[test]
        fn the_newest_rows_are_those_no_other_is_newer_than(rows in rows(), quarterly: bool) {
            let (periods, all) = placed(&rows, quarterly.then_some(Cadence::Quarterly));
            let age = |(artifact, month, _): &(u32, i8, bool)| if quarterly {
                (*month - 1) / 3
            } else {
                rows.iter().filter(|one| one.0 == *artifact).map(|one| one.1).max().unwrap()
            };
            let oracle: Vec<&Row> = rows.iter().zip(&all)
                .filter(|(one, _)| !rows.iter().any(|other| other.2 == one.2 && age(other) > age(one)))
                .map(|(_, row)| row)
                .collect();
            let sections = periods.sections(all.iter().collect(), Against::Newest);
            prop_assert_eq!(sections.len(), 1);
            prop_assert_eq!(&sections[0].rows, &oracle);
        }

        #[test]
        fn each_row_is_in_the_section_of_its_own_period(rows in rows()) {
            let (periods, all) = placed(&rows, Some(Cadence::Quarterly));
            let sections = periods.sections(all.iter().collect(), Against::EveryPeriod);
            let quarters: BTreeSet<i8> = rows.iter().map(|one| (one.1 - 1) / 3).collect();
            prop_assert_eq!(sections.len(), quarters.len().max(1));
            for (quarter, section) in quarters.iter().zip(&sections) {
                let own = rows.iter().zip(&all).filter(|(one, _)| (one.1 - 1) / 3 == *quarter);
                let own: Vec<&Row> = own.map(|(_, row)| row).collect();
                prop_assert_eq!(&section.rows, &own);
                prop_assert_eq!(section.name.clone(), Some(format!("2026-Q{}", quarter + 1)));
            }
        }
    }
}
