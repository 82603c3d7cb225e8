//! When something happened, as precisely as the evidence says.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::AmbiguousOffset;

use super::error::{Expected, TimeError};
use super::scan::{Written, written};
use super::zone::{Zone, saturate};

/// A day or an instant read from evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The instant; of a day, its first.
    pub instant: Timestamp,
    /// The day, in the engagement's zone.
    pub date: Date,
    /// Whether the text names a day or an instant.
    pub precision: Precision,
    /// A date-time without an offset, read in the engagement's zone. Never set for a day.
    pub zoneless: bool,
    /// Set where a zoneless date-time names no instant, or two.
    pub ambiguity: Option<Ambiguity>,
    end: Timestamp,
}

/// How precisely evidence states a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// A day.
    Day,
    /// A point in time.
    Instant,
}

/// Why a local time does not name one instant. It is then read as
/// [RFC 5545](https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ambiguity {
    /// Clocks skipped it; read with the offset before the change.
    Skipped,
    /// Clocks showed it twice; read as the first.
    Repeated,
}

/// The order of two moments, as far as their texts tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// The first is the earlier.
    Before,
    /// The same instant, or the same day where both name a day.
    Same,
    /// The first is the later.
    After,
    /// One names a day, the other an instant in that day: they do not tell.
    Unclear,
}

impl Zone {
    /// Reads a date, or a date-time with or without an offset.
    ///
    /// Times past the range of instants (`9999-12-31T23:59:59Z`, "for ever") read as its end.
    ///
    /// # Errors
    /// Any other notation: numbers, local formats, bracketed zone names, dates that do not exist,
    /// and years before 1900, which stand for "not set".
    pub fn moment(&self, text: &str) -> Result<Moment, TimeError> {
        Ok(match read(text)? {
            Written::Day(date) => self.day(date),
            Written::Instant(date, time, Some(offset)) => {
                self.instant(saturate(offset.to_timestamp(date.to_datetime(time)), date))
            }
            Written::Instant(date, time, None) => {
                let local = self.resolve(date.to_datetime(time));
                let ambiguity = match local.offset() {
                    AmbiguousOffset::Unambiguous { .. } => None,
                    AmbiguousOffset::Gap { .. } => Some(Ambiguity::Skipped),
                    AmbiguousOffset::Fold { .. } => Some(Ambiguity::Repeated),
                };
                Moment {
                    zoneless: true,
                    ambiguity,
                    ..self.instant(saturate(local.compatible(), date))
                }
            }
        })
    }

    /// The instant of [`moment`](Self::moment), without the day it falls on.
    ///
    /// # Errors
    /// As [`moment`](Self::moment).
    pub fn timestamp(&self, text: &str) -> Result<Timestamp, TimeError> {
        Ok(match read(text)? {
            Written::Day(date) => self.start_of(date),
            Written::Instant(date, time, Some(offset)) => {
                saturate(offset.to_timestamp(date.to_datetime(time)), date)
            }
            Written::Instant(date, time, None) => {
                saturate(self.resolve(date.to_datetime(time)).compatible(), date)
            }
        })
    }

    /// The day of [`moment`](Self::moment), without its instants.
    ///
    /// # Errors
    /// As [`moment`](Self::moment).
    pub fn day_of(&self, text: &str) -> Result<Date, TimeError> {
        match read(text)? {
            Written::Day(date) => Ok(date),
            Written::Instant(..) => self.timestamp(text).map(|instant| self.date(instant)),
        }
    }

    /// A day as a moment.
    #[must_use]
    pub fn day(&self, date: Date) -> Moment {
        Moment {
            instant: self.start_of(date),
            date,
            precision: Precision::Day,
            zoneless: false,
            ambiguity: None,
            end: self.end_of(date),
        }
    }

    /// An instant as a moment.
    #[must_use]
    pub fn instant(&self, instant: Timestamp) -> Moment {
        Moment {
            instant,
            date: self.date(instant),
            precision: Precision::Instant,
            zoneless: false,
            ambiguity: None,
            end: instant,
        }
    }
}

fn read(text: &str) -> Result<Written, TimeError> {
    written(text).map_err(|reason| TimeError::new(Expected::Moment, text, reason))
}

