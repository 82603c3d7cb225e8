//! Small schemas, values, and what is told about them.

use serde_json::{Value, json};

use super::{Mismatch, Schema, SchemaProblem, SchemaSet, Trust};
use crate::document::testing::document;

fn compiled(schema: Value) -> Schema {
    let mut set = SchemaSet::new();
    set.add("test.json", &[], schema, Trust::Own);
    let (schema, warnings) = set.compile("test.json").expect("the schema is right");
    assert_eq!(warnings, []);
    schema
}

fn check(schema: &Schema, value: &Value) -> Vec<(String, Mismatch)> {
    let document = document(value);
    let mismatches = schema.check(document.root());
    mismatches
        .into_iter()
        .map(|mismatch| (mismatch.span.slice(document.text()).to_owned(), mismatch))
        .collect()
}

/// Each mismatch as `source text | message | help`.
fn told(schema: &Value, value: &Value) -> Vec<String> {
    check(&compiled(schema.clone()), value)
        .into_iter()
        .map(|(source, mismatch)| {
            let help = mismatch.help.map(|help| format!(" | {help}"));
            format!("{source} | {}{}", mismatch.message, help.unwrap_or_default())
        })
        .collect()
}

fn problems(schema: Value, trust: Trust) -> Vec<SchemaProblem> {
    let mut set = SchemaSet::new();
    set.add("test.json", &[], schema, trust);
    match set.compile("test.json") {
        Ok((_, problems)) | Err(problems) => problems,
    }
}

