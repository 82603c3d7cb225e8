//! Places in source text: byte spans, lines and columns.

use serde::{Deserialize, Serialize};

/// A half-open byte range `start..end` in the text of a file.
///
/// For a compressed artifact the bytes are those of the decompressed text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// A span from `start` up to and not including `end`.
    #[must_use]
    pub fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    /// The span as it lies when the text itself begins at byte `base` of a larger file.
    #[must_use]
    pub fn offset(self, base: u64) -> Self {
        Self::new(self.start + base, self.end + base)
    }

    /// The bytes of `text` that the span covers, clamped to `text` and to character boundaries.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        let clamp = |at: u64| {
            let mut at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (clamp(self.start), clamp(self.end));
        text.get(start..end.max(start)).unwrap_or_default()
    }
}

/// A position as people count it: line and column from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u64,
}

impl LineColumn {
    /// The first position of a file.
    pub const FIRST: Self = Self { line: 1, column: 1 };

    /// The position of byte `offset` in `text`, where `text` itself begins at `self`.
    #[must_use]
    pub fn advance(self, text: &str, offset: u64) -> Self {
        let before = Span::new(0, offset).slice(text);
        let newlines = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64;
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        let column = last_line.chars().count() as u64;
        if newlines == 0 {
            Self { line: self.line, column: self.column + column }
        } else {
            Self { line: self.line + newlines, column: column + 1 }
        }
    }
}

/// Where something stands: a file beneath the root, and the bytes in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Path relative to the repository root (or `builtin:…` for a rule file of the built-in pack),
    /// with `/` between its parts.
    pub path: String,
    /// The bytes.
    pub span: Span,
    /// Position of the first byte.
    pub start: LineColumn,
    /// Position one past the last byte.
    pub end: LineColumn,
}

impl Place {
    /// The place of a whole file, for findings that no byte of it explains.
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            span: Span::default(),
            start: LineColumn::FIRST,
            end: LineColumn::FIRST,
        }
    }

    /// The place of `span` in `text`, the whole text of the file at `path`.
    #[must_use]
    pub fn in_text(path: impl Into<String>, text: &str, span: Span) -> Self {
        Self::in_part(path, text, span, 0, LineColumn::FIRST)
    }

    /// The place of `span` in `part`, a piece of the file at `path` that begins at byte `base`,
    /// position `first` of the file. `span` counts from the beginning of `part`.
    #[must_use]
    pub fn in_part(
        path: impl Into<String>,
        part: &str,
        span: Span,
        base: u64,
        first: LineColumn,
    ) -> Self {
        let start = first.advance(part, span.start);
        let end = if span.end < span.start {
            first.advance(part, span.end)
        } else {
            // What lies before the span is not looked at again.
            let within = span.slice(part);
            start.advance(within, within.len() as u64)
        };
        Self { path: path.into(), span: span.offset(base), start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_place_is_where_counting_from_the_beginning_puts_it() {
        let text = "ab\n\u{e9}\r\n\n\u{1f600}x";
        let first = LineColumn { line: 3, column: 5 };
        for (start, end) in (0..12).flat_map(|start| (0..12).map(move |end| (start, end))) {
            let place = Place::in_part("f", text, Span::new(start, end), 7, first);
            assert_eq!(place.start, first.advance(text, start), "{start}..{end}");
            assert_eq!(place.end, first.advance(text, end), "{start}..{end}");
        }
    }

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = "a\n\u{e9}\u{e9}x\n";
        let place = Place::in_text("f", text, Span::new(6, 7));
        assert_eq!(place.start, LineColumn { line: 2, column: 3 });
        assert_eq!(place.end, LineColumn { line: 2, column: 4 });
    }

    #[test]
    fn a_part_keeps_the_place_it_has_in_the_file() {
        let first = LineColumn { line: 7, column: 1 };
        let place = Place::in_part("f", "{\"a\":1}", Span::new(5, 6), 100, first);
        assert_eq!(place.span, Span::new(105, 106));
        assert_eq!(place.start, LineColumn { line: 7, column: 6 });
    }
}
