//! Kinds: what an artifact is, as a JSON Schema with the rules that hold for all of its kind.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::control::Condition;
use super::keypath::{Shapes, element, member};
use super::problem::{Problem, Source};
use super::resolve::Kinds;
use crate::document::{Node, Selector, Step};
use crate::expression::{Scope, Shape, Template, Variable, compile_condition, compile_template};
use crate::schema::{Mismatch, Schema, SchemaProblem, SchemaSet, Trust};

/// What an artifact is.
#[derive(Debug)]
pub struct Kind {
    /// Name, such as `change-record`.
    pub name: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Whether a file or a record is the instance.
    pub unit: Unit,
    /// Where the records lie, unless the requirement says otherwise.
    pub records: Selector,
    /// Formats an artifact may have.
    pub formats: Vec<String>,
    /// Whether its JSON may hold comments.
    pub comments: bool,
    /// Whether a document of the kind holds until it is replaced, so that its own dates say whether
    /// it is in force, and not the day on which it was collected.
    pub standing: bool,
    /// Versions whose shape the schema describes.
    pub versions: Option<Versions>,
    /// Rules for every artifact of the kind.
    pub rules: Vec<KindRule>,
    /// The schema.
    pub schema: KindSchema,
    /// What the schema says of the fields.
    pub shape: Shape,
    /// The file.
    pub source: Arc<Source>,
}

/// The schema of a kind. One that is built in is compiled when an artifact of the kind is judged.
#[derive(Debug)]
pub struct KindSchema {
    name: String,
    set: Arc<SchemaSet>,
    compiled: OnceLock<Result<Schema, Vec<SchemaProblem>>>,
}

impl KindSchema {
    /// Every mistake of the value, as [`Schema::check`] tells them. A schema that cannot be
    /// compiled accepts nothing.
    #[must_use]
    pub fn check(&self, node: Node<'_>) -> Vec<Mismatch> {
        match self.compiled.get_or_init(|| self.set.compile_tested(&self.name)) {
            Ok(schema) => schema.check(node),
            Err(problems) => problems.iter().map(|problem| refused(problem, node)).collect(),
        }
    }
}

fn refused(problem: &SchemaProblem, node: Node<'_>) -> Mismatch {
    Mismatch {
        span: node.span(),
        pointer: String::new(),
        keyword: String::new(),
        schema_path: problem.pointer.clone(),
        message: format!("the schema cannot be used: {}", problem.message),
        help: problem.help.clone(),
        related: None,
        sensitive: false,
        unfinished: false,
    }
}

/// Where a document says its version, and the versions that are known.
#[derive(Debug)]
pub struct Versions {
    /// JSON Pointer within the instance.
    pub at: String,
    /// Versions; one that ends in `*` stands for all that begin so.
    pub known: Vec<String>,
}

/// What one instance of the schema is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A record: a line, a row, an element.
    Record,
    /// The whole document.
    Document,
}

/// One rule of a kind.
#[derive(Debug)]
pub struct KindRule {
    /// Id.
    pub id: String,
    /// The nested records it holds for; empty: the instance.
    pub each: Selector,
    /// Which of them.
    pub where_: Option<Condition>,
    /// What must hold.
    pub holds: Condition,
    /// What is wrong when it does not.
    pub message: Option<Template>,
    /// What to do then.
    pub help: Option<String>,
}

