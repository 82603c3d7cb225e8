//! TOML 1.1, with every syntax error at its place and members in the order of the source.
//!
//! Dates and times become strings of their literal. A table's span is its header or its braces;
//! that of a table which only a dotted key or a longer header names is that key.

mod nesting;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue, Error};

use super::{Arena, Fault, FaultKind, Kind, literal, reading};
use crate::model::Span;

/// How many faults of one text are told.
const FAULTS: usize = 100;

/// Reads a TOML text into `arena` and returns every fault. Unless there is one, the arena holds the
/// document, an object.
#[must_use]
pub fn read_toml(text: &str, arena: &mut Arena) -> Vec<Fault> {
    arena.clear();
    if let Some(fault) = reading::too_long(text) {
        return vec![fault];
    }
    if let Some(fault) = nesting::too_deep(text) {
        return vec![fault];
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let table = table.get_ref();
    if !errors.is_empty() {
        let faults = errors.iter().take(FAULTS);
        return faults.map(|error| fault(error, text, table)).collect();
    }
    let mut faults = Vec::new();
    let mut writer = Writer { text, arena, faults: &mut faults };
    writer.table(table, Span::new(0, text.len() as u64), 1);
    reading::finish(faults, arena)
}

struct Writer<'a> {
    text: &'a str,
    arena: &'a mut Arena,
    faults: &'a mut Vec<Fault>,
}

impl Writer<'_> {
    fn table(&mut self, table: &DeTable<'_>, span: Span, depth: usize) {
        if depth > reading::DEPTH {
            self.faults.push(reading::too_deep(span));
            self.arena.null(span);
            return;
        }
        let mut members: Vec<_> = table.iter().collect();
        members.sort_by_key(|(key, _)| key.span().start);
        let open = self.arena.open(Kind::Object, span.start as usize);
        for (key, value) in &members {
            let place = place(key.span());
            reading::add_string(self.arena, self.text, place, key.get_ref());
            self.value(value, depth + 1);
        }
        self.arena.close(open, span.end as usize, members.len());
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) {
        let span = place(value.span());
        match value.get_ref() {
            DeValue::String(content) => {
                reading::add_string(self.arena, self.text, span, content);
            }
            DeValue::Boolean(value) => self.arena.boolean(span, *value),
            DeValue::Datetime(_) => self.arena.string(span, span),
            DeValue::Integer(integer) => {
                let literal = decimal(integer);
                self.number(literal, span, "it does not fit 64 bits");
            }
            DeValue::Float(float) => {
                let literal = literal::from_loose(float.as_str());
                let why = "JSON has neither infinity nor NaN, and no number beyond a double";
                self.number(literal.filter(|json| literal::survives(json)), span, why);
            }
            DeValue::Array(values) => {
                if depth > reading::DEPTH {
                    self.faults.push(reading::too_deep(span));
                    return self.arena.null(span);
                }
                let open = self.arena.open(Kind::Array, span.start as usize);
                for value in values.iter() {
                    self.value(value, depth + 1);
                }
                self.arena.close(open, span.end as usize, values.len());
            }
            DeValue::Table(table) => self.table(table, span, depth),
        }
    }

    fn number(&mut self, json: Option<String>, span: Span, why: &str) {
        let literal = span.slice(self.text);
        match json {
            Some(json) if json == literal => self.arena.number(span),
            Some(json) => self.arena.decoded_number(span, &json),
            None => {
                let message = format!("`{literal}` cannot be kept as a number: {why}");
                self.faults.push(Fault::new(FaultKind::LossyNumber, span, message));
                self.arena.null(span);
            }
        }
    }
}

/// The integer in decimal digits, as TOML limits it: 64 bits with a sign.
fn decimal(integer: &DeInteger<'_>) -> Option<String> {
    let value = i64::from_str_radix(integer.as_str(), integer.radix());
    value.ok().map(|value| value.to_string())
}

fn place(range: Range<usize>) -> Span {
    Span::new(range.start as u64, range.end as u64)
}

fn fault(error: &Error, text: &str, table: &DeTable<'_>) -> Fault {
    let range = error.span().unwrap_or_default();
    let span = place(range.clone());
    if error.message().contains("recursion limit") {
        return reading::too_deep(span);
    }
    if error.message() != "duplicate key" {
        let rest = text.get(range.start..).unwrap_or_default();
        let message = match error.message() {
            _ if range.is_empty() && is_line_end(rest) && is_after_equals(text, range.start) => {
                "a value is missing after `=`"
            }
            message => message,
        };
        return Fault::new(FaultKind::Syntax, span, message);
    }
    let name = span.slice(text).trim_matches(['"', '\'']);
    match first_of(name, range.start, text, table) {
        Some(first) => reading::duplicate_key(name, span, first),
        None => {
            let message = format!("the key `{name}` is given before, in another way; remove one");
            Fault::new(FaultKind::DuplicateKey, span, message)
        }
    }
}

