//! How values, types and demands read in a sentence.

use std::fmt::Write as _;

use jsonschema::JsonType;
use serde_json::Value;

use crate::document::{Kind, Node};

/// How much of a text is shown, in characters.
const SHOWN: usize = 60;
/// How many of the allowed values are listed.
const LISTED: usize = 12;

/// A value as the subject of a sentence: `"pending"`, `12`, `the list`; `the value` when masked.
pub(super) fn subject(node: Node<'_>, masked: bool) -> String {
    match node.kind() {
        Kind::Object => "the object".to_owned(),
        Kind::Array => "the list".to_owned(),
        _ if masked => "the value".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::String => quoted(node.as_str().unwrap_or_default()),
        Kind::Number => cropped(node.as_literal().unwrap_or_default()),
        Kind::Boolean => node.as_bool().unwrap_or_default().to_string(),
    }
}

/// A value as what was found: `the string "yes"`, `a list`; `a string` when masked.
pub(super) fn found(node: Node<'_>, masked: bool) -> String {
    match node.kind() {
        Kind::Object => "an object".to_owned(),
        Kind::Array => "a list".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::String if masked => "a string".to_owned(),
        Kind::Number if masked => "a number".to_owned(),
        Kind::Boolean if masked => "a boolean".to_owned(),
        Kind::String => format!("the string {}", subject(node, false)),
        Kind::Number => format!("the number {}", subject(node, false)),
        Kind::Boolean => subject(node, false),
    }
}

/// Text in quotes, cropped, with control and bidirectional characters escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cropped(text))
}

fn cropped(text: &str) -> String {
    let mut characters = text.chars();
    let mut cropped: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() {
        cropped.push('…');
    }
    cropped
}

/// A name of a member in a sentence.
pub(super) fn name(text: &str) -> String {
    let text = cropped(text);
    if text.is_empty() || text.contains(|c: char| c.is_control() || c == '`') {
        return quoted(&text);
    }
    format!("`{text}`")
}

/// One allowed value: bare when it cannot be mistaken, else as JSON.
fn option(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let plain = !text.is_empty()
                && text.chars().all(|c| c.is_alphanumeric() || "-_./: +@".contains(c))
                && text.trim() == text
                && serde_json::from_str::<Value>(text).is_err();
            if plain { cropped(text) } else { quoted(text) }
        }
        Value::Object(_) => "an object".to_owned(),
        other => cropped(&other.to_string()),
    }
}

/// Allowed values as a list: `open, closed, deferred`, each once.
pub(super) fn options(values: &[Value]) -> String {
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let name = option(value);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    let mut list = names.join(", ");
    if more > 0 {
        let _ = write!(list, " and {more} more");
    }
    list
}

/// `a string`, `an integer`, `null`.
pub(super) fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn any_of(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn all_of(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1st`, `2nd`, `11th`.
pub(super) fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// `1 element`, `2 elements`.
pub(super) fn count(number: u64, noun: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { noun } else { plural })
}

/// What a format is called, and an example of it.
pub(super) fn format(name: &str) -> (String, Option<&'static str>) {
    let (words, example) = match name {
        "date" => ("a date", "2026-03-31"),
        "date-time" => ("a date and time with its zone", "2026-03-31T09:14:00+02:00"),
        "time" => ("a time of day with its zone", "09:14:00Z"),
        "duration" => ("a duration", "P30D"),
        "email" | "idn-email" => ("an e-mail address", "name@example.com"),
        "hostname" | "idn-hostname" => ("a host name", "db.example.com"),
        "ipv4" => ("an IPv4 address", "192.0.2.1"),
        "ipv6" => ("an IPv6 address", "2001:db8::1"),
        "uri" | "iri" => ("an absolute URI", "https://example.com/path"),
        "uuid" => ("a UUID", "2f6ff0c5-0c0e-4b6e-8d38-5f0f5ab1b1c4"),
        "regex" => return ("a regular expression".to_owned(), None),
        other => return (format!("a valid `{other}`"), None),
    };
    (words.to_owned(), Some(example))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_that_could_be_mistaken_are_quoted() {
        let values = [json!("open"), json!("1"), json!(1), json!(""), json!("open")];
        assert_eq!(options(&values), r#"open, "1", 1, """#);
    }

    #[test]
    fn hostile_text_is_escaped_and_cropped() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}"), r#""a\u{1b}[31m\u{202e}""#);
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), SHOWN + 3);
    }

    #[test]
    fn ordinals() {
        let words: Vec<String> = [1, 2, 3, 4, 11, 22, 113].map(ordinal).to_vec();
        assert_eq!(words.join(" "), "1st 2nd 3rd 4th 11th 22nd 113th");
    }
}
