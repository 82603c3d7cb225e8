//! From bytes to text: UTF-8 with at most one byte order mark, and nothing else.

use std::str::Utf8Error;

use super::fault::{Fault, FaultKind};
use crate::model::{LineColumn, Place, Span};

/// The byte order mark in UTF-8.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The text of a file, without the byte order mark it may begin with.
///
/// The mark is no part of the text, so that every reader begins at the text's first byte and a
/// column on the first line is what an editor shows. Spans of readers count in the text;
/// [`Decoded::place`] and [`Decoded::in_file`] give them as bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without the mark.
    pub text: String,
    /// The byte of the file at which the text begins: 0, or 3 after a mark.
    pub base: u64,
}

impl Decoded {
    /// A span of the text in bytes of the file.
    #[must_use]
    pub fn in_file(&self, span: Span) -> Span {
        span.offset(self.base)
    }

    /// The place of a span of the text in the file at `path`.
    #[must_use]
    pub fn place(&self, path: impl Into<String>, span: Span) -> Place {
        Place::in_part(path, &self.text, span, self.base, LineColumn::FIRST)
    }
}

/// Decodes the bytes of a whole file; a byte order mark at its beginning is taken off.
///
/// # Errors
///
/// A fault of [`FaultKind::Encoding`] at the first byte that is wrong, counted in the file: UTF-16
/// or UTF-32, bytes that are not UTF-8, a NUL, or a second byte order mark.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, Fault> {
    decode_or_return(bytes).map_err(|(fault, _)| fault)
}

/// As [`decode`], with the bytes themselves where they are no text.
pub(crate) fn decode_or_return(bytes: Vec<u8>) -> Result<Decoded, (Fault, Vec<u8>)> {
    let base = match check_start(&bytes) {
        Ok(base) => base,
        Err(fault) => return Err((fault, bytes)),
    };
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let fault = not_utf8(&error.utf8_error(), error.as_bytes());
        (fault, error.into_bytes())
    })?;
    if let Err(fault) = no_nul(text.as_bytes()) {
        return Err((fault, text.into_bytes()));
    }
    text.drain(..base);
    let base = base as u64;
    Ok(Decoded { text, base })
}

/// How many bytes of a byte order mark a file that begins with `bytes` has: 0 or 3.
///
/// Refuses UTF-16 and UTF-32, with a mark or by the pattern of their zeros, and a second mark.
pub(super) fn check_start(bytes: &[u8]) -> Result<usize, Fault> {
    let foreign = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some(("UTF-32", 4)),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(("UTF-16", 2)),
        [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => Some(("UTF-32", 4)),
        [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => Some(("UTF-16", 2)),
        _ => None,
    };
    if let Some((name, length)) = foreign {
        let message = format!("the file is {name}: save it as UTF-8");
        return Err(fault(0, length, message));
    }
    match bytes.strip_prefix(BOM) {
        None => Ok(0),
        Some(rest) if rest.starts_with(BOM) => {
            Err(fault(3, 6, "a second byte order mark: one is enough"))
        }
        Some(_) => Ok(BOM.len()),
    }
}

/// The text of `bytes`, which may be a part of a file; spans count from its first byte.
pub(super) fn check(bytes: &[u8]) -> Result<&str, Fault> {
    let text = str::from_utf8(bytes).map_err(|error| not_utf8(&error, bytes))?;
    no_nul(bytes)?;
    Ok(text)
}

fn not_utf8(error: &Utf8Error, bytes: &[u8]) -> Fault {
    let at = error.valid_up_to();
    if let Err(nul) = no_nul(&bytes[..at]) {
        return nul;
    }
    let length = error.error_len().unwrap_or(bytes.len() - at);
    let byte = bytes.get(at).copied().unwrap_or_default();
    let message = format!("byte 0x{byte:02X} is not UTF-8: save the file as UTF-8");
    fault(at as u64, (at + length) as u64, message)
}

fn no_nul(bytes: &[u8]) -> Result<(), Fault> {
    let Some(nul) = memchr::memchr(0, bytes) else {
        return Ok(());
    };
    let message = "a NUL byte: this is not a text file, or a damaged one";
    Err(fault(nul as u64, nul as u64 + 1, message))
}

fn fault(start: u64, end: u64, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Encoding, Span::new(start, end), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> (Span, String) {
        let fault = decode(bytes.to_vec()).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Encoding);
        (fault.span, fault.message)
    }

    #[test]
    fn text_is_kept_as_it_is() {
        for text in ["", "a", "{\"\u{e9}\": \"\u{1f600}\u{feff}\"}\r\n"] {
            let decoded = decode(text.as_bytes().to_vec()).unwrap();
            assert_eq!((decoded.text.as_str(), decoded.base), (text, 0));
        }
    }

    #[test]
    fn one_mark_is_taken_off_and_places_still_count_it() {
        let decoded = decode("\u{feff}ab\nc".as_bytes().to_vec()).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.base), ("ab\nc", 3));
        assert_eq!(decoded.in_file(Span::new(1, 2)), Span::new(4, 5));
        let place = decoded.place("f", Span::new(1, 2));
        assert_eq!(place.span, Span::new(4, 5));
        assert_eq!(place.start, LineColumn { line: 1, column: 2 });
        assert_eq!(decode(BOM.to_vec()).unwrap().text, "");
    }

    #[test]
    fn a_second_mark_is_refused() {
        assert_eq!(refused("\u{feff}\u{feff}{}".as_bytes()).0, Span::new(3, 6));
    }

    #[test]
    fn other_unicode_encodings_are_named() {
        let utf16 = "the file is UTF-16: save it as UTF-8";
        let utf32 = "the file is UTF-32: save it as UTF-8";
        for (bytes, message) in [
            (&b"\xff\xfe{\0}\0"[..], utf16),
            (b"\xfe\xff\0{\0}", utf16),
            (b"{\0}\0", utf16),
            (b"\0{\0}", utf16),
            (b"\xff\xfe\0\0{\0\0\0", utf32),
            (b"\0\0\xfe\xff\0\0\0{", utf32),
            (b"{\0\0\0", utf32),
            (b"\0\0\0{", utf32),
        ] {
            let (span, told) = refused(bytes);
            assert_eq!((span.start, told.as_str()), (0, message), "{bytes:?}");
        }
    }

    #[test]
    fn the_first_bad_byte_is_pointed_at() {
        assert_eq!(
            refused(b"caf\xe9 \xff"),
            (Span::new(3, 4), "byte 0xE9 is not UTF-8: save the file as UTF-8".to_owned())
        );
        // Cut in the middle of a character.
        assert_eq!(refused(b"ab\xf0\x9f\x98").0, Span::new(2, 5));
        // A surrogate, and an overlong slash.
        assert_eq!(refused(b"ab\xed\xa0\x80").0, Span::new(2, 3));
        assert_eq!(refused(b"\xc0\xaf").0, Span::new(0, 1));
        // A mark before it is counted.
        assert_eq!(refused(b"\xef\xbb\xbfa\xff").0, Span::new(4, 5));
    }

    #[test]
    fn a_nul_is_pointed_at() {
        assert_eq!(refused(b"abc\0def\xff").0, Span::new(3, 4));
        assert_eq!(refused(b"abc\xff\0").0, Span::new(3, 4));
    }
}
