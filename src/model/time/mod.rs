//! Dates, instants, periods and what is due: the calendar of an engagement.
//!
//! Nothing here reads a clock. A day is a [`jiff::civil::Date`] in the engagement's [`Zone`];
//! stretches of days ([`Interval`]) include both ends, stretches of time ([`InstantSpan`]) exclude
//! the last instant.

mod allowance;
mod asof;
mod cadence;
mod calendar;
mod due;
mod error;
mod instants;
mod interval;
mod label;
mod moment;
mod offsets;
#[cfg(test)]
mod oracle;
mod period;
mod scan;
mod tiling;
mod words;
mod zone;

pub use allowance::Allowance;
pub use asof::{Validity, valid_on};
pub use cadence::Cadence;
pub use due::Due;
pub use error::{Expected, TimeError};
pub use instants::{InstantSpan, gaps_longer_than, point_gaps};
pub use interval::{Interval, Window};
pub use label::PeriodLabel;
pub use moment::{Ambiguity, Moment, Order, Precision};
pub use period::Period;
pub use tiling::{gaps, overlaps};
pub use zone::Zone;
