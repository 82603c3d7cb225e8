//! Shapes from JSON Schema 2020-12: what a schema promises about the values it accepts.
//!
//! Only what narrows the check of an expression is read; the schema itself judges the evidence.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::shape::{Field, Fields, Format, Shape, Text};

/// How many sub-schemas are read at most: `$ref` can repeat a definition exponentially often.
const BUDGET: usize = 20_000;
/// How deep sub-schemas nest at most; deeper values are of any shape.
const DEPTH: usize = 24;

/// Keywords that apply whole schemas to the same value.
const APPLICATORS: [&str; 5] = ["$ref", "allOf", "anyOf", "oneOf", "if"];
/// Keywords whose schemas speak of the same value or of its elements.
const SAME_VALUE: [&str; 8] =
    ["$ref", "allOf", "anyOf", "oneOf", "prefixItems", "items", "then", "else"];

impl Shape {
    /// The shape of the values a JSON Schema accepts. `$ref` is followed within the schema;
    /// whatever cannot be told is [`Shape::Any`].
    #[must_use]
    pub fn from_schema(schema: &Value) -> Self {
        let mut reader = Reader { root: schema, budget: BUDGET };
        reader.shape(schema, 0)
    }
}

struct Reader<'s> {
    root: &'s Value,
    budget: usize,
}

impl<'s> Reader<'s> {
    fn shape(&mut self, schema: &'s Value, depth: usize) -> Shape {
        let Value::Object(schema) = schema else {
            return Shape::Any;
        };
        if depth > DEPTH || self.budget == 0 {
            return Shape::Any;
        }
        self.budget -= 1;
        let mut shape = self.own(schema, depth);
        if !schema.keys().any(|key| APPLICATORS.contains(&key.as_str())) {
            return shape;
        }
        if let Some(target) = self.target(schema) {
            shape = merge(shape, self.shape(target, depth + 1));
        }
        for part in list(schema, "allOf") {
            shape = merge(shape, self.shape(part, depth + 1));
        }
        for keyword in ["anyOf", "oneOf"] {
            shape = self.alternatives(shape, list(schema, keyword), depth);
        }
        if schema.contains_key("if") {
            let branches =
                ["then", "else"].map(|keyword| schema.get(keyword).unwrap_or(&Value::Bool(true)));
            shape = self.alternatives(shape, branches, depth);
        }
        shape
    }

    fn alternatives(
        &mut self,
        base: Shape,
        branches: impl IntoIterator<Item = &'s Value>,
        depth: usize,
    ) -> Shape {
        let mut branches = branches.into_iter().peekable();
        if branches.peek().is_none() {
            return base;
        }
        branches
            .map(|branch| merge(base.clone(), self.shape(branch, depth + 1)))
            .fold(Shape::NEVER, Shape::join)
    }

