//! Lists of rows: what several checks keep alike is kept once.

use std::collections::HashMap;

use super::{Asked, Step};

/// Which records count for a requirement, and what is said about each: where two requirements agree
/// in that, their checks may keep the same rows.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Records<'a> {
    pub(super) where_: Option<usize>,
    pub(super) happened: Option<&'a str>,
    pub(super) period: Option<&'a str>,
    pub(super) covers: Option<[&'a str; 2]>,
    pub(super) per: Vec<&'a str>,
    pub(super) population: Option<usize>,
    /// Whether it must be fresh, another requirement dates it, it is compared by period.
    pub(super) dated: [bool; 3],
}

/// What rows a step keeps: those of equal steps over the same records are the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Kept<'a> {
    Seek(usize, Option<usize>),
    Offer(usize, [Option<usize>; 2], bool),
    Row(usize, bool),
    Span(usize, &'a str, Option<&'a str>, bool, u8),
    Stated(usize, &'a str),
    Summand(usize, Option<usize>),
    Edge(&'a str, &'a str),
}

impl<'a> Step<'a> {
    /// What rows it keeps in `role`, where it keeps any.
    pub(super) fn kept(&self, role: u8) -> Option<Kept<'a>> {
        let number = |asked: &Option<Asked<'_>>| asked.as_ref().map(|asked| asked.number);
        Some(match self {
            Self::Seek(key, at) => Kept::Seek(key.number, number(at)),
            Self::Offer { key, from, to, needed } => {
                Kept::Offer(key.number, [number(from), number(to)], *needed)
            }
            Self::Row { key, needed } => Kept::Row(key.number, *needed),
            Self::Span { key, from, to, points } => {
                let to = to.map(|to| to.path.as_str());
                Kept::Span(key.number, from.path.as_str(), to, *points, role)
            }
            Self::Stated(key, stated) => Kept::Stated(key.number, stated.path.as_str()),
            Self::Summand(key, value) => Kept::Summand(key.number, number(value)),
            Self::Edge(from, to) => Kept::Edge(from.as_str(), to.as_str()),
            Self::Require(_) | Self::Count | Self::Rate(_) | Self::Sum(_) | Self::Recompute(..) => {
                return None;
            }
        })
    }
}

/// The lists of a group, by what they hold.
#[derive(Debug, Default)]
pub(super) struct Lists<'a> {
    records: HashMap<Records<'a>, usize>,
    populations: HashMap<usize, usize>,
    kept: HashMap<(usize, Option<usize>, Kept<'a>), usize>,
    many: usize,
}

impl<'a> Lists<'a> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.many
    }

    /// A list of its own.
    pub(super) fn add(&mut self) -> usize {
        next(&mut self.many)
    }

    /// The number of a way to tell which records count.
    pub(super) fn records(&mut self, records: Records<'a>) -> usize {
        let next = self.records.len();
        *self.records.entry(records).or_insert(next)
    }

    /// The list of the population by key number `key`.
    pub(super) fn population(&mut self, key: usize) -> usize {
        let many = &mut self.many;
        *self.populations.entry(key).or_insert_with(|| next(many))
    }

    /// The list of what a check keeps of `records`, as far as condition number `selected` of its own
    /// takes them in.
    pub(super) fn of(&mut self, records: usize, selected: Option<usize>, kept: Kept<'a>) -> usize {
        let many = &mut self.many;
        *self.kept.entry((records, selected, kept)).or_insert_with(|| next(many))
    }
}

fn next(many: &mut usize) -> usize {
    *many += 1;
    *many - 1
}
