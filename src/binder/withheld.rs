//! Evidence that is judged where it lies and not handed over: which files those are, and what a binder
//! without them still shows.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use serde_json::Value;

use super::manifest::Manifests;
use super::{Refused, SEEN, Seen, unread};
use crate::document::read_policy;
use crate::evidence::{FOLDER_MANIFEST, Inventory, MANIFEST_SUFFIX, Store};
use crate::report::Report;

/// The key of a manifest that says so.
const KEY: &str = "withheld";

/// Those of the files at `paths` of which a manifest says that they are withheld, whatever else is
/// wrong with the manifest.
///
/// # Errors
/// When a manifest cannot be read: nobody can tell then.
pub(super) fn paths(
    paths: &BTreeSet<String>,
    inventory: &Inventory,
    store: &dyn Store,
) -> Result<BTreeSet<String>, Refused> {
    let mut read = BTreeMap::new();
    let mut withheld = BTreeSet::new();
    for path in paths.iter().filter(|path| !path.ends_with(MANIFEST_SUFFIX)) {
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
        let own = format!("{path}{MANIFEST_SUFFIX}");
        for (manifest, name) in [(own, None), (format!("{folder}{FOLDER_MANIFEST}"), Some(name))] {
            if !inventory.contains(&manifest) {
                continue;
            }
            if !read.contains_key(&manifest) {
                let said = Said::read(&manifest, store)?;
                read.insert(manifest.clone(), said);
            }
            if read[&manifest].of(name) {
                withheld.insert(path.clone());
            }
        }
    }
    Ok(withheld)
}

/// Of which files a manifest says that they are withheld.
enum Said {
    /// Of every file it may speak of.
    All,
    /// Of these, by their name.
    Some(BTreeSet<String>),
}

impl Said {
    fn read(path: &str, store: &dyn Store) -> Result<Self, Refused> {
        let mut bytes = Vec::new();
        let read = store.open(path).and_then(|mut file| file.read_to_end(&mut bytes));
        read.map_err(|error| unread(path, &error))?;
        // In another encoding there may be a zero beside each letter.
        let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        let (document, faults) = read_policy(path, bytes);
        let Some(document) = document.filter(|_| faults.is_empty()) else {
            let is_named = String::from_utf8_lossy(&letters).contains(KEY);
            return Ok(if is_named { Self::All } else { Self::Some(BTreeSet::new()) });
        };
        let root = document.root();
        let files = root.get("files");
        let listed = files.iter().flat_map(|files| files.members());
        let names = |all: bool| {
            let some = listed.clone().filter(|(_, said)| all || said.get(KEY).is_some());
            some.filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect()
        };
        let is_default = root.get("defaults").is_some_and(|one| one.get(KEY).is_some());
        Ok(if root.get(KEY).is_some() || is_default && files.is_none() {
            Self::All
        } else {
            Self::Some(names(is_default))
        })
    }

    /// Whether it says so of the file `name` of its folder; of its own file where there is no name.
    fn of(&self, name: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => name.is_some_and(|name| names.contains(name)),
        }
    }
}

/// A store without the files that are withheld.
pub(super) struct Apart<'a> {
    pub(super) inner: &'a dyn Store,
    pub(super) withheld: &'a BTreeSet<String>,
}

impl Store for Apart<'_> {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        if self.withheld.contains(path) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.inner.open(path)
    }
}

/// Names the files that are withheld in `report` by their `digests`, which it lacks where they are not
/// there.
pub(super) fn name(report: &mut Report, digests: &BTreeMap<String, String>) {
    let requirements = report.controls.iter_mut().flat_map(|control| &mut control.requirements);
    for artifact in requirements.flat_map(|requirement| &mut requirement.artifacts) {
        if let Some(digest) = digests.get(&artifact.path) {
            artifact.sha256.clone_from(digest);
        }
    }
}

/// What a binder says of the files `withheld` that no manifest in it bears out.
pub(super) fn unfounded(
    seen: &[Seen],
    withheld: &BTreeSet<String>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    let manifests = Manifests::read(files);
    let stated = seen.iter().filter_map(|one| Some((&one.path, one.withheld.as_ref()?)));
    let wrong = stated.filter(|(path, sha256)| {
        let said = manifests.said(path, &["sha256"]);
        !withheld.contains(*path) || said.is_some_and(|said| said != *sha256)
    });
    wrong
        .map(|(path, _)| format!("`{SEEN}` calls `{path}` withheld, and no manifest says so of it"))
        .collect()
}

/// The controls of `report` that rest on one of the files `withheld`.
pub(super) fn resting(report: &Value, withheld: &BTreeSet<String>) -> BTreeSet<String> {
    let reads = |control: &&Value| {
        let requirements = members(control, "requirements");
        let mut artifacts = requirements.flat_map(|requirement| members(requirement, "artifacts"));
        artifacts.any(|artifact| withheld.contains(text(artifact, "path")))
    };
    members(report, "controls").filter(reads).map(|one| text(one, "id").to_owned()).collect()
}

/// Whether an entry of a list stays.
type Keep<'k> = &'k dyn Fn(&Value) -> bool;

/// `report` without what is said of the controls `resting` and follows from the content of the files
/// `withheld`.
pub(super) fn apart(
    report: &Value,
    resting: &BTreeSet<String>,
    withheld: &BTreeSet<String>,
) -> Value {
    let mut report = report.clone();
    // The gate, the counts, items and criteria follow from all controls, and are derived from them.
    remove(&mut report, &["verdict", "counts", "items", "criteria"]);
    let keep: [(&str, Keep<'_>); 2] = [
        ("findings", &|one| {
            let is_apart = !withheld.contains(text(&one["subject"], "path"));
            is_apart && (!resting.contains(text(one, "control")) || is_of_one_file(one))
        }),
        ("omitted", &|one| !resting.contains(text(one, "control"))),
    ];
    for (member, keep) in keep {
        if let Some(list) = report.get_mut(member).and_then(Value::as_array_mut) {
            list.retain(|one| keep(one));
        }
    }
    for finding in members_mut(&mut report, "findings") {
        if resting.contains(text(finding, "control")) {
            // Whether a newer file replaces it, or an exception covers it, others may say.
            remove(finding, &["id", "severity", "blocks", "message", "excepted_by"]);
        }
    }
    // What they weigh says in which order they stand.
    if let Some(findings) = report.get_mut("findings").and_then(Value::as_array_mut) {
        findings.sort_by_cached_key(Value::to_string);
    }
    for control in members_mut(&mut report, "controls") {
        if resting.contains(text(control, "id")) {
            remove(control, &["verdict", "reason", "tally"]);
            members_mut(control, "checks")
                .for_each(|check| remove(check, &["checked", "deviations", "excepted"]));
            members_mut(control, "requirements")
                .for_each(|requirement| remove(requirement, &["tally", "periods"]));
        }
    }
    report
}

/// Whether `finding` says what is wrong with one file, whatever others there are.
fn is_of_one_file(finding: &Value) -> bool {
    let codes = ["artifact-syntax", "digest-mismatch", "manifest-invalid", "manifest-missing"];
    let of_kind = ["kind-rule-broken", "schema-mismatch"];
    let is_of_file = matches!(text(&finding["subject"], "kind"), "artifact" | "record");
    is_of_file && codes.iter().chain(&of_kind).any(|code| *code == text(finding, "code"))
}

/// Takes the members `names` out of `value`.
pub(super) fn remove(value: &mut Value, names: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
}

fn members_mut<'v>(value: &'v mut Value, name: &str) -> impl Iterator<Item = &'v mut Value> {
    value.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).map_or("", string)
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