#[test]
fn each_keyword_has_its_sentence() {
    let object = |schema: Value| json!({ "properties": { "a": schema } });
    let table = [
        (
            json!({"type": "boolean"}),
            json!("yes"),
            r#""yes" | expected a boolean, found the string "yes""#,
        ),
        (
            json!({"type": "boolean"}),
            json!("true"),
            r#""true" | expected a boolean, found the string "true" | write it without quotes"#,
        ),
        (
            json!({"type": ["null", "string"]}),
            json!(7),
            "7 | expected a string or null, found the number 7 | write it in quotes",
        ),
        (json!({"type": "integer"}), json!(1.5), "1.5 | expected an integer, found the number 1.5"),
        (json!({"type": "string"}), json!({}), "{ | expected a string, found an object"),
        (json!({"type": "object"}), json!([1]), "[ | expected an object, found a list"),
        (
            json!({"enum": ["open", "closed", "deferred"]}),
            json!("pending"),
            r#""pending" | "pending" is not one of open, closed, deferred"#,
        ),
        (
            json!({"enum": ["open", "closed", "deferred"]}),
            json!("Closed"),
            r#""Closed" | "Closed" is not one of open, closed, deferred | did you mean "closed"?"#,
        ),
        (json!({"const": 2}), json!("2"), r#""2" | expected 2, found the string "2""#),
        (
            json!({"type": "string", "enum": ["x", "y"]}),
            json!(5),
            "5 | expected a string, found the number 5 | write it in quotes",
        ),
        (
            json!({"format": "date"}),
            json!("31.3.2026"),
            r#""31.3.2026" | "31.3.2026" is not a date | for example 2026-03-31"#,
        ),
        (
            json!({"pattern": "^p-[0-9]+$", "description": "The id of a person."}),
            json!("bob"),
            r#""bob" | "bob" does not match the pattern `^p-[0-9]+$` | The id of a person"#,
        ),
        (json!({"minLength": 1, "pattern": "."}), json!(""), r#""" | the text is empty"#),
        (
            json!({"minLength": 5}),
            json!("ab"),
            r#""ab" | "ab" has 2 characters, at least 5 are needed"#,
        ),
        (
            json!({"maxLength": 1}),
            json!("ab"),
            r#""ab" | "ab" has 2 characters, at most 1 are allowed"#,
        ),
        (json!({"minimum": 0}), json!(-1), "-1 | -1 is less than 0"),
        (json!({"maximum": 9}), json!(10), "10 | 10 is more than 9"),
        (json!({"exclusiveMinimum": 0}), json!(0), "0 | 0 is not more than 0"),
        (json!({"exclusiveMaximum": 9}), json!(9), "9 | 9 is not less than 9"),
        (json!({"multipleOf": 5}), json!(7), "7 | 7 is not a multiple of 5"),
        (json!({"minItems": 1}), json!([]), "[ | the list has 0 elements, at least 1 needed"),
        (json!({"maxItems": 1}), json!([1, 2]), "2 | the list has 2 elements, at most 1 allowed"),
        (
            json!({"prefixItems": [true], "items": false}),
            json!([1, 2]),
            "2 | this element is not allowed here",
        ),
        (json!({"uniqueItems": true}), json!([1, 2, 1]), "1 | this element is already in the list"),
        (
            json!({"contains": {"const": 1}}),
            json!([2]),
            "[ | no element of the list is of the kind it must hold",
        ),
        (json!({"minProperties": 1}), json!({}), "{ | the object has 0 members, at least 1 needed"),
        (
            json!({"maxProperties": 0}),
            json!({"b": 1}),
            "{ | the object has 1 member, at most 0 allowed",
        ),
        (
            json!({"not": {"const": "admin"}}),
            json!("admin"),
            r#""admin" | "admin" is not allowed here"#,
        ),
        (json!({"not": {"required": ["b"]}}), json!({"b": 1}), r#""b" | `b` is not allowed here"#),
        (json!({"properties": {"b": false}}), json!({"b": 1}), r#""b" | `b` is not allowed here"#),
        (
            json!({"dependentRequired": {"b": ["c"]}}),
            json!({"b": 1}),
            "{ | `c` is missing: it goes with `b`",
        ),
        (
            json!({"propertyNames": {"pattern": "^[a-z]+$"}}),
            json!({"B": 1}),
            r#""B" | the name `B` does not match the pattern `^[a-z]+$`"#,
        ),
        (
            json!({"propertyNames": {"enum": ["one", "other"]}}),
            json!({"othr": 1}),
            r#""othr" | the name `othr` is not one of one, other | did you mean `other`?"#,
        ),
    ];
    for (schema, value, expected) in table {
        let told = told(&object(schema.clone()), &json!({ "a": value }));
        assert_eq!(told, [expected], "{schema}");
    }
}

#[test]
fn missing_and_unknown_members() {
    let schema = json!({
        "type": "object",
        "required": ["approved_at", "approver"],
        "properties": {
            "approved_at": { "type": "string", "description": "When it was approved." },
            "approver": { "type": "string" },
            "note": { "type": "string" }
        },
        "additionalProperties": false
    });
    let open = {
        let mut open = schema.clone();
        open["additionalProperties"] = json!(true);
        open
    };
    let unevaluated = {
        let mut schema = schema.clone();
        schema.as_object_mut().expect("object").remove("additionalProperties");
        json!({ "allOf": [schema], "unevaluatedProperties": false })
    };
    let renamed = r#""aproved_at" | `approved_at` is missing, but there is `aproved_at` | did you mean `approved_at`?"#;
    for schema in [&schema, &open, &unevaluated] {
        assert_eq!(told(schema, &json!({ "aproved_at": "x", "approver": "p" })), [renamed]);
        assert_eq!(
            told(schema, &json!({})),
            ["{ | `approved_at` is missing | When it was approved", "{ | `approver` is missing"]
        );
    }
    let valid = |extra: &str| json!({ "approved_at": "x", "approver": "p", extra: "y" });
    assert_eq!(
        told(&schema, &valid("notes")),
        [r#""notes" | `notes` is not known here | did you mean `note`?"#]
    );
    assert_eq!(
        told(&unevaluated, &valid("notes")),
        [r#""notes" | `notes` is not known here | did you mean `note`?"#]
    );
    // What a failing part no longer vouches for is not a mistake of its own.
    assert_eq!(
        told(&unevaluated, &json!({ "approved_at": 5, "approver": "p" })),
        ["5 | expected a string, found the number 5 | write it in quotes"]
    );
}

fn attachments() -> Value {
    json!({
        "properties": { "attachments": { "items": { "oneOf": [
            { "$ref": "#/$defs/file" },
            { "$ref": "#/$defs/link" },
            { "type": "object", "required": ["kind", "text"],
              "properties": { "kind": { "const": "note" }, "text": { "type": "string" } } }
        ] } } },
        "$defs": {
            "file": {
                "allOf": [{ "required": ["kind", "state"] }],
                "properties": {
                    "kind": { "const": "file" },
                    "state": { "enum": ["open", "closed", "deferred"] }
                },
                "unevaluatedProperties": false
            },
            "link": {
                "type": "object",
                "required": ["kind", "url"],
                "properties": { "kind": { "enum": ["link", "mail"] }, "url": { "type": "string" } },
                "additionalProperties": false
            }
        }
    })
}

#[test]
fn the_branch_that_was_meant_is_the_one_that_is_told() {
    let schema = attachments();
    let one = |value: Value| told(&schema, &json!({ "attachments": [value] }));
    assert_eq!(one(json!({ "kind": "file", "state": "open" })), [""; 0]);
    assert_eq!(
        one(json!({ "kind": "file", "state": "pending" })),
        [r#""pending" | "pending" is not one of open, closed, deferred"#]
    );
    assert_eq!(one(json!({ "kind": "mail" })), ["{ | `url` is missing"]);
    assert_eq!(
        one(json!({ "kind": "flie", "state": "open" })),
        [r#""flie" | "flie" is not one of file, link, mail, note | did you mean "file"?"#]
    );
    assert_eq!(
        one(json!({ "state": "open" })),
        ["{ | `kind` is missing | one of file, link, mail, note"]
    );
    assert_eq!(
        one(json!({ "kind": "note", "text": 1 })),
        ["1 | expected a string, found the number 1 | write it in quotes"]
    );
}

#[test]
fn alternatives_without_a_discriminator() {
    let types =
        json!({ "anyOf": [{ "type": "string" }, { "type": "null" }, { "type": "integer" }] });
    assert_eq!(
        told(&types, &json!(true)),
        ["true | expected a string, an integer or null, found true | write it in quotes"]
    );
    let values = json!({ "oneOf": [{ "enum": ["a", "b"] }, { "const": "c" }] });
    assert_eq!(told(&values, &json!("d")), [r#""d" | "d" is not one of a, b, c"#]);
    let mixed = json!({ "anyOf": [{ "type": "integer" }, { "enum": ["max", "min"] }] });
    assert_eq!(
        told(&mixed, &json!("avg")),
        [r#""avg" | expected an integer, or one of max, min; found the string "avg""#]
    );
    let nullable =
        json!({ "anyOf": [{ "type": "null" }, { "type": "object", "required": ["a"] }] });
    assert_eq!(told(&nullable, &json!({})), ["{ | `a` is missing"]);
    let keys = json!({ "anyOf": [{ "required": ["a"] }, { "required": ["b", "c"] }] });
    assert_eq!(told(&keys, &json!({})), ["{ | `a` or `b` and `c` is missing"]);
    let externally = json!({ "oneOf": [
        { "type": "object", "required": ["approve"], "additionalProperties": false,
          "properties": { "approve": { "type": "object", "required": ["by"] } } },
        { "type": "object", "required": ["reject"], "additionalProperties": false,
          "properties": { "reject": { "type": "object", "required": ["why"] } } }
    ] });
    assert_eq!(
        told(&externally, &json!({ "reject": {} })),
        ["{ | `why` is missing (under the 2nd of 2 alternatives)"]
    );
    let both = json!({ "oneOf": [{ "type": "integer" }, { "type": "string" }, { "minimum": 0 }] });
    assert_eq!(
        told(&both, &json!(3)),
        ["3 | this fits the 1st and 3rd of 3 alternatives, and may fit only one"]
    );
    let conditional = json!({
        "if": { "properties": { "a": { "const": 1 } }, "required": ["a"] },
        "then": { "required": ["b"] }
    });
    assert_eq!(told(&conditional, &json!({ "a": 1 })), ["{ | `b` is missing"]);
}

#[test]
fn alternatives_within_alternatives() {
    let schema = json!({
        "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/node" }],
        "$defs": {
            "node": { "oneOf": [{ "$ref": "#/$defs/leaf" }, { "$ref": "#/$defs/tree" }] },
            "leaf": { "properties": { "t": { "const": "leaf" }, "v": { "type": "integer" } }, "required": ["t", "v"] },
            "tree": {
                "properties": { "t": { "const": "tree" }, "of": { "items": { "$ref": "#/$defs/node" } } },
                "required": ["t", "of"]
            }
        }
    });
    let deep = json!({ "t": "tree", "of": [{ "t": "leaf", "v": 1 }, { "t": "tree", "of": [{ "t": "leaf", "v": "1" }] }] });
    assert_eq!(
        told(&schema, &deep),
        [r#""1" | expected an integer, found the string "1" | write it without quotes"#]
    );
    assert_eq!(check(&compiled(schema), &deep)[0].1.pointer, "/of/1/of/0/v");
}

#[test]
fn sensitive_values_are_never_shown() {
    let schema = json!({
        "properties": {
            "token": { "x-sensitive": true, "type": "string" },
            "either": { "$ref": "#/$defs/secret" },
            "all": { "x-sensitive": true, "additionalProperties": { "enum": ["one", "hunter3"] } }
        },
        "allOf": [{ "properties": { "token": { "maxLength": 3, "pattern": "^a" } } }],
        "$defs": { "secret": { "x-sensitive": true, "oneOf": [
            { "const": "a" }, { "type": "integer" }, { "type": "string", "format": "date" }
        ] } }
    });
    let schema = compiled(schema);
    for value in [
        json!({ "token": "hunter2" }),
        json!({ "either": "hunter2" }),
        json!({ "all": { "x": "hunter2" } }),
    ] {
        let found = check(&schema, &value);
        assert_eq!(found.len(), 1, "{found:?}");
        let mismatch = &found[0].1;
        assert!(mismatch.sensitive);
        assert!(!format!("{mismatch:?}").contains("hunter2"), "{mismatch:?}");
    }
    let document = document(&json!({ "open": { "a": "hunter2" } }));
    let open = compiled(
        json!({ "additionalProperties": { "additionalProperties": { "type": "integer" } } }),
    );
    let masked = open.check_masked(document.root());
    assert_eq!(masked[0].message, "expected an integer, found a string");
    assert!(!masked[0].sensitive);
}

#[test]
fn a_second_place_explains_a_repeated_element() {
    let found = check(&compiled(json!({ "uniqueItems": true })), &json!(["a", "b", "a"]));
    assert_eq!(found[0].1.related.as_ref().map(|(span, _)| span.start), Some(1));
    assert_eq!(found[0].1.span.start, 9);
}

#[test]
fn nothing_is_told_twice() {
    let schema = json!({
        "allOf": [
            { "required": ["a"], "properties": { "b": { "type": "integer" } } },
            { "required": ["a"], "properties": { "b": { "type": "integer", "minimum": 0 } } }
        ]
    });
    assert_eq!(told(&schema, &json!({ "b": "x" })).len(), 2);
}

#[test]
fn schemas_that_do_not_do_what_they_say_are_refused() {
    let table = [
        (
            json!({ "requird": ["a"] }),
            "/requird",
            "`requird` is not a keyword and does nothing",
            "did you mean `required`?",
        ),
        (
            json!({ "items": { "mark": 1 } }),
            "/items/mark",
            "`mark` is not a keyword and does nothing",
            "remove it, or begin it with `x-`",
        ),
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#", "dependentRequired": {} }),
            "/dependentRequired",
            "`dependentRequired` does nothing in draft 7",
            "it is a keyword of drafts from 2019-09 on",
        ),
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": { "a": {} },
                    "properties": { "b": { "$ref": "#/definitions/a", "minLength": 1, "title": "fine" } } }),
            "/properties/b/minLength",
            "`minLength` does nothing beside `$ref` in draft 7",
            "put the reference into an `allOf`, or use draft 2020-12",
        ),
        (
            json!({ "format": "iso-date" }),
            "/format",
            "nothing checks the format `iso-date` in draft 2020-12",
            "use a format of that draft, or a `pattern`",
        ),
        (
            json!({ "$ref": "#" }),
            "",
            "this schema leads back to itself without going into the value, so it asks nothing",
            "let the reference stand under `properties` or `items`",
        ),
        (
            json!({ "$ref": "#/$defs/a", "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }] }, "b": { "anyOf": [true, { "$ref": "#/$defs/a" }] } } }),
            "/$defs/a",
            "this schema leads back to itself without going into the value, so it asks nothing",
            "let the reference stand under `properties` or `items`",
        ),
        (
            json!({ "$ref": "#/$defs/none" }),
            "/$ref",
            "`#/$defs/none` leads nowhere",
            "the document is there, and holds no schema at that place",
        ),
        (
            json!({ "$ref": "https://example.com/none.json" }),
            "/$ref",
            "`https://example.com/none.json` is not among the schemas at hand",
            "nothing is fetched from the network: add the schema, under the `$id` it is referred to by",
        ),
        (
            json!({ "pattern": "^(?!x)" }),
            "/pattern",
            "the pattern `^(?!x)` cannot be matched in linear time",
            "write it without look-around and back-references",
        ),
        (
            json!({ "$schema": "https://example.com/dialect" }),
            "/$schema",
            "\"https://example.com/dialect\" is not a draft of JSON Schema that is known here",
            "drafts 4, 6, 7, 2019-09 and 2020-12 are known",
        ),
    ];
    for (schema, pointer, message, help) in table {
        let found = problems(schema.clone(), Trust::Own);
        assert_eq!(found.len(), 1, "{schema}: {found:?}");
        assert_eq!((found[0].pointer.as_str(), found[0].message.as_str()), (pointer, message));
        assert_eq!(found[0].help.as_deref(), Some(help));
        assert!(!found[0].warning);
    }
}

#[test]
fn every_problem_of_a_schema_is_told() {
    let found = problems(
        json!({ "type": "strnig", "minLength": -1, "requird": [], "items": { "formt": "date" } }),
        Trust::Own,
    );
    let mut pointers: Vec<&str> = found.iter().map(|problem| problem.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/items/formt", "/minLength", "/requird", "/type"], "{found:?}");
}

#[test]
fn what_is_vendored_is_warned_about() {
    for schema in [
        json!({ "markdownDescription": "x" }),
        json!({ "format": "iso-date" }),
        json!({ "pattern": "^(?!x)" }),
        json!({ "$ref": "#" }),
        json!({ "$schema": "https://example.com/dialect", "type": "object" }),
    ] {
        let mut set = SchemaSet::new();
        set.add("test.json", &[], schema.clone(), Trust::Vendored);
        let (_, warnings) = set.compile("test.json").expect("usable");
        assert_eq!(warnings.len(), 1, "{schema}: {warnings:?}");
        assert!(warnings[0].warning);
    }
    let pattern = {
        let mut set = SchemaSet::new();
        set.add("test.json", &[], json!({ "pattern": "^(?!x)" }), Trust::Vendored);
        set.compile("test.json").expect("usable").0
    };
    assert!(pattern.is_valid(document(&json!("y")).root()));
    assert!(!pattern.is_valid(document(&json!("x")).root()));
}

#[test]
fn schemas_refer_to_one_another() {
    let mut set = SchemaSet::new();
    let defs = json!({ "$id": "https://tickmark.example/defs.json", "$defs": { "id": { "type": "string", "requird": 1 } } });
    set.add("defs.json", &["https://mirror.example/defs.json"], defs, Trust::Vendored);
    let plain = json!({ "definitions": { "n": { "type": "integer" } } });
    set.add("plain.json", &[], plain, Trust::Own);
    for reference in [
        "https://tickmark.example/defs.json#/$defs/id",
        "https://mirror.example/defs.json#/$defs/id",
    ] {
        set.add("user.json", &[], json!({ "properties": { "id": { "$ref": reference }, "n": { "$ref": "plain.json#/definitions/n" } } }), Trust::Own);
        let (schema, warnings) = set.compile("user.json").expect("resolves");
        // The document that is referred to is linted too.
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].document, "defs.json");
        let found = check(&schema, &json!({ "id": 1, "n": "x" }));
        let told: Vec<&str> = found.iter().map(|(_, mismatch)| mismatch.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "expected a string, found the number 1",
                "expected an integer, found the string \"x\""
            ]
        );
        assert!(
            found[0].1.schema_path.ends_with("/defs.json#/$defs/id/type"),
            "{}",
            found[0].1.schema_path
        );
    }
    set.add("clash.json", &[], json!({ "$id": "https://tickmark.example/defs.json" }), Trust::Own);
    assert!(set.compile("clash.json").is_err());
}

#[test]
fn older_drafts_keep_their_meaning() {
    let draft4 = json!({
        "$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.com/a.json",
        "properties": { "n": { "minimum": 0, "exclusiveMinimum": true } },
        "dependencies": { "a": ["b"] }
    });
    assert_eq!(told(&draft4, &json!({ "n": 0 })), ["0 | 0 is not more than 0"]);
    assert_eq!(told(&draft4, &json!({ "a": 0 })), ["{ | `b` is missing: it goes with `a`"]);
}

#[test]
fn a_schema_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Schema>();
}

#[test]
fn deep_schemas_are_refused() {
    let mut schema = json!({});
    for _ in 0..200 {
        schema = json!({ "not": schema });
    }
    assert_eq!(problems(schema, Trust::Own)[0].message, "the schema nests deeper than 100 levels");
}

#[test]
fn what_is_missing_is_pointed_at_where_the_object_begins() {
    use super::pointing::start_of;
    use crate::document::{Arena, Kind};
    use crate::model::Span;

    // A mapping without braces, and a row whose keys stand in the header line.
    for (text, key, object, expected) in [
        ("  a: 1\n  b: 2\n", Span::new(2, 3), Span::new(2, 14), "a"),
        ("a,b\n1,2\n", Span::new(0, 1), Span::new(4, 8), "1,2"),
    ] {
        let mut arena = Arena::new();
        let open = arena.open(Kind::Object, object.start as usize);
        arena.string(key, key);
        arena.number(Span::new(5, 6));
        arena.close(open, object.end as usize, 1);
        let root = arena.root(text).expect("a root");
        assert_eq!(start_of(root).slice(text), expected);
    }
}

#[test]
fn very_many_mistakes_are_all_told() {
    let members: serde_json::Map<String, Value> =
        (0..5_000).map(|index| (format!("name{index}"), json!(index))).collect();
    let schema = compiled(json!({
        "properties": { "name": {}, "secret": { "x-sensitive": true } }, "additionalProperties": false
    }));
    assert_eq!(check(&schema, &Value::Object(members)).len(), 5_000);
}

#[test]
fn odd_names_lead_to_their_nodes() {
    for name in ["a/b", "~", "~1", "", "%41", "é", " ", "a#b", "0", "\"", "$ref"] {
        let inner = json!({ "type": "object", "required": ["x"], "properties": { "x": { "enum": ["y"] } } });
        let schema = compiled(json!({ "properties": { name: { "properties": { name: inner } } } }));
        let found = check(&schema, &json!({ name: { name: { "x": "z" } } }));
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].0, "\"z\"", "{name}");
        assert_eq!(found[0].1.message, "expected \"y\", found the string \"z\"");
        let found = check(&schema, &json!({ name: { name: { "X": "y" } } }));
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].0, "\"X\"", "{name}");
    }
}

#[test]
fn hostile_schemas_are_judged_without_a_panic() {
    let odd = [
        json!(null),
        json!(1),
        json!([]),
        json!("x"),
        json!(true),
        json!({}),
        json!([1, {}]),
        json!({ "a": 1 }),
        json!({ "a": [1] }),
        json!("#"),
        json!("#/"),
        json!("://"),
        json!("%zz"),
        json!("("),
        json!(-1),
    ];
    let value = document(&json!({ "a": [1, "x", { "b": null }] }));
    for keyword in super::vocabulary::KEYWORDS {
        for odd in &odd {
            for schema in [
                json!({ keyword.name: odd }),
                json!({ "anyOf": [{ keyword.name: odd }, { "properties": { "a": { keyword.name: odd } } }] }),
            ] {
                for trust in [Trust::Own, Trust::Vendored] {
                    let mut set = SchemaSet::new();
                    set.add("test.json", &[], schema.clone(), trust);
                    if let Ok((schema, _)) = set.compile("test.json") {
                        let told = schema.check(value.root());
                        assert_eq!(told.is_empty(), schema.is_valid(value.root()));
                    }
                }
            }
        }
    }
    for odd in odd {
        let _ = problems(odd, Trust::Own);
    }
}

#[test]
fn documents_of_any_shape_are_told_something_exactly_when_they_are_invalid() {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        "file|link|note|flie|open|x".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("kind|state|url|attachments|text|of", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let schema = compiled(attachments());
    proptest!(ProptestConfig::with_cases(300), |(items in prop::collection::vec(value, 0..4))| {
        let document = document(&json!({ "attachments": items }));
        let told = schema.check(document.root());
        prop_assert_eq!(told.is_empty(), schema.is_valid(document.root()));
        for mismatch in told {
            prop_assert!(!mismatch.message.is_empty());
            prop_assert!(document.root().pointer(&mismatch.pointer).is_some());
        }
    });
}

/// A chain of schemas, each of which leads to the next by two ways that `step` writes.
fn doubling(links: usize, step: impl Fn(&Value) -> Value) -> Value {
    let mut defs = serde_json::Map::from_iter([("l0".to_owned(), json!({ "type": "string" }))]);
    for link in 1..=links {
        let next = json!({ "$ref": format!("#/$defs/l{}", link - 1) });
        defs.insert(format!("l{link}"), step(&next));
    }
    json!({ "$defs": defs, "$ref": format!("#/$defs/l{links}") })
}

#[test]
fn schemas_that_would_take_for_ever_are_refused() {
    for step in [
        |next: &Value| json!({ "anyOf": [next, next] }),
        |next: &Value| json!({ "oneOf": [next, next] }),
        |next: &Value| json!({ "not": next, "allOf": [next] }),
        |next: &Value| json!({ "properties": { "a": next, "b": next } }),
    ] {
        for trust in [Trust::Own, Trust::Vendored] {
            let found = problems(doubling(60, step), trust);
            let told =
                found.iter().any(|one| !one.warning && one.message.contains("too many ways"));
            assert!(told, "{found:?}");
        }
        assert_eq!(problems(doubling(8, step), Trust::Own), []);
    }
}

#[test]
fn values_whose_judging_would_take_for_ever_are_given_up() {
    let own = json!({ "type": "object", "properties": { "a": { "$ref": "#" } } });
    let schema = compiled(
        json!({ "anyOf": [own, own, { "type": "object", "required": ["b"], "properties": { "a": { "$ref": "#" } } }] }),
    );
    let deep = |links: usize, end: Value| (0..links).fold(end, |inner, _| json!({ "a": inner }));
    let found = check(&schema, &deep(60, json!(5)));
    assert!(matches!(&found[..], [(_, one)] if one.unfinished), "{found:?}");
    assert_eq!(check(&schema, &deep(60, json!({}))), []);
    let few = check(&schema, &deep(3, json!(5)));
    assert!(!few.is_empty() && few.iter().all(|(_, one)| !one.unfinished), "{few:?}");
}
