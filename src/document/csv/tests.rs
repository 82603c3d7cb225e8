use std::collections::BTreeMap;
use std::io::{self, Read};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::reading::tests::{assert_places, assert_sound, cases, corpus};
use super::super::{Arena, Fault, FaultKind};
use super::records::LONGEST;
use super::{CellType, CsvReader};

/// Gives at most so many bytes at once.
struct Chunks<'a>(&'a [u8], usize);

impl Read for Chunks<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(self.1).min(into.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// A row that was read: its place, its text, its value and its faults.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    base: u64,
    line: u64,
    text: String,
    value: Value,
    faults: Vec<Fault>,
}

type Types = BTreeMap<String, CellType>;

/// The header, whose value is null, and the rows.
fn read(bytes: &[u8], chunk: usize, types: Option<&Types>) -> Vec<Seen> {
    let (mut reader, header) = CsvReader::begin(Chunks(bytes, chunk), None, types).expect("read");
    assert_places(&header.faults, &header.text);
    let mut rows = vec![Seen {
        base: header.base,
        line: header.first.line,
        text: header.text,
        value: Value::Null,
        faults: header.faults,
    }];
    let mut arena = Arena::new();
    while let Some(row) = reader.next_row(&mut arena).expect("read") {
        assert_places(&row.faults, row.text);
        assert_sound(&arena, row.text, true);
        let (base, text) = (row.base as usize, row.text.to_owned());
        assert_eq!(bytes[base..base + text.len()], *text.as_bytes());
        assert_eq!(row.faults.is_empty(), !arena.is_empty(), "{row:?}");
        let newlines = bytes[..base].iter().filter(|&&byte| byte == b'\n');
        assert_eq!(row.first.line, newlines.count() as u64 + 1);
        rows.push(Seen {
            base: row.base,
            line: row.first.line,
            value: arena.root(row.text).map_or(Value::Null, |root| root.to_value()),
            text,
            faults: row.faults,
        });
    }
    rows
}

fn values(text: &str) -> Value {
    let rows = read(text.as_bytes(), usize::MAX, None);
    let faults: Vec<_> = rows.iter().flat_map(|row| &row.faults).collect();
    assert!(faults.is_empty(), "{text:?}: {faults:?}");
    rows.into_iter().skip(1).map(|row| row.value).collect()
}

/// The row by number, zero being the header, and the source of its only fault.
fn fault(text: &str) -> (usize, FaultKind, String, Fault) {
    let rows = read(text.as_bytes(), usize::MAX, None);
    let mut faulty = rows.iter().enumerate().filter(|(_, row)| !row.faults.is_empty());
    let (number, row) = faulty.next().unwrap_or_else(|| panic!("{text:?}: {rows:?}"));
    assert!(faulty.next().is_none() && row.faults.len() == 1, "{rows:?}");
    let fault = row.faults[0].clone();
    (number, fault.kind, fault.span.slice(&row.text).to_owned(), fault)
}

#[test]
fn rows_are_objects() {
    assert_eq!(
        values("\u{feff}a,\"b \"\"q\"\"\"\r\n1,\"x\r\ny\"\r\n\r\n,\"\"\r\n\"p,q\",r"),
        json!([
            {"a": "1", "b \"q\"": "x\r\ny"},
            {"a": "", "b \"q\"": ""},
            {"a": "p,q", "b \"q\"": "r"},
        ])
    );
    assert_eq!(values("a\n\n1\n"), json!([{"a": "1"}]));
    assert_eq!(values("a,b"), json!([]));
    assert_eq!(values("a;b\n1;2,5\n"), json!([{"a": "1", "b": "2,5"}]));
    assert_eq!(values("\n\na;b\n1;2\n"), json!([{"a": "1", "b": "2"}]));
    assert_eq!(values("a\n5\" pipe\n"), json!([{"a": "5\" pipe"}]));
}

#[test]
fn rows_know_their_place_in_the_file() {
    let text = "\u{feff}a,b\r\n\r\n\"1\n2\",\u{e9}\r\n3,4";
    let rows = read(text.as_bytes(), usize::MAX, None);
    let places: Vec<_> = rows.iter().map(|row| (row.base, row.line)).collect();
    assert_eq!(places, [(3, 1), (10, 3), (20, 5)]);
}

