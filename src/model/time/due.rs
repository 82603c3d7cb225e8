//! Whether a period's evidence may be asked for.

use jiff::civil::Date;

use super::allowance::Allowance;
use super::period::Period;

/// Where a period stands on the as-of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// It has not begun.
    Future {
        /// Its last day plus the grace: the last day on which evidence is in time.
        due_on: Date,
    },
    /// It runs, or its grace does.
    Pending {
        /// Its last day plus the grace: the last day on which evidence is in time.
        due_on: Date,
    },
    /// Its grace has passed; evidence still missing is overdue.
    Closed {
        /// Its last day plus the grace: the last day on which evidence was in time.
        due_on: Date,
    },
}

impl Period {
    /// Where the period stands on `as_of`. It ends with its last day in the window; the day that
    /// the grace ends on is still in time, so that it closes on the day after.
    #[must_use]
    pub fn due(&self, grace: Allowance, as_of: Date) -> Due {
        let due_on = grace.after(self.interval.to());
        if as_of > due_on {
            Due::Closed { due_on }
        } else if as_of < self.interval.from() {
            Due::Future { due_on }
        } else {
            Due::Pending { due_on }
        }
    }
}

impl Due {
    /// Whether evidence must be there.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// The last day on which evidence is in time.
    #[must_use]
    pub fn due_on(&self) -> Date {
        match self {
            Self::Future { due_on } | Self::Pending { due_on } | Self::Closed { due_on } => *due_on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{Cadence, Interval};
    use jiff::civil::date;

    #[test]
    fn a_period_closes_the_day_after_its_grace() {
        let window = Interval::new(date(2026, 1, 1), date(2026, 3, 15)).unwrap();
        let periods = Cadence::Monthly.periods(window);
        let due = |nth: usize, grace: &str, as_of| periods[nth].due(grace.parse().unwrap(), as_of);
        let due_on = date(2026, 2, 14);
        assert_eq!(due(0, "14 days", date(2025, 12, 31)), Due::Future { due_on });
        assert_eq!(due(0, "14 days", date(2026, 1, 1)), Due::Pending { due_on });
        assert_eq!(due(0, "14 days", date(2026, 2, 14)), Due::Pending { due_on });
        assert_eq!(due(0, "14 days", date(2026, 2, 15)), Due::Closed { due_on });
        assert!(due(0, "0 days", date(2026, 2, 1)).is_closed());
        assert!(!due(0, "0 days", date(2026, 1, 31)).is_closed());
        assert_eq!(due(0, "1 month", date(2026, 2, 1)).due_on(), date(2026, 2, 28));
        // The window clips March, so its evidence is due from the window's end.
        assert_eq!(due(2, "0 days", date(2026, 3, 16)), Due::Closed { due_on: date(2026, 3, 15) });
    }

    #[test]
    fn nothing_closes_after_the_end_of_the_calendar() {
        let period = &Cadence::Once.periods(Interval::day(Date::MAX))[0];
        assert!(!period.due(Allowance::Days(9), Date::MAX).is_closed());
    }
}