    fn target(&self, schema: &Map<String, Value>) -> Option<&'s Value> {
        let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }

    /// What the keywords of one schema say, applicators of whole schemas apart.
    fn own(&mut self, schema: &'s Map<String, Value>, depth: usize) -> Shape {
        if let Some(value) = schema.get("const") {
            return literal(value);
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            return values.iter().map(literal).fold(Shape::NEVER, Shape::join);
        }
        let names = match schema.get("type") {
            Some(Value::Array(names)) => names.as_slice(),
            Some(name) => std::slice::from_ref(name),
            None => {
                return implied(schema).map_or(Shape::Any, |name| self.typed(name, schema, depth));
            }
        };
        let mut types = names.iter().filter_map(Value::as_str).peekable();
        if types.peek().is_none() {
            return Shape::Any;
        }
        types.map(|name| self.typed(name, schema, depth)).fold(Shape::NEVER, Shape::join)
    }

    fn typed(&mut self, name: &str, schema: &'s Map<String, Value>, depth: usize) -> Shape {
        match name {
            "null" => Shape::Null,
            "boolean" => Shape::Bool,
            "integer" => Shape::Int,
            "number" => Shape::Double,
            "string" => Shape::String(Text {
                format: match schema.get("format").and_then(Value::as_str) {
                    Some("date") => Some(Format::Date),
                    Some("date-time") => Some(Format::DateTime),
                    _ => None,
                },
                values: None,
            }),
            "array" => {
                let mut element = schema.get("items").map(|items| self.shape(items, depth + 1));
                for item in list(schema, "prefixItems") {
                    let item = self.shape(item, depth + 1);
                    element = Some(element.map_or(Shape::Any, |element| element.join(item)));
                }
                Shape::list(element.unwrap_or(Shape::Any))
            }
            "object" => Shape::Object(Arc::new(self.fields(schema, depth))),
            _ => Shape::Any,
        }
    }

    fn fields(&mut self, schema: &'s Map<String, Value>, depth: usize) -> Fields {
        let mut fields = Fields::default();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let field = Field {
                shape: self.shape(property, depth + 1),
                required: false,
                sensitive: self.is_sensitive(property, 0),
            };
            fields.fields.insert(name.clone(), field);
        }
        for name in list(schema, "required").iter().filter_map(Value::as_str) {
            let field = fields.fields.entry(name.to_owned()).or_insert(Field {
                shape: Shape::Any,
                required: true,
                sensitive: false,
            });
            field.required = true;
        }
        fields.rest = match schema.get("additionalProperties") {
            Some(rest @ Value::Object(keywords)) if !keywords.is_empty() => {
                Some(Box::new(self.shape(rest, depth + 1)))
            }
            Some(Value::Bool(false)) => None,
            _ if properties.is_none() => Some(Box::new(Shape::Any)),
            _ => None,
        };
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        if patterns.is_some() {
            fields.rest = Some(Box::new(Shape::Any));
        }
        let mut undeclared =
            patterns.into_iter().flat_map(Map::values).chain(schema.get("additionalProperties"));
        fields.rest_sensitive = undeclared.any(|schema| self.is_sensitive(schema, 0));
        fields
    }

    /// Whether a schema, or a part that speaks of the same value or its elements, marks it secret.
    /// Where that takes too long to tell, it does.
    fn is_sensitive(&mut self, schema: &'s Value, hops: usize) -> bool {
        let Value::Object(schema) = schema else {
            return false;
        };
        if hops > DEPTH || self.budget == 0 {
            return true;
        }
        self.budget -= 1;
        if schema.get("x-sensitive") == Some(&Value::Bool(true)) {
            return true;
        }
        if !schema.keys().any(|key| SAME_VALUE.contains(&key.as_str())) {
            return false;
        }
        let lists = ["allOf", "anyOf", "oneOf", "prefixItems"];
        let lists = lists.into_iter().flat_map(|keyword| list(schema, keyword));
        let singles = ["items", "then", "else"].into_iter().filter_map(|key| schema.get(key));
        let parts: Vec<&'s Value> =
            self.target(schema).into_iter().chain(lists).chain(singles).collect();
        parts.into_iter().any(|part| self.is_sensitive(part, hops + 1))
    }
}

/// The types that keywords speak about when `type` is missing.
fn implied(schema: &Map<String, Value>) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().any(|name| schema.contains_key(*name));
    if has(&["properties", "required", "additionalProperties", "patternProperties"]) {
        Some("object")
    } else if has(&["items", "prefixItems"]) {
        Some("array")
    } else if has(&["format", "pattern", "minLength"]) {
        Some("string")
    } else {
        None
    }
}

fn list<'s>(schema: &'s Map<String, Value>, keyword: &str) -> &'s [Value] {
    match schema.get(keyword) {
        Some(Value::Array(values)) => values,
        _ => &[],
    }
}

fn literal(value: &Value) -> Shape {
    match value {
        Value::String(text) => {
            Shape::String(Text { format: None, values: Some(Arc::new(vec![text.clone()])) })
        }
        Value::Object(_) => Shape::open_object(),
        other => Shape::of_value(other),
    }
}

