//! The schemas at hand, and compiling one of them. References are resolved among them only.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Draft, Registry, Retrieve, Uri, uri};
use serde_json::Value;

use super::compile::{against_meta_schema, build, lint, sentence};
use super::lint::{DEEPEST, is_too_deep};
use super::{Schema, SchemaProblem, Trust};

/// What marks a value that is never shown.
pub(super) const SENSITIVE: &str = "x-sensitive";

/// What the URIs of schemas without an `$id` begin with.
const ROOT: &str = "schema:///";

/// Schemas by the URIs they are known by. Nothing outside the set is ever fetched.
#[derive(Debug, Clone, Default)]
pub struct SchemaSet {
    documents: BTreeMap<String, Arc<Document>>,
    by_uri: Arc<BTreeMap<String, Arc<Document>>>,
}

/// One schema of the set.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) name: String,
    /// The URI its relative references count from: its own `$id`, or one made of its name.
    pub(super) base: String,
    pub(super) value: Value,
    pub(super) trust: Trust,
    problems: Vec<SchemaProblem>,
}

impl SchemaSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the schema `name`, known by its `$id`, by its name to schemas that have no `$id`, and
    /// by `uris`. What is wrong with it is told when it is compiled.
    pub fn add(&mut self, name: &str, uris: &[&str], value: Value, trust: Trust) {
        let mut document = Document::new(name, value, trust);
        for uri in uris
            .iter()
            .copied()
            .map(normal)
            .chain([Some(document.base.clone()), normal(&uri_of(name))])
        {
            let Some(uri) = uri else { continue };
            if let Some(other) = self.by_uri.get(&uri).filter(|other| other.name != name) {
                let message = format!("`{uri}` is already the URI of `{}`", other.name);
                document.error("", message, Some("every schema needs an `$id` of its own"));
                document.relax();
            }
        }
        let document = Arc::new(document);
        let known = Arc::make_mut(&mut self.by_uri);
        for uri in uris
            .iter()
            .copied()
            .filter_map(normal)
            .chain([document.base.clone()])
            .chain(normal(&uri_of(name)))
        {
            known.entry(uri).or_insert_with(|| Arc::clone(&document));
        }
        self.documents.insert(name.to_owned(), document);
    }

    /// The names of the schemas, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().map(String::as_str)
    }

    /// The text of the schema `name`, as it was added.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.documents.get(name).map(|document| &document.value)
    }

    /// Compiles the schema `name`. The problems beside a compiled schema are warnings.
    ///
    /// # Errors
    ///
    /// Every problem of the schema and of those it refers to, warnings among them.
    pub fn compile(&self, name: &str) -> Result<(Schema, Vec<SchemaProblem>), Vec<SchemaProblem>> {
        let Some(document) = self.documents.get(name) else {
            let message = format!("there is no schema `{name}`");
            return Err(vec![SchemaProblem::error(name, "", message, None)]);
        };
        let mut problems = document.problems.clone();
        if problems.iter().any(|problem| !problem.warning) {
            return Err(problems);
        }
        let draft = Draft::default().detect(&document.value);
        problems.extend(against_meta_schema(document));
        let (registry, asked) = self.registry(document, draft).map_err(|problem| {
            problems.push(problem);
            std::mem::take(&mut problems)
        })?;
        let mut patterns = Vec::new();
        for reached in std::iter::once(document).chain(asked.found.values()) {
            if reached.name != document.name {
                problems.extend(reached.problems.iter().cloned());
                problems.extend(against_meta_schema(reached));
            }
            let findings = lint(reached, &registry, &asked.missing);
            problems.extend(findings.problems);
            patterns.extend(
                findings
                    .patterns
                    .into_iter()
                    .map(|(pointer, pattern)| (Arc::clone(reached), pointer, pattern)),
            );
        }
        if problems.iter().any(|problem| !problem.warning) {
            return Err(problems);
        }
        let trust = std::iter::once(document)
            .chain(asked.found.values())
            .map(|document| document.trust)
            .max()
            .unwrap_or_default();
        match build(document, &registry, trust, &patterns, &mut problems) {
            Some(validator) => {
                let marks = std::iter::once(document)
                    .chain(asked.found.values())
                    .any(|document| marks_sensitive(&document.value));
                let base = document.base.clone();
                Ok((Schema::new(name, validator, registry, base, marks), problems))
            }
            None => Err(problems),
        }
    }

    /// Compiles the schema `name`, of which tests hold that [`compile`](Self::compile) has nothing
    /// to say. What cannot be compiled is an error all the same.
    ///
    /// # Errors
    ///
    /// Why it cannot be compiled.
    pub(crate) fn compile_tested(&self, name: &str) -> Result<Schema, Vec<SchemaProblem>> {
        let Some(document) = self.documents.get(name).filter(|known| known.problems.is_empty())
        else {
            return self.compile(name).map(|(schema, _)| schema);
        };
        let draft = Draft::default().detect(&document.value);
        let (registry, asked) = self.registry(document, draft).map_err(|problem| vec![problem])?;
        if !asked.missing.is_empty() {
            return self.compile(name).map(|(schema, _)| schema);
        }
        let reached = || std::iter::once(document).chain(asked.found.values());
        let trust = reached().map(|document| document.trust).max().unwrap_or_default();
        let marks = reached().any(|document| marks_sensitive(&document.value));
        let mut problems = Vec::new();
        let validator = build(document, &registry, trust, &[], &mut problems).ok_or(problems)?;
        Ok(Schema::new(name, validator, registry, document.base.clone(), marks))
    }

    /// The registry of `document` and all it refers to.
    fn registry(
        &self,
        document: &Document,
        draft: Draft,
    ) -> Result<(Registry<'static>, Asked), SchemaProblem> {
        let asked = Arc::new(Mutex::new(Asked::default()));
        let local = Local { by_uri: Arc::clone(&self.by_uri), asked: Arc::clone(&asked) };
        let registry = Registry::new()
            .retriever(local)
            .draft(draft)
            .add(&document.base, draft.create_resource(document.value.clone()))
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| {
                SchemaProblem::error(&document.name, "", sentence(&error.to_string()), None)
            })?;
        let asked = std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));
        Ok((registry, asked))
    }
}