/// The first place of the key `name` that is given again at `again`: the parser does not tell.
///
/// It is the last key of that name before, beneath the dotted keys that stand on the same line.
fn first_of(name: &str, again: usize, text: &str, table: &DeTable<'_>) -> Option<Span> {
    let line = text.get(..again)?.rsplit('\n').next()?.trim_start();
    if line.starts_with('[') {
        return first_header(again, text);
    }
    let path = line.rsplit(['{', ',']).next().unwrap_or_default();
    let dotted: Vec<&str> = path
        .split('.')
        .map(|part| part.trim().trim_matches(['"', '\'']))
        .filter(|part| !part.is_empty())
        .collect();
    let mut first = None;
    let mut rest = vec![(Vec::new(), table)];
    while let Some((path, table)) = rest.pop() {
        let here = path.ends_with(&dotted);
        for (key, value) in table.iter() {
            let key_name: &str = key.get_ref();
            let start = key.span().start;
            if here && key_name == name && start < again {
                first = first.max(Some(place(key.span())));
            }
            let below = match value.get_ref() {
                DeValue::Table(table) => Some(table),
                DeValue::Array(values) => match values.last().map(Spanned::get_ref) {
                    Some(DeValue::Table(table)) => Some(table),
                    _ => None,
                },
                _ => None,
            };
            if let Some(below) = below
                && path.len() < reading::DEPTH
            {
                let path = path.iter().copied().chain([key_name]).collect();
                rest.push((path, below));
            }
        }
    }
    first
}

/// The first header that reads as the one around `again`: the parser forgets it.
fn first_header(again: usize, text: &str) -> Option<Span> {
    let start = text.get(..again)?.rfind('\n').map_or(0, |newline| newline + 1);
    let header = |line: &str| {
        let line = line.trim();
        let end = line.rfind(']').unwrap_or(line.len());
        line.get(..end).unwrap_or(line).to_owned()
    };
    let wanted = header(text.get(start..)?.lines().next()?);
    let mut at = 0;
    for line in text[..start].split_inclusive('\n') {
        if header(line) == wanted {
            let from = at + line.len() - line.trim_start().len();
            return Some(place(from..from + line.trim().len()));
        }
        at += line.len();
    }
    None
}

fn is_line_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['\n', '\r', '#'])
}

