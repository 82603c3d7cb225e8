//! One sentence for each keyword that a value can break by itself.

use std::collections::BTreeMap;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as ErrorKind};
use jsonschema::{JsonType, JsonTypeSet};
use serde_json::Value;

use super::explain::{About, Explainer, Fault};
use super::pointing::{first_line, start_of};
use super::suggest::nearest;
use super::wording;
use crate::document::{Kind, Node};
use crate::model::Span;

/// The fault behind an error that concerns the value at its place and nothing else.
pub(super) fn fault(explainer: &Explainer<'_, '_>, error: &ValidationError<'_>) -> Fault {
    let pointer = error.instance_path().as_str();
    let node = explainer.node(pointer);
    let masked = explainer.is_masked(pointer);
    let (message, help) = match error.kind() {
        ErrorKind::Type { kind } => mistyped(node, &types(kind), masked),
        ErrorKind::Constant { expected_value } => {
            not_one_of(node, std::slice::from_ref(expected_value), masked)
        }
        ErrorKind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            not_one_of(node, options, masked)
        }
        ErrorKind::Not { schema } => return excluded(explainer, error, node, schema, masked),
        kind => (
            demand(kind, node, masked).unwrap_or_else(|| other(error, masked)),
            advice(kind).or_else(|| explainer.purpose(pointer)),
        ),
    };
    let mut fault = explainer.fault(error, place(error.kind(), node), message, help);
    match error.kind() {
        ErrorKind::UniqueItems => point_at_repetition(node, &mut fault),
        ErrorKind::UnevaluatedItems { .. } => fault.about = About::Unevaluated,
        _ => {}
    }
    fault
}

/// What is wrong with the name of a member, as the end of a sentence.
pub(super) fn about_name(error: &ValidationError<'_>, key: &str) -> (String, Option<String>) {
    let name = wording::name(key);
    match error.kind() {
        ErrorKind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let near = nearest(key, options.iter().filter_map(Value::as_str));
            let help = near.map(|near| format!("did you mean {}?", wording::name(near)));
            let options = wording::options(options);
            (format!("{name} is not one of {options}"), help)
        }
        ErrorKind::Pattern { pattern } => {
            (format!("{name} does not match the pattern `{pattern}`"), None)
        }
        ErrorKind::Format { format } => {
            let (words, example) = wording::format(format);
            let help = example.map(|example| format!("for example {example}"));
            (format!("{name} is not {words}"), help)
        }
        _ => (format!("{name} is not allowed here"), None),
    }
}

/// The types an error of `type` asks for.
pub(super) fn types(kind: &TypeKind) -> Vec<JsonType> {
    let set = match kind {
        TypeKind::Single(single) => return vec![*single],
        TypeKind::Multiple(set) => set,
    };
    let set: &JsonTypeSet = set;
    set.iter().collect()
}

