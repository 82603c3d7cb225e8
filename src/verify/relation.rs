//! Relations between records as hash joins: linear in the records on both sides.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::rows::{Key, Row};
use crate::model::as_it_looks;

/// Rows by key.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// The first row of each key.
    first: Table<'a, usize>,
    /// For each row, the next one of the same key.
    next: Vec<Option<usize>>,
}

type Table<'a, T> = HashMap<&'a Key, T, BuildHasherDefault<Hashed>>;

/// Keys bring their hash with them.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl<'a> Index<'a> {
    /// Indexes `rows`.
    #[must_use]
    pub(super) fn new(rows: &[&'a Row]) -> Self {
        Self::of(rows.iter().map(|row| &row.key))
    }

    /// Indexes rows with these keys.
    fn of(keys: impl ExactSizeIterator<Item = &'a Key> + DoubleEndedIterator) -> Self {
        let mut index = Self { first: Table::default(), next: vec![None; keys.len()] };
        index.first.reserve(keys.len());
        // From the last on, so that each row goes before those of its key that are there.
        for (at, key) in keys.enumerate().rev() {
            index.next[at] = index.first.insert(key, at);
        }
        index
    }

    /// The rows with this key, in the order they were read.
    pub(super) fn get(&self, key: &Key) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first(key), |at| self.next[*at])
    }

    /// The first of them.
    fn first(&self, key: &Key) -> Option<usize> {
        self.first.get(key).copied()
    }
}

/// For each row of one list, numbers of rows of another one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Matches {
    /// Those of the first row, then those of the second, and so on.
    found: Vec<usize>,
    /// Where those of each row end.
    ends: Vec<usize>,
}

impl Matches {
    /// What row number `at` matches.
    #[must_use]
    pub(super) fn of(&self, at: usize) -> &[usize] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.found[start..self.ends[at]]
    }
}

/// For each row of `left`, the rows of `right` with the same key that hold at its moment; a row
/// without a moment matches by key alone. At most `most` matches are kept for a row.
#[must_use]
pub(super) fn matches(left: &[&Row], right: &[&Row], most: usize) -> Matches {
    let index = if left.is_empty() { Index::default() } else { Index::new(right) };
    joined(left.iter().map(|row| (*row, &row.key)), right, &index, most)
}

/// As [`matches()`], with rows whose keys look the same: what must not be found does not hide behind
/// another spelling.
#[must_use]
pub(super) fn look_alikes(left: &[&Row], right: &[&Row], most: usize) -> Matches {
    let own: HashSet<u64> = left.iter().map(|row| trace(&row.key)).collect();
    let alike = (0..right.len()).filter(|at| own.contains(&trace(&right[*at].key)));
    let alike: Vec<usize> = alike.collect();
    if alike.is_empty() {
        return matches(left, &[], most);
    }
    let right: Vec<&Row> = alike.iter().map(|at| right[*at]).collect();
    let looks = |rows: &[&Row]| rows.iter().map(|row| row.key.as_it_looks()).collect();
    let (own, others): (Vec<Key>, Vec<Key>) = (looks(left), looks(&right));
    let keyed = left.iter().copied().zip(&own);
    let mut matches = joined(keyed, &right, &Index::of(others.iter()), most);
    matches.found.iter_mut().for_each(|at| *at = alike[*at]);
    matches
}

/// A number that keys which look the same have in common. Others may have it too: it only spares most
/// of them the closer look.
fn trace(key: &Key) -> u64 {
    let add = |trace: u64, byte: u8| {
        (trace ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    };
    key.iter().fold(0xcbf2_9ce4_8422_2325, |trace, part| {
        if part.is_ascii() {
            part.bytes().filter(u8::is_ascii_graphic).fold(trace, add)
        } else {
            as_it_looks(part).bytes().fold(trace, add)
        }
    })
}

/// The rows of `right`, which `index` finds, by those of another list and their keys.
fn joined<'k>(
    left: impl ExactSizeIterator<Item = (&'k Row, &'k Key)>,
    right: &[&Row],
    index: &Index<'_>,
    most: usize,
) -> Matches {
    let many = left.len();
    let mut matches = Matches { found: Vec::with_capacity(many), ends: Vec::with_capacity(many) };
    for (row, key) in left {
        let holds = |at: &usize| row.at().is_none_or(|moment| right[*at].holds_at(moment));
        matches.found.extend(index.get(key).filter(holds).take(most));
        matches.ends.push(matches.found.len());
    }
    matches
}

