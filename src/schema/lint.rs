//! What a schema says that no validator would complain about: keywords that do nothing, references
//! that lead nowhere or in circles, formats nobody checks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jsonschema::Draft;
use serde_json::Value;

use super::scope::Scope;
use super::suggest::nearest;
use super::vocabulary::{KEYWORDS, Shape, draft_name, keyword};
use super::work::{MOST_BESIDE, MOST_WITHIN, Ways};
use super::{SchemaProblem, Trust};

/// How deep a schema may nest. Every level costs stack while the schema is compiled.
pub(super) const DEEPEST: usize = 100;

/// Whether `value` nests deeper than [`DEEPEST`].
pub(super) fn is_too_deep(value: &Value) -> bool {
    fn deeper(value: &Value, left: usize) -> bool {
        let Some(left) = left.checked_sub(1) else {
            return true;
        };
        match value {
            Value::Array(items) => items.iter().any(|item| deeper(item, left)),
            Value::Object(members) => members.values().any(|member| deeper(member, left)),
            _ => false,
        }
    }
    deeper(value, DEEPEST)
}

/// What the lint of one document found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<SchemaProblem>,
    /// Every regular expression, with the JSON Pointer of the place it stands at.
    pub(super) patterns: Vec<(String, String)>,
}

/// Lints one document.
pub(super) struct Lint<'a> {
    /// The name of the document.
    pub(super) document: &'a str,
    pub(super) trust: Trust,
    /// URIs of documents that were asked for and are not in the set.
    pub(super) missing: &'a BTreeSet<String>,
    /// Whether a format is checked.
    pub(super) knows_format: &'a dyn Fn(Draft, &str) -> bool,
}

