//! What a text should have been, and why it was not.

use std::fmt;

/// Longest excerpt of the offending text that an error keeps, in characters.
const EXCERPT: usize = 60;

/// A text that could not be read as a time, a period, a cadence, an allowance or a zone.
///
/// The text stands apart from the reason, so that a report can leave it out where the schema
/// marks the field as sensitive; the reason names at most a year, month, week or day of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeError {
    /// What should have been there.
    pub expected: Expected,
    /// The text that was read, cropped to sixty characters.
    pub text: String,
    /// What is wrong with it, without a full stop.
    pub reason: String,
}

/// The notations this module reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// The name of an IANA time zone.
    Zone,
    /// A date or a date-time of evidence.
    Moment,
    /// A stretch whose end does not come before its beginning.
    Interval,
    /// A period label.
    Period,
    /// How often a control must leave evidence.
    Cadence,
    /// A number of hours, days, weeks, months or years.
    Allowance,
}

impl TimeError {
    pub(super) fn new(expected: Expected, text: &str, reason: impl Into<String>) -> Self {
        Self { expected, text: text.chars().take(EXCERPT).collect(), reason: reason.into() }
    }
}

impl Expected {
    /// The noun with its article: `a period`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Zone => "a time zone",
            Self::Moment => "a date or date-time",
            Self::Interval => "an interval",
            Self::Period => "a period",
            Self::Cadence => "a cadence",
            Self::Allowance => "a length of time",
        }
    }

    /// What to write instead, by example.
    #[must_use]
    pub fn examples(self) -> &'static str {
        match self {
            Self::Zone => "an IANA name such as `Europe/Berlin` or `UTC`",
            Self::Moment => "`2026-03-31`, `2026-03-31T09:14:00Z` or `2026-03-31T09:14:00+02:00`",
            Self::Interval => "the earlier end first, as in `2026-01-01..2026-03-31`",
            Self::Period => {
                "`2026-03`, `2026-Q1`, `2026-H1`, `2026-W05`, `2026`, `2026-03-14` or \
                 `2026-01-01..2026-03-31`"
            }
            Self::Cadence => {
                "annual, semi-annual, quarterly, monthly, weekly, daily, per-event, once, \
                 `every 14 days` or `continuous up to 24 hours`"
            }
            Self::Allowance => "`24 hours`, `14 days`, `2 weeks`, `3 months` or `1 year`",
        }
    }
}

/// The text is shown escaped: evidence can hold control characters.
impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, text, reason } = self;
        write!(
            f,
            "`{}` is not {}: {reason}; expected {}",
            text.escape_debug(),
            expected.noun(),
            expected.examples()
        )
    }
}

impl std::error::Error for TimeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_cropped_and_escaped() {
        let hostile = format!("\u{1b}[31m\u{202e}{}", "x".repeat(500));
        let error = TimeError::new(Expected::Moment, &hostile, "no");
        assert_eq!(error.text.chars().count(), EXCERPT);
        let shown = error.to_string();
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }
}