#[test]
fn cells_have_types() {
    let types: Types = [
        ("n", CellType::Number),
        ("i", CellType::Integer),
        ("b", CellType::Boolean),
        ("l", CellType::List),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .into();
    let text = "t,n,i,b,l\n x,1.5,\"-2\",true,a; \"\n,,,,\n\"\",\"\",\"\",\"\",\"\"\n1,01,+5,TRUE,\" a\"\"b ;;c\"\n";
    let rows = read(text.as_bytes(), 3, Some(&types));
    let values: Vec<_> = rows.into_iter().skip(1).map(|row| row.value).collect();
    assert_eq!(
        json!(values),
        json!([
            {"t": " x", "n": 1.5, "i": -2, "b": true, "l": ["a", "\""]},
            {},
            {"t": ""},
            {"t": "1", "n": "01", "i": "+5", "b": "TRUE", "l": ["a\"b", "", "c"]},
        ])
    );
    let lossy = read(b"n\n1e400\n", 9, Some(&types));
    assert_eq!(lossy[1].faults[0].kind, FaultKind::LossyNumber);
}

#[test]
fn list_elements_have_their_place() {
    let types = Types::from([("l".to_owned(), CellType::List)]);
    let (mut reader, _) =
        CsvReader::begin(&b"l\n\" \xc3\xa9 ;b\"\"c\"\n"[..], None, Some(&types)).expect("read");
    let mut arena = Arena::new();
    let row = reader.next_row(&mut arena).expect("read").expect("a row");
    let list = arena.root(row.text).and_then(|root| root.get("l")).expect("a list");
    let sources: Vec<_> = list.elements().map(|element| element.span().slice(row.text)).collect();
    assert_eq!(sources, ["\u{e9}", "b\"\"c"]);
}

#[test]
fn faults_are_told_at_their_row() {
    for (text, row, kind, at) in [
        ("", 0, FaultKind::Empty, ""),
        ("\n\r\n", 0, FaultKind::Empty, ""),
        ("\u{feff}", 0, FaultKind::Empty, ""),
        ("a,b,a\n1,2,3\n", 0, FaultKind::DuplicateKey, "a"),
        ("a,,\n", 0, FaultKind::DuplicateKey, ""),
        ("a,b\n1,2\n1\n3,4\n", 2, FaultKind::RaggedRow, "1"),
        ("a,b\n1,2,3\n", 1, FaultKind::RaggedRow, "1,2,3"),
        ("a,b\n1,\"2\n3,4\n5,6\n", 1, FaultKind::UnclosedQuote, "\""),
        ("a,\"b\n1,2\n", 0, FaultKind::UnclosedQuote, "\""),
        ("a,b\n\"1\"x,2\n3,4\n", 1, FaultKind::UnclosedQuote, "\""),
        ("a,b\n1,\"2\n3,\"4\"\n", 1, FaultKind::UnclosedQuote, "\""),
        ("a,b\n1,\"2\" \n", 1, FaultKind::UnclosedQuote, "\""),
        ("a,b\n1,\u{0}\n", 1, FaultKind::Encoding, "\u{0}"),
        ("a\rb\n1\n", 0, FaultKind::Syntax, "\r"),
    ] {
        let (found_row, found_kind, found, fault) = fault(text);
        assert_eq!((found_row, found_kind, &*found), (row, kind, at), "{text:?}: {fault:?}");
    }
    let (_, _, _, quote) = fault("a,b\n1,\"2\n3,4\n5,6\n");
    assert_eq!(quote.span.start, 2);
    assert!(quote.message.contains("3 lines"), "{}", quote.message);
    let (_, _, _, ragged) = fault("a,b\n1,2,3\n");
    assert!(ragged.message.contains("3 cells") && ragged.message.contains("2 columns"));
    let (_, _, _, twice) = fault("a,b,a\n");
    assert_eq!(twice.related.expect("the first").0.start, 0);
}

#[test]
fn bytes_that_are_not_utf8_are_found() {
    let rows = read(b"a,b\n1,\xff\xfe\n3,4\n", 4, None);
    assert_eq!(rows[1].faults[0].kind, FaultKind::Encoding);
    assert_eq!((rows[1].base, rows[1].faults[0].span.start), (4, 2));
    assert_eq!(rows[2].value, json!({"a": "3", "b": "4"}));
    let both = read(b"a,b\n\"\xff\"x,1\n", 4, None);
    assert_eq!(both[1].faults.len(), 2, "{both:?}");
    let utf16: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16, 4, None)[0].faults[0].kind, FaultKind::Encoding);
}

