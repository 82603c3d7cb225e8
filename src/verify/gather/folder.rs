//! Folder manifests: `folder.evidence.yaml` describes the files that lie beside it.
//!
//! They are read once, before the artifacts. What a file's own manifest says wins over what the
//! folder says of it, and that over the defaults of the folder, key by key.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

use super::LARGEST;
use super::faults::artifact_finding;
use crate::document::{Decoded, Document, Fault, Node, decode, read_or_return};
use crate::evidence::{FOLDER_MANIFEST, Inventory, Store};
use crate::model::{Code, Finding, Label, LineColumn, Place, Span};
use crate::schema::Schema;

/// A manifest as it is read: the text and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub(super) path: String,
    /// The byte at which its text begins.
    base: u64,
    pub(super) document: Document,
}

impl Sheet {
    /// Reads the file at `path`, which describes `artifact`.
    pub(super) fn read(path: &str, artifact: &str, store: &dyn Store) -> Result<Self, Unread> {
        let wrong = |message: String, place: Place| {
            artifact_finding(Code::ManifestInvalid, message, artifact, vec![Label::new(place, "")])
        };
        let mut bytes = super::room();
        let read = store.open(path);
        if let Err(error) = read.and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
            let message = format!("the manifest cannot be read: {error}");
            let label = Label::new(Place::file(path), "");
            let finding = artifact_finding(Code::PathUnreadable, message, artifact, vec![label]);
            return Err(Unread { blind: true, findings: vec![finding] });
        }
        let unread = |findings| Unread { blind: false, findings };
        let Decoded { text, base } =
            decode(bytes).map_err(|fault| unread(vec![wrong(fault.message, Place::file(path))]))?;
        let (document, faults) = read_or_return(path, text, false);
        let text = match document {
            Ok(document) => return Ok(Self { path: path.to_owned(), base, document }),
            Err(text) => text,
        };
        let place = |span| Place::in_part(path, &text, span, base, LineColumn::FIRST);
        let at = |fault: &Fault| wrong(fault.message.clone(), place(fault.span));
        Err(unread(faults.iter().map(at).collect()))
    }

    /// The place of `span`.
    pub(super) fn place(&self, span: Span) -> Place {
        Place::in_part(&self.path, self.document.text(), span, self.base, LineColumn::FIRST)
    }

    /// What breaks `schema`.
    pub(super) fn breaks(&self, schema: &Schema, artifact: &str) -> Vec<Finding> {
        let at = |mismatch: crate::schema::Mismatch| {
            let label = Label::new(self.place(mismatch.span), "");
            let message = mismatch.message;
            let mut finding =
                artifact_finding(Code::ManifestInvalid, message, artifact, vec![label]);
            finding.help = mismatch.help.unwrap_or(finding.help);
            finding
        };
        schema.check(self.document.root()).into_iter().map(at).collect()
    }
}

/// Why a manifest could not be read.
#[derive(Debug, Clone)]
pub(crate) struct Unread {
    /// We could not look.
    pub(super) blind: bool,
    pub(super) findings: Vec<Finding>,
}

/// The folder manifests of a repository, by their folder.
#[derive(Debug, Default)]
pub(crate) struct Folders(BTreeMap<String, Result<Arc<Sheet>, Unread>>);

impl Folders {
    /// Reads all of them.
    pub(crate) fn read(inventory: &Inventory, store: &dyn Store, schema: &Schema) -> Self {
        let mut folders = BTreeMap::new();
        for path in inventory.entries().iter().map(|entry| entry.path.as_str()) {
            let (folder, name) = split(path);
            if name != FOLDER_MANIFEST {
                continue;
            }
            let sheet = Sheet::read(path, path, store).and_then(|sheet| {
                let findings = sheet.breaks(schema, path);
                if findings.is_empty() {
                    Ok(Arc::new(sheet))
                } else {
                    Err(Unread { blind: false, findings })
                }
            });
            folders.insert(folder.to_owned(), sheet);
        }
        Self(folders)
    }

    /// The manifest of the folder that the file at `path` lies in.
    pub(super) fn of(&self, path: &str) -> Option<&Result<Arc<Sheet>, Unread>> {
        self.0.get(split(path).0)
    }

    /// What is wrong with them.
    pub(crate) fn faults(&self) -> impl Iterator<Item = Finding> + '_ {
        let faults = self.0.values().filter_map(|sheet| sheet.as_ref().err());
        faults.flat_map(|unread| unread.findings.iter().cloned())
    }

    /// The names in them of files that are not there.
    pub(crate) fn orphans(&self, inventory: &Inventory) -> Vec<Finding> {
        let sheets =
            self.0.iter().filter_map(|(folder, sheet)| Some((folder, sheet.as_ref().ok()?)));
        sheets.flat_map(|(folder, sheet)| sheet.orphans(folder, inventory)).collect()
    }
}

impl Sheet {
    /// What the folder says of the file called `name`, and its defaults.
    pub(super) fn layers(&self, name: &str) -> (Option<Node<'_>>, Option<Node<'_>>) {
        let root = self.document.root();
        (root.get("files").and_then(|files| files.get(name)), root.get("defaults"))
    }

    /// The attributes of the artifact at `path`, where this manifest says them.
    pub(super) fn attributes(&self, path: &str) -> Option<Node<'_>> {
        let root = self.document.root();
        if split(&self.path).1 != FOLDER_MANIFEST {
            return root.get("attributes");
        }
        let (listed, defaults) = self.layers(split(path).1);
        let listed = listed.and_then(|node| node.get("attributes"));
        listed.or_else(|| defaults?.get("attributes"))
    }

    fn orphans(&self, folder: &str, inventory: &Inventory) -> Vec<Finding> {
        let files = self.document.root().get("files");
        let named = files.iter().flat_map(|files| files.members());
        let orphan = |(key, _): (Node<'_>, Node<'_>)| {
            let name = key.as_str().unwrap_or_default();
            let artifact = format!("{folder}{name}");
            (name.contains('/') || !inventory.contains(&artifact)).then(|| {
                let message =
                    format!("the folder's manifest describes `{name}`, which is not there");
                let label = Label::new(self.place(key.span()), "");
                artifact_finding(Code::ManifestOrphan, message, &self.path, vec![label])
            })
        };
        named.filter_map(orphan).collect()
    }
}

/// The folder of a path with its closing `/`, and the name in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |at| at + 1))
}
