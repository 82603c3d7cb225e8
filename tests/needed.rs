//! What `check` loads for a file finds all that the whole pack finds in it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use tickmark::catalog::{File, Files, load, load_part, pack};
use tickmark::evidence::{Inventory, MANIFEST_SUFFIX, Memory};
use tickmark::verify::check;

const ROOT: &str = "examples/acme-ai";

fn file(path: &str) -> File {
    let bytes = std::fs::read(Path::new(ROOT).join(path)).unwrap();
    File { path: path.to_owned(), bytes }
}

fn is_rule_file(path: &str) -> bool {
    path.starts_with("controls/") && path.ends_with(".yaml") && !path.ends_with(".test.yaml")
}

fn policy(inventory: &Inventory) -> Files {
    let mut files = Files {
        checklists: Vec::new(),
        engagement: Some(file("tickmark.yaml")),
        exceptions: Some(file("exceptions.yaml")),
        controls: pack::controls(),
        schemas: pack::kinds(),
    };
    let paths = inventory.entries().iter().map(|entry| entry.path.as_str());
    let own = paths.filter(|path| is_rule_file(path));
    files.controls.extend(own.map(file));
    files
}

#[test]
fn a_part_of_the_pack_judges_a_file_as_the_whole_does() {
    let all = Inventory::walk(Path::new(ROOT));
    let files = policy(&all);
    let whole = load(&files).unwrap();
    let as_of = "2027-01-10".parse().unwrap();
    let mut found = 0;
    let artifacts = all.entries().iter().filter(|entry| !entry.path.ends_with(MANIFEST_SUFFIX));
    for artifact in artifacts.filter(|entry| entry.path.starts_with("evidence/")).step_by(24) {
        let manifest = format!("{}{MANIFEST_SUFFIX}", artifact.path);
        let entries = all.entries().iter();
        let named = entries.filter(|entry| entry.path == artifact.path || entry.path == manifest);
        let inventory = Inventory::new(named.cloned().collect());
        let paths: Vec<&str> =
            inventory.entries().iter().map(|entry| entry.path.as_str()).collect();
        // Damaged, so that there is something to find.
        let damaged = |path: &&str| {
            let text = String::from_utf8_lossy(&file(path).bytes).replace("2026-", "206-");
            ((*path).to_owned(), text.into_bytes())
        };
        let store = Memory::new(paths.iter().map(damaged).collect());
        let part = load_part(&files.needed_for(&paths)).unwrap();
        let with_part = check(&part, &inventory, &store, as_of).unwrap();
        let with_whole = check(&whole, &inventory, &store, as_of).unwrap();
        assert_eq!(with_part.findings, with_whole.findings, "{}", artifact.path);
        assert_eq!(with_part.unread, with_whole.unread, "{}", artifact.path);
        found += with_whole.findings.len();
    }
    assert!(found > 0, "nothing was compared");
}
