use proptest::prelude::*;
use serde_json::Value;

use super::super::node::Node;
use super::*;

const STRICT: JsonOptions = JsonOptions { comments: false };

fn faults(text: &str) -> Vec<Fault> {
    read_json(text, &mut Arena::new(), STRICT)
}

/// The one fault of `text`: its kind, the text it points at and the related text.
fn fault(text: &str) -> (FaultKind, &str, Option<&str>, String) {
    let mut faults = faults(text);
    assert_eq!(faults.len(), 1, "{text}: {faults:?}");
    let fault = faults.remove(0);
    let related = fault.related.map(|(span, _)| span.slice(text));
    (fault.kind, fault.span.slice(text), related, fault.message)
}

fn syntax(text: &str, place: &str, message: &str) {
    let fault = fault(text);
    assert_eq!((fault.0, fault.1), (FaultKind::Syntax, place), "{text}");
    assert_eq!(fault.3, message, "{text}");
}

/// Reads `text` and compares acceptance and value with `serde_json`.
fn agrees_with_serde(text: &str) {
    let mut arena = Arena::new();
    let faults = read_json(text, &mut arena, STRICT);
    let has = |kind| faults.iter().any(|fault: &Fault| fault.kind == kind);
    let accepted = faults
        .iter()
        .all(|fault| matches!(fault.kind, FaultKind::DuplicateKey | FaultKind::LossyNumber));
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            assert!(accepted, "{text:?}: {faults:?}");
            let own = arena.root(text).map(|root| root.to_value());
            assert_eq!(own, Some(value), "{text:?}");
        }
        Err(error) => assert!(!accepted || has(FaultKind::LossyNumber), "{text:?}: {error}"),
    }
}

#[test]
fn the_json_test_suite() {
    let Ok(corpora) = std::env::var("TICKMARK_CORPORA") else {
        eprintln!("skipped: TICKMARK_CORPORA is not set");
        return;
    };
    let folder = std::path::Path::new(&corpora).join("jsontestsuite/test_parsing");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        count += 1;
        let Ok(text) = String::from_utf8(bytes) else {
            assert!(!name.starts_with("y_"), "{name} is not UTF-8");
            continue;
        };
        agrees_with_serde(&text);
        let only_duplicates =
            faults(&text).iter().all(|fault| fault.kind == FaultKind::DuplicateKey);
        match name.as_bytes()[0] {
            b'y' => assert!(only_duplicates, "{name}"),
            b'n' => assert!(!only_duplicates, "{name}"),
            _ => {}
        }
    }
    assert!(count > 300, "only {count} files");
}

