//! The language sentence by sentence: what compiles, what does not and why, and what records say.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::document::{Arena, Document, Kind, Node};
use crate::model::Span;

/// Reads JSON without escapes into a document; enough to have places.
fn document(text: &str) -> Document {
    fn skip(text: &str, at: &mut usize) {
        while text[*at..].starts_with([' ', ',', ':', '\n']) {
            *at += 1;
        }
    }
    fn read(text: &str, at: &mut usize, arena: &mut Arena) {
        skip(text, at);
        let start = *at;
        let span = |end: usize| Span::new(start as u64, end as u64);
        match text.as_bytes()[start] {
            bracket @ (b'{' | b'[') => {
                let (kind, close) =
                    if bracket == b'{' { (Kind::Object, '}') } else { (Kind::Array, ']') };
                let open = arena.open(kind, start);
                let mut entries = 0;
                *at += 1;
                loop {
                    skip(text, at);
                    if text[*at..].starts_with(close) {
                        break;
                    }
                    read(text, at, arena);
                    entries += 1;
                }
                *at += 1;
                arena.close(open, *at, if kind == Kind::Object { entries / 2 } else { entries });
            }
            b'"' => {
                let end = start + 2 + text[start + 1..].find('"').unwrap();
                arena.string(span(end), Span::new(start as u64 + 1, end as u64 - 1));
                *at = end;
            }
            _ => {
                let ends = |c: char| matches!(c, ' ' | ',' | ']' | '}' | '\n');
                let end = text[start..].find(ends).map_or(text.len(), |end| start + end);
                match &text[start..end] {
                    "null" => arena.null(span(end)),
                    "true" => arena.boolean(span(end), true),
                    "false" => arena.boolean(span(end), false),
                    _ => arena.number(span(end)),
                }
                *at = end;
            }
        }
    }
    let mut arena = Arena::new();
    read(text, &mut 0, &mut arena);
    Document::new(text.to_owned(), arena).unwrap()
}

struct Jiff(TimeZone);

impl Jiff {
    fn timestamp(&self, text: &str) -> Result<Timestamp, String> {
        let zoned = |time: civil::DateTime| time.to_zoned(self.0.clone()).map(|z| z.timestamp());
        text.parse::<Timestamp>()
            .or_else(|_| text.parse::<civil::DateTime>().and_then(zoned))
            .map_err(|_| format!("`{text}` is no time"))
    }
}

impl Moments for Jiff {
    fn moment(&self, text: &str) -> Result<i64, String> {
        self.timestamp(text).map(Timestamp::as_microsecond)
    }

    fn day(&self, text: &str) -> Result<i64, String> {
        let day = self.timestamp(text)?.to_zoned(self.0.clone()).start_of_day();
        day.map(|day| day.timestamp().as_microsecond()).map_err(|error| error.to_string())
    }

    fn shift(&self, moment: i64, days: i64) -> Result<i64, String> {
        let moment = Timestamp::from_microsecond(moment).map_err(|error| error.to_string())?;
        let later = moment.to_zoned(self.0.clone()).checked_add(jiff::Span::new().days(days));
        later.map(|later| later.timestamp().as_microsecond()).map_err(|error| error.to_string())
    }
}

fn runtime() -> Runtime {
    Runtime::new(Arc::new(Jiff(TimeZone::get("Europe/Berlin").unwrap())))
}

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["change_id", "approver", "author"],
        "properties": {
            "change_id": {"type": "string"},
            "approver": {"type": ["string", "null"]},
            "author": {"type": "string"},
            "approved_at": {"type": "string", "format": "date-time"},
            "deployed_at": {"type": "string", "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "other_day": {"type": "string", "format": "date"},
            "emergency": {"type": "boolean"},
            "change_type": {"enum": ["model", "infrastructure"]},
            "count": {"type": "integer"},
            "score": {"type": "number"},
            "anything": {},
            "labels": {"type": "object"},
            "cost-centre": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "reviews": {"type": "array", "items": {
                "type": "object",
                "properties": {
                    "by": {"type": "string"}, "ok": {"type": "boolean"}, "weight": {"type": "number"},
                    "notes": {"type": "array", "items": {"type": "string"}}
                }
            }},
            "token": {"type": "string", "x-sensitive": true},
            "subject": {"type": "object", "properties": {"model": {"type": "string"}}}
        }
    })
}

fn params() -> serde_json::Map<String, Value> {
    let params =
        json!({"days": 2, "limit": 0.5, "strict": true, "team": "ml", "people": ["a", "b"]});
    params.as_object().unwrap().clone()
}

fn scope() -> Scope {
    Scope::new()
        .with(Variable::This, Shape::from_schema(&schema()), "change-record")
        .with(Variable::Document, Shape::Any, "the document")
        .with(Variable::Manifest, Shape::Any, "the manifest")
        .with_params(&params())
        .with_times()
}

fn errors(source: &str) -> Vec<ExpressionError> {
    compile_condition(source, &scope()).err().unwrap_or_default()
}

/// The text at the first mistake, its message and its help.
fn mistake(source: &str) -> (String, String, String) {
    let error = errors(source).into_iter().next().unwrap_or_else(|| panic!("compiles: {source}"));
    let place = source[error.start..error.end].to_owned();
    (place, error.message, error.help.unwrap_or_default())
}

