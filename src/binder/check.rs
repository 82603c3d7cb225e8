//! Whether a binder is what it says: every digest, and the verdict derived again from what is in it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::archive::{Unpacked, unpack};
use super::{
    BUILT_IN, Binder, REPORT, REPOSITORY, RULES, Refused, SEEN, SUMS, Seen, digest, put_together,
};
use super::{stated, withheld};
use crate::catalog::{File, Files, load};
use crate::evidence::{Entry, Inventory, Memory, illustrate};
use crate::report::Report;
use crate::verify::roll_up;

/// What was seen of a binder.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong; empty where the binder is what it says.
    pub faults: Vec<String>,
    /// What could not be told and is no fault.
    pub notes: Vec<String>,
    /// How many files it holds.
    pub files: usize,
    /// How many files it withholds: nothing can tell what rests on them.
    pub withheld: usize,
    /// The report as it was derived again.
    pub report: Option<Report>,
}

/// Faults of one kind that are told; the rest is counted.
const TOLD: usize = 20;

/// Checks the binder in `bytes`.
#[must_use]
pub fn check(bytes: &[u8]) -> Checked {
    let mut checked = Checked::default();
    let unpacked = match unpack(bytes) {
        Ok(unpacked) => unpacked,
        Err(fault) => {
            checked.faults.push(fault);
            return checked;
        }
    };
    checked.files = unpacked.files.len();
    checked.digests(&unpacked.files);
    if checked.faults.is_empty() {
        checked.again(&unpacked);
    }
    let beyond = checked.faults.len().saturating_sub(TOLD);
    if beyond > 0 {
        checked.faults.truncate(TOLD);
        checked.faults.push(format!("and {beyond} more"));
    }
    checked
}

impl Checked {
    fn digests(&mut self, files: &BTreeMap<String, Vec<u8>>) {
        let Some(sums) = files.get(SUMS) else {
            return self.faults.push(format!("`{SUMS}` is missing"));
        };
        let sums = String::from_utf8_lossy(sums);
        let mut listed = BTreeSet::from([SUMS]);
        for line in sums.lines() {
            let Some((sum, path)) = line.split_once("  ") else {
                self.faults.push(format!("`{SUMS}` has a line that is none: `{line}`"));
                continue;
            };
            match files.get(path) {
                None => self.faults.push(format!("`{path}` is missing")),
                Some(bytes) if digest(bytes) != sum => {
                    self.faults.push(format!("`{path}` is not the file that `{SUMS}` lists"));
                }
                Some(_) => {}
            }
            if !listed.insert(path) {
                self.faults.push(format!("`{SUMS}` lists `{path}` twice"));
            }
        }
        let extra = files.keys().filter(|path| !listed.contains(path.as_str()));
        self.faults.extend(extra.map(|path| format!("`{path}` stands in no line of `{SUMS}`")));
    }

    /// Derives everything again and compares.
    fn again(&mut self, unpacked: &Unpacked) {
        let files = &unpacked.files;
        let report: Value = match files.get(REPORT).map(|bytes| serde_json::from_slice(bytes)) {
            Some(Ok(report)) => report,
            _ => return self.faults.push(format!("`{REPORT}` is missing or no JSON")),
        };
        let derived = match derive(files, &report, self) {
            Ok(derived) => derived,
            Err(fault) => return self.faults.push(fault),
        };
        let version = report.pointer("/tool/version").and_then(Value::as_str).unwrap_or_default();
        let is_same_version = version == env!("CARGO_PKG_VERSION");
        if is_same_version && !unpacked.is_same_container {
            self.faults.push("the files are as they were, but the archive was changed: it is not compressed as this version compresses".to_owned());
        }
        if !is_same_version {
            self.notes.push(format!(
                "it was made by version {version}: verdicts and findings are compared, not bytes"
            ));
        }
        if !derived.withheld.is_empty() {
            return self.with_withheld(&report, &derived, is_same_version, files);
        }
        if is_same_version {
            self.compare(files, &derived.files);
        } else {
            let own = derived.files.get(REPORT).map_or(&[][..], Vec::as_slice);
            let mut own: Value = serde_json::from_slice(own).unwrap_or_default();
            let mut theirs = report;
            for report in [&mut own, &mut theirs] {
                if let Some(report) = report.as_object_mut() {
                    report.remove("tool");
                }
            }
            if own != theirs {
                self.faults.push("the report inside is not the one that follows from its evidence and rules, as this version judges them".to_owned());
            }
        }
        self.report = Some(derived.report);
    }

