//! What is known of a value before any record is read: the static types of the expression language.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// The type of a value, as far as a schema, a parameter or a sub-expression tells it.
///
/// Moments and durations are kept apart from whole numbers here; when an expression runs, all
/// three are 64-bit integers (microseconds). What a shape holds is shared: every expression, path
/// and message of a rule file keeps a clone of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing is known: every use is allowed and judged when the record is read.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number that may have a fraction.
    Double,
    /// A string.
    String(Text),
    /// A moment: microseconds since 1970-01-01T00:00:00Z.
    Time,
    /// A length of time in microseconds.
    Duration,
    /// A list of elements of one shape.
    List(Arc<Shape>),
    /// An object.
    Object(Arc<Fields>),
    /// One of several kinds, each at most once; empty for a value that cannot exist (the element
    /// of an empty list).
    Union(Vec<Shape>),
}

/// What a schema says about a string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The JSON Schema format, where it matters here.
    pub format: Option<Format>,
    /// The only values it can have (`enum`, `const`).
    pub values: Option<Arc<Vec<String>>>,
}

/// String formats whose order is not the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `date`: a plain calendar day; sorts as text.
    Date,
    /// `date-time`: RFC 3339; texts of different offsets do not sort by time.
    DateTime,
}

/// The fields of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// Declared fields by name.
    pub fields: BTreeMap<String, Field>,
    /// The shape of fields that are not declared, where the schema leaves their names open: it
    /// lists none, or describes the additional ones. `None`: naming another field is a mistake.
    pub rest: Option<Box<Shape>>,
    /// Whether the values of fields that are not declared are secret.
    pub rest_sensitive: bool,
}

/// A declared field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its shape.
    pub shape: Shape,
    /// Whether every valid object has it.
    pub required: bool,
    /// Whether its values are secret (`x-sensitive: true`) and never shown.
    pub sensitive: bool,
}

impl Shape {
    /// A string of which nothing more is known.
    pub const TEXT: Self = Self::String(Text { format: None, values: None });

    /// The shape of a value that cannot exist.
    pub(super) const NEVER: Self = Self::Union(Vec::new());

    /// An object with any fields.
    #[must_use]
    pub fn open_object() -> Self {
        Self::Object(Arc::new(Fields { rest: Some(Box::new(Self::Any)), ..Fields::default() }))
    }

    /// An object whose fields are the given ones, all required.
    #[must_use]
    pub fn object(fields: impl IntoIterator<Item = (String, Self)>) -> Self {
        let field = |shape| Field { shape, required: true, sensitive: false };
        Self::Object(Arc::new(Fields {
            fields: fields.into_iter().map(|(name, shape)| (name, field(shape))).collect(),
            ..Fields::default()
        }))
    }

    /// A list of elements of one shape.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// The shape of a value that is at hand, such as a parameter.
    #[must_use]
    pub fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Number(number) if number.is_i64() => Self::Int,
            Value::Number(_) => Self::Double,
            Value::String(_) => Self::TEXT,
            Value::Array(values) => {
                Self::list(values.iter().map(Self::of_value).fold(Self::NEVER, Self::join))
            }
            Value::Object(values) => Self::object(
                values.iter().map(|(name, value)| (name.clone(), Self::of_value(value))),
            ),
        }
    }

    /// The shape of a value that has one shape or the other.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Union(own), other) if own.is_empty() => other,
            (own, Self::Union(other)) if other.is_empty() => own,
            (Self::Union(own), Self::Union(other)) => {
                other.into_iter().fold(Self::Union(own), Self::join)
            }
            (own, Self::Union(other)) => Self::Union(other).join(own),
            (Self::Union(mut own), other) => {
                let same = own.iter().position(|shape| shape.same_kind(&other));
                match same {
                    Some(at) => own[at] = std::mem::replace(&mut own[at], Self::Any).join(other),
                    None => own.push(other),
                }
                Self::Union(own)
            }
            (Self::List(own), Self::List(other)) => {
                Self::list(Arc::unwrap_or_clone(own).join(Arc::unwrap_or_clone(other)))
            }
            (Self::String(own), Self::String(other)) => Self::String(own.join(other)),
            (Self::Object(own), Self::Object(other)) => {
                let own = Arc::unwrap_or_clone(own).join(Arc::unwrap_or_clone(other));
                Self::Object(Arc::new(own))
            }
            (own, other) if own.same_kind(&other) => own,
            (own, other) => Self::Union(vec![own, other]),
        }
    }

    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// The shapes a value may have: one, unless this is a union.
    pub(super) fn kinds(&self) -> &[Self] {
        match self {
            Self::Union(shapes) => shapes,
            one => std::slice::from_ref(one),
        }
    }

    /// What is known of an object's fields; `None` when the value is never an object.
    pub(super) fn fields(&self) -> Option<&Fields> {
        self.kinds().iter().find_map(|shape| match shape {
            Self::Object(fields) => Some(&**fields),
            _ => None,
        })
    }

    /// The shape of the elements; `None` when the value is never a list.
    pub(super) fn element(&self) -> Option<&Self> {
        self.kinds().iter().find_map(|shape| match shape {
            Self::List(element) => Some(&**element),
            Self::Any => Some(&Self::Any),
            _ => None,
        })
    }

    /// The shape of field `name` as it guides reading; nothing is known of undeclared ones.
    pub(super) fn field(&self, name: &str) -> &Self {
        let known = self.fields().and_then(|fields| fields.get(name));
        known.map_or(&Self::Any, |(shape, _)| shape)
    }

    /// Whether something within the value is secret.
    pub(super) fn holds_secrets(&self) -> bool {
        self.kinds().iter().any(|shape| match shape {
            Self::List(element) => element.holds_secrets(),
            Self::Object(fields) => {
                let mut below = fields.fields.values();
                fields.rest_sensitive
                    || below.any(|field| field.sensitive || field.shape.holds_secrets())
                    || fields.rest.as_deref().is_some_and(Self::holds_secrets)
            }
            _ => false,
        })
    }

    /// Whether whole numbers are to be read as numbers with a fraction.
    pub(super) fn is_fractional(&self) -> bool {
        self.kinds().iter().any(|kind| matches!(kind, Self::Double)) && !self.is_whole()
    }

    /// Whether the value may be a whole number.
    pub(super) fn is_whole(&self) -> bool {
        self.kinds().iter().any(|kind| matches!(kind, Self::Int))
    }

    /// Whether the value may be `null`.
    pub(super) fn may_be_null(&self) -> bool {
        self.kinds().iter().any(|shape| matches!(shape, Self::Null | Self::Any))
    }
}

