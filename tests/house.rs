//! The house rules: which room may use which, generated files in step with the types, and the
//! built-in pack whole.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use repository::Repository;
use tickmark::catalog::{pack, raw, schema_of};
use tickmark::evidence::{Inventory, folder_schema, manifest_schema};
use tickmark::render::json;

/// What each room may use beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("document", &["model"]),
    ("schema", &["model", "document"]),
    // Both suggest names that are near to what was typed.
    ("expression", &["model", "document", "schema"]),
    // Rule files hold patterns of paths, and name fields of manifests.
    ("catalog", &["model", "document", "schema", "expression", "evidence"]),
    ("evidence", &["model", "document"]),
    ("verify", &["model", "document", "schema", "expression", "catalog", "evidence", "report"]),
    ("report", &["model"]),
    // Says in words what a catalog asks.
    ("explain", &["model", "document", "catalog", "render"]),
    // Judges fixtures of rule files with the verifier itself.
    ("testing", &["model", "document", "schema", "catalog", "evidence", "verify", "report"]),
    ("render", &["model", "report"]),
    // Draws from what the verifier has read.
    ("sample", &["verify", "render"]),
    // Judges, renders and packs; and judges again what was packed.
    ("binder", &["document", "catalog", "evidence", "verify", "report", "render"]),
];

/// What `catalog` may take from `evidence`, which lies on the same floor.
const CATALOG_FROM_EVIDENCE: &[&str] = &["PathPattern", "manifest_schema", "plain_schema"];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inventory = Inventory::walk(&root);
    let of_tests = |path: &str| {
        let file = path.rsplit('/').next().unwrap();
        // Modules that are declared under `#[cfg(test)]`.
        ["tests.rs", "testing.rs", "oracle.rs"].contains(&file) || path == "report/sample.rs"
    };
    let entries = inventory.entries().iter();
    let rust = entries.filter(|entry| entry.path.ends_with(".rs") && !of_tests(&entry.path));
    rust.map(|entry| {
        let text = fs::read_to_string(root.join(&entry.path)).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
        (entry.path.clone(), code)
    })
    .collect()
}

/// The rooms that `code` names: `crate::room…` and `crate::{room…, room…}`.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let listed = match after.strip_prefix('{') {
            Some(group) => outermost(group),
            None => vec![after.to_owned()],
        };
        for path in listed {
            let name: String =
                path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            rooms.insert(name);
        }
    }
    rooms.remove("");
    rooms
}

/// The parts of `group`, which begins inside a brace, up to the brace that closes it.
fn outermost(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    parts
}

#[test]
fn groups_of_paths_are_seen_through() {
    let rooms = rooms_used("use crate::{model::{A, B}, report::C};\nlet x = crate::verify::y();");
    assert_eq!(rooms.into_iter().collect::<Vec<_>>(), ["model", "report", "verify"]);
}

#[test]
fn rooms_use_only_floors_below() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, code) in sources() {
        let Some((room, _)) = path.split_once('/') else { continue };
        seen.insert(room.to_owned());
        // The command line joins everything.
        if room == "cli" {
            continue;
        }
        let Some(may) = allowed.get(room) else {
            wrong.push(format!("src/{path}: the room `{room}` has no floor"));
            continue;
        };
        for used in rooms_used(&code).iter().filter(|used| *used != room) {
            if !may.contains(&used.as_str()) {
                wrong.push(format!("src/{path}: `{room}` may not use `{used}`"));
            }
        }
    }
    assert_eq!(wrong, [""; 0], "see MAY_USE in tests/house.rs");
    assert!(allowed.keys().all(|room| seen.contains(*room)), "{seen:?}");
}

#[test]
fn rule_files_take_only_shapes_from_evidence() {
    for (path, code) in sources().iter().filter(|(path, _)| path.starts_with("catalog/")) {
        for after in code.split("crate::evidence::").skip(1) {
            let names = match after.strip_prefix('{') {
                Some(group) => outermost(group),
                None => vec![after.to_owned()],
            };
            for name in names {
                let name: String =
                    name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = CATALOG_FROM_EVIDENCE.contains(&name.as_str());
                assert!(known, "src/{path} uses `evidence::{name}`");
            }
        }
    }
}

#[test]
fn published_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let update = std::env::var_os("UPDATE").is_some();
    for (name, schema) in [
        ("control", schema_of::<raw::RawControl>()),
        ("engagement", schema_of::<raw::RawEngagement>()),
        ("exceptions", schema_of::<raw::RawExceptions>()),
        ("manifest", manifest_schema()),
        ("checklist", schema_of::<tickmark::catalog::Checklist>()),
        ("test", tickmark::testing::schema()),
        ("folder", folder_schema()),
        ("report", json::schema()),
        ("sample", tickmark::sample::schema()),
    ] {
        let path: PathBuf = folder.join(format!("{name}.schema.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if update {
            fs::write(&path, &text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        let told = "is out of step: run `UPDATE=1 cargo test --test house` and commit it";
        assert!(written == text, "schemas/{name}.schema.json {told}");
    }
}

#[test]
fn every_built_in_control_is_loaded_under_the_name_of_its_file() {
    let pack = pack::controls();
    let engagement = repository::ENGAGEMENT.replace("[]", "[soc2-ai]");
    let catalog = Repository::new().with("tickmark.yaml", engagement).catalog();
    assert_eq!(catalog.warnings.len(), 0, "{:?}", catalog.warnings);
    let ids: Vec<&str> = catalog.controls.iter().map(|control| control.id.as_str()).collect();
    assert!(ids.len() > 10 && ids.len() == pack.len(), "{ids:?}");
    for control in &catalog.controls {
        let id = control.id.to_lowercase();
        let (group, _) = id.split_once('-').unwrap();
        assert_eq!(control.source.path, format!("builtin:controls/{group}/{id}.yaml"));
        assert!(!control.items.is_empty() && !control.requirements.is_empty(), "{id}");
    }
    let used: BTreeSet<&str> = catalog
        .controls
        .iter()
        .flat_map(|control| &control.requirements)
        .flat_map(|requirement| &requirement.slots)
        .map(|slot| slot.kind.as_str())
        .collect();
    let unused: Vec<_> =
        catalog.kinds.keys().filter(|kind| !used.contains(kind.as_str())).collect();
    assert!(unused.is_empty(), "no built-in control reads {unused:?}");
}
