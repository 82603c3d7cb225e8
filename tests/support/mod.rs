//! Speaks of planted faults: takes the example, changes one thing, and says what must be found.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use tickmark::catalog::{Catalog, Control, File, Files, load, pack};
use tickmark::evidence::{Directory, Entry, Inventory, Memory, Store};
use tickmark::model::{Finding, Label};
use tickmark::report::Report;
use tickmark::verify::{Question, verify};

type Tree = BTreeMap<String, Vec<u8>>;

static EXAMPLE: LazyLock<Tree> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme-ai");
    let inventory = Inventory::walk(&root);
    let read = |entry: &Entry| (entry.path.clone(), fs::read(root.join(&entry.path)).unwrap());
    inventory.entries().iter().map(read).collect()
});

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| catalog(&EXAMPLE));

fn catalog(tree: &Tree) -> Catalog {
    let file = |path: &str| {
        tree.get(path).map(|bytes| File { path: path.to_owned(), bytes: bytes.clone() })
    };
    let mut controls = pack::controls();
    controls.extend(
        tree.keys()
            .filter(|path| path.starts_with("controls/"))
            .filter(|path| !path.ends_with("checklist.yaml") && !path.ends_with(".test.yaml"))
            .filter_map(|path| file(path)),
    );
    let (engagement, exceptions) = (file("tickmark.yaml"), file("exceptions.yaml"));
    let schemas = pack::kinds();
    let mut checklists = vec![pack::checklist()];
    checklists.extend(file("controls/checklist.yaml"));
    load(&Files { engagement, exceptions, checklists, controls, schemas }).unwrap()
}

/// The example with changes, and the day it is judged on.
pub(crate) struct Verifier {
    tree: Tree,
    as_of: Date,
    policy_changed: bool,
}

impl Verifier {
    /// The example as it stands, judged on 10 January 2027.
    pub(crate) fn example() -> Self {
        let as_of = Date::constant(2027, 1, 10);
        Self { tree: EXAMPLE.clone(), as_of, policy_changed: false }
    }

    /// Judged on another day.
    #[expect(clippy::wrong_self_convention, reason = "a builder that reads as a sentence")]
    pub(crate) fn as_of(mut self, day: &str) -> Self {
        self.as_of = day.parse().unwrap();
        self
    }

    /// Without every file whose path begins so, and without their manifests.
    pub(crate) fn without(mut self, prefix: &str) -> Self {
        let before = self.tree.len();
        self.tree.retain(|path, _| !path.starts_with(prefix));
        assert!(self.tree.len() < before, "nothing lies at {prefix}");
        self
    }

    /// Without this one file: its manifest stays.
    pub(crate) fn without_only(mut self, path: &str) -> Self {
        assert!(self.tree.remove(path).is_some(), "there is no {path}");
        self
    }

    /// With these bytes at `path`; the manifest follows.
    pub(crate) fn with_bytes(mut self, path: &str, bytes: &[u8]) -> Self {
        self.tree.insert(path.to_owned(), bytes.to_vec());
        self.seal(path);
        self
    }

    /// With these bytes at `path` and the manifest left alone.
    pub(crate) fn edit_bytes_unsealed(mut self, path: &str, bytes: &[u8]) -> Self {
        self.tree.insert(path.to_owned(), bytes.to_vec());
        self
    }

    /// With one text changed and its manifest following, so that only the planted fault is there.
    pub(crate) fn edit(self, path: &str, change: impl FnOnce(String) -> String) -> Self {
        let mut edited = self.edit_unsealed(path, change);
        edited.seal(path);
        edited
    }

    /// With one text changed and its manifest left alone.
    pub(crate) fn edit_unsealed(
        mut self,
        path: &str,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        let text = change(self.text(path));
        self.tree.insert(path.to_owned(), text.into_bytes());
        self.policy_changed |= !path.starts_with("evidence/");
        self
    }

    /// The first `old` becomes `new`.
    pub(crate) fn replace(self, path: &str, old: &str, new: &str) -> Self {
        self.edit(path, |text| {
            assert!(text.contains(old), "{path} does not hold {old}");
            text.replacen(old, new, 1)
        })
    }

    /// On the first line that holds `marker`, `old` becomes `new`.
    pub(crate) fn on_line(self, path: &str, marker: &str, old: &str, new: &str) -> Self {
        self.edit(path, |text| {
            let line = text.lines().find(|line| line.contains(marker)).expect(marker).to_owned();
            assert!(line.contains(old), "{path}: the line of {marker} does not hold {old}");
            text.replacen(&line, &line.replacen(old, new, 1), 1)
        })
    }

    /// Without the lines that hold `marker`.
    pub(crate) fn without_lines(self, path: &str, marker: &str) -> Self {
        self.edit(path, |text| {
            let kept: String =
                text.split_inclusive('\n').filter(|line| !line.contains(marker)).collect();
            assert!(kept.len() < text.len(), "{path} has no line with {marker}");
            kept
        })
    }

