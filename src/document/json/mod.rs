//! The JSON reader: RFC 8259 to the letter, values and their places into an [`Arena`].
//!
//! It accepts and rejects what `serde_json` does, and also reports what that lets pass: keys that
//! stand twice in an object and numbers that do not survive.

mod complaints;
mod keys;
mod strings;
#[cfg(test)]
mod tests;

use self::keys::Keys;
use super::arena::{Arena, Kind};
use super::fault::{Fault, FaultKind};
use super::number;
use crate::model::Span;

/// How deep containers may nest: the limit of `serde_json`.
const MAX_DEPTH: usize = 127;

/// How many faults are collected before further ones go untold.
const MAX_FAULTS: usize = 100;

/// What the reader accepts beyond RFC 8259.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonOptions {
    /// `// …` and `/* … */` count as white space. Nothing else changes: trailing commas stay
    /// faults.
    pub comments: bool,
}

/// Reads the one JSON value of `text` into `arena`, which is cleared first.
///
/// Spans are byte offsets in `text`, which may be a line of a larger file. The value was read
/// faithfully only when no fault comes back. Duplicate keys, lossy numbers and lone surrogates are
/// all collected (up to a hundred) in the order of the text; a fault of syntax ends the reading,
/// stands last and leaves the arena empty.
#[must_use = "a document with faults is unread"]
pub fn read_json(text: &str, arena: &mut Arena, options: JsonOptions) -> Vec<Fault> {
    arena.clear();
    if u32::try_from(text.len()).is_err() {
        let message = "a JSON text may hold at most 4 GiB; split it, or use JSON lines";
        return vec![Fault::new(FaultKind::Limit, Span::default(), message)];
    }
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        inside: None,
        arena,
        options,
        faults: Vec::new(),
        unescaped: String::new(),
    };
    let stopped = reader.document().err();
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| fault.span);
    if let Some(fault) = stopped {
        // Half a document must never be taken for a whole one.
        arena.clear();
        faults.push(*fault);
    }
    faults
}

/// What reading a part returns: the fault that ends the reading, boxed to keep the good path light.
type Step = Result<(), Box<Fault>>;

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where the innermost open container begins.
    inside: Option<usize>,
    arena: &'t mut Arena,
    options: JsonOptions,
    faults: Vec<Fault>,
    /// The string being decoded, kept for its memory.
    unescaped: String,
}

impl Reader<'_> {
    fn document(&mut self) -> Step {
        self.space()?;
        if self.at == self.bytes.len() {
            return Err(self.nothing());
        }
        self.value(0)?;
        self.space()?;
        if self.at < self.bytes.len() {
            return Err(self.trailing());
        }
        Ok(())
    }

    #[inline]
    fn value(&mut self, depth: usize) -> Step {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.container(Kind::Object, depth),
            Some(b'[') => self.container(Kind::Array, depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", |arena, span| arena.boolean(span, true)),
            Some(b'f') => self.word("false", |arena, span| arena.boolean(span, false)),
            Some(b'n') => self.word("null", Arena::null),
            _ => Err(self.no_value()),
        }
    }

    fn container(&mut self, kind: Kind, depth: usize) -> Step {
        if depth == MAX_DEPTH {
            return Err(self.too_deep());
        }
        let start = self.at;
        let open = self.arena.open(kind, start);
        let outer = self.inside.replace(start);
        self.at += 1;
        self.space()?;
        let entries =
            if kind == Kind::Object { self.members(depth)? } else { self.elements(depth)? };
        self.inside = outer;
        self.arena.close(open, self.at, entries);
        Ok(())
    }

    fn elements(&mut self, depth: usize) -> Result<usize, Box<Fault>> {
        if self.took(b']') {
            return Ok(0);
        }
        let mut entries = 0;
        loop {
            self.value(depth + 1)?;
            entries += 1;
            if !self.another(b']')? {
                return Ok(entries);
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<usize, Box<Fault>> {
        if self.took(b'}') {
            return Ok(0);
        }
        let object = self.arena.len() - 1;
        let mut keys = Keys::default();
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.no_key());
            }
            let slot = self.arena.len();
            self.string()?;
            keys.push(self.arena, self.text, slot);
            self.space()?;
            if !self.took(b':') {
                return Err(self.no_colon(slot));
            }
            self.space()?;
            self.value(depth + 1)?;
            if !self.another(b'}')? {
                break;
            }
        }
        keys.report(self.arena, self.text, object, &mut self.faults);
        Ok(keys.len())
    }

    /// Whether a comma leads to another entry; otherwise `close` was there, and both are passed.
    #[inline]
    fn another(&mut self, close: u8) -> Result<bool, Box<Fault>> {
        self.space()?;
        match self.peek() {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.space()?;
                if self.peek() == Some(close) {
                    return Err(self.trailing_comma(comma, close));
                }
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.no_comma(close)),
        }
    }

    fn word(&mut self, word: &str, add: impl FnOnce(&mut Arena, Span)) -> Step {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.no_value());
        }
        let start = self.at;
        self.at += word.len();
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            self.at = start;
            return Err(self.no_value());
        }
        add(self.arena, span(start, self.at));
        Ok(())
    }

    fn number(&mut self) -> Step {
        let start = self.at;
        let mut plain = true;
        self.at += usize::from(self.peek() == Some(b'-'));
        let whole = self.at;
        let count = self.digits();
        if count == 0 || (count > 1 && self.bytes[whole] == b'0') {
            return Err(self.no_number(start));
        }
        if self.took(b'.') {
            plain = false;
            if self.digits() == 0 {
                return Err(self.no_number(start));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            plain = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(self.no_number(start));
            }
        }
        let span = span(start, self.at);
        // Eighteen digits fit 64 bits.
        if (!plain || count > 18)
            && let Some(reason) = number::lossy(&self.text[start..self.at])
        {
            self.tell(Fault::new(FaultKind::LossyNumber, span, reason));
        }
        self.arena.number(span);
        Ok(())
    }

    /// Passes digits and counts them.
    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    /// Passes white space, and comments where they are allowed.
    #[inline(always)]
    fn space(&mut self) -> Step {
        match self.peek() {
            Some(byte) if byte > b' ' && byte != b'/' => Ok(()),
            _ => self.some_space(),
        }
    }

    fn some_space(&mut self) -> Step {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
                self.at += 1;
            }
            if self.peek() != Some(b'/') || !self.options.comments {
                return Ok(());
            }
            self.comment()?;
        }
    }

    fn comment(&mut self) -> Step {
        let rest = &self.text[self.at..];
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let Some(length) = comment.find("*/") else {
                return Err(self.open_comment());
            };
            self.at += length + 4;
        } else {
            return Err(self.no_value());
        }
        Ok(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn took(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn tell(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }
}

#[inline]
fn span(start: usize, end: usize) -> Span {
    Span::new(start as u64, end as u64)
}
