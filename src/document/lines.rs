//! JSON lines in blocks: whole lines, about a mebibyte at a time, so that a log of any size is read
//! in bounded memory and its blocks are parsed in parallel.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

use super::encoding;
use super::fault::{Fault, FaultKind};
use crate::model::Span;

/// How many bytes of whole lines a block holds, more or less.
const BLOCK: usize = 1 << 20;

/// How many bytes the first block holds: most logs are shorter than a block.
const FIRST: usize = 64 << 10;

/// The longest line that is read unless told otherwise: 16 MiB.
const MAX_LINE: usize = 16 << 20;

/// Whole lines of a stream, one block after the other.
///
/// A byte order mark at the very beginning is passed over. After an error there are no more blocks.
/// An error that is no failure of `R` itself carries a fault (see [`fault_of`](super::fault_of))
/// whose span counts in the stream: a line that is too long, or a stream in UTF-16.
#[derive(Debug)]
pub struct Blocks<R> {
    source: R,
    block: usize,
    max_line: usize,
    /// What was read beyond the last whole line.
    rest: Vec<u8>,
    /// Byte of the stream at which `rest` begins.
    base: u64,
    /// Line number of `rest`.
    line: u64,
    state: State,
    spare: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Beginning,
    Reading,
    Ended,
}

impl<R: Read> Blocks<R> {
    /// The blocks of `source`, with lines of at most 16 MiB.
    pub fn new(source: R) -> Self {
        Self {
            source,
            block: BLOCK,
            max_line: MAX_LINE,
            rest: Vec::new(),
            base: 0,
            line: 1,
            state: State::Beginning,
            spare: Vec::new(),
        }
    }

    /// The same blocks with lines of at most `bytes` bytes, the line feed not counted.
    #[must_use]
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        // A block with its line feed cannot hold a longer line then.
        self.block = self.block.min(bytes.saturating_add(1));
        self
    }

    /// Hands a block back once it has been worked through, so that its memory serves again.
    pub fn recycle(&mut self, block: Block) {
        let mut text = block.text;
        text.clear();
        self.spare.push(text);
    }

    /// Passes a byte order mark over and refuses other encodings.
    fn begin(&mut self) -> io::Result<()> {
        const TWO_MARKS: usize = 2 * encoding::BOM.len();
        let Self { source, rest, .. } = self;
        fill(source, rest, TWO_MARKS)?;
        let mark = encoding::check_start(rest)?;
        rest.drain(..mark);
        self.base = mark as u64;
        self.state = State::Reading;
        Ok(())
    }

    /// The next whole lines; at the end of the stream those that are left, perhaps none.
    fn whole_lines(&mut self) -> io::Result<Block> {
        let mut text = std::mem::take(&mut self.rest);
        let mut searched = 0;
        let block = if self.line == 1 { self.block.min(FIRST) } else { self.block };
        let mut wanted = block.max(text.len());
        let end = loop {
            fill(&mut self.source, &mut text, wanted)?;
            if text.len() < wanted {
                self.state = State::Ended;
                break text.len();
            }
            if let Some(newline) = memrchr(b'\n', &text[searched..]) {
                break searched + newline + 1;
            }
            if text.len() > self.max_line {
                return Err(self.too_long().into());
            }
            searched = text.len();
            wanted = searched.saturating_mul(2).min(self.max_line + 1);
        };
        self.rest = self.spare.pop().unwrap_or_default();
        self.rest.extend_from_slice(&text[end..]);
        text.truncate(end);
        let (base, first_line) = (self.base, self.line);
        self.base += end as u64;
        self.line += memchr_iter(b'\n', &text).count() as u64;
        Ok(Block { text, base, first_line })
    }

    fn too_long(&self) -> Fault {
        let span = Span::new(self.base, self.base + self.max_line as u64);
        let message = format!(
            "line {} is longer than {} bytes: is this really JSON lines?",
            self.line, self.max_line
        );
        Fault::new(FaultKind::Limit, span, message)
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<io::Result<Block>> {
        if self.state == State::Beginning
            && let Err(error) = self.begin()
        {
            self.state = State::Ended;
            return Some(Err(error));
        }
        if self.state == State::Ended {
            return None;
        }
        let block = self.whole_lines();
        if block.is_err() {
            self.state = State::Ended;
        }
        match block {
            Ok(block) if block.text.is_empty() => None,
            other => Some(other),
        }
    }
}