impl Lint<'_> {
    /// Everything that is wrong with the document whose outermost schema is `root`.
    pub(super) fn run(&self, root: &Scope<'_>) -> Findings {
        let mut findings = Findings::default();
        let mut pointers = BTreeMap::new();
        let mut schemas = Vec::new();
        // Schemas are met where they are written before they are met through a reference.
        let mut waiting = VecDeque::from([(root.clone(), String::new())]);
        let mut referred = VecDeque::new();
        while let Some((scope, pointer)) = waiting.pop_front().or_else(|| referred.pop_front()) {
            if pointers.insert(scope.address(), pointer.clone()).is_some() {
                continue;
            }
            self.keywords(&scope, &pointer, &mut findings);
            self.references(&scope, &pointer, &mut findings);
            self.format(&scope, &pointer, &mut findings);
            waiting.extend(parts(&scope, &pointer));
            referred.extend(targets(&scope));
            schemas.push(scope);
        }
        self.loops(&schemas, &pointers, &mut findings);
        findings.problems.extend(self.work(&schemas, &pointers));
        findings.problems.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        findings
    }

    fn problem(&self, pointer: String, message: String, help: Option<String>) -> SchemaProblem {
        SchemaProblem {
            document: self.document.to_owned(),
            pointer,
            message,
            help,
            warning: self.trust == Trust::Vendored,
        }
    }

    fn keywords(&self, scope: &Scope<'_>, pointer: &str, findings: &mut Findings) {
        let Some(members) = scope.value.as_object() else {
            return;
        };
        let draft = scope.draft;
        let shadowed = draft <= Draft::Draft7 && members.get("$ref").is_some_and(Value::is_string);
        for name in members.keys() {
            let at = || format!("{pointer}/{}", escape(name));
            let known = keyword(name);
            let problem = match known {
                None if name.starts_with("x-") => None,
                None => {
                    let names = KEYWORDS
                        .iter()
                        .filter(|keyword| keyword.is_known_in(draft))
                        .map(|keyword| keyword.name);
                    let help = match nearest(name, names) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "remove it, or begin it with `x-`".to_owned(),
                    };
                    Some((format!("`{name}` is not a keyword and does nothing"), help))
                }
                Some(keyword) if !keyword.is_known_in(draft) => Some((
                    format!("`{name}` does nothing in draft {}", draft_name(draft)),
                    format!("it is a keyword of {}", keyword.drafts()),
                )),
                Some(keyword) if shadowed && name != "$ref" && !keyword.describes => Some((
                    format!("`{name}` does nothing beside `$ref` in draft {}", draft_name(draft)),
                    "put the reference into an `allOf`, or use draft 2020-12".to_owned(),
                )),
                Some(_) => None,
            };
            if let Some((message, help)) = problem {
                findings.problems.push(self.problem(at(), message, Some(help)));
            }
        }
        if let Some(pattern) = scope.text("pattern") {
            findings.patterns.push((format!("{pointer}/pattern"), pattern.to_owned()));
        }
        for (pattern, _) in scope.named("patternProperties") {
            let at = format!("{pointer}/patternProperties/{}", escape(pattern));
            findings.patterns.push((at, pattern.to_owned()));
        }
    }

    /// An unresolvable reference is an error whoever wrote it: the schema cannot be applied.
    fn references(&self, scope: &Scope<'_>, pointer: &str, findings: &mut Findings) {
        for (keyword, reference) in scope.references() {
            let absent = scope
                .document_of(reference)
                .is_none_or(|document| self.missing.contains(&document));
            let message = if absent {
                format!("`{reference}` is not among the schemas at hand")
            } else if scope.resolve(reference).is_err() {
                format!("`{reference}` leads nowhere")
            } else {
                continue;
            };
            let help = if absent {
                "nothing is fetched from the network: add the schema, under the `$id` it is referred to by"
            } else {
                "the document is there, and holds no schema at that place"
            };
            findings.problems.push(SchemaProblem {
                warning: false,
                ..self.problem(format!("{pointer}/{keyword}"), message, Some(help.to_owned()))
            });
        }
    }

    fn format(&self, scope: &Scope<'_>, pointer: &str, findings: &mut Findings) {
        let Some(format) = scope.text("format") else {
            return;
        };
        if !(self.knows_format)(scope.draft, format) {
            let draft = draft_name(scope.draft);
            findings.problems.push(self.problem(
                format!("{pointer}/format"),
                format!("nothing checks the format `{format}` in draft {draft}"),
                Some("use a format of that draft, or a `pattern`".to_owned()),
            ));
        }
    }

    /// The first schema that would take for ever to compile or to apply, whoever wrote it.
    fn work<'r>(
        &self,
        schemas: &[Scope<'r>],
        pointers: &BTreeMap<usize, String>,
    ) -> Option<SchemaProblem> {
        let mut beside = Ways::along(|scope: &Scope<'r>| scope.beside(true));
        let mut within = Ways::along(|scope: &Scope<'r>| {
            let referred = scope.references().filter_map(|(_, to)| scope.resolve(to).ok());
            parts(scope, "").into_iter().map(|(part, _)| part).chain(referred).collect()
        });
        let scope = schemas
            .iter()
            .find(|scope| beside.from(scope) > MOST_BESIDE || within.from(scope) > MOST_WITHIN)?;
        let pointer = pointers.get(&scope.address()).cloned().unwrap_or_default();
        let message = "this schema leads to others in too many ways to apply them all".to_owned();
        let help =
            "let fewer alternatives refer to the same schema, or put what they share beside them";
        let problem = self.problem(pointer, message, Some(help.to_owned()));
        Some(SchemaProblem { warning: false, ..problem })
    }

    /// Finds schemas that lead back to themselves without going into the value. A validator takes
    /// such a schema to hold for anything.
    fn loops(
        &self,
        schemas: &[Scope<'_>],
        pointers: &BTreeMap<usize, String>,
        findings: &mut Findings,
    ) {
        let mut done = BTreeSet::new();
        let mut open = BTreeSet::new();
        for start in schemas {
            let mut path = vec![(start.clone(), None::<Vec<Scope<'_>>>)];
            while let Some((scope, next)) = path.last_mut() {
                let address = scope.address();
                if next.is_none() {
                    if done.contains(&address) {
                        path.pop();
                        continue;
                    }
                    open.insert(address);
                }
                let step = next.get_or_insert_with(|| scope.beside(true)).pop();
                match step {
                    None => {
                        open.remove(&address);
                        done.insert(address);
                        path.pop();
                    }
                    Some(step) if open.contains(&step.address()) => {
                        // A loop through another document is reported where that one is linted.
                        if let Some(pointer) = pointers.get(&step.address()) {
                            findings.problems.push(self.problem(
                                pointer.clone(),
                                "this schema leads back to itself without going into the value, so it asks nothing".to_owned(),
                                Some("let the reference stand under `properties` or `items`".to_owned()),
                            ));
                        }
                    }
                    Some(step) => path.push((step, None)),
                }
            }
        }
    }
}

/// The schemas written inside `scope`, each with its JSON Pointer.
fn parts<'r>(scope: &Scope<'r>, pointer: &str) -> Vec<(Scope<'r>, String)> {
    let mut parts = Vec::new();
    for keyword in KEYWORDS {
        let Some(value) = scope.get(keyword.name) else { continue };
        let at = format!("{pointer}/{}", keyword.name);
        match (keyword.shape, value) {
            (Shape::One | Shape::OneOrList, schema @ Value::Object(_)) => {
                parts.push((scope.child(schema), at));
            }
            (Shape::List | Shape::OneOrList, Value::Array(list)) => parts.extend(
                list.iter()
                    .enumerate()
                    .map(|(index, schema)| (scope.child(schema), format!("{at}/{index}"))),
            ),
            (Shape::Map | Shape::MapOrNames, Value::Object(_)) => parts.extend(
                scope
                    .named(keyword.name)
                    .map(|(name, schema)| (schema, format!("{at}/{}", escape(name)))),
            ),
            _ => {}
        }
    }
    parts
}

/// The schemas of the same document that `scope` refers to. They may stand where no keyword has
/// schemas.
fn targets<'r>(scope: &Scope<'r>) -> Vec<(Scope<'r>, String)> {
    let within = |reference: &&str| scope.document_of(reference) == scope.document_of("");
    scope
        .references()
        .map(|(_, reference)| reference)
        .filter(within)
        .filter_map(|reference| {
            let target = scope.resolve(reference).ok()?;
            let (_, pointer) = reference.split_once('#').unwrap_or_default();
            Some((target, pointer.to_owned()))
        })
        .collect()
}

/// A name as a token of a JSON Pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
