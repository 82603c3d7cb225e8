//! What a text is made of, with the bytes of each part: fields that can be changed or taken out,
//! and records that can be dropped or doubled.

use std::ops::Range;

use crate::document::{Arena, CsvReader, Format, JsonOptions, Kind, Node, read_json, read_text};

/// One scalar field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// JSON Pointer within its record or document.
    pub(super) pointer: String,
    /// Bytes of the value, quotes included.
    pub(super) span: Range<usize>,
    /// Bytes that go when the field is taken out; `None` where that would leave no valid text.
    pub(super) whole: Option<Range<usize>>,
    /// What it is.
    pub(super) kind: Kind,
    /// Its content; a number as it is written.
    pub(super) content: String,
    /// Whether it is a member of the outermost object.
    pub(super) outermost: bool,
}

/// The parts of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) fields: Vec<Field>,
    /// Bytes of each record with what separates it from the next: what a manifest counts.
    pub(super) records: Vec<Range<usize>>,
    /// The same of objects in lists within a record or document.
    pub(super) elements: Vec<Range<usize>>,
}

/// Takes the text of the file at `path` apart; nothing where there is no reader for it.
pub(super) fn parts(path: &str, text: &str) -> Parts {
    let ending = path.rsplit('.').next().unwrap_or_default();
    match ending {
        "jsonl" | "ndjson" => lines(text),
        "csv" => csv(text),
        _ if Format::of(path).is_some() => document(path, text),
        _ => Parts::default(),
    }
}

fn lines(text: &str) -> Parts {
    let mut parts = Parts::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut arena = Arena::new();
        if !line.trim().is_empty() {
            parts.records.push(start..start + line.len());
            let faults = read_json(line, &mut arena, JsonOptions::default());
            if let (true, Some(root)) = (faults.is_empty(), arena.root(line)) {
                collect(root, line, start, &mut String::new(), &mut parts, true);
            }
        }
        start += line.len();
    }
    parts
}

/// The bytes of each row after the header.
pub(super) fn rows(text: &str) -> Vec<Range<usize>> {
    csv(text).records
}

fn csv(text: &str) -> Parts {
    let mut parts = Parts::default();
    let Ok((mut reader, _)) = CsvReader::begin(text.as_bytes(), None, None) else { return parts };
    let mut arena = Arena::new();
    while let Ok(Some(row)) = reader.next_row(&mut arena) {
        let base = usize::try_from(row.base).unwrap_or_default();
        let end = base + row.text.len();
        let end = end + text[end..].chars().take_while(|c| matches!(c, '\r' | '\n')).count();
        parts.records.push(base..end);
        let row_text = row.text.to_owned();
        let Some(root) = arena.root(&row_text) else { continue };
        for (key, value) in root.members() {
            let span = range(value, base);
            parts.fields.push(Field {
                pointer: format!("/{}", key.as_str().unwrap_or_default()),
                whole: Some(span.clone()),
                span,
                kind: value.kind(),
                content: value.as_str().unwrap_or_default().to_owned(),
                outermost: true,
            });
        }
    }
    parts
}

fn document(path: &str, text: &str) -> Parts {
    let mut parts = Parts::default();
    let (Some(document), _) = read_text(path, text.to_owned(), false) else { return parts };
    let text = document.text();
    collect(document.root(), text, 0, &mut String::new(), &mut parts, true);
    // Fields of an XML report and the body of a Markdown file have no syntax of their own to keep.
    if path.ends_with(".xml") {
        parts.fields.iter_mut().for_each(|field| field.whole = None);
    }
    parts
}