/// The shape of a value that both schemas accept.
fn merge(own: Shape, other: Shape) -> Shape {
    match (own, other) {
        (Shape::Any, one) | (one, Shape::Any) => one,
        (Shape::Object(own), Shape::Object(other)) => {
            let own = merge_fields(Arc::unwrap_or_clone(own), Arc::unwrap_or_clone(other));
            Shape::Object(Arc::new(own))
        }
        (Shape::List(own), Shape::List(other)) => {
            Shape::list(merge(Arc::unwrap_or_clone(own), Arc::unwrap_or_clone(other)))
        }
        (Shape::String(own), Shape::String(other)) => Shape::String(Text {
            format: own.format.or(other.format),
            values: other.values.or(own.values),
        }),
        (Shape::Double, Shape::Int) | (Shape::Int, Shape::Double) => Shape::Int,
        (own, other) => {
            let mut both = Shape::NEVER;
            for one in own.kinds() {
                for two in other.kinds() {
                    let number = matches!(
                        (one, two),
                        (Shape::Int, Shape::Double) | (Shape::Double, Shape::Int)
                    );
                    if number || std::mem::discriminant(one) == std::mem::discriminant(two) {
                        both = both.join(merge_one(one, two));
                    }
                }
            }
            // Schemas that contradict each other accept nothing; nothing is checked against them.
            if both == Shape::NEVER { own } else { both }
        }
    }
}

/// [`merge`] of two shapes that are no unions.
fn merge_one(one: &Shape, two: &Shape) -> Shape {
    if one == two { one.clone() } else { merge(one.clone(), two.clone()) }
}

