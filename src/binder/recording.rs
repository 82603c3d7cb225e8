//! A store that remembers what was opened: exactly what a verdict rests on.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::evidence::Store;

/// Passes reads on and keeps the paths.
pub(super) struct Recording<'a> {
    inner: &'a dyn Store,
    opened: Mutex<BTreeSet<String>>,
}

impl<'a> Recording<'a> {
    pub(super) fn new(inner: &'a dyn Store) -> Self {
        Self { inner, opened: Mutex::default() }
    }

    /// What was opened, in order of the path.
    pub(super) fn opened(&self) -> BTreeSet<String> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store for Recording<'_> {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let file = self.inner.open(path)?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Ok(file)
    }
}
