//! Compressed evidence as a stream of its text: every gzip member, every zstd frame, or an error.
//!
//! Plain decoders stop at the first member, drop what follows the last one, and expand without
//! bound. Here trailing bytes, truncation and a wrong checksum are faults, and so is too much
//! output. See RFC 1952 (gzip) and RFC 8878 (zstd).

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::fault::{Fault, FaultKind};
use crate::model::Span;

/// The ratio of a small output says nothing: a page of blanks packs a hundredfold.
const RATIO_FROM: u64 = 1 << 20;

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip: `.gz`.
    Gzip,
    /// Zstandard: `.zst`.
    Zstd,
}

impl Compression {
    /// The compression that the name of a file tells, whatever its case.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("gz") => Self::Gzip,
            Some(extension) if extension.eq_ignore_ascii_case("zst") => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// How far compressed bytes may expand before we stop looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of output.
    pub max_output: u64,
    /// Most bytes of output for each byte of input, judged from 1 MiB of output on.
    pub max_ratio: u64,
}

impl Default for Limits {
    /// 4 GiB of output and 250 bytes for each byte of input: logs pack up to about a hundredfold.
    fn default() -> Self {
        Self {
            max_output: 4 << 30,
            max_ratio: 250,
        }
    }
}

/// The text of `inner`, decompressed as it is read; bytes that are not compressed pass through
/// without limits.
///
/// Its errors carry a fault of [`FaultKind::Compression`] or [`FaultKind::Limit`] (see
/// [`fault_of`](super::fault_of)) whose span counts in the decompressed text, except for failures
/// of `inner` itself. An error stays: reading on never looks like the end of the file.
pub fn decompressing<'r>(
    inner: impl Read + Send + 'r,
    compression: Compression,
    limits: Limits,
) -> Box<dyn Read + Send + 'r> {
    match compression {
        Compression::None => Box::new(inner),
        Compression::Gzip => Box::new(Guard::new(Gzip::new(Source::new(inner)), limits)),
        Compression::Zstd => Box::new(Guard::new(Zstd::new(Source::new(inner)), limits)),
    }
}

/// Why a stream cannot be decompressed further.
enum Damage {
    /// The input ends in the middle.
    Truncated,
    /// The input is damaged, in a sentence.
    Broken(String),
    /// More is asked of us than the limits allow, in a sentence.
    TooMuch(String),
    /// The input could not be read.
    System(io::Error),
}

/// One format: bytes in, text out.
trait Decoder {
    /// What the format is called.
    const NAME: &str;

    /// Decompresses some bytes into `buffer`; none when the input ended where it may.
    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Damage>;

    /// How many bytes of the input were taken.
    fn taken(&self) -> u64;
}

/// Holds a decoder to its limits, and to its first error.
struct Guard<D> {
    decoder: D,
    limits: Limits,
    output: u64,
    failure: Option<Failure>,
}

/// What is told again when a failed stream is read on.
enum Failure {
    Fault(Fault),
    System(io::ErrorKind, String),
}

impl<D: Decoder> Guard<D> {
    fn new(decoder: D, limits: Limits) -> Self {
        Self {
            decoder,
            limits,
            output: 0,
            failure: None,
        }
    }

    fn over_limit(&self) -> Option<Damage> {
        let Limits {
            max_output,
            max_ratio,
        } = self.limits;
        if self.output > max_output {
            let message = format!("more than {max_output} bytes once decompressed");
            return Some(Damage::TooMuch(message));
        }
        let allowed = self.decoder.taken().saturating_mul(max_ratio);
        (self.output >= RATIO_FROM && self.output > allowed).then(|| {
            let message = format!("a compressed byte stands for more than {max_ratio} bytes");
            Damage::TooMuch(message)
        })
    }

