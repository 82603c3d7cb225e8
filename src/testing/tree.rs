//! A tree of evidence in memory, its manifests made to agree with its files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::raw::{RawChange, RawEdit, RawFile, RawManifestEdit};
use crate::document::read_text;
use crate::evidence::{Entry, Inventory, MANIFEST_SUFFIX, Memory, Store};

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct File {
    pub(super) text: String,
    pub(super) manifest: Option<Manifest>,
}

/// A manifest: to be made from its keys, or written as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Manifest {
    Keys(BTreeMap<String, Value>),
    Text(String),
}

/// Files by path.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tree(pub(super) BTreeMap<String, File>);

const OPEN: &str = "${sha256:";

impl Tree {
    /// The tree of a fixture, digests of other files in place.
    pub(super) fn new(files: &BTreeMap<String, RawFile>) -> Result<Self, String> {
        let mut tree = Self::default();
        for (path, file) in files {
            let file = match file {
                RawFile::Text(text) => File { text: text.clone(), manifest: None },
                RawFile::Full(full) => File {
                    text: full.text.clone(),
                    manifest: full.manifest.clone().map(Manifest::Keys),
                },
            };
            tree.0.insert(path.clone(), file);
        }
        // A file may hold the digest of one that holds a digest: as many rounds as there are files.
        let mut digests = BTreeMap::new();
        for _ in 0..=tree.0.len() {
            for (path, file) in &tree.0 {
                if !file.text.contains(OPEN) {
                    digests.entry(path.clone()).or_insert_with(|| sha256(&file.text));
                }
            }
            for file in tree.0.values_mut() {
                file.substitute(&digests);
            }
        }
        match tree.0.iter().find_map(|(path, file)| Some((path, file.unresolved()?))) {
            Some((path, name)) => {
                Err(format!("`{path}` holds the digest of `{name}`, which is no file of `met`"))
            }
            None => Ok(tree),
        }
    }

    /// This tree with the edits of a case.
    pub(super) fn edited(&self, edits: &BTreeMap<String, RawEdit>) -> Result<Self, String> {
        let digests =
            self.0.iter().map(|(path, file)| (path.clone(), sha256(&file.text))).collect();
        let mut tree = self.clone();
        for (path, edit) in edits {
            let changes = match edit {
                RawEdit::Removed(_) => {
                    tree.0.remove(path).ok_or_else(|| format!("there is no `{path}` to remove"))?;
                    continue;
                }
                RawEdit::One(change) => std::slice::from_ref(change),
                RawEdit::Several(changes) => changes,
            };
            for change in changes {
                let known = tree.0.contains_key(path);
                if !known && change.text.is_none() {
                    return Err(format!("there is no `{path}` to change"));
                }
                let file = tree
                    .0
                    .entry(path.clone())
                    .or_insert_with(|| File { text: String::new(), manifest: None });
                file.change(change).map_err(|message| format!("`{path}`: {message}"))?;
                file.substitute(&digests);
            }
        }
        if tree == *self {
            return Err("the edit changes nothing".to_owned());
        }
        Ok(tree)
    }

    /// The files as they would lie on a disk.
    pub(super) fn store(&self) -> (Inventory, Memory) {
        let files = self.0.iter().flat_map(|(path, file)| file.lying(path));
        let files: BTreeMap<String, Vec<u8>> =
            files.filter_map(|(path, bytes)| Some((path, bytes?))).collect();
        let entry = |path: &String| Entry { path: path.clone() };
        (Inventory::new(files.keys().map(entry).collect()), Memory::new(files))
    }
}

/// A store in which one file and its manifest are others, or gone.
pub(super) struct Changed<'s> {
    pub(super) rest: &'s Memory,
    pub(super) files: [(String, Option<Vec<u8>>); 2],
}

impl Changed<'_> {
    /// The inventory, of which `all` is the one without the change; `None` where it is the same.
    pub(super) fn inventory(&self, all: &Inventory) -> Option<Inventory> {
        let gone = |path: &str| {
            self.files.iter().any(|(changed, bytes)| changed == path && bytes.is_none())
        };
        let entries = all.entries().iter();
        let left: Vec<Entry> = entries.filter(|entry| !gone(&entry.path)).cloned().collect();
        (left.len() < all.entries().len()).then(|| Inventory::new(left))
    }
}

