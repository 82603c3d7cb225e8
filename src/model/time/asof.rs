//! The as-of join: which of several dated rows was valid on a day.

use jiff::civil::Date;

/// The days on which a row holds, both ends included; an end left out is open.
///
/// A reversed one holds on no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Validity {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

impl Validity {
    /// Whether the row holds on the day.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The positions of the rows that hold on `day`, in order. More than one is for the caller to
/// judge: two grants may overlap, two revisions of a policy may not.
pub fn valid_on(rows: &[Validity], day: Date) -> impl Iterator<Item = usize> {
    rows.iter().enumerate().filter(move |(_, row)| row.contains(day)).map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_ends_count_and_may_be_open() {
        let day = |number| Some(date(2026, 3, number));
        let rows = [
            Validity { from: None, to: day(10) },
            Validity { from: day(10), to: day(20) },
            Validity { from: day(21), to: None },
            Validity { from: day(20), to: day(10) },
            Validity::default(),
        ];
        let on = |number| valid_on(&rows, date(2026, 3, number)).collect::<Vec<_>>();
        assert_eq!(on(9), [0, 4]);
        assert_eq!(on(10), [0, 1, 4]);
        assert_eq!(on(15), [1, 4]);
        assert_eq!(on(20), [1, 4]);
        assert_eq!(on(31), [2, 4]);
    }
}
