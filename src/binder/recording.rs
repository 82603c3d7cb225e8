//! A store that remembers what was opened: exactly what a verdict rests on.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::evidence::Store;

/// Passes reads on and keeps the paths.
pub(super) struct Recording<'a> {
    inner: &'a dyn Store,
    asked: Mutex<BTreeSet<String>>,
    opened: Mutex<BTreeSet<String>>,
}

impl<'a> Recording<'a> {
    pub(super) fn new(inner: &'a dyn Store) -> Self {
        Self { inner, asked: Mutex::default(), opened: Mutex::default() }
    }

    /// What was to be opened, whether it could be or not, in order of the path.
    pub(super) fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was opened, in order of the path.
    pub(super) fn opened(&self) -> BTreeSet<String> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store for Recording<'_> {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        let file = self.inner.open(path)?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Ok(file)
    }
}
