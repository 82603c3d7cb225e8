//! Fills in the source lines that findings show, after everything is judged.
//!
//! The verdict never depends on this second look: it only reads the bytes around places that are
//! already known.

use std::io::{self, Read};
use std::path::Path;

use super::Store;
use crate::document::{Compression, Limits, decompressing};
use crate::model::{Excerpt, Finding, Label, Span};

const LIMITS: Limits = Limits { max_output: 4 << 30, max_ratio: 2_000 };
/// Bytes looked at on either side of a place.
const AROUND: u64 = 2_000;
/// Findings that get their lines; the rest show file, line and column.
const MOST: usize = 500;

/// Gives the labels of `findings` their excerpts. A file that cannot be read again leaves them
/// without.
pub fn illustrate(findings: &mut [Finding], store: &dyn Store) {
    let labels = findings.iter_mut().flat_map(|finding| &mut finding.evidence);
    for label in labels.filter(|label| label.excerpt.is_none()).take(MOST) {
        let place = &label.place;
        if place.span.end > 0 && !place.path.contains(':') {
            label.excerpt = around(label, store).ok().flatten();
        }
    }
}

fn around(label: &Label, store: &dyn Store) -> io::Result<Option<Excerpt>> {
    let span = label.place.span;
    let file = store.open(&label.place.path)?;
    let compression = Compression::of(Path::new(&label.place.path));
    let mut reader = decompressing(file, compression, LIMITS);
    let skip = span.start.saturating_sub(AROUND);
    io::copy(&mut reader.by_ref().take(skip), &mut io::sink())?;
    let mut bytes = Vec::new();
    reader
        .take(span.start - skip + (span.end - span.start).min(AROUND) + AROUND)
        .read_to_end(&mut bytes)?;
    // The first bytes may be the rest of a character.
    let broken = bytes.iter().take(4).take_while(|byte| skip > 0 && **byte & 0xc0 == 0x80).count();
    let text = String::from_utf8_lossy(&bytes[broken..]);
    let base = skip + broken as u64;
    let mark = Span::new(span.start - base.min(span.start), span.end.saturating_sub(base));
    Ok(Some(crop(&text, mark, label.place.start.line, label.place.start.column)))
}

const WIDTH: usize = 160;

fn crop(text: &str, span: Span, line: u64, column: u64) -> Excerpt {
    let floor = |at: usize| {
        (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    let start = floor(span.start as usize);
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let to_mark = floor(span.end as usize).clamp(start, end);
    let from = if end - begin <= WIDTH {
        begin
    } else {
        floor(start.saturating_sub(WIDTH / 3)).max(begin)
    };
    let to = floor(from + WIDTH.max(to_mark.min(from + 2 * WIDTH) - from)).min(end);
    let before = text[from..start].chars().count() as u64;
    Excerpt {
        text: text[from..to].to_owned(),
        first_line: line,
        first_column: column.saturating_sub(before).max(1),
        mark: (start - from, to_mark.min(to) - from),
    }
}
