//! CSV rows as objects, streamed: one row is held at a time, with its place in the file.
//!
//! [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) with a header; lines end in LF or CRLF; a
//! line with nothing on it is skipped; a byte order mark is stepped over.

mod records;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use self::records::{Cell, Flaw, LONGEST, Record, Records};
use super::{Arena, Fault, FaultKind, Kind, literal, reading};
use crate::model::{LineColumn, Span};

/// How the cells of a column are read. What does not have the form of its type stays a string, for
/// the schema to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellType {
    /// A string. An empty cell is absent unless it is quoted.
    Text,
    /// A number in JSON syntax that the schema wants whole. An empty cell is absent.
    Integer,
    /// A number in JSON syntax. An empty cell is absent.
    Number,
    /// `true` or `false`. An empty cell is absent.
    Boolean,
    /// Strings separated by `;`, blanks around them left off. An empty cell is absent.
    List,
}

/// The header of a CSV file, or a row: its text, where that lies in the file, and what is wrong
/// with it.
///
/// Spans, of the values in the arena and of the faults, count from the beginning of `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct CsvRow<Text> {
    /// The source, without the end of its last line.
    pub text: Text,
    /// The byte of the file at which `text` begins.
    pub base: u64,
    /// The line of the file at which `text` begins.
    pub first: LineColumn,
    /// The faults. When there is one the arena is empty.
    pub faults: Vec<Fault>,
}

/// Reads the rows of a CSV file.
pub struct CsvReader<R> {
    records: Records<R>,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    /// Where the header names it.
    span: Span,
    /// `None` in raw mode.
    kind: Option<CellType>,
}

impl<R: Read> CsvReader<R> {
    /// Reads the header of `source` and returns it with a reader of the rows; after a header with
    /// a fault there are none.
    ///
    /// Cells are separated by `delimiter`, an ASCII character; `None` means a comma, or a semicolon
    /// when the header has semicolons and no comma. `types` tells how to read columns by their
    /// name; a column it does not name is [`CellType::Text`]. Without `types` the reader is raw:
    /// every cell is a string, and an empty cell is an empty string.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    pub fn begin(
        source: R,
        delimiter: Option<u8>,
        types: Option<&BTreeMap<String, CellType>>,
    ) -> io::Result<(Self, CsvRow<String>)> {
        let mut records = Records::new(source);
        records.begin(delimiter)?;
        let Some(record) = records.next()? else {
            let message = "there is no header: the file holds no line of text";
            let header = CsvRow {
                text: String::new(),
                base: 0,
                first: LineColumn::FIRST,
                faults: vec![Fault::new(FaultKind::Empty, Span::default(), message)],
            };
            let columns = Vec::new();
            return Ok((Self { records, columns }, header));
        };
        let mut row = row(&records, record);
        let cells = &records.cells;
        let mut columns = Vec::new();
        if row.faults.is_empty() {
            let names: Vec<_> = cells.iter().map(|cell| cell.content(row.text)).collect();
            row.faults = duplicate_columns(&names, cells);
            let named = names.into_iter().zip(cells);
            columns.extend(named.map(|(name, cell)| Column::new(&name, cell.span(), types)));
        }
        if !row.faults.is_empty() {
            columns.clear();
        }
        let CsvRow { text, base, first, faults } = row;
        let header = CsvRow { text: text.to_owned(), base, first, faults };
        Ok((Self { records, columns }, header))
    }

    /// The columns by their names and where the header has them, once that was read without a fault.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Span)> {
        self.columns.iter().map(|column| (column.name.as_str(), column.span))
    }

    /// Reads the next row into `arena` as an object; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    pub fn next_row(&mut self, arena: &mut Arena) -> io::Result<Option<CsvRow<&str>>> {
        arena.clear();
        if self.columns.is_empty() {
            return Ok(None);
        }
        let Some(record) = self.records.next()? else {
            return Ok(None);
        };
        let mut row = row(&self.records, record);
        let (found, expected) = (self.records.cells.len(), self.columns.len());
        if row.faults.is_empty() && found != expected {
            let message = format!(
                "this row has {found} cells, and the header names {expected} columns; quote a cell \
                 that holds the delimiter"
            );
            let span = Span::new(0, row.text.len() as u64);
            row.faults.push(Fault::new(FaultKind::RaggedRow, span, message));
        }
        if row.faults.is_empty() {
            self.fill(row.text, &mut row.faults, arena);
        }
        row.faults = reading::finish(row.faults, arena);
        Ok(Some(row))
    }

    fn fill(&self, text: &str, faults: &mut Vec<Fault>, arena: &mut Arena) {
        let open = arena.open(Kind::Object, 0);
        let mut entries = 0;
        for (cell, column) in self.records.cells.iter().zip(&self.columns) {
            if cell.is_absent(column.kind) {
                continue;
            }
            entries += 1;
            arena.decoded_string(cell.span(), &column.name);
            let content = cell.content(text);
            match column.kind {
                Some(CellType::Integer | CellType::Number) if literal::is_json(&content) => {
                    if !literal::survives(&content) {
                        let message =
                            format!("`{content}` does not fit a 64-bit integer or double");
                        faults.push(Fault::new(FaultKind::LossyNumber, cell.span(), message));
                    }
                    if cell.quoted {
                        arena.decoded_number(cell.span(), &content);
                    } else {
                        arena.number(cell.span());
                    }
                }
                Some(CellType::Boolean) if matches!(&*content, "true" | "false") => {
                    arena.boolean(cell.span(), content == "true");
                }
                Some(CellType::List) => cell.list(text, arena),
                _ => reading::add_string(arena, text, cell.span(), &content),
            }
        }
        arena.close(open, text.len(), entries);
    }
}

