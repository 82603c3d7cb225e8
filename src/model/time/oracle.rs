//! Periods, tilings and silences against counts made day by day and minute by minute.

use std::collections::HashSet;
use std::num::NonZeroU16;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{
    Cadence, InstantSpan, Interval, Period, PeriodLabel, gaps, gaps_longer_than, overlaps,
    point_gaps,
};

/// Any day of thirty years that hold leap years and weeks 53; month ends more often.
fn day() -> impl Strategy<Value = Date> {
    let any = (0_u32..11_000)
        .prop_map(|days| super::calendar::days_later(date(2015, 1, 1), days).unwrap_or(Date::MAX));
    let ends =
        (2015_i16..2045, 1_i8..=12).prop_map(|(year, month)| date(year, month, 1).last_of_month());
    prop_oneof![3 => any, 1 => ends]
}

fn window() -> impl Strategy<Value = Interval> {
    let length = prop_oneof![Just(0_u32), 1_u32..40, 300_u32..400, 0_u32..1500];
    (day(), length).prop_map(|(from, length)| {
        Interval::new(from, super::calendar::days_later(from, length).unwrap()).unwrap()
    })
}

fn every_day_once(periods: &[Period], window: Interval) -> Result<(), TestCaseError> {
    let days: Vec<Date> = periods.iter().flat_map(|period| period.interval.each_day()).collect();
    prop_assert_eq!(days, window.each_day().collect::<Vec<_>>());
    let labels: HashSet<&str> = periods.iter().map(|period| period.label.as_str()).collect();
    prop_assert_eq!(labels.len(), periods.len());
    for period in periods {
        prop_assert_eq!(period.whole.intersect(&window), Some(period.interval));
        if let Ok(PeriodLabel(named)) = period.label.parse() {
            prop_assert_eq!(named, period.whole);
        } else {
            prop_assert_eq!(&period.label, "window");
        }
    }
    Ok(())
}

/// Groups the days of the window by the name that a day has, in order.
fn grouped(window: Interval, name: impl Fn(Date) -> String) -> Vec<(String, Date, Date)> {
    let mut groups: Vec<(String, Date, Date)> = Vec::new();
    for day in window.each_day() {
        let name = name(day);
        match groups.last_mut() {
            Some(last) if last.0 == name => last.2 = day,
            _ => groups.push((name, day, day)),
        }
    }
    groups
}

fn listed(periods: &[Period]) -> Vec<(String, Date, Date)> {
    let entry =
        |period: &Period| (period.label.clone(), period.interval.from(), period.interval.to());
    periods.iter().map(entry).collect()
}

/// The first days of spans of `length` months, by walking through the days of the calendar: a span
/// begins on the window's day of the month, or on the last day of a month without that day.
fn span_starts(window: Interval, length: u32) -> Vec<Date> {
    let first = window.from();
    let mut starts = Vec::new();
    for day in window.each_day() {
        let months = (i32::from(day.year()) - i32::from(first.year())) * 12
            + i32::from(day.month())
            - i32::from(first.month());
        let anchor = first.day().min(day.days_in_month());
        if months % i32::try_from(length).unwrap() == 0 && day.day() == anchor {
            starts.push(day);
        }
    }
    starts
}

fn minute(number: u32) -> Timestamp {
    Timestamp::from_second(1_774_900_000 + i64::from(number) * 60).unwrap()
}

/// Maximal runs of true, as half-open ranges of positions.
fn runs(flags: &[bool]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for (position, _) in flags.iter().enumerate().filter(|(_, flag)| **flag) {
        let position = u32::try_from(position).unwrap();
        match runs.last_mut() {
            Some(last) if last.1 == position => last.1 += 1,
            _ => runs.push((position, position + 1)),
        }
    }
    runs
}

fn spans(runs: impl IntoIterator<Item = (u32, u32)>) -> Vec<InstantSpan> {
    let span = |(from, to)| InstantSpan::new(minute(from), minute(to)).unwrap();
    runs.into_iter().map(span).collect()
}