impl Store for Changed<'_> {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        match self.files.iter().find(|(changed, _)| changed == path) {
            Some((_, Some(bytes))) => Ok(Box::new(bytes.as_slice())),
            Some((_, None)) => Err(io::ErrorKind::NotFound.into()),
            None => self.rest.open(path),
        }
    }
}

impl File {
    fn change(&mut self, change: &RawChange) -> Result<(), String> {
        if let Some(text) = &change.text {
            self.text.clone_from(text);
        }
        match (&change.replace, &change.with) {
            (Some(old), Some(new)) => {
                let times = self.text.matches(old.as_str()).count();
                if times != 1 {
                    return Err(format!("`{old}` occurs {times} times, not once"));
                }
                self.text = self.text.replacen(old.as_str(), new, 1);
            }
            (None, None) => {}
            _ => return Err("`replace` and `with` go together".to_owned()),
        }
        if let Some(more) = &change.append {
            self.text.push_str(more);
        }
        match &change.manifest {
            None => {}
            Some(RawManifestEdit::Removed(_)) => {
                self.manifest.take().ok_or("there is no manifest to remove")?;
            }
            Some(RawManifestEdit::Merge(keys)) => {
                let mut merged = match self.manifest.take() {
                    Some(Manifest::Keys(merged)) => merged,
                    _ => BTreeMap::new(),
                };
                for (key, value) in keys {
                    if value.is_null() {
                        merged.remove(key);
                    } else {
                        merged.insert(key.clone(), value.clone());
                    }
                }
                self.manifest = Some(Manifest::Keys(merged));
            }
        }
        Ok(())
    }

    /// The file and its manifest as they would lie on a disk, where they are there.
    pub(super) fn lying(&self, path: &str) -> [(String, Option<Vec<u8>>); 2] {
        let manifest = self.sealed(path).map(String::into_bytes);
        [
            (path.to_owned(), Some(self.text.clone().into_bytes())),
            (format!("{path}{MANIFEST_SUFFIX}"), manifest),
        ]
    }

    /// The text of the manifest, with the digest and the number of records where none is stated.
    pub(super) fn sealed(&self, path: &str) -> Option<String> {
        let keys = match self.manifest.as_ref()? {
            Manifest::Text(text) => return Some(text.clone()),
            Manifest::Keys(keys) => keys,
        };
        let mut keys = keys.clone();
        keys.entry("sha256".to_owned()).or_insert_with(|| sha256(&self.text).into());
        if let (false, Some(records)) = (keys.contains_key("records"), records(path, &self.text)) {
            keys.insert("records".to_owned(), records.into());
        }
        let mut text = String::new();
        for (key, value) in &keys {
            let _ = writeln!(text, "{key}: {value}");
        }
        Some(text)
    }

    fn substitute(&mut self, digests: &BTreeMap<String, String>) {
        self.text = substituted(&self.text, digests);
        if let Some(Manifest::Keys(keys)) = &mut self.manifest {
            keys.values_mut().for_each(|value| substitute_in(value, digests));
        }
    }

    fn unresolved(&self) -> Option<&str> {
        let start = self.text.find(OPEN)? + OPEN.len();
        self.text[start..].split('}').next()
    }
}

fn substitute_in(value: &mut Value, digests: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => *text = substituted(text, digests),
        Value::Array(elements) => {
            elements.iter_mut().for_each(|element| substitute_in(element, digests));
        }
        Value::Object(members) => {
            members.values_mut().for_each(|member| substitute_in(member, digests));
        }
        _ => {}
    }
}

fn substituted(text: &str, digests: &BTreeMap<String, String>) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        done.push_str(before);
        let known = after.split_once('}').and_then(|(path, rest)| Some((digests.get(path)?, rest)));
        match known {
            Some((digest, after)) => {
                done.push_str(digest);
                rest = after;
            }
            None => {
                done.push_str(OPEN);
                rest = after;
            }
        }
    }
    done.push_str(rest);
    done
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// How many records a text holds, for the formats that are lists of records.
fn records(path: &str, text: &str) -> Option<u64> {
    if path.ends_with(".jsonl") || path.ends_with(".ndjson") {
        return Some(text.lines().filter(|line| !line.trim().is_empty()).count() as u64);
    }
    if path.ends_with(".csv") {
        return Some(super::field::rows(text).len() as u64);
    }
    let array = || {
        let (document, _) = read_text(path, text.to_owned(), false);
        let document = document?;
        let root = document.root();
        (root.kind() == crate::document::Kind::Array).then(|| root.len() as u64)
    };
    path.ends_with(".json").then(array)?
}
