//! From the validator's errors to one [`Mismatch`] per mistake.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as ErrorKind;

use super::pointing::{first_line, key_span, start_of};
use super::scope::Scope;
use super::set::SENSITIVE;
use super::suggest::nearest;
use super::{Mismatch, Schema, branch, sentence, wording};
use crate::document::{Kind, Node};
use crate::model::Span;

/// How many unknown members of one object get a suggestion.
const SUGGESTED: usize = 100;
/// From how many known members on they are not listed.
const LISTED: usize = 9;

/// Explains what one schema found wrong with one value.
pub(super) struct Explainer<'r, 'n> {
    schema: &'r Schema,
    outermost: Option<Scope<'r>>,
    root: Node<'n>,
    masked: bool,
}

/// A mismatch, with what merging it with others needs to know.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) mismatch: Mismatch,
    pub(super) about: About,
}

/// What a fault is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// The object at the pointer lacks a member.
    Missing(String),
    /// The object at the pointer has a member it should not have; `unevaluated` when that was
    /// only said because no other part of the schema vouched for it.
    Unknown { key: String, unevaluated: bool },
    /// The list at the pointer has elements no part of the schema vouched for.
    Unevaluated,
    /// The name of a member of the object at the pointer.
    Name(String),
    /// The value itself.
    Value,
}

impl<'r, 'n> Explainer<'r, 'n> {
    pub(super) fn new(schema: &'r Schema, root: Node<'n>, masked: bool) -> Self {
        Self { schema, outermost: Scope::at(&schema.registry, &schema.base), root, masked }
    }

    /// Every mistake behind `errors`, each once, in the order of the text.
    pub(super) fn explain(&self, errors: &[ValidationError<'_>]) -> Vec<Mismatch> {
        let faults = self.merged(errors.iter().flat_map(|error| self.faults(error)).collect());
        let mut mismatches: Vec<Mismatch> =
            faults.into_iter().map(|fault| fault.mismatch).collect();
        if mismatches.is_empty() {
            // The value is invalid, so silence would be a false pass.
            mismatches.push(Mismatch {
                span: start_of(self.root),
                pointer: String::new(),
                keyword: "schema".to_owned(),
                schema_path: String::new(),
                message: "the value does not satisfy its schema".to_owned(),
                help: None,
                related: None,
                sensitive: false,
                unfinished: false,
            });
        }
        mismatches.sort_by(|a, b| {
            (a.span, &a.keyword, &a.message).cmp(&(b.span, &b.keyword, &b.message))
        });
        mismatches
            .dedup_by(|a, b| a.span == b.span && a.keyword == b.keyword && a.message == b.message);
        mismatches
    }

    /// What one error of the validator comes to, before merging.
    pub(super) fn faults(&self, error: &ValidationError<'_>) -> Vec<Fault> {
        match error.kind() {
            ErrorKind::AnyOf { context } | ErrorKind::OneOfNotValid { context } => {
                branch::explain(self, error, context)
            }
            ErrorKind::AdditionalProperties { unexpected } => {
                self.unknown(error, unexpected, false)
            }
            ErrorKind::UnevaluatedProperties { unexpected } => {
                self.unknown(error, unexpected, true)
            }
            ErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                vec![self.missing(error, name, None)]
            }
            ErrorKind::PropertyNames { error: inner } => vec![self.misnamed(error, inner)],
            ErrorKind::FalseSchema => vec![self.forbidden(error)],
            _ => vec![sentence::fault(self, error)],
        }
    }

