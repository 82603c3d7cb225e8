//! What is wrong with a rule file, a schema or the engagement: it stops the run.

use memchr::memchr;

use crate::document::{Document, Fault};
use crate::model::{Excerpt, Label, Place, Span};

/// One problem at its place. Problems are collected, so that one run shows all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub label: Label,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do, where that is not plain.
    pub help: Option<String>,
}

/// A rule file, the engagement or a schema with its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path relative to the root, or `builtin:…`.
    pub path: String,
    /// The document.
    pub document: Document,
}

impl Source {
    /// The place of the value at JSON Pointer `pointer`, or of the nearest value around it.
    #[must_use]
    pub fn label(&self, pointer: &str) -> Label {
        let root = self.document.root();
        let mut pointer = pointer;
        let node = loop {
            match (root.pointer(pointer), pointer.rfind('/')) {
                (Some(node), _) => break node,
                (None, Some(at)) => pointer = &pointer[..at],
                (None, None) => break root,
            }
        };
        self.label_span(first_line(node.span(), self.document.text()))
    }

    /// The place of `span`.
    #[must_use]
    pub fn label_span(&self, span: Span) -> Label {
        label(&self.path, self.document.text(), span)
    }

    /// The place of the bytes `start..end` of the string at `pointer`, where its text is spelled
    /// out in the file; else of the whole string.
    #[must_use]
    pub fn label_within(&self, pointer: &str, start: usize, end: usize) -> Label {
        let text = self.document.text();
        let within = self.document.root().pointer(pointer).and_then(|node| {
            let content = node.as_str()?;
            let spelled = node.span().slice(text);
            let at = spelled.find(content)? as u64 + node.span().start;
            Some(Span::new(at + start as u64, at + end.max(start + 1) as u64))
        });
        within.map_or_else(|| self.label(pointer), |span| self.label_span(span))
    }

    /// A problem at `pointer`.
    #[must_use]
    pub fn problem(
        &self,
        pointer: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Problem {
        Problem { label: self.label(pointer), message: message.into(), help }
    }
}

/// The part of `span` on its first line, so that a label does not frame a whole block.
#[must_use]
pub fn first_line(span: Span, text: &str) -> Span {
    let part = span.slice(text);
    let line = memchr(b'\n', part.as_bytes()).map_or(part, |end| &part[..end]);
    Span::new(span.start, span.start + line.trim_end().len() as u64)
}

/// A label in `text` with its excerpt.
#[must_use]
pub(super) fn label(path: &str, text: &str, span: Span) -> Label {
    let place = Place::in_text(path, text, span);
    let mut label = Label::new(place, "");
    label.excerpt = Some(excerpt(text, span, label.place.start.line));
    label
}

/// The problem a reading fault of a rule file is.
#[must_use]
pub fn of_fault(path: &str, text: &str, fault: &Fault) -> Problem {
    Problem {
        label: label(path, text, fault.span),
        message: fault.message.clone(),
        help: fault.related.as_ref().map(|(span, what)| {
            let start = Place::in_text(path, text, *span).start;
            format!("{what}: line {}, column {}", start.line, start.column)
        }),
    }
}

const WIDTH: usize = 160;

/// The line of `span` in `text`, with a line before and after where they are short.
#[must_use]
pub fn excerpt(text: &str, span: Span, line: u64) -> Excerpt {
    let start = floor(text, usize::try_from(span.start).unwrap_or(usize::MAX));
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end_mark = floor(text, usize::try_from(span.end).unwrap_or(usize::MAX)).clamp(start, end);
    if end - begin <= WIDTH {
        let before = text[..begin.saturating_sub(1)].rfind('\n').map_or(0, |at| at + 1);
        let with_before = begin > 0 && begin - before <= WIDTH;
        let from = if with_before { before } else { begin };
        return Excerpt {
            text: text[from..end].to_owned(),
            first_line: line - u64::from(with_before),
            first_column: 1,
            mark: (start - from, end_mark - from),
        };
    }
    let from = floor(text, start.saturating_sub(WIDTH / 3)).max(begin);
    let to = floor(text, from + WIDTH).min(end);
    Excerpt {
        text: text[from..to].to_owned(),
        first_line: line,
        first_column: text[begin..from].chars().count() as u64 + 1,
        mark: (start - from, end_mark.min(to) - from),
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
