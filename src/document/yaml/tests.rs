use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::reading::tests::{assert_places, assert_sound, cases, corpus};
use super::super::{Arena, Fault, FaultKind};
use super::read_yaml;

fn read(text: &str) -> (Arena, Vec<Fault>) {
    let mut arena = Arena::new();
    let faults = read_yaml(text, 0..text.len(), &mut arena);
    assert_places(&faults, text);
    (arena, faults)
}

fn value(text: &str) -> Value {
    let (arena, faults) = read(text);
    assert!(faults.iter().all(|fault| fault.kind.is_warning()), "{text:?}: {faults:?}");
    arena.root(text).expect("a root").to_value()
}

/// The source of the value at `pointer`.
fn source<'a>(text: &'a str, pointer: &str) -> &'a str {
    let (arena, faults) = read(text);
    let root = arena.root(text).unwrap_or_else(|| panic!("{text:?}: {faults:?}"));
    assert_sound(&arena, text, true);
    let node = root.pointer(pointer);
    let span = node.unwrap_or_else(|| panic!("{pointer} in {root:?}")).span();
    &text[span.start as usize..span.end as usize]
}

fn key_source<'a>(text: &'a str, key: &str) -> &'a str {
    let (arena, _) = read(text);
    let (node, _) = arena.root(text).and_then(|root| root.member(key)).expect("a member");
    node.span().slice(text)
}

fn kinds(text: &str) -> Vec<FaultKind> {
    read(text).1.iter().map(|fault| fault.kind).collect()
}

/// The source that the only fault of `text` points at.
fn fault(text: &str, kind: FaultKind) -> (&str, String) {
    let (_, faults) = read(text);
    assert_eq!(faults.len(), 1, "{text:?}: {faults:?}");
    assert_eq!(faults[0].kind, kind, "{text:?}: {faults:?}");
    (faults[0].span.slice(text), faults[0].message.clone())
}

const TOUR: &str = "\u{feff}# h\u{e9}ader\n---\n'quoted key' : \"a\\tb\"   # \u{e9}\nplain: some words # note\n\u{fc}ml\u{e4}ut: \u{e9}t\u{e9}\nlist:\n- 1\n-   0x1F\n- - deep\n  - er\n-\n- {a: [x, 'y'], b: }\nblock: | # why\n  line 1\n    line 2\n\n# after\nfolded: >-\n  a\n  b\nempty:\nanchor: &x !!map\n  k: v\ncopy: *x\nnull: ~\nlast: -1.5e+3\n...\n";

#[test]
fn a_tour_of_the_syntax_is_read() {
    assert_eq!(
        value(TOUR),
        json!({
            "quoted key": "a\tb", "plain": "some words", "\u{fc}ml\u{e4}ut": "\u{e9}t\u{e9}",
            "list": [1, 31, ["deep", "er"], null, {"a": ["x", "y"], "b": null}],
            "block": "line 1\n  line 2\n", "folded": "a b", "empty": null,
            "anchor": {"k": "v"}, "copy": {"k": "v"}, "null": null, "last": -1500.0,
        })
    );
}

#[test]
fn places_are_exact() {
    let text = TOUR.replace("copy: *x\n", "");
    for eol in ["\n", "\r\n"] {
        let text = text.replace('\n', eol);
        let lines = |source: &str| source.replace('\n', eol);
        assert_eq!(key_source(&text, "quoted key"), "'quoted key'");
        assert_eq!(key_source(&text, "\u{fc}ml\u{e4}ut"), "\u{fc}ml\u{e4}ut");
        for (pointer, expected) in [
            ("/quoted key", "\"a\\tb\""),
            ("/plain", "some words"),
            ("/\u{fc}ml\u{e4}ut", "\u{e9}t\u{e9}"),
            ("/list", "- 1\n-   0x1F\n- - deep\n  - er\n-\n- {a: [x, 'y'], b: }"),
            ("/list/1", "0x1F"),
            ("/list/2", "- deep\n  - er"),
            ("/list/2/1", "er"),
            ("/list/3", ""),
            ("/list/4", "{a: [x, 'y'], b: }"),
            ("/list/4/a", "[x, 'y']"),
            ("/list/4/a/1", "'y'"),
            ("/block", "| # why\n  line 1\n    line 2"),
            ("/folded", ">-\n  a\n  b"),
            ("/empty", ""),
            ("/anchor", "k: v"),
            ("/null", "~"),
            ("/last", "-1.5e+3"),
        ] {
            assert_eq!(source(&text, pointer), lines(expected), "{pointer}");
        }
        let root = source(&text, "");
        assert!(root.starts_with("'quoted") && root.ends_with("e+3"), "{root}");
    }
}