    /// The value at `pointer`.
    pub(super) fn node(&self, pointer: &str) -> Node<'n> {
        self.root.pointer(pointer).unwrap_or(self.root)
    }

    /// The schema that `error`'s keyword stands in.
    pub(super) fn scope(&self, error: &ValidationError<'_>) -> Option<Scope<'r>> {
        let location = error.absolute_keyword_location()?.as_str();
        // The validator appends an index to some locations, so the keyword is looked for.
        let keyword = error.schema_path().as_str().rsplit('/').next()?;
        let end = location.rfind(&format!("/{keyword}"))?;
        Scope::at(&self.schema.registry, location.get(..end)?)
    }

    /// Whether the value at `pointer` is not to be shown.
    pub(super) fn is_sensitive(&self, pointer: &str) -> bool {
        self.schema.marks_sensitive
            && self.outermost.as_ref().is_some_and(|schema| {
                let levels = schema.down(pointer);
                levels.iter().flatten().any(|scope| scope.flag(SENSITIVE))
            })
    }

    /// Whether texts about the value at `pointer` leave the value out.
    pub(super) fn is_masked(&self, pointer: &str) -> bool {
        self.masked || self.is_sensitive(pointer)
    }

    /// The schemas that may apply to the value at `pointer`.
    pub(super) fn scopes(&self, pointer: &str) -> Vec<Scope<'r>> {
        self.outermost.as_ref().and_then(|schema| schema.down(pointer).pop()).unwrap_or_default()
    }

    /// What the schema says the value at `pointer` is for.
    pub(super) fn purpose(&self, pointer: &str) -> Option<String> {
        purpose(&self.scopes(pointer))
    }

    /// A fault about the value at the error's place.
    pub(super) fn fault(
        &self,
        error: &ValidationError<'_>,
        span: Span,
        message: String,
        help: Option<String>,
    ) -> Fault {
        let pointer = error.instance_path().as_str().to_owned();
        let path = error.schema_path().as_str();
        let schema_path = match error.absolute_keyword_location() {
            Some(uri) if uri.as_str().split('#').next() != Some(self.schema.base.as_str()) => {
                uri.as_str()
            }
            _ => path,
        };
        let keyword = path
            .rsplit('/')
            .find(|token| token.parse::<usize>().is_err())
            .filter(|token| super::vocabulary::keyword(token).is_some())
            .map_or_else(|| error.kind().keyword().to_owned(), str::to_owned);
        Fault {
            mismatch: Mismatch {
                span,
                sensitive: self.is_sensitive(&pointer),
                pointer,
                keyword,
                schema_path: schema_path.to_owned(),
                message,
                help,
                related: None,
                unfinished: false,
            },
            about: About::Value,
        }
    }

    /// An object lacks `name`.
    pub(super) fn missing(
        &self,
        error: &ValidationError<'_>,
        name: &str,
        help: Option<String>,
    ) -> Fault {
        let pointer = error.instance_path().as_str();
        let help = help.or_else(|| {
            let scopes = self.scopes(pointer);
            let named = scopes.iter().flat_map(|scope| scope.named("properties"));
            let own: Vec<_> = named
                .filter(|(property, _)| *property == name)
                .flat_map(|(_, scope)| scope.together())
                .collect();
            purpose(&own)
        });
        let mut message = format!("{} is missing", wording::name(name));
        if let Some(trigger) = self.trigger(error, name) {
            message.push_str(&format!(": it goes with {}", wording::name(trigger)));
        }
        let mut fault = self.fault(error, start_of(self.node(pointer)), message, help);
        fault.about = About::Missing(name.to_owned());
        fault
    }

    /// The member whose presence asks for the missing one.
    fn trigger(&self, error: &ValidationError<'_>, name: &str) -> Option<&'r str> {
        let keyword = error.schema_path().as_str().rsplit('/').next()?;
        if !matches!(keyword, "dependentRequired" | "dependencies") {
            return None;
        }
        let object = self.node(error.instance_path().as_str());
        let lists = self.scope(error)?.get(keyword)?.as_object()?;
        lists
            .iter()
            .find(|(trigger, names)| {
                let names = names.as_array();
                object.get(trigger).is_some()
                    && names.is_some_and(|names| names.iter().any(|known| known == name))
            })
            .map(|(trigger, _)| trigger.as_str())
    }

    fn unknown(
        &self,
        error: &ValidationError<'_>,
        unexpected: &[String],
        unevaluated: bool,
    ) -> Vec<Fault> {
        let pointer = error.instance_path().as_str();
        let object = self.node(pointer);
        let scope = self.scope(error);
        let declared: BTreeSet<&str> = match &scope {
            // `additionalProperties` looks at its neighbours only.
            Some(scope) if !unevaluated => names(std::slice::from_ref(scope)),
            Some(scope) => names(&scope.together()),
            None => BTreeSet::new(),
        };
        // Looked up once: an object may have very many members.
        let spans: BTreeMap<&str, Span> =
            object.members().filter_map(|(key, _)| Some((key.as_str()?, key.span()))).collect();
        let unused = || {
            let declared = declared.iter().copied();
            declared.filter(|name| !spans.contains_key(name))
        };
        let masked = self.is_sensitive(pointer);
        unexpected
            .iter()
            .enumerate()
            .map(|(index, key)| {
                let near = nearest(key, unused().filter(|_| index < SUGGESTED));
                let help = match near {
                    Some(near) => Some(format!("did you mean {}?", wording::name(near))),
                    None => known_here(scope.as_ref(), &declared),
                };
                let message = if masked {
                    "this member is not known here".to_owned()
                } else {
                    format!("{} is not known here", wording::name(key))
                };
                let span = spans.get(key.as_str()).copied();
                let span = span.unwrap_or_else(|| start_of(object));
                let mut fault = self.fault(error, span, message, help);
                fault.about = About::Unknown { key: key.clone(), unevaluated };
                fault
            })
            .collect()
    }

    /// A member's name breaks `propertyNames`.
    fn misnamed(&self, error: &ValidationError<'_>, inner: &ValidationError<'_>) -> Fault {
        let pointer = error.instance_path().as_str();
        let object = self.node(pointer);
        let key = inner.instance().as_str().unwrap_or_default().to_owned();
        let (reason, help) = sentence::about_name(inner, &key);
        let span = key_span(object, &key);
        let mut fault = self.fault(error, span, format!("the name {reason}"), help);
        fault.mismatch.keyword = "propertyNames".to_owned();
        fault.about = About::Name(key);
        fault
    }

    /// A value stands where the schema is `false`.
    fn forbidden(&self, error: &ValidationError<'_>) -> Fault {
        let pointer = error.instance_path().as_str();
        let Some((parent, token)) = pointer.rsplit_once('/') else {
            let span = start_of(self.root);
            return self.fault(error, span, "no value is allowed here".to_owned(), None);
        };
        let container = self.node(parent);
        let key = token.replace("~1", "/").replace("~0", "~");
        if container.kind() == Kind::Array {
            let span = first_line(self.node(pointer));
            return self.fault(error, span, "this element is not allowed here".to_owned(), None);
        }
        let message = format!("{} is not allowed here", wording::name(&key));
        let mut fault = self.fault(error, key_span(container, &key), message, None);
        parent.clone_into(&mut fault.mismatch.pointer);
        fault.about = About::Unknown { key, unevaluated: false };
        fault
    }
}

