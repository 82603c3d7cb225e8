//! The compressed bytes as a decoder takes them.

use std::io::{self, BufRead, BufReader, Read};

use super::Damage;

/// The compressed bytes, counted; a failure to read them is kept apart from damage in them.
pub(super) struct Source<R> {
    inner: BufReader<R>,
    /// How many bytes the decoder took.
    pub(super) taken: u64,
    failure: Option<io::Error>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner: BufReader::with_capacity(64 << 10, inner), taken: 0, failure: None }
    }

    /// The byte that is next; `None` at the end.
    pub(super) fn next_byte(&mut self) -> Result<Option<u8>, Damage> {
        match self.fill_buf() {
            Ok(bytes) => Ok(bytes.first().copied()),
            Err(error) => Err(self.system().unwrap_or(Damage::System(error))),
        }
    }

    /// Whether reading failed, so that what looks like damage is none.
    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The failure to read, when there was one.
    pub(super) fn system(&mut self) -> Option<Damage> {
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