#[test]
fn sequences_begin_at_their_dash() {
    for (text, pointer, expected) in [
        ("k:\n- [a]\n- b\n", "/k", "- [a]\n- b"),
        ("k:\n- [a]\n- b\n", "/k/0", "[a]"),
        ("k:\n  - - a\n    - b\n  - - c\n", "/k/1", "- c"),
        ("- - - a\n", "/0/0", "- a"),
        ("- &x [a]\n- &y\n  - b\n", "/1", "- b"),
        ("- &x [a]\n", "/0", "[a]"),
        ("k: &x # note - not\n- 1\n", "/k", "- 1"),
        ("- |\n a\n- !!str >\n b\n", "/1", ">\n b"),
        ("- k: |-\n    a\n  l: 2\n- m\n", "/0/k", "|-\n    a"),
        ("[a: b, c]", "/0", "a: b"),
        ("? k\n: - v\n", "/k", "- v"),
        ("? k\n", "/k", ""),
        ("a: !!str\nb: 1", "/a", ""),
        ("a: 'it''s' # x", "/a", "'it''s'"),
        ("a: \"\\\"\" # x", "/a", "\"\\\"\""),
        ("a: two\n  lines\nb: 1", "/a", "two\n  lines"),
    ] {
        assert_eq!(source(text, pointer), expected, "{text:?}");
    }
}

#[test]
fn a_part_is_read_at_its_place_in_the_whole() {
    let text = "\u{e9}\u{e9}---\na: {b: \u{e9}}\nc: \"x\"\n---\nbody";
    let mut arena = Arena::new();
    let faults = read_yaml(text, 8..26, &mut arena);
    assert_eq!(faults, []);
    let root = arena.root(text).expect("a root");
    assert_eq!(root.pointer("/a/b").expect("b").span().slice(text), "\u{e9}");
    assert_eq!(root.get("c").expect("c").span().slice(text), "\"x\"");
    let broken = read_yaml(text, 8..20, &mut arena);
    assert!(broken.iter().all(|fault| fault.span.start >= 8 && fault.span.end <= 20));
}

#[test]
fn broken_documents_fault_at_the_place() {
    for (text, kind, at) in [
        ("a: 1\na: 2\n", FaultKind::DuplicateKey, "a"),
        ("{1: a, \"1\": b}", FaultKind::DuplicateKey, "\"1\""),
        ("a: 1e400\n", FaultKind::LossyNumber, "1e400"),
        ("a: .inf\n", FaultKind::LossyNumber, ".inf"),
        ("a: 99999999999999999999\n", FaultKind::LossyNumber, "99999999999999999999"),
        ("? [a]\n: b\n", FaultKind::Unsupported, ""),
        ("{a: b}: c\n", FaultKind::Unsupported, ""),
        ("a: &x [*x]\n", FaultKind::Unsupported, "*x"),
        ("a: &x {k: 1}\n*x : b\n", FaultKind::Unsupported, "*x"),
        ("a: !secret x\n", FaultKind::Unsupported, "x"),
        ("a: !!binary aGk=\n", FaultKind::Unsupported, "aGk="),
        ("a: !!set {}\n", FaultKind::Unsupported, ""),
        (": x\n", FaultKind::Syntax, ""),
        ("{: x}\n", FaultKind::Syntax, ""),
        ("!secret k: 1\n", FaultKind::Unsupported, "k"),
        ("!!int k: 1\n", FaultKind::Syntax, "k"),
        ("a: !!int x\n", FaultKind::Syntax, "x"),
        ("a: !!int 1.5\n", FaultKind::Syntax, "1.5"),
        ("a: 1\n---\nb: 2\n", FaultKind::Unsupported, "-"),
        ("a: 1\n...\nb: 2\n", FaultKind::Unsupported, "b"),
        ("a: 1\n---\n", FaultKind::Unsupported, "-"),
        ("a: *nowhere\n", FaultKind::Syntax, "*"),
        ("a: \"open\nb: 1\n", FaultKind::Syntax, "\""),
    ] {
        let (found, message) = fault(text, kind);
        assert!(at.is_empty() || found == at, "{text:?}: {found:?} {message}");
    }
}

