//! The binder an auditor takes away: the evidence a verdict rests on, the rules it was judged by and
//! the report, in one archive from which the verdict can be derived again.
//!
//! Many controls read the same artifact, and patterns match by path: so every file is stored once, at
//! its own path beneath `repository/`, and the folder of a control is an index of what it rests on.

mod archive;
mod check;
mod index;
mod manifest;
mod recording;
mod stated;
mod withheld;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::catalog::{Engagement, File, Files, Problem, load};
use crate::evidence::{Inventory, Store, illustrate};
use crate::render::{READINESS_NOTICE, html, json, oscal};
use crate::report::{ControlReport, Report};
use crate::verify::{Question, verify};
pub use archive::pack;
pub use check::{Checked, check};
use recording::Recording;
use withheld::Apart;

/// Where the tree of the repository lies in a binder.
const REPOSITORY: &str = "repository/";
/// Where built-in rule files and kinds lie.
const RULES: &str = "rules/";
/// What such files are called in a report.
const BUILT_IN: &str = "builtin:";
/// The report for programs.
const REPORT: &str = "report/report.json";
/// Every file that was seen, in the binder or not.
const SEEN: &str = "files.json";
/// The digests of all other files.
const SUMS: &str = "SHA256SUMS";
/// Bytes of evidence a binder holds at most: it is checked in memory.
const LARGEST: u64 = 2 << 30;

/// A binder before it is packed.
#[derive(Debug, Clone)]
pub struct Binder {
    /// Its files by their path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The report in it.
    pub report: Report,
    /// The paths of the files that were judged and are not in it.
    withheld: BTreeSet<String>,
}

/// Why there is no binder.
#[derive(Debug)]
pub enum Refused {
    /// What evidence is judged by is wrong.
    Policy(Vec<Problem>),
    /// Something cannot go into an archive.
    Plain {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
}

impl Refused {
    fn plain(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { message: message.into(), help: help.into() }
    }
}

/// One file of the repository, in [`SEEN`].
#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    path: String,
    in_binder: bool,
    /// Its SHA-256, where it was read and is not handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withheld: Option<String>,
}

/// Judges the repository and puts what the verdict rests on together. Pure, as [`verify`] is: the
/// same inputs give the same bytes.
///
/// # Errors
/// When the policy is wrong, or a file cannot be read or may not go into an archive.
pub fn assemble(
    policy: &Files,
    inventory: &Inventory,
    store: &dyn Store,
    as_of: Date,
) -> Result<Binder, Refused> {
    if let Some(obstacle) = inventory.obstacles().first() {
        let message = format!("`{}` cannot go into a binder: {}", obstacle.path, obstacle.detail);
        let help = "a binder holds regular files with plain names: correct it, and run `tickmark verify` to see all that is wrong";
        return Err(Refused::plain(message, help));
    }
    let digest = |path: &str| digest_of(store, path);
    put_together(policy, inventory, store, as_of, &digest)
}

/// Puts a binder together in which files that are withheld have the digest that `digest` knows.
fn put_together(
    policy: &Files,
    inventory: &Inventory,
    store: &dyn Store,
    as_of: Date,
    digest: &dyn Fn(&str) -> Result<String, Refused>,
) -> Result<Binder, Refused> {
    let catalog = load(policy).map_err(Refused::Policy)?;
    let recording = Recording::new(store);
    let question = Question { as_of, strict: false, wanted: &|_| true, progress: &|_, _| {} };
    let mut report = verify(&catalog, inventory, &recording, &question).map_err(Refused::Policy)?;
    let withheld = withheld::paths(&recording.asked(), inventory, store)?;
    let digests = withheld.iter().map(|path| Ok((path.clone(), digest(path)?)));
    let digests: BTreeMap<String, String> = digests.collect::<Result<_, Refused>>()?;
    report.conceal(&withheld);
    withheld::name(&mut report, &digests);
    illustrate(&mut report.findings, &Apart { inner: &recording, withheld: &withheld });
    let mut files = BTreeMap::new();
    let mut room = LARGEST;
    for path in recording.opened().into_iter().filter(|path| !withheld.contains(path)) {
        let bytes = bytes(store, &path, &mut room)?;
        files.insert(format!("{REPOSITORY}{path}"), bytes);
    }
    for file in of_policy(policy) {
        files.insert(placed(&file.path), file.bytes.clone());
    }
    let seen = |path: &str| Seen {
        path: path.to_owned(),
        in_binder: files.contains_key(&format!("{REPOSITORY}{path}")),
        withheld: digests.get(path).cloned(),
    };
    let seen: Vec<Seen> = inventory.entries().iter().map(|entry| seen(&entry.path)).collect();
    let wrong = |error: io::Error| Refused::plain(error.to_string(), "see the message");
    files.insert(SEEN.to_owned(), pretty(&seen).map_err(wrong)?);
    derived(&report, &catalog.engagement, &withheld, &mut files).map_err(wrong)?;
    if let Some(path) = files.keys().find(|path| !archive::is_safe(path)) {
        let help = "rename it: plain letters, digits, `-`, `_` and `.` travel everywhere";
        return Err(Refused::plain(
            format!("`{path}` cannot be the name of a file in an archive"),
            help,
        ));
    }
    files.insert(SUMS.to_owned(), sums(&files).into_bytes());
    Ok(Binder { files, report, withheld })
}

