//! The one pass over an artifact: bytes are hashed and read once, every record is validated,
//! selected and reduced to what the checks name.

mod columns;
mod dates;
mod faults;
mod folder;
mod formats;
mod instance;
mod lines;
mod record;
mod sidecar;

use std::fmt::Write as _;
use std::io::{self, Read};
use std::sync::Arc;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::evaluate::Env;
use super::facts::ArtifactFacts;
use super::plan::Use;
use super::program::Programs;
use crate::catalog::{Catalog, Kind};
use crate::document::{Compression, Document, Limits, decompressing};
use crate::evidence::{Inventory, Store};
use crate::model::Code;
use crate::schema::Schema;
use folder::Sheet;

pub(crate) use faults::artifact_finding;
pub(crate) use folder::Folders;
pub(crate) use record::Work;

/// What every artifact is gathered with.
pub(crate) struct Gatherer<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) inventory: &'a Inventory,
    pub(crate) store: &'a dyn Store,
    pub(crate) env: &'a Env,
    pub(crate) programs: &'a Programs<'a>,
    pub(crate) manifests: &'a Schema,
    pub(crate) folders: &'a Folders,
    pub(crate) as_of: Date,
    /// Whether the records of populations are kept one by one, for a sample.
    pub(crate) sampling: bool,
}

/// Largest document that is held whole.
const LARGEST: u64 = 256 << 20;
const LIMITS: Limits = Limits { max_output: 4 << 30, max_ratio: 2_000 };

/// One file while it is read.
struct Reading<'r, 'a> {
    gatherer: &'r Gatherer<'a>,
    path: &'a str,
    entry: usize,
    uses: &'r [Use],
    manifest: Option<Document>,
    /// The manifest that holds its attributes.
    attributes: Option<Arc<Sheet>>,
    facts: ArtifactFacts,
    zoneless: bool,
}

impl<'a> Gatherer<'a> {
    /// Reads file number `entry` of the inventory for `uses`.
    pub(crate) fn artifact(&self, entry: usize, uses: &[Use]) -> ArtifactFacts {
        let path = self.inventory.entries()[entry].path.as_str();
        let facts = ArtifactFacts::new(uses, self.programs);
        let mut reading = Reading {
            gatherer: self,
            path,
            entry,
            uses,
            manifest: None,
            attributes: None,
            facts,
            zoneless: false,
        };
        reading.sidecar();
        if !reading.facts.future {
            reading.read();
        }
        reading.facts
    }
}

impl<'a> Reading<'_, 'a> {
    /// Reads the artifact itself.
    fn read(&mut self) {
        let file = match self.gatherer.store.open(self.path) {
            Ok(file) => file,
            Err(error) => return self.failed(&error),
        };
        let mut hashing = Hashing { inner: file, digest: Sha256::new(), ended: false };
        let compression = Compression::of(std::path::Path::new(self.path));
        let result = self.content(decompressing(&mut hashing, compression, LIMITS));
        let result = result.and_then(|()| match hashing.ended {
            true => Ok(()),
            false => io::copy(&mut hashing, &mut io::sink()).map(drop),
        });
        if let Err(error) = result {
            self.failed(&error);
        }
        let mut hex = String::with_capacity(64);
        for byte in hashing.digest.finalize() {
            let _ = write!(hex, "{byte:02x}");
        }
        self.facts.sha256 = hex;
        self.compare_digest();
    }

    fn compare_digest(&mut self) {
        let Some(manifest) = &self.facts.manifest else { return };
        if manifest.manifest.sha256 == self.facts.sha256 {
            return;
        }
        let message = format!(
            "the file's SHA-256 is {}, its manifest records {}",
            self.facts.sha256, manifest.manifest.sha256
        );
        let label = manifest.labels["sha256"].clone();
        let finding = artifact_finding(Code::DigestMismatch, message, self.path, vec![label]);
        self.facts.findings.push((None, finding));
    }

    fn kinds(&self) -> Vec<&'a Kind> {
        let names = self.uses.iter().map(|one| &self.gatherer.programs.of(*one).slot.kind);
        let mut kinds: Vec<&'a Kind> =
            names.filter_map(|name| self.gatherer.catalog.kinds.get(name)).collect();
        kinds.sort_by(|a, b| a.name.cmp(&b.name));
        kinds.dedup_by(|a, b| a.name == b.name);
        kinds
    }
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    digest: Sha256,
    /// Whether it was read to its end.
    ended: bool,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.ended |= read == 0 && !buffer.is_empty();
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

/// Room for a whole file, as most are, so that they are read at once.
fn room() -> Vec<u8> {
    // One byte more than is read at once: the end of the file needs no further room.
    Vec::with_capacity((8 << 10) + 1)
}