impl Moment {
    /// The first instant after a day; an instant itself.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// The order of two moments read in the same zone.
    ///
    /// Two instants compare as instants. As soon as one is a day, days compare, and an instant in
    /// the very day it is compared with is [`Order::Unclear`]: `2026-03-31` may lie before or
    /// after `2026-03-31T09:14:00Z`.
    #[must_use]
    pub fn order(&self, other: &Self) -> Order {
        use Precision::{Day, Instant};
        let ordering = match (self.precision, other.precision) {
            (Instant, Instant) => self.instant.cmp(&other.instant),
            (Day, Day) => self.date.cmp(&other.date),
            _ if self.date == other.date => return Order::Unclear,
            _ => self.date.cmp(&other.date),
        };
        match ordering {
            std::cmp::Ordering::Less => Order::Before,
            std::cmp::Ordering::Equal => Order::Same,
            std::cmp::Ordering::Greater => Order::After,
        }
    }

    /// Whether the texts show that this is not later than `other`: the reading for a gate.
    /// Two equal days hold, a day and an instant in it do not.
    #[must_use]
    pub fn surely_not_after(&self, other: &Self) -> bool {
        matches!(self.order(other), Order::Before | Order::Same)
    }

    /// Whether the texts allow that this is not later than `other`: the reading for a rule that
    /// asks for days. A day and an instant in it hold.
    #[must_use]
    pub fn possibly_not_after(&self, other: &Self) -> bool {
        self.order(other) != Order::After
    }
}

/// As a report prints it: the day, or the instant in UTC.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Day => self.date.fmt(f),
            Precision::Instant => self.instant.fmt(f),
        }
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// The moment; its instant and its day read alone are the same.
    fn berlin(text: &str) -> Moment {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let moment = zone.moment(text).unwrap();
        assert_eq!(zone.timestamp(text).unwrap(), moment.instant);
        assert_eq!(zone.day_of(text).unwrap(), moment.date);
        moment
    }

    #[test]
    fn an_instant_belongs_to_the_day_of_the_engagement() {
        let late = berlin("2026-03-31T22:30:00Z");
        assert_eq!(late.date, date(2026, 4, 1));
        assert_eq!((late.precision, late.zoneless), (Precision::Instant, false));
        assert_eq!(late.end(), late.instant);
        assert_eq!(late.to_string(), "2026-03-31T22:30:00Z");
    }

    #[test]
    fn a_day_lasts_until_the_next() {
        let day = berlin("2026-03-29");
        assert_eq!(day.precision, Precision::Day);
        assert!(!day.zoneless);
        assert_eq!(day.instant.to_string(), "2026-03-28T23:00:00Z");
        assert_eq!(day.end().to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(serde_json::to_string(&day).unwrap(), "\"2026-03-29\"");
    }

    #[test]
    fn local_times_are_read_in_the_zone_and_flagged() {
        let plain = berlin("2026-07-01 09:00:00");
        assert!(plain.zoneless && plain.ambiguity.is_none());
        assert_eq!(plain.instant.to_string(), "2026-07-01T07:00:00Z");
        let skipped = berlin("2026-03-29T02:30:00");
        assert_eq!(skipped.ambiguity, Some(Ambiguity::Skipped));
        assert_eq!(skipped.instant.to_string(), "2026-03-29T01:30:00Z");
        let repeated = berlin("2026-10-25T02:30:00");
        assert_eq!(repeated.ambiguity, Some(Ambiguity::Repeated));
        assert_eq!(repeated.instant.to_string(), "2026-10-25T00:30:00Z");
        assert_eq!(berlin("2026-10-25T02:30:00+01:00").ambiguity, None);
    }

    #[test]
    fn a_day_and_an_instant_in_it_do_not_tell_their_order() {
        let (day, during) = (berlin("2026-03-31"), berlin("2026-03-31T09:14:00+02:00"));
        assert_eq!(day.order(&during), Order::Unclear);
        assert_eq!(during.order(&day), Order::Unclear);
        assert!(!day.surely_not_after(&during) && day.possibly_not_after(&during));
        assert!(!during.surely_not_after(&day) && during.possibly_not_after(&day));
        assert_eq!(day.order(&day), Order::Same);
        let next = berlin("2026-03-31T22:00:00Z");
        assert_eq!(day.order(&next), Order::Before);
        assert_eq!(next.order(&day), Order::After);
        assert_eq!(during.order(&next), Order::Before);
        assert!(!next.possibly_not_after(&day) && day.surely_not_after(&next));
    }

    #[test]
    fn for_ever_is_the_end_of_time_and_never_is_refused() {
        assert_eq!(berlin("9999-12-31T23:59:59Z").instant, Timestamp::MAX);
        assert_eq!(berlin("9999-12-31T23:59:59").instant, Timestamp::MAX);
        assert_eq!(berlin("9999-12-31").date, date(9999, 12, 31));
        let error = Zone::utc().moment("0001-01-01T00:00:00Z").unwrap_err();
        assert_eq!(error.expected, Expected::Moment);
        assert!(error.to_string().contains("placeholder"), "{error}");
    }
}
