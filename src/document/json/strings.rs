//! Strings: borrowed from the text where it spells them out, decoded where it escapes.

use super::super::fault::{Fault, FaultKind};
use super::{Reader, Step, span};

impl Reader<'_> {
    /// Reads the string whose opening quote is next.
    #[inline]
    pub(super) fn string(&mut self) -> Step {
        let open = self.at;
        let stop = plain_until(self.bytes, open + 1);
        self.at = stop;
        match self.bytes.get(stop) {
            Some(b'"') => {
                self.at += 1;
                self.arena.string(span(open, self.at), span(open + 1, stop));
                Ok(())
            }
            Some(b'\\') => self.escaped_string(open),
            _ => Err(self.broken_string(open)),
        }
    }

    /// Reads on in a string from its first escape.
    fn escaped_string(&mut self, open: usize) -> Step {
        self.unescaped.clear();
        self.unescaped.push_str(&self.text[open + 1..self.at]);
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') => {
                    let decoded = self.escape(open)?;
                    self.unescaped.push(decoded);
                }
                Some(b'"') => break,
                _ => return Err(self.broken_string(open)),
            }
            let plain = self.at;
            self.at = plain_until(self.bytes, plain);
            self.unescaped.push_str(&self.text[plain..self.at]);
        }
        self.at += 1;
        self.arena.decoded_string(span(open, self.at), &self.unescaped);
        Ok(())
    }

    /// Decodes the escape whose backslash is next.
    fn escape(&mut self, open: usize) -> Result<char, Box<Fault>> {
        let start = self.at;
        let Some(&letter) = self.bytes.get(start + 1) else {
            self.at = self.bytes.len();
            return Err(self.broken_string(open));
        };
        self.at += 2;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at = start;
                self.unicode_escape(open)?
            }
            _ => return Err(self.no_escape(start)),
        })
    }

    /// Decodes `\uXXXX`, or the two of a surrogate pair. A lone surrogate is told and replaced.
    fn unicode_escape(&mut self, open: usize) -> Result<char, Box<Fault>> {
        let start = self.at;
        let first = self.code_unit(open)?;
        if matches!(first, 0xD800..0xDC00) && self.bytes[self.at..].starts_with(b"\\u") {
            let after_first = self.at;
            let second = self.code_unit(open)?;
            if let Some(Ok(pair)) = char::decode_utf16([first, second]).next() {
                return Ok(pair);
            }
            // The second escape may stand for itself, or begin a pair of its own.
            self.at = after_first;
        }
        Ok(char::from_u32(u32::from(first)).unwrap_or_else(|| {
            let message = format!("`\\u{first:04x}` is half of a surrogate pair: no character");
            let place = span(start, self.at);
            self.tell(Fault::new(FaultKind::Encoding, place, message));
            char::REPLACEMENT_CHARACTER
        }))
    }

    /// The four digits after the `\u` that is next.
    fn code_unit(&mut self, open: usize) -> Result<u16, Box<Fault>> {
        let start = self.at;
        self.at += 2;
        let mut unit = 0;
        for _ in 0..4 {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(self.broken_string(open));
            };
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.no_code_unit(start));
            };
            unit = unit << 4 | digit as u16;
            self.at += 1;
        }
        Ok(unit)
    }
}

/// The first byte from `at` that is a quote, a backslash or a control character, or the end.
#[inline]
fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    // Eight bytes a step: a byte below its bound borrows into its top bit. A borrow can only set
    // bits above the first true match, so the lowest one is right.
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = zero_bytes(word ^ (ONES * u64::from(b'"')));
        let backslash = zero_bytes(word ^ (ONES * u64::from(b'\\')));
        let found = (control | quote | backslash) & TOPS;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes
        .get(at..)
        .map_or(bytes.len(), |rest| at + rest.iter().position(special).unwrap_or(rest.len()))
}
