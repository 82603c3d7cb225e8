//! An evidence repository in memory, judged without the command line.

#![allow(dead_code, reason = "each test uses part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tickmark::catalog::{Catalog, Control, File, Files, load, pack};
use tickmark::evidence::{Entry, Inventory, Memory, Store};
use tickmark::report::Report;
use tickmark::verify::{Question, verify};

/// The day every run of these tests speaks of: after the window of every engagement.
pub(crate) const AS_OF: &str = "2027-01-10";

/// An engagement without packs.
pub(crate) const ENGAGEMENT: &str = "\
organisation: A test
window: { start: 2026-01-01, end: 2026-12-31 }
time_zone: Europe/Berlin
categories: [security]
packs: []
";

/// Files by their path relative to the root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repository(pub(crate) BTreeMap<String, Vec<u8>>);

impl Repository {
    /// A repository with an engagement and nothing else.
    pub(crate) fn new() -> Self {
        Self::default().with("tickmark.yaml", ENGAGEMENT)
    }

    /// The example that ships with the program.
    pub(crate) fn example() -> Self {
        let root = example();
        let inventory = Inventory::walk(&root);
        let read = |entry: &Entry| (entry.path.clone(), fs::read(root.join(&entry.path)).unwrap());
        Self(inventory.entries().iter().map(read).collect())
    }

    /// The same with one more file, or another one in its place.
    pub(crate) fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), bytes.into());
        self
    }

    /// A control that asks for one artifact of `kind`.
    pub(crate) fn with_control(self, id: &str, kind: &str, path: &str) -> Self {
        let rule = serde_json::json!({
            "id": id,
            "title": format!("{path} is as it should be"),
            "items": ["TEST"],
            "objective": "The artifact is what its kind says.",
            "evidence": { "artifact": { "kind": kind, "path": path } },
        });
        self.with(&format!("controls/{}.yaml", id.to_lowercase()), rule.to_string())
    }

    /// What evidence is judged by; panics with every problem when it is wrong.
    pub(crate) fn catalog(&self) -> Catalog {
        let file = |path: &String| File { path: path.clone(), bytes: self.0[path].clone() };
        let under = |folder: &str| {
            self.0.keys().filter(|path| path.starts_with(folder)).map(file).collect()
        };
        let one = |path: &str| self.0.get_key_value(path).map(|(path, _)| file(path));
        let engagement = one("tickmark.yaml");
        let text = String::from_utf8(engagement.clone().unwrap().bytes).unwrap();
        let mut controls: Vec<File> = under("controls/");
        let aside = ["checklist.yaml", ".test.yaml"];
        controls.retain(|file| !aside.iter().any(|ending| file.path.ends_with(ending)));
        if text.contains("soc2-ai") {
            controls.extend(pack::controls());
        }
        let mut schemas: Vec<File> = under("schemas/");
        schemas.extend(pack::kinds());
        let exceptions = one("exceptions.yaml");
        let checklists = one("controls/checklist.yaml").into_iter().collect();
        let files = Files { engagement, exceptions, checklists, controls, schemas };
        load(&files).unwrap_or_else(|problems| {
            let told: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.label.place.path, problem.message))
                .collect();
            panic!("{} problems:\n{}", told.len(), told.join("\n"))
        })
    }

    /// What lies in it.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entry = |path: &String| Entry { path: path.clone() };
        self.0.keys().map(entry).collect()
    }

    /// Judges `wanted` controls by `catalog`.
    pub(crate) fn judged(
        &self,
        catalog: &Catalog,
        wanted: &(dyn Fn(&Control) -> bool + Sync),
    ) -> Report {
        let store = Memory::new(self.0.clone());
        judged(catalog, &Inventory::new(self.entries()), &store, wanted)
    }
}

/// Judges an inventory.
pub(crate) fn judged(
    catalog: &Catalog,
    inventory: &Inventory,
    store: &dyn Store,
    wanted: &(dyn Fn(&Control) -> bool + Sync),
) -> Report {
    let as_of = AS_OF.parse().unwrap();
    let question = Question { as_of, strict: true, wanted, progress: &|_, _| {} };
    verify(catalog, inventory, store, &question).unwrap()
}

/// The folder of the example.
pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme-ai")
}

/// A folder of the public corpora; `None`, said aloud, when they are not there.
#[expect(clippy::print_stderr, reason = "tells why a test did nothing")]
pub(crate) fn corpus(folder: &str) -> Option<PathBuf> {
    let corpora = std::env::var_os("TICKMARK_CORPORA");
    if corpora.is_none() {
        eprintln!("skipped: TICKMARK_CORPORA is not set");
    }
    Some(PathBuf::from(corpora?).join(folder))
}
