//! Compressed evidence as a stream of its text: every gzip member, every zstd frame, or an error.
//!
//! Plain decoders stop at the first member, drop what follows the last one, and expand without
//! bound. Here trailing bytes, truncation and a wrong checksum are faults, and so is too much
//! output. See RFC 1952 (gzip) and RFC 8878 (zstd).

mod gzip;
mod source;
#[cfg(test)]
mod tests;
mod zstd;

use std::io::{self, Read};
use std::path::Path;

use self::gzip::Gzip;
use self::source::Source;
use self::zstd::Zstd;
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
        Self { max_output: 4 << 30, max_ratio: 250 }
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
        Self { decoder, limits, output: 0, failure: None }
    }

    fn over_limit(&self) -> Option<Damage> {
        let Limits { max_output, max_ratio } = self.limits;
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
            Damage::Broken(why) => {
                (FaultKind::Compression, format!("{why}, near compressed byte {at}"))
            }
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
