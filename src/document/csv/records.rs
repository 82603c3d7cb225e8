//! CSV records from bytes: where each cell of one record lies ([RFC 4180]), one record at a time.
//!
//! [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180

use std::io::{self, ErrorKind, Read};

use memchr::{memchr, memchr_iter, memchr3};

/// How long a record may be. A quote that is never closed takes the rest of the file for its cell;
/// this bounds how much of it is kept.
pub(super) const LONGEST: usize = 1 << 20;

/// How many bytes are read at once.
const BLOCK: usize = 1 << 16;

/// How many bytes are read at once before that was not enough: most files are shorter than a block.
const FIRST: usize = 1 << 13;

/// Where a cell lies in its record, quotes included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
    /// Whether a quote is doubled in it.
    pub(super) doubled: bool,
}

/// What is wrong with the form of a record, and at which of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The quote at `at` is still open where the file ends.
    Unclosed { at: usize },
    /// The quote at `at` is closed at `closed`, but the cell goes on.
    ClosedEarly { at: usize, closed: usize },
    /// The record is longer than [`LONGEST`]; the quote that is open, if one is.
    TooLong { quote: Option<usize> },
    /// A carriage return that no line feed follows.
    StrayReturn { at: usize },
}

/// A record: its length without the end of its line, and where it begins in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) len: usize,
    pub(super) base: u64,
    pub(super) line: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    Quote,
}

