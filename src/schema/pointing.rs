//! Where to point: spans short enough to underline.

use crate::document::Node;
use crate::model::Span;

/// Where a value begins, as a place to point at: the opening brace or bracket; the first key of a
/// mapping that is written without; else the first line of the value.
pub(super) fn start_of(node: Node<'_>) -> Span {
    let span = node.span();
    if span.slice(node.text()).starts_with(['{', '[']) && span.end > span.start {
        return Span::new(span.start, span.start + 1);
    }
    match node.members().next() {
        Some((key, _)) if span.start <= key.span().start && key.span().end <= span.end => {
            key.span()
        }
        _ => first_line(node),
    }
}

/// The value's bytes up to the end of its first line.
pub(super) fn first_line(node: Node<'_>) -> Span {
    let span = node.span();
    let line = span.slice(node.text()).lines().next().unwrap_or_default();
    let line = line.trim_end().len() as u64;
    if line == 0 { span } else { Span::new(span.start, span.start + line) }
}

/// The key of a member, or where the object begins if it has none of that name.
pub(super) fn key_span(object: Node<'_>, key: &str) -> Span {
    object.member(key).map_or_else(|| start_of(object), |(key, _)| key.span())
}