#[test]
fn what_is_not_yaml_is_refused() {
    for text in [
        "a: [1, 2\n",
        "a: [1, 2\nb: 3\n",
        "a: {b: 1\n",
        "a: ]\n",
        "a: [1}\n",
        "a:\n\t- b\n",
        "a:\n  b: 1\n\tc: 2\n",
        "a: b: c\n",
        "a: 'x' y\n",
        "a: \"\\q\"\n",
        "a: @x\n",
        "a: `x`\n",
        "a: &x &y z\n",
        "a: &x *x\n",
        "a: 1\n b: 2\n",
        "a: 1\nplain\n",
        "- a\nb: 1\n",
        "a: 1\u{0}b: 2\n",
        "a: 1 # x\u{0}\nb: 2\n",
        "a: |\n  x\u{0}\nb: 2\n",
        "a: \"x\u{0}\"\n",
        "a: 1\n\u{feff}b: 2\n",
        "%YAML 1.2\na: 1\n",
        "a: |x\n  b\n",
        "a: [b, , c]\n",
        "[a]]\n",
    ] {
        let (arena, faults) = read(text);
        let refused = faults.iter().any(|fault| fault.kind == FaultKind::Syntax);
        assert!(refused, "{text:?} gave {:?}", arena.root(text));
    }
}

#[test]
fn nothing_is_empty() {
    for text in ["", "\n", "# comment\n", "---\n", "---\n...\n", "\u{feff}", "--- # x\n"] {
        assert_eq!(kinds(text), [], "{text:?}");
        assert_eq!(value(text), Value::Null, "{text:?}");
    }
    assert_eq!(value("~"), Value::Null);
    assert_eq!(value("\"\""), json!(""));
}

#[test]
fn readings_that_differ_are_warned_of() {
    let text = "on: [push]\ncountry: no\nzip: 010\nsize: 1_000\nat: 12:30:00\nquoted: \"no\"\nday: 2026-01-01\n";
    assert_eq!(
        value(text),
        json!({
            "on": ["push"], "country": "no", "zip": 10, "size": "1_000", "at": "12:30:00",
            "quoted": "no", "day": "2026-01-01",
        })
    );
    let (_, faults) = read(text);
    let places: Vec<_> = faults.iter().map(|fault| fault.span.slice(text)).collect();
    assert_eq!(places, ["on", "no", "010", "1_000", "12:30:00"]);
    assert!(faults.iter().all(|fault| fault.kind == FaultKind::AmbiguousScalar));
    assert!(faults[2].message.contains("the number 10"), "{}", faults[2].message);
    assert_eq!(
        value("b: &b {x: 1}\nc:\n  <<: *b\n"),
        json!({"b": {"x": 1}, "c": {"<<": {"x": 1}}})
    );
}

#[test]
fn block_scalars_keep_the_breaks_that_are_there() {
    for (text, expected) in [
        ("|\n x", "x"),
        ("|\n x\n", "x\n"),
        ("|\n x\n ", "x\n"),
        ("|\n x\n\n", "x\n"),
        ("|-\n x\n\n", "x"),
        ("|-\n x", "x"),
        ("|+\n x\n\n", "x\n\n"),
        ("|+\n x", "x"),
        (">\n x\n y", "x y"),
        ("|\n x\n# c", "x\n"),
        ("|\n", ""),
        ("|", ""),
    ] {
        let text = format!("a: {text}");
        assert_eq!(value(&text)["a"], expected, "{text:?}");
    }
}

#[test]
fn core_tags_are_honoured() {
    let text = "[!!str 12, !!int \"12\", !!float 3, !!bool true, !!null ~, ! 5, !!seq [], !!map {}, !<tag:yaml.org,2002:str> 1]";
    assert_eq!(value(text), json!(["12", 12, 3, true, null, "5", [], {}, "1"]));
}

#[test]
fn keys_are_text() {
    assert_eq!(
        value(
            "1: a\ntrue: b\nnull: c\n1.50: d\n&k e: f\n*k : g\n".replace("*k : g\n", "").as_str()
        ),
        json!({"1": "a", "true": "b", "null": "c", "1.50": "d", "e": "f"})
    );
    assert_eq!(value("- &k e\n- {*k : 1}\n"), json!(["e", {"e": 1}]));
    assert_eq!(kinds("&k e: f\n*k : g\n"), [FaultKind::DuplicateKey]);
}