    /// The text of a file as it now stands.
    pub(crate) fn text(&self, path: &str) -> String {
        let bytes = self.tree.get(path).unwrap_or_else(|| panic!("there is no {path}"));
        String::from_utf8(bytes.clone()).unwrap()
    }

    fn seal(&mut self, path: &str) {
        let sidecar = format!("{path}.evidence.yaml");
        let (Some(bytes), Some(manifest)) = (self.tree.get(path), self.tree.get(&sidecar)) else {
            return;
        };
        let digest: String = Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let count = records(path, bytes);
        let resealed: String = String::from_utf8(manifest.clone())
            .unwrap()
            .split_inclusive('\n')
            .map(|line| match (line.trim_start().split(':').next(), count) {
                (Some("sha256"), _) if line.starts_with("sha256") => {
                    format!("sha256: \"{digest}\"\n")
                }
                (Some("records"), Some(count)) => {
                    format!("{}records: {count}\n", &line[..line.len() - line.trim_start().len()])
                }
                _ => line.to_owned(),
            })
            .collect();
        self.tree.insert(sidecar, resealed.into_bytes());
    }

    fn judge(&self, control: Option<&str>) -> Report {
        let entry = |path: &String| Entry { path: path.clone() };
        let inventory = Inventory::new(self.tree.keys().map(entry).collect());
        let store = Memory::new(self.tree.clone());
        if self.policy_changed {
            return judge(&catalog(&self.tree), &inventory, &store, self.as_of, control);
        }
        judge(&CATALOG, &inventory, &store, self.as_of, control)
    }

    /// The whole gate passes.
    #[track_caller]
    pub(crate) fn passes(self) {
        let report = self.judge(None);
        assert!(report.passes(), "{}", told(&report));
    }

    /// The gate passes for this control.
    #[track_caller]
    pub(crate) fn meets(self, control: &str) {
        let report = self.judge(Some(control));
        assert!(report.passes(), "{}", told(&report));
    }

    /// The gate fails, and a blocking finding of this code belongs to this control.
    #[track_caller]
    pub(crate) fn unmet(self, control: &str, code: &str) -> Unmet {
        let report = self.judge(Some(control));
        assert!(!report.passes(), "false pass: {control} holds in spite of the planted {code}");
        Unmet::new(self.tree, report, Some(control), code)
    }

    /// The gate fails, and a blocking finding of this code belongs to the repository as a whole.
    #[track_caller]
    pub(crate) fn broken(self, code: &str) -> Unmet {
        let report = self.judge(Some("ACME-01"));
        assert!(!report.passes(), "false pass in spite of the planted {code}");
        Unmet::new(self.tree, report, None, code)
    }
}

/// Judges a folder on disk with the example's catalog.
pub(crate) fn on_disk(root: &Path, control: &str) -> Report {
    let as_of = Date::constant(2027, 1, 10);
    judge(&CATALOG, &Inventory::walk(root), &Directory::new(root), as_of, Some(control))
}

/// Writes the example into a folder.
pub(crate) fn write_example(root: &Path) {
    for (path, bytes) in EXAMPLE.iter() {
        let full = root.join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
    }
}

fn judge(
    catalog: &Catalog,
    inventory: &Inventory,
    store: &dyn Store,
    as_of: Date,
    only: Option<&str>,
) -> Report {
    let wanted = |control: &Control| only.is_none_or(|id| control.id == id);
    let question = Question { as_of, strict: false, wanted: &wanted, progress: &|_, _| {} };
    verify(catalog, inventory, store, &question).unwrap()
}

fn records(path: &str, bytes: &[u8]) -> Option<usize> {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    if path.ends_with(".jsonl") {
        Some(lines.count())
    } else if path.ends_with(".csv") {
        Some(lines.count().saturating_sub(1))
    } else {
        None
    }
}

/// What was found on a planted fault: the findings that are as they should be so far.
#[must_use = "say where it is"]
pub(crate) struct Unmet {
    tree: Tree,
    report: Report,
    control: Option<String>,
    code: String,
    found: Vec<Finding>,
}

impl Unmet {
    fn new(tree: Tree, report: Report, control: Option<&str>, code: &str) -> Self {
        let control = control.map(str::to_owned);
        let found = report.findings.iter().filter(|one| one.blocks()).cloned().collect();
        let unmet = Self { tree, report, control, code: code.to_owned(), found };
        let (own, code) = (unmet.control.clone(), unmet.code.clone());
        unmet.that("at all", |one| one.control == own && one.code.as_str() == code)
    }