/// The row of `record` with the faults of its form and its encoding.
fn row<R: Read>(records: &Records<R>, record: Record) -> CsvRow<&str> {
    let bytes = records.bytes(record);
    let mut faults = Vec::new();
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.valid_up_to();
            // A row that is too long may be cut within a character.
            if error.error_len().is_some() || bytes.len() < LONGEST {
                let wrong = bytes.get(valid).copied().unwrap_or_default();
                let span = Span::new(valid as u64, valid as u64);
                let message = format!("the byte 0x{wrong:02X} here is not UTF-8");
                faults.push(Fault::new(FaultKind::Encoding, span, message));
            }
            str::from_utf8(&bytes[..valid]).unwrap_or_default()
        }
    };
    if let Some(at) = text.find('\0') {
        let span = Span::new(at as u64, at as u64 + 1);
        let message = "there is a NUL byte here";
        faults.push(Fault::new(FaultKind::Encoding, span, message));
    }
    // What lies beyond bytes that are not UTF-8 has no place in the text.
    let inside = |span: Span| span.end <= text.len() as u64;
    for flaw in &records.flaws {
        let mut fault = flaw.fault(text);
        fault.related = fault.related.filter(|(span, _)| inside(*span));
        if inside(fault.span) {
            faults.push(fault);
        }
    }
    CsvRow { text, base: record.base, first: LineColumn { line: record.line, column: 1 }, faults }
}

impl Column {
    fn new(name: &str, span: Span, types: Option<&BTreeMap<String, CellType>>) -> Self {
        Self {
            name: name.to_owned(),
            span,
            kind: types.map(|types| types.get(name).copied().unwrap_or(CellType::Text)),
        }
    }
}

impl Cell {
    fn span(&self) -> Span {
        Span::new(self.start as u64, self.end as u64)
    }

    /// The bytes between the quotes.
    fn inner(&self) -> Span {
        let quote = u64::from(self.quoted && self.end - self.start >= 2);
        Span::new(self.start as u64 + quote, self.end as u64 - quote)
    }

    fn content<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.unescape(self.inner().slice(text))
    }

    fn unescape<'t>(&self, source: &'t str) -> Cow<'t, str> {
        if self.doubled { Cow::Owned(source.replace("\"\"", "\"")) } else { Cow::Borrowed(source) }
    }

    fn is_absent(&self, kind: Option<CellType>) -> bool {
        let inner = self.inner();
        let empty = inner.start == inner.end;
        match kind {
            None => false,
            Some(CellType::Text) => empty && !self.quoted,
            Some(_) => empty,
        }
    }

    fn list(&self, text: &str, arena: &mut Arena) {
        let inner = self.inner();
        let open = arena.open(Kind::Array, self.start);
        let (mut at, mut entries) = (inner.start as usize, 0);
        for part in inner.slice(text).split(';') {
            let trimmed = part.trim();
            let start = at + (part.len() - part.trim_start().len()).min(part.len() - trimmed.len());
            let span = Span::new(start as u64, (start + trimmed.len()) as u64);
            match self.unescape(trimmed) {
                Cow::Borrowed(_) => arena.string(span, span),
                Cow::Owned(content) => arena.decoded_string(span, &content),
            }
            at += part.len() + 1;
            entries += 1;
        }
        arena.close(open, self.end, entries);
    }
}

impl Flaw {
    fn fault(self, text: &str) -> Fault {
        let lines = |from: usize, to: usize| {
            let swallowed = text.get(from..to).unwrap_or_default();
            match swallowed.matches('\n').count() {
                0 => String::new(),
                1 => "; the line after it was taken for part of this cell".to_owned(),
                count => format!("; the {count} lines after it were taken for part of this cell"),
            }
        };
        let place = |at: usize| Span::new(at as u64, at as u64 + 1);
        match self {
            Self::Unclosed { at } => {
                let message = format!("this quote is never closed{}", lines(at, text.len()));
                Fault::new(FaultKind::UnclosedQuote, place(at), message)
            }
            Self::ClosedEarly { at, closed } => {
                let message = format!(
                    "the cell that this quote opens goes on after its closing quote{}; double a \
                     quote that belongs to the content",
                    lines(at, closed)
                );
                Fault::new(FaultKind::UnclosedQuote, place(at), message)
                    .with_related(place(closed), "closed here")
            }
            Self::TooLong { quote: Some(at) } => {
                let message = format!(
                    "this quote is not closed within {LONGEST} bytes{}",
                    lines(at, text.len())
                );
                Fault::new(FaultKind::UnclosedQuote, place(at), message)
            }
            Self::TooLong { quote: None } => {
                let message = format!("this row is longer than {LONGEST} bytes");
                Fault::new(FaultKind::Limit, Span::default(), message)
            }
            Self::StrayReturn { at } => {
                let message = "a carriage return stands here without a line feed; end lines in \
                               LF or CRLF, or quote the cell";
                Fault::new(FaultKind::Syntax, place(at), message)
            }
        }
    }
}

fn duplicate_columns(names: &[Cow<'_, str>], cells: &[Cell]) -> Vec<Fault> {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut faults = Vec::new();
    for (name, cell) in names.iter().zip(cells) {
        match seen.get(&**name) {
            Some(&first) => {
                let message = format!("the column `{name}` is named twice; rename one of them");
                let fault = Fault::new(FaultKind::DuplicateKey, cell.span(), message);
                faults.push(fault.with_related(first, "first named here"));
            }
            None => {
                seen.insert(name, cell.span());
            }
        }
    }
    faults
}
