//! Lengths of time as rule files state them: `24 hours`, `14 days`, `3 months`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{days_earlier, days_later, months_earlier, months_later};
use super::error::{Expected, TimeError};
use super::words::{as_word, word_schema};
use super::zone::{Zone, saturate};

/// A grace period, a deadline or a greatest age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Allowance {
    /// Elapsed hours.
    Hours(u32),
    /// Calendar days; weeks are seven.
    Days(u32),
    /// Calendar months; years are twelve. The end is clipped to the month's last day.
    Months(u32),
}

impl Allowance {
    /// No time at all.
    pub const NONE: Self = Self::Days(0);

    /// The last day that is still in time after `date`. Hours count as the days they touch: 24
    /// hours are one day, 25 are two. Stops at the end of the calendar.
    #[must_use]
    pub fn after(self, date: Date) -> Date {
        let later = match self {
            Self::Hours(hours) => days_later(date, hours.div_ceil(24)),
            Self::Days(days) => days_later(date, days),
            Self::Months(months) => months_later(date, months),
        };
        later.unwrap_or(Date::MAX)
    }

    /// The earliest day from which `date` is still in time; hours as in [`Self::after`].
    #[must_use]
    pub fn before(self, date: Date) -> Date {
        match self {
            Self::Hours(hours) => days_earlier(date, hours.div_ceil(24)),
            Self::Days(days) => days_earlier(date, days),
            Self::Months(months) => months_earlier(date, months),
        }
    }

    /// The last instant in time after `start`: elapsed hours, or the same time of day in `zone`
    /// the stated days or months later.
    #[must_use]
    pub fn after_instant(self, start: Timestamp, zone: &Zone) -> Timestamp {
        if let Self::Hours(hours) = self {
            let length = SignedDuration::from_hours(hours.into());
            return start.checked_add(length).unwrap_or(Timestamp::MAX);
        }
        let local = zone.local(start);
        let last = self.after(local.date());
        if last == local.date() {
            // Reading the clock again could name the other of two repeated hours.
            return start;
        }
        saturate(zone.resolve(last.to_datetime(local.time())).compatible(), last)
    }
}

impl FromStr for Allowance {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let refuse = |reason: &str| TimeError::new(Expected::Allowance, text, reason);
        let (count, unit) =
            text.split_once(' ').ok_or_else(|| refuse("it is not a number, a space and a unit"))?;
        let count = small_number(count)
            .ok_or_else(|| refuse("the number is not a plain one of at most five digits"))?;
        match unit.strip_suffix('s').unwrap_or(unit) {
            "hour" => Ok(Self::Hours(count)),
            "day" => Ok(Self::Days(count)),
            "week" => Ok(Self::Days(count * 7)),
            "month" => Ok(Self::Months(count)),
            "year" => Ok(Self::Months(count * 12)),
            _ => Err(refuse("the unit is none of hours, days, weeks, months and years")),
        }
    }
}

/// A number of one to five digits without leading zeros.
pub(super) fn small_number(text: &str) -> Option<u32> {
    let plain = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    (plain && !padded).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Self::Hours(hours) => (hours, "hour"),
            Self::Days(days) => (days, "day"),
            Self::Months(months) if months > 0 && months % 12 == 0 => (months / 12, "year"),
            Self::Months(months) => (months, "month"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

as_word!(Allowance, Expected::Allowance);
word_schema!(
    Allowance,
    "Allowance",
    "A length of time: `24 hours`, `14 days`, `2 weeks`, `3 months`, `1 year`.",
    "^(0|[1-9][0-9]{0,4}) (hour|day|week|month|year)s?$"
);

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn allowance(text: &str) -> Allowance {
        text.parse().expect(text)
    }

    #[test]
    fn words_read_and_print() {
        for (text, printed) in [
            ("14 days", "14 days"),
            ("1 day", "1 day"),
            ("0 days", "0 days"),
            ("2 weeks", "14 days"),
            ("24 hours", "24 hours"),
            ("3 months", "3 months"),
            ("12 months", "1 year"),
            ("2 years", "2 years"),
        ] {
            assert_eq!(allowance(text).to_string(), printed);
        }
        for text in [
            "",
            "14",
            "days",
            "14days",
            "14  days",
            "-1 days",
            "+1 days",
            "1.5 days",
            "014 days",
            "100000 days",
            "14 Days",
            "14 fortnights",
            "14 dayss",
            "14 days ",
            "P14D",
            "\u{661} day",
        ] {
            assert!(text.parse::<Allowance>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_are_clipped_at_their_end() {
        let month = Allowance::Months(1);
        assert_eq!(month.after(date(2026, 1, 31)), date(2026, 2, 28));
        assert_eq!(month.after(date(2028, 1, 31)), date(2028, 2, 29));
        assert_eq!(month.before(date(2026, 3, 31)), date(2026, 2, 28));
        assert_eq!(Allowance::Months(12).after(date(2028, 2, 29)), date(2029, 2, 28));
        assert_eq!(Allowance::Hours(25).after(date(2026, 1, 1)), date(2026, 1, 3));
        assert_eq!(Allowance::Hours(24).before(date(2026, 1, 2)), date(2026, 1, 1));
        assert_eq!(Allowance::NONE.after(date(2026, 1, 1)), date(2026, 1, 1));
    }

    #[test]
    fn hours_elapse_and_days_keep_the_time_of_day() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let start = zone.moment("2026-03-28T12:00:00").unwrap().instant;
        let after = |allowance: Allowance| allowance.after_instant(start, &zone).to_string();
        assert_eq!(after(Allowance::Hours(24)), "2026-03-29T11:00:00Z");
        assert_eq!(after(Allowance::Days(1)), "2026-03-29T10:00:00Z");
        assert_eq!(after(Allowance::Months(1)), "2026-04-28T10:00:00Z");
        let second_half_past_two: Timestamp = "2026-10-25T01:30:00Z".parse().unwrap();
        let unmoved = Allowance::NONE.after_instant(second_half_past_two, &zone);
        assert_eq!(unmoved, second_half_past_two);
    }

    #[test]
    fn the_edges_of_the_calendar_do_not_fail() {
        for most in
            [Allowance::Hours(u32::MAX), Allowance::Days(u32::MAX), Allowance::Months(u32::MAX)]
        {
            assert_eq!(most.after(date(2026, 1, 1)), Date::MAX);
            assert_eq!(most.before(date(2026, 1, 1)), Date::MIN);
            let _ = most.after_instant(Timestamp::MAX, &Zone::utc());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn printed_words_read_back(count in 0_u32..99_999, unit in 0..3) {
            let allowance = match unit {
                0 => Allowance::Hours(count),
                1 => Allowance::Days(count),
                _ => Allowance::Months(count),
            };
            prop_assert_eq!(allowance.to_string().parse(), Ok(allowance));
        }
    }
}
