//! Days that a row of intervals leaves out or holds twice.

use jiff::civil::Date;

use super::calendar::{days_earlier, days_later};
use super::interval::Interval;

/// The days of `target` that no tile holds, as the fewest intervals, in order. The tiles may come
/// in any order, overlap and reach beyond the target.
pub fn gaps(target: Interval, tiles: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let mut gaps = Vec::new();
    let mut uncovered = target.from();
    for tile in sorted(tiles) {
        if tile.from() > target.to() {
            break;
        }
        if tile.from() > uncovered {
            gaps.push(Interval::between(uncovered, days_earlier(tile.from(), 1)));
        }
        match days_later(tile.to(), 1) {
            Some(next) => uncovered = uncovered.max(next),
            None => return gaps,
        }
    }
    if uncovered <= target.to() {
        gaps.push(Interval::between(uncovered, target.to()));
    }
    gaps
}

/// The days that two tiles or more hold, as the fewest intervals, in order.
pub fn overlaps(tiles: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let mut overlaps: Vec<Interval> = Vec::new();
    let mut reach: Option<Date> = None;
    for tile in sorted(tiles) {
        if let Some(reach) = reach.filter(|reach| tile.from() <= *reach) {
            let twice = Interval::between(tile.from(), tile.to().min(reach));
            append(&mut overlaps, twice);
        }
        reach = reach.max(Some(tile.to()));
    }
    overlaps
}

/// Adds an interval that begins no earlier than the last one, joining the two where they touch.
fn append(intervals: &mut Vec<Interval>, next: Interval) {
    match intervals.last_mut() {
        Some(last) if days_later(last.to(), 1).is_none_or(|after| next.from() <= after) => {
            *last = Interval::between(last.from(), last.to().max(next.to()));
        }
        _ => intervals.push(next),
    }
}

fn sorted(tiles: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let mut tiles: Vec<Interval> = tiles.into_iter().collect();
    tiles.sort_unstable();
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn march(from: i8, to: i8) -> Interval {
        Interval::new(date(2026, 3, from), date(2026, 3, to)).unwrap()
    }

    #[test]
    fn gaps_are_maximal_and_within_the_target() {
        let target = march(5, 25);
        assert_eq!(gaps(target, []), [target]);
        assert_eq!(gaps(target, [march(1, 31)]), []);
        assert_eq!(
            gaps(target, [march(15, 16), march(1, 6), march(7, 9), march(28, 31)]),
            [march(10, 14), march(17, 25)]
        );
        let end = Interval::new(date(2026, 3, 6), Date::MAX).unwrap();
        assert_eq!(gaps(target, [end]), [march(5, 5)]);
    }

    #[test]
    fn overlaps_join_where_they_touch() {
        assert_eq!(overlaps([march(1, 10), march(11, 20)]), []);
        assert_eq!(
            overlaps([march(1, 20), march(3, 5), march(6, 7), march(15, 31)]),
            [march(3, 7), march(15, 20)]
        );
        assert_eq!(overlaps([march(2, 2), march(2, 2), march(2, 2)]), [march(2, 2)]);
    }
}
