//! Silences in logs: stretches of time without a span or a point.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::error::{Expected, TimeError};

/// Time from one instant up to and not including another; may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstantSpan {
    from: Timestamp,
    to: Timestamp,
}

impl InstantSpan {
    /// The time `from..to`.
    ///
    /// # Errors
    /// When `to` comes before `from`.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, TimeError> {
        if to < from {
            let text = format!("{from}..{to}");
            return Err(TimeError::new(Expected::Interval, &text, "it ends before it begins"));
        }
        Ok(Self { from, to })
    }

    /// The time between two instants, whichever comes first.
    pub(super) fn between(one: Timestamp, other: Timestamp) -> Self {
        Self { from: one.min(other), to: one.max(other) }
    }

    /// The first instant.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant after it.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// How long it lasts.
    #[must_use]
    pub fn length(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }
}

impl fmt::Display for InstantSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl serde::Serialize for InstantSpan {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// The stretches of `target` longer than `max_gap` that no span covers, in order. The spans may
/// come in any order and overlap; an empty one covers nothing and shortens no gap.
pub fn gaps_longer_than(
    target: InstantSpan,
    spans: impl IntoIterator<Item = InstantSpan>,
    max_gap: SignedDuration,
) -> Vec<InstantSpan> {
    let mut spans: Vec<InstantSpan> =
        spans.into_iter().filter(|span| span.from < span.to).collect();
    spans.sort_unstable();
    let mut silence = Silences::new(target, max_gap);
    for span in spans {
        silence.until(span.from);
        silence.resume_at(span.to);
    }
    silence.finish()
}

/// The stretches of `target` longer than `max_gap` without a point: before the first, between two,
/// after the last. Points outside of the target count for nothing.
///
/// The points are read once, in ascending order. One that comes too early is passed over, which
/// can only report more gaps, never fewer.
pub fn point_gaps(
    target: InstantSpan,
    points: impl IntoIterator<Item = Timestamp>,
    max_gap: SignedDuration,
) -> Vec<InstantSpan> {
    let mut silence = Silences::new(target, max_gap);
    for point in points {
        if target.from <= point && point <= target.to {
            silence.until(point);
            silence.resume_at(point);
        }
    }
    silence.finish()
}

/// Walks through a target and keeps the silences that are too long.
struct Silences {
    target: InstantSpan,
    max_gap: SignedDuration,
    since: Timestamp,
    found: Vec<InstantSpan>,
}

impl Silences {
    fn new(target: InstantSpan, max_gap: SignedDuration) -> Self {
        Self { target, max_gap, since: target.from, found: Vec::new() }
    }

    fn until(&mut self, sound: Timestamp) {
        let end = sound.min(self.target.to);
        if end > self.since && end.duration_since(self.since) > self.max_gap {
            self.found.push(InstantSpan::between(self.since, end));
        }
    }

    fn resume_at(&mut self, silence: Timestamp) {
        self.since = self.since.max(silence);
    }

    fn finish(mut self) -> Vec<InstantSpan> {
        self.until(self.target.to);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_774_900_000 + minute * 60).unwrap()
    }

    fn span(from: i64, to: i64) -> InstantSpan {
        InstantSpan::new(at(from), at(to)).unwrap()
    }

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    #[test]
    fn a_gap_is_longer_than_the_longest_allowed() {
        assert_eq!(gaps_longer_than(span(0, 60), [], HOUR), []);
        assert_eq!(gaps_longer_than(span(0, 61), [], HOUR), [span(0, 61)]);
        assert_eq!(gaps_longer_than(span(0, 61), [span(30, 30)], HOUR), [span(0, 61)]);
        assert_eq!(
            gaps_longer_than(span(0, 300), [span(200, 230), span(-9, 10)], HOUR),
            [span(10, 200), span(230, 300)]
        );
        assert_eq!(gaps_longer_than(span(0, 1), [], SignedDuration::ZERO), [span(0, 1)]);
    }

    #[test]
    fn points_break_the_silence() {
        let points = [at(50), at(200), at(240)];
        assert_eq!(point_gaps(span(0, 300), points, HOUR), [span(50, 200)]);
        assert_eq!(point_gaps(span(0, 301), points, HOUR), [span(50, 200), span(240, 301)]);
        assert_eq!(point_gaps(span(0, 300), [], HOUR), [span(0, 300)]);
        let outside = [at(-1), at(301)];
        assert_eq!(point_gaps(span(0, 300), outside, HOUR), [span(0, 300)]);
    }

    #[test]
    fn points_out_of_order_hide_nothing() {
        let unsorted = [at(240), at(50), at(200)];
        assert_eq!(point_gaps(span(0, 300), unsorted, HOUR), [span(0, 240)]);
    }

    #[test]
    fn spans_are_not_reversed() {
        assert!(InstantSpan::new(at(1), at(0)).is_err());
        assert_eq!(span(0, 90).length(), SignedDuration::from_mins(90));
    }
}
