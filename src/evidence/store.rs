//! Where the bytes come from: a folder on disk, or memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// Read access to the files of an inventory, by their path relative to the root.
pub trait Store: Sync {
    /// Opens the file at `path` for reading.
    ///
    /// # Errors
    /// When it is not a regular file beneath the root, or cannot be opened.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>>;
}

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

impl Directory {
    /// The store of the folder `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self(root.to_owned())
    }
}

impl Store for Directory {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut full = self.0.clone();
        let mut is_file = false;
        for part in path.split('/') {
            if matches!(part, "" | "." | "..") {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "leaves the root"));
            }
            full.push(part);
            // Looked at again just before opening: the tree may have changed since the walk.
            let kind = full.symlink_metadata()?.file_type();
            is_file = kind.is_file();
            if kind.is_symlink() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "is a symbolic link"));
            }
        }
        if !is_file {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file"));
        }
        Ok(Box::new(File::open(full)?))
    }
}

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory(BTreeMap<String, Vec<u8>>);

impl Memory {
    /// A store of these files.
    #[must_use]
    pub fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self(files)
    }
}

impl Store for Memory {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let bytes = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(bytes.as_slice())))
    }
}
