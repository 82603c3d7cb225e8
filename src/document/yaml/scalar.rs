//! What a YAML scalar means: the [1.2 core schema](https://yaml.org/spec/1.2.2/#103-core-schema),
//! and where YAML 1.1 would have read it otherwise.

use super::super::{Fault, FaultKind, literal};
use crate::model::Span;

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Null,
    Boolean(bool),
    /// A number, in JSON syntax.
    Number(String),
    String,
    /// A number that JSON does not have, or that does not fit 64 bits: why not.
    Lossy(&'static str),
}

const NO_JSON: &str = "JSON has neither infinity nor NaN";
const TOO_BIG: &str = "it does not fit a 64-bit integer or a finite double";

/// The meaning of a plain scalar.
pub(super) fn plain(scalar: &str) -> Meaning {
    match scalar {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "true" | "True" | "TRUE" => Meaning::Boolean(true),
        "false" | "False" | "FALSE" => Meaning::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => Meaning::Lossy(NO_JSON),
        _ if is_infinite(scalar) => Meaning::Lossy(NO_JSON),
        _ => decimal(scalar).or_else(|| radix(scalar)).unwrap_or(Meaning::String),
    }
}

fn is_infinite(scalar: &str) -> bool {
    let unsigned = scalar.strip_prefix(['+', '-']).unwrap_or(scalar);
    matches!(unsigned, ".inf" | ".Inf" | ".INF")
}

fn decimal(scalar: &str) -> Option<Meaning> {
    let json = literal::from_loose(scalar)?;
    Some(if literal::survives(&json) { Meaning::Number(json) } else { Meaning::Lossy(TOO_BIG) })
}

fn radix(scalar: &str) -> Option<Meaning> {
    let (digits, radix) = match (scalar.strip_prefix("0o"), scalar.strip_prefix("0x")) {
        (Some(digits), _) => (digits, 8),
        (_, Some(digits)) => (digits, 16),
        _ => return None,
    };
    let valid = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    valid.then(|| match u64::from_str_radix(digits, radix) {
        Ok(value) => Meaning::Number(value.to_string()),
        Err(_) => Meaning::Lossy(TOO_BIG),
    })
}

/// The warning that YAML 1.1 reads a plain scalar otherwise, when it does.
pub(super) fn ambiguity(value: &str, key: bool, span: Span) -> Option<Fault> {
    let other = other_reading(value)?;
    let here = match plain(value) {
        // A fault of its own, unless it is a key.
        Meaning::Lossy(_) if !key => return None,
        Meaning::Number(json) if !key => format!("the number {json}"),
        _ if key => format!("the key \"{value}\""),
        _ => format!("the string \"{value}\""),
    };
    let message = format!(
        "`{value}` is read as {here} (YAML 1.2), but YAML 1.1 reads it as {other}; write \
         \"{value}\" with quotes if it is text"
    );
    Some(Fault::new(FaultKind::AmbiguousScalar, span, message))
}

/// What YAML 1.1 makes of a plain scalar, when that is something else than what [`plain`] makes.
fn other_reading(scalar: &str) -> Option<&'static str> {
    match scalar {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some("the boolean true"),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some("the boolean false"),
        "<<" => Some("a merge of another mapping"),
        _ => other_number(scalar),
    }
}

fn other_number(scalar: &str) -> Option<&'static str> {
    let unsigned = scalar.strip_prefix(['+', '-']).unwrap_or(scalar);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if is_sexagesimal(unsigned) {
        return Some("a number in base 60");
    }
    if unsigned.contains('_') {
        let squeezed = unsigned.replace('_', "");
        let number = literal::from_loose(&squeezed).is_some() || other_radix(&squeezed);
        return number.then_some("a number");
    }
    if let Some(digits) = unsigned.strip_prefix('0')
        && !digits.is_empty()
        && digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        let octal = digits.bytes().all(|digit| digit < b'8');
        return Some(if octal { "an octal number" } else { "a string" });
    }
    if unsigned.starts_with("0o") {
        return radix(unsigned).is_some().then_some("a string");
    }
    if other_radix(unsigned) {
        // `0x1F` is a number in both, unless it has a sign.
        let differs = unsigned.starts_with("0b") || unsigned != scalar;
        return differs.then_some("a number");
    }
    let (mantissa, power) = unsigned.split_once(['e', 'E'])?;
    let strict = mantissa.contains('.') && power.starts_with(['+', '-']);
    (!strict && literal::from_loose(unsigned).is_some()).then_some("a string")
}

