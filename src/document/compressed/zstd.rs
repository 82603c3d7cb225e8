//! Zstandard, as RFC 8878 has it: a file is one frame or several, some of them to be skipped.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::source::Source;
use super::{Damage, Decoder};

/// The frames of a zstd file, one after the other; skippable frames are skipped.
pub(super) struct Zstd<R> {
    source: Source<R>,
    frame: FrameDecoder,
    /// How much of the frame was put out; `None` between frames.
    output: Option<u64>,
}

impl<R: Read> Zstd<R> {
    pub(super) fn new(source: Source<R>) -> Self {
        Self { source, frame: FrameDecoder::new(), output: None }
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
            ) if !first && !self.source.has_failed() => {
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
                return if anything { Ok(0) } else { Err(Damage::Truncated) };
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
