//! The keywords of JSON Schema, from [draft 4](https://json-schema.org/specification-links) to
//! [2020-12](https://json-schema.org/draft/2020-12): what they hold and where they apply.

use jsonschema::Draft;

/// What the value of a keyword holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// No schema.
    Data,
    /// One schema.
    One,
    /// A list of schemas.
    List,
    /// A schema, or a list of them.
    OneOrList,
    /// Schemas by name.
    Map,
    /// Schemas or lists of names, by name.
    MapOrNames,
}

/// A keyword of some drafts.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    /// The first and the last draft that know it.
    since: Draft,
    until: Draft,
    pub(super) shape: Shape,
    /// Whether its schemas apply to the same value as the schema it stands in.
    pub(super) in_place: bool,
    /// Whether it only describes, so that nothing is lost where it is ignored.
    pub(super) describes: bool,
}

impl Keyword {
    /// Whether `draft` knows the keyword.
    pub(super) fn is_known_in(&self, draft: Draft) -> bool {
        self.since <= draft && draft <= self.until
    }

    /// The drafts that know the keyword, in words.
    pub(super) fn drafts(&self) -> String {
        match (self.since, self.until) {
            (Draft::Draft4, until) => format!("drafts up to {}", draft_name(until)),
            (since, Draft::Draft202012) => format!("drafts from {} on", draft_name(since)),
            (since, until) if since == until => format!("draft {}", draft_name(since)),
            (since, until) => format!("drafts {} to {}", draft_name(since), draft_name(until)),
        }
    }

    const fn data(name: &'static str, since: Draft, until: Draft) -> Self {
        Self { name, since, until, shape: Shape::Data, in_place: false, describes: false }
    }

    const fn note(name: &'static str, since: Draft) -> Self {
        let mut keyword = Self::data(name, since, LAST);
        keyword.describes = true;
        keyword
    }

    const fn applies(name: &'static str, shape: Shape, since: Draft, until: Draft) -> Self {
        let mut keyword = Self::data(name, since, until);
        keyword.shape = shape;
        keyword
    }

    const fn in_place(name: &'static str, shape: Shape, since: Draft, until: Draft) -> Self {
        let mut keyword = Self::applies(name, shape, since, until);
        keyword.in_place = true;
        keyword
    }
}

/// The draft's name as people write it.
pub(super) fn draft_name(draft: Draft) -> &'static str {
    match draft {
        Draft::Draft4 => "4",
        Draft::Draft6 => "6",
        Draft::Draft7 => "7",
        Draft::Draft201909 => "2019-09",
        _ => "2020-12",
    }
}

/// The keyword called `name`, whatever the draft.
pub(super) fn keyword(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}

const FIRST: Draft = Draft::Draft4;
const LAST: Draft = Draft::Draft202012;

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::note("$schema", FIRST),
    Keyword::data("id", FIRST, Draft::Draft4),
    Keyword::data("$id", Draft::Draft6, LAST),
    Keyword::data("$ref", FIRST, LAST),
    Keyword::data("$anchor", Draft::Draft201909, LAST),
    Keyword::data("$recursiveRef", Draft::Draft201909, Draft::Draft201909),
    Keyword::data("$recursiveAnchor", Draft::Draft201909, Draft::Draft201909),
    Keyword::data("$dynamicRef", LAST, LAST),
    Keyword::data("$dynamicAnchor", LAST, LAST),
    Keyword::data("$vocabulary", Draft::Draft201909, LAST),
    Keyword::note("$comment", FIRST),
    Keyword::note("title", FIRST),
    Keyword::note("description", FIRST),
    Keyword::note("default", FIRST),
    Keyword::note("examples", FIRST),
    Keyword::note("readOnly", FIRST),
    Keyword::note("writeOnly", FIRST),
    Keyword::note("deprecated", FIRST),
    // References reach into both wherever they stand, so both are taken in every draft.
    Keyword { describes: true, ..Keyword::applies("definitions", Shape::Map, FIRST, LAST) },
    Keyword { describes: true, ..Keyword::applies("$defs", Shape::Map, FIRST, LAST) },
    Keyword::data("type", FIRST, LAST),
    Keyword::data("enum", FIRST, LAST),
    Keyword::data("const", Draft::Draft6, LAST),
    Keyword::data("format", FIRST, LAST),
    Keyword::data("pattern", FIRST, LAST),
    Keyword::data("minLength", FIRST, LAST),
    Keyword::data("maxLength", FIRST, LAST),
    Keyword::data("minimum", FIRST, LAST),
    Keyword::data("maximum", FIRST, LAST),
    Keyword::data("exclusiveMinimum", FIRST, LAST),
    Keyword::data("exclusiveMaximum", FIRST, LAST),
    Keyword::data("multipleOf", FIRST, LAST),
    Keyword::data("minItems", FIRST, LAST),
    Keyword::data("maxItems", FIRST, LAST),
    Keyword::data("uniqueItems", FIRST, LAST),
    Keyword::data("minContains", Draft::Draft201909, LAST),
    Keyword::data("maxContains", Draft::Draft201909, LAST),
    Keyword::data("minProperties", FIRST, LAST),
    Keyword::data("maxProperties", FIRST, LAST),
    Keyword::data("required", FIRST, LAST),
    Keyword::data("dependentRequired", Draft::Draft201909, LAST),
    Keyword::data("contentEncoding", Draft::Draft7, LAST),
    Keyword::data("contentMediaType", Draft::Draft7, LAST),
    Keyword::applies("contentSchema", Shape::One, Draft::Draft201909, LAST),
    Keyword::in_place("allOf", Shape::List, FIRST, LAST),
    Keyword::in_place("anyOf", Shape::List, FIRST, LAST),
    Keyword::in_place("oneOf", Shape::List, FIRST, LAST),
    Keyword::in_place("not", Shape::One, FIRST, LAST),
    Keyword::in_place("if", Shape::One, Draft::Draft7, LAST),
    Keyword::in_place("then", Shape::One, Draft::Draft7, LAST),
    Keyword::in_place("else", Shape::One, Draft::Draft7, LAST),
    Keyword::in_place("dependentSchemas", Shape::Map, Draft::Draft201909, LAST),
    Keyword::in_place("dependencies", Shape::MapOrNames, FIRST, Draft::Draft7),
    Keyword::applies("properties", Shape::Map, FIRST, LAST),
    Keyword::applies("patternProperties", Shape::Map, FIRST, LAST),
    Keyword::applies("additionalProperties", Shape::One, FIRST, LAST),
    Keyword::applies("propertyNames", Shape::One, Draft::Draft6, LAST),
    Keyword::applies("unevaluatedProperties", Shape::One, Draft::Draft201909, LAST),
    Keyword::applies("items", Shape::OneOrList, FIRST, LAST),
    Keyword::applies("prefixItems", Shape::List, LAST, LAST),
    Keyword::applies("additionalItems", Shape::One, FIRST, Draft::Draft201909),
    Keyword::applies("contains", Shape::One, Draft::Draft6, LAST),
    Keyword::applies("unevaluatedItems", Shape::One, Draft::Draft201909, LAST),
];