impl About {
    pub(super) fn is_unevaluated(&self) -> bool {
        matches!(self, Self::Unevaluated | Self::Unknown { unevaluated: true, .. })
    }
}

/// What the schema does know, where that is short enough to say.
fn known_here(scope: Option<&Scope<'_>>, declared: &BTreeSet<&str>) -> Option<String> {
    let patterns = scope.map(|scope| scope.named("patternProperties").map(|(name, _)| name));
    let patterns: Vec<String> = patterns.into_iter().flatten().map(wording::name).collect();
    match (declared.len(), patterns.as_slice()) {
        (0, []) | (LISTED.., _) => None,
        (0, [only]) => Some(format!("names here match {only}")),
        (0, _) => None,
        _ => {
            let known: Vec<String> = declared.iter().map(|name| wording::name(name)).collect();
            Some(format!("known here: {}", known.join(", ")))
        }
    }
}

/// The names of members that `scopes` declare.
pub(super) fn names<'r>(scopes: &[Scope<'r>]) -> BTreeSet<&'r str> {
    let properties = scopes.iter().filter_map(|scope| scope.get("properties"));
    properties
        .filter_map(|properties| properties.as_object())
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect()
}

/// The first line of what the schemas say their value is for.
fn purpose(scopes: &[Scope<'_>]) -> Option<String> {
    ["x-help", "description"].iter().find_map(|keyword| {
        let text = scopes.iter().find_map(|scope| scope.text(keyword))?;
        let line = text.trim().lines().next()?.trim_end_matches(['.', ' ']);
        (!line.is_empty()).then(|| line.to_owned())
    })
}
