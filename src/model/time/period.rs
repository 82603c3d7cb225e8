//! The audit window cut into the periods of a cadence.

use jiff::civil::Date;

use super::cadence::Cadence;
use super::calendar::{day_before, days_later, months_later};
use super::interval::Interval;
use super::label::week_from;

/// One period in which a control must leave evidence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Period {
    /// The name of the whole period: `2026-03`, `2026-Q1`, `2026-W05`, `2026-03-14`, `2026`,
    /// `2026-H1`, two days, or `window`. Unique within a window.
    pub label: String,
    /// The days of it that lie in the window.
    pub interval: Interval,
    /// All of its days, also those outside of the window.
    pub whole: Interval,
}

impl Cadence {
    /// The periods of the window, in order; together they hold each of its days once.
    ///
    /// Quarters, months, weeks and days are those of the calendar, so that the first and the last
    /// may be partial. Annual and semi-annual spans and blocks of N days are counted from the
    /// window's first day; auditors test a yearly control once per audit year, wherever that
    /// begins. `PerEvent` and `Continuous` have no periods.
    #[must_use]
    pub fn periods(&self, window: Interval) -> Vec<Period> {
        match *self {
            Self::Annual => cut(window, span_label, |_, nth| months_on(window, nth, 12)),
            Self::SemiAnnual => cut(window, span_label, |_, nth| months_on(window, nth, 6)),
            Self::Quarterly => cut(window, quarter_label, |day, _| quarter_of(day)),
            Self::Monthly => cut(window, month_label, |day, _| month_of(day)),
            Self::Weekly => cut(window, week_label, |day, _| week_from(day)),
            Self::Daily => {
                cut(window, |whole| whole.from().to_string(), |day, _| Interval::day(day))
            }
            Self::EveryDays(days) => cut(window, Interval::to_string, |first, _| {
                let next = days_later(first, days.get().into());
                Interval::between(first, day_before(next))
            }),
            Self::Once => {
                vec![Period { label: "window".to_owned(), interval: window, whole: window }]
            }
            Self::PerEvent | Self::Continuous { .. } => Vec::new(),
        }
    }
}

/// Successive periods from the window's first day on. `whole` yields the period of a day, given
/// its number too; it must hold that day.
fn cut(
    window: Interval,
    label: impl Fn(&Interval) -> String,
    whole: impl Fn(Date, u32) -> Interval,
) -> Vec<Period> {
    let mut periods = Vec::new();
    let mut next = Some(window.from());
    for nth in 0.. {
        let Some(day) = next.filter(|day| window.contains(*day)) else {
            break;
        };
        let whole = whole(day, nth);
        let last = whole.to().min(window.to());
        periods.push(Period {
            label: label(&whole),
            interval: Interval::between(day, last),
            whole,
        });
        next = days_later(last, 1);
    }
    periods
}

/// The nth span of `length` months since the window began. Counting from the window's first day
/// each time keeps the 31st from drifting to the 28th.
fn months_on(window: Interval, nth: u32, length: u32) -> Interval {
    let first = months_later(window.from(), nth * length).unwrap_or(Date::MAX);
    let next = months_later(window.from(), (nth + 1) * length);
    Interval::between(first, day_before(next))
}

fn month_of(day: Date) -> Interval {
    Interval::between(day.first_of_month(), day.last_of_month())
}

fn quarter_of(day: Date) -> Interval {
    let first = months_before(day.first_of_month(), (day.month() - 1) % 3);
    Interval::between(first, day_before(months_later(first, 3)))
}

fn months_before(first_of_month: Date, count: i8) -> Date {
    super::calendar::months_earlier(first_of_month, count.unsigned_abs().into())
}

fn month_label(whole: &Interval) -> String {
    format!("{:04}-{:02}", whole.from().year(), whole.from().month())
}

fn quarter_label(whole: &Interval) -> String {
    let quarter = (whole.from().month() - 1) / 3 + 1;
    format!("{:04}-Q{quarter}", whole.from().year())
}

