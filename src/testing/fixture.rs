//! A fixture: the tests of one control, read and made ready to run.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::raw::{RawCase, RawSurvivor, RawTest};
use super::tree::Tree;
use crate::catalog::{Catalog, File, Files, Problem, Source, generated, load, source, typed};
use crate::document::Node;
use crate::model::Code;
use crate::schema::Schema;

/// The tests of one control.
#[derive(Debug)]
pub struct Fixture {
    /// The control.
    pub control: String,
    /// Where the tests stand.
    pub source: Source,
    pub(super) as_of: Date,
    pub(super) met: Tree,
    pub(super) cases: Vec<(RawCase, Tree)>,
    pub(super) survivors: Vec<RawSurvivor>,
    engagement: String,
}

/// Register of exceptions in a tree: it is part of the policy.
const EXCEPTIONS: &str = "exceptions.yaml";

impl Fixture {
    /// The schema of test files, compiled once for many.
    ///
    /// # Errors
    /// When it cannot be compiled.
    pub fn schema() -> Result<Schema, Vec<Problem>> {
        generated("test", super::schema())
    }

    /// Reads a test file.
    ///
    /// # Errors
    /// Every problem of it: its shape, an edit that does not fit its tree, an unknown code.
    pub fn read(file: &File, schema: &Schema) -> Result<Self, Vec<Problem>> {
        let source = source(file)?;
        let raw: RawTest = typed(Some(schema), &source)?;
        let mut problems = Vec::new();
        let as_of: Option<Date> = raw.as_of.parse().ok();
        if as_of.is_none() {
            problems.push(source.problem("/as_of", "this is no day", None));
        }
        let met = Tree::new(&raw.met).map_err(|message| {
            problems.push(source.problem("/met", message, None));
        });
        let met = met.unwrap_or_default();
        let mut cases = Vec::new();
        for (at, case) in raw.cases.into_iter().enumerate() {
            let pointer = format!("/cases/{at}/edit");
            match met.edited(&case.edit) {
                Ok(tree) => {
                    problems.extend(expectation(&source, at, &case));
                    cases.push((case, tree));
                }
                Err(message) => problems.push(source.problem(&pointer, message, None)),
            }
        }
        let mut engagement: Map<String, Value> = raw.engagement.into_iter().collect();
        let window = serde_json::json!({ "start": raw.window.start, "end": raw.window.end });
        engagement.insert("window".to_owned(), window);
        for (key, value) in [
            ("organisation", Value::from("A fixture")),
            ("time_zone", "Europe/Berlin".into()),
            ("categories", CATEGORIES.to_vec().into()),
            ("packs", Value::Array(Vec::new())),
        ] {
            engagement.entry(key).or_insert(value);
        }
        match as_of {
            Some(as_of) if problems.is_empty() => Ok(Self {
                control: raw.control,
                source,
                as_of,
                met,
                cases,
                survivors: raw.survivors,
                engagement: Value::Object(engagement).to_string(),
            }),
            _ => Err(problems),
        }
    }

    /// What each case breaks, in the words of the domain.
    pub fn case_names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|(case, _)| case.name.as_str())
    }

    /// The catalog `tree` is judged by: this control alone, and the kinds it names.
    pub(super) fn catalog(
        &self,
        tree: &Tree,
        control: &File,
        kinds: &[File],
    ) -> Result<Catalog, Vec<Problem>> {
        let exceptions = tree.0.get(EXCEPTIONS).map(|file| File {
            path: EXCEPTIONS.to_owned(),
            bytes: file.text.clone().into_bytes(),
        });
        let engagement =
            File { path: "tickmark.yaml".to_owned(), bytes: self.engagement.clone().into_bytes() };
        let mut named = Vec::new();
        kinds_named(source(control)?.document.root(), &mut named);
        let needed = |file: &&File| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            let name = name.strip_suffix(".json").unwrap_or(name);
            let name = name.strip_suffix(".schema").unwrap_or(name);
            // What is no kind may be referred to by one.
            named.iter().any(|kind| kind == name)
                || !String::from_utf8_lossy(&file.bytes).contains("\"unit\"")
        };
        load(&Files {
            engagement: Some(engagement),
            exceptions,
            checklists: Vec::new(),
            controls: vec![control.clone()],
            schemas: kinds.iter().filter(needed).cloned().collect(),
        })
    }

    /// Whether `tree` is judged by another policy than the met one.
    pub(super) fn has_own_policy(&self, tree: &Tree) -> bool {
        tree.0.get(EXCEPTIONS) != self.met.0.get(EXCEPTIONS)
    }
}

const CATEGORIES: [&str; 5] =
    ["security", "availability", "processing-integrity", "confidentiality", "privacy"];

fn kinds_named(node: Node<'_>, named: &mut Vec<String>) {
    for (key, value) in node.members() {
        match (key.as_str(), value.as_str()) {
            (Some("kind"), Some(kind)) => named.push(kind.to_owned()),
            _ => kinds_named(value, named),
        }
    }
}

/// An unmet case says what it must find, by a code there is.
fn expectation(source: &Source, at: usize, case: &RawCase) -> Option<Problem> {
    let Some(expected) = &case.finding else {
        return case.verdict.is_none().then(|| {
            let message = "a case that is unmet names the `finding` it must give";
            source.problem(&format!("/cases/{at}"), message, None)
        });
    };
    if Code::parse(&expected.code).is_some() {
        return None;
    }
    let near =
        crate::schema::suggest::nearest(&expected.code, Code::ALL.iter().map(|code| code.as_str()));
    let help = near.map(|near| format!("did you mean `{near}`?"));
    let message = format!("there is no finding code `{}`", expected.code);
    Some(source.problem(&format!("/cases/{at}/finding/code"), message, help))
}