/// A value of the wrong type.
pub(super) fn mistyped(
    node: Node<'_>,
    types: &[JsonType],
    masked: bool,
) -> (String, Option<String>) {
    let mut names: Vec<String> = Vec::new();
    for kind in types {
        let name = wording::type_name(*kind).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // Null last: "a string or null".
    names.sort_by_key(|name| name == "null");
    let found = wording::found(node, masked);
    let message = format!("expected {}, found {found}", wording::any_of(&names));
    (message, requoting(node, types))
}

/// Quotes that are missing or too many are the usual reason for a wrong type.
fn requoting(node: Node<'_>, types: &[JsonType]) -> Option<String> {
    let plain = |text: &str| {
        let value: Value = serde_json::from_str(text).ok()?;
        types.iter().find(|kind| match kind {
            JsonType::Boolean => value.is_boolean(),
            JsonType::Integer => value.is_i64() || value.is_u64(),
            JsonType::Number => value.is_number(),
            _ => false,
        })
    };
    match node.kind() {
        Kind::String => {
            plain(node.as_str()?)?;
            Some("write it without quotes".to_owned())
        }
        Kind::Number | Kind::Boolean if types.contains(&JsonType::String) => {
            Some("write it in quotes".to_owned())
        }
        _ => None,
    }
}

/// A value that is none of those allowed.
pub(super) fn not_one_of(
    node: Node<'_>,
    options: &[Value],
    masked: bool,
) -> (String, Option<String>) {
    let subject = wording::subject(node, masked);
    let message = match options {
        [only @ (Value::Array(_) | Value::Object(_))] => {
            format!("{subject} is not {}", wording::options(std::slice::from_ref(only)))
        }
        [only] => {
            let found = wording::found(node, masked);
            let only = match only {
                Value::String(text) => wording::quoted(text),
                other => other.to_string(),
            };
            format!("expected {only}, found {found}")
        }
        _ => format!("{subject} is not one of {}", wording::options(options)),
    };
    let texts = || options.iter().filter_map(Value::as_str);
    let near = node.as_str().and_then(|text| nearest(text, texts()));
    // A suggestion would give away most of a masked value.
    let near = near.filter(|_| !masked && options.len() > 1);
    (message, near.map(|near| format!("did you mean {}?", wording::quoted(near))))
}

/// The sentence for keywords that set a bound or a form.
fn demand(kind: &ErrorKind, node: Node<'_>, masked: bool) -> Option<String> {
    let subject = wording::subject(node, masked);
    let elements = |number| wording::count(number, "element", "elements");
    let members = |number| wording::count(number, "member", "members");
    let characters = |number| wording::count(number, "character", "characters");
    let length = node.as_str().map_or(0, |text| text.chars().count() as u64);
    let size = node.len() as u64;
    Some(match kind {
        ErrorKind::Format { format } => format!("{subject} is not {}", wording::format(format).0),
        ErrorKind::Pattern { pattern } => {
            format!("{subject} does not match the pattern `{pattern}`")
        }
        ErrorKind::MinLength { .. } if length == 0 => "the text is empty".to_owned(),
        ErrorKind::MinLength { limit } if masked => {
            format!("{subject} is shorter than {}", characters(*limit))
        }
        ErrorKind::MinLength { limit } => {
            format!("{subject} has {}, at least {limit} are needed", characters(length))
        }
        ErrorKind::MaxLength { limit } if masked => {
            format!("{subject} is longer than {}", characters(*limit))
        }
        ErrorKind::MaxLength { limit } => {
            format!("{subject} has {}, at most {limit} are allowed", characters(length))
        }
        ErrorKind::Minimum { limit } => format!("{subject} is less than {limit}"),
        ErrorKind::Maximum { limit } => format!("{subject} is more than {limit}"),
        ErrorKind::ExclusiveMinimum { limit } => format!("{subject} is not more than {limit}"),
        ErrorKind::ExclusiveMaximum { limit } => format!("{subject} is not less than {limit}"),
        ErrorKind::MultipleOf { multiple_of } => {
            format!("{subject} is not a multiple of {multiple_of}")
        }
        ErrorKind::MinItems { limit } => {
            format!("the list has {}, at least {limit} needed", elements(size))
        }
        ErrorKind::MaxItems { limit } => {
            format!("the list has {}, at most {limit} allowed", elements(size))
        }
        ErrorKind::AdditionalItems { limit } => {
            format!("the list has {}, at most {limit} allowed", elements(size))
        }
        ErrorKind::MinProperties { limit } => {
            format!("the object has {}, at least {limit} needed", members(size))
        }
        ErrorKind::MaxProperties { limit } => {
            format!("the object has {}, at most {limit} allowed", members(size))
        }
        ErrorKind::UniqueItems => "the list holds the same element twice".to_owned(),
        ErrorKind::UnevaluatedItems { unexpected } => format!(
            "the list has {} that nothing in the schema allows",
            elements(unexpected.len() as u64)
        ),
        ErrorKind::ContentEncoding { content_encoding } => {
            format!("{subject} is not encoded as {content_encoding}")
        }
        ErrorKind::ContentMediaType { content_media_type } => {
            format!("{subject} does not hold {content_media_type}")
        }
        ErrorKind::FromUtf8 { .. } => format!("{subject} does not decode to UTF-8"),
        ErrorKind::BacktrackLimitExceeded { .. } | ErrorKind::RegexEngineFailure { .. } => {
            format!("{subject} could not be matched with its pattern within bounds")
        }
        _ => return None,
    })
}

/// The sentence for what is left.
fn other(error: &ValidationError<'_>, masked: bool) -> String {
    let keyword = error.schema_path().as_str().rsplit('/').next();
    match error.kind() {
        ErrorKind::OneOfMultipleValid { context } => {
            let fits: Vec<String> = context
                .iter()
                .enumerate()
                .filter(|(_, errors)| errors.is_empty())
                .map(|(index, _)| wording::ordinal(index + 1))
                .collect();
            format!(
                "this fits the {} of {} alternatives, and may fit only one",
                wording::all_of(&fits),
                context.len()
            )
        }
        ErrorKind::Contains => match keyword {
            Some("minContains") => "too few elements of the list are of the kind it must hold",
            Some("maxContains") => "too many elements of the list are of the kind it may hold",
            _ => "no element of the list is of the kind it must hold",
        }
        .to_owned(),
        _ if masked => format!("the value breaks `{}`", error.kind().keyword()),
        _ => error.to_string(),
    }
}

fn advice(kind: &ErrorKind) -> Option<String> {
    match kind {
        ErrorKind::Format { format } => {
            let (_, example) = wording::format(format);
            example.map(|example| format!("for example {example}"))
        }
        ErrorKind::BacktrackLimitExceeded { .. } | ErrorKind::RegexEngineFailure { .. } => {
            Some("write the pattern without look-around and back-references".to_owned())
        }
        _ => None,
    }
}

/// Where to point: at scalars as a whole, at what is too much, else where the container begins.
fn place(kind: &ErrorKind, node: Node<'_>) -> Span {
    let extra = match kind {
        ErrorKind::AdditionalItems { limit } => node.element(*limit),
        ErrorKind::MaxItems { limit } => {
            usize::try_from(*limit).ok().and_then(|limit| node.element(limit))
        }
        _ => None,
    };
    match (extra, node.kind()) {
        (Some(extra), _) => first_line(extra),
        (None, Kind::Array | Kind::Object) => start_of(node),
        (None, _) => first_line(node),
    }
}

fn point_at_repetition(list: Node<'_>, fault: &mut Fault) {
    let mut seen: BTreeMap<String, Node<'_>> = BTreeMap::new();
    for element in list.elements() {
        if let Some(first) = seen.insert(element.to_value().to_string(), element) {
            fault.mismatch.span = first_line(element);
            fault.mismatch.message = "this element is already in the list".to_owned();
            fault.mismatch.related = Some((first_line(first), "first here".to_owned()));
            return;
        }
    }
}

/// The value is what `not` rules out.
fn excluded(
    explainer: &Explainer<'_, '_>,
    error: &ValidationError<'_>,
    node: Node<'_>,
    schema: &Value,
    masked: bool,
) -> Fault {
    let member = schema
        .get("required")
        .and_then(Value::as_array)
        .filter(|_| schema.as_object().is_some_and(|members| members.len() == 1))
        .and_then(|names| match names.as_slice() {
            [Value::String(name)] => node.member(name),
            _ => None,
        });
    if let Some((key, _)) = member {
        let name = wording::name(key.as_str().unwrap_or_default());
        return explainer.fault(error, key.span(), format!("{name} is not allowed here"), None);
    }
    let subject = wording::subject(node, masked);
    let message = match schema.get("type").and_then(Value::as_str) {
        Some(_) if schema.get("const").is_none() && schema.get("enum").is_none() => {
            format!("{} is not allowed here", wording::found(node, masked))
        }
        _ => format!("{subject} is not allowed here"),
    };
    let help = explainer.purpose(error.instance_path().as_str());
    explainer.fault(error, place(error.kind(), node), message, help)
}
