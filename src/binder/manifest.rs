//! What the manifests in a binder say of an artifact, for its indexes.

use std::collections::BTreeMap;

use super::REPOSITORY;
use crate::document::{Document, Node, read_policy};
use crate::evidence::{FOLDER_MANIFEST, MANIFEST_SUFFIX};

/// What is shown of an artifact beside its digest.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// The days it covers, else the day it was collected.
    pub(super) period: String,
    /// Redacted fields, each with its method and reason.
    pub(super) redactions: Vec<String>,
    /// Its manifests, by their path in the binder.
    pub(super) manifests: Vec<String>,
}

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

    /// What they say of the artifact at `path` of the repository: its own first, then what its
    /// folder says of it, then the defaults of the folder.
    pub(super) fn described(&self, path: &str) -> Described {
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
        let own = self.0.get_key_value(&format!("{REPOSITORY}{path}{MANIFEST_SUFFIX}"));
        let shared = self.0.get_key_value(&format!("{REPOSITORY}{folder}{FOLDER_MANIFEST}"));
        let root = shared.map(|(_, document)| document.root());
        let listed = root.and_then(|root| root.get("files")).and_then(|all| all.get(name));
        // A folder's manifest speaks of the files it lists and of no others.
        let defaults = listed.and(root).and_then(|root| root.get("defaults"));
        let first = own.map(|(_, document)| document.root());
        let layers: Vec<Node<'_>> = [first, listed, defaults].into_iter().flatten().collect();
        let field = |name: &str| layers.iter().find_map(|layer| layer.get(name));
        let period = match (field("covers"), field("collected_at")) {
            (Some(covers), _) => format!("{} to {}", text(covers, "from"), text(covers, "to")),
            (None, Some(collected)) => {
                format!("collected {}", collected.as_str().unwrap_or_default())
            }
            (None, None) => String::new(),
        };
        let redactions = field("redactions").into_iter().flat_map(|list| list.elements());
        let redacted = |one: Node<'_>| {
            let [field, method, reason] = ["field", "method", "reason"].map(|name| text(one, name));
            format!("{field}: {method} ({reason})")
        };
        let shared = shared.filter(|_| listed.is_some());
        Described {
            period,
            redactions: redactions.map(redacted).collect(),
            manifests: own.into_iter().chain(shared).map(|(path, _)| path.clone()).collect(),
        }
    }
}

fn text(node: Node<'_>, name: &str) -> String {
    node.get(name).and_then(|node| node.as_str().map(str::to_owned)).unwrap_or_default()
}
