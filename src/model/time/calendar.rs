//! Steps of days and months that stop at the ends of the calendar instead of failing.

use jiff::Span;
use jiff::civil::Date;

/// `count` days later, or nothing past the year 9999.
pub(super) fn days_later(date: Date, count: u32) -> Option<Date> {
    let span = Span::new().try_days(count).ok()?;
    date.checked_add(span).ok()
}

/// `count` days earlier, or the first day of the calendar.
pub(super) fn days_earlier(date: Date, count: u32) -> Date {
    let span = Span::new().try_days(count).ok();
    span.and_then(|span| date.checked_sub(span).ok()).unwrap_or(Date::MIN)
}

/// The same day `count` months later, the month's last day where it is shorter; nothing past the
/// year 9999.
pub(super) fn months_later(date: Date, count: u32) -> Option<Date> {
    let span = Span::new().try_months(count).ok()?;
    date.checked_add(span).ok()
}

/// The same day `count` months earlier, the month's last day where it is shorter.
pub(super) fn months_earlier(date: Date, count: u32) -> Date {
    let span = Span::new().try_months(count).ok();
    span.and_then(|span| date.checked_sub(span).ok()).unwrap_or(Date::MIN)
}

/// The day before `next`; the last day of the calendar where there is no next.
pub(super) fn day_before(next: Option<Date>) -> Date {
    next.map_or(Date::MAX, |next| days_earlier(next, 1))
}
