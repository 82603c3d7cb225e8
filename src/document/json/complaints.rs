//! The faults that end a reading, worded for the person who wrote the file.

use super::super::fault::{Fault, FaultKind, excerpt};
use super::{MAX_DEPTH, Reader, span};

type Complaint = Box<Fault>;

/// How many bytes of what stands in the way are shown.
const MAX_FOUND: usize = 60;

impl Reader<'_> {
    pub(super) fn nothing(&self) -> Complaint {
        let message = "there is no JSON value here, only white space or nothing at all";
        Box::new(Fault::new(FaultKind::Empty, span(0, self.bytes.len()), message))
    }

    pub(super) fn trailing(&self) -> Complaint {
        let found = self.found();
        if found == "/" {
            return self.no_comments();
        }
        self.here(format!("`{found}` after the end of the value: a JSON text holds one value"))
    }

    pub(super) fn no_value(&self) -> Complaint {
        let found = self.found();
        self.here(match found.as_bytes() {
            [] => return self.truncated(),
            word if self.begins_a_word(word) => return self.truncated(),
            b"/" => return self.no_comments(),
            b"\'" => "a string stands in double quotes, not single ones".to_owned(),
            b"," => "a value is missing before this comma".to_owned(),
            b"}" | b"]" => format!("a value is missing before this `{found}`"),
            b"\xef\xbb\xbf" => "a byte order mark in the middle of a text".to_owned(),
            [b'+', ..] => format!("`{found}` is not a JSON number: no plus sign"),
            [b'.', ..] => format!("`{found}` is not a JSON number: a digit before the point"),
            b"NaN" | b"Infinity" => format!("JSON has no `{found}`: write null or a string"),
            b"True" | b"TRUE" | b"False" | b"FALSE" | b"None" | b"NULL" | b"Null" => {
                format!("`{found}` is not a JSON value: write true, false or null in lower case")
            }
            [first, ..] if first.is_ascii_alphabetic() => {
                format!("`{found}` is not a JSON value: a string stands in double quotes")
            }
            _ => format!("`{found}` is not the beginning of a JSON value"),
        })
    }

    pub(super) fn no_key(&self) -> Complaint {
        match self.found() {
            "" => self.truncated(),
            "/" => self.no_comments(),
            found => {
                self.here(format!("`{found}` where a key is due: keys stand in double quotes"))
            }
        }
    }

    pub(super) fn no_colon(&self, key: usize) -> Complaint {
        match self.found() {
            "" => self.truncated(),
            "/" => self.no_comments(),
            found => {
                let fault = self.here(format!("`{found}` where the colon after a key is due"));
                match self.arena.node(self.text, key) {
                    Some(key) => Box::new(fault.with_related(key.span(), "the key")),
                    None => fault,
                }
            }
        }
    }

    pub(super) fn no_comma(&self, close: u8) -> Complaint {
        match self.found() {
            "" => self.truncated(),
            "/" => self.no_comments(),
            found => {
                let close = char::from(close);
                self.here(format!("`{found}` where a comma or `{close}` is due"))
            }
        }
    }

    pub(super) fn trailing_comma(&self, comma: usize, close: u8) -> Complaint {
        let close = char::from(close);
        let message = format!("a comma before `{close}`: JSON has no trailing commas");
        Box::new(Fault::new(FaultKind::Syntax, span(comma, comma + 1), message))
    }

    /// The number at `start`, which was read up to `self.at`, is none.
    pub(super) fn no_number(&self, start: usize) -> Complaint {
        let length = word_length(&self.text[start..]);
        let literal = excerpt(&self.text[start..start + length]);
        let digits = literal.trim_start_matches('-');
        let message = if start + length == self.bytes.len() && self.at == self.bytes.len() {
            match digits.strip_prefix('0').and_then(|rest| rest.bytes().next()) {
                Some(b'0'..=b'9') => format!("`{literal}` is not a JSON number: no leading zeros"),
                _ => format!("the text ends in the number `{literal}`: a digit is missing"),
            }
        } else if digits.starts_with("Inf") {
            format!("JSON has no `{literal}`: write null or a string")
        } else if digits.starts_with('0')
            && !digits.starts_with("0.")
            && self.bytes[self.at - 1].is_ascii_digit()
        {
            format!("`{literal}` is not a JSON number: no leading zeros")
        } else {
            format!("`{literal}` is not a JSON number: a digit is missing")
        };
        Box::new(Fault::new(FaultKind::Syntax, span(start, start + length), message))
    }

    pub(super) fn too_deep(&self) -> Complaint {
        let message = format!("nested more than {MAX_DEPTH} levels deep");
        Box::new(Fault::new(FaultKind::Limit, span(self.at, self.at + 1), message))
    }

    /// The string that opens at `open` stops at `self.at`.
    pub(super) fn broken_string(&self, open: usize) -> Complaint {
        let quote = span(open, open + 1);
        let fault = match self.bytes.get(self.at) {
            None => {
                let message = "the text ends in a string: the closing quote is missing";
                Fault::new(FaultKind::Syntax, span(self.at, self.at), message)
            }
            Some(b'\n' | b'\r') => {
                let message = "a line break in a string: write `\\n`, or close the quote before it";
                Fault::new(FaultKind::Syntax, span(self.at, self.at + 1), message)
            }
            Some(byte) => {
                let message = format!("a raw control character in a string: write `\\u{byte:04x}`");
                Fault::new(FaultKind::Syntax, span(self.at, self.at + 1), message)
            }
        };
        Box::new(fault.with_related(quote, "the string begins here"))
    }

    pub(super) fn no_escape(&self, backslash: usize) -> Complaint {
        let letter = self.text[backslash + 1..].chars().next().unwrap_or_default();
        let end = backslash + 1 + letter.len_utf8();
        let shown = if letter.is_control() { '?' } else { letter };
        let message =
            format!("`\\{shown}` is not a JSON escape; a backslash itself is written `\\\\`");
        Box::new(Fault::new(FaultKind::Syntax, span(backslash, end), message))
    }

    pub(super) fn no_code_unit(&self, backslash: usize) -> Complaint {
        let message = "`\\u` needs four hexadecimal digits";
        Box::new(Fault::new(FaultKind::Syntax, span(backslash, self.at), message))
    }

    pub(super) fn open_comment(&self) -> Complaint {
        let end = self.bytes.len();
        let message = "the text ends in a comment: `*/` is missing";
        Box::new(
            Fault::new(FaultKind::Syntax, span(end, end), message)
                .with_related(span(self.at, self.at + 2), "the comment begins here"),
        )
    }

    fn no_comments(&self) -> Complaint {
        let rest = &self.text[self.at..];
        if !self.options.comments && (rest.starts_with("//") || rest.starts_with("/*")) {
            let message = "JSON has no comments";
            return Box::new(Fault::new(FaultKind::Syntax, span(self.at, self.at + 2), message));
        }
        self.here("`/` is not JSON".to_owned())
    }

    fn truncated(&self) -> Complaint {
        let end = span(self.bytes.len(), self.bytes.len());
        let Some(open) = self.inside else {
            return Box::new(Fault::new(FaultKind::Syntax, end, "the text ends before its value"));
        };
        let (what, close) = match self.bytes.get(open) {
            Some(b'{') => ("object", '}'),
            _ => ("array", ']'),
        };
        let message = format!("the text ends inside an {what}: `{close}` is missing");
        Box::new(
            Fault::new(FaultKind::Syntax, end, message)
                .with_related(span(open, open + 1), format!("the {what} begins here")),
        )
    }

    /// A fault of syntax at the word or character that is next.
    fn here(&self, message: String) -> Complaint {
        let end = self.at + self.found().len();
        Box::new(Fault::new(FaultKind::Syntax, span(self.at, end), message))
    }

    /// The word that is next, or the one character; empty at the end.
    fn found(&self) -> &str {
        let rest = &self.text[self.at..];
        let length = match word_length(rest) {
            0 => rest.chars().next().map_or(0, char::len_utf8),
            length => length,
        };
        let mut end = length.min(MAX_FOUND);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        &rest[..end]
    }

    /// Whether the text ends in `word`, the beginning of `true`, `false` or `null`.
    fn begins_a_word(&self, word: &[u8]) -> bool {
        self.at + word.len() == self.bytes.len()
            && ["true", "false", "null"]
                .iter()
                .any(|whole| whole.len() > word.len() && whole.as_bytes().starts_with(word))
    }
}

fn word_length(text: &str) -> usize {
    text.bytes()
        .position(|byte| !byte.is_ascii_alphanumeric() && !b"+-._".contains(&byte))
        .unwrap_or(text.len())
}
