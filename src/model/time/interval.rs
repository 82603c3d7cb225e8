//! Stretches of whole days.

use std::fmt;

use jiff::civil::Date;

use super::calendar::days_later;
use super::error::{Expected, TimeError};
use super::instants::InstantSpan;
use super::moment::Moment;
use super::zone::Zone;

/// Days from one to another, both included; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    from: Date,
    to: Date,
}

impl Interval {
    /// The days `from..=to`.
    ///
    /// # Errors
    /// When `to` comes before `from`.
    pub fn new(from: Date, to: Date) -> Result<Self, TimeError> {
        if to < from {
            let text = format!("{from}..{to}");
            return Err(TimeError::new(Expected::Interval, &text, "it ends before it begins"));
        }
        Ok(Self { from, to })
    }

    /// One day.
    #[must_use]
    pub fn day(date: Date) -> Self {
        Self { from: date, to: date }
    }

    /// The days between two, whichever comes first.
    pub(super) fn between(one: Date, other: Date) -> Self {
        Self { from: one.min(other), to: one.max(other) }
    }

    /// The first day.
    #[must_use]
    pub fn from(&self) -> Date {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(&self) -> Date {
        self.to
    }

    /// Whether the day is one of these.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// Whether every day of `other` is one of these.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// The days in both, if any.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// How many days.
    #[must_use]
    pub fn days(&self) -> u32 {
        let hours = self.to.duration_since(self.from).as_hours();
        u32::try_from(hours / 24).map_or(u32::MAX, |days| days + 1)
    }

    /// Each day in turn.
    pub fn each_day(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.to;
        std::iter::successors(Some(self.from), |day| days_later(*day, 1))
            .take_while(move |day| *day <= last)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl serde::Serialize for Interval {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// The audit window: days in the engagement's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The days.
    pub interval: Interval,
    /// The zone they are counted in.
    pub zone: Zone,
}

impl Window {
    /// Whether the moment falls on a day of the window.
    #[must_use]
    pub fn contains(&self, moment: &Moment) -> bool {
        self.interval.contains(moment.date)
    }

    /// From the first instant of the first day to the first instant after the last.
    #[must_use]
    pub fn span(&self) -> InstantSpan {
        self.span_of(self.interval)
    }

    /// The time that days take in the window's zone.
    #[must_use]
    pub fn span_of(&self, days: Interval) -> InstantSpan {
        InstantSpan::between(self.zone.start_of(days.from), self.zone.end_of(days.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn intervals_include_both_ends_and_are_never_reversed() {
        let quarter = Interval::new(date(2026, 1, 1), date(2026, 3, 31)).unwrap();
        assert_eq!(quarter.days(), 90);
        assert_eq!(quarter.each_day().count(), 90);
        assert!(quarter.contains(date(2026, 3, 31)) && !quarter.contains(date(2026, 4, 1)));
        assert_eq!(quarter.to_string(), "2026-01-01..2026-03-31");
        assert_eq!(quarter.intersect(&Interval::day(date(2026, 4, 1))), None);
        let error = Interval::new(date(2026, 3, 2), date(2026, 3, 1)).unwrap_err();
        assert_eq!(error.text, "2026-03-02..2026-03-01");
    }

    #[test]
    fn the_whole_calendar_is_an_interval() {
        let calendar = Interval::new(jiff::civil::Date::MIN, jiff::civil::Date::MAX).unwrap();
        assert_eq!(calendar.days(), 7_304_484);
        let last = Interval::day(jiff::civil::Date::MAX);
        assert_eq!(last.each_day().count(), 1);
    }

    #[test]
    fn a_window_counts_days_in_its_zone() {
        let window = Window {
            interval: Interval::new(date(2026, 1, 1), date(2026, 3, 31)).unwrap(),
            zone: "Europe/Berlin".parse().unwrap(),
        };
        let moment = |text| window.zone.moment(text).unwrap();
        assert!(window.contains(&moment("2025-12-31T23:00:00Z")));
        assert!(!window.contains(&moment("2026-03-31T22:00:00Z")));
        let span = window.span();
        assert_eq!(span.from().to_string(), "2025-12-31T23:00:00Z");
        assert_eq!(span.to().to_string(), "2026-03-31T22:00:00Z");
    }
}
