//! The limits every reader keeps, and the steps they share.

use std::collections::HashMap;

use super::{Arena, Fault, FaultKind, Node};
use crate::model::Span;

/// How deep containers may nest.
pub(super) const DEPTH: usize = 128;

/// How many bytes one text may have: an arena counts in 32 bits.
const BYTES: usize = u32::MAX as usize;

/// The fault of a text that is too long for an arena.
pub(super) fn too_long(text: &str) -> Option<Fault> {
    (text.len() > BYTES).then(|| {
        let message = "the text is longer than 4 GiB; split it into several artifacts";
        Fault::new(FaultKind::Limit, Span::default(), message)
    })
}

/// The fault of a container that begins at `span`, deeper than [`DEPTH`].
pub(super) fn too_deep(span: Span) -> Fault {
    let message = format!("values nest deeper than {DEPTH} levels");
    Fault::new(FaultKind::Limit, span, message)
}

/// A fault for each member of `object` whose key an earlier member has.
pub(super) fn duplicate_keys(object: Node<'_>, faults: &mut Vec<Fault>) {
    if object.len() < FEW && !has_equal_keys(object) {
        return;
    }
    let mut seen: HashMap<&str, Span> = HashMap::with_capacity(object.len());
    for (key, _) in object.members() {
        let name = key.as_str().unwrap_or_default();
        if let Some(&first) = seen.get(name) {
            faults.push(duplicate_key(name, key.span(), first));
        } else {
            seen.insert(name, key.span());
        }
    }
}

/// How many members are compared one by one, which costs less than a table of them.
const FEW: usize = 9;

fn has_equal_keys(object: Node<'_>) -> bool {
    let mut rest = object.members();
    while let Some((key, _)) = rest.next() {
        if rest.clone().any(|(other, _)| other.as_str() == key.as_str()) {
            return true;
        }
    }
    false
}

/// The fault of the key `name` at `span` when the same object has it at `first` already.
pub(super) fn duplicate_key(name: &str, span: Span, first: Span) -> Fault {
    let message = format!("the key `{name}` is given twice; remove or rename one of them");
    Fault::new(FaultKind::DuplicateKey, span, message).with_related(first, "first given here")
}

/// Adds the string `value` that stands at `span` of `text`, borrowed when the text spells it out
/// there, bare or between two quotes.
pub(super) fn add_string(arena: &mut Arena, text: &str, span: Span, value: &str) {
    let bare = span.slice(text);
    let inner = bare.get(1..bare.len().max(2) - 1);
    if bare == value {
        arena.string(span, span);
    } else if inner == Some(value) {
        arena.string(span, Span::new(span.start + 1, span.end - 1));
    } else {
        arena.decoded_string(span, value);
    }
}

/// What a reader hands back: an arena that a fault made unreadable is emptied.
pub(super) fn finish(faults: Vec<Fault>, arena: &mut Arena) -> Vec<Fault> {
    if faults.iter().any(|fault| !fault.kind.is_warning()) {
        arena.clear();
    }
    faults
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;

    use proptest::prelude::ProptestConfig;

    use super::*;

    /// How the readers' property tests run.
    pub(in crate::document) fn cases() -> ProptestConfig {
        ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() }
    }

    /// The text files in `folder` of the public corpora, at any depth; `None`, said aloud, when the
    /// corpora are not there.
    pub(in crate::document) fn corpus(folder: &str) -> Option<Vec<(PathBuf, String)>> {
        let Some(corpora) = std::env::var_os("TICKMARK_CORPORA") else {
            eprintln!("skipped: TICKMARK_CORPORA is not set");
            return None;
        };
        let mut folders = vec![PathBuf::from(corpora).join(folder)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    files.push((path, text));
                }
            }
        }
        Some(files)
    }

    /// Asserts what holds of every document: spans lie in the text and on character boundaries,
    /// strings and numbers can be got at, and, where `nested`, children lie within their parents.
    pub(in crate::document) fn assert_sound(arena: &Arena, text: &str, nested: bool) {
        let Some(root) = arena.root(text) else {
            return;
        };
        let mut rest = vec![root];
        while let Some(node) = rest.pop() {
            let span = node.span();
            let (start, end) = (span.start as usize, span.end as usize);
            assert!(text.get(start..end).is_some(), "{span:?} of {text:?}");
            let members = node.members().flat_map(|(key, value)| [key, value]);
            for child in members.chain(node.elements()) {
                let inside = span.start <= child.span().start && child.span().end <= span.end;
                assert!(inside || !nested, "{child:?} in {node:?} of {text:?}");
                rest.push(child);
            }
        }
        serde_json::to_string(&root.to_value()).expect("a value");
    }

    /// Asserts that every fault lies in the text, on character boundaries.
    pub(in crate::document) fn assert_places(faults: &[Fault], text: &str) {
        for fault in faults {
            let related = fault.related.iter().map(|(span, _)| *span);
            for span in related.chain([fault.span]) {
                let (start, end) = (span.start as usize, span.end as usize);
                assert!(text.get(start..end).is_some(), "{fault:?} in {text:?}");
            }
        }
    }
}