/// Compiles the kinds of `sources`, all schemas of which may refer to each other.
///
/// # Errors
/// Every problem of every schema.
pub(super) fn kinds(sources: Vec<Source>) -> Result<(Kinds, Vec<Problem>), Vec<Problem>> {
    let mut set = SchemaSet::new();
    let mut known = Vec::new();
    let mut problems = Vec::new();
    for source in sources {
        let value = source.document.root().to_value();
        let name = kind_name(&source.path);
        let trust = match value.pointer("/x-tickmark/vendored") {
            Some(Value::Bool(true)) => Trust::Vendored,
            _ => Trust::Own,
        };
        if set.get(&name).is_some() {
            problems.push(source.problem("", format!("there are two kinds `{name}`"), None));
            continue;
        }
        let file = source.path.rsplit('/').next().unwrap_or_default();
        // The public store answers under two hosts, with the ending and without it.
        let bare = file.strip_suffix(".json").unwrap_or(file);
        let hosts = ["https://www.schemastore.org", "https://json.schemastore.org"];
        let published = hosts.map(|host| [format!("{host}/{file}"), format!("{host}/{bare}")]);
        let mut uris = vec![file];
        uris.extend(published.iter().flatten().map(String::as_str));
        set.add(&name, &uris, value, trust);
        known.push((name, Arc::new(source)));
    }
    let mut kinds = BTreeMap::new();
    let mut warnings = Vec::new();
    let set = Arc::new(set);
    type Loaded = Result<(Kind, Vec<Problem>), Vec<Problem>>;
    let load = |(name, source): &(String, Arc<Source>)| -> Option<Loaded> {
        let value = set.get(name)?;
        (!only_referred_to(value)).then(|| {
            let (schema, told) = compile(&set, name, source)?;
            Ok((kind(name, value, schema, Arc::clone(source))?, told))
        })
    };
    let loaded: Vec<_> = known.par_iter().map(load).collect();
    for kind in loaded.into_iter().flatten() {
        match kind {
            Ok((kind, told)) => {
                warnings.extend(told);
                kinds.insert(kind.name.clone(), kind);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok((kinds, warnings)) } else { Err(problems) }
}

/// Compiles and lints the schema `name`, with the warnings about it; one that is built in later.
fn compile(
    set: &Arc<SchemaSet>,
    name: &str,
    source: &Source,
) -> Result<(KindSchema, Vec<Problem>), Vec<Problem>> {
    let (name, set) = (name.to_owned(), Arc::clone(set));
    if super::pack::holds(&source.path, source.document.text().as_bytes()) {
        return Ok((KindSchema { name, set, compiled: OnceLock::new() }, Vec::new()));
    }
    match set.compile(&name) {
        Ok((schema, told)) => {
            let warnings = told.iter().map(|problem| at_place(source, problem)).collect();
            Ok((KindSchema { name, set, compiled: OnceLock::from(Ok(schema)) }, warnings))
        }
        Err(found) => {
            let wrong = found.iter().filter(|problem| !problem.warning);
            Err(wrong.map(|problem| at_place(source, problem)).collect())
        }
    }
}

/// Whether a schema is no kind: it says nothing to tickmark but, perhaps, that it is not ours.
fn only_referred_to(schema: &Value) -> bool {
    match schema.get("x-tickmark") {
        None => true,
        Some(Value::Object(own)) => !own.is_empty() && own.keys().all(|key| key == "vendored"),
        Some(_) => false,
    }
}

fn at_place(source: &Source, problem: &SchemaProblem) -> Problem {
    let message = if problem.document == kind_name(&source.path) {
        problem.message.clone()
    } else {
        format!("{}: {}", problem.document, problem.message)
    };
    source.problem(&problem.pointer, message, problem.help.clone())
}

fn kind_name(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = file.strip_suffix(".json").unwrap_or(file);
    name.strip_suffix(".schema").unwrap_or(name).to_owned()
}

fn kind(
    name: &str,
    value: &Value,
    schema: KindSchema,
    source: Arc<Source>,
) -> Result<Kind, Vec<Problem>> {
    let mut problems = Vec::new();
    let own = value.get("x-tickmark").cloned().unwrap_or_default();
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let unit = match own.get("unit").and_then(Value::as_str) {
        Some("record") => Unit::Record,
        Some("document") => Unit::Document,
        _ => {
            let message =
                "`unit` is `record` (each line, row or element is an instance) or `document`";
            problems.push(source.problem("/x-tickmark", message, None));
            Unit::Document
        }
    };
    const KEYS: [&str; 8] =
        ["unit", "records", "formats", "rules", "vendored", "comments", "version", "standing"];
    for key in own.as_object().into_iter().flat_map(Map::keys) {
        if !KEYS.contains(&key.as_str()) {
            let near = crate::schema::suggest::nearest(key, KEYS);
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let pointer = format!("/x-tickmark/{key}");
            problems.push(source.problem(&pointer, format!("there is no setting `{key}`"), help));
        }
    }
    let records = own.get("records").and_then(Value::as_str).unwrap_or_default();
    let records = Selector::parse(records).unwrap_or_else(|message| {
        problems.push(source.problem("/x-tickmark/records", message, None));
        Selector::default()
    });
    let shape = Shape::from_schema(value);
    let mut rules = Vec::new();
    for (id, rule) in own.get("rules").and_then(Value::as_object).into_iter().flatten() {
        rules.extend(kind_rule(id, rule, &shape, name, &source, &mut problems));
    }
    let versions = own.get("version").and_then(|version| {
        let versions = versions(version);
        if versions.is_none() {
            let message = "`version` says where the version stands (`at`, a JSON Pointer) and which \
                           versions are `known`";
            problems.push(source.problem("/x-tickmark/version", message, None));
        }
        versions
    });
    let formats = own.get("formats").and_then(Value::as_array).into_iter().flatten();
    let formats = formats.filter_map(|format| format.as_str().map(ToOwned::to_owned)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Kind {
        name: name.to_owned(),
        title: text("title"),
        description: text("description"),
        unit,
        records,
        formats,
        versions,
        standing: own.get("standing") == Some(&Value::Bool(true)),
        comments: own.get("comments") == Some(&Value::Bool(true)),
        rules,
        schema,
        shape,
        source,
    })
}

fn versions(version: &Value) -> Option<Versions> {
    let at = version.get("at")?.as_str().filter(|at| at.starts_with('/'))?.to_owned();
    let known = version.get("known")?.as_array()?;
    let known: Option<Vec<String>> =
        known.iter().map(|one| one.as_str().map(ToOwned::to_owned)).collect();
    known.filter(|known| !known.is_empty()).map(|known| Versions { at, known })
}

fn kind_rule(
    id: &str,
    rule: &Value,
    shape: &Shape,
    name: &str,
    source: &Source,
    problems: &mut Vec<Problem>,
) -> Option<KindRule> {
    let base = format!("/x-tickmark/rules/{id}");
    let text = |key: &str| rule.get(key).and_then(Value::as_str);
    let each = match Selector::parse(text("each").unwrap_or_default()) {
        Ok(each) => each,
        Err(message) => {
            problems.push(source.problem(&format!("{base}/each"), message, None));
            return None;
        }
    };
    let Some(shapes) = shapes_at(shape, &each) else {
        let message = format!("{name} has no such fields");
        problems.push(source.problem(&format!("{base}/each"), message, None));
        return None;
    };
    let scope = scope(&shapes, &Shape::object([]));
    let mut failed = |errors: Vec<crate::expression::ExpressionError>, pointer: &str| {
        for error in errors {
            let label = source.label_within(pointer, error.start, error.end);
            problems.push(Problem { label, message: error.message, help: error.help });
        }
    };
    let mut condition = |key: &str| {
        let pointer = format!("{base}/{key}");
        let text = text(key)?;
        match compile_condition(text, &scope) {
            Ok(expression) => {
                let expression = Arc::new(expression);
                Some(Condition { expression, text: text.to_owned(), pointer })
            }
            Err(errors) => {
                failed(errors, &pointer);
                None
            }
        }
    };
    let where_ = condition("where");
    let holds = condition("require");
    let message = text("message").and_then(|message| match compile_template(message, &scope) {
        Ok(template) => Some(template),
        Err(errors) => {
            failed(errors, &format!("{base}/message"));
            None
        }
    });
    if text("require").is_none() {
        problems.push(source.problem(&base, "a rule has a `require`", None));
    }
    Some(KindRule {
        id: id.to_owned(),
        each,
        where_,
        holds: holds?,
        message,
        help: text("help").map(ToOwned::to_owned),
    })
}

/// The shapes of the records `selector` names within an instance of `shape`.
fn shapes_at(shape: &Shape, selector: &Selector) -> Option<Shapes> {
    let mut shapes = Shapes {
        this: shape.clone(),
        parent: shape.clone(),
        document: shape.clone(),
        manifest: manifest_shape(),
    };
    for step in selector.steps() {
        if matches!(shapes.this, Shape::Object(_)) {
            shapes.parent = shapes.this.clone();
        }
        shapes.this = match step {
            Step::Member(name) => member(&shapes.this, name).ok()?,
            Step::Every => element(&shapes.this)?,
        };
    }
    if !selector.steps().is_empty()
        && let Some(inner) = element(&shapes.this)
    {
        shapes.this = inner;
    }
    Some(shapes)
}

/// The shape of a manifest.
#[must_use]
pub(super) fn manifest_shape() -> Shape {
    static SHAPE: LazyLock<Shape> =
        LazyLock::new(|| Shape::from_schema(&crate::evidence::manifest_schema()));
    SHAPE.clone()
}

/// The variables of conditions over records of `shapes`, with parameters of the shape `params`.
#[must_use]
pub(super) fn scope(shapes: &Shapes, params: &Shape) -> Scope {
    Scope::new()
        .with(Variable::This, shapes.this.clone(), "the record")
        .with(Variable::Parent, shapes.parent.clone(), "the object around the record")
        .with(Variable::Document, shapes.document.clone(), "the document")
        .with(Variable::Manifest, shapes.manifest.clone(), "the manifest")
        .with_params_of(params.clone())
        .with_times()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, schema: &Value) -> Source {
        let (document, _) = crate::document::read_policy(path, schema.to_string().into_bytes());
        Source { path: path.to_owned(), document: document.unwrap() }
    }

    #[test]
    fn a_vendored_schema_that_is_only_referred_to_is_no_kind_and_not_linted() {
        let kind = |uri: &str| {
            serde_json::json!({
                "x-tickmark": { "unit": "document", "vendored": true, "formats": ["json"] },
                "type": "object",
                "properties": { "a": { "$ref": uri } }
            })
        };
        let shared = serde_json::json!({
            "x-tickmark": { "vendored": true }, "type": "string", "deprecationMessage": "old"
        });
        for uri in ["shared.json", "https://json.schemastore.org/shared"] {
            let sources = vec![source("k.json", &kind(uri)), source("shared.json", &shared)];
            let (kinds, _) = kinds(sources).unwrap();
            assert_eq!(kinds.keys().collect::<Vec<_>>(), ["k"], "{uri}");
        }
    }
}
