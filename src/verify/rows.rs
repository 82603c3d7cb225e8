//! What relations keep of a record: its key, its times and its place, and nothing else.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Deref;
use std::slice;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use crate::model::time::Interval;
use crate::model::{LineColumn, Place, Span, as_it_looks};

/// Where a record stands, without the text. Many are kept: lines and columns past four billion are
/// told as the last there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin {
    /// Index of the artifact in the inventory.
    pub artifact: u32,
    /// Whether the bytes are those of its manifest: a binary says everything there.
    pub of_manifest: bool,
    from: u64,
    bytes: u32,
    start: (u32, u32),
    end: (u32, u32),
}

impl Origin {
    /// The bytes of `span`, from one position to the one after the last.
    pub(super) fn new(artifact: u32, span: Span, start: LineColumn, end: LineColumn) -> Self {
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let position = |at: LineColumn| (small(at.line), small(at.column));
        Self {
            artifact,
            of_manifest: false,
            from: span.start,
            bytes: small(span.end - span.start),
            start: position(start),
            end: position(end),
        }
    }

    /// The artifact as a whole.
    pub(super) fn whole(entry: usize) -> Self {
        Self::new(entry as u32, Span::default(), LineColumn::FIRST, LineColumn::FIRST)
    }

    /// Whether it points at no byte in particular.
    pub(super) fn is_whole(&self) -> bool {
        self.from == 0 && self.bytes == 0
    }

    /// The line it begins in.
    pub(super) fn line(&self) -> u64 {
        self.start.0.into()
    }

    /// The place in the file at `path`.
    pub(super) fn place(&self, path: String) -> Place {
        let position =
            |(line, column): (u32, u32)| LineColumn { line: line.into(), column: column.into() };
        Place {
            path,
            span: Span::new(self.from, self.from + u64::from(self.bytes)),
            start: position(self.start),
            end: position(self.end),
        }
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

/// What a row says beside its key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Says {
    /// Nothing.
    Nothing,
    /// The point in time it asks about, in microseconds since the epoch.
    At(i64),
    /// When it is valid, in the same unit: from the first, where there is one, to the second,
    /// exclusive.
    Valid(Bound, Bound),
    /// A stated figure, or a summand.
    Figure(f64),
}

/// A moment, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound(i64);

impl Bound {
    /// No moment is as far back.
    const NONE: i64 = i64::MIN;

    /// A bound at `moment`, where there is one.
    pub(super) fn new(moment: Option<i64>) -> Self {
        Self(moment.unwrap_or(Self::NONE))
    }

    fn moment(self) -> Option<i64> {
        (self.0 != Self::NONE).then_some(self.0)
    }
}

/// One record, reduced to what a relation needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The key.
    pub key: Key,
    /// Where the record stands.
    pub origin: Origin,
    /// What it says.
    pub says: Says,
    /// What it is about.
    pub about: Arc<About>,
    /// The message of the check, already filled in, where it has one.
    pub message: Option<Box<str>>,
}

impl Row {
    /// A row of a record.
    #[must_use]
    pub(super) fn new((key, origin): Placement, about: Arc<About>) -> Self {
        Self { key, origin, says: Says::Nothing, about, message: None }
    }

    /// The message of the check, where it has one.
    pub(super) fn said(&self) -> Option<String> {
        self.message.as_deref().map(str::to_owned)
    }

    /// The moment it asks about.
    pub(super) fn at(&self) -> Option<i64> {
        match self.says {
            Says::At(moment) => Some(moment),
            _ => None,
        }
    }

    /// Its figure.
    pub(super) fn figure(&self) -> Option<f64> {
        match self.says {
            Says::Figure(figure) => Some(figure),
            _ => None,
        }
    }

    /// From when on, and until when it is valid, exclusive; `None` is always.
    pub(super) fn valid(&self) -> (Option<i64>, Option<i64>) {
        match self.says {
            Says::Valid(from, to) => (from.moment(), to.moment()),
            _ => (None, None),
        }
    }

    /// Whether this row holds at the moment `at`.
    #[must_use]
    pub(super) fn holds_at(&self, at: i64) -> bool {
        let (from, to) = self.valid();
        from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
    }
}