fn other_radix(unsigned: &str) -> bool {
    let (digits, radix) = match (unsigned.strip_prefix("0b"), unsigned.strip_prefix("0x")) {
        (Some(digits), _) => (digits, 2),
        (_, Some(digits)) => (digits, 16),
        _ => return false,
    };
    !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
}

/// `12:30:00`: YAML 1.1 reads `[1-9][0-9_]*(:[0-5]?[0-9])+`, with or without a fraction.
fn is_sexagesimal(unsigned: &str) -> bool {
    let whole = unsigned.split_once('.').map_or(unsigned, |(whole, _)| whole);
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let starts = first.starts_with(|digit: char| ('1'..='9').contains(&digit))
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut count = 0;
    let rest = parts.all(|part| {
        count += 1;
        matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
    });
    starts && rest && count > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let number = |json: &str| Meaning::Number(json.to_owned());
        for (scalar, meaning) in [
            ("", Meaning::Null),
            ("~", Meaning::Null),
            ("NULL", Meaning::Null),
            ("nUll", Meaning::String),
            ("True", Meaning::Boolean(true)),
            ("tRue", Meaning::String),
            ("FALSE", Meaning::Boolean(false)),
            ("yes", Meaning::String),
            ("12", number("12")),
            ("+12", number("12")),
            ("010", number("10")),
            ("0o17", number("15")),
            ("0xFf", number("255")),
            ("-0xFF", Meaning::String),
            ("1_000", Meaning::String),
            (".5", number("0.5")),
            ("1.", number("1.0")),
            ("1e3", number("1e3")),
            ("-.INF", Meaning::Lossy(NO_JSON)),
            (".NaN", Meaning::Lossy(NO_JSON)),
            ("inf", Meaning::String),
            ("18446744073709551616", Meaning::Lossy(TOO_BIG)),
            ("0xFFFFFFFFFFFFFFFFF", Meaning::Lossy(TOO_BIG)),
            ("1e400", Meaning::Lossy(TOO_BIG)),
            ("2026-01-01", Meaning::String),
            ("1.2.3", Meaning::String),
            ("-", Meaning::String),
            (".", Meaning::String),
        ] {
            assert_eq!(plain(scalar), meaning, "{scalar}");
        }
    }

    #[test]
    fn readings_that_differ_are_named() {
        for scalar in [
            "y",
            "N",
            "Yes",
            "no",
            "ON",
            "off",
            "<<",
            "010",
            "08",
            "-017",
            "0o17",
            "1_000",
            "0b11",
            "1_000.5",
            "0x_F",
            "+0x1F",
            "12:30:00",
            "1:30",
            "190:20:30.15",
            "1e3",
            "1.5e3",
        ] {
            assert!(other_reading(scalar).is_some(), "{scalar}");
        }
        for scalar in [
            "",
            "yEs",
            "nope",
            "one",
            "0",
            "-0",
            "12",
            "1.5",
            "1.5e+3",
            "0x1F",
            "2026-01-01",
            "08:30",
            "12:60",
            "1.2.3",
            "v1_0",
            "1_a",
            "0o8",
            "2026-01-01T10:00:00Z",
            "~",
            "true",
            "10:00pm",
            "a:1",
            "...",
            "127.0.0.1:80",
        ] {
            assert_eq!(other_reading(scalar), None, "{scalar}");
        }
    }
}