#[test]
fn anchors_may_be_defined_again() {
    // YAML 1.2, 3.2.2.2: an alias means the most recent anchor of its name.
    assert_eq!(value("[&a 1, *a, &a 2, *a]"), json!([1, 1, 2, 2]));
}

#[test]
fn aliases_and_depth_have_limits() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    assert_eq!(kinds(&bomb), [FaultKind::Limit]);
    for text in ["[".repeat(200), "[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(300)] {
        assert_eq!(kinds(&text), [FaultKind::Limit], "{}", &text[..8]);
    }
    let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
    assert!(kinds(&deep).is_empty());
    let mut nested = "a0: &a0 [x]\n".to_owned();
    for level in 1..140 {
        nested.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert_eq!(kinds(&nested), [FaultKind::Limit]);
}

#[test]
fn real_documents_are_read() {
    let Some(files) = corpus("schemastore") else {
        return;
    };
    let yaml =
        |path: &std::path::Path| path.extension().is_some_and(|own| own == "yaml" || own == "yml");
    let mut count = 0;
    for (path, text) in files.iter().filter(|(path, _)| yaml(path)) {
        let (arena, faults) = read(text);
        assert_sound(&arena, text, !text.contains('*'));
        let told = |fault: &Fault| fault.kind.is_warning();
        assert!(faults.iter().all(told), "{path:?}: {faults:?}");
        count += 1;
    }
    assert!(count > 400, "{count}");
}

/// Both readers must read a text alike, or places and values depend on which of them did.
fn agree(text: &str) -> bool {
    let mut quick = Arena::new();
    let read = super::quick::read(text, 0..text.len(), &mut quick);
    if read {
        let mut other = Arena::new();
        assert_eq!(super::thorough(text, 0..text.len(), &mut other), [], "{text:?}");
        assert_eq!(format!("{quick:?}"), format!("{other:?}"), "{text:?}");
    }
    read
}

#[test]
fn the_built_in_pack_is_read_quickly_and_alike() {
    let pack =
        crate::catalog::pack::controls().into_iter().chain([crate::catalog::pack::checklist()]);
    for file in pack {
        assert!(agree(&String::from_utf8(file.bytes).unwrap()), "{}", file.path);
    }
}

#[test]
fn simple_texts_are_read_quickly_and_alike() {
    for text in [
        "a: b",
        "a: b\n",
        "\n# c\n\na:   b c  # d\n\n   \n# e\nb: 'it''s'   \n",
        "a:\n  b: 1\n  c:\n    - x\n    - y2: 2\n      z: [1, two, 'three', \"fo\\\"ur\"]\n  d: {}\nb: []\n",
        "a:\n- x\n- z\nb:\n- z: 1\n  w: 2\n\n-   v: 3\nc: ~\n",
        "- a: { b: [ { c: d } , e:f ], g: -1.5 }\n- 0x1F\n- +1\n- .5\n- true\n- svc-\u{2026} \u{e9}\n",
        "a: # why\n  # what\n  b: x#y\n",
        "a: x:y z::w\n$b: 2026-01-01T10:00:00+01:00\n",
        "a:\n    b: 1\n\n    c: 2\n  # less\nd: 3",
        "a: '' \nb: \"\"\n",
        "a: >-\n  b c\n  d\n\n  e\n\n\n  f\nb: |\n  x\n    y\n\n  # z\n\nc:\n  - >\n    x\n    y\n  - |-\n    z\n",
        "'a b': 1\n\"c[]\": { 'd': e, \"f\": \"g\" }\n",
    ] {
        assert!(agree(text), "{text:?}");
    }
}

#[test]
fn what_is_not_simple_is_left_to_the_thorough_reader() {
    for text in [
        "",
        "a",
        "a:",
        "a: |2\n   b\n",
        "a: |+\n  b\n",
        "a: >\n  b\n   c\n",
        "a: |\n\n  b\n",
        "a: |\n  b\n # c\n",
        "a: |\n  b",
        "a: b\n  c\n",
        "a: b: c\n",
        "a: b\n c: d\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a: yes\n",
        "y: a\n",
        "a: 1\na: 2\n",
        "---\na: b\n",
        "a: b\n...\n",
        "a:\tb\n",
        "a: [b,\n c]\n",
        "a: [b, ]\n",
        "a: {b: c, b: d}\n",
        "a: {b}\n",
        "a: 'b\n  c'\n",
        "- - a\n",
        "-\n  a: b\n",
        "a: \"\\n\"\n",
        "a: .inf\n",
        "a: 010\n",
        "a: b\r\n",
        "\u{feff}a: b\n",
        "a: b\u{2028}c\n",
        " a: b\n c: d\n",
        "a:\n  b: 1\n c: 2\n",
        "a:\n  - b\n c: d\n",
        "a: [b c: d]\n",
        "a: [\"b\": c]\n",
        "a: 'b'c\n",
        "a: [b]c\n",
    ] {
        assert!(!agree(text), "{text:?}");
    }
}

