//! Evidence that is judged where it lies and not handed over: what a binder without it still shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::manifest::Manifests;
use super::{REPOSITORY, SEEN, Seen};

/// The paths of the files that a binder says are withheld.
///
/// # Errors
/// When no manifest in it says so of one of them and of the same bytes, or when it is there after all.
pub(super) fn declared(
    seen: &[Seen],
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<BTreeSet<String>, String> {
    let mut paths = BTreeSet::new();
    let mut manifests = None;
    for one in seen {
        let Some(sha256) = &one.withheld else { continue };
        let path = &one.path;
        let manifests = manifests.get_or_insert_with(|| Manifests::read(files));
        if one.in_binder || files.contains_key(&format!("{REPOSITORY}{path}")) {
            return Err(format!("`{path}` is there, and `{SEEN}` calls it withheld"));
        }
        let is_so = manifests.said(path, &["withheld", "by"]).is_some()
            && manifests.said(path, &["sha256"]) == Some(sha256);
        if !is_so {
            return Err(format!("`{SEEN}` calls `{path}` withheld, and no manifest says so of it"));
        }
        paths.insert(path.clone());
    }
    Ok(paths)
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

/// `report` without the controls `resting`, and without what is said of them or of the files
/// `withheld`.
pub(super) fn apart(
    report: &Value,
    resting: &BTreeSet<String>,
    withheld: &BTreeSet<String>,
) -> Value {
    let mut report = report.clone();
    let Some(top) = report.as_object_mut() else { return report };
    // The gate and the counts follow from all controls, those that cannot be judged again among them.
    for member in ["verdict", "counts"] {
        top.remove(member);
    }
    let rests = |controls: &Value| {
        controls.as_array().is_some_and(|all| all.iter().any(|id| resting.contains(string(id))))
    };
    let keep: [(&str, Keep<'_>); 5] = [
        ("controls", &|one| !resting.contains(text(one, "id"))),
        ("items", &|one| !rests(&one["controls"])),
        ("criteria", &|one| !rests(&one["controls"])),
        ("findings", &|one| {
            let subject = text(&one["subject"], "path");
            !resting.contains(text(one, "control")) && !withheld.contains(subject)
        }),
        ("omitted", &|one| !resting.contains(text(one, "control"))),
    ];
    for (member, keep) in keep {
        if let Some(list) = top.get_mut(member).and_then(Value::as_array_mut) {
            list.retain(|one| keep(one));
        }
    }
    report
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
