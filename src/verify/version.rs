//! The version a document says it has: the shape of a tool's export depends on it, so one that is not
//! known cannot be judged.

use crate::catalog::Kind;
use crate::document::Node;
use crate::model::Span;

/// Why `node` cannot be judged as one of `kind`, and where it says so; `None` when its version is
/// known, or the kind has no versions.
pub(crate) fn unknown(kind: &Kind, node: Node<'_>) -> Option<(String, Span)> {
    let versions = kind.versions.as_ref()?;
    let known = versions.known.join(", ");
    let Some(stated) = node.pointer(&versions.at) else {
        let message =
            format!("no version is stated at `{}`: {} reads {known}", versions.at, kind.name);
        return Some((message, node.span()));
    };
    let text = stated.as_str().or_else(|| stated.as_literal()).unwrap_or_default();
    let same = |version: &String| match version.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == version,
    };
    (!versions.known.iter().any(same)).then(|| {
        let message = format!("version `{text}` is not known: {} reads {known}", kind.name);
        (message, stated.span())
    })
}