/// Walks `node`, whose text begins at byte `base` of the file.
fn collect(
    node: Node<'_>,
    text: &str,
    base: usize,
    pointer: &mut String,
    parts: &mut Parts,
    outermost: bool,
) {
    let length = pointer.len();
    for (key, value) in node.members() {
        pointer.push('/');
        pointer.push_str(key.as_str().unwrap_or_default());
        if matches!(value.kind(), Kind::Object | Kind::Array) {
            collect(value, text, base, pointer, parts, false);
        } else if !range(value, 0).is_empty() {
            let from_key = key.span().start as usize..range(value, 0).end;
            let whole =
                separated(text, from_key, false).map(|whole| whole.start + base..whole.end + base);
            parts.fields.push(Field {
                pointer: pointer.clone(),
                span: range(value, base),
                whole,
                kind: value.kind(),
                content: content(value),
                outermost,
            });
        }
        pointer.truncate(length);
    }
    for (at, element) in node.elements().enumerate() {
        pointer.push_str(&format!("/{at}"));
        match element.kind() {
            Kind::Object | Kind::Array => {
                if element.kind() == Kind::Object
                    && let Some(whole) = separated(text, range(element, 0), true)
                {
                    let whole = whole.start + base..whole.end + base;
                    let counted = outermost && node.kind() == Kind::Array;
                    let list = if counted { &mut parts.records } else { &mut parts.elements };
                    list.push(whole);
                }
                collect(element, text, base, pointer, parts, false);
            }
            _ if !range(element, 0).is_empty() => parts.fields.push(Field {
                pointer: pointer.clone(),
                span: range(element, base),
                whole: separated(text, range(element, 0), true)
                    .map(|whole| whole.start + base..whole.end + base),
                kind: element.kind(),
                content: content(element),
                outermost: false,
            }),
            _ => {}
        }
        pointer.truncate(length);
    }
}

fn content(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Boolean => node.as_bool().unwrap_or_default().to_string(),
        _ => node.as_str().or_else(|| node.as_literal()).unwrap_or_default().to_owned(),
    }
}

fn range(node: Node<'_>, base: usize) -> Range<usize> {
    let span = node.span();
    let at = |byte: u64| usize::try_from(byte).unwrap_or_default() + base;
    at(span.start)..at(span.end)
}

/// `part`, a member or an `element` of a list, with the comma or the line that goes with it; `None` where it cannot be taken out alone.
fn separated(text: &str, part: Range<usize>, element: bool) -> Option<Range<usize>> {
    let after = text.get(part.end..)?;
    let before = text.get(..part.start)?;
    let blanks = after.len() - after.trim_start().len();
    if after.trim_start().starts_with(',') {
        let next = &after[blanks + 1..];
        let more = next.len() - next.trim_start().len();
        return Some(part.start..part.end + blanks + 1 + more);
    }
    if before.trim_end().ends_with(',') {
        return Some(before.trim_end().len() - 1..part.end);
    }
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = &before[line..];
    let rest = after.split('\n').next().unwrap_or_default();
    if rest.trim().is_empty() && indent.trim().is_empty() && !after.is_empty() {
        return Some(line..part.end + rest.len() + 1);
    }
    if rest.trim().is_empty() && element && indent.trim() == "-" {
        return Some(line..part.end + rest.len() + 1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(path: &str, text: &str) -> Vec<String> {
        let fields = parts(path, text).fields;
        let gone = fields.iter().filter_map(|field| field.whole.clone());
        gone.map(|whole| [&text[..whole.start], &text[whole.end..]].concat()).collect()
    }

    #[test]
    fn a_field_goes_with_its_comma_or_its_line() {
        assert_eq!(without("a.json", r#"{"a": 1, "b": 2}"#), [r#"{"b": 2}"#, r#"{"a": 1}"#]);
        assert_eq!(without("a.jsonl", "{\"a\": 1, \"b\": 2}\n").len(), 2);
        assert_eq!(without("a.yaml", "a: 1\nb:\n  c: 2\n"), ["b:\n  c: 2\n", "a: 1\nb:\n"]);
        assert_eq!(without("a.yaml", "a: { b: 1, c: 2 }\n"), ["a: { c: 2 }\n", "a: { b: 1 }\n"]);
        assert_eq!(without("a.csv", "a,b\n1,2\n"), ["a,b\n,2\n", "a,b\n1,\n"]);
        assert_eq!(without("a.md", "---\na: 1\nb: 2\n---\ntext\n")[0], "---\nb: 2\n---\ntext\n");
    }

    #[test]
    fn records_are_lines_rows_and_elements() {
        let records = |path: &str, text: &str| {
            parts(path, text).records.into_iter().map(|at| text[at].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(records("a.jsonl", "{}\n\n{\"a\": 1}\n"), ["{}\n", "{\"a\": 1}\n"]);
        assert_eq!(records("a.csv", "a,b\n1,\"x\ny\"\n3,4\n"), ["1,\"x\ny\"\n", "3,4\n"]);
        assert_eq!(
            records("a.json", r#"[{"a": 1}, {"a": 2}]"#),
            [r#"{"a": 1}, "#, r#", {"a": 2}"#]
        );
    }
}
