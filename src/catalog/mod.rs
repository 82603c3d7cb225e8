//! Rule files, schemas and the engagement: raw shape first, valid type second, compiled once.

mod checklist;
mod checks;
mod control;
mod engagement;
mod keypath;
mod kind;
mod needed;
pub mod pack;
mod problem;
pub mod raw;
mod resolve;

use std::sync::Arc;

use rayon::prelude::*;

pub use checklist::{Checklist, Group, Item};
pub use control::{
    Against, Bounds, Check, Condition, Control, Exclusion, Keyed, Requirement, Selection, Slot,
    Test,
};
pub use engagement::{Engagement, Exception, Exceptions, Waiver};
pub use keypath::{KeyPath, Record, key_text, keys, whole_keys};
pub use kind::{Kind, KindRule, Unit};
pub use problem::{Problem, Source, excerpt, first_line, of_fault};
pub use resolve::{Kinds, Overrides};

use crate::document;
use crate::model::time::{Cadence, Interval};
use crate::schema::{Schema, SchemaSet, Trust};

/// A file of a pack, the engagement or the exceptions.
#[derive(Debug, Clone)]
pub struct File {
    /// Path relative to the root, or `builtin:…`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All files that make a catalog.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// `tickmark.yaml`.
    pub engagement: Option<File>,
    /// `exceptions.yaml`.
    pub exceptions: Option<File>,
    /// Checklists; without one, controls may claim any item.
    pub checklists: Vec<File>,
    /// Rule files.
    pub controls: Vec<File>,
    /// Kinds.
    pub schemas: Vec<File>,
}

/// Everything evidence is judged by.
#[derive(Debug)]
pub struct Catalog {
    /// The engagement.
    pub engagement: Engagement,
    /// Recorded exceptions and waivers.
    pub exceptions: Exceptions,
    /// Kinds by name.
    pub kinds: Kinds,
    /// Controls by id.
    pub controls: Vec<Control>,
    /// The items the controls answer, and the criteria.
    pub checklist: Checklist,
    /// What is odd and does not stop the run.
    pub warnings: Vec<Problem>,
}

/// Reads a file of the policy.
///
/// # Errors
/// Every fault of its text.
pub fn source(file: &File) -> Result<Source, Vec<Problem>> {
    let (document, faults) = document::read_policy(&file.path, file.bytes.clone());
    match document {
        Some(document) if faults.is_empty() => Ok(Source { path: file.path.clone(), document }),
        _ => {
            let text = String::from_utf8_lossy(&file.bytes);
            Err(faults.iter().map(|fault| of_fault(&file.path, &text, fault)).collect())
        }
    }
}

/// Reads a file whose shape is `T`: checks it against the schema of `T`, where there is one, then
/// reads it.
///
/// # Errors
/// Every problem of the file.
pub(crate) fn typed<T>(schema: Option<&Schema>, source: &Source) -> Result<T, Vec<Problem>>
where
    T: serde::de::DeserializeOwned,
{
    let Some(schema) = schema else { return read(source) };
    let mismatches = schema.check(source.document.root());
    if !mismatches.is_empty() {
        return Err(mismatches
            .into_iter()
            .map(|mismatch| Problem {
                label: source.label_span(mismatch.span),
                message: mismatch.message,
                help: mismatch.help,
            })
            .collect());
    }
    read(source)
}

fn read<T: serde::de::DeserializeOwned>(source: &Source) -> Result<T, Vec<Problem>> {
    document::from_node(source.document.root()).map_err(|error| {
        vec![Problem { label: source.label_span(error.span), message: error.message, help: None }]
    })
}

/// Compiles a schema that was generated from a type of ours; a test lints all of them.
pub(crate) fn generated(name: &str, schema: serde_json::Value) -> Result<Schema, Vec<Problem>> {
    let mut set = SchemaSet::new();
    set.add(name, &[], schema, Trust::Own);
    set.compile_tested(name).map_err(|problems| {
        let place =
            crate::model::Label::new(crate::model::Place::file(format!("builtin:{name}")), "");
        problems
            .into_iter()
            .map(|problem| Problem {
                label: place.clone(),
                message: format!("{}: {}", problem.pointer, problem.message),
                help: problem.help,
            })
            .collect()
    })
}

/// The JSON Schema (draft 7) of `T`.
#[must_use]
pub fn schema_of<T: schemars::JsonSchema>() -> serde_json::Value {
    crate::evidence::plain_schema::<T>()
}

/// Loads everything, or tells all that is wrong with it.
///
/// # Errors
/// Every problem of every file, in the order of the files.
pub fn load(files: &Files) -> Result<Catalog, Vec<Problem>> {
    load_as(files, true)
}

/// Loads a part of a policy, as [`Files::needed_for`] leaves it: names in the engagement and in the
/// exceptions may be those of controls that are not in it.
///
/// # Errors
/// Every problem of every file, in the order of the files.
pub fn load_part(files: &Files) -> Result<Catalog, Vec<Problem>> {
    load_as(files, false)
}

