//! Which manifests of a binder speak of an artifact.

use std::collections::BTreeMap;

use super::REPOSITORY;
use crate::document::{Document, read_policy};
use crate::evidence::{FOLDER_MANIFEST, MANIFEST_SUFFIX};

/// The manifests of a binder, each read once, by their path in it.
pub(super) struct Manifests(BTreeMap<String, Document>);

impl Manifests {
    /// Reads those among `files`.
    pub(super) fn read(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let manifests = files.iter().filter(|(path, _)| path.ends_with(MANIFEST_SUFFIX));
        let read = manifests.filter_map(|(path, bytes)| {
            let (document, _) = read_policy(path, bytes.clone());
            Some((path.clone(), document?))
        });
        Self(read.collect())
    }

    /// The text that is said of the artifact at `path` at `keys`: by its own manifest, else by what its
    /// folder says of it, else by the defaults of the folder.
    pub(super) fn said(&self, path: &str, keys: &[&str]) -> Option<&str> {
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
        let root = |path: String| self.0.get(&path).map(Document::root);
        let own = root(format!("{REPOSITORY}{path}{MANIFEST_SUFFIX}"));
        let shared = root(format!("{REPOSITORY}{folder}{FOLDER_MANIFEST}"));
        let listed = shared.and_then(|root| root.get("files")).and_then(|files| files.get(name));
        let defaults = listed.and(shared).and_then(|root| root.get("defaults"));
        let mut layers = [own, listed, defaults].into_iter().flatten();
        layers.find_map(|layer| keys.iter().try_fold(layer, |node, key| node.get(key)))?.as_str()
    }

    /// Those that speak of the artifact at `path` of the repository, by their path in the binder.
    pub(super) fn of(&self, path: &str) -> Vec<String> {
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
        let own = self.0.get_key_value(&format!("{REPOSITORY}{path}{MANIFEST_SUFFIX}"));
        let shared = self.0.get_key_value(&format!("{REPOSITORY}{folder}{FOLDER_MANIFEST}"));
        // A folder's manifest speaks of the files it lists and of no others.
        let shared = shared.filter(|(_, document)| {
            document.root().get("files").is_some_and(|files| files.get(name).is_some())
        });
        own.into_iter().chain(shared).map(|(path, _)| path.clone()).collect()
    }
}