    fn fail(&mut self, damage: Damage) -> io::Error {
        let (name, at) = (D::NAME, self.decoder.taken());
        let (kind, message) = match damage {
            Damage::System(error) => {
                self.failure = Some(Failure::System(error.kind(), error.to_string()));
                return error;
            }
            Damage::Truncated if at == 0 => (
                FaultKind::Compression,
                format!("the file is empty: even nothing takes some bytes as {name}"),
            ),
            Damage::Truncated => (
                FaultKind::Compression,
                format!("the {name} data is cut off: the file ends after {at} compressed bytes"),
            ),
            Damage::Broken(why) => (
                FaultKind::Compression,
                format!("{why}, near compressed byte {at}"),
            ),
            Damage::TooMuch(why) => (FaultKind::Limit, why),
        };
        let fault = Fault::new(kind, Span::new(self.output, self.output), message);
        self.failure = Some(Failure::Fault(fault.clone()));
        fault.into()
    }
}

impl<D: Decoder> Read for Guard<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.failure {
            Some(Failure::Fault(fault)) => return Err(fault.clone().into()),
            Some(Failure::System(kind, why)) => return Err(io::Error::new(*kind, why.clone())),
            None if buffer.is_empty() => return Ok(0),
            None => {}
        }
        let decoded = self.decoder.decode(buffer).and_then(|count| {
            self.output += count as u64;
            self.over_limit().map_or(Ok(count), Err)
        });
        decoded.map_err(|damage| self.fail(damage))
    }
}

/// The compressed bytes, counted; a failure to read them is kept apart from damage in them.
struct Source<R> {
    inner: BufReader<R>,
    taken: u64,
    failure: Option<io::Error>,
}

impl<R: Read> Source<R> {
    fn new(inner: R) -> Self {
        Self {
            inner: BufReader::with_capacity(64 << 10, inner),
            taken: 0,
            failure: None,
        }
    }

    /// The byte that is next; `None` at the end.
    fn next_byte(&mut self) -> Result<Option<u8>, Damage> {
        match self.fill_buf() {
            Ok(bytes) => Ok(bytes.first().copied()),
            Err(error) => Err(self.system().unwrap_or(Damage::System(error))),
        }
    }

    /// The failure to read, when there was one.
    fn system(&mut self) -> Option<Damage> {
        self.failure.take().map(Damage::System)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // Decoders may lose their place when interrupted, so that never reaches them.
        loop {
            match self.inner.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    self.failure = Some(error);
                    return Err(kind.into());
                }
            }
        }
        Ok(self.inner.buffer())
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount as u64;
        self.inner.consume(amount);
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// The members of a gzip file, one after the other.
struct Gzip<R> {
    /// `None` once the file has ended.
    member: Option<GzDecoder<Source<R>>>,
    /// How many bytes were taken before `member` was given up.
    taken: u64,
}

impl<R: Read> Gzip<R> {
    fn new(source: Source<R>) -> Self {
        Self {
            member: Some(GzDecoder::new(source)),
            taken: 0,
        }
    }

    fn next_member(&mut self) -> Result<(), Damage> {
        /// What every member begins with.
        const FIRST: u8 = 0x1f;
        let Some(member) = self.member.take() else {
            return Ok(());
        };
        let mut source = member.into_inner();
        self.taken = source.taken;
        match source.next_byte()? {
            None => {}
            Some(FIRST) => self.member = Some(GzDecoder::new(source)),
            Some(_) => {
                let why = "something that is not gzip follows the gzip data";
                return Err(Damage::Broken(why.to_owned()));
            }
        }
        Ok(())
    }
}

impl<R: Read> Decoder for Gzip<R> {
    const NAME: &str = "gzip";

    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Damage> {
        while let Some(member) = &mut self.member {
            match member.read(buffer) {
                Ok(0) => self.next_member()?,
                Ok(count) => return Ok(count),
                Err(error) => {
                    let in_header = member.header().is_none();
                    return Err(match member.get_mut().system() {
                        Some(failure) => failure,
                        None if error.kind() == io::ErrorKind::UnexpectedEof => Damage::Truncated,
                        None if in_header => Damage::Broken("this is not gzip data".to_owned()),
                        None => Damage::Broken("the gzip data is damaged".to_owned()),
                    });
                }
            }
        }
        Ok(0)
    }

