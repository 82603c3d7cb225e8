//! The grammar of dates and date-times: [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) with a
//! few tolerances that cannot be misread, and nothing that can.
//!
//! Written by hand because a general parser accepts more (`[Europe/Berlin]`, week dates, hours
//! alone) than a verifier should guess about.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// Years before this are placeholders (`0001-01-01T00:00:00Z` is Go's and .NET's "not set").
const FIRST_YEAR: i16 = 1900;

/// A date or date-time as its text states it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    Day(Date),
    /// Without an offset where the text states none.
    Instant(Date, Time, Option<Offset>),
}

/// Reads the whole of `text`, or says why not.
pub(super) fn written(text: &str) -> Result<Written, String> {
    usual(text.as_bytes()).map_or_else(|| scanned(text), Ok)
}

/// Reads the spellings that nearly all texts have: `2026-03-31`, and `2026-03-31T09:14:00` with `Z`
/// or an offset. `None` for any other, and for what does not exist.
fn usual(text: &[u8]) -> Option<Written> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let [y, e, a, r, b'-', m, n, b'-', d, f] = *date else { return None };
    let year = i16::from(two(y, e)?) * 100 + i16::from(two(a, r)?);
    let date = Date::new(year, two(m, n)?, two(d, f)?).ok().filter(|_| year >= FIRST_YEAR)?;
    if rest.is_empty() {
        return Some(Written::Day(date));
    }
    let (time, offset) = rest.split_first_chunk::<9>()?;
    let [b'T', h, i, b':', m, n, b':', s, t] = *time else { return None };
    let time = Time::new(two(h, i)?, two(m, n)?, two(s, t)?, 0).ok()?;
    let offset = match *offset {
        [b'Z'] => Offset::UTC,
        [sign @ (b'+' | b'-'), h, i, b':', m, n] => {
            let (hours, minutes) = (two(h, i)?, two(m, n)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
            Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()?
        }
        _ => return None,
    };
    Some(Written::Instant(date, time, Some(offset)))
}

/// A number of two digits.
fn two(tens: u8, ones: u8) -> Option<i8> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| ((tens - b'0') * 10 + (ones - b'0')) as i8)
}

fn scanned(text: &str) -> Result<Written, String> {
    let mut scan = Scan { rest: text };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a bare number could count seconds, milliseconds or days".into());
    }
    let date = scan.date()?;
    if scan.rest.is_empty() {
        return Ok(Written::Day(date));
    }
    if !scan.eat(&['T', 't', ' ']) {
        return Err("only a time, after `T`, may follow the date".into());
    }
    let time = scan.time()?;
    let offset = scan.offset()?;
    match scan.rest.chars().next() {
        None => Ok(Written::Instant(date, time, offset)),
        Some('[') => Err("a zone name in brackets is not read; state the offset alone".into()),
        Some(' ') => {
            Err("nothing may follow the time but `Z` or an offset, without a space".into())
        }
        Some(_) => Err("the time is followed by something else than `Z` or an offset".into()),
    }
}

/// A day from its parts, or why there is no such day.
pub(super) fn day(year: i16, month: i8, day: i8) -> Result<Date, String> {
    if year < FIRST_YEAR {
        return Err(format!("the year {year:04} is a placeholder, not a date of evidence"));
    }
    let first = Date::new(year, month, 1).map_err(|_| format!("month {month} does not exist"))?;
    Date::new(year, month, day).map_err(|_| {
        let last = first.days_in_month();
        format!("day {day} does not exist: {year:04}-{month:02} has {last} days")
    })
}