/// The records of `source`.
pub(super) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    /// Where the current record begins in the buffer.
    start: usize,
    /// How many bytes of the buffer the current record takes, the end of its line included.
    taken: usize,
    base: u64,
    line: u64,
    delimiter: u8,
    /// How many bytes are asked for next.
    block: usize,
    /// Whether the source is read to its end.
    ended: bool,
    /// Whether no record can follow.
    finished: bool,
    pub(super) cells: Vec<Cell>,
    pub(super) flaws: Vec<Flaw>,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            taken: 0,
            base: 0,
            line: 1,
            delimiter: b',',
            block: FIRST,
            ended: false,
            finished: false,
            cells: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// Steps over a byte order mark and settles the delimiter: `given`, or `;` when the first line
    /// has that and no comma.
    pub(super) fn begin(&mut self, given: Option<u8>) -> io::Result<()> {
        self.byte(2)?;
        if self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.taken = 3;
            self.base = 3;
        }
        self.delimiter = match given {
            Some(delimiter) => delimiter,
            None => self.guess()?,
        };
        Ok(())
    }

    fn guess(&mut self) -> io::Result<u8> {
        let (mut quoted, mut semicolon, mut blank) = (false, false, true);
        for at in self.taken..LONGEST {
            match self.byte(at)? {
                None => break,
                Some(b'"') => (quoted, blank) = (!quoted, false),
                Some(b',') if !quoted => return Ok(b','),
                Some(b';') if !quoted => (semicolon, blank) = (true, false),
                // Blank lines may precede the header.
                Some(b'\n') if !quoted && !blank => break,
                Some(byte) => blank &= matches!(byte, b'\r' | b'\n'),
            }
        }
        Ok(if semicolon { b';' } else { b',' })
    }

    /// The bytes of `record`, the last one that was read.
    pub(super) fn bytes(&self, record: Record) -> &[u8] {
        self.buffer.get(self.start..self.start + record.len).unwrap_or_default()
    }

    /// The next record that is not a blank line.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        loop {
            self.step_over();
            if self.finished || self.byte(0)?.is_none() {
                return Ok(None);
            }
            let (base, line) = (self.base, self.line);
            let len = self.scan()?;
            let taken = &self.buffer[self.start..self.start + self.taken];
            self.base += self.taken as u64;
            self.line += memchr_iter(b'\n', taken).count() as u64;
            if len > 0 {
                return Ok(Some(Record { len, base, line }));
            }
        }
    }

    fn step_over(&mut self) {
        self.start += self.taken;
        self.taken = 0;
    }

    /// Byte `at` of the current record, read from the source when it is not in the buffer yet.
    #[inline]
    fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        match self.buffer.get(self.start + at) {
            Some(byte) => Ok(Some(*byte)),
            None => self.byte_of_source(at),
        }
    }

    fn byte_of_source(&mut self, at: usize) -> io::Result<Option<u8>> {
        while self.start + at >= self.buffer.len() && !self.ended {
            self.buffer.drain(..self.start);
            self.start = 0;
            let filled = self.buffer.len();
            self.buffer.resize(filled + self.block, 0);
            let read = self.source.read(&mut self.buffer[filled..]);
            let count = *read.as_ref().unwrap_or(&0);
            self.buffer.truncate(filled + count);
            match read {
                Ok(count) => {
                    self.ended = count == 0;
                    if count == self.block {
                        self.block = BLOCK;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(self.start + at).copied())
    }

    /// How many bytes from `at` on neither end the cell nor change how it is read, as far as they
    /// are in the buffer.
    #[inline]
    fn content(&self, state: State, at: usize) -> usize {
        let until = self.buffer.len().min(self.start + LONGEST);
        let rest = self.buffer.get(self.start + at..until).unwrap_or_default();
        let special = match state {
            State::Plain => memchr3(self.delimiter, b'\n', b'\r', rest),
            State::Quoted => memchr(b'"', rest),
            State::Start | State::Quote => Some(0),
        };
        special.unwrap_or(rest.len())
    }

    /// Finds the cells of the record that begins here; sets how much it takes and returns its
    /// length without the end of its line.
    fn scan(&mut self) -> io::Result<usize> {
        self.cells.clear();
        self.flaws.clear();
        let mut state = State::Start;
        let mut cell = Cell { start: 0, end: 0, quoted: false, doubled: false };
        let mut at = 0;
        loop {
            at += self.content(state, at);
            if at >= LONGEST {
                let quote = (state == State::Quoted).then_some(cell.start);
                self.flaws.push(Flaw::TooLong { quote });
                return Ok(self.give_up(at));
            }
            let byte = self.byte(at)?;
            state = match (state, byte) {
                (State::Quoted, None) => {
                    self.flaws.push(Flaw::Unclosed { at: cell.start });
                    return Ok(self.give_up(at));
                }
                (State::Quoted, Some(b'"')) => State::Quote,
                (State::Quoted, Some(_)) => State::Quoted,
                (State::Quote, Some(b'"')) => {
                    cell.doubled = true;
                    State::Quoted
                }
                (State::Start, Some(b'"')) => {
                    cell.quoted = true;
                    State::Quoted
                }
                (_, Some(byte)) if byte == self.delimiter => {
                    self.cells.push(Cell { end: at, ..cell });
                    cell = Cell { start: at + 1, end: 0, quoted: false, doubled: false };
                    State::Start
                }
                (state, _) => {
                    if let Some(line_end) = self.line_end(at)? {
                        self.cells.push(Cell { end: at, ..cell });
                        self.taken = at + line_end;
                        return Ok(at);
                    }
                    if state == State::Quote {
                        self.flaws.push(Flaw::ClosedEarly { at: cell.start, closed: at - 1 });
                    }
                    if byte == Some(b'\r') {
                        self.flaws.push(Flaw::StrayReturn { at });
                    }
                    State::Plain
                }
            };
            at += 1;
        }
    }

    /// How many bytes end the line at `at`, when it ends there.
    fn line_end(&mut self, at: usize) -> io::Result<Option<usize>> {
        Ok(match self.byte(at)? {
            None => Some(0),
            Some(b'\n') => Some(1),
            Some(b'\r') => match self.byte(at + 1)? {
                None => Some(1),
                Some(b'\n') => Some(2),
                Some(_) => None,
            },
            Some(_) => None,
        })
    }

    fn give_up(&mut self, at: usize) -> usize {
        self.finished = true;
        self.taken = at;
        at
    }
}
