//! The YAML that nearly every rule file is written in, read in one pass: mappings and sequences in
//! block style, block scalars, and other scalars and bracketed values that end on their line.
//!
//! Whatever else a text holds (anchors, tags, values over several lines) and
//! whatever is wrong with it, or would be warned of, is left to the thorough reader. A test holds
//! both to the same values at the same places.

use std::iter;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr3, memchr3_iter};

use super::super::{Arena, Kind, reading};
use super::scalar::{Meaning, ambiguity, plain};
use crate::model::Span;

/// How deep values nest at most, far less than [`reading::DEPTH`].
const DEPTH: usize = 32;

/// How long a key is at most.
const KEY: usize = 128;

/// Reads the document in `range` of `text` into the empty `arena`; `false`, and nothing in it,
/// where that is for the thorough reader.
pub(super) fn read(text: &str, range: Range<usize>, arena: &mut Arena) -> bool {
    let plain = text.get(range.clone()).is_some_and(|part| has_plain_characters(part.as_bytes()));
    if !plain {
        return false;
    }
    let mut reader =
        Reader { text, bytes: &text.as_bytes()[..range.end], at: range.start, column: 0, arena };
    let read = reader.document().is_some();
    if !read {
        arena.clear();
    }
    read
}

/// Whether the text has no control characters but line feeds, and no character that some readers
/// take for a line break or a byte order mark.
fn has_plain_characters(text: &[u8]) -> bool {
    let is_control = |byte: u8| byte == 127 || (byte < b' ' && byte != b'\n');
    let is_odd = |at: usize| match &text[at..] {
        [0xc2, second, ..] => *second < 0xa0,
        [0xe2, 0x80, third, ..] => matches!(third, 0xa8 | 0xa9),
        [first, ..] => *first == 0xef,
        [] => false,
    };
    // No early end: so the bytes are looked at many at once.
    !text.iter().fold(false, |found, &byte| found | is_control(byte))
        && !memchr3_iter(0xc2, 0xe2, 0xef, text).any(is_odd)
}

/// The lines of a block scalar.
struct Lines {
    value: String,
    /// Where the last of them ends that is not empty.
    end: usize,
    /// Where the line after them begins.
    next: usize,
}

struct Reader<'a> {
    text: &'a str,
    /// The bytes of the text up to the end of the document.
    bytes: &'a [u8],
    at: usize,
    /// Where in its line the first value of the line begins.
    column: usize,
    arena: &'a mut Arena,
}