    /// Compares what does not rest on files that are withheld: the rest stands as it was said, and
    /// pages and indexes show just that.
    fn with_withheld(
        &mut self,
        stated: &Value,
        derived: &Binder,
        is_same_version: bool,
        files: &BTreeMap<String, Vec<u8>>,
    ) {
        let withheld = &derived.withheld;
        self.withheld = withheld.len();
        let own = derived.files.get(REPORT).map_or(&[][..], Vec::as_slice);
        let mut own: Value = serde_json::from_slice(own).unwrap_or_default();
        // What rests on them is derived: whoever made the binder does not choose what is exempt.
        let resting = withheld::resting(&own, withheld);
        let mut theirs = stated.clone();
        if !is_same_version {
            withheld::remove(&mut own, &["tool"]);
            withheld::remove(&mut theirs, &["tool"]);
        }
        let [own, theirs] =
            [own, theirs].map(|report| withheld::apart(&report, &resting, withheld));
        if own != theirs {
            self.faults.push("the report inside is not the one that follows from its evidence and rules, even apart from what rests on withheld files".to_owned());
        }
        match shown(stated, derived, files) {
            Ok(expected) if is_same_version => self.compare(files, &expected),
            shown => {
                self.faults.extend(shown.err().filter(|_| is_same_version));
                self.compare_inputs(files, &derived.files);
            }
        }
        let named = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        self.notes.push(format!(
            "{} withheld ({}): the verdicts of {} rest on what is not here and are as they were said, \
             and so is the gate",
            crate::render::counted(withheld.len() as u64, "file"),
            named(withheld),
            named(&resting),
        ));
        self.report = Some(derived.report.clone());
    }

    /// Compares names, and the bytes of what no version writes by itself.
    fn compare_inputs(
        &mut self,
        files: &BTreeMap<String, Vec<u8>>,
        derived: &BTreeMap<String, Vec<u8>>,
    ) {
        let is_input = |path: &str| path.starts_with(REPOSITORY) || path.starts_with(RULES);
        for (path, bytes) in files {
            let own = derived.get(path);
            if own.is_none_or(|own| is_input(path) && own != bytes) {
                self.faults.push(format!("`{path}` is none of the files the verdict rests on"));
            }
        }
    }

    fn compare(&mut self, files: &BTreeMap<String, Vec<u8>>, derived: &BTreeMap<String, Vec<u8>>) {
        for (path, bytes) in files {
            match derived.get(path) {
                None => {
                    self.faults.push(format!("`{path}` is none of the files the verdict rests on"))
                }
                Some(own) if own != bytes => {
                    self.faults.push(format!(
                        "`{path}` is not what follows from the evidence and rules inside"
                    ));
                }
                Some(_) => {}
            }
        }
        let missing = derived.keys().filter(|path| !files.contains_key(*path));
        self.faults.extend(missing.map(|path| format!("`{path}` is missing")));
    }
}