#[test]
fn a_syntax_fault_says_what_stands_where() {
    syntax("[1,]", ",", "a comma before `]`: JSON has no trailing commas");
    syntax("{\"a\":1 , }", ",", "a comma before `}`: JSON has no trailing commas");
    syntax("[1 2]", "2", "`2` where a comma or `]` is due");
    syntax("{\"a\" 1}", "1", "`1` where the colon after a key is due");
    syntax("{a: 1}", "a", "`a` where a key is due: keys stand in double quotes");
    syntax("[,1]", ",", "a value is missing before this comma");
    syntax("{\"a\":}", "}", "a value is missing before this `}`");
    syntax("['x']", "'", "a string stands in double quotes, not single ones");
    syntax("[NaN]", "NaN", "JSON has no `NaN`: write null or a string");
    syntax("[-Infinity]", "-Infinity", "JSON has no `-Infinity`: write null or a string");
    syntax("[True]", "True", "`True` is not a JSON value: write true, false or null in lower case");
    syntax("[truely]", "truely", "`truely` is not a JSON value: a string stands in double quotes");
    syntax("[1] // x", "//", "JSON has no comments");
    syntax("[1] x", "x", "`x` after the end of the value: a JSON text holds one value");
    syntax(
        "{}\u{feff}",
        "\u{feff}",
        "`\u{feff}` after the end of the value: a JSON text holds one value",
    );
    syntax("\u{feff}{}", "\u{feff}", "a byte order mark in the middle of a text");
    syntax(r#"["\x"]"#, r"\x", r"`\x` is not a JSON escape; a backslash itself is written `\\`");
    syntax(r#"["\u12G4"]"#, r"\u12", r"`\u` needs four hexadecimal digits");
    syntax("[\u{e9}]", "\u{e9}", "`\u{e9}` is not the beginning of a JSON value");
}

#[test]
fn a_number_outside_the_syntax_says_why() {
    for (text, literal, why) in [
        ("[01]", "01", "no leading zeros"),
        ("-01", "-01", "no leading zeros"),
        ("007", "007", "no leading zeros"),
        ("[00.5]", "00.5", "no leading zeros"),
        ("[+1]", "+1", "no plus sign"),
        ("[.5]", ".5", "a digit before the point"),
        ("[1.]", "1.", "a digit is missing"),
        ("[0.e1]", "0.e1", "a digit is missing"),
        ("[0e]", "0e", "a digit is missing"),
        ("[-]", "-", "a digit is missing"),
        ("[-x]", "-x", "a digit is missing"),
    ] {
        syntax(text, literal, &format!("`{literal}` is not a JSON number: {why}"));
    }
    syntax("[1,-", "-", "the text ends in the number `-`: a digit is missing");
}

#[test]
fn a_truncated_text_points_at_what_was_opened() {
    for (text, related) in [
        ("[[1], [2", Some(6)),
        ("[1,", Some(0)),
        ("{\"a\": {\"b\": 1}", Some(0)),
        ("{\"a\": {\"b\"", Some(6)),
        ("[tru", Some(0)),
        ("[\"a", Some(1)),
        ("[\"a\\", Some(1)),
        ("[\"a\\u00", Some(1)),
        ("nul", None),
    ] {
        let fault = faults(text).remove(0);
        assert_eq!(fault.kind, FaultKind::Syntax);
        assert_eq!(fault.span, span(text.len(), text.len()), "{text}");
        let related = related.map(|at| span(at, at + 1));
        assert_eq!(fault.related.map(|(span, _)| span), related, "{text}");
    }
}

#[test]
fn a_line_break_in_a_string_points_at_the_quote_too() {
    let (kind, place, related, _) = fault("{\"a\": \"b\n}");
    assert_eq!((kind, place, related), (FaultKind::Syntax, "\n", Some("\"")));
    syntax("\"\u{1}\"", "\u{1}", "a raw control character in a string: write `\\u0001`");
}

#[test]
fn nothing_at_all_is_empty() {
    for text in ["", " \n\t"] {
        assert_eq!(fault(text).0, FaultKind::Empty);
    }
}

#[test]
fn keys_that_stand_twice_are_told_with_both_places() {
    let (kind, place, related, message) = fault(r#"{"a": 1, "b": {"a": 2}, "\u0061": 3}"#);
    assert_eq!(kind, FaultKind::DuplicateKey);
    assert_eq!((place, related), (r#""\u0061""#, Some(r#""a""#)));
    assert_eq!(message, "the key `a` stands twice in one object");
}

#[test]
fn keys_are_compared_in_objects_of_any_size() {
    for size in [2, 9, 15, 16, 17, 18, 40, 1000] {
        let key = |at: usize| format!("\"approved_{:04}_by\":[{{\"x\":0}}]", at % (size - 1));
        let members: Vec<String> = (0..size).map(key).collect();
        let text = format!("{{{}}}", members.join(","));
        let (kind, _, related, _) = fault(&text);
        assert_eq!(kind, FaultKind::DuplicateKey);
        assert_eq!(related, Some("\"approved_0000_by\""), "{size}");
    }
}

#[test]
fn faults_that_do_not_end_the_reading_come_in_order_and_are_capped() {
    let text = r#"{"a": [1e400, {"b": 1, "b": 2}], "c": "\ud800", "a": 99999999999999999999}"#;
    let told: Vec<_> =
        faults(text).iter().map(|fault| (fault.kind, fault.span.slice(text))).collect();
    assert_eq!(
        told,
        [
            (FaultKind::LossyNumber, "1e400"),
            (FaultKind::DuplicateKey, "\"b\""),
            (FaultKind::Encoding, r"\ud800"),
            (FaultKind::DuplicateKey, "\"a\""),
            (FaultKind::LossyNumber, "99999999999999999999"),
        ]
    );
    let many = format!("[{}1e999", "1e999,".repeat(500));
    let told = faults(&many);
    assert_eq!(told.len(), MAX_FAULTS + 1);
    assert_eq!(told[MAX_FAULTS].kind, FaultKind::Syntax);
    let many = format!("{{{}\"a\":0}}", "\"a\":0,".repeat(500));
    assert_eq!(faults(&many).len(), MAX_FAULTS);
}

#[test]
fn surrogates_are_paired_or_told() {
    let text = r#"["\ud83d\ude00", "\ud83dx", "\ude00", "\ud83d\u0041", "\ud83d\ud83d\ude00"]"#;
    let mut arena = Arena::new();
    let faults = read_json(text, &mut arena, STRICT);
    let places: Vec<_> = faults.iter().map(|fault| fault.span.slice(text)).collect();
    assert_eq!(places, [r"\ud83d", r"\ude00", r"\ud83d", r"\ud83d"]);
    let root = arena.root(text).unwrap();
    let strings: Vec<_> = root.elements().filter_map(|node| node.as_str()).collect();
    assert_eq!(strings[0], "\u{1f600}");
    assert_eq!(strings[3], "\u{fffd}A");
    assert_eq!(strings[4], "\u{fffd}\u{1f600}");
}

#[test]
fn depth_is_limited_where_serde_limits_it() {
    for depth in [126, 127, 128, 100_000] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let faults = faults(&text);
        assert_eq!(faults.is_empty(), serde_json::from_str::<Value>(&text).is_ok());
        if let Some(fault) = faults.first() {
            assert_eq!((fault.kind, fault.span), (FaultKind::Limit, span(127, 128)));
        }
    }
}

#[test]
fn a_fault_of_syntax_leaves_nothing_behind() {
    let mut arena = Arena::new();
    assert!(!read_json("[1, 2", &mut arena, STRICT).is_empty());
    assert!(arena.is_empty());
}

#[test]
fn comments_are_white_space_only_when_asked_for() {
    let text = "// head\n{ /* a */ \"a\" /**/ : [ // x\n 1, /* , */ 2 ] } // tail";
    let mut arena = Arena::new();
    let comments = JsonOptions { comments: true };
    assert_eq!(read_json(text, &mut arena, comments), []);
    let value = arena.root(text).unwrap().to_value();
    assert_eq!(value, serde_json::json!({"a": [1, 2]}));
    assert_eq!(faults(text)[0].span, span(0, 2));
    for (text, at) in
        [("[1, /**/ ]", 2), ("[1] /", 4), ("[1, / 2]", 4), ("/* x", 4), ("[1] /*/", 7)]
    {
        let faults = read_json(text, &mut arena, comments);
        assert_eq!(faults[0].span.start, at, "{text}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a\"\\\\\n\u{1}\u{e9}\u{1f600} ]{0,20}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::hash_map("[a-c\"\u{e9}]{0,2}", inner, 0..20)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Valid JSON with a few characters replaced, removed or put in.
fn mutated() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "0", "1e", "-",
        "+", ".", "e5", "null", "tru", " ", "\n", "\u{0}", "\u{e9}", "/", "//", "'", "\u{feff}",
    ]);
    let edit = (any::<prop::sample::Index>(), 0..3_usize, pieces);
    let edits = prop::collection::vec(edit, 0..4);
    (json(), any::<bool>(), edits).prop_map(|(value, pretty, edits)| {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let mut chars: Vec<char> = text.chars().collect();
        for (at, removed, piece) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, piece.chars());
        }
        chars.into_iter().collect()
    })
}

fn check_spans(text: &str, node: Node<'_>) {
    let slice = node.span().slice(text);
    let mut arena = Arena::new();
    let _ = read_json(slice, &mut arena, STRICT);
    let again = arena.root(slice).map(|root| root.to_value());
    assert_eq!(again, Some(node.to_value()), "{slice:?}");
    for (key, value) in node.members() {
        check_spans(text, key);
        check_spans(text, value);
    }
    for element in node.elements() {
        check_spans(text, element);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mutants_are_judged_like_serde(text in mutated()) {
        agrees_with_serde(&text);
    }

    #[test]
    fn any_text_is_judged_like_serde(text in "[\\[\\]{}:,\"\\\\u0-9a-fnrt.+\\- \n\u{e9}-]{0,24}") {
        agrees_with_serde(&text);
    }

    #[test]
    fn every_span_holds_its_value(value in json(), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let mut arena = Arena::new();
        let _ = read_json(&text, &mut arena, STRICT);
        check_spans(&text, arena.root(&text).unwrap());
    }

    #[test]
    fn faults_lie_within_the_text(text in mutated(), comments: bool) {
        for fault in read_json(&text, &mut Arena::new(), JsonOptions { comments }) {
            let spans = fault.related.iter().map(|(span, _)| *span).chain([fault.span]);
            for span in spans {
                prop_assert!(span.start <= span.end && span.end <= text.len() as u64);
                prop_assert!(text.is_char_boundary(span.start as usize));
                prop_assert!(text.is_char_boundary(span.end as usize));
            }
        }
    }
}
