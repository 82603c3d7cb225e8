//! The time zone an engagement counts its days in.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, AmbiguousTimestamp, Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, Timestamp};

use super::error::{Expected, TimeError};
use super::offsets::{DAY, FAR, Offsets};
use super::words::as_word;

/// An IANA time zone, from the database compiled into the program, so that the machine's own
/// never changes a verdict.
#[derive(Debug, Clone)]
pub struct Zone {
    zone: TimeZone,
    name: String,
    /// Made when the first time is read.
    offsets: Arc<OnceLock<Offsets>>,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.zone == other.zone && self.name == other.name
    }
}

impl Eq for Zone {}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self::new(TimeZone::UTC, "UTC".to_owned())
    }

    fn new(zone: TimeZone, name: String) -> Self {
        Self { zone, name, offsets: Arc::default() }
    }

    /// The zone's name, in the spelling of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day an instant falls on.
    #[must_use]
    pub fn date(&self, instant: Timestamp) -> Date {
        self.local(instant).date()
    }

    /// The first instant of a day. That is not midnight where clocks skip it.
    ///
    /// Days past the range of instants (the last hours of the year 9999) begin at its end.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        let midnight = self.resolve(day.at(0, 0, 0, 0));
        let skipped = matches!(midnight.offset(), AmbiguousOffset::Gap { .. });
        let instant = saturate(midnight.compatible(), day);
        if !skipped {
            return instant;
        }
        // The compatible reading of a skipped midnight lies at or after the transition that
        // skipped it; the day begins at the transition itself.
        let just_after = instant.saturating_add(jiff::SignedDuration::from_nanos(1));
        let mut before = self.zone.preceding(just_after.unwrap_or(instant));
        before.next().map_or(instant, |change| change.timestamp())
    }

    /// The first instant after a day.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        day.tomorrow().map_or(Timestamp::MAX, |next| self.start_of(next))
    }

    /// The instant `days` days of the calendar after `instant`, or before it where they are negative:
    /// when the clocks show the same. The first instant of a day leads to the first of the other; a
    /// time that clocks skip or show twice is read as [`moment`](Self::moment) reads it.
    ///
    /// `None` beyond the range of instants.
    #[must_use]
    pub fn shift(&self, instant: Timestamp, days: i64) -> Option<Timestamp> {
        if days == 0 {
            return Some(instant);
        }
        if let Some(shifted) = self.shift_steadily(instant, days) {
            return Some(shifted);
        }
        let local = self.local(instant);
        let day = local.date().checked_add(Span::new().try_days(days).ok()?).ok()?;
        if self.start_of(local.date()) == instant {
            return Some(self.start_of(day));
        }
        self.resolve(day.to_datetime(local.time())).compatible().ok()
    }

    /// The same where clocks change neither near `instant` nor near the other.
    fn shift_steadily(&self, instant: Timestamp, days: i64) -> Option<Timestamp> {
        let from = instant.as_second();
        let to = from.checked_add(days.checked_mul(DAY)?)?;
        let (before, after) = (self.offset(from, FAR)?, self.offset(to, FAR)?);
        let seconds = to - from + i64::from(before.seconds() - after.seconds());
        instant.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    /// The offset at a second, where it is the same as long as `margin` before and after it.
    fn offset(&self, second: i64, margin: i64) -> Option<Offset> {
        self.offsets.get_or_init(|| Offsets::of(&self.zone)).around(second, margin)
    }

    /// What clocks in the zone show at an instant.
    pub(super) fn local(&self, instant: Timestamp) -> DateTime {
        match self.offset(instant.as_second(), 0) {
            Some(offset) => offset.to_datetime(instant),
            None => self.zone.to_datetime(instant),
        }
    }

    /// The instants at which clocks in the zone show `local`.
    pub(super) fn resolve(&self, local: DateTime) -> AmbiguousTimestamp {
        let shown = Offset::UTC.to_timestamp(local);
        match shown.ok().and_then(|shown| self.offset(shown.as_second(), FAR)) {
            Some(offset) => TimeZone::fixed(offset).to_ambiguous_timestamp(local),
            None => self.zone.to_ambiguous_timestamp(local),
        }
    }
}

/// `converted`, or the nearest instant the range holds for a day at the edge of the calendar.
pub(super) fn saturate(converted: Result<Timestamp, jiff::Error>, day: Date) -> Timestamp {
    converted.unwrap_or(if day.year() > 0 { Timestamp::MAX } else { Timestamp::MIN })
}

impl FromStr for Zone {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let refuse = |reason: String| TimeError::new(Expected::Zone, text, reason);
        let database = TimeZoneDatabase::bundled();
        let found = database.get(text).ok().filter(|zone| !zone.is_unknown());
        if let Some(zone) = found {
            let name = zone.iana_name().unwrap_or(text).to_owned();
            return Ok(Self::new(zone, name));
        }
        if text.starts_with(['+', '-']) {
            return Err(refuse("an offset does not know summer time".into()));
        }
        Err(refuse(match nearest(&database, text) {
            Some(name) => format!("the database has no such name; did you mean `{name}`"),
            None => "the database has no such name".into(),
        }))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

as_word!(Zone, Expected::Zone);

impl schemars::JsonSchema for Zone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TimeZone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = schemars::Schema::default();
        schema.insert("type".to_owned(), "string".into());
        let description = "IANA time zone that the engagement counts its days in.";
        schema.insert("description".to_owned(), description.into());
        schema.insert("examples".to_owned(), vec!["Europe/Berlin", "UTC"].into());
        schema
    }
}

