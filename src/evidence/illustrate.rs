//! Fills in the source lines that findings show, after everything is judged.
//!
//! The verdict never depends on this second look: it only reads the bytes around places that are
//! already known.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use super::Store;
use crate::document::{Compression, Limits, decompressing};
use crate::model::{Excerpt, Finding, Label, Span};

const LIMITS: Limits = Limits { max_output: 4 << 30, max_ratio: 2_000 };
/// Bytes looked at on either side of a place.
const AROUND: u64 = 2_000;
/// Places that get their lines; the rest show file, line and column.
const MOST: usize = 10_000;

/// Gives the labels of `findings` their excerpts. A file that cannot be read again leaves them
/// without.
pub fn illustrate(findings: &mut [Finding], store: &dyn Store) {
    let labels = findings.iter_mut().flat_map(|finding| &mut finding.evidence);
    let mut of: BTreeMap<String, Vec<&mut Label>> = BTreeMap::new();
    for label in labels.filter(|label| label.excerpt.is_none()).take(MOST) {
        if label.place.span.end > 0 && !label.place.path.contains(':') {
            of.entry(label.place.path.clone()).or_default().push(label);
        }
    }
    for (path, mut labels) in of {
        labels.sort_by_key(|label| label.place.span);
        let _ = in_file(&path, &mut labels, store);
    }
}

/// Reads the file once, from place to place; `labels` are in its order.
fn in_file(path: &str, labels: &mut [&mut Label], store: &dyn Store) -> io::Result<()> {
    let file = store.open(path)?;
    let compression = Compression::of(Path::new(path));
    let mut reader = decompressing(file, compression, LIMITS);
    let mut window = Window { start: 0, bytes: Vec::new() };
    for label in labels {
        let Span { start, end } = label.place.span;
        let from = start.saturating_sub(AROUND);
        window.move_to(from, start + (end - start).min(AROUND) + AROUND, &mut reader)?;
        label.excerpt = Some(window.around(label));
    }
    Ok(())
}

/// The part of a file that is in memory.
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Lets go of what lies before `from`, and reads on up to `to` or the end of the file.
    fn move_to(&mut self, from: u64, to: u64, reader: &mut impl Read) -> io::Result<()> {
        let end = self.start + self.bytes.len() as u64;
        if from >= end {
            io::copy(&mut reader.take(from - end), &mut io::sink())?;
            *self = Self { start: from, bytes: Vec::new() };
        } else if from > self.start {
            self.bytes.drain(..(from - self.start) as usize);
            self.start = from;
        }
        let end = self.start + self.bytes.len() as u64;
        reader.take(to.saturating_sub(end)).read_to_end(&mut self.bytes)?;
        Ok(())
    }

    fn around(&self, label: &Label) -> Excerpt {
        let span = label.place.span;
        // The first bytes may be the rest of a character.
        let is_rest = |byte: &&u8| self.start > 0 && **byte & 0xc0 == 0x80;
        let broken = self.bytes.iter().take(4).take_while(is_rest).count();
        let text = String::from_utf8_lossy(&self.bytes[broken..]);
        let base = self.start + broken as u64;
        let mark = Span::new(span.start.saturating_sub(base), span.end.saturating_sub(base));
        crop(&text, mark, label.place.start.line, label.place.start.column)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::model::{Code, LineColumn, Place, Severity, Subject};

    fn finding(path: &str, text: &str, needle: &str) -> Finding {
        let at = text.find(needle).unwrap() as u64;
        let span = Span::new(at, at + needle.len() as u64);
        let place = Place::in_part(path, text, span, 0, LineColumn::FIRST);
        Finding {
            code: Code::ConditionFailed,
            severity: Severity::Error,
            control: None,
            requirement: None,
            check: None,
            message: String::new(),
            help: String::new(),
            subject: Subject::Requirement,
            evidence: vec![Label::new(place, "")],
            rule: None,
            excepted_by: None,
        }
    }

    #[test]
    fn every_place_of_a_long_file_shows_its_own_line_in_whatever_order_they_come() {
        let text: String =
            (0..40_000).map(|row| format!("{{\"row\": \"{row:05} é\"}}\n")).collect();
        let rows = [39_999, 3, 3, 20_000, 4, 0];
        let needle = |row: usize| format!("\"{row:05} é\"");
        let mut findings: Vec<Finding> =
            rows.iter().map(|row| finding("evidence/rows.jsonl", &text, &needle(*row))).collect();
        let files = [("evidence/rows.jsonl".to_owned(), text.clone().into_bytes())];
        illustrate(&mut findings, &Memory::new(files.into_iter().collect()));
        for (row, finding) in rows.iter().zip(&findings) {
            let excerpt = finding.evidence[0].excerpt.as_ref().unwrap();
            assert_eq!(excerpt.text, format!("{{\"row\": {}}}", needle(*row)));
            assert_eq!(excerpt.text[excerpt.mark.0..excerpt.mark.1], needle(*row));
        }
    }
}
