//! What relations keep of a record: its key, its times and its place, and nothing else.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Deref;
use std::slice;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use crate::model::time::Interval;
use crate::model::{LineColumn, Span, as_it_looks};

/// Where a record stands, without the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin {
    /// Index of the artifact in the inventory.
    pub artifact: u32,
    /// Whether the bytes are those of its manifest: a binary says everything there.
    pub of_manifest: bool,
    /// The bytes to point at.
    pub span: Span,
    /// Position of the first byte.
    pub start: LineColumn,
    /// Position after the last byte.
    pub end: LineColumn,
}

impl Origin {
    /// The artifact as a whole.
    pub(super) fn whole(entry: usize) -> Self {
        Self {
            artifact: entry as u32,
            of_manifest: false,
            span: Span::default(),
            start: LineColumn::FIRST,
            end: LineColumn::FIRST,
        }
    }

    /// Whether it points at no byte in particular.
    pub(super) fn is_whole(&self) -> bool {
        self.span.end == 0
    }
}

/// The days that a record is evidence of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Placed {
    /// Values of the `per` fields.
    pub group: Option<String>,
    /// The days.
    pub days: Interval,
}

/// The key of a record, one text for each of its fields; shared by all that compare by it.
#[derive(Clone)]
pub(super) struct Key {
    /// Equal keys have equal ones. Seeded anew in every run: evidence cannot be made to collide.
    hash: u64,
    texts: Texts,
}

#[derive(Clone)]
enum Texts {
    One(Arc<str>),
    Many(Arc<[Arc<str>]>),
}

static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl Key {
    /// The key of one field.
    #[must_use]
    pub(super) fn of(text: Arc<str>) -> Self {
        Self { hash: SEED.hash_one(&*text), texts: Texts::One(text) }
    }

    /// The key of any number of fields.
    #[must_use]
    pub(super) fn new(mut parts: Vec<Arc<str>>) -> Self {
        match parts.pop() {
            Some(text) if parts.is_empty() => Self::of(text),
            last => {
                parts.extend(last);
                Self { hash: SEED.hash_one(&parts), texts: Texts::Many(parts.into()) }
            }
        }
    }

    /// The same key as it looks.
    #[must_use]
    pub(super) fn as_it_looks(&self) -> Self {
        Self::new(self.iter().map(|part| as_it_looks(part).into()).collect())
    }
}

impl Deref for Key {
    type Target = [Arc<str>];

    fn deref(&self) -> &[Arc<str>] {
        match &self.texts {
            Texts::One(text) => slice::from_ref(text),
            Texts::Many(texts) => texts,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && **self == **other
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A key and where it stands.
pub(super) type Placement = (Key, Origin);

/// The keys of a record.
#[derive(Debug)]
pub(super) enum Placements {
    /// The only one.
    One(Placement),
    /// One for each combination of elements of its lists.
    Many(Vec<Placement>),
}

impl Placements {
    /// All of them.
    pub(super) fn as_slice(&self) -> &[Placement] {
        match self {
            Self::One(placement) => slice::from_ref(placement),
            Self::Many(placements) => placements,
        }
    }
}

/// What all rows of a record have in common, as one requirement sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct About {
    /// The record's name for people and exceptions.
    pub name: Arc<str>,
    /// The day the record is of, where it says.
    pub day: Option<Date>,
    /// The last day it is evidence of.
    pub until: Option<Date>,
    /// The days it is evidence of, where a check compares by period.
    pub placed: Option<Placed>,
}

impl About {
    /// Nothing but a name.
    pub(super) fn named(name: Arc<str>) -> Self {
        Self { name, day: None, until: None, placed: None }
    }
}

/// One record, reduced to what a relation needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The key.
    pub key: Key,
    /// Where the record stands.
    pub origin: Origin,
    /// The point in time it asks about (`at`), in microseconds since the epoch.
    pub at: Option<i64>,
    /// From when on it is valid; `None` is always.
    pub from: Option<i64>,
    /// Until when it is valid, exclusive; `None` is for ever.
    pub to: Option<i64>,
    /// What it is about.
    pub about: Arc<About>,
    /// The message of the check, already filled in, where it has one.
    pub message: Option<Box<str>>,
    /// A stated figure, or a summand.
    pub figure: Option<f64>,
}

impl Row {
    /// A row of a record.
    #[must_use]
    pub(super) fn new((key, origin): Placement, about: Arc<About>) -> Self {
        Self { key, origin, at: None, from: None, to: None, about, message: None, figure: None }
    }

    /// The message of the check, where it has one.
    pub(super) fn said(&self) -> Option<String> {
        self.message.as_deref().map(str::to_owned)
    }

    /// Whether this row holds at the moment `at`.
    #[must_use]
    pub(super) fn holds_at(&self, at: i64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}
