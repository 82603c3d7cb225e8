//! The offsets of a zone in the years that evidence is from, as a table: a zone's rule is worked out
//! once for each change of its clocks, and not for each time that is read.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// The table begins with the year 2010 and ends before 2040.
const FIRST: i64 = 1_262_304_000;
const END: i64 = 2_208_988_800;

pub(super) const DAY: i64 = 86_400;

/// What clocks show and what time it is are never further apart.
pub(super) const FAR: i64 = 2 * DAY;

/// The offsets of one zone.
#[derive(Debug)]
pub(super) struct Offsets(Vec<Since>);

#[derive(Debug)]
struct Since {
    second: i64,
    offset: Offset,
}

impl Offsets {
    pub(super) fn of(zone: &TimeZone) -> Self {
        let Ok(first) = Timestamp::from_second(FIRST) else { return Self(Vec::new()) };
        let mut table = vec![Since { second: FIRST, offset: zone.to_offset(first) }];
        let changes = zone.following(first).map(|change| Since {
            second: change.timestamp().as_second(),
            offset: change.offset(),
        });
        table.extend(changes.take_while(|change| change.second < END));
        Self(table)
    }

    /// The offset from `margin` seconds before `second` until as many after it; `None` where it
    /// changes in between, or is not in the table.
    pub(super) fn around(&self, second: i64, margin: i64) -> Option<Offset> {
        if !(FIRST + margin..END - margin).contains(&second) {
            return None;
        }
        let next = self.0.partition_point(|since| since.second <= second - margin);
        let changes = self.0.get(next).is_some_and(|since| since.second <= second + margin);
        let now = self.0.get(next.checked_sub(1)?)?;
        (!changes).then_some(now.offset)
    }
}
