//! Relations between records as hash joins: linear in the records on both sides.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::rows::{Key, Row};

/// Rows by key.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// The keys, in the order they were read.
    keys: HashMap<&'a Key, usize, BuildHasherDefault<Hashed>>,
    /// Where the rows of each key lie in `rows`.
    runs: Vec<Range<usize>>,
    /// Numbers of the rows, those of one key together, in the order they were read.
    rows: Vec<usize>,
}

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
        let mut keys: HashMap<&Key, usize, _> = HashMap::default();
        keys.reserve(rows.len());
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut number = |row: &&'a Row| {
            let number = *keys.entry(&row.key).or_insert(runs.len());
            runs.resize(runs.len().max(number + 1), 0..0);
            runs[number].end += 1;
            number
        };
        let numbers: Vec<usize> = rows.iter().map(&mut number).collect();
        let mut free = 0;
        for run in &mut runs {
            let many = run.end;
            *run = free..free;
            free += many;
        }
        let mut sorted = vec![0; rows.len()];
        for (at, number) in numbers.into_iter().enumerate() {
            let run = &mut runs[number];
            sorted[run.end] = at;
            run.end += 1;
        }
        Self { keys, runs, rows: sorted }
    }

    /// The rows with this key, in the order they were read.
    #[must_use]
    pub(super) fn get(&self, key: &Key) -> &[usize] {
        self.keys.get(key).map_or(&[], |number| &self.rows[self.runs[*number].clone()])
    }
}

/// For each row of `left`, the rows of `right` with the same key that hold at its moment; a row
/// without a moment matches by key alone. At most `most` matches are kept for a row.
#[must_use]
pub(super) fn matches(left: &[&Row], right: &[&Row], most: usize) -> Vec<Vec<usize>> {
    let index = Index::new(right);
    left.iter()
        .map(|row| {
            let holds = |at: &&usize| row.at.is_none_or(|moment| right[**at].holds_at(moment));
            index.get(&row.key).iter().filter(holds).take(most).copied().collect()
        })
        .collect()
}

/// As [`matches()`], with rows whose keys look the same: what must not be found does not hide behind
/// another spelling.
#[must_use]
pub(super) fn look_alikes(left: &[&Row], right: &[&Row], most: usize) -> Vec<Vec<usize>> {
    let plain = |row: &&Row| Row { key: row.key.as_it_looks(), ..(*row).clone() };
    let (left, right): (Vec<Row>, Vec<Row>) =
        (left.iter().map(plain).collect(), right.iter().map(plain).collect());
    let (left, right): (Vec<&Row>, Vec<&Row>) = (left.iter().collect(), right.iter().collect());
    matches(&left, &right, most)
}

/// Both differences of two sets of keys: the first row of each key that stands only in `left`, and
/// of each that stands only in `right`, in the order they were read.
#[must_use]
pub(super) fn differences(left: &[&Row], right: &[&Row]) -> (Vec<usize>, Vec<usize>) {
    let (here, there) = (Index::new(left), Index::new(right));
    let only = |rows: &[&Row], own: &Index<'_>, other: &Index<'_>| {
        let lacking = |at: &usize| other.get(&rows[*at].key).is_empty();
        let first = |at: &usize| own.get(&rows[*at].key).first() == Some(at);
        (0..rows.len()).filter(lacking).filter(first).collect()
    };
    (only(left, &here, &there), only(right, &there, &here))
}

/// Rows whose key was seen before, each with the first row of that key.
#[must_use]
pub(super) fn duplicates(rows: &[&Row]) -> Vec<(usize, usize)> {
    let index = Index::new(rows);
    (0..rows.len())
        .filter_map(|at| {
            let first = *index.get(&rows[at].key).first()?;
            (first != at).then_some((at, first))
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use std::sync::Arc;

    use super::*;
    use crate::verify::rows::{About, Origin};

    pub(crate) fn row(key: &[&str]) -> Row {
        let about = About::named("".into());
        let key = Key::new(key.iter().map(|part| (*part).into()).collect());
        Row::new((key, Origin::whole(0)), Arc::new(about))
    }

    fn refs(rows: &[Row]) -> Vec<&Row> {
        rows.iter().collect()
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let time = || proptest::option::of(0i64..6);
        let one = ("[ab]{1,2}", "[cd]?", time(), time(), time())
            .prop_map(|(a, b, at, from, to)| Row { at, from, to, ..row(&[&a, &b]) });
        proptest::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn matches_agree_with_the_nested_loop(left in rows(), right in rows()) {
            let oracle: Vec<Vec<usize>> = left.iter().map(|one| {
                (0..right.len()).filter(|&at| {
                    let other = &right[at];
                    let valid = match one.at {
                        None => true,
                        Some(t) => other.from.unwrap_or(i64::MIN) <= t && t < other.to.unwrap_or(i64::MAX),
                    };
                    other.key == one.key && valid
                }).collect()
            }).collect();
            prop_assert_eq!(matches(&refs(&left), &refs(&right), usize::MAX), oracle);
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
        assert_eq!(matches(&refs(&left), &refs(&right), 9), vec![Vec::<usize>::new()]);
    }
}