/// What a rule file looks like.
const RULE: &str = "# c\nid: A-1\nitems: [A-1, B-2]\nwhy: it is so, and 'so'\nparams:\n  n: { value: 2, description: \"days: of it\" }\nevidence:\n  changes:\n    kind: change-record\n    path: [a/*.json, b/**]\n    where: this.a == 'b' # only these\n\n  people:\n    keys:\n    - a\n    - 'b[]'\n    help: >-\n      Folded text\n      of two lines.\n\n      And a third.\njudgement:\n  - { id: x, question: \"Is it \\\"so\\\"?\" }\n  - id: w\n    question: |\n      One: two\n        # three\n";

/// Lines, in which `#` becomes a number of their own.
const LINES: &[&str] = &[
    "k#: v",
    "k#:",
    "k#:",
    "k#: [a, { b: c }]",
    "- v#",
    "- k#: v",
    "- k#:",
    "- [a]",
    "k#: >-",
    "- |",
    "",
    "// c",
    "k#: 'x'",
    "word",
    "k#: \"a\\\"b\" ",
    "'k #': w",
    "k#: 1.5",
    "- -1",
    "-",
];

/// Pieces of which most rows are nearly YAML.
const PIECES: &[&str] = &[
    "a: ",
    "b: ",
    "a:",
    "b.c: ",
    "\n",
    "\n",
    "\n  ",
    "\n  ",
    "\n    ",
    "- ",
    "- ",
    "-",
    "x",
    "y z",
    "1",
    "-1",
    "0.5",
    "~",
    "true",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "'q'",
    "\"q\"",
    "\"\\\\\"",
    "''",
    "'",
    " # c",
    "#",
    ":",
    " ",
    "  ",
    "\u{e9}",
    "?",
    "|\n",
    ">-\n",
    "|\n    x\n",
    ">-\n  x\n",
    "\n      ",
    "|",
    "x: y\n",
    "  x: y\n",
    "- x\n",
    "[x, y]\n",
    "{ x: y }\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..cases() })]

    #[test]
    fn both_readers_read_any_row_of_pieces_alike(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24),
    ) {
        agree(&pieces.concat());
    }

    #[test]
    fn both_readers_read_any_row_of_lines_alike(
        lines in proptest::collection::vec((0..4_usize, proptest::sample::select(LINES)), 0..12),
    ) {
        let lines = lines.iter().enumerate().map(|(at, (deep, line))| {
            let indent = "  ".repeat(*deep);
            format!("{indent}{}\n", line.replace('#', &at.to_string()))
        });
        agree(&lines.collect::<String>());
    }

    #[test]
    fn both_readers_read_mutated_rules_alike(
        at in 0..RULE.len(),
        cut in 0..6_usize,
        put in "(?s)[-:\\[{}\"'#|&* \n,a]{0,3}",
    ) {
        let end = (at + cut).min(RULE.len());
        agree(&format!("{}{put}{}", &RULE[..at], &RULE[end..]));
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn hostile_text_never_panics(
        text in "(?s)([-:?&*!|>'\"\\[\\]{},#%~ \n\r\t]|a|b|---|- |: |\u{e9}|\u{feff}|\u{0}|<<|0x|!!str|.){0,40}"
    ) {
        let (arena, _) = read(&text);
        assert_sound(&arena, &text, !text.contains('*'));
    }

    #[test]
    fn mutated_documents_never_panic(at in 0..TOUR.len(), cut in 0..6_usize, put in "(?s)[-:\\[{}\"'#|&* \n\ta]{0,3}") {
        let mut at = at;
        while !TOUR.is_char_boundary(at) { at -= 1; }
        let mut end = (at + cut).min(TOUR.len());
        while !TOUR.is_char_boundary(end) { end -= 1; }
        let text = format!("{}{put}{}", &TOUR[..at], &TOUR[end.max(at)..]);
        let (arena, _) = read(&text);
        assert_sound(&arena, &text, false);
    }
}