/// Every step tells where the value it has read ends; `None` leaves the text to the thorough reader.
impl Reader<'_> {
    fn document(&mut self) -> Option<()> {
        self.next_line_from(self.at);
        if self.column != 0 {
            return None;
        }
        self.block(0)?;
        (self.at == self.bytes.len()).then_some(())
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn skip_spaces(&mut self) {
        while self.byte(self.at) == b' ' {
            self.at += 1;
        }
    }

    /// Goes to the first value on the lines from `start` on, where a line begins.
    fn next_line_from(&mut self, start: usize) {
        let mut line = start;
        loop {
            self.at = line;
            self.skip_spaces();
            self.column = self.at - line;
            let is_value = !matches!(self.byte(self.at), b'\n' | b'#');
            if is_value || self.at >= self.bytes.len() {
                return;
            }
            line = self.line_end() + 1;
            if line >= self.bytes.len() {
                (self.at, self.column) = (self.bytes.len(), 0);
                return;
            }
        }
    }

    fn line_end(&self) -> usize {
        memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |length| self.at + length)
    }

    /// Whether the line ends here, but for a comment.
    fn is_line_end(&self) -> bool {
        match self.byte(self.at) {
            b'\n' => true,
            b'#' => self.byte(self.at - 1) == b' ',
            _ => false,
        }
    }

    /// Ends the line after a value, which must not go on beneath it: a deeper line than `column`
    /// would belong to it.
    fn end_line(&mut self, column: usize) -> Option<()> {
        self.skip_spaces();
        if !self.is_line_end() {
            return None;
        }
        self.next_line();
        (self.is_done() || self.column <= column).then_some(())
    }

    fn next_line(&mut self) {
        let end = self.line_end();
        self.next_line_from((end + 1).min(self.bytes.len()));
    }

    fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn is_dash(&self) -> bool {
        self.byte(self.at) == b'-' && self.byte(self.at + 1) == b' '
    }

    fn block(&mut self, depth: usize) -> Option<usize> {
        if self.is_dash() {
            self.sequence(self.column, depth)
        } else {
            self.mapping(self.column, depth)
        }
    }

    fn sequence(&mut self, column: usize, depth: usize) -> Option<usize> {
        let open = self.arena.open(Kind::Array, self.at);
        let (mut entries, mut end) = (0, self.at);
        while !self.is_done() && self.column >= column {
            if self.column > column {
                return None;
            }
            // A sequence may stand at the column of the key it belongs to.
            if !self.is_dash() {
                break;
            }
            end = self.entry(column, depth)?;
            entries += 1;
        }
        self.arena.close(open, end, entries);
        Some(end)
    }

    fn entry(&mut self, column: usize, depth: usize) -> Option<usize> {
        let dash = self.at;
        self.at += 1;
        self.skip_spaces();
        if self.key_length().is_some() {
            return self.mapping(column + self.at - dash, depth + 1);
        }
        self.value(column, depth + 1)
    }

    /// A value that begins on this line, with the rest of it.
    fn value(&mut self, column: usize, depth: usize) -> Option<usize> {
        if matches!(self.byte(self.at), b'|' | b'>') {
            return self.block_scalar(column);
        }
        let end = self.node(false, depth)?;
        self.end_line(column)?;
        Some(end)
    }

    fn mapping(&mut self, column: usize, depth: usize) -> Option<usize> {
        if depth > DEPTH {
            return None;
        }
        let slot = self.arena.len();
        let open = self.arena.open(Kind::Object, self.at);
        let (mut entries, mut end) = (0, self.at);
        loop {
            self.key()?;
            end = end.max(self.member(column, depth)?);
            entries += 1;
            if self.is_done() || self.column < column {
                break;
            }
            if self.column > column {
                return None;
            }
        }
        self.arena.close(open, end, entries);
        self.has_distinct_keys(slot).then_some(end)
    }

    fn has_distinct_keys(&self, slot: usize) -> bool {
        let mut faults = Vec::new();
        if let Some(object) = self.arena.node(self.text, slot) {
            reading::duplicate_keys(object, &mut faults);
        }
        faults.is_empty()
    }

    /// The value of a key: on its line, or on deeper lines.
    fn member(&mut self, column: usize, depth: usize) -> Option<usize> {
        self.skip_spaces();
        if !self.is_line_end() {
            return self.value(column, depth + 1);
        }
        self.next_line();
        if self.is_done() {
            None
        } else if self.column > column {
            self.block(depth + 1)
        } else if self.column == column && self.is_dash() {
            self.sequence(column, depth + 1)
        } else {
            None
        }
    }

    /// The length of the key at hand, a word that a colon follows.
    fn key_length(&self) -> Option<usize> {
        let is_first = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        let is_word = |byte: &u8| is_first(*byte) || matches!(byte, b'-' | b'.' | b'/');
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().take(KEY).take_while(|byte| is_word(byte)).count();
        let follows = |at: usize, byte: u8| self.byte(self.at + length + at) == byte;
        let is_key =
            is_first(*rest.first()?) && follows(0, b':') && (follows(1, b' ') || follows(1, b'\n'));
        is_key.then_some(length)
    }

    /// Reads a key and steps over its colon.
    fn key(&mut self) -> Option<()> {
        let start = self.at;
        match self.byte(start) {
            b'"' => self.double_quoted()?,
            b'\'' => self.single_quoted()?,
            _ => return self.plain_key(),
        };
        let is_key = self.byte(self.at) == b':' && matches!(self.byte(self.at + 1), b' ' | b'\n');
        self.at += 1;
        (is_key && self.at - start <= KEY).then_some(())
    }

    fn plain_key(&mut self) -> Option<()> {
        let place = span(self.at, self.at + self.key_length()?);
        if ambiguity(place.slice(self.text), true, place).is_some() {
            return None;
        }
        self.arena.string(place, place);
        self.at = place.end as usize + 1;
        Some(())
    }

    /// A block scalar without an indentation of its own; a line that is less deep ends it.
    fn block_scalar(&mut self, column: usize) -> Option<usize> {
        let (start, header_end) = (self.at, self.line_end());
        let (folded, strips) = match &self.bytes[start..header_end] {
            b"|" => (false, false),
            b"|-" => (false, true),
            b">" => (true, false),
            b">-" => (true, true),
            _ => return None,
        };
        let first = header_end + 1;
        if self.byte(first) == b'\n' || self.indent(first) <= column {
            return None;
        }
        let mut block = self.block_lines(first, folded)?;
        if !strips {
            block.value.push('\n');
        }
        self.arena.decoded_string(span(start, block.end), &block.value);
        self.end_block(block.next, column)?;
        Some(block.end)
    }

    /// The lines of a block scalar from `first` on, joined.
    fn block_lines(&self, first: usize, folded: bool) -> Option<Lines> {
        let indent = self.indent(first);
        let mut lines = Lines { value: String::new(), end: first, next: first };
        let mut breaks = 0;
        while lines.next < self.bytes.len() {
            let end = lines.next + memchr(b'\n', &self.bytes[lines.next..])?;
            let line = &self.text[lines.next..end];
            if !line.is_empty() {
                let is_deep = self.indent(lines.next) >= indent;
                let Some(content) = line.get(indent..).filter(|_| is_deep) else { break };
                if content.is_empty() || content.ends_with(' ') || folded && is_deeper(content) {
                    return None;
                }
                match breaks {
                    0 => {}
                    1 if folded => lines.value.push(' '),
                    _ => lines.value.extend(iter::repeat_n('\n', breaks - usize::from(folded))),
                }
                lines.value.push_str(content);
                (breaks, lines.end) = (0, end);
            }
            breaks += 1;
            lines.next = end + 1;
        }
        Some(lines)
    }

    /// Goes on after a block scalar, which no deeper line and no comment must follow at once.
    fn end_block(&mut self, line: usize, column: usize) -> Option<()> {
        let indent = self.indent(line);
        if indent > column || matches!(self.byte(line + indent), b'#') {
            return None;
        }
        self.next_line_from(line);
        (self.is_done() || self.column <= column).then_some(())
    }

    fn indent(&self, line: usize) -> usize {
        self.bytes.get(line..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count()
    }

    /// A value that ends on its line; `flow` where it stands within brackets.
    fn node(&mut self, flow: bool, depth: usize) -> Option<usize> {
        match self.byte(self.at) {
            b'[' => self.brackets(Kind::Array, b']', depth),
            b'{' => self.brackets(Kind::Object, b'}', depth),
            b'"' => self.double_quoted(),
            b'\'' => self.single_quoted(),
            _ => self.plain(flow),
        }
    }

    fn brackets(&mut self, kind: Kind, closing: u8, depth: usize) -> Option<usize> {
        if depth > DEPTH {
            return None;
        }
        let slot = self.arena.len();
        let open = self.arena.open(kind, self.at);
        let mut entries = 0;
        self.at += 1;
        self.skip_spaces();
        while self.byte(self.at) != closing {
            if kind == Kind::Object {
                self.key()?;
                self.skip_spaces();
            }
            self.node(true, depth + 1)?;
            entries += 1;
            self.skip_spaces();
            match self.byte(self.at) {
                b',' if !self.closes_after_comma(closing) => {}
                byte if byte == closing => break,
                _ => return None,
            }
        }
        self.at += 1;
        self.arena.close(open, self.at, entries);
        (kind == Kind::Array || self.has_distinct_keys(slot)).then_some(self.at)
    }

    /// Steps over a comma, and says whether the bracket closes after it.
    fn closes_after_comma(&mut self, closing: u8) -> bool {
        self.at += 1;
        self.skip_spaces();
        self.byte(self.at) == closing
    }

    fn double_quoted(&mut self) -> Option<usize> {
        let start = self.at;
        let mut decoded = String::new();
        let mut from = start + 1;
        loop {
            let at = from + memchr3(b'"', b'\\', b'\n', &self.bytes[from..])?;
            match (self.bytes[at], self.byte(at + 1)) {
                (b'"', _) if decoded.is_empty() => return Some(self.quoted(start, at, None)),
                (b'"', _) => {
                    decoded.push_str(&self.text[from..at]);
                    return Some(self.quoted(start, at, Some(&decoded)));
                }
                (b'\\', escaped @ (b'"' | b'\\')) => {
                    decoded.push_str(&self.text[from..at]);
                    decoded.push(escaped.into());
                    from = at + 2;
                }
                _ => return None,
            }
        }
    }

    fn single_quoted(&mut self) -> Option<usize> {
        let start = self.at;
        let mut decoded = String::new();
        let mut from = start + 1;
        loop {
            let at = from + memchr2(b'\'', b'\n', &self.bytes[from..])?;
            match (self.bytes[at], self.byte(at + 1)) {
                (b'\'', b'\'') => {
                    decoded.push_str(&self.text[from..=at]);
                    from = at + 2;
                }
                (b'\'', _) if decoded.is_empty() => return Some(self.quoted(start, at, None)),
                (b'\'', _) => {
                    decoded.push_str(&self.text[from..at]);
                    return Some(self.quoted(start, at, Some(&decoded)));
                }
                _ => return None,
            }
        }
    }

    /// Adds the text between the quotes at `start` and `close`.
    fn quoted(&mut self, start: usize, close: usize, decoded: Option<&str>) -> usize {
        self.at = close + 1;
        let whole = span(start, self.at);
        match decoded {
            None => self.arena.string(whole, span(start + 1, close)),
            Some(value) => self.arena.decoded_string(whole, value),
        }
        self.at
    }

    fn plain(&mut self, flow: bool) -> Option<usize> {
        let length = if flow { self.length_in_brackets() } else { self.length_in_line() }?;
        let text = self.text.get(self.at..self.at + length)?.trim_end_matches(' ');
        if !begins_plain(text.as_bytes()) {
            return None;
        }
        self.add(text, span(self.at, self.at + text.len()))?;
        self.at += text.len();
        Some(self.at)
    }

    /// The length of a plain scalar up to the end of the line or a comment.
    fn length_in_line(&self) -> Option<usize> {
        let line = &self.bytes[self.at..self.line_end()];
        let comment = memchr_iter(b'#', line).find(|&at| at > 0 && line[at - 1] == b' ');
        let line = &line[..comment.unwrap_or(line.len())];
        let is_key = |at: usize| matches!(line.get(at + 1), None | Some(b' '));
        (!memchr_iter(b':', line).any(is_key)).then_some(line.len())
    }

    /// The length of a plain scalar up to a comma or the bracket that closes.
    fn length_in_brackets(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        let ends = |at: usize| match rest[at] {
            b',' | b']' | b'}' | b'[' | b'{' | b'\n' => true,
            b':' => rest.get(at + 1).is_none_or(|next| b" ,]}[{\n".contains(next)),
            b'#' => at > 0 && rest[at - 1] == b' ',
            _ => false,
        };
        let length = (0..rest.len()).find(|&at| ends(at))?;
        matches!(rest[length], b',' | b']' | b'}').then_some(length)
    }

    fn add(&mut self, text: &str, span: Span) -> Option<()> {
        // Words that mean something else than their text are short, and numbers begin otherwise.
        if text.len() > 5 && text.as_bytes()[0].is_ascii_alphabetic() {
            self.arena.string(span, span);
            return Some(());
        }
        if ambiguity(text, false, span).is_some() {
            return None;
        }
        match plain(text) {
            Meaning::Null => self.arena.null(span),
            Meaning::Boolean(value) => self.arena.boolean(span, value),
            Meaning::Number(json) if json == text => self.arena.number(span),
            Meaning::Number(json) => self.arena.decoded_number(span, &json),
            Meaning::String => self.arena.string(span, span),
            Meaning::Lossy(_) => return None,
        }
        Some(())
    }
}

/// Whether a line of a folded scalar is not folded.
fn is_deeper(content: &str) -> bool {
    content.starts_with(' ')
}

fn span(start: usize, end: usize) -> Span {
    Span::new(start as u64, end as u64)
}

/// Whether the text can only be a plain scalar, told from how it begins.
fn begins_plain(text: &[u8]) -> bool {
    match text {
        [b'-', second, ..] => second.is_ascii_alphanumeric(),
        [first, ..] => {
            first.is_ascii_alphanumeric() || *first >= 0x80 || b"_(/.$+<=^~;\\".contains(first)
        }
        [] => false,
    }
}