/// What is left of a text.
struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    /// Exactly `count` decimal digits, at most four.
    fn digits(&mut self, count: usize) -> Option<i16> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let mut number = 0;
        for byte in digits.bytes() {
            if !byte.is_ascii_digit() {
                return None;
            }
            number = number * 10 + i16::from(byte - b'0');
        }
        self.rest = rest;
        Some(number)
    }

    fn two(&mut self) -> Option<i8> {
        self.digits(2).and_then(|number| i8::try_from(number).ok())
    }

    fn eat(&mut self, any: &[char]) -> bool {
        let rest = self.rest.strip_prefix(any);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn date(&mut self) -> Result<Date, String> {
        let parts = |scan: &mut Self| {
            let year = scan.digits(4)?;
            let month = scan.eat(&['-']).then(|| scan.two())??;
            let day = scan.eat(&['-']).then(|| scan.two())??;
            Some((year, month, day))
        };
        let (year, month, number) =
            parts(self).ok_or("it does not begin with year, month and day as YYYY-MM-DD")?;
        day(year, month, number)
    }

    /// `HH:MM`, `HH:MM:SS` or with a fraction. A leap second reads as the second before it.
    fn time(&mut self) -> Result<Time, String> {
        let shape = "the time is not written HH:MM:SS";
        let hour = self.two().ok_or(shape)?;
        let minute = self.eat(&[':']).then(|| self.two()).flatten().ok_or(shape)?;
        let (mut second, mut nanos) = (0, 0);
        if self.eat(&[':']) {
            second = self.two().ok_or(shape)?;
            nanos = self.fraction()?;
        }
        if hour == 24 {
            return Err("hour 24 does not exist; midnight is 00:00 of the next day".into());
        }
        let second = if second == 60 { 59 } else { second };
        Time::new(hour, minute, second, nanos)
            .map_err(|_| "there is no such hour, minute or second".into())
    }

    /// Nanoseconds after `.` or `,`.
    fn fraction(&mut self) -> Result<i32, String> {
        if !self.eat(&['.', ',']) {
            return Ok(0);
        }
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        if digits.is_empty() || length > 9 {
            return Err("a fraction of a second has one to nine digits".into());
        }
        self.rest = rest;
        format!("{digits:0<9}")
            .parse()
            .map_err(|_| "the fraction of a second is not a number".into())
    }

    /// `Z`, `+HH:MM`, `+HHMM` or `+HH`; nothing where the text has none.
    fn offset(&mut self) -> Result<Option<Offset>, String> {
        if self.eat(&['Z', 'z']) {
            return Ok(Some(Offset::UTC));
        }
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return Ok(None),
        };
        self.eat(&['+', '-']);
        let shape = "the offset is not written +HH:MM";
        let hours = self.two().ok_or(shape)?;
        let colon = self.eat(&[':']);
        let minutes = self.two();
        if colon && minutes.is_none() {
            return Err(shape.into());
        }
        let minutes = minutes.unwrap_or(0);
        if hours > 23 || minutes > 59 {
            return Err("there is no such offset".into());
        }
        let seconds = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
        Offset::from_seconds(seconds).map(Some).map_err(|_| "there is no such offset".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> String {
        match written(text) {
            Ok(Written::Instant(date, time, offset)) => match offset {
                Some(offset) => format!("{date} {time} {}", offset.seconds()),
                None => format!("{date} {time} -"),
            },
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn date_times_read_in_every_tolerated_spelling() {
        for (text, read) in [
            ("2026-03-31T09:14:00Z", "2026-03-31 09:14:00 0"),
            ("2026-03-31t09:14:00z", "2026-03-31 09:14:00 0"),
            ("2026-03-31 09:14:00+02:00", "2026-03-31 09:14:00 7200"),
            ("2026-03-31T09:14:00+0200", "2026-03-31 09:14:00 7200"),
            ("2026-03-31T09:14:00-03", "2026-03-31 09:14:00 -10800"),
            ("2026-03-31T09:14:00-00:00", "2026-03-31 09:14:00 0"),
            ("2026-03-31T09:14:00-03:30", "2026-03-31 09:14:00 -12600"),
            ("2026-03-31T09:14Z", "2026-03-31 09:14:00 0"),
            ("2026-03-31T09:14:00.5Z", "2026-03-31 09:14:00.5 0"),
            ("2026-03-31 09:14:00,123", "2026-03-31 09:14:00.123 -"),
            ("2026-03-31T09:14:00", "2026-03-31 09:14:00 -"),
            ("2016-12-31T23:59:60Z", "2016-12-31 23:59:59 0"),
            ("2026-03-31T09:14:00.123456789Z", "2026-03-31 09:14:00.123456789 0"),
        ] {
            assert_eq!(instant(text), read, "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "YYYY-MM-DD"),
            ("1774948440", "bare number"),
            ("20260331", "bare number"),
            ("1774948440.5", "YYYY-MM-DD"),
            ("26-03-31", "YYYY-MM-DD"),
            ("31.03.2026", "YYYY-MM-DD"),
            ("03/31/2026", "YYYY-MM-DD"),
            ("2026-3-31", "YYYY-MM-DD"),
            ("+002026-03-31", "YYYY-MM-DD"),
            ("-2026-03-31", "YYYY-MM-DD"),
            ("2026-W05-1", "YYYY-MM-DD"),
            ("2026-090", "YYYY-MM-DD"),
            ("2026-03", "YYYY-MM-DD"),
            (" 2026-03-31", "YYYY-MM-DD"),
            ("2026-03-31 ", "HH:MM:SS"),
            ("2026-03-31\n", "only a time"),
            ("2026-03-31Z", "only a time"),
            ("2026-03-31T", "HH:MM:SS"),
            ("2026-03-31T09", "HH:MM:SS"),
            ("2026-03-31T0914Z", "HH:MM:SS"),
            ("2026-03-31T9:14:00Z", "HH:MM:SS"),
            ("2026-03-31T24:00:00Z", "hour 24"),
            ("2026-03-31T23:59:61Z", "no such hour"),
            ("2026-03-31T23:60:00Z", "no such hour"),
            ("2026-03-31T09:14:00.Z", "one to nine"),
            ("2026-03-31T09:14:00.1234567890Z", "one to nine"),
            ("2026-03-31T09:14:00+2", "+HH:MM"),
            ("2026-03-31T09:14:00+02:", "+HH:MM"),
            ("2026-03-31T09:14:00+24:00", "no such offset"),
            ("2026-03-31T09:14:00+02:60", "no such offset"),
            ("2026-03-31T09:14:00+02:00:30", "something else"),
            ("2026-03-31T09:14:00Z[Europe/Berlin]", "brackets"),
            ("2026-03-31T09:14:00[Europe/Berlin]", "brackets"),
            ("2026-03-31 09:14:00 +0200", "without a space"),
            ("2026-03-31 09:14:00 UTC", "without a space"),
            ("2026-03-31T09:14:00 PM", "without a space"),
            ("2026-13-01", "month 13"),
            ("2026-00-01", "month 0"),
            ("2026-02-29", "2026-02 has 28 days"),
            ("2026-04-31", "2026-04 has 30 days"),
            ("2026-04-00", "day 0"),
            ("0001-01-01T00:00:00Z", "placeholder"),
            ("0026-03-31", "placeholder"),
            ("٢٠٢٦-٠٣-٣١", "YYYY-MM-DD"),
            ("2026-03-31T09:14:0\u{e9}", "HH:MM:SS"),
        ] {
            let refused = written(text).expect_err(text);
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_text_panics(text in "(2026-0[1-9]-[0-3][0-9])?[Tt ]?[0-9:.,+\\-Zz\u{e9}]{0,20}|.{0,40}") {
            let _ = written(&text);
        }

        #[test]
        fn the_usual_spellings_are_read_like_all_others(
            text in "(1899|20[0-9]{2})-[0-1][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])?)?",
        ) {
            if let Some(read) = usual(text.as_bytes()) {
                prop_assert_eq!(scanned(&text), Ok(read));
            }
        }

        #[test]
        fn rfc_3339_agrees_with_jiff(second in -2_000_000_000_i64..4_000_000_000, nanos in 0..1_000_000_000) {
            let stamp = jiff::Timestamp::new(second, nanos).unwrap();
            let Ok(Written::Instant(date, time, Some(offset))) = written(&stamp.to_string()) else {
                return Err(TestCaseError::fail("not an instant"));
            };
            prop_assert_eq!(offset.to_timestamp(date.to_datetime(time)).unwrap(), stamp);
        }
    }
}