/// Reads until `text` holds `wanted` bytes or the source ends.
fn fill(source: &mut impl Read, text: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
    let missing = wanted.saturating_sub(text.len());
    text.reserve(missing);
    source.take(missing as u64).read_to_end(text)?;
    Ok(())
}

/// Some whole lines of a stream; only the last line of a stream may lack its line feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The bytes of the lines.
    pub text: Vec<u8>,
    /// Byte of the stream at which the block begins.
    pub base: u64,
    /// Number of its first line in the stream, from 1.
    pub first_line: u64,
}

impl Block {
    /// The lines, without those that hold nothing but white space.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        Lines {
            block: self,
            valid: encoding::check(&self.text).ok(),
            at: 0,
            number: self.first_line,
        }
    }
}

/// One line of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'b> {
    /// The text without its line end (`\n` or `\r\n`), or why it is none; the span of that fault
    /// counts from the first byte of the line, like those of a reader given this text.
    pub text: Result<&'b str, Fault>,
    /// Byte of the stream at which the line begins.
    pub offset: u64,
    /// Number of the line in the stream, from 1; blank lines are counted.
    pub number: u64,
}

/// The lines of a block.
#[derive(Debug, Clone)]
pub struct Lines<'b> {
    block: &'b Block,
    /// The block as text, when all of it is: then its lines need no check of their own.
    valid: Option<&'b str>,
    at: usize,
    number: u64,
}

impl<'b> Iterator for Lines<'b> {
    type Item = Line<'b>;

