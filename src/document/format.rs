//! Which reader a file gets, by the ending of its name.

use super::{
    Arena, Document, Fault, FaultKind, JsonOptions, decode, read_json, read_junit, read_markdown,
    read_toml, read_yaml,
};
use crate::model::Span;

/// A format of documents that are read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.json`.
    Json,
    /// `.yaml`, `.yml`.
    Yaml,
    /// `.toml`.
    Toml,
    /// `.md`, `.markdown`: front matter and body.
    Markdown,
    /// `.xml`: JUnit.
    Junit,
}

impl Format {
    /// The format of the file at `path`.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit('/').next()?.rsplit_once('.')?.1 {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "md" | "markdown" => Some(Self::Markdown),
            "xml" => Some(Self::Junit),
            _ => None,
        }
    }
}

/// Reads `text` by the format of `path`; `comments` lets JSON hold comments. There is no document
/// when a fault is not a warning.
#[must_use]
pub fn read_text(path: &str, text: String, comments: bool) -> (Option<Document>, Vec<Fault>) {
    let (document, faults) = read_or_return(path, text, comments);
    (document.ok(), faults)
}

/// As [`read_text`], with the text itself where there is no document of it.
pub(crate) fn read_or_return(
    path: &str,
    text: String,
    comments: bool,
) -> (Result<Document, String>, Vec<Fault>) {
    let mut arena = Arena::new();
    let faults = match Format::of(path) {
        Some(Format::Json) => read_json(&text, &mut arena, JsonOptions { comments }),
        Some(Format::Yaml) => read_yaml(&text, 0..text.len(), &mut arena),
        Some(Format::Toml) => read_toml(&text, &mut arena),
        Some(Format::Markdown) => read_markdown(&text, &mut arena),
        Some(Format::Junit) => read_junit(&text, &mut arena),
        None => {
            let message = "there is no reader for a file of this name";
            vec![Fault::new(FaultKind::Unsupported, Span::default(), message)]
        }
    };
    if arena.is_empty() || faults.iter().any(|fault| !fault.kind.is_warning()) {
        (Err(text), faults)
    } else {
        (Ok(Document { text, arena }), faults)
    }
}

/// Reads a rule file, schema or engagement: UTF-8, and nothing ambiguous in it.
#[must_use]
pub fn read_policy(path: &str, bytes: Vec<u8>) -> (Option<Document>, Vec<Fault>) {
    match decode(bytes) {
        Ok(decoded) => read_text(path, decoded.text, false),
        Err(fault) => (None, vec![fault]),
    }
}