fn judge<T>(source: &str, record: &str, see: impl FnOnce(Outcome<'_>, &str) -> T) -> T {
    let expression = compile_condition(source, &scope())
        .unwrap_or_else(|errors| panic!("{source}: {errors:#?}"));
    let (runtime, document) = (runtime(), document(record));
    let params = Params::new(&params(), &scope()).unwrap();
    let mut bindings = Bindings::new(&runtime, &params);
    bindings.this = Some(document.root());
    bindings.document = Some(document.root());
    bindings.window = Some((1_767_222_000_000_000, 1_798_757_999_999_999));
    bindings.as_of = Some(1_780_000_000_000_000);
    see(expression.evaluate(&bindings), source)
}

/// `true`, `false`, or the error's message.
fn verdict(source: &str, record: &str) -> String {
    judge(source, record, |outcome, _| match outcome {
        Outcome::True => "true".to_owned(),
        Outcome::False { .. } => "false".to_owned(),
        Outcome::Error { message, .. } => message,
    })
}

const RECORD: &str = r#"{"change_id": "CHG-1", "approver": "ann", "author": "bob",
 "approved_at": "2026-03-01T12:00:00+01:00", "deployed_at": "2026-03-01T11:30:00Z",
 "day": "2026-03-02", "other_day": "2026-03-03", "emergency": false, "change_type": "model",
 "count": 3, "score": 3, "anything": 4, "cost-centre": "x1", "tags": ["a", "b", "a"],
 "labels": {"env": "prod"}, "token": "s3cret", "subject": {"model": "m-1"},
 "reviews": [{"by": "ann", "ok": true, "weight": 1, "notes": ["n"]},
  {"by": "cy", "ok": false, "weight": 0.5, "notes": []}]}"#;

#[test]
fn conditions_that_hold() {
    for source in [
        "this.approver != this.author",
        "time(this.approved_at) <= time(this.deployed_at) + days(this.emergency ? params.days : 0)",
        "time(this.deployed_at) - time(this.approved_at) == hours(1) / 2",
        "time(this.approved_at) >= window.start && time(this.approved_at) <= window.end",
        "as_of > time(this.deployed_at)",
        "date(this.approved_at) == time('2026-03-01')",
        "date(this.day) == time(this.day)",
        "date('2026-03-01T23:30:00Z') == time('2026-03-02')",
        "time('2026-03-01T12:00:00') == time('2026-03-01T12:00:00+01:00')",
        "days(1) == hours(24) && days(2) > hours(47) && -days(1) < days(0)",
        // Days added to a time are those of the calendar: in spring one has 23 hours.
        "date('2026-10-01') + days(30) == date('2026-10-31')",
        "date('2025-12-31') <= date('2025-09-30') + days(92)",
        "date('2026-03-29') + days(1) == date('2026-03-30')",
        "days(1) + date('2026-03-29') == date('2026-03-30') - days(0)",
        "date('2026-03-30') - days(1) == date('2026-03-29')",
        "date('2026-03-30') - date('2026-03-29') == hours(23)",
        "date('2026-03-29') + (this.emergency ? days(9) : days(this.count)) == date('2026-04-01')",
        "date('2026-03-29') + (this.emergency ? hours(9) : days(1)) == date('2026-03-30')",
        "date('2026-03-29') + (this.emergency ? days(9) : hours(24)) == time('2026-03-30T01:00:00')",
        "date('2026-03-29') + (days(1) + hours(2)) == time('2026-03-30T02:00:00')",
        "date('2026-03-29') + (hours(2) - days(-1)) == time('2026-03-30T02:00:00')",
        "date('2026-03-29') - (hours(2) - 2 * days(1)) == time('2026-03-30T22:00:00')",
        "date('2026-03-29') - -days(1) == date('2026-03-30')",
        "date('2026-03-28') + days(1) * 2 + days(1) == date('2026-03-31')",
        "date('2026-03-29') + days(2) / 2 == time('2026-03-30T01:00:00')",
        "this.reviews.all(r, date('2026-03-29') + days(this.count) == date('2026-04-01'))",
        "this.day < this.other_day && this.day != this.other_day",
        "this.count + 1 == 4 && this.count % 2 == 1 && this.count / 2 == 1 && this.count * 2 - 1 == 5",
        "this.score + 1.0 == 4.0 && this.score == 3 && this.count == 3.0 && this.score > params.limit",
        "this.anything == 4 && this.anything < 4.5 && this.anything > 3",
        "this.change_type == 'model' && this.change_type in ['model', 'infrastructure']",
        "this['cost-centre'] == 'x1' && has(this.count) && !has(this.labels.missing)",
        "this.labels.env == 'prod' && 'env' in this.labels && this.labels['env'] == 'prod'",
        "size(this.tags) == 3 && this.tags.size() == 3 && size(distinct(this.tags)) == 2",
        "distinct(this.tags) == ['a', 'b'] && this.tags[0] == 'a' && 'b' in this.tags",
        "this.tags.all(t, t in params.people) && this.tags.exists(t, t == 'b')",
        "this.tags.exists_one(t, t == 'b') && this.tags.filter(t, t == 'a').size() == 2",
        "this.reviews.map(r, r.by) == ['ann', 'cy'] && this.reviews.all(r, has(r.by))",
        "this.reviews.exists(r, r.ok && r.by == this.approver && r.weight + 1.0 == 2.0)",
        "this.reviews.all(r, r.notes.all(n, n.startsWith('n')))",
        "this.reviews.filter(r, r.ok).map(r, r.by)[0] == 'ann'",
        "this.change_id.startsWith('CHG') && this.change_id.endsWith('1') && this.change_id.contains('G-')",
        "this.change_id.matches('^CHG-[0-9]+$') && matches(this.change_id, 'C') && !this.change_id.matches('^x')",
        "lower(this.change_id) == 'chg-1' && string(this.count) == '3' && int('3') == this.count",
        "double(this.count) == 3.0 && int(this.score) == 3 && string(true) == 'true'",
        "params.strict && params.team == 'ml' && params.limit < 1.0 && size(params.people) == 2",
        "document.count == document.score && document.count != 3.5 && document.tags == this.tags",
        "document.change_id == this.change_id && document.reviews.exists(r, r.ok)",
        "this.subject.model.startsWith('m-') || this.count > 100",
        "this.approver != null && !(this.approver == null)",
    ] {
        assert_eq!(verdict(source, RECORD), "true", "{source}");
    }
}