/// Where the file that a report calls `path` lies in the binder.
fn placed(path: &str) -> String {
    match path.strip_prefix(BUILT_IN) {
        Some(path) => format!("{RULES}{path}"),
        None => format!("{REPOSITORY}{path}"),
    }
}

fn of_policy(policy: &Files) -> impl Iterator<Item = &File> {
    let single = policy.engagement.iter().chain(&policy.exceptions);
    single.chain(&policy.checklists).chain(&policy.controls).chain(&policy.schemas)
}

fn bytes(store: &dyn Store, path: &str, room: &mut u64) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let read = store.open(path).and_then(|file| file.take(*room + 1).read_to_end(&mut bytes));
    read.map_err(|error| unread(path, &error))?;
    match room.checked_sub(bytes.len() as u64) {
        Some(left) => *room = left,
        None => {
            let help = "hand the evidence over in another way, or keep large exports compressed";
            return Err(Refused::plain("the evidence is larger than 2 GiB", help));
        }
    }
    Ok(bytes)
}

/// The digest of the file at `path`, which may be larger than memory.
fn digest_of(store: &dyn Store, path: &str) -> Result<String, Refused> {
    let unread = |error: io::Error| unread(path, &error);
    let mut reader = BufReader::new(store.open(path).map_err(unread)?);
    let mut hasher = Sha256::new();
    loop {
        let bytes = reader.fill_buf().map_err(unread)?;
        if bytes.is_empty() {
            break;
        }
        hasher.update(bytes);
        let many = bytes.len();
        reader.consume(many);
    }
    Ok(hex(&hasher.finalize()))
}

fn unread(path: &str, error: &io::Error) -> Refused {
    Refused::plain(format!("`{path}` cannot be read: {error}"), "make it readable and run again")
}

/// Reports and indexes: everything that follows from the rest.
fn derived(
    report: &Report,
    engagement: &Engagement,
    withheld: &BTreeSet<String>,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> io::Result<()> {
    let mut out = Vec::new();
    json::render(report, &mut out)?;
    files.insert(REPORT.to_owned(), std::mem::take(&mut out));
    html::render(report, &mut out)?;
    files.insert("report/report.html".to_owned(), std::mem::take(&mut out));
    oscal::render(report, &mut out)?;
    files.insert("report/report.oscal.json".to_owned(), std::mem::take(&mut out));
    let rows = index::rows(report, engagement, withheld, files);
    files.insert("index.csv".to_owned(), index::csv(&rows).into_bytes());
    files.insert("index.html".to_owned(), index::page(report, &rows).into_bytes());
    let mut folders: BTreeMap<String, Vec<&ControlReport>> = BTreeMap::new();
    for control in &report.controls {
        let requests = engagement.requests_of(&control.id);
        if requests.is_empty() {
            folders.entry(format!("controls/{}", control.id)).or_default().push(control);
        }
        for number in requests {
            folders.entry(format!("requests/{number}")).or_default().push(control);
        }
    }
    for (folder, controls) in folders {
        let listed = index::of_controls(&controls, &rows, files);
        files.insert(format!("{folder}/index.csv"), listed.into_bytes());
    }
    files.insert("README.txt".to_owned(), readme(report).into_bytes());
    Ok(())
}

fn readme(report: &Report) -> String {
    format!(
        "Evidence of {}\nAudit window {} to {} ({}), as of {}\n\n{READINESS_NOTICE}\n\n\
         index.html, index.csv   every checklist item with its control, criteria and files\n\
         controls/ID/index.csv   what one control rests on: its rule, artifacts and manifests\n\
         requests/NO/index.csv   the same for the controls that answer one request\n\
         repository/             the evidence with its manifests, untouched, each file once and at\n\
         \x20                       its own path; engagement, exceptions, own rule files and kinds\n\
         rules/                  the built-in rule files and kinds it was judged by\n\
         report/                 the report as HTML, JSON and OSCAL\n\
         files.json              every file that was seen; those no control reads are not here\n\
         SHA256SUMS              digests of all other files: `sha256sum -c SHA256SUMS`\n\n\
         `tickmark binder verify FILE` checks the digests, derives the verdict again from what is\n\
         here and compares it with the report. Digests show that nothing changed by accident;\n\
         that nobody made another binder is shown by a digest of the whole file, kept elsewhere.\n",
        crate::render::clean(&report.organisation),
        report.window.0,
        report.window.1,
        report.time_zone,
        report.as_of,
    )
}

/// Lines as `sha256sum` writes them.
fn sums(files: &BTreeMap<String, Vec<u8>>) -> String {
    files.iter().filter(|(path, _)| *path != SUMS).fold(String::new(), |mut text, (path, bytes)| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}  {path}", digest(bytes));
        text
    })
}

/// SHA-256 in hex.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn pretty<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