fn days_of(runs: Vec<(u32, u32)>) -> Vec<Interval> {
    let day = |number| super::calendar::days_later(date(2026, 1, 20), number).unwrap();
    let interval = |(from, to): (u32, u32)| Interval::new(day(from), day(to - 1)).unwrap();
    runs.into_iter().map(interval).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn periods_partition_the_window(window in window(), days in 1_u16..200) {
        let block = Cadence::EveryDays(NonZeroU16::new(days).unwrap());
        for cadence in [
            Cadence::Annual, Cadence::SemiAnnual, Cadence::Quarterly, Cadence::Monthly,
            Cadence::Weekly, Cadence::Daily, Cadence::Once, block,
        ] {
            every_day_once(&cadence.periods(window), window)?;
        }
    }

    #[test]
    fn calendar_periods_group_days_by_name(window in window()) {
        let month = |day: Date| day.strftime("%Y-%m").to_string();
        prop_assert_eq!(listed(&Cadence::Monthly.periods(window)), grouped(window, month));
        let quarter = |day: Date| {
            let quarter = ["Q1", "Q1", "Q1", "Q2", "Q2", "Q2", "Q3", "Q3", "Q3", "Q4", "Q4", "Q4"];
            format!("{}-{}", day.year(), quarter[usize::try_from(day.month()).unwrap() - 1])
        };
        prop_assert_eq!(listed(&Cadence::Quarterly.periods(window)), grouped(window, quarter));
        let week = |day: Date| day.strftime("%G-W%V").to_string();
        prop_assert_eq!(listed(&Cadence::Weekly.periods(window)), grouped(window, week));
        let own = |day: Date| day.to_string();
        prop_assert_eq!(listed(&Cadence::Daily.periods(window)), grouped(window, own));
    }

    #[test]
    fn spans_begin_where_a_walk_through_the_days_says(window in window()) {
        for (cadence, length) in [(Cadence::Annual, 12), (Cadence::SemiAnnual, 6)] {
            let starts: Vec<Date> = cadence
                .periods(window)
                .iter()
                .map(|period| period.interval.from())
                .collect();
            prop_assert_eq!(starts, span_starts(window, length));
        }
    }

    #[test]
    fn blocks_have_their_length(window in window(), days in 1_u16..200) {
        let periods = Cadence::EveryDays(NonZeroU16::new(days).unwrap()).periods(window);
        for (nth, period) in periods.iter().enumerate() {
            prop_assert_eq!(period.whole.days(), u32::from(days));
            let last = nth + 1 == periods.len();
            prop_assert!(last || period.interval == period.whole);
        }
    }

    #[test]
    fn day_gaps_and_overlaps_agree_with_a_count(
        target in (0_u32..60, 0_u32..60),
        tiles in prop::collection::vec((0_u32..60, 0_u32..12), 0..9),
    ) {
        let target = (target.0.min(target.1), target.0.max(target.1) + 1);
        let ranges: Vec<(u32, u32)> = tiles.iter().map(|(from, more)| (*from, from + more + 1)).collect();
        let held = |day: u32| ranges.iter().filter(|(from, to)| (*from..*to).contains(&day)).count();
        let missing: Vec<bool> = (0..80).map(|day| (target.0..target.1).contains(&day) && held(day) == 0).collect();
        let twice: Vec<bool> = (0..80).map(|day| held(day) > 1).collect();
        let tiles = days_of(ranges.clone());
        let target = days_of(vec![target])[0];
        prop_assert_eq!(gaps(target, tiles.clone()), days_of(runs(&missing)));
        prop_assert_eq!(overlaps(tiles), days_of(runs(&twice)));
    }

    #[test]
    fn span_gaps_agree_with_a_count_of_minutes(
        target in (0_u32..200, 0_u32..200),
        tiles in prop::collection::vec((0_u32..200, 0_u32..30), 0..9),
        most in 0_u32..40,
    ) {
        let target = (target.0.min(target.1), target.0.max(target.1));
        let ranges: Vec<(u32, u32)> = tiles.iter().map(|(from, more)| (*from, from + more)).collect();
        let held = |at: u32| ranges.iter().any(|(from, to)| (*from..*to).contains(&at));
        let silent: Vec<bool> = (0..250).map(|at| (target.0..target.1).contains(&at) && !held(at)).collect();
        let expected = runs(&silent).into_iter().filter(|(from, to)| to - from > most);
        let found = gaps_longer_than(
            spans([target])[0], spans(ranges.clone()), SignedDuration::from_mins(most.into()),
        );
        prop_assert_eq!(found, spans(expected));
    }

    #[test]
    fn point_gaps_agree_with_a_count_of_minutes(
        target in (0_u32..200, 0_u32..200),
        points in prop::collection::btree_set(0_u32..200, 0..12),
        most in 0_u32..40,
    ) {
        let (from, to) = (target.0.min(target.1), target.0.max(target.1));
        // Walks minute by minute and restarts the count at each point.
        let mut expected = Vec::new();
        let mut since = from;
        for at in from..=to {
            if points.contains(&at) || at == to {
                if at - since > most {
                    expected.push((since, at));
                }
                since = at;
            }
        }
        let found = point_gaps(
            spans([(from, to)])[0],
            points.iter().map(|point| minute(*point)),
            SignedDuration::from_mins(most.into()),
        );
        prop_assert_eq!(found, spans(expected));
    }
}
