//! Shapes and errors of reading a document into types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::testing::document;
use super::*;
use crate::model::Span;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Rule<'a> {
    id: Located<String>,
    title: &'a str,
    note: Option<String>,
    #[serde(default)]
    every: Vec<Every>,
    limits: Option<BTreeMap<String, Located<f64>>>,
    days: Option<Days>,
    pair: Option<(u8, i64)>,
    any: Option<Value>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Days(u16);

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Every {
    Month,
    Days(u32),
    Between { from: i8, to: Located<i8> },
}

#[test]
fn reads_every_shape_and_its_places() {
    let value = json!({
        "id": "A-1", "title": "t", "note": null,
        "every": ["month", {"days": 3}, {"between": {"from": -1, "to": 2}}],
        "limits": {"a": 1}, "days": 7, "pair": [1.0, -5], "any": {"x": [1, 2.5, "s", true]}
    });
    let document = document(&value);
    let rule: Rule<'_> = from_node(document.root()).expect("reads");
    assert_eq!(rule.id.span.slice(document.text()), "\"A-1\"");
    assert_eq!((rule.title, rule.note), ("t", None));
    assert_eq!(rule.days, Some(Days(7)));
    assert_eq!(rule.pair, Some((1, -5)));
    assert_eq!(rule.any.as_ref(), Some(&value["any"]));
    let [Every::Month, Every::Days(3), Every::Between { from: -1, to }] = &rule.every[..] else {
        panic!("{:?}", rule.every);
    };
    assert_eq!((to.value, to.span.slice(document.text())), (2, "2"));
    let limits = rule.limits.expect("limits");
    assert_eq!((limits["a"].value, limits["a"].span.slice(document.text())), (1.0, "1"));
}

#[test]
fn an_optional_place_and_a_place_of_an_option() {
    let document = document(&json!([null, 1]));
    let inside: Vec<Located<Option<u8>>> = from_node(document.root()).expect("reads");
    assert_eq!(inside[0].value, None);
    assert_eq!(inside[0].span, Span::new(1, 5));
    let outside: Vec<Option<Located<u8>>> = from_node(document.root()).expect("reads");
    assert_eq!(outside[0], None);
}

#[test]
fn errors_stand_at_the_innermost_value() {
    let table = [
        (json!({"id": 5, "title": "t"}), "5", "expected a string, found integer `5`"),
        (json!({"id": "a"}), r#"{"id":"a"}"#, "`title` is missing"),
        (
            json!({"id": "a", "title": "t", "x": 1}),
            r#""x""#,
            "`x` is not known here: known are id, title, note, every, limits, days, pair, any",
        ),
        (
            json!({"id": "a", "title": "t", "every": ["year"]}),
            r#""year""#,
            r#""year" is not one of month, days, between"#,
        ),
        (
            json!({"id": "a", "title": "t", "every": ["days"]}),
            r#""days""#,
            "`days` needs content: write it as a member",
        ),
        (
            json!({"id": "a", "title": "t", "every": [{"month": 1}]}),
            "1",
            "this variant has no content: write its name alone",
        ),
        (
            json!({"id": "a", "title": "t", "every": [{}]}),
            "{}",
            "expected an object with one member, which names the variant",
        ),
        (
            json!({"id": "a", "title": "t", "every": [{"between": {"from": 300, "to": 1}}]}),
            "300",
            "expected i8, found integer `300`",
        ),
        (
            json!({"id": "a", "title": "t", "days": 70000}),
            "70000",
            "expected u16, found integer `70000`",
        ),
        (
            json!({"id": "a", "title": "t", "limits": {"a": true}}),
            "true",
            "expected f64, found boolean `true`",
        ),
        (
            json!({"id": "a", "title": "t", "pair": [1, 2, 3]}),
            "3",
            "the list has more elements than are expected",
        ),
        (json!([1, 2]), "1", "expected a string, found integer `1`"),
    ];
    for (value, place, message) in table {
        let document = document(&value);
        let error = from_node::<Rule<'_>>(document.root()).expect_err("does not fit");
        assert_eq!((error.span.slice(document.text()), error.message.as_str()), (place, message));
    }
}
