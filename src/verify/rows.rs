//! What relations keep of a record: its key, its times and its place, and nothing else.

use std::sync::Arc;

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

/// One record, reduced to what a relation needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The key, one text for each of its fields.
    pub key: Vec<String>,
    /// Where the record stands.
    pub origin: Origin,
    /// The point in time it asks about (`at`), in microseconds since the epoch.
    pub at: Option<i64>,
    /// From when on it is valid; `None` is always.
    pub from: Option<i64>,
    /// Until when it is valid, exclusive; `None` is for ever.
    pub to: Option<i64>,
    /// The record's name for people and exceptions.
    pub name: Arc<str>,
    /// The message of the check, already filled in, where it has one.
    pub message: Option<String>,
    /// A stated figure, or a summand.
    pub figure: Option<f64>,
    /// The day the record is of, where it says.
    pub day: Option<Date>,
    /// The last day it is evidence of.
    pub until: Option<Date>,
    /// The days it is evidence of, where a check compares by period.
    pub placed: Option<Placed>,
}

impl Row {
    /// A row of `key` that stands at `origin`.
    #[must_use]
    pub(super) fn new(key: Vec<String>, origin: Origin) -> Self {
        Self {
            key,
            origin,
            at: None,
            from: None,
            to: None,
            name: Arc::from(""),
            message: None,
            figure: None,
            day: None,
            until: None,
            placed: None,
        }
    }

    /// Whether this row holds at the moment `at`.
    #[must_use]
    pub(super) fn holds_at(&self, at: i64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}