#[test]
fn a_row_has_a_longest_length() {
    let row = "\u{e9},x\n";
    let text = format!("a,b\n1,\"{}", row.repeat(LONGEST));
    let rows = read(text.as_bytes(), 1 << 20, None);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].faults.len(), 1, "{:?}", rows[1].faults);
    assert_eq!(rows[1].faults[0].kind, FaultKind::UnclosedQuote);
    let long = format!("a\n{}\n1\n", "x".repeat(LONGEST + 1));
    let rows = read(long.as_bytes(), 1 << 20, None);
    assert_eq!(rows[1].faults[0].kind, FaultKind::Limit);
}

#[test]
fn csv_spectrum_reads_as_its_json() {
    let Some(files) = corpus("csv-spectrum") else {
        return;
    };
    let named = |extension: &'static str| {
        files.iter().filter_map(move |(path, text)| {
            let wanted = path.extension().is_some_and(|own| own == extension);
            wanted.then_some((path.file_stem()?.to_str()?, text))
        })
    };
    let mut count = 0;
    for (name, text) in named("csv") {
        // Git may have checked these files out with other line ends than their JSON has.
        let text = match name.ends_with("_crlf") && !text.contains('\r') {
            true => text.replace('\n', "\r\n"),
            false => text.clone(),
        };
        let (_, expected) = named("json").find(|(other, _)| *other == name).expect(name);
        let expected: Value = serde_json::from_str(expected).expect("json");
        let mut found = values(&text);
        if name == "location_coordinates" {
            // The corpus gives this row without its array, and with another telephone number.
            found = found[0].take();
            found["Contact Phone Number"] = json!("1234567890");
        }
        assert_eq!(found, expected, "{name}");
        count += 1;
    }
    assert_eq!(count, 12);
}

fn written(rows: &[Vec<(String, bool)>], eol: &str) -> String {
    let mut text = (0..3).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    for row in rows {
        text.push_str(eol);
        let cells = row.iter().map(|(cell, quote)| {
            if *quote || cell.contains([',', '"', '\r', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        });
        text.push_str(&cells.collect::<Vec<_>>().join(","));
    }
    text
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(prop::collection::vec(("[a-c\u{e9},;\"\r\n ]{0,5}", any::<bool>()), 3), 0..5),
        crlf in any::<bool>(),
    ) {
        let text = written(&rows, if crlf { "\r\n" } else { "\n" });
        let expected: Vec<Value> = rows.iter().map(|row| {
            json!({"c0": row[0].0, "c1": row[1].0, "c2": row[2].0})
        }).collect();
        prop_assert_eq!(values(&text), json!(expected));
        let (mut reader, _) = CsvReader::begin(text.as_bytes(), None, None).expect("read");
        let mut arena = Arena::new();
        while let Some(row) = reader.next_row(&mut arena).expect("read") {
            for (_, value) in arena.root(row.text).expect("a row").members() {
                let alone = format!("h\n{},\n", value.span().slice(row.text));
                let alone = values(&alone.replacen('h', "h,i", 1));
                prop_assert_eq!(alone[0]["h"].as_str(), value.as_str());
            }
        }
    }

    #[test]
    fn chunks_make_no_difference(text in "(?s)([,;\"\r\n]|a|1|\u{e9}|\u{feff}|\u{0}){0,60}", chunk in 1..9_usize) {
        prop_assert_eq!(read(text.as_bytes(), chunk, None), read(text.as_bytes(), usize::MAX, None));
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let types = Types::from([("a".to_owned(), CellType::List)]);
        read(&bytes, 7, None);
        let mut typed = b"a,b\n".to_vec();
        typed.extend(&bytes);
        read(&typed, 5, Some(&types));
    }
}
