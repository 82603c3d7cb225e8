//! Tags: those of the core schema are honoured, every other one is refused.

use saphyr_parser::Tag;

use super::super::{Fault, FaultKind};
use super::scalar::{Meaning, plain};
use crate::model::Span;

const CORE: &str = "tag:yaml.org,2002:";

/// The tag's name in the core schema: `str` for `!!str` and for the non-specific `!`.
pub(super) fn core(tag: &Tag) -> Option<String> {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    match whole.strip_prefix(CORE) {
        Some(name) => Some(name.to_owned()),
        None => (whole == "!").then(|| "str".to_owned()),
    }
}

/// What the scalar `value` means under `tag`.
pub(super) fn meaning(tag: &Tag, value: &str, span: Span) -> Result<Meaning, Fault> {
    let meaning = plain(value);
    let number = matches!(meaning, Meaning::Number(_) | Meaning::Lossy(_));
    let whole = !value.contains('.') && (value.starts_with("0x") || !value.contains(['e', 'E']));
    match core(tag).as_deref() {
        Some("str") => Ok(Meaning::String),
        Some("null") if meaning == Meaning::Null => Ok(meaning),
        Some("bool") if matches!(meaning, Meaning::Boolean(_)) => Ok(meaning),
        Some("int") if number && whole => Ok(meaning),
        Some("float") if number => Ok(meaning),
        Some(name @ ("null" | "bool" | "int" | "float")) => {
            let message = format!("`{value}` is not what the tag `!!{name}` promises");
            Err(Fault::new(FaultKind::Syntax, span, message))
        }
        _ => Err(wrong(tag, span)),
    }
}

/// The fault of a tag that is not supported, or does not fit.
pub(super) fn wrong(tag: &Tag, span: Span) -> Fault {
    let message = match core(tag) {
        Some(name) => format!("the tag `!!{name}` does not fit this value; remove the tag"),
        None => format!("the tag `{}{}` is not supported; remove it", tag.handle, tag.suffix),
    };
    Fault::new(FaultKind::Unsupported, span, message)
}