fn merge_fields(mut own: Fields, other: Fields) -> Fields {
    own.rest_sensitive |= other.rest_sensitive;
    own.rest = match (own.rest.take(), other.rest) {
        (Some(one), Some(two)) => Some(Box::new(merge(*one, *two))),
        // A part that only requires or only lists leaves the names open to the other part.
        (Some(open), None) | (None, Some(open)) if *open != Shape::Any => Some(open),
        _ => None,
    };
    for (name, field) in other.fields {
        match own.fields.get_mut(&name) {
            Some(known) => {
                known.required |= field.required;
                known.sensitive |= field.sensitive;
                let shape = std::mem::replace(&mut known.shape, Shape::Any);
                known.shape = merge(shape, field.shape);
            }
            None => {
                own.fields.insert(name, field);
            }
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(format: Option<Format>) -> Shape {
        Shape::String(Text { format, values: None })
    }

    #[test]
    fn properties_types_items_and_formats() {
        let shape = Shape::from_schema(&json!({
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "at": {"type": "string", "format": "date-time"},
                "day": {"type": ["string", "null"], "format": "date"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "score": {"type": "number"},
                "secret": {"type": "string", "x-sensitive": true},
                "state": {"enum": ["open", "closed"]}
            }
        }));
        let fields = shape.fields().unwrap();
        assert!(fields.fields["id"].required);
        assert!(!fields.fields["at"].required);
        assert!(fields.fields["secret"].sensitive);
        assert_eq!(fields.rest, None);
        assert_eq!(shape.field("at"), &text(Some(Format::DateTime)));
        assert_eq!(shape.field("day"), &Shape::Union(vec![text(Some(Format::Date)), Shape::Null]));
        assert_eq!(shape.field("tags"), &Shape::list(Shape::TEXT));
        assert!(shape.field("score").is_fractional());
        let Shape::String(state) = shape.field("state") else { panic!() };
        assert_eq!(state.values, Some(Arc::new(vec!["closed".into(), "open".into()])));
    }

    #[test]
    fn references_all_of_and_alternatives() {
        let shape = Shape::from_schema(&json!({
            "$defs": {
                "person": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
                "hidden": {"type": "string", "x-sensitive": true},
                "loop": {"type": "object", "properties": {"next": {"$ref": "#/$defs/loop"}}}
            },
            "type": "object",
            "properties": {"who": {"$ref": "#/$defs/person"}, "key": {"$ref": "#/$defs/hidden"},
                           "loop": {"$ref": "#/$defs/loop"}},
            "allOf": [{"properties": {"who": {"properties": {"team": {"type": "string"}}}}, "required": ["who"]}],
            "oneOf": [
                {"properties": {"approver": {"type": "string"}}, "required": ["approver"]},
                {"properties": {"waiver": {"type": "integer"}}}
            ]
        }));
        let fields = shape.fields().unwrap();
        assert!(fields.fields["who"].required);
        assert!(fields.fields["key"].sensitive);
        assert_eq!(shape.field("who").field("team"), &Shape::TEXT);
        assert!(shape.field("who").fields().unwrap().fields["id"].required);
        assert_eq!(shape.field("waiver"), &Shape::Int);
        assert!(!fields.fields["approver"].required);
        assert_eq!(fields.rest, None);
    }

    #[test]
    fn a_schema_that_names_no_property_leaves_the_names_open() {
        let open = |schema| Shape::from_schema(&schema).fields().unwrap().rest.clone();
        assert_eq!(open(json!({"type": "object"})), Some(Box::new(Shape::Any)));
        assert_eq!(
            open(json!({"type": "object", "additionalProperties": {"type": "integer"}})),
            Some(Box::new(Shape::Int))
        );
        assert_eq!(open(json!({"type": "object", "additionalProperties": false})), None);
        assert_eq!(open(json!({"properties": {}, "additionalProperties": true})), None);
        assert_eq!(Shape::from_schema(&json!({})), Shape::Any);
        assert_eq!(Shape::from_schema(&json!(true)), Shape::Any);
    }

    #[test]
    fn secrets_are_known_wherever_the_schema_marks_them() {
        let secret = json!({"type": "string", "x-sensitive": true});
        for schema in [
            json!({"properties": {"a": secret}}),
            json!({"properties": {"a": {"type": "array", "items": secret}}}),
            json!({"properties": {"a": {"anyOf": [{"type": "null"}, secret]}}}),
            json!({"additionalProperties": secret}),
            json!({"patternProperties": {"^a": secret}}),
            json!({"properties": {"a": {"type": "string"}}, "allOf": [{"properties": {"a": secret}}]}),
            json!({"properties": {"a": {}}, "if": {}, "then": {"properties": {"a": secret}}}),
            json!({"$defs": {"s": secret}, "properties": {"a": {"$ref": "#/$defs/s"}}}),
        ] {
            let shape = Shape::from_schema(&schema);
            assert!(shape.holds_secrets(), "{schema}");
            assert!(shape.fields().unwrap().get("a").unwrap().1, "{schema}");
        }
        assert!(!Shape::from_schema(&json!({"properties": {"a": {}}})).holds_secrets());
    }

    #[test]
    fn hostile_schemas_end() {
        let mut schema = json!({"$defs": {"d0": {"type": "string"}}, "$ref": "#/$defs/d20"});
        for at in 1..=20 {
            let below = json!({"$ref": format!("#/$defs/d{}", at - 1)});
            schema["$defs"][format!("d{at}")] =
                json!({"type": "object", "properties": {"a": below, "b": below}});
        }
        assert_ne!(Shape::from_schema(&schema), Shape::Null);
        assert_eq!(Shape::from_schema(&json!({"$ref": "#"})), Shape::Any);
        let mut wide = json!({"$defs": {"d0": {}}, "properties": {"a": {"$ref": "#/$defs/d12"}}});
        for at in 1..=12 {
            let below = json!({"$ref": format!("#/$defs/d{}", at - 1)});
            wide["$defs"][format!("d{at}")] = json!({"allOf": vec![below; 8]});
        }
        assert!(Shape::from_schema(&wide).fields().is_some());
        assert_eq!(
            Shape::from_schema(&json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]})),
            Shape::Any
        );
    }
}