    fn taken(&self) -> u64 {
        match &self.member {
            Some(member) => member.get_ref().taken,
            None => self.taken,
        }
    }
}

/// The frames of a zstd file, one after the other; skippable frames are skipped.
struct Zstd<R> {
    source: Source<R>,
    frame: FrameDecoder,
    /// How much of the frame was put out; `None` between frames.
    output: Option<u64>,
}

impl<R: Read> Zstd<R> {
    fn new(source: Source<R>) -> Self {
        Self {
            source,
            frame: FrameDecoder::new(),
            output: None,
        }
    }

    fn begin_frame(&mut self) -> Result<(), Damage> {
        let first = self.source.taken == 0;
        let Err(error) = self.frame.reset(&mut self.source) else {
            self.output = Some(0);
            return Ok(());
        };
        match error {
            FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            }) => self.skip(u64::from(length)),
            FrameDecoderError::ReadFrameHeaderError(
                ReadFrameHeaderError::BadMagicNumber(_)
                | ReadFrameHeaderError::MagicNumberReadError(_),
            ) if !first && self.source.failure.is_none() => {
                let why = "something that is not zstd follows the zstd data";
                Err(Damage::Broken(why.to_owned()))
            }
            error => Err(self.damage(&error)),
        }
    }

    fn skip(&mut self, length: u64) -> Result<(), Damage> {
        match io::copy(&mut (&mut self.source).take(length), &mut io::sink()) {
            Ok(skipped) if skipped == length => Ok(()),
            Ok(_) => Err(Damage::Truncated),
            Err(error) => Err(self.source.system().unwrap_or(Damage::System(error))),
        }
    }

    /// Holds the frame against the size and the checksum it states.
    fn end_frame(&mut self, output: u64) -> Result<(), Damage> {
        self.output = None;
        let size = self.frame.content_size();
        if size != 0 && size != output {
            let why = format!("a zstd frame of {output} bytes claims to hold {size}");
            return Err(Damage::Broken(why));
        }
        match self.frame.get_checksum_from_data() {
            Some(stated) if self.frame.get_calculated_checksum() != Some(stated) => {
                let why = "the zstd data is damaged: its checksum is another";
                Err(Damage::Broken(why.to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn damage(&mut self, error: &FrameDecoderError) -> Damage {
        if let Some(failure) = self.source.system() {
            return failure;
        }
        match error {
            FrameDecoderError::WindowSizeTooBig { requested, max } => Damage::TooMuch(format!(
                "the zstd data needs {requested} bytes of memory, more than {max}"
            )),
            FrameDecoderError::DictNotProvided { dict_id } => Damage::Broken(format!(
                "the zstd data needs dictionary {dict_id}; compress it without one"
            )),
            FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_)) => {
                Damage::Broken("this is not zstd data".to_owned())
            }
            error if ends_early(error) => Damage::Truncated,
            _ => Damage::Broken("the zstd data is damaged".to_owned()),
        }
    }
}

impl<R: Read> Decoder for Zstd<R> {
    const NAME: &str = "zstd";

    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Damage> {
        loop {
            let Some(output) = self.output else {
                if self.source.next_byte()?.is_some() {
                    self.begin_frame()?;
                    continue;
                }
                let anything = self.source.taken > 0;
                return if anything {
                    Ok(0)
                } else {
                    Err(Damage::Truncated)
                };
            };
            let count = self.frame.read(buffer).map_err(Damage::System)?;
            if count > 0 {
                self.output = Some(output + count as u64);
                return Ok(count);
            }
            if self.frame.is_finished() {
                self.end_frame(output)?;
            } else {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.frame
                    .decode_blocks(&mut self.source, one)
                    .map_err(|error| self.damage(&error))?;
            }
        }
    }

    fn taken(&self) -> u64 {
        self.source.taken
    }
}

/// Whether the end of the input is behind `error`.
fn ends_early(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}

#[cfg(test)]
mod tests;