    fn next(&mut self) -> Option<Line<'b>> {
        let bytes = &self.block.text;
        while self.at < bytes.len() {
            let start = self.at;
            let end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
            let number = self.number;
            self.at = end + 1;
            self.number += 1;
            let line = &bytes[start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
                continue;
            }
            let valid = self.valid.and_then(|text| text.get(start..start + line.len()));
            return Some(Line {
                text: valid.map_or_else(|| encoding::check(line), Ok),
                offset: self.block.base + start as u64,
                number,
            });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fault::fault_of;
    use super::*;

    type Owned = (Result<String, Fault>, u64, u64);

    /// Gives as many bytes a read as `sizes` say, over and over.
    struct Trickle<'a> {
        bytes: &'a [u8],
        sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.sizes.next() {
                Some(0) => Err(io::ErrorKind::Interrupted.into()),
                size => {
                    let size = size.unwrap_or(1).min(buffer.len());
                    self.bytes.read(&mut buffer[..size])
                }
            }
        }
    }

    fn naive(bytes: &[u8]) -> Vec<Owned> {
        let (mut offset, mut lines) = (0, Vec::new());
        for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let text = line.strip_suffix(b"\r").unwrap_or(line);
            if !text.trim_ascii().is_empty() {
                let text = encoding::check(text).map(str::to_owned);
                lines.push((text, offset, index as u64 + 1));
            }
            offset += line.len() as u64 + 1;
        }
        lines
    }

    fn collect<R: Read>(mut blocks: Blocks<R>) -> io::Result<Vec<Owned>> {
        let mut lines = Vec::new();
        while let Some(block) = blocks.next().transpose()? {
            for line in block.lines() {
                lines.push((line.text.map(str::to_owned), line.offset, line.number));
            }
            blocks.recycle(block);
        }
        Ok(lines)
    }

    fn limit(text: &str, max_line: usize) -> Option<Fault> {
        let error = collect(Blocks::new(text.as_bytes()).max_line(max_line)).err()?;
        fault_of(&error)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn blocks_give_the_lines_of_a_plain_split(
            bytes in prop::collection::vec(
                prop::sample::select(b"aaab\n\n\r \t\0\xff\xc3\xa9".to_vec()), 0..200),
            mut sizes in prop::collection::vec(0..9_usize, 1..6),
            block in 1..64_usize,
        ) {
            sizes.push(3);
            // What begins like UTF-16 is another test's matter.
            prop_assume!(encoding::check_start(&bytes) == Ok(0));
            let trickle = Trickle { bytes: &bytes, sizes: sizes.into_iter().cycle() };
            let blocks = Blocks { block, ..Blocks::new(trickle) };
            prop_assert_eq!(collect(blocks).unwrap(), naive(&bytes));
        }

        #[test]
        fn no_line_beyond_the_limit_gets_through(
            lengths in prop::collection::vec(0..40_usize, 0..12), block in 1..64_usize, end: bool,
        ) {
            let mut text = lengths.iter().map(|&length| "x".repeat(length)).collect::<Vec<_>>().join("\n");
            if end {
                text.push('\n');
            }
            let blocks = Blocks { block, ..Blocks::new(text.as_bytes()) }.max_line(30);
            let fits = lengths.iter().all(|&length| length <= 30);
            prop_assert_eq!(collect(blocks).is_ok(), fits);
        }
    }

    #[test]
    fn a_stream_larger_than_a_block_keeps_its_numbers() {
        let text: String = (0..40_000)
            .map(|at| format!("{{\"id\": {at}, \"pad\": \"{}\"}}\n", "x".repeat(at % 90)))
            .collect();
        assert!(text.len() > 2 * BLOCK);
        assert!(Blocks::new(text.as_bytes()).count() > 2);
        assert_eq!(collect(Blocks::new(text.as_bytes())).unwrap(), naive(text.as_bytes()));
    }

    #[test]
    fn a_line_longer_than_a_block_grows_it() {
        let text = format!("1\n\"{}\"\n2", "x".repeat(3 * BLOCK));
        assert_eq!(collect(Blocks::new(text.as_bytes())).unwrap(), naive(text.as_bytes()));
    }

    #[test]
    fn a_line_beyond_the_limit_is_pointed_at() {
        let fault = limit(&format!("[1]\n[2]\n\"{}\"\n", "x".repeat(100)), 64).unwrap();
        assert_eq!((fault.kind, fault.span), (FaultKind::Limit, Span::new(8, 72)));
        assert!(fault.message.starts_with("line 3 "), "{}", fault.message);
        assert_eq!(limit(&"x".repeat(64), 64), None);
        assert!(limit(&"x".repeat(65), 64).is_some());
    }

    #[test]
    fn a_mark_at_the_beginning_is_passed_over() {
        let lines = collect(Blocks::new("\u{feff}[1]\n[2]".as_bytes())).unwrap();
        assert_eq!(lines, [(Ok("[1]".to_owned()), 3, 1), (Ok("[2]".to_owned()), 7, 2)]);
        assert_eq!(collect(Blocks::new(&b"\xef\xbb\xbf"[..])).unwrap(), []);
        assert_eq!(collect(Blocks::new(&b""[..])).unwrap(), []);
    }

    #[test]
    fn utf16_ends_the_stream_with_one_fault() {
        let mut blocks = Blocks::new(&b"\xff\xfe[\x001\x00]\x00\n\x00"[..]);
        let error = blocks.next().unwrap().unwrap_err();
        assert_eq!(fault_of(&error).unwrap().kind, FaultKind::Encoding);
        assert!(blocks.next().is_none());
    }

    #[test]
    fn a_failure_of_the_source_ends_the_stream_and_carries_no_fault() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is on fire"))
            }
        }
        let mut blocks = Blocks::new(b"[1]\n".chain(Broken));
        let error = blocks.next().unwrap().unwrap_err();
        assert_eq!(fault_of(&error), None);
        assert!(blocks.next().is_none());
    }

    #[test]
    fn blocks_can_be_sent_to_other_threads() {
        fn sent<T: Send>() {}
        sent::<Block>();
    }
}
