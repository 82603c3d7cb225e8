//! gzip, as RFC 1952 has it: a file is one member or several.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::source::Source;
use super::{Damage, Decoder};

/// The members of a gzip file, one after the other.
pub(super) struct Gzip<R> {
    /// `None` once the file has ended.
    member: Option<GzDecoder<Source<R>>>,
    /// How many bytes were taken before `member` was given up.
    taken: u64,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(source: Source<R>) -> Self {
        Self { member: Some(GzDecoder::new(source)), taken: 0 }
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