    /// Keeps the findings that are so; at least one must be.
    #[track_caller]
    fn that(mut self, what: &str, is_so: impl Fn(&Finding) -> bool) -> Self {
        self.found.retain(is_so);
        let (code, control) = (&self.code, &self.control);
        assert!(
            !self.found.is_empty(),
            "no blocking {code} of {control:?} {what}:\n{}",
            told(&self.report)
        );
        self
    }

    /// Its message says so.
    #[track_caller]
    pub(crate) fn saying(self, part: &str) -> Self {
        self.that(&format!("says {part}"), |finding| finding.message.contains(part))
    }

    /// Its primary place begins at the `▸` of `marker`, searched in the text as it now stands.
    #[track_caller]
    pub(crate) fn at(self, path: &str, marker: &str) -> Placed {
        let place = position(&String::from_utf8_lossy(&self.tree[path]), path, marker);
        self.at_line_column(path, place)
    }

    /// Its primary place begins at this byte.
    #[track_caller]
    pub(crate) fn at_byte(self, path: &str, byte: usize) -> Placed {
        let place = line_column(&self.tree[path][..byte]);
        self.at_line_column(path, place)
    }

    /// Its primary place is the file as a whole.
    #[track_caller]
    pub(crate) fn at_file(self, path: &str) -> Placed {
        self.at_line_column(path, (1, 1))
    }

    /// Its place is in the rule file that demands what is missing, and nowhere else.
    #[track_caller]
    pub(crate) fn only_ruled_at(self, marker: &str) {
        let nowhere = |finding: &Finding| finding.evidence.is_empty();
        Placed(self.that("without a place", nowhere)).ruled_at(marker);
    }

    #[track_caller]
    fn at_line_column(self, path: &str, (line, column): (u64, u64)) -> Placed {
        Placed(self.that(&format!("at {path}:{line}:{column}"), |finding| {
            finding.evidence.first().is_some_and(|label| is_there(label, path, (line, column)))
        }))
    }
}

/// A finding whose place was asserted.
pub(crate) struct Placed(Unmet);

impl Placed {
    /// It shows this place, too.
    #[track_caller]
    pub(crate) fn and_at(self, path: &str, marker: &str) -> Self {
        let place = position(&String::from_utf8_lossy(&self.0.tree[path]), path, marker);
        Self(self.0.that(&format!("also at {path}:{}:{}", place.0, place.1), |finding| {
            finding.evidence.iter().skip(1).any(|label| is_there(label, path, place))
        }))
    }

    /// The rule that demands it begins at the `▸` of `marker` in its file.
    #[track_caller]
    pub(crate) fn ruled_at(self, marker: &str) -> Self {
        let rule = self.0.found[0].rule.clone().expect("a rule");
        let path = rule.place.path;
        let mut files = pack::controls();
        files.extend(pack::kinds());
        let builtin = files.into_iter().find(|file| file.path == path).map(|file| file.bytes);
        let bytes = builtin.unwrap_or_else(|| self.0.tree[&path].clone());
        let place = position(&String::from_utf8_lossy(&bytes), &path, marker);
        Self(self.0.that(&format!("demanded at {path}:{}:{}", place.0, place.1), |finding| {
            finding.rule.as_ref().is_some_and(|label| is_there(label, &path, place))
        }))
    }
}

fn is_there(label: &Label, path: &str, place: (u64, u64)) -> bool {
    label.place.path == path && (label.place.start.line, label.place.start.column) == place
}

/// Line and column of the `▸` of `marker` in `text`.
#[track_caller]
fn position(text: &str, path: &str, marker: &str) -> (u64, u64) {
    let (before, after) = marker.split_once('▸').unwrap_or(("", marker));
    let whole = format!("{before}{after}");
    let at = text.find(&whole).unwrap_or_else(|| panic!("{path} does not hold {whole}"));
    line_column(&text.as_bytes()[..at + before.len()])
}

fn line_column(before: &[u8]) -> (u64, u64) {
    let line = before.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() as u64 + 1)
}

/// Every finding on a line.
pub(crate) fn told(report: &Report) -> String {
    let mut lines = String::new();
    for finding in report.findings.iter().take(25) {
        let place = finding.evidence.first().map_or_else(String::new, |label| {
            let start = label.place.start;
            format!("{}:{}:{}", label.place.path, start.line, start.column)
        });
        let rule = finding.rule.as_ref().map_or_else(String::new, |label| {
            let start = label.place.start;
            format!("[{}:{}:{}]", label.place.path, start.line, start.column)
        });
        let _ = writeln!(
            lines,
            "  {} {:?} {}/{} {place} {rule} {}",
            finding.code.as_str(),
            finding.severity,
            finding.control.as_deref().unwrap_or("-"),
            finding.check.as_deref().or(finding.requirement.as_deref()).unwrap_or("-"),
            finding.message
        );
    }
    lines
}