#[test]
fn mistakes_are_found_when_rules_load() {
    let mut wrong = String::new();
    for (source, place, message, help) in [
        (
            "this.aproved_at == 'x'",
            "aproved_at",
            "`aproved_at` is not a field of change-record",
            "did you mean `approved_at`?",
        ),
        (
            "has(this.aprover)",
            "aprover",
            "`aprover` is not a field of change-record",
            "did you mean `approver`?",
        ),
        ("thiss.count > 1", "thiss", "there is no variable `thiss`", "did you mean `this`?"),
        (
            "count > 1",
            "count",
            "there is no variable `count`",
            "write `this.count` for the field of the record",
        ),
        (
            "parent.x == 1",
            "parent",
            "there is no variable `parent` here",
            "there are: this, document, manifest, params, window, as_of",
        ),
        (
            "this.count > params.day",
            "day",
            "`day` is not a field of the parameters",
            "did you mean `days`?",
        ),
        (
            "window.begin < as_of",
            "begin",
            "`begin` is not a field of the window",
            "its fields are: end, start",
        ),
        (
            "tiem(this.day) < as_of",
            "tiem(this.day)",
            "there is no function `tiem`",
            "did you mean `time`?",
        ),
        (
            "this.author.startswith('x')",
            "this.author.startswith('x')",
            "there is no method `startswith`",
            "did you mean `startsWith`?",
        ),
        ("time(this.count) < as_of", "this.count", "`time` takes a string, not a whole number", ""),
        (
            "time(this.day, 'x') < as_of",
            "time(this.day, 'x')",
            "`time` takes 1 argument, not 2",
            "for example `time(this.approved_at)`",
        ),
        (
            "this.author.contains()",
            "this.author.contains()",
            "`contains` takes 1 argument, not 0",
            "for example `this.title.contains('model')`",
        ),
        (
            "this.author == 3",
            "this.author == 3",
            "`==` cannot compare a string and a whole number",
            "convert one side with `int(…)` or `string(…)`",
        ),
        (
            "this.author < this.count",
            "this.author < this.count",
            "`<` cannot compare a string and a whole number",
            "convert one side with `int(…)` or `string(…)`",
        ),
        (
            "time(this.day) + time(this.day) > as_of",
            "time(this.day) + time(this.day)",
            "`+` cannot take a time and a time",
            "two times have a difference, no sum",
        ),
        (
            "time(this.day) + 2 > as_of",
            "time(this.day) + 2",
            "`+` cannot take a time and a whole number",
            "say what the number counts: `days(…)` or `hours(…)`",
        ),
        (
            "time(this.day) + this.anything > as_of",
            "time(this.day) + this.anything",
            "`+` cannot take a time and any value",
            "read the text as a time with `time(…)`",
        ),
        (
            "time(this.day) < this.deployed_at",
            "time(this.day) < this.deployed_at",
            "`<` cannot compare a time and a string",
            "read the text as a time with `time(…)`",
        ),
        (
            "this.anything == as_of",
            "this.anything == as_of",
            "`==` cannot compare any value and a time",
            "read the text as a time with `time(…)`",
        ),
        (
            "this.score + 1 > 2.0",
            "this.score + 1",
            "`+` cannot take a number and a whole number",
            "write the number with a fraction, as in `1.0`, or convert it with `double(…)`",
        ),
        ("this.author && true", "this.author", "`&&` takes true or false, not a string", ""),
        ("!this.count", "this.count", "`!` takes true or false, not a whole number", ""),
        (
            "this.count ? true : false",
            "this.count",
            "`? :` takes true or false, not a whole number",
            "",
        ),
        (
            "this.count + 1",
            "this.count + 1",
            "a condition is true or false; this is a whole number",
            "compare it with what it should be",
        ),
        (
            "this.approved_at <= this.deployed_at",
            "this.approved_at <= this.deployed_at",
            "`<=` would compare the texts of times, not the times",
            "compare times: `time(…)` around each side, or `date(…)` for whole days",
        ),
        (
            "this.approved_at == this.deployed_at",
            "this.approved_at == this.deployed_at",
            "`==` would compare the texts of times, not the times",
            "compare times: `time(…)` around each side, or `date(…)` for whole days",
        ),
        (
            "this.day < this.deployed_at",
            "this.day < this.deployed_at",
            "`<` would compare the texts of times, not the times",
            "compare times: `time(…)` around each side, or `date(…)` for whole days",
        ),
        (
            "this.deployed_at > '2026-01-01'",
            "this.deployed_at > '2026-01-01'",
            "`>` would compare the texts of times, not the times",
            "compare times: `time(…)` around each side, or `date(…)` for whole days",
        ),
        (
            "this.change_type == 'modle'",
            "'modle'",
            "the schema does not allow the value `modle`",
            "did you mean `model`?",
        ),
        (
            "this.change_type in ['model', 'data']",
            "'data'",
            "the schema does not allow the value `data`",
            "the schema allows: infrastructure, model",
        ),
        (
            "this.tags.all(t, t == 3)",
            "t == 3",
            "`==` cannot compare a string and a whole number",
            "convert one side with `int(…)` or `string(…)`",
        ),
        ("this.tags.all(t, t)", "t", "`&&` takes true or false, not a string", ""),
        (
            "this.reviews.exists(r, r.okay)",
            "okay",
            "`okay` is not a field of `r`",
            "its fields are: by, notes, ok, weight",
        ),
        (
            "this.reviews.by == 'x'",
            "by",
            "`this.reviews` is a list and has no field `by`",
            "loop over it with `.all(item, …)` or `.exists(item, …)`",
        ),
        (
            "this.author.name == 'x'",
            "name",
            "`this.author` is a string and has no field `name`",
            "",
        ),
        (
            "this.author.all(c, true)",
            "this.author",
            "a loop runs over a list, not over a string",
            "",
        ),
        (
            "this.tags.all(this, true)",
            "this.tags.all(this, true)",
            "`this` already means something else here",
            "choose another name for the element",
        ),
        (
            "this.tags.all(t)",
            "this.tags.all(t)",
            "`all` is not written like this",
            "for example `this.items.all(item, item.size > 0)`",
        ),
        (
            "this.author.matches(this.author)",
            "this.author",
            "the pattern of `matches` must be written out",
            "a regular expression in quotes",
        ),
        (
            "this.author.matches('(')",
            "'('",
            "the pattern is no regular expression: unclosed group",
            "",
        ),
        (
            "this.author.matches('(?=x)')",
            "'(?=x)'",
            "the pattern is no regular expression: look-around, including look-ahead and look-behind, is not supported",
            "",
        ),
        (
            "this.author in 'text'",
            "this.author in 'text'",
            "`in` looks into a list, not into a string",
            "for a part of a text write `text.contains(part)`",
        ),
        (
            "3 in this.tags",
            "3 in this.tags",
            "`==` cannot compare a whole number and a string",
            "convert one side with `int(…)` or `string(…)`",
        ),
        (
            "this.tags['x'] == 'a'",
            "x",
            "`this.tags` is a list and has no field `x`",
            "loop over it with `.all(item, …)` or `.exists(item, …)`",
        ),
        (
            "this.tags[true] == 'a'",
            "this.tags[true]",
            "a list is indexed by a whole number, not by true or false",
            "",
        ),
        (
            "this.count == 1u",
            "1u",
            "there are no unsigned numbers here",
            "write the number without the `u`",
        ),
        (
            "{'a': 1}.a == 1",
            "{'a': 1}",
            "conditions build no objects",
            "read fields with `this.field`",
        ),
        ("int(as_of) > 3", "as_of", "`int` takes a number or a string, not a time", ""),
        (
            "this.subject == this.subject",
            "this.subject == this.subject",
            "`==` cannot compare an object and an object",
            "",
        ),
        (
            "type(this.count) == int",
            "type(this.count)",
            "there is no function `type`",
            "there are: all, contains, date, days, distinct, double, endsWith, exists, exists_one, filter, has, hours, int, lower, map, matches, size, startsWith, string, time",
        ),
    ] {
        let found = mistake(source);
        let expected = (place.to_owned(), message.to_owned(), help.to_owned());
        if found != expected {
            wrong.push_str(&format!("{source}\n  {found:?}\n  {expected:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_mistake_of_an_expression_is_told() {
    let found = errors("this.aprover == 'x' && params.dayz > 1 && this.count == 'x'");
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn a_failing_condition_points_at_the_failing_part_and_its_evidence() {
    let source = "this.count == 3 && (this.emergency == false && this.author == this.approver)";
    judge(source, RECORD, |outcome, source| {
        let Outcome::False { culprit } = outcome else { panic!("{outcome:?}") };
        let expression = compile_condition(source, &scope()).unwrap();
        assert_eq!(&source[expression.place(&culprit)], "this.author == this.approver");
        let seen: Vec<(&str, &str)> = culprit
            .readings
            .iter()
            .map(|reading| (reading.path.as_str(), reading.node.unwrap().span().slice(RECORD)))
            .collect();
        assert_eq!(seen, [("this.author", "\"bob\""), ("this.approver", "\"ann\"")]);
    });
}

#[test]
fn what_failed_within_a_value_is_pointed_at() {
    const TEXT: &str = r#"{"change_id": "CHG-1", "approver": "ann TODO", "author": "bob
TODO: more", "tags": ["a", "bad", "worse"], "count": 3}"#;
    for (source, expected) in [
        ("this.tags.all(t, !t.startsWith('bad'))", "\"bad\""),
        ("!this.tags.exists(t, t.contains('or'))", "\"worse\""),
        ("this.count == 4 || this.tags.all(t, t.size() < 5)", "\"worse\""),
        ("!has(this.author) || !this.author.matches('TODO')", "TODO"),
        ("!this.approver.matches('TODO')", "\"ann TODO\""),
        ("this.count == 3 ? this.tags.all(t, t != 'a') : true", "\"a\""),
        // Where none is the one that decides, all of them are.
        ("this.tags.exists(t, t == 'x')", "[\"a\", \"bad\", \"worse\"]"),
        ("this.author.matches('^CHG')", "\"bob\nTODO: more\""),
    ] {
        judge(source, TEXT, |outcome, _| {
            let Outcome::False { culprit } = outcome else { panic!("{source}: {outcome:?}") };
            let span = culprit.readings[0].span.unwrap();
            assert_eq!(span.slice(TEXT), expected, "{source}");
        });
    }
}

#[test]
fn a_pattern_that_is_too_large_is_told_when_rules_load() {
    for pattern in ["(a{1000}){1000}", &r"\\w".repeat(600)] {
        let told = mistake(&format!("this.author.matches('{pattern}')"));
        assert!(told.1.contains("takes more memory than is allowed"), "{told:?}");
    }
}

#[test]
fn absence_and_null_are_errors_and_a_false_part_decides_before_them() {
    let bare = r#"{"change_id": "CHG-1", "approver": null, "author": "bob", "subject": null}"#;
    for (source, expected) in [
        ("this.count == 1", "`count` is absent"),
        ("this.count != 1", "`count` is absent"),
        ("!(this.count == 1)", "`count` is absent"),
        ("this.change_type in ['model']", "`change_type` is absent"),
        ("has(this.count) && this.count == 1", "false"),
        ("!has(this.count) || this.count == 1", "true"),
        ("this.count == 1 || this.author == 'bob'", "true"),
        ("this.count == 1 || this.author == 'ann'", "`count` is absent"),
        ("this.count == 1 && this.author == 'ann'", "false"),
        ("this.author == 'ann' && this.count == 1", "false"),
        ("this.count == 1 && this.author == 'bob'", "`count` is absent"),
        ("this.subject.model == 'x'", "`model` is absent: what should hold it is null"),
        ("has(this.subject.model)", "false"),
        ("this.approver != this.author", "`approver` is null"),
        ("this.author != this.approver", "`approver` is null"),
        ("!(this.approver in params.people)", "`approver` is null"),
        ("this.approver in [null, 'ann']", "true"),
        ("this.approver == null", "true"),
        ("has(this.approver)", "true"),
        ("this.reviews.all(r, r.ok)", "`reviews` is absent"),
        ("manifest.source == 'x'", "there is no `manifest` for this record"),
        ("document.anything.nested == 1", "`anything` is absent"),
    ] {
        assert_eq!(verdict(source, bare), expected, "{source}");
    }
}

#[test]
fn what_the_schema_promises_and_the_record_breaks_is_an_error() {
    let odd = r#"{"count": "x", "score": 1e400, "anything": {"a": 1}, "approved_at": "soon",
        "deployed_at": "2026-01-01", "tags": [1, null], "emergency": "yes", "labels": {"n": 99999999999999999999},
        "reviews": [{"by": "ann"}, {"ok": true}], "day": 5, "author": null}"#;
    let mut wrong = String::new();
    for (source, expected) in [
        ("this.count + 1 == 2", "`+` cannot take a string and a whole number"),
        ("this.count < 2", "`<` cannot take a string and a whole number"),
        ("this.score > 1.0", "`this.score` is a number beyond 64 bits"),
        ("this.labels.n > 1", "`this.labels.n` is a number beyond 64 bits"),
        ("time(this.approved_at) < as_of", "`soon` is no time"),
        ("time(this.day) < as_of", "`time` takes a string, not a whole number"),
        ("this.emergency", "a condition is true or false; this is a string"),
        ("this.emergency && this.count == 3", "false"),
        ("this.tags.all(t, t == 'a')", "false"),
        ("this.tags[7] == 'a'", "the list has no element at this index"),
        ("this.reviews.all(r, r.ok)", "`ok` is absent"),
        ("this.anything == document.anything", "an object cannot be compared; compare its fields"),
        (
            "size(distinct(document.reviews)) == 2",
            "`distinct` compares strings and numbers, no lists or objects",
        ),
        ("days(this.anything) > days(1)", "`days` takes a whole number, not an object"),
        ("days(9223372036854775807) > days(1)", "the duration is longer than time itself"),
        ("9223372036854775807 + document.reviews.size() > 1", "the number grows beyond 64 bits"),
        ("1 / (document.reviews.size() - 2) == 1", "the divisor is zero"),
        ("this.author.startsWith('x')", "`startsWith` cannot take null and a string"),
    ] {
        let found = verdict(source, odd);
        if !found.contains(expected) {
            wrong.push_str(&format!("{source}\n  {found}\n  {expected}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn two_spellings_of_one_person_are_neither_equal_nor_different() {
    let record = |author: &str, tag: &str| {
        format!(
            r#"{{"change_id": "CHG-1", "approver": "p-012", "author": "{author}", "anything": "{author}",
            "tags": ["{tag}", "p-013"], "reviews": [{{"by": "{author}", "notes": ["{tag}"]}}]}}"#
        )
    };
    let alike = "the two texts differ only in how they are spelled";
    let wrong = std::cell::RefCell::new(String::new());
    let expect = |source: &str, record: &str, expected: &str| {
        let told = verdict(source, record);
        if told != expected {
            wrong.borrow_mut().push_str(&format!("{source}: {told}, not {expected}\n"));
        }
    };
    for source in [
        "this.approver != this.author",
        "!(this.approver == this.author)",
        "!(this.author == this.approver)",
        "!(this.approver == this.anything)",
        "!(this.approver == lower(this.author) + ' ')",
        "!(this.approver in this.tags)",
        "!(this.anything in ['x', this.approver])",
        "this.reviews.all(r, !(this.approver in r.notes))",
        "this.reviews.all(r, !(r.by in this.tags))",
        "!(this.approver in this.reviews.map(r, r.by))",
        "this.tags.all(t, t != this.approver)",
        "size(distinct(this.reviews.map(r, r.by) + this.tags + [this.approver])) >= 2",
    ] {
        expect(source, &record("P-012", "p\u{2011}012"), alike);
    }
    for source in [
        "!(this.author == 'p-012')",
        "!(this.author in ['p-012', 'p-013'])",
        "this.tags.all(t, !(t in params.people))",
        "params.people.all(p, !(p in this.tags))",
        "params.people.all(p, !(p == this.approver))",
        "this.tags.exists(t, t == this.approver) || this.author == 'P-012'",
        "size(distinct(this.tags)) == 2",
    ] {
        expect(source, &record("P-012", "A"), "true");
    }
    expect("this.approver in this.tags", &record("p-1", "p-012"), "true");
    expect("this.author == this.approver", &record("p-012", "x"), "true");
    expect(
        "!(this.approver in this.tags) && !(this.approver == this.author)",
        &record("p-1", "x"),
        "true",
    );
    assert!(wrong.borrow().is_empty(), "{}", wrong.borrow());
}

#[test]
fn work_without_end_is_refused_and_never_true() {
    let names = |mark: &str, many: usize| {
        let names: Vec<String> = (0..many).map(|at| format!("\"{mark}{at}\"")).collect();
        names.join(",")
    };
    let record = |many: usize| {
        let (tags, notes) = (names("a-", many), names("b-", many));
        format!(
            r#"{{"count": 3, "tags": [{tags}], "reviews": [{{"by": "x", "notes": [{notes}]}}]}}"#
        )
    };
    let refused = "the expression takes more steps than are allowed";
    let long = record(9_999);
    for source in [
        "this.tags.all(t, this.reviews.all(r, !(t in r.notes)))",
        "this.reviews.all(r, this.tags.all(t, !(t in r.notes)))",
        "this.tags.all(t, !(t in this.tags.map(u, u + 'x')))",
        "this.tags.all(t, !(t in this.reviews[0].notes))",
        "!this.tags.exists(t, size(distinct(this.tags)) == 0)",
        "this.count == 4 || this.tags.all(t, this.tags.all(u, size(u) < 9))",
        "this.count == 4 || this.tags.all(t, this.tags.all(u, int(string(size(u))) < 9))",
    ] {
        let start = std::time::Instant::now();
        assert_eq!(verdict(source, &long), refused, "{source}");
        assert!(start.elapsed().as_secs() < 20, "{source}: {:?}", start.elapsed());
    }
    for source in [
        "this.tags.all(t, this.reviews.all(r, !(t in r.notes)))",
        "this.tags.all(t, int(string(size(this.reviews[0].notes))) == 500)",
    ] {
        assert_eq!(verdict(source, &record(500)), "true", "{source}");
    }
    assert_eq!(verdict("this.tags.all(t, t != 'b-1')", &long), "true");
    for source in [
        "this.tags.all(t, this.tags.all(u, t == u || t == 'x'))",
        // Nothing looks for what decided in the part that was not needed.
        "!(this.count == 3 || this.tags.all(t, this.reviews.all(r, !(t in r.notes))))",
    ] {
        let start = std::time::Instant::now();
        assert_eq!(verdict(source, &long), "false", "{source}");
        assert!(start.elapsed().as_secs() < 20, "{source}: {:?}", start.elapsed());
    }
}

#[test]
fn a_list_that_is_too_long_is_not_compared() {
    let tags = vec!["\"a\""; 10_001].join(",");
    let record = format!(r#"{{"anything": [{tags}]}}"#);
    for source in ["this.anything == null", "this.anything != null", "this.anything in [null, 1]"] {
        let told = verdict(source, &record);
        assert_eq!(told, "`this.anything` has more than 10000 elements", "{source}");
    }
}

#[test]
fn errors_keep_secrets_and_stay_on_one_line() {
    let hostile = "{\"token\": \"s3cret\", \"author\": \"a\u{1b}\n\u{202e}\"}";
    for source in [
        "time(this.token) < as_of",
        "int(this.token) == 1",
        "this.token.size() + int(this.token) == 2",
    ] {
        let found = verdict(source, hostile);
        assert!(found.contains("`token`") && !found.contains("s3cret"), "{source}: {found}");
    }
    let found = verdict("time(this.author) < as_of", hostile);
    assert_eq!(found, "`a\\u{1b}\\n\\u{202e}` is no time");
}

#[test]
fn a_value_has_a_shape_and_computes() {
    let (runtime, params, document) = (runtime(), Params::default(), document(RECORD));
    let mut bindings = Bindings::new(&runtime, &params);
    bindings.this = Some(document.root());
    let compute = |source: &str| {
        let expression = compile_value(source, &scope()).unwrap();
        let value = expression.compute(&bindings).map_err(|(message, _)| message);
        (expression.shape().to_string(), value)
    };
    let text = |text: &str| Computed::String(text.to_owned());
    assert_eq!(compute("this.count * 2"), ("a whole number".into(), Ok(Computed::Int(6))));
    assert_eq!(compute("this.score"), ("a number".into(), Ok(Computed::Double(3.0))));
    assert_eq!(compute("days(1)"), ("a duration".into(), Ok(Computed::Int(86_400_000_000))));
    assert_eq!(
        compute("this.reviews.filter(r, r.ok).map(r, r.by)"),
        ("a list".into(), Ok(Computed::List(vec![text("ann")])))
    );
    assert_eq!(compute("this.emergency && this.count == 1").1, Ok(Computed::Bool(false)));
    assert_eq!(compute("params.days").1, Err("the parameter `days` has no value".into()));
    assert_eq!(compute("this.subject").1, Err("an object is no value of its own".into()));
}

#[test]
fn an_expression_names_the_fields_it_reads() {
    let source =
        "this.reviews.all(r, r.by != this.author) && has(document.x.y) && size(manifest) > 0";
    let expression = compile_condition(source, &scope()).unwrap();
    let fields = expression.fields();
    assert_eq!(fields[&Variable::This].iter().copied().collect::<Vec<_>>(), ["author", "reviews"]);
    assert!(fields[&Variable::Document].contains("x"));
    assert!(expression.reads_whole(Variable::Manifest) && !expression.reads_whole(Variable::This));
}

#[test]
fn parameters_keep_the_types_rules_were_compiled_for() {
    let with = |name: &str, value: Value| {
        let mut values = params();
        values.insert(name.to_owned(), value);
        Params::new(&values, &scope()).map(drop)
    };
    assert_eq!(with("days", json!(7)), Ok(()));
    assert_eq!(with("limit", json!(1)), Ok(()));
    assert_eq!(with("people", json!([])), Ok(()));
    let error = |text: &str| Err(vec![text.to_owned()]);
    assert_eq!(
        with("days", json!(2.5)),
        error("the parameter `days` must be a whole number, not 2.5")
    );
    assert_eq!(with("people", json!([1])), error("the parameter `people` must be a list, not [1]"));
    assert_eq!(with("dayz", json!(1)), error("there is no parameter `dayz`"));
    assert_eq!(Params::new(&serde_json::Map::new(), &scope()).unwrap_err().len(), 5);
}

fn render(template: &str, record: &str) -> String {
    let (runtime, document) = (runtime(), document(record));
    let params = Params::new(&params(), &scope()).unwrap();
    let mut bindings = Bindings::new(&runtime, &params);
    bindings.this = Some(document.root());
    bindings.document = Some(document.root());
    compile_template(template, &scope()).unwrap().render(&bindings)
}

#[test]
fn messages_show_values_on_one_line_and_no_secrets() {
    for (template, expected) in [
        ("{change_id} was approved by its author", "CHG-1 was approved by its author"),
        ("{this.count} of {params.days} {params.people}: {tags}", "3 of 2 a, b: a, b, a"),
        ("{{{author}}} {token}", "{bob} ‹redacted›"),
        ("{document.labels.none} {reviews} {approver}", "‹absent› ‹object›, ‹object› ann"),
        ("", ""),
    ] {
        assert_eq!(render(template, RECORD), expected);
    }
    let hostile = format!("{{\"change_id\": \"a\u{1b}[31m\n\u{202e}{}\"}}", "é".repeat(100));
    let shown = render("{change_id}!", &hostile);
    assert!(shown.starts_with("a\\u{1b}[31m\\n\\u{202e}é"), "{shown}");
    assert!(shown.ends_with("…!") && !shown.contains(['\u{1b}', '\n', '\u{202e}']), "{shown}");
    let shown = render("{change_id}", "{\"change_id\": \"a\u{3164}\u{34f}\u{e0fff}\"}");
    assert_eq!(shown, "a\\u{3164}\\u{34f}\\u{e0fff}");
}

#[test]
fn messages_are_checked_when_rules_load() {
    let errors = |template: &str| -> Vec<(String, String)> {
        let errors = compile_template(template, &scope()).unwrap_err();
        errors
            .into_iter()
            .map(|error| (template[error.start..error.end].to_owned(), error.message))
            .collect()
    };
    let found = errors("{chnge_id} by {params.who} } {subject} {");
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["chnge_id", "who", "}", "subject", "{"]);
    assert_eq!(found[0].1, "`chnge_id` is not a field of change-record");
    assert_eq!(errors("{as_of}")[0].1, "a message shows no times of the run");
    assert_eq!(errors("{}")[0].1, "`` is no path");
}

#[test]
fn expressions_are_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
    shared::<Runtime>();
    shared::<Params>();
    shared::<Template>();
    shared::<Bindings<'_>>();
}

#[test]
fn the_deepest_expression_runs_on_a_small_stack() {
    let source = format!("{}this.emergency{}", "(!".repeat(30), ")".repeat(30));
    let nested = "this.count > 0 ? true : ".repeat(25) + "false";
    let run = move || [source, nested].map(|source| verdict(&source, RECORD));
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap();
    assert_eq!(thread.join().unwrap(), ["false", "true"]);
}

/// A condition over `this.a`, `this.b` (whole numbers), `this.s`, `this.t` (strings) and
/// `this.list`, so that the interpreter alone can be asked too.
fn condition() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("this.a".to_owned()),
        Just("this.b".to_owned()),
        (-3..4i64).prop_map(|n| format!("({n})"))
    ];
    let sum = (
        number.clone(),
        prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")],
        number.clone(),
    )
        .prop_map(|(left, operator, right)| format!("({left} {operator} {right})"));
    let number = prop_oneof![number, sum];
    let text = prop_oneof![Just("this.s"), Just("this.t"), Just("'x'")].prop_map(str::to_owned);
    let compare = prop_oneof![Just("=="), Just("!="), Just("<"), Just(">=")];
    let leaf = prop_oneof![
        (number.clone(), compare.clone(), number.clone())
            .prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (text.clone(), compare, text.clone()).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (text.clone(), text.clone()).prop_map(|(a, b)| format!("{a}.contains({b})")),
        number.clone().prop_map(|n| format!("{n} in this.list")),
        number.clone().prop_map(|n| format!("this.list.exists(e, e > {n})")),
        Just("this.list.all(e, e % 2 == this.a)".to_owned()),
        number.clone().prop_map(|n| format!("this.list.exists_one(e, e == {n})")),
        number.clone().prop_map(|n| format!("size(this.list.filter(e, e / {n} > 0)) > 1")),
        number.clone().prop_map(|n| format!("{n} in this.list.map(e, e * {n})")),
        number.clone().prop_map(|n| format!("this.list.all(e, [1, {n}].exists(f, f >= e))")),
        number.clone().prop_map(|n| format!("string({n}) + this.s == this.t + '1'")),
        number.clone().prop_map(|n| format!("double({n}) / 2.0 < {n}")),
        number.clone().prop_map(|n| format!("this.list[1] > int({n})")),
        number.clone().prop_map(|n| format!("this.list.filter(e, e < 2)[0] == {n}")),
        number.clone().prop_map(|n| format!("double('1.5') < double({n}) || this.any['x'] == {n}")),
        text.clone()
            .prop_map(|t| format!("'x' in this.any || {t} in this.any || double({t}) > 0.5")),
        text.clone().prop_map(|t| format!("{t}.size() == this.a || {t}.startsWith(this.s)")),
        text.clone().prop_map(|t| format!("{t} in ['x', this.t] && {t}.matches('^x*$')")),
        number.clone().prop_map(|n| format!("{n} < params.limit || {n} in params.limits")),
        number.clone().prop_map(|n| format!("this.rows.exists(row, row.n == {n})")),
        number.clone().prop_map(|n| format!("this.rows.all(row, (row.n > {n} ? -row.n : 1) < 1)")),
        text.clone().prop_map(|t| format!("{t} == params.word || {t} in params.words")),
        text.clone().prop_map(|t| format!("this.rows.exists(row, has(row.t) && row.t == {t})")),
        text.clone().prop_map(|t| format!("(has(this.s) ? {t} : this.t).startsWith('x')")),
        text.prop_map(|t| format!("{t}.endsWith('y') == ({t} == 'x')")),
        Just("has(this.gone)".to_owned()),
        Just("this.gone == 1".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn conditions_mean_what_they_mean_in_cel(
        source in condition(), a in -3..4i64, b in -3..4i64, s in "[xy]{0,2}", t in "[xy]{0,2}",
        list in prop::collection::vec(-3..4i64, 0..4),
    ) {
        let schema = json!({"properties": {"a": {"type": "integer"}, "b": {"type": "integer"},
            "s": {"type": "string"}, "t": {"type": "string"}, "gone": {"type": "integer"},
            "any": {"type": "object", "additionalProperties": {"type": "integer"}},
            "rows": {"type": "array", "items": {"properties": {
                "n": {"type": "integer"}, "t": {"type": "string"}}}},
            "list": {"type": "array", "items": {"type": "integer"}}}});
        let values = json!({"limit": a, "limits": list, "word": s, "words": [t, "y"]});
        let values = values.as_object().unwrap();
        let scope = Scope::new().with(Variable::This, Shape::from_schema(&schema), "record");
        let scope = scope.with_params_of(Shape::object([
            ("limit".into(), Shape::Int), ("limits".into(), Shape::list(Shape::Int)),
            ("word".into(), Shape::TEXT), ("words".into(), Shape::list(Shape::TEXT)),
        ]));
        let expression = compile_condition(&source, &scope)
            .unwrap_or_else(|errors| panic!("{source}: {errors:?}"));
        let record = json!({"a": a, "b": b, "s": s, "t": t, "list": list, "any": {"x": b},
            "rows": [{"n": b, "t": s}, {"n": 1}]});
        let (runtime, document) = (runtime(), document(&record.to_string()));
        let params = Params::new(values, &scope).unwrap();
        let mut bindings = Bindings::new(&runtime, &params);
        bindings.this = Some(document.root());
        let ours = match expression.evaluate(&bindings) {
            Outcome::True => Some(true),
            Outcome::False { .. } => Some(false),
            Outcome::Error { .. } => None,
        };

        let mut this: std::collections::HashMap<String, cel::Value> = std::collections::HashMap::new();
        this.insert("a".into(), a.into());
        this.insert("b".into(), b.into());
        let mut params: std::collections::HashMap<String, cel::Value> = std::collections::HashMap::new();
        params.insert("limit".into(), a.into());
        params.insert("limits".into(), list.clone().into());
        params.insert("word".into(), s.clone().into());
        params.insert("words".into(), vec![t.clone(), "y".into()].into());
        let row = |n: i64, t: Option<&str>| {
            let mut row: std::collections::HashMap<String, cel::Value> = std::collections::HashMap::new();
            row.insert("n".into(), n.into());
            row.extend(t.map(|t| ("t".into(), t.into())));
            cel::Value::from(row)
        };
        this.insert("rows".into(), vec![row(b, Some(&s)), row(1, None)].into());
        this.insert("s".into(), s.into());
        this.insert("t".into(), t.into());
        this.insert("list".into(), list.into());
        this.insert("any".into(), std::collections::HashMap::from([("x", b)]).into());
        let mut context = cel::Context::default();
        context.add_variable_from_value("this", this);
        context.add_variable_from_value("params", params);
        let program = std::thread::Builder::new().stack_size(64 << 20);
        let text = source.clone();
        let program = program.spawn(move || cel::Program::compile(&text).unwrap()).unwrap();
        let theirs = match program.join().unwrap().execute(&context) {
            Ok(cel::Value::Bool(truth)) => Some(truth),
            Ok(other) => panic!("{source}: {other:?}"),
            Err(_) => None,
        };
        prop_assert_eq!(ours, theirs, "{}", source);
    }

    #[test]
    fn times_compare_as_jiff_compares_them(
        one in 0..4_000_000_000i64, two in 0..4_000_000_000i64, days in -400..400i64,
        offset in prop_oneof![Just("Z"), Just("+05:30"), Just("-11:00")],
    ) {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (one, two) = (Timestamp::from_second(one).unwrap(), Timestamp::from_second(two).unwrap());
        let local = one.to_zoned(zone.clone()).datetime();
        // A local time that the clock shows twice names its first moment.
        let one = local.to_zoned(zone).unwrap().timestamp();
        let shift = jiff::Span::new().seconds(match offset { "Z" => 0, "+05:30" => 19_800, _ => -39_600 });
        let written = (two.checked_add(shift).unwrap()).to_string();
        let record = format!(
            "{{\"approved_at\": \"{local}\", \"deployed_at\": \"{}{offset}\", \"count\": {days}}}",
            written.trim_end_matches('Z'),
        );
        let later = two.to_zoned(TimeZone::get("Europe/Berlin").unwrap());
        let later = later.checked_add(jiff::Span::new().days(days)).unwrap().timestamp();
        let expected = (one <= later).to_string();
        let source = "time(this.approved_at) <= time(this.deployed_at) + days(this.count)";
        prop_assert_eq!(verdict(source, &record), expected);
    }

    #[test]
    fn no_text_makes_the_compiler_panic(source in "[a-z.()\\[\\]{}'\"!&|?:<>=+*/%, \\\\é\u{202e}0-9]{0,60}") {
        for error in errors(&source) {
            prop_assert!(source.get(error.start..error.end).is_some());
        }
        let _ = FieldPath::compile(&source, &scope());
        let _ = compile_template(&source, &scope());
    }

    #[test]
    fn no_jumble_of_words_makes_the_compiler_panic(words in prop::collection::vec(prop_oneof![
        Just("this"), Just("."), Just("count"), Just("("), Just(")"), Just("all"), Just("x"), Just(","),
        Just("&&"), Just("=="), Just("has"), Just("'a'"), Just("["), Just("]"), Just("map"), Just("time"),
        Just("!"), Just("-"), Just("1"), Just("?"), Just(":"), Just("in"), Just("params"), Just("tags"),
        Just("\n"), Just("é"), Just("b'x'"), Just("{"), Just("}"), Just("// "),
    ], 0..24)) {
        let source = words.concat();
        for error in errors(&source) {
            prop_assert!(source.get(error.start..error.end).is_some());
        }
    }
}

/// Keeps the helper honest: places are those of the text.
#[test]
fn the_reader_of_these_tests_has_places() {
    let document = document(RECORD);
    let node: Node<'_> = document.root().get("author").unwrap();
    assert_eq!(node.span().slice(RECORD), "\"bob\"");
}
