//! Exact byte places in YAML source: what the parser's marks leave vague.
//!
//! Marks count characters; those of quoted scalars run on over blanks and comments, those of block
//! scalars lack the indicator, and those of a sequence without indentation lack its dash. This
//! keeps a cursor at the end of what was read and looks from there.

use std::ops::Range;

use saphyr_parser::{Marker, ScalarStyle, Span as Marks};

use super::super::Kind;
use crate::model::Span;

/// How many characters lie between two checkpoints.
const STEP: usize = 64;

pub(super) struct Layout<'a> {
    text: &'a str,
    range: Range<usize>,
    /// The byte of every 64th character; empty when every character is one byte.
    checkpoints: Vec<usize>,
    /// The end of what was read.
    cursor: usize,
}

impl<'a> Layout<'a> {
    /// The part `range` of `text`; without a byte order mark; nothing when the
    /// range is not one of `text`.
    pub(super) fn new(text: &'a str, range: Range<usize>) -> Self {
        let range = match text.get(range.clone()) {
            Some(part) if part.starts_with('\u{feff}') => range.start + 3..range.end,
            Some(_) => range,
            None => text.len()..text.len(),
        };
        let part = &text[range.clone()];
        let checkpoints = if part.is_ascii() {
            Vec::new()
        } else {
            part.char_indices().step_by(STEP).map(|(at, _)| at).collect()
        };
        let cursor = range.start;
        Self { text, range, checkpoints, cursor }
    }

