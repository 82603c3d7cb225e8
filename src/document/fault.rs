//! What can be wrong with the bytes of an artifact before anyone asks what they mean.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::model::Span;

/// One fault of reading, at its place. A document with a fault that is not a warning is unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where, in bytes of the (decompressed) text that was read.
    pub span: Span,
    /// The other place that makes it wrong: the first of two equal keys, the quote that opened.
    pub related: Option<(Span, String)>,
    /// What is wrong here, in a sentence without a full stop: names the key, the number, the byte.
    pub message: String,
}

impl Fault {
    /// A fault at `span`.
    #[must_use]
    pub fn new(kind: FaultKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, related: None, message: message.into() }
    }

    /// The same fault with the second place that explains it.
    #[must_use]
    pub fn with_related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.span.start)
    }
}

impl std::error::Error for Fault {}

/// Carries a fault through [`io::Read`], to be taken out again with [`fault_of`].
impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

/// The fault that an error of a stream of this room carries; `None` for a failure of the system,
/// about which the bytes say nothing.
#[must_use]
pub fn fault_of(error: &io::Error) -> Option<Fault> {
    error.get_ref()?.downcast_ref().cloned()
}

/// The beginning of `text` as far as a message should quote it.
pub(super) fn excerpt(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The kinds of reading fault; each becomes a finding with a code of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// The text breaks the syntax of its format: truncated, a stray character, trailing garbage.
    Syntax,
    /// Two members of one object, or two columns, have the same name.
    DuplicateKey,
    /// A number that does not survive as a 64-bit integer or a finite double.
    LossyNumber,
    /// Bytes that are not UTF-8, a NUL, UTF-16, or a lone surrogate.
    Encoding,
    /// A CSV quote that is never closed, or is closed in the middle of a cell.
    UnclosedQuote,
    /// A CSV row with more or fewer cells than the header.
    RaggedRow,
    /// Compressed bytes that are damaged, truncated or followed by something else.
    Compression,
    /// Deeper, longer or more expanded than the reader's limits: we could not look.
    Limit,
    /// A construct the reader refuses on purpose: a DTD, an entity, a YAML tag, several YAML
    /// documents in one file.
    Unsupported,
    /// A YAML scalar that parsers disagree about (`no`, `010`, `1_000`). A warning in evidence.
    AmbiguousScalar,
    /// The file holds no value at all.
    Empty,
}

impl FaultKind {
    /// Whether the document can still be read, so that the fault only needs telling.
    #[must_use]
    pub fn is_warning(self) -> bool {
        matches!(self, Self::AmbiguousScalar)
    }
}