impl Fields {
    /// The shape of field `name` and whether it is secret; `None` when there is no such field.
    pub(super) fn get(&self, name: &str) -> Option<(&Shape, bool)> {
        match self.fields.get(name) {
            Some(field) => Some((&field.shape, field.sensitive)),
            None => self.rest.as_deref().map(|shape| (shape, self.rest_sensitive)),
        }
    }

    fn join(mut self, other: Self) -> Self {
        for (name, own) in &mut self.fields {
            own.required &= other.fields.get(name).is_some_and(|field| field.required);
        }
        for (name, mut field) in other.fields {
            match self.fields.get_mut(&name) {
                Some(own) => {
                    own.sensitive |= field.sensitive;
                    own.shape = std::mem::replace(&mut own.shape, Shape::Any).join(field.shape);
                }
                None => {
                    field.required = false;
                    self.fields.insert(name, field);
                }
            }
        }
        self.rest_sensitive |= other.rest_sensitive;
        self.rest = match (self.rest, other.rest) {
            (Some(own), Some(other)) => Some(Box::new(own.join(*other))),
            (own, other) => own.or(other),
        };
        self
    }
}

impl Text {
    fn join(self, other: Self) -> Self {
        let values = match (self.values, other.values) {
            (Some(mut own), Some(other)) => {
                let values = Arc::make_mut(&mut own);
                values.extend(other.iter().cloned());
                values.sort();
                values.dedup();
                Some(own)
            }
            _ => None,
        };
        // The stricter reading: what may be a date-time must not be compared as text.
        let format = match (self.format, other.format) {
            (Some(Format::DateTime), _) | (_, Some(Format::DateTime)) => Some(Format::DateTime),
            (own, other) => own.and(other),
        };
        Self { format, values }
    }
}

/// The words of messages: `a string`, `a whole number or null`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Any => "any value",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Double => "a number",
            Self::String(_) => "a string",
            Self::Time => "a time",
            Self::Duration => "a duration",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Union(shapes) => {
                for (at, shape) in shapes.iter().enumerate() {
                    let or = if at > 0 { " or " } else { "" };
                    write!(f, "{or}{shape}")?;
                }
                if shapes.is_empty() { "nothing" } else { "" }
            }
        };
        f.write_str(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_have_the_shape_of_their_value() {
        let shape =
            Shape::of_value(&json!({"days": 2, "rate": 0.5, "teams": ["a", "b"], "on": true}));
        assert_eq!(shape.field("days"), &Shape::Int);
        assert_eq!(shape.field("rate"), &Shape::Double);
        assert_eq!(shape.field("teams"), &Shape::list(Shape::TEXT));
        assert_eq!(shape.field("on"), &Shape::Bool);
        assert_eq!(Shape::of_value(&json!([])), Shape::list(Shape::NEVER));
    }

    #[test]
    fn a_union_holds_each_kind_once() {
        let shape = Shape::Int.join(Shape::TEXT).join(Shape::Int).join(Shape::Null);
        assert_eq!(shape, Shape::Union(vec![Shape::Int, Shape::TEXT, Shape::Null]));
        assert_eq!(shape.to_string(), "a whole number or a string or null");
        assert_eq!(Shape::NEVER.join(Shape::Bool), Shape::Bool);
    }

    #[test]
    fn joined_objects_have_the_fields_of_both_and_require_only_the_common_ones() {
        let one = Shape::object([("a".into(), Shape::Int), ("b".into(), Shape::Int)]);
        let two = Shape::object([("a".into(), Shape::Null)]);
        let joined = one.join(two);
        let fields = joined.fields().unwrap();
        assert!(fields.fields["a"].required);
        assert!(!fields.fields["b"].required);
        assert!(joined.field("a").may_be_null());
    }
}