/// Both differences of two sets of keys: the first row of each key that stands only in `left`, and
/// of each that stands only in `right`, in the order they were read.
#[must_use]
pub(super) fn differences(left: &[&Row], right: &[&Row]) -> (Vec<usize>, Vec<usize>) {
    let (here, there) = (Index::new(left), Index::new(right));
    let only = |rows: &[&Row], own: &Index<'_>, other: &Index<'_>| {
        let lacking = |at: &usize| other.first(&rows[*at].key).is_none();
        let first = |at: &usize| own.first(&rows[*at].key) == Some(*at);
        (0..rows.len()).filter(lacking).filter(first).collect()
    };
    (only(left, &here, &there), only(right, &there, &here))
}

/// Rows whose key was seen before, each with the first row of that key.
#[must_use]
pub(super) fn duplicates(rows: &[&Row]) -> Vec<(usize, usize)> {
    let mut first: Table<'_, usize> = Table::default();
    first.reserve(rows.len());
    let mut again = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match first.entry(&row.key) {
            Entry::Occupied(seen) => again.push((at, *seen.get())),
            Entry::Vacant(new) => _ = new.insert(at),
        }
    }
    again
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use std::sync::Arc;

    use super::*;
    use crate::verify::rows::{About, Bound, Origin, Says};

    pub(crate) fn row(key: &[&str]) -> Row {
        let about = About::named("".into());
        let key = Key::new(key.iter().map(|part| (*part).into()).collect());
        Row::new((key, Origin::whole(0)), Arc::new(about))
    }

    fn refs(rows: &[Row]) -> Vec<&Row> {
        rows.iter().collect()
    }

    fn lists(found: &Matches) -> Vec<Vec<usize>> {
        (0..found.ends.len()).map(|at| found.of(at).to_vec()).collect()
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let time = || proptest::option::of(0i64..6);
        let says = prop_oneof![
            Just(Says::Nothing),
            (0i64..6).prop_map(Says::At),
            (time(), time()).prop_map(|(from, to)| Says::Valid(Bound::new(from), Bound::new(to))),
        ];
        let one =
            ("[ab]{1,2}", "[cd]?", says).prop_map(|(a, b, says)| Row { says, ..row(&[&a, &b]) });
        proptest::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn matches_agree_with_the_nested_loop(left in rows(), right in rows()) {
            let oracle: Vec<Vec<usize>> = left.iter().map(|one| {
                (0..right.len()).filter(|&at| {
                    let other = &right[at];
                    let (from, to) = other.valid();
                    let valid = match one.says {
                        Says::At(t) => from.unwrap_or(i64::MIN) <= t && t < to.unwrap_or(i64::MAX),
                        _ => true,
                    };
                    other.key == one.key && valid
                }).collect()
            }).collect();
            let found = matches(&refs(&left), &refs(&right), usize::MAX);
            prop_assert_eq!(lists(&found), oracle);
        }

        #[test]
        fn look_alikes_agree_with_matches_of_what_keys_look_like(
            left in rows(), right in rows(), upper: bool, most in 1usize..4
        ) {
            let spelt = |row: &Row| {
                let parts = row.key.iter().map(|part| part.to_uppercase().replace('C', "\u{421}").into()).collect();
                Row { key: Key::new(parts), ..row.clone() }
            };
            let other: Vec<Row> = right.iter().map(|row| if upper { spelt(row) } else { row.clone() }).collect();
            let found = look_alikes(&refs(&left), &refs(&other), most);
            prop_assert_eq!(found, matches(&refs(&left), &refs(&right), most));
        }

        #[test]
        fn differences_agree_with_the_nested_loop(left in rows(), right in rows()) {
            let only = |rows: &[Row], others: &[Row]| -> Vec<usize> {
                (0..rows.len())
                    .filter(|&at| !rows[..at].iter().any(|row| row.key == rows[at].key))
                    .filter(|&at| !others.iter().any(|row| row.key == rows[at].key))
                    .collect()
            };
            prop_assert_eq!(differences(&refs(&left), &refs(&right)), (only(&left, &right), only(&right, &left)));
        }

        #[test]
        fn duplicates_agree_with_the_nested_loop(rows in rows()) {
            let oracle: Vec<(usize, usize)> = (0..rows.len())
                .filter_map(|at| {
                    rows[..at].iter().position(|row| row.key == rows[at].key).map(|first| (at, first))
                })
                .collect();
            prop_assert_eq!(duplicates(&refs(&rows)), oracle);
        }
    }

    #[test]
    fn keys_of_several_fields_do_not_run_together() {
        let (left, right) = ([row(&["a", "bc"])], [row(&["ab", "c"])]);
        assert_eq!(lists(&matches(&refs(&left), &refs(&right), 9)), vec![Vec::<usize>::new()]);
    }
}
