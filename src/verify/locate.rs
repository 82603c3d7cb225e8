//! Lines and columns of many places in one text.

use std::cell::OnceCell;

use super::rows::Origin;
use crate::document::Node;
use crate::model::{LineColumn, Place, Span};

/// A text, or a part of a file, in which places are asked for.
#[derive(Debug)]
pub(crate) struct Locator<'a> {
    path: &'a str,
    artifact: u32,
    of_manifest: bool,
    text: &'a str,
    base: u64,
    first: LineColumn,
    lines: OnceCell<(Vec<usize>, bool)>,
}

impl<'a> Locator<'a> {
    /// Places in `text`, which begins at byte `base`, position `first` of the file at `path`.
    pub(crate) fn new(
        path: &'a str,
        artifact: usize,
        text: &'a str,
        base: u64,
        first: LineColumn,
    ) -> Self {
        let (artifact, of_manifest) = (artifact as u32, false);
        Self { path, artifact, of_manifest, text, base, first, lines: OnceCell::new() }
    }

    /// Places in `text`, the manifest at `path` of artifact number `artifact`.
    pub(crate) fn of_manifest(path: &'a str, artifact: usize, text: &'a str) -> Self {
        Self { of_manifest: true, ..Self::new(path, artifact, text, 0, LineColumn::FIRST) }
    }

    pub(crate) fn artifact(&self) -> usize {
        self.artifact as usize
    }

    pub(crate) fn path(&self) -> &'a str {
        self.path
    }

    fn at(&self, offset: u64) -> LineColumn {
        let (starts, ascii) = self.lines.get_or_init(|| {
            let newlines = memchr::memchr_iter(b'\n', self.text.as_bytes());
            (newlines.map(|at| at + 1).collect(), self.text.is_ascii())
        });
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        let line = starts.partition_point(|start| *start <= offset);
        let start = if line == 0 { 0 } else { starts[line - 1] };
        let column = if *ascii {
            (offset - start) as u64
        } else {
            Span::new(start as u64, offset as u64).slice(self.text).chars().count() as u64
        };
        let column = if line == 0 { self.first.column + column } else { column + 1 };
        LineColumn { line: self.first.line + line as u64, column }
    }

    /// The origin of `span`.
    pub(crate) fn origin(&self, span: Span) -> Origin {
        let (start, end) = (self.at(span.start), self.at(span.end));
        let mut origin = Origin::new(self.artifact, span.offset(self.base), start, end);
        origin.of_manifest = self.of_manifest;
        origin
    }

    /// The origin of a record: a scalar as it is, a container by the part on its first line.
    pub(crate) fn record(&self, node: Node<'_>) -> Origin {
        self.origin(crate::catalog::first_line(node.span(), self.text))
    }

    /// The place of `span`.
    pub(crate) fn place(&self, span: Span) -> Place {
        self.origin(span).place(self.path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting_from_the_beginning() {
        for text in ["ab\ncd\r\nef", "\u{e9}\n\n\u{1f600}x\n", ""] {
            let locator = Locator::new("f", 0, text, 7, LineColumn { line: 3, column: 5 });
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let expected = LineColumn { line: 3, column: 5 }.advance(text, at as u64);
                assert_eq!(locator.place(Span::new(at as u64, at as u64)).start, expected);
            }
        }
    }
}