/// The name most likely meant: the same city, else the fewest typing errors, at most a third.
fn nearest(database: &TimeZoneDatabase, text: &str) -> Option<String> {
    let typed: String = text.to_lowercase().replace(' ', "_");
    if typed.is_empty() || typed.len() > 60 {
        return None;
    }
    let names = database.available().map(|name| name.to_string());
    names
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let city = lower.rsplit('/').next().unwrap_or_default();
            let errors = distance(&typed, &lower).min(1 + distance(&typed, city));
            (errors <= 1 + typed.len() / 4).then_some((errors, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// Insertions, deletions and substitutions from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(&b) {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = *cell;
            previous = substituted.min(diagonal + 1).min(previous + 1);
            *cell = previous;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn hours(name: &str, day: Date) -> i64 {
        let zone = zone(name);
        zone.end_of(day).duration_since(zone.start_of(day)).as_mins()
    }

    #[test]
    fn names_are_found_and_misspelt_ones_suggested() {
        assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
        assert_eq!(zone("UTC"), Zone::utc());
        for (typed, meant) in [
            ("Europe/Berln", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"),
            ("America/New York", "America/New_York"),
            ("Asia/Kolkatta", "Asia/Kolkata"),
        ] {
            let error = typed.parse::<Zone>().unwrap_err();
            assert!(error.reason.contains(&format!("`{meant}`")), "{error}");
        }
        let hopeless = "qqqqqqqqqqqqqqqqqqqq".parse::<Zone>().unwrap_err();
        assert!(!hopeless.reason.contains("did you mean"));
        for refused in ["+02:00", "", "Etc/Unknown", "../etc/localtime", &"x".repeat(9999)] {
            assert!(refused.parse::<Zone>().is_err(), "{refused}");
        }
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        assert_eq!(hours("Europe/Berlin", date(2026, 3, 29)), 23 * 60);
        assert_eq!(hours("Europe/Berlin", date(2026, 3, 30)), 24 * 60);
        assert_eq!(hours("Europe/Berlin", date(2026, 10, 25)), 25 * 60);
        assert_eq!(hours("America/New_York", date(2026, 3, 8)), 23 * 60);
        assert_eq!(hours("America/New_York", date(2026, 11, 1)), 25 * 60);
        assert_eq!(hours("America/Sao_Paulo", date(2018, 11, 4)), 23 * 60);
        assert_eq!(hours("America/Sao_Paulo", date(2018, 2, 17)), 25 * 60);
        assert_eq!(hours("Africa/Cairo", date(2024, 4, 26)), 23 * 60);
        assert_eq!(hours("Pacific/Apia", date(2011, 12, 30)), 0);
    }

    #[test]
    fn a_day_without_midnight_begins_when_the_clocks_change() {
        for (name, day, start) in [
            ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00Z"),
            ("Africa/Cairo", date(2024, 4, 26), "2024-04-25T22:00:00Z"),
            // 23:30 became 00:30: the day begins at half past midnight, not at one.
            ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00Z"),
        ] {
            let start: Timestamp = start.parse().unwrap();
            assert_eq!(zone(name).start_of(day), start, "{name}");
            assert_eq!(zone(name).date(start), day);
        }
    }

    #[test]
    fn the_edges_of_the_calendar_do_not_fail() {
        let zone = zone("Europe/Berlin");
        assert_eq!(zone.end_of(Date::MAX), Timestamp::MAX);
        assert_eq!(zone.start_of(Date::MAX), Timestamp::MAX);
        assert_eq!(zone.start_of(Date::MIN), Timestamp::MIN);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_table_of_offsets_says_what_the_zone_says(
            name in prop::sample::select(vec![
                "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo",
                "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC",
            ]),
            change in 0_usize..80, seconds in -300_000_i64..300_000, nanos in 0..1_000_000_000,
        ) {
            let zone = zone(name);
            let first = Timestamp::new(1_255_000_000 + change as i64 * 12_500_000, 0).unwrap();
            let near = zone.zone.following(first).next().map_or(first, |change| change.timestamp());
            let instant = Timestamp::new(near.as_second() + seconds, nanos).unwrap();
            prop_assert_eq!(zone.local(instant), zone.zone.to_datetime(instant));
            let local = Offset::UTC.to_datetime(instant);
            let (ours, theirs) = (zone.resolve(local), zone.zone.to_ambiguous_timestamp(local));
            prop_assert_eq!(ours.offset(), theirs.offset());
            prop_assert_eq!(ours.compatible().unwrap(), theirs.compatible().unwrap());
        }

        #[test]
        fn an_instant_lies_in_its_day(
            name in prop::sample::select(vec![
                "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo",
                "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana", "UTC",
            ]),
            second in -1_000_000_000_i64..3_000_000_000,
        ) {
            let zone = zone(name);
            let instant = Timestamp::new(second, 0).unwrap();
            let day = zone.date(instant);
            prop_assert!(zone.start_of(day) <= instant && instant < zone.end_of(day));
            prop_assert_eq!(zone.date(zone.start_of(day)), day);
            prop_assert!(zone.end_of(day) == zone.start_of(day.tomorrow().unwrap()));
        }

        #[test]
        fn days_are_counted_by_the_calendar(
            name in prop::sample::select(vec![
                "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo",
                "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana", "UTC",
            ]),
            second in 0_i64..3_000_000_000,
            days in -400_i64..400,
        ) {
            let zone = zone(name);
            let instant = Timestamp::new(second, 0).unwrap();
            let local = instant.to_zoned(TimeZone::get(name).unwrap());
            let oracle = local.checked_add(Span::new().days(days)).unwrap();
            prop_assert_eq!(zone.shift(instant, days), Some(oracle.timestamp()));
            let first = zone.start_of(local.date());
            prop_assert_eq!(zone.shift(first, days), Some(zone.start_of(local.date() + Span::new().days(days))));
        }
    }
}
