//! The names of periods: `2026-03`, `2026-Q1`, `2026-H1`, `2026-W05`, `2026`, a day, or two days.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::calendar::{day_before, months_later};
use super::error::{Expected, TimeError};
use super::interval::Interval;
use super::scan::{Written, day, written};
use super::words::{as_word, word_schema};

/// A period by its name, as manifests, file names and exceptions write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodLabel(pub Interval);

impl FromStr for PeriodLabel {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        read(text).map(Self).map_err(|reason| TimeError::new(Expected::Period, text, reason))
    }
}

/// Always the two days, which is also a notation that reads back.
impl fmt::Display for PeriodLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

as_word!(PeriodLabel, Expected::Period);
word_schema!(
    PeriodLabel,
    "PeriodLabel",
    "A period: `2026-03`, `2026-Q1`, `2026-H1`, `2026-W05`, `2026`, `2026-03-14` or two days.",
    "^[0-9]{4}(-(Q[1-4]|H[12]|W[0-5][0-9]|[01][0-9](-[0-3][0-9]((\\.\\.|/)[0-9]{4}-[01][0-9]-[0-3][0-9])?)?))?$"
);

fn read(text: &str) -> Result<Interval, String> {
    if let Some((from, to)) = text.split_once("..").or_else(|| text.split_once('/')) {
        let (from, to) = (plain_day(from)?, plain_day(to)?);
        return Interval::new(from, to).map_err(|error| error.reason);
    }
    let shape = "its shape is none of those known";
    let (year, part) = text.split_once('-').map_or((text, None), |(y, p)| (y, Some(p)));
    let year = number(year, 4).ok_or("it does not begin with a year of four digits")?;
    match part.map(str::as_bytes) {
        None => months(year, 1, 12),
        Some([b'Q', quarter]) => part_of_year(year, *quarter, 4, "quarter"),
        Some([b'H', half]) => part_of_year(year, *half, 2, "half"),
        Some([b'W', ..]) => {
            let week = part.and_then(|part| part.strip_prefix('W'));
            week_of(year, week.and_then(|week| number(week, 2)).ok_or(shape)?)
        }
        Some([_, _]) => months(year, part.and_then(|part| number(part, 2)).ok_or(shape)?, 1),
        Some(_) => plain_day(text).map(Interval::day),
    }
}

fn plain_day(text: &str) -> Result<Date, String> {
    match written(text)? {
        Written::Day(date) => Ok(date),
        Written::Instant(..) => Err("a period is made of days, not of times".into()),
    }
}

fn number(text: &str, digits: usize) -> Option<i16> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn part_of_year(year: i16, digit: u8, parts: i16, name: &str) -> Result<Interval, String> {
    let part = i16::from(digit) - i16::from(b'0');
    if !(1..=parts).contains(&part) {
        let digit = char::from(digit);
        return Err(format!("{name} {digit} does not exist; a year has {parts}"));
    }
    let length = 12 / parts;
    months(year, (part - 1) * length + 1, length.unsigned_abs().into())
}

/// `count` whole months from `month` on.
fn months(year: i16, month: i16, count: u32) -> Result<Interval, String> {
    let month = i8::try_from(month).map_err(|_| "there is no such month")?;
    let first = day(year, month, 1)?;
    Ok(Interval::between(first, day_before(months_later(first, count))))
}

fn week_of(year: i16, week: i16) -> Result<Interval, String> {
    let first_month = day(year, 1, 1)?;
    let number = i8::try_from(week).map_err(|_| "there is no such week")?;
    let monday = ISOWeekDate::new(year, number, Weekday::Monday).map_err(|_| {
        let weeks = day(year, 12, 28).unwrap_or(first_month).iso_week_date();
        format!("week {week:02} does not exist: {year:04} has {} ISO weeks", weeks.weeks_in_year())
    })?;
    Ok(week_from(monday.date()))
}

/// The ISO week, Monday to Sunday, that a day lies in.
pub(super) fn week_from(date: Date) -> Interval {
    let past_monday = u32::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let monday = super::calendar::days_earlier(date, past_monday);
    let sunday = super::calendar::days_later(date, 6 - past_monday);
    Interval::between(monday, sunday.unwrap_or(Date::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_shape_reads() {
        for (label, days) in [
            ("2026-03", "2026-03-01..2026-03-31"),
            ("2028-02", "2028-02-01..2028-02-29"),
            ("2026-Q1", "2026-01-01..2026-03-31"),
            ("2026-Q4", "2026-10-01..2026-12-31"),
            ("2026-H1", "2026-01-01..2026-06-30"),
            ("2026-H2", "2026-07-01..2026-12-31"),
            ("2026-W01", "2025-12-29..2026-01-04"),
            ("2026-W53", "2026-12-28..2027-01-03"),
            ("2026", "2026-01-01..2026-12-31"),
            ("9999", "9999-01-01..9999-12-31"),
            ("9999-W52", "9999-12-27..9999-12-31"),
            ("2026-03-14", "2026-03-14..2026-03-14"),
            ("2026-01-15/2026-03-31", "2026-01-15..2026-03-31"),
            ("2026-01-15..2026-03-31", "2026-01-15..2026-03-31"),
        ] {
            let read: PeriodLabel = label.parse().expect(label);
            assert_eq!(read.to_string(), days, "{label}");
            assert_eq!(read.to_string().parse(), Ok(read));
        }
    }

    #[test]
    fn what_does_not_exist_is_named() {
        for (label, reason) in [
            ("2026-13", "month 13 does not exist"),
            ("2026-00", "month 0 does not exist"),
            ("2026-Q5", "quarter 5 does not exist; a year has 4"),
            ("2026-Q0", "quarter 0"),
            ("2026-H3", "half 3 does not exist; a year has 2"),
            ("2026-W54", "week 54 does not exist: 2026 has 53"),
            ("2025-W53", "week 53 does not exist: 2025 has 52"),
            ("2026-W00", "week 00"),
            ("2026-W5", "shape"),
            ("2026-3", "YYYY-MM-DD"),
            ("2026-q1", "shape"),
            ("26-03", "year of four digits"),
            ("0026-03", "placeholder"),
            ("2026-02-30", "2026-02 has 28 days"),
            ("2026-03-31..2026-03-01", "ends before it begins"),
            ("2026-03-31/2026-03-01", "ends before it begins"),
            ("2026-01..2026-03", "YYYY-MM-DD"),
            ("2026-03-01..", "YYYY-MM-DD"),
            ("2026-03-01T00:00:00Z/2026-04-01T00:00:00Z", "not of times"),
            ("", "year of four digits"),
            ("2026-\u{e9}", "shape"),
        ] {
            let error = label.parse::<PeriodLabel>().expect_err(label);
            assert!(error.reason.contains(reason), "{label}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_text_panics(text in "[0-9]{4}-?[QHW0-9\u{e9}-]{0,4}(\\.\\.|/)?[0-9-]{0,10}|.{0,20}") {
            let _ = text.parse::<PeriodLabel>();
        }
    }
}