impl Document {
    fn new(name: &str, value: Value, trust: Trust) -> Self {
        let mut document = Self {
            name: name.to_owned(),
            base: normal(&uri_of(name)).unwrap_or_else(|| uri_of("schema")),
            value,
            trust,
            problems: Vec::new(),
        };
        if is_too_deep(&document.value) {
            let message = format!("the schema nests deeper than {DEEPEST} levels");
            document.error("", message, None);
            document.value = Value::Bool(false);
        }
        if Draft::default().detect(&document.value) == Draft::Unknown {
            document.unknown_draft();
        }
        let draft = Draft::default().detect(&document.value);
        let resource = draft.create_resource_ref(&document.value);
        if let Some(id) = resource.id().map(str::to_owned) {
            match normal(&id) {
                Some(id) => document.base = id,
                None => document.error("/$id", format!("`{id}` is not a URI"), None),
            }
        }
        document
    }

    fn error(&mut self, pointer: &str, message: String, help: Option<&str>) {
        let help = help.map(str::to_owned);
        self.problems.push(SchemaProblem::error(&self.name, pointer, message, help));
    }

    /// Makes the last problem a warning where the schema is not ours.
    fn relax(&mut self) {
        if let Some(problem) = self.problems.last_mut() {
            problem.warning = self.trust == Trust::Vendored;
        }
    }

    /// Schemas of our own must name a draft we know; others are read by the newest.
    fn unknown_draft(&mut self) {
        let named = self.value.get("$schema").cloned().unwrap_or_default();
        self.error(
            "/$schema",
            format!("{named} is not a draft of JSON Schema that is known here"),
            Some("drafts 4, 6, 7, 2019-09 and 2020-12 are known"),
        );
        self.relax();
        if let (Trust::Vendored, Some(members)) = (self.trust, self.value.as_object_mut()) {
            members.remove("$schema");
        }
    }
}

/// What compiling one schema asked the set for, by URI.
#[derive(Debug, Default)]
struct Asked {
    found: BTreeMap<String, Arc<Document>>,
    missing: BTreeSet<String>,
}

/// Hands out the documents of the set. One that is missing reads as `false`, so that all that are
/// missing become known; none of them survives the lint of references.
struct Local {
    by_uri: Arc<BTreeMap<String, Arc<Document>>>,
    asked: Arc<Mutex<Asked>>,
}

impl Retrieve for Local {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let uri = uri.as_str().trim_end_matches('#').to_owned();
        match self.by_uri.get(&uri) {
            Some(document) => {
                asked.found.insert(uri, Arc::clone(document));
                Ok(document.value.clone())
            }
            None => {
                asked.missing.insert(uri);
                Ok(Value::Bool(false))
            }
        }
    }
}

/// Whether any schema in `value` marks anything sensitive.
fn marks_sensitive(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(marks_sensitive),
        Value::Object(members) => {
            members.contains_key(SENSITIVE) || members.values().any(marks_sensitive)
        }
        _ => false,
    }
}

/// The URI of a schema that has none of its own; a relative `$id` counts from the same root.
fn uri_of(name: &str) -> String {
    let mut uri = String::from(ROOT);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// A URI in the one spelling that is compared.
fn normal(text: &str) -> Option<String> {
    let root = uri::from_str(ROOT).ok()?;
    let uri = uri::resolve_against(&root.borrow(), text.trim_end_matches('#')).ok()?;
    Some(uri.as_str().to_owned())
}