fn load_as(files: &Files, whole: bool) -> Result<Catalog, Vec<Problem>> {
    let mut problems = Vec::new();
    let exceptions = || engagement::exceptions(files.exceptions.as_ref());
    let engagement = || rayon::join(|| engagement::load(files.engagement.as_ref()), exceptions);
    let kinds = || load_kinds(&files.schemas);
    let known = || rayon::join(|| checklist::load(&files.checklists), kinds);
    let controls = || read_controls(&files.controls);
    let (((engagement, exceptions), (checklist, (unread, kinds))), raw) =
        rayon::join(|| rayon::join(engagement, known), controls);
    let (engagement, overrides) = gather(&mut problems, engagement).unzip();
    let exceptions = gather(&mut problems, exceptions);
    let checklist = gather(&mut problems, checklist);
    problems.extend(unread);
    let (kinds, warnings) = gather(&mut problems, kinds).unwrap_or_default();
    let mut controls = Vec::new();
    if problems.is_empty() || !kinds.is_empty() {
        let overrides = overrides.unwrap_or_default();
        let raw = gather(&mut problems, raw).unwrap_or_default();
        controls = resolve_controls(raw, &kinds, &overrides, &mut problems);
        // With a rule file missing, every name would seem unknown.
        if let Some(engagement) = engagement.as_ref().filter(|_| whole && problems.is_empty()) {
            problems.extend(engagement.unknown_names(&controls, &overrides));
        }
    }
    controls.sort_by(|a, b| a.id.cmp(&b.id));
    let checklist = checklist.unwrap_or_default();
    if problems.is_empty() {
        problems.extend(checklist.claims(&controls));
    }
    for pair in controls.windows(2) {
        if pair[0].id == pair[1].id {
            let message = format!("`{}` is the id of {} too", pair[1].id, pair[0].source.path);
            problems.push(pair[1].source.problem("/id", message, None));
        }
    }
    if let (Some(engagement), Some(exceptions)) = (engagement, exceptions) {
        problems.extend(controls.iter().flat_map(|control| never_due(control, engagement.window)));
        let mut unknown = Vec::new();
        engagement.apply(&mut controls, &exceptions, &mut unknown);
        problems.extend(unknown.into_iter().filter(|_| whole));
        if controls.is_empty() && problems.is_empty() {
            let message = "no control was loaded: nothing would be checked";
            let help = "name a pack (`packs: [soc2-ai]`), or add rule files under `controls/`";
            problems.push(engagement.source.problem("", message, Some(help.to_owned())));
        }
        if problems.is_empty() {
            let checklist = checklist.whole;
            return Ok(Catalog { engagement, exceptions, kinds, controls, checklist, warnings });
        }
    }
    Err(problems)
}

/// Cadences of which no period fits into the window: nothing would ever be due.
fn never_due(control: &Control, window: Interval) -> Vec<Problem> {
    let slots = control.requirements.iter().flat_map(|requirement| &requirement.slots);
    let longer = slots.filter_map(|slot| match slot.cadence {
        Some(Cadence::EveryDays(days)) if u32::from(days.get()) > window.days() => {
            let message = format!(
                "a cadence of {days} days does not fit into the audit window of {} days",
                window.days()
            );
            let help = "ask for the evidence once, or give a `freshness` instead";
            let pointer = format!("{}/cadence", slot.pointer);
            Some(control.source.problem(&pointer, message, Some(help.to_owned())))
        }
        _ => None,
    });
    longer.collect()
}

type LoadedKinds = Result<(Kinds, Vec<Problem>), Vec<Problem>>;

/// The problems of schemas that cannot be read, and the kinds and warnings of the others.
fn load_kinds(files: &[File]) -> (Vec<Problem>, LoadedKinds) {
    let mut problems = Vec::new();
    let read: Vec<_> = files.par_iter().map(source).collect();
    let schemas = read.into_iter().filter_map(|source| gather(&mut problems, source)).collect();
    (problems, kind::kinds(schemas))
}

/// A rule file that has the shape of one.
struct Raw {
    source: Source,
    control: raw::RawControl,
}

type Read = Result<Raw, Vec<Problem>>;

/// Reads rule files, each or its problems.
fn read_controls(files: &[File]) -> Result<Vec<Read>, Vec<Problem>> {
    let own = |file: &&File| !pack::holds(&file.path, &file.bytes);
    let schema =
        files.iter().find(own).map(|_| generated("control", schema_of::<raw::RawControl>()));
    let schema = schema.transpose()?;
    let read = |file: &File| {
        let source = source(file)?;
        let control = typed(schema.as_ref().filter(|_| own(&file)), &source)?;
        Ok(Raw { source, control })
    };
    Ok(files.par_iter().map(read).collect())
}

fn resolve_controls(
    read: Vec<Read>,
    kinds: &Kinds,
    overrides: &Overrides,
    problems: &mut Vec<Problem>,
) -> Vec<Control> {
    let shared = resolve::Shared::default();
    let resolve = |read: Read| resolve_control(read?, kinds, overrides, &shared);
    let resolved: Vec<_> = read.into_par_iter().map(resolve).collect();
    resolved.into_iter().filter_map(|control| gather(problems, control)).collect()
}

fn resolve_control(
    read: Raw,
    kinds: &Kinds,
    overrides: &Overrides,
    shared: &resolve::Shared,
) -> Result<Control, Vec<Problem>> {
    let Raw { source, control: raw } = read;
    let stem = source.path.rsplit('/').next().unwrap_or_default();
    let mut problems = Vec::new();
    if stem.trim_end_matches(".yaml") != raw.id.to_lowercase() {
        let message = format!("a rule file is named for its id: `{}.yaml`", raw.id.to_lowercase());
        problems.push(source.problem("/id", message, None));
    }
    if raw.items.is_empty() && raw.adds_to.is_empty() {
        let message = format!("{} claims no checklist item: nobody would miss it", raw.id);
        let help = "name the item it answers under `items`, or one it adds to under `adds_to`";
        problems.push(source.problem("/id", message, Some(help.to_owned())));
    }
    match resolve::control(&raw, Arc::new(source), kinds, overrides, shared) {
        Ok(control) if problems.is_empty() => Ok(control),
        Ok(_) => Err(problems),
        Err(found) => Err(problems.into_iter().chain(found).collect()),
    }
}

fn gather<T>(problems: &mut Vec<Problem>, result: Result<T, Vec<Problem>>) -> Option<T> {
    result.map_err(|found| problems.extend(found)).ok()
}
