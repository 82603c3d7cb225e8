//! What relations keep of a record: its key, its times and its place, and nothing else.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use crate::model::time::Interval;
use crate::model::{LineColumn, Span};

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
pub(super) struct Key(Arc<Texts>);

struct Texts {
    /// Equal keys have equal ones. Seeded anew in every run: evidence cannot be made to collide.
    hash: u64,
    parts: Box<[Box<str>]>,
}

impl Key {
    /// The key of these texts.
    #[must_use]
    pub(super) fn new(parts: Vec<Box<str>>) -> Self {
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let hash = SEED.hash_one(&parts);
        Self(Arc::new(Texts { hash, parts: parts.into() }))
    }
}

impl Deref for Key {
    type Target = [Box<str>];

    fn deref(&self) -> &[Box<str>] {
        &self.0.parts
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let same = || self.0.hash == other.0.hash && self.0.parts == other.0.parts;
        Arc::ptr_eq(&self.0, &other.0) || same()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.parts.fmt(f)
    }
}

/// A key and where it stands.
pub(super) type Placement = (Key, Origin);

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
