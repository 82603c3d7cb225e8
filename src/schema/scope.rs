//! Finding one's way in a schema: from a schema to those it refers to, applies beside itself, or
//! applies to a part of the value. For explaining and linting; validation does not come here.

use std::collections::BTreeSet;

use jsonschema::{Draft, Registry, Uri, uri};
use serde_json::Value;

use super::vocabulary::{KEYWORDS, Shape};

/// A schema where it stands: its base URI and draft decide what it refers to.
#[derive(Debug, Clone)]
pub(super) struct Scope<'r> {
    registry: &'r Registry<'static>,
    base: Uri<String>,
    pub(super) draft: Draft,
    pub(super) value: &'r Value,
}

impl<'r> Scope<'r> {
    /// The schema at `location`, an absolute URI that may end in a fragment.
    pub(super) fn at(registry: &'r Registry<'static>, location: &str) -> Option<Self> {
        let (document, fragment) = location.split_once('#').unwrap_or((location, ""));
        let resolver = registry.resolver(uri::from_str(document).ok()?);
        let found = resolver.lookup(&format!("#{fragment}")).ok()?;
        let base = found.resolver().base_uri().as_ref().clone();
        let (value, _, draft) = found.into_inner();
        Some(Self { registry, base, draft, value })
    }

    /// A schema written inside this one.
    pub(super) fn child(&self, value: &'r Value) -> Self {
        let resource = self.draft.create_resource_ref(value);
        let inner = self.registry.resolver(self.base.clone());
        let base = inner
            .in_subresource(resource)
            .map_or_else(|_| self.base.clone(), |inner| inner.base_uri().as_ref().clone());
        Self { registry: self.registry, base, draft: self.draft, value }
    }

    /// The schema a reference names; `Err` says why there is none.
    pub(super) fn resolve(&self, reference: &str) -> Result<Self, String> {
        let resolver = self.registry.resolver(self.base.clone());
        let found = resolver.lookup(reference).map_err(|error| error.to_string())?;
        let base = found.resolver().base_uri().as_ref().clone();
        let (value, _, draft) = found.into_inner();
        Ok(Self { registry: self.registry, base, draft, value })
    }

    /// The absolute URI that `reference` stands for here, without its fragment.
    pub(super) fn document_of(&self, reference: &str) -> Option<String> {
        let (document, _) = reference.split_once('#').unwrap_or((reference, ""));
        if document.is_empty() {
            return Some(self.base.as_str().to_owned());
        }
        let absolute = uri::resolve_against(&self.base.borrow(), document).ok()?;
        Some(absolute.as_str().to_owned())
    }

    /// Where the schema lies in memory: its identity, as its registry does not move it.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }

    /// The value of a keyword.
    pub(super) fn get(&self, keyword: &str) -> Option<&'r Value> {
        self.value.get(keyword)
    }

    /// The text of a keyword.
    pub(super) fn text(&self, keyword: &str) -> Option<&'r str> {
        self.get(keyword)?.as_str()
    }

    /// Whether a keyword is `true`.
    pub(super) fn flag(&self, keyword: &str) -> bool {
        self.get(keyword).and_then(Value::as_bool) == Some(true)
    }

    /// The references written in this schema itself.
    pub(super) fn references(&self) -> impl Iterator<Item = (&'static str, &'r str)> {
        let value = self.value;
        ["$ref", "$dynamicRef", "$recursiveRef"]
            .into_iter()
            .filter_map(move |keyword| Some((keyword, value.get(keyword)?.as_str()?)))
    }

    /// The schemas under `keyword`.
    pub(super) fn under(&self, keyword: &str) -> Vec<Self> {
        let child = |value: &'r Value| self.child(value);
        match self.get(keyword) {
            Some(Value::Array(schemas)) => schemas.iter().map(child).collect(),
            Some(schema @ (Value::Object(_) | Value::Bool(_))) => vec![child(schema)],
            _ => Vec::new(),
        }
    }

    /// The schemas by name under `keyword`.
    pub(super) fn named(&self, keyword: &str) -> impl Iterator<Item = (&'r str, Self)> {
        self.get(keyword)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.as_str(), self.child(schema)))
    }

    /// The schemas this one refers to or applies to the same value, one step away.
    ///
    /// `all` includes those that only ask (`if`, `not`); without it they are left out.
    pub(super) fn beside(&self, all: bool) -> Vec<Self> {
        let mut beside: Vec<Self> =
            self.references().filter_map(|(_, reference)| self.resolve(reference).ok()).collect();
        // Drafts up to 7 ignore what stands beside a reference.
        if !beside.is_empty() && self.draft <= Draft::Draft7 {
            return beside;
        }
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.in_place) {
            if !all && matches!(keyword.name, "if" | "not") {
                continue;
            }
            match keyword.shape {
                Shape::Map | Shape::MapOrNames => beside.extend(
                    self.named(keyword.name)
                        .filter(|(_, scope)| !scope.value.is_array())
                        .map(|(_, scope)| scope),
                ),
                _ => beside.extend(self.under(keyword.name)),
            }
        }
        beside
    }

    /// This schema and all that may apply to the same value.
    pub(super) fn together(&self) -> Vec<Self> {
        closure(vec![self.clone()], |scope| scope.beside(false))
    }

    /// This schema and those that must hold whenever it does: references and `allOf`.
    pub(super) fn conjuncts(&self) -> Vec<Self> {
        closure(vec![self.clone()], |scope| {
            let mut next: Vec<Self> = scope
                .references()
                .filter_map(|(_, reference)| scope.resolve(reference).ok())
                .collect();
            if next.is_empty() || scope.draft > Draft::Draft7 {
                next.extend(scope.under("allOf"));
            }
            next
        })
    }

    /// The schemas that this one itself may apply to the member or element `token` of a value.
    ///
    /// Patterns are not matched: every `patternProperties` schema counts.
    fn step(&self, token: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let properties = self.get("properties");
        if let Some(schema) = properties.and_then(|properties| properties.get(token)) {
            found.push(self.child(schema));
        }
        found.extend(self.named("patternProperties").map(|(_, scope)| scope));
        if found.is_empty() {
            found.extend(self.under("additionalProperties"));
            found.extend(self.under("unevaluatedProperties"));
        }
        if let Ok(index) = token.parse::<usize>() {
            for keyword in ["prefixItems", "items"] {
                match self.get(keyword) {
                    Some(Value::Array(list)) => {
                        found.extend(list.get(index).map(|schema| self.child(schema)));
                    }
                    Some(_) => found.extend(self.under(keyword)),
                    None => {}
                }
            }
            for keyword in ["additionalItems", "contains", "unevaluatedItems"] {
                found.extend(self.under(keyword));
            }
        }
        found
    }

    /// The schemas that may apply to the value at JSON Pointer `pointer`, level by level from the
    /// outermost value to that one.
    pub(super) fn down(&self, pointer: &str) -> Vec<Vec<Self>> {
        let mut levels = vec![self.together()];
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next =
                levels.last().into_iter().flatten().flat_map(|scope| scope.step(&token)).collect();
            levels.push(closure(next, |scope| scope.beside(false)));
        }
        levels
    }
}

fn closure<'r>(
    start: Vec<Scope<'r>>,
    next: impl Fn(&Scope<'r>) -> Vec<Scope<'r>>,
) -> Vec<Scope<'r>> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<Scope<'r>> = Vec::new();
    let mut waiting = start;
    waiting.reverse();
    while let Some(scope) = waiting.pop() {
        if seen.insert(scope.address()) {
            waiting.extend(next(&scope).into_iter().rev());
            found.push(scope);
        }
    }
    found
}