/// The binder that follows from the evidence and rules among `files`; what these call withheld and no
/// manifest does is a fault of `checked`.
fn derive(
    files: &BTreeMap<String, Vec<u8>>,
    report: &Value,
    checked: &mut Checked,
) -> Result<Binder, String> {
    let as_of = report.get("as_of").and_then(Value::as_str).unwrap_or_default();
    let as_of = as_of.parse().map_err(|_| format!("`{REPORT}` has no as-of date"))?;
    let seen = files.get(SEEN).map(Vec::as_slice).unwrap_or_default();
    let seen: Vec<Seen> = serde_json::from_slice(seen)
        .map_err(|error| format!("`{SEEN}` cannot be read: {error}"))?;
    let entry = |one: &Seen| Entry { path: one.path.clone() };
    let inventory = Inventory::new(seen.iter().map(entry).collect());
    let digest = |path: &str| {
        let stated = seen.iter().find(|one| one.path == path);
        stated.and_then(|one| one.withheld.clone()).ok_or_else(|| {
            let message = format!("a manifest calls `{path}` withheld, and `{SEEN}` does not");
            Refused::plain(message, "see the message")
        })
    };
    let derived = put_together(&policy(files), &inventory, &store(files), as_of, &digest);
    let derived = derived.map_err(|refused| match refused {
        Refused::Plain { message, .. } => format!("nothing follows from it: {message}"),
        Refused::Policy(problems) => {
            let first = problems.first().map_or("its rules are wrong", |one| one.message.as_str());
            format!("nothing follows from it: {first}")
        }
    })?;
    checked.faults.extend(withheld::unfounded(&seen, &derived.withheld, files));
    Ok(derived)
}

/// What lies in the repository of a binder.
fn store(files: &BTreeMap<String, Vec<u8>>) -> Memory {
    let tree = files.iter().filter_map(|(path, bytes)| {
        Some((path.strip_prefix(REPOSITORY)?.to_owned(), bytes.clone()))
    });
    Memory::new(tree.collect())
}

/// The files of a binder whose report says what `stated` does, over the inputs of `derived`.
fn shown(
    stated: &Value,
    derived: &Binder,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let unshown = |why: &str| format!("`{REPORT}` is not what a report is: {why}");
    let mut report = stated::report(stated).map_err(|error| unshown(&error.to_string()))?;
    let policy = policy(files);
    let catalog = load(&policy).map_err(|_| unshown("its rules are wrong"))?;
    roll_up(&catalog, &mut report);
    stated::quote(&mut report, &policy);
    illustrate(&mut report.findings, &store(files));
    let is_input =
        |path: &str| path == SEEN || path.starts_with(REPOSITORY) || path.starts_with(RULES);
    let inputs = derived.files.iter().filter(|(path, _)| is_input(path));
    let mut shown = inputs.map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
    super::derived(&report, &catalog.engagement, &derived.withheld, &mut shown)
        .map_err(|error| unshown(&error.to_string()))?;
    shown.insert(SUMS.to_owned(), super::sums(&shown).into_bytes());
    Ok(shown)
}

/// The policy among `files`, as it is read from a repository and the built-in pack.
fn policy(files: &BTreeMap<String, Vec<u8>>) -> Files {
    let file = |(path, bytes): (&String, &Vec<u8>)| {
        let own = path.strip_prefix(REPOSITORY).map(str::to_owned);
        let path = own.or_else(|| Some(format!("{BUILT_IN}{}", path.strip_prefix(RULES)?)))?;
        Some(File { path, bytes: bytes.clone() })
    };
    let mut policy = Files::default();
    let built_in = files.iter().filter(|(path, _)| path.starts_with(RULES));
    let own = files.iter().filter(|(path, _)| path.starts_with(REPOSITORY));
    for file in built_in.chain(own).filter_map(file) {
        let path = file.path.strip_prefix(BUILT_IN).unwrap_or(&file.path);
        if path == "tickmark.yaml" {
            policy.engagement = Some(file);
        } else if path == "exceptions.yaml" {
            policy.exceptions = Some(file);
        } else if path == "controls/checklist.yaml" {
            policy.checklists.push(file);
        } else if path.starts_with("controls/")
            && path.ends_with(".yaml")
            && !path.ends_with(".test.yaml")
        {
            policy.controls.push(file);
        } else if path.starts_with("schemas/") && path.ends_with(".json") {
            policy.schemas.push(file);
        }
    }
    policy
}
