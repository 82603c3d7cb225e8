//! From bytes to instances: one way of reading for each format.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::faults::code_of;
use super::{LARGEST, Reading};
use crate::catalog::{Kind, Unit};
use crate::document::{
    Arena, CellType, CsvReader, Decoded, Document, decode_or_return, read_or_return,
};
use crate::evidence::MANIFEST_SUFFIX;
use crate::expression::Shape;
use crate::model::{Code, LineColumn, Place};
use crate::verify::locate::Locator;

impl<'a> Reading<'_, 'a> {
    pub(super) fn content(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let format = match extension(self.path) {
            "jsonl" | "ndjson" => "jsonl",
            "yaml" | "yml" => "yaml",
            "md" | "markdown" => "markdown",
            "xml" => "junit",
            other => other,
        };
        let text =
            matches!(format, "jsonl" | "csv" | "json" | "yaml" | "toml" | "markdown" | "junit");
        if text && self.refuses(format) {
            return Ok(());
        }
        match extension(self.path) {
            "jsonl" | "ndjson" => self.lines(reader),
            "csv" => self.rows(reader),
            "json" | "yaml" | "yml" | "toml" | "md" | "markdown" | "xml" => self.document(reader),
            _ => self.binary(reader),
        }
    }

    pub(super) fn rows(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let kinds = self.kinds();
        let types: BTreeMap<String, CellType> =
            kinds.iter().flat_map(|kind| columns(&kind.shape)).collect();
        let (mut rows, header) = CsvReader::begin(reader, None, Some(&types))?;
        let locator = Locator::new(self.path, self.entry, &header.text, header.base, header.first);
        if !self.faults(&header.faults, &locator) {
            return Ok(());
        }
        if !self.has_columns(&rows.columns().collect::<Vec<_>>(), &kinds, &locator) {
            return Ok(());
        }
        let mut arena = Arena::new();
        while let Some(row) = rows.next_row(&mut arena)? {
            let locator = Locator::new(self.path, self.entry, row.text, row.base, row.first);
            if self.faults(&row.faults, &locator)
                && let Some(node) = arena.root(row.text)
            {
                self.instance(node, None, &kinds, &locator);
            }
        }
        Ok(())
    }

    pub(super) fn document(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let mut bytes = super::room();
        reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            self.facts.unread = true;
            self.facts.blind = true;
            let message = "the document is larger than 256 MiB".to_owned();
            self.add(Code::ReaderLimit, message, Place::file(self.path), None);
            return Ok(());
        }
        // A blank TOML or YAML file is a value by its grammar; a file without bytes shows nothing.
        if bytes.is_empty() {
            self.facts.unread = true;
            self.add(
                Code::ArtifactEmpty,
                "the file is empty".to_owned(),
                Place::file(self.path),
                None,
            );
            return Ok(());
        }
        let Decoded { text, base } = match decode_or_return(bytes) {
            Ok(decoded) => decoded,
            Err((fault, bytes)) => {
                self.facts.unread = true;
                // Up to its first fault even damaged bytes are text, in which the fault can be
                // placed.
                let damaged = bytes.contains(&0) || std::str::from_utf8(&bytes).is_err();
                let text = if damaged { &*String::from_utf8_lossy(&bytes) } else { "" };
                let place = Place::in_text(self.path, text, fault.span);
                self.add(code_of(fault.kind), fault.message, place, None);
                return Ok(());
            }
        };
        let kinds = self.kinds();
        let comments = kinds.iter().any(|kind| kind.comments);
        let (document, faults) = read_or_return(strip_compression(self.path), text, comments);
        let text = document.as_ref().map_or_else(String::as_str, Document::text);
        let locator = Locator::new(self.path, self.entry, text, base, LineColumn::FIRST);
        if self.faults(&faults, &locator)
            && let Ok(document) = &document
        {
            self.whole(document, &kinds, &locator);
        }
        Ok(())
    }

    /// A document: one instance of a kind whose unit is the document, many of the others: where the
    /// kind says that they lie, or the elements of a document that is a list.
    pub(super) fn whole(&mut self, document: &Document, kinds: &[&'a Kind], locator: &Locator<'_>) {
        let root = document.root();
        for kind in kinds {
            if kind.unit == Unit::Document {
                self.instance(root, Some(root), &[kind], locator);
            } else if root.kind() == crate::document::Kind::Array {
                for element in root.elements() {
                    self.instance(element, None, &[kind], locator);
                }
            } else {
                for selected in kind.records.select(root) {
                    self.instance(selected.this, None, &[kind], locator);
                }
            }
        }
    }

    /// Whether a kind is not read from `format`, which is told.
    pub(super) fn refuses(&mut self, format: &str) -> bool {
        let kinds = self.kinds();
        let Some(kind) = kinds.iter().find(|kind| !kind.formats.iter().any(|one| one == format))
        else {
            return false;
        };
        self.facts.unread = true;
        let message = format!(
            "`{}` is read from {}; the file's name ends in none of these",
            kind.name,
            kind.formats.join(", ")
        );
        self.add(Code::UnknownFormat, message, Place::file(self.path), None);
        true
    }

    /// A binary: the manifest's attributes are the instance.
    pub(super) fn binary(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let bytes = io::copy(&mut { reader }, &mut io::sink())?;
        if bytes == 0 {
            self.facts.unread = true;
            let message = "the file is empty".to_owned();
            self.add(Code::ArtifactEmpty, message, Place::file(self.path), None);
            return Ok(());
        }
        if self.refuses("binary") {
            return Ok(());
        }
        let kinds = self.kinds();
        let Some(sheet) = self.attributes.clone() else {
            self.facts.unread = true;
            if !self.facts.findings.iter().any(|(_, finding)| finding.code == Code::ManifestMissing)
            {
                let message = format!("`{}{MANIFEST_SUFFIX}` is missing or wrong", self.path);
                self.add(Code::ManifestMissing, message, Place::file(self.path), None);
            }
            return Ok(());
        };
        let locator = Locator::of_manifest(&sheet.path, self.entry, sheet.document.text());
        match sheet.attributes(self.path) {
            Some(attributes) => {
                if let Some((key, _)) = attributes.member("body") {
                    // Rules take a body for the text that was read, and nothing was read here.
                    let message = "a binary has no `body`: nobody can read its text here";
                    let place = locator.place(key.span());
                    self.add(Code::ManifestInvalid, message.to_owned(), place, None);
                }
                self.instance(attributes, Some(attributes), &kinds, &locator);
            }
            None => {
                self.facts.unread = true;
                let message = "the manifest has no `attributes`: a binary says nothing by itself";
                self.add(Code::ManifestInvalid, message.to_owned(), Place::file(&sheet.path), None);
            }
        }
        Ok(())
    }
}

/// How the columns of a CSV file are read: by the type the schema gives them.
fn columns(shape: &Shape) -> Vec<(String, CellType)> {
    let Shape::Object(fields) = shape else { return Vec::new() };
    let cell = |shape: &Shape| match shape {
        Shape::Bool => CellType::Boolean,
        Shape::Int => CellType::Integer,
        Shape::Double => CellType::Number,
        Shape::List(_) => CellType::List,
        _ => CellType::Text,
    };
    fields.fields.iter().map(|(name, field)| (name.clone(), cell(&field.shape))).collect()
}

fn strip_compression(path: &str) -> &str {
    path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(path)
}

fn extension(path: &str) -> &str {
    strip_compression(path)
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .rsplit_once('.')
        .map_or("", |(_, e)| e)
}