fn week_label(whole: &Interval) -> String {
    let week = whole.from().iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// The calendar's name for a year or a half; two days for any other span.
fn span_label(whole: &Interval) -> String {
    let (from, to) = (whole.from(), whole.to());
    let year = from.year();
    match (year == to.year(), from.month(), from.day(), to.month(), to.day()) {
        (true, 1, 1, 12, 31) => format!("{year:04}"),
        (true, 1, 1, 6, 30) => format!("{year:04}-H1"),
        (true, 7, 1, 12, 31) => format!("{year:04}-H2"),
        _ => whole.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(cadence: &str, from: &str, to: &str) -> Vec<String> {
        let window = Interval::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
        let cadence: Cadence = cadence.parse().unwrap();
        let periods = cadence.periods(window).into_iter();
        periods.map(|period| format!("{}={}", period.label, period.interval)).collect()
    }

    #[test]
    fn calendar_periods_are_clipped_and_keep_their_name() {
        assert_eq!(
            shown("monthly", "2026-01-15", "2026-03-01"),
            [
                "2026-01=2026-01-15..2026-01-31",
                "2026-02=2026-02-01..2026-02-28",
                "2026-03=2026-03-01..2026-03-01",
            ]
        );
        assert_eq!(
            shown("quarterly", "2026-03-31", "2026-04-01"),
            ["2026-Q1=2026-03-31..2026-03-31", "2026-Q2=2026-04-01..2026-04-01"]
        );
        assert_eq!(
            shown("weekly", "2026-12-30", "2027-01-05"),
            ["2026-W53=2026-12-30..2027-01-03", "2027-W01=2027-01-04..2027-01-05"]
        );
    }

    #[test]
    fn years_and_halves_begin_with_the_window() {
        assert_eq!(shown("annual", "2026-01-01", "2026-12-31"), ["2026=2026-01-01..2026-12-31"]);
        assert_eq!(shown("annual", "2026-01-01", "2026-06-30"), ["2026=2026-01-01..2026-06-30"]);
        assert_eq!(
            shown("annual", "2026-04-01", "2027-03-31"),
            ["2026-04-01..2027-03-31=2026-04-01..2027-03-31"]
        );
        assert_eq!(
            shown("semi-annual", "2026-01-01", "2026-12-31"),
            ["2026-H1=2026-01-01..2026-06-30", "2026-H2=2026-07-01..2026-12-31"]
        );
        assert_eq!(
            shown("semi-annual", "2026-08-31", "2027-08-31"),
            [
                "2026-08-31..2027-02-27=2026-08-31..2027-02-27",
                "2027-02-28..2027-08-30=2027-02-28..2027-08-30",
                "2027-08-31..2028-02-28=2027-08-31..2027-08-31",
            ]
        );
    }

    #[test]
    fn blocks_of_days_and_the_whole_window() {
        assert_eq!(
            shown("every 14 days", "2026-01-01", "2026-01-20"),
            [
                "2026-01-01..2026-01-14=2026-01-01..2026-01-14",
                "2026-01-15..2026-01-28=2026-01-15..2026-01-20"
            ]
        );
        assert_eq!(shown("once", "2026-01-01", "2026-12-31"), ["window=2026-01-01..2026-12-31"]);
        assert!(shown("per-event", "2026-01-01", "2026-12-31").is_empty());
        assert!(shown("continuous up to 1 hour", "2026-01-01", "2026-12-31").is_empty());
    }

    #[test]
    fn the_end_of_the_calendar_ends_every_cadence() {
        for cadence in
            ["annual", "semi-annual", "quarterly", "monthly", "weekly", "daily", "9 days"]
        {
            let periods = shown(cadence, "9998-03-31", "9999-12-31");
            assert!(periods.last().unwrap().ends_with("..9999-12-31"), "{cadence}");
        }
    }
}