fn is_after_equals(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.trim_end_matches([' ', '\t']).ends_with('=')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::reading::tests::{assert_places, assert_sound, cases, corpus};
    use super::*;

    const TOUR: &str = "\u{feff}# h\u{e9}ader\nb = 1\na = \"\u{e9}\\t\"\n'q k' = 'literal'\nhex = 0xFF\nsep = 1_000\nplus = +5\nfloat = 6.26e-3\nloose = 1_0.5\non = true\nat = 2026-01-01T10:00:00Z\nday = 2026-01-01\nmulti = \"\"\"\nx\ny\"\"\"\nlist = [1, [2, 'x'], {k = 'v'}]\nd.o.t = 1\nd.p = 2\n\n[table.sub]\nx = 1\n[[rows]]\nn = 1\n[[rows]]\nn = 2\n[table]\ny = 2\n";

    fn read(text: &str) -> (Arena, Vec<Fault>) {
        let mut arena = Arena::new();
        let faults = read_toml(text, &mut arena);
        assert_places(&faults, text);
        assert_sound(&arena, text, false);
        (arena, faults)
    }

    #[test]
    fn a_tour_of_the_syntax_is_read() {
        for text in [TOUR.to_owned(), TOUR.replace('\n', "\r\n")] {
            let (arena, faults) = read(&text);
            assert_eq!(faults, []);
            let root = arena.root(&text).expect("a root");
            let expected: Value = json!({
                "b": 1, "a": "\u{e9}\t", "q k": "literal", "hex": 255, "sep": 1000, "plus": 5,
                "float": 0.00626, "loose": 10.5, "on": true, "at": "2026-01-01T10:00:00Z",
                "day": "2026-01-01", "multi": "x\ny", "list": [1, [2, "x"], {"k": "v"}],
                "d": {"o": {"t": 1}, "p": 2}, "table": {"sub": {"x": 1}, "y": 2},
                "rows": [{"n": 1}, {"n": 2}],
            });
            let mut found = root.to_value();
            if text.contains('\r') {
                found["multi"] = json!("x\ny");
            }
            assert_eq!(found, expected);
            let keys: Vec<_> = root.members().filter_map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys[..4], ["b", "a", "q k", "hex"]);
            let source = |pointer| root.pointer(pointer).expect("a value").span().slice(&text);
            assert_eq!(source("/a"), "\"\u{e9}\\t\"");
            assert_eq!(source("/sep"), "1_000");
            assert_eq!(source("/at"), "2026-01-01T10:00:00Z");
            assert_eq!(source("/list/1"), "[2, 'x']");
            assert_eq!(source("/list/2"), "{k = 'v'}");
            assert_eq!(source("/rows/1"), "[[rows]]");
            assert_eq!(source("/table"), "[table]");
            let (key, _) = root.member("q k").expect("a member");
            assert_eq!(key.span().slice(&text), "'q k'");
        }
    }

    #[test]
    fn duplicates_show_both_places() {
        for (text, first, again) in [
            ("a = 1\na = 2\n", 0, 6),
            ("[t]\na = 1\n[u]\na = 1\na = 2\n", 14, 20),
            ("a.x = 1\nb.x = 2\na.x = 3\n", 2, 18),
            ("[t]\na = 1\n[u]\n[t]\nb = 1\n", 0, 15),
            ("a = {x = 1, x = 2}\n", 5, 12),
            ("\"a\" = 1\na = 2\n", 0, 8),
        ] {
            let (_, faults) = read(text);
            assert_eq!(faults.len(), 1, "{text:?}: {faults:?}");
            assert_eq!(faults[0].kind, FaultKind::DuplicateKey, "{faults:?}");
            assert_eq!(faults[0].span.start, again, "{text:?}");
            let related = faults[0].related.as_ref().expect("the first place");
            assert_eq!(related.0.start, first, "{text:?}");
        }
    }

    #[test]
    fn every_error_is_told() {
        let (arena, faults) = read("a = \nb = 1\nc 2\nd = 'open\n");
        assert!(arena.is_empty());
        assert!(faults.len() >= 2, "{faults:?}");
        let missing = faults.iter().any(|fault| fault.message.contains("is missing after"));
        assert!(missing, "{faults:?}");
        for (text, kind) in [
            ("a = inf\n", FaultKind::LossyNumber),
            ("a = nan\n", FaultKind::LossyNumber),
            ("a = 1e400\n", FaultKind::LossyNumber),
            ("a = 9223372036854775808\n", FaultKind::LossyNumber),
            ("a = 010\n", FaultKind::Syntax),
            ("d = 'open\n", FaultKind::Syntax),
            ("a = 1\u{0}\n", FaultKind::Syntax),
            ("a = [1, 2\n", FaultKind::Syntax),
            ("a = 2026-13-01\n", FaultKind::Syntax),
        ] {
            let (_, faults) = read(text);
            assert!(!faults.is_empty(), "{text:?}");
            assert!(faults.iter().all(|fault| fault.kind == kind), "{faults:?}");
        }
    }

    #[test]
    fn a_document_without_keys_is_an_empty_table() {
        for text in ["", "\n", "# nothing\n"] {
            let (arena, faults) = read(text);
            assert!(faults.is_empty(), "{faults:?}");
            let root = arena.root(text).map(|root| root.to_value());
            assert_eq!(root, Some(serde_json::json!({})), "{text:?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let header = format!("[{}]\n", vec!["a"; 100_000].join("."));
        let dotted = vec!["a"; 79].join(".");
        let tables = format!("{}1{}", format!("{dotted} = {{").repeat(79), "}".repeat(79));
        for text in [
            header,
            format!("a = {}{}\n", "[".repeat(5000), "]".repeat(5000)),
            format!("a = {{{dotted} = 1}}\n{dotted}.{dotted} = 1\n"),
            format!("[{dotted}]\n{dotted} = 1\n"),
            tables,
        ] {
            let (_, faults) = read(&text);
            assert!(!faults.is_empty(), "{}", &text[..80]);
        }
    }

    #[test]
    fn real_documents_are_read() {
        let Some(files) = corpus("schemastore") else {
            return;
        };
        let toml = |path: &std::path::Path| path.extension().is_some_and(|own| own == "toml");
        let mut count = 0;
        for (path, text) in files.iter().filter(|(path, _)| toml(path)) {
            let (_, faults) = read(text);
            assert!(faults.is_empty(), "{path:?}: {faults:?}");
            count += 1;
        }
        assert!(count > 80, "{count}");
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn hostile_text_never_panics(text in "(?s)([=.\\[\\]{},\"'#\n\r\t \\\\_+-]|a|1|\"\"\"|true|0x|inf|\u{e9}|\u{0}|.){0,40}") {
            read(&text);
        }

        #[test]
        fn mutated_documents_never_panic(at in 0..TOUR.len(), cut in 0..6_usize, put in "(?s)[=.\\[{}\"'#\n\ta1]{0,3}") {
            let boundary = |mut at: usize| {
                while !TOUR.is_char_boundary(at) { at -= 1; }
                at
            };
            let (start, end) = (boundary(at), boundary((at + cut).min(TOUR.len())));
            read(&format!("{}{put}{}", &TOUR[..start], &TOUR[end.max(start)..]));
        }
    }
}