    pub(super) fn part(&self) -> &'a str {
        &self.text[self.range.clone()]
    }

    pub(super) fn start(&self) -> usize {
        self.range.start
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn advance_to(&mut self, at: usize) {
        self.cursor = self.cursor.max(at.min(self.range.end));
    }

    /// The byte, in the whole text, of character `index` of the part.
    fn byte(&self, index: usize) -> usize {
        let part = self.part();
        if self.checkpoints.is_empty() {
            return self.range.start + index.min(part.len());
        }
        let Some(&checkpoint) = self.checkpoints.get(index / STEP) else {
            return self.range.end;
        };
        let beyond = part[checkpoint..].char_indices().nth(index % STEP);
        beyond.map_or(self.range.end, |(at, _)| self.range.start + checkpoint + at)
    }

    fn mark(&self, mark: Marker) -> usize {
        self.byte(mark.index())
    }

    pub(super) fn span(&self, marks: Marks) -> Span {
        Span::new(self.mark(marks.start) as u64, self.mark(marks.end) as u64)
    }

    /// The span of character `index` of the part, empty at its end.
    pub(super) fn character(&self, index: usize) -> Span {
        Span::new(self.byte(index) as u64, self.byte(index + 1) as u64)
    }

    fn at(&self, at: usize) -> u8 {
        match self.part().as_bytes().get(at.wrapping_sub(self.range.start)) {
            Some(&byte) => byte,
            None => 0,
        }
    }

    fn is_blank(&self, at: usize) -> bool {
        at >= self.range.end || matches!(self.at(at), b' ' | b'\t' | b'\r' | b'\n')
    }

    /// The first byte from `at` that is neither blank nor in a comment.
    fn skip_blanks(&self, mut at: usize) -> usize {
        while at < self.range.end {
            match self.at(at) {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' if at == self.range.start || self.is_blank(at - 1) => {
                    at = self.skip_until(at, |byte| matches!(byte, b'\r' | b'\n'));
                }
                _ => break,
            }
        }
        at
    }

    fn skip_until(&self, mut at: usize, stop: impl Fn(u8) -> bool) -> usize {
        while at < self.range.end && !stop(self.at(at)) {
            at += 1;
        }
        at
    }

    /// The first byte from `at` that belongs to no blank, comment, anchor or tag.
    fn skip_properties(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_blanks(at);
            if self.part()[at - self.range.start..].starts_with("!<") {
                at = self.skip_until(at, |byte| byte == b'>') + 1;
            } else if at < self.range.end && matches!(self.at(at), b'&' | b'!') {
                at = self.skip_until(at, |byte| b" \t\r\n,[]{}".contains(&byte));
            } else {
                return at.min(self.range.end);
            }
        }
    }

    /// As [`Self::skip_properties`], from the cursor, over the indicators of a key and a value too.
    fn skip_indicators(&self, dashes: bool) -> usize {
        let mut at = self.skip_properties(self.cursor);
        loop {
            let indicator = match self.at(at) {
                b':' | b'?' => true,
                b'-' => dashes,
                _ => false,
            };
            if !indicator || !self.is_blank(at + 1) {
                return at;
            }
            at = self.skip_properties(at + 1);
        }
    }

    /// The dash of the sequence entry that begins after the cursor.
    pub(super) fn dash(&self) -> Option<usize> {
        let at = self.skip_indicators(false);
        (self.at(at) == b'-').then_some(at)
    }

    /// Where a container begins, and whether it is written with brackets.
    pub(super) fn container(&self, kind: Kind, marks: Marks, properties: bool) -> (usize, bool) {
        let marked = self.span(marks);
        let at = match properties {
            true => self.skip_properties(marked.start as usize),
            false => marked.start as usize,
        };
        // Only a bracket has a mark of some length when nothing precedes it.
        let bracket = properties || marked.start < marked.end;
        match (kind, self.at(at)) {
            (Kind::Array, b'[') | (Kind::Object, b'{') if bracket => (at, true),
            (Kind::Array, _) => (self.dash().unwrap_or(at).max(self.cursor), false),
            _ => (at.max(self.cursor), false),
        }
    }

    /// The bytes of a scalar, and those of its content where the text spells it out.
    pub(super) fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        marks: Marks,
        properties: bool,
    ) -> (Span, Span) {
        let marked = self.span(marks);
        let start = match properties {
            true => self.skip_properties(marked.start as usize),
            false => marked.start as usize,
        };
        let (start, end) = match style {
            ScalarStyle::Plain if value.is_empty() => self.nothing(marked, properties),
            ScalarStyle::Plain => (start, marked.end as usize),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                (start, self.closing_quote(start))
            }
            ScalarStyle::Literal | ScalarStyle::Folded => self.block(marked.end as usize),
        };
        let start = start.max(self.cursor);
        let end = end.max(start);
        self.advance_to(end);
        let span = Span::new(start as u64, end as u64);
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let content = if quoted && end - start >= 2 {
            Span::new(start as u64 + 1, end as u64 - 1)
        } else {
            span
        };
        (span, content)
    }

    /// The content of a block scalar without the line break that the parser adds to it where the
    /// text ends without one; YAML 1.2, 8.1.1.2, keeps the breaks that are there.
    pub(super) fn without_added_break<'v>(
        &self,
        value: &'v str,
        style: ScalarStyle,
        marks: Marks,
    ) -> &'v str {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if !block || self.mark(marks.end) < self.range.end {
            return value;
        }
        let line = self.part().rsplit(['\n', '\r']).next().unwrap_or_default();
        let added = match line.trim_start_matches(' ') {
            "" => !line.is_empty() && value.ends_with("\n\n"),
            _ => true,
        };
        match value.strip_suffix('\n') {
            Some(rest) if added => rest,
            _ => value,
        }
    }

    pub(super) fn alias(&mut self, marks: Marks) -> Span {
        let span = self.span(marks);
        self.advance_to(span.end as usize);
        span
    }

    /// The place of a value that is not written: after its colon, its dash or its tag.
    fn nothing(&self, marked: Span, properties: bool) -> (usize, usize) {
        let at = if properties {
            marked.end as usize
        } else {
            let blanks = self.skip_until(self.cursor, |byte| byte != b' ');
            match self.at(blanks) {
                b':' => blanks + 1,
                _ => self.cursor,
            }
        };
        (at, at)
    }

    /// The byte after the quote that closes the one at `start`.
    fn closing_quote(&self, start: usize) -> usize {
        let quote = self.at(start);
        let mut at = start + 1;
        while at < self.range.end {
            match self.at(at) {
                b'\\' if quote == b'"' => at += 2,
                byte if byte == quote && quote == b'\'' && self.at(at + 1) == quote => at += 2,
                byte if byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        self.range.end
    }

    /// A block scalar, from its indicator to the last of its content before `until`.
    fn block(&self, until: usize) -> (usize, usize) {
        let start = self.skip_indicators(true);
        let header = self.skip_until(start, |byte| !b"|>+-0123456789".contains(&byte));
        let body = self.text.get(start..until).unwrap_or_default();
        (start, header.max(start + body.trim_end_matches([' ', '\t', '\r', '\n']).len()))
    }
}
