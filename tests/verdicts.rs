//! Ways in which broken, missing, early, late or vacuous evidence could pass for good.
//!
//! Every test builds a small repository with rule files of its own, in memory, and asks for one
//! verdict. Each case here once passed, or comes from reading how it could.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use tickmark::catalog::{File, Files, load};
use tickmark::evidence::{Entry, Inventory, Memory};
use tickmark::model::{Code, Severity, Verdict};
use tickmark::report::Report;
use tickmark::verify::{Question, verify};

const ENGAGEMENT: &str = "organisation: Acme AI
window: { start: 2026-01-01, end: 2026-12-31 }
time_zone: UTC
";

const ITEM: &str = r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "tickmark:kind/item", "title": "Item", "description": "One item.",
  "x-tickmark": { "unit": "record", "formats": ["jsonl"],
    "rules": { "not-bad": { "require": "!has(this.bad) || !this.bad", "message": "{id} is bad" } } },
  "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": {
    "id": { "type": "string", "description": "Id.", "examples": ["i-1"] },
    "day": { "type": "string", "format": "date", "description": "Day.", "examples": ["2026-01-02"] },
    "period": { "type": "string", "description": "Period.", "examples": ["2026-01"] },
    "from": { "type": "string", "format": "date", "description": "From.", "examples": ["2026-01-02"] },
    "to": { "type": "string", "format": "date", "description": "To.", "examples": ["2026-01-02"] },
    "system": { "type": "string", "description": "System.", "examples": ["a"] },
    "ref": { "type": "string", "description": "Reference.", "examples": ["i-2"] },
    "bad": { "type": "boolean", "description": "Bad.", "examples": [false] },
    "tree": { "description": "Tree.", "examples": [{}], "anyOf": [
      { "type": "object", "properties": { "a": { "$ref": "#/properties/tree" } } },
      { "type": "object", "properties": { "a": { "$ref": "#/properties/tree" } }, "minProperties": 1 }] },
    "amount": { "type": "number", "description": "Figure.", "examples": [1] },
    "ins": { "type": "array", "description": "Inputs.", "examples": [[]], "items": { "type": "object",
      "additionalProperties": false, "properties": {
        "name": { "type": "string", "description": "Name.", "examples": ["x"] } } } } } }"##;

const PAPER: &str = r#"{ "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "tickmark:kind/paper", "title": "Paper", "description": "A scan.",
  "x-tickmark": { "unit": "document", "formats": ["binary"] },
  "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": {
    "id": { "type": "string", "description": "Id.", "examples": ["i-1"] },
    "day": { "type": "string", "format": "date", "description": "Day.", "examples": ["2026-01-02"] } } }"#;

/// A repository being built.
#[derive(Default)]
struct Repo {
    engagement: String,
    exceptions: Option<String>,
    controls: Vec<(String, String)>,
    /// The kind `item`, where it is another than [`ITEM`].
    item: Option<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Repo {
    /// One control `T-1` whose `evidence` and `checks` are these lines.
    fn new(rest: &str) -> Self {
        Self { engagement: ENGAGEMENT.to_owned(), ..Self::default() }.control("T-1", rest)
    }

    fn control(mut self, id: &str, rest: &str) -> Self {
        let text =
            format!("id: {id}\ntitle: It holds\nitems: [{id}]\nobjective: That it holds.\n{rest}");
        self.controls.push((format!("controls/{}.yaml", id.to_lowercase()), text));
        self
    }

    fn item(mut self, kind: &str) -> Self {
        self.item = Some(kind.to_owned());
        self
    }

    fn engagement(mut self, more: &str) -> Self {
        self.engagement.push_str(more);
        self
    }

    fn exceptions(mut self, text: &str) -> Self {
        self.exceptions = Some(text.to_owned());
        self
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// A file and its manifest, collected on `day`, with these further lines.
    fn sealed(self, path: &str, text: &str, day: &str, more: &str) -> Self {
        let hex: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        let manifest = format!(
            "source: s\nquery: q\ncollected_at: {day}T12:00:00Z\ncollected_by: p-001\nsha256: {hex}\n{more}"
        );
        self.file(path, text).file(&format!("{path}.evidence.yaml"), &manifest)
    }

    fn files(&self) -> Files {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        Files {
            checklists: Vec::new(),
            engagement: Some(file("tickmark.yaml", &self.engagement)),
            exceptions: self.exceptions.as_ref().map(|text| file("exceptions.yaml", text)),
            controls: self.controls.iter().map(|(path, text)| file(path, text)).collect(),
            schemas: vec![
                file("schemas/kinds/item.schema.json", self.item.as_deref().unwrap_or(ITEM)),
                file("schemas/kinds/paper.schema.json", PAPER),
            ],
        }
    }

    fn refused(&self) -> String {
        let problems = load(&self.files()).err().unwrap_or_default();
        problems.iter().map(|one| format!("{} {:?}\n", one.message, one.help)).collect()
    }

    fn asked(&self, as_of: &str, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Report {
        let catalog = load(&self.files()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let entry = |path: &String| Entry { path: path.clone() };
        let inventory = Inventory::new(self.files.keys().map(entry).collect());
        let store = Memory::new(self.files.clone());
        let as_of: Date = as_of.parse().unwrap();
        let question = Question {
            as_of,
            strict: false,
            wanted: &|control| wanted(&control.id),
            progress: &|_, _| {},
        };
        verify(&catalog, &inventory, &store, &question).unwrap()
    }

    fn report(&self, as_of: &str) -> Report {
        self.asked(as_of, &|_| true)
    }

    #[track_caller]
    fn fails(&self, as_of: &str, code: Code) {
        let report = self.report(as_of);
        let told: Vec<_> =
            report.findings.iter().map(|one| (one.code.as_str(), &one.message)).collect();
        assert!(!report.passes(), "passed: {:?} {told:#?}", report.controls[0].verdict);
        assert!(report.findings.iter().any(|one| one.code == code && one.blocks()), "{told:#?}");
    }

    /// The primary place of the first finding of `code`: path and what stands there.
    #[track_caller]
    fn place(&self, as_of: &str, code: Code) -> String {
        let report = self.report(as_of);
        let found = report.findings.iter().find(|one| one.code == code);
        let finding = found.unwrap_or_else(|| panic!("{:#?}", report.findings));
        let Some(label) = finding.evidence.first() else {
            return format!("nothing: {}", finding.message);
        };
        let text = String::from_utf8_lossy(&self.files[&label.place.path]).into_owned();
        format!("{} {}", label.place.path, label.place.span.slice(&text))
    }

    #[track_caller]
    fn verdict(&self, as_of: &str, verdict: Verdict) {
        let report = self.report(as_of);
        let told: Vec<_> =
            report.findings.iter().map(|one| (one.code.as_str(), &one.message)).collect();
        assert_eq!(report.controls[0].verdict, verdict, "{told:#?}");
    }
}

const LATER: &str = "2027-06-01";
const PLAIN: &str = "evidence: { a: { kind: item, path: a/*.jsonl } }\n";
const ANNUAL: &str = "covers: { from: 2026-01-01, to: 2026-12-31 }\n";

fn population(more: &str) -> Repo {
    Repo::new(&format!(
        "evidence: {{ a: {{ kind: item, path: a/*.jsonl, happened: day, population: {{ key: id }}{more} }} }}\n"
    ))
}

#[test]
fn good_evidence_is_met() {
    Repo::new(PLAIN).file("a/1.jsonl", "{\"id\":\"1\"}\n").verdict(LATER, Verdict::Met);
    population(", cadence: annual")
        .sealed(
            "a/1.jsonl",
            "{\"id\":\"1\",\"day\":\"2026-03-01\"}\n",
            "2027-01-02",
            &format!("{ANNUAL}records: 1\n"),
        )
        .verdict(LATER, Verdict::Met);
}

#[test]
fn a_value_that_would_be_judged_for_ever_is_not_evaluable() {
    let tree = |end: &str| {
        let (open, close) = ("{\"a\":".repeat(60), "}".repeat(60));
        Repo::new(PLAIN)
            .file("a/1.jsonl", &format!("{{\"id\":\"1\",\"tree\":{open}{end}{close}}}\n"))
    };
    tree("{}").verdict(LATER, Verdict::Met);
    tree("5").verdict(LATER, Verdict::NotEvaluable);
    tree("5").fails(LATER, Code::ReaderLimit);
}

#[test]
fn due_periods_are_missing_though_the_only_files_are_of_the_future() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl, happened: day, cadence: monthly } }\n";
    Repo::new(rule)
        .sealed("a/1.jsonl", "{\"id\":\"1\",\"day\":\"2026-01-03\"}\n", "2026-12-01", "")
        .fails("2026-07-01", Code::PeriodMissing);
}

#[test]
fn a_file_collected_in_a_mistyped_year_is_not_pending_for_ever() {
    let repo = Repo::new(PLAIN).sealed("a/1.jsonl", "{\"id\":\"1\"}\n", "2062-12-01", "");
    repo.fails(LATER, Code::ArtifactMissing);
    repo.fails("2026-07-01", Code::ArtifactMissing);
}

#[test]
fn a_record_later_than_its_collection_and_as_of_is_told() {
    population("")
        .sealed(
            "a/1.jsonl",
            "{\"id\":\"1\",\"day\":\"2026-03-01\"}\n{\"id\":\"2\",\"day\":\"2062-03-01\"}\n",
            "2027-01-02",
            &format!("{ANNUAL}records: 2\n"),
        )
        .fails(LATER, Code::RecordAfterCollection);
}

#[test]
fn an_infinite_or_undefined_figure_breaks_its_bound() {
    let sum = |value: &str, bound: &str| {
        Repo::new(&format!(
            "{PLAIN}checks: {{ c: {{ sum: {{ evidence: a, value: {value}, {bound} }} }} }}\n"
        ))
        .file("a/1.jsonl", "{\"id\":\"1\",\"amount\":0.5}\n")
    };
    sum("this.amount / (this.amount - this.amount)", "max: 5").fails(LATER, Code::SumOutOfBounds);
    sum("(this.amount - this.amount) / (this.amount - this.amount)", "max: 5")
        .fails(LATER, Code::SumOutOfBounds);
    Repo::new(&format!(
        "{PLAIN}checks: {{ c: {{ each: a, recompute: {{ stated: amount, from: this.amount / (this.amount - this.amount) }} }} }}\n"
    ))
    .file("a/1.jsonl", "{\"id\":\"1\",\"amount\":0.5}\n")
    .fails(LATER, Code::RecomputedDiffers);
}

#[test]
fn a_rate_of_nothing_does_not_reach_its_minimum() {
    Repo::new(&format!("{PLAIN}checks: {{ c: {{ rate: {{ evidence: a, of: this.id == '1', where: this.id == 'x', min: 0.9 }} }} }}\n"))
        .file("a/1.jsonl", "{\"id\":\"1\"}\n")
        .fails(LATER, Code::RateOutOfBounds);
}

#[test]
fn nothing_does_not_tile_the_window() {
    Repo::new(&format!(
        "{PLAIN}checks: {{ c: {{ tile: {{ evidence: a, from: from, to: to, where: this.id == 'x' }} }} }}\n"
    ))
    .file("a/1.jsonl", "{\"id\":\"1\",\"from\":\"2026-01-01\"}\n")
    .fails(LATER, Code::IntervalsNotTiled);
}

#[test]
fn a_span_that_ends_before_it_begins_is_told() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }\n";
    Repo::new(&format!(
        "{rule}checks: {{ c: {{ each: a, tile: {{ evidence: b, at: day, match: {{ id: ref }}, during: {{ from: from, to: to }}, max_gap: 24 hours }} }} }}\n"
    ))
    .file("a/1.jsonl", "{\"id\":\"1\",\"from\":\"2026-09-01\",\"to\":\"2026-02-01\"}\n")
    .file("b/1.jsonl", "{\"id\":\"x\",\"ref\":\"y\",\"day\":\"2026-02-01\"}\n")
    .fails(LATER, Code::ConditionNotEvaluable);
    Repo::new(&format!(
        "{rule}checks: {{ c: {{ each: a, absent_from: b, match: {{ id: ref }}, as_of: {{ at: time(this.day), from: time(this.from), to: time(this.to) }} }} }}\n"
    ))
    .file("a/1.jsonl", "{\"id\":\"1\",\"day\":\"2026-03-01\"}\n")
    .file("b/1.jsonl", "{\"id\":\"x\",\"ref\":\"1\",\"from\":\"2026-09-01\",\"to\":\"2026-02-01\"}\n")
    .fails(LATER, Code::ConditionNotEvaluable);
}

#[test]
fn empty_keys_do_not_match_each_other() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }\n";
    Repo::new(&format!(
        "{rule}checks: {{ c: {{ each: a, exists_in: b, match: {{ ref: ref }} }} }}\n"
    ))
    .file("a/1.jsonl", "{\"id\":\"1\",\"ref\":\"\"}\n")
    .file("b/1.jsonl", "{\"id\":\"2\",\"ref\":\"\"}\n")
    .fails(LATER, Code::CounterpartMissing);
}

#[test]
fn what_must_be_absent_cannot_hide_behind_an_absent_key() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }\n";
    Repo::new(&format!(
        "{rule}checks: {{ c: {{ each: a, absent_from: b, match: {{ id: ref }} }} }}\n"
    ))
    .file("a/1.jsonl", "{\"id\":\"1\"}\n")
    .file("b/1.jsonl", "{\"id\":\"2\"}\n")
    .fails(LATER, Code::ConditionNotEvaluable);
}

#[test]
fn a_lineage_that_goes_in_a_circle_reaches_no_source() {
    let rule = "evidence: { a: { kind: item, path: a/*.jsonl }, e: { kind: item, path: e/*.jsonl }, r: { kind: item, path: r/*.jsonl } }
checks: { c: { each: a, reaches: { edges: e, from: 'ins[].name', to: id, start: id, every_root_in: { evidence: r, key: id } } } }\n";
    let repo = |edges: &str| {
        Repo::new(rule)
            .file("a/1.jsonl", "{\"id\":\"m\"}\n")
            .file("r/1.jsonl", "{\"id\":\"raw\"}\n")
            .file("e/1.jsonl", edges)
    };
    repo("{\"id\":\"m\",\"ins\":[{\"name\":\"raw\"}]}\n").verdict(LATER, Verdict::Met);
    repo("{\"id\":\"m\",\"ins\":[{\"name\":\"x\"}]}\n{\"id\":\"x\",\"ins\":[{\"name\":\"m\"}]}\n")
        .fails(LATER, Code::LineageBroken);
    // An input without a name is an input that nobody knows.
    repo("{\"id\":\"m\",\"ins\":[{\"name\":\"raw\"},{}]}\n").fails(LATER, Code::LineageBroken);
}

#[test]
fn a_population_without_cadence_covers_the_window() {
    population("")
        .sealed(
            "a/1.jsonl",
            "{\"id\":\"1\",\"day\":\"2026-01-05\"}\n",
            "2026-02-02",
            "covers: { from: 2026-01-01, to: 2026-01-31 }\nrecords: 1\n",
        )
        .fails(LATER, Code::CoverageGap);
}

#[test]
fn a_nil_return_is_signed_on_a_day_after_its_period() {
    let repo = |signed: &str| {
        population(", cadence: annual").sealed(
            "a/1.jsonl",
            "",
            "2027-01-02",
            &format!("{ANNUAL}records: 0\nnil_return: {{ statement: none, signed_by: p-002, signed_on: {signed} }}\n"),
        )
    };
    repo("2027-01-03").verdict(LATER, Verdict::NotOperated);
    repo("2026-02-01").fails(LATER, Code::NilReturnMissing);
    repo("2062-02-01").fails(LATER, Code::NilReturnMissing);
    repo("yesterday").fails(LATER, Code::NilReturnMissing);
}

#[test]
fn a_file_cannot_cover_days_after_its_collection() {
    Repo::new("evidence: { a: { kind: item, path: a/*.jsonl, cadence: monthly } }\n")
        .sealed("a/1.jsonl", "{\"id\":\"1\"}\n", "2026-01-05", ANNUAL)
        .fails(LATER, Code::PeriodMissing);
}

#[test]
fn a_long_export_taken_late_is_late_for_each_of_its_periods() {
    population(", cadence: { every: month, within: 14 days }")
        .sealed(
            "a/1.jsonl",
            "{\"id\":\"1\",\"day\":\"2026-03-01\"}\n",
            "2027-01-02",
            &format!("{ANNUAL}records: 1\n"),
        )
        .fails(LATER, Code::EvidenceLate);
}

#[test]
fn a_superseded_export_covers_nothing_and_two_do_not_replace_each_other() {
    let one = "{\"id\":\"1\",\"day\":\"2026-01-05\"}\n";
    population(", cadence: annual")
        .sealed("a/1.jsonl", one, "2027-01-02", &format!("{ANNUAL}records: 1\n"))
        .sealed(
            "a/2.jsonl",
            one,
            "2027-01-03",
            "covers: { from: 2026-01-01, to: 2026-01-31 }\nrecords: 1\nsupersedes: a/1.jsonl\n",
        )
        .fails(LATER, Code::CoverageGap);
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }
checks: { c: { each: a, exists_in: b, match: { id: id } } }\n";
    Repo::new(rule)
        .sealed("a/1.jsonl", "{\"id\":\"1\"}\n", "2026-02-01", "supersedes: a/2.jsonl\n")
        .sealed("a/2.jsonl", "{\"id\":\"2\"}\n", "2026-02-01", "supersedes: a/1.jsonl\n")
        .file("b/1.jsonl", "{\"id\":\"3\"}\n")
        .fails(LATER, Code::CounterpartMissing);
}

#[test]
fn freshness_is_judged_at_the_end_of_the_window() {
    Repo::new("evidence: { a: { kind: item, path: a/*.jsonl, freshness: { of: day, max_age: 12 months } } }\n")
        .file("a/1.jsonl", "{\"id\":\"1\",\"day\":\"2024-01-05\"}\n{\"id\":\"2\",\"day\":\"2027-05-05\"}\n")
        .fails(LATER, Code::ArtifactStale);
}

#[test]
fn silence_of_one_group_is_not_filled_by_another() {
    let days = |system: &str, from: &str, to: &str| {
        format!(
            "{{\"id\":\"{system}\",\"system\":\"{system}\",\"from\":\"{from}\",\"to\":\"{to}\"}}\n"
        )
    };
    let text = days("a", "2026-01-01", "2026-12-31") + &days("b", "2026-01-01", "2026-01-31");
    Repo::new("evidence: { a: { kind: item, path: a/*.jsonl, covers: { from: from, to: to }, per: [system], cadence: { continuous: 24 hours } } }\n")
        .file("a/1.jsonl", &text)
        .fails(LATER, Code::CoverageGap);
}

#[test]
fn a_file_of_a_format_the_kind_does_not_have_is_not_read() {
    Repo::new("evidence: { a: { kind: item, path: a/* } }\n")
        .file("a/1.json", "{\"id\":\"1\"}\n")
        .fails(LATER, Code::UnknownFormat);
}

#[test]
fn a_deviation_after_the_window_is_told_once_nothing_more_is_due() {
    let rule = "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl, happened: day, cadence: annual } }
checks: { c: { each: a, exists_in: b, match: { id: ref }, as_of: { at: time(this.day) } } }\n";
    Repo::new(rule)
        .file("a/1.jsonl", "{\"id\":\"1\",\"day\":\"2062-03-01\"}\n")
        .file("b/1.jsonl", "{\"id\":\"2\",\"ref\":\"z\",\"day\":\"2026-03-01\"}\n")
        .fails(LATER, Code::CounterpartMissing);
}

#[test]
fn what_is_there_before_it_is_due_is_compared() {
    // The export of December is there on 5 January, and is due on the 14th.
    let rule = |day: &str| {
        format!("evidence: {{ a: {{ kind: item, path: a/*.jsonl, happened: day }}, b: {{ kind: item, path: b/*.jsonl, happened: day, population: {{ key: id }}, cadence: {{ every: year, within: 14 days }} }} }}
checks: {{ c: {{ each: a, exists_in: b, match: {{ id: ref }}{day} }} }}\n")
    };
    let export = format!("{ANNUAL}records: 1\n");
    let row = |reference: &str| {
        format!("{{\"id\":\"1\",\"ref\":\"{reference}\",\"day\":\"2026-03-01\"}}\n")
    };
    let repo =
        |rule: &str| Repo::new(rule).file("a/1.jsonl", "{\"id\":\"x\",\"day\":\"2026-12-20\"}\n");
    let as_of = ", as_of: { at: time(this.day) }";
    for rule in [rule(""), rule(as_of)] {
        let there = |reference: &str| {
            repo(&rule).sealed("b/1.jsonl", &row(reference), "2027-01-04", &export)
        };
        there("x").verdict("2027-01-05", Verdict::Met);
        there("y").fails("2027-01-05", Code::CounterpartMissing);
        // While it is not there, it may still come.
        repo(&rule).file("b/README", "").verdict("2027-01-05", Verdict::Met);
    }
}

#[test]
fn a_list_that_is_there_before_it_is_due_lacks_what_it_does_not_hold() {
    let rule = "evidence:
  a: { kind: item, path: a/*.jsonl, happened: day, cadence: quarterly, per: [system] }
  b: { kind: item, path: b/*.jsonl, period: period, happened: day, per: [system], cadence: { every: quarter, within: 30 days } }
checks: { c: { same_set: [{ evidence: a, key: [system, period, id] }, { evidence: b, key: [system, period, id] }] } }\n";
    let row = |id: &str, system: &str, quarter: u8, day: &str| {
        format!(
            "{{\"id\":\"{id}\",\"system\":\"{system}\",\"period\":\"2026-Q{quarter}\",\"day\":\"{day}\"}}\n"
        )
    };
    let repo = |system: &str, reviewed: &str| {
        let days = ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"];
        let list: String =
            days.iter().zip(1..).map(|(day, quarter)| row("1", system, quarter, day)).collect();
        let done = ["2026-04-02", "2026-07-02", "2026-10-02"];
        let reviews: String =
            done.iter().zip(1..).map(|(day, quarter)| row("1", system, quarter, day)).collect();
        let list = list + &row("2", system, 4, days[3]);
        Repo::new(rule).file("a/1.jsonl", &list).file("b/1.jsonl", &(reviews + reviewed))
    };
    let both = row("1", "s", 4, "2027-01-05") + &row("2", "s", 4, "2027-01-05");
    repo("s", &both).verdict("2027-01-10", Verdict::Met);
    repo("s", &row("1", "s", 4, "2027-01-05")).fails("2027-01-10", Code::SetDifference);
    repo("s", "").verdict("2027-01-10", Verdict::Met);
    repo("s", "").fails(LATER, Code::PeriodMissing);
}

#[test]
fn requirements_that_only_demand_each_other_are_refused() {
    let rule = "evidence:
  a: { kind: item, path: a/*.jsonl, demanded_by: two }
  b: { kind: item, path: b/*.jsonl, demanded_by: one }
checks:
  one: { each: a, exists_in: b, match: { id: id } }
  two: { each: b, exists_in: a, match: { id: id } }\n";
    assert!(Repo::new(rule).refused().contains("demand"));
}

#[test]
fn mappings_and_parameters_of_nothing_are_refused() {
    for (more, near) in [
        ("evidence: { T-1.b: { path: x.jsonl } }\n", "T-1.a"),
        ("evidence: { T-2.a: { path: x.jsonl } }\n", "T-1.a"),
        ("parameters: { limt: 3 }\n", "limit"),
        ("parameters: { T-1.limt: 3 }\n", "limit"),
    ] {
        let repo =
            Repo::new(&format!("{PLAIN}params: {{ limit: {{ value: 2 }} }}\n")).engagement(more);
        assert!(repo.refused().contains(near), "{more}: {}", repo.refused());
    }
    let any = "evidence: { a: { any_of: { old: { kind: item, path: x/*.jsonl }, two: { kind: item, path: y/*.jsonl } } } }\n";
    let mapped = "evidence: { T-1.a: { path: z/*.jsonl } }\n";
    assert!(Repo::new(any).engagement(mapped).refused().contains("T-1.a"));
    Repo::new(any)
        .engagement("evidence: { T-1.a.two: { path: z/*.jsonl } }\n")
        .file("z/1.jsonl", "{\"id\":\"1\"}\n")
        .verdict(LATER, Verdict::Met);
}

#[test]
fn files_of_an_alternative_that_was_not_chosen_are_told() {
    let any = "evidence: { a: { any_of: { old: { kind: item, path: x/*.jsonl }, two: { kind: item, path: y/*.jsonl } } } }\n";
    let told = |rule: &str| {
        let report = Repo::new(rule)
            .file("x/1.jsonl", "{\"id\":\"1\"}\n")
            .file("y/1.jsonl", "{\"id\":\"1\"}\n")
            .report(LATER);
        report
            .findings
            .iter()
            .any(|one| one.severity == Severity::Warning && one.message.contains("y/1.jsonl"))
    };
    assert!(told(any));
    // Another requirement of the control reads it: nothing is left unread.
    assert!(!told(&any.replace("} } } }", "} } }, b: { kind: item, path: y/*.jsonl } }")));
}

#[test]
fn a_form_that_no_check_compares_with_is_told() {
    let rule = "evidence:
  a: { any_of: { x: { kind: item, path: x/*.jsonl }, z: { kind: item, path: z/*.jsonl } } }
  b: { any_of: { u: { kind: item, path: u/*.jsonl }, v: { kind: item, path: v/*.jsonl } } }
checks:
  c: { each: a.x, exists_in: b.v, match: { id: id } }\n";
    let repo = |rule: &str| {
        let one = "{\"id\":\"1\"}\n";
        Repo::new(rule).file("x/1.jsonl", one).file("u/1.jsonl", one)
    };
    repo(rule).fails(LATER, Code::SelectionEmpty);
    let both = format!("{rule}  d: {{ each: a.x, exists_in: b.u, match: {{ id: id }} }}\n");
    repo(&both).verdict(LATER, Verdict::Met);
    repo(&both).file("x/2.jsonl", "{\"id\":\"2\"}\n").fails(LATER, Code::CounterpartMissing);
    // The opposite question is not the same one.
    let against = format!("{rule}  d: {{ each: a.x, absent_from: b.u, match: {{ id: ref }} }}\n");
    repo(&against)
        .file("u/1.jsonl", "{\"id\":\"1\",\"ref\":\"2\"}\n")
        .fails(LATER, Code::SelectionEmpty);
    let set = rule.replace(
        "each: a.x, exists_in: b.v, match: { id: id }",
        "same_set: [{ evidence: a.x, key: id }, { evidence: b.v, key: id }]",
    );
    repo(&set).fails(LATER, Code::SelectionEmpty);
}

#[test]
fn what_nothing_is_compared_with_needs_no_key() {
    let repo = |id: &str| {
        Repo::new(&format!("evidence: {{ a: {{ kind: item, path: a/*.jsonl }}, b: {{ kind: item, path: b/*.jsonl }} }}
checks: {{ c: {{ each: a, where: \"this.id == '{id}'\", absent_from: b, match: {{ id: ref }} }} }}\n"))
        .file("a/1.jsonl", "{\"id\":\"1\"}\n")
        .file("b/1.jsonl", "{\"id\":\"9\"}\n")
    };
    repo("1").fails(LATER, Code::ConditionNotEvaluable);
    repo("2").verdict(LATER, Verdict::Met);
}

#[test]
fn a_kind_of_records_says_where_they_lie_in_a_document() {
    let kind = ITEM.replace("[\"jsonl\"]", "[\"jsonl\", \"json\"], \"records\": \"/Items\"");
    let rule = "evidence: { a: { kind: item, path: [a/*.json, a/*.jsonl] } }
checks: { c: { each: a, require: \"this.id != 'x'\", message: '{id} is x' } }\n";
    let verdict = |path: &str, text: &str| {
        let repo = Repo::new(rule).item(&kind).file(path, text);
        let report = repo.report(LATER);
        let codes: Vec<Code> =
            report.findings.iter().filter(|one| one.blocks()).map(|one| one.code).collect();
        (report.controls[0].verdict, codes)
    };
    let met = (Verdict::Met, vec![]);
    assert_eq!(verdict("a/1.json", "{\"Items\": [{\"id\": \"1\"}, {\"id\": \"2\"}]}"), met);
    assert_eq!(verdict("a/1.json", "[{\"id\": \"1\"}]"), met);
    assert_eq!(verdict("a/1.jsonl", "{\"id\": \"1\"}\n"), met);
    let unmet = |code| (Verdict::Unmet, vec![code]);
    let one = "{\"Items\": [{\"id\": \"1\"}, {\"id\": \"x\"}]}";
    assert_eq!(verdict("a/1.json", one), unmet(Code::ConditionFailed));
    assert_eq!(verdict("a/1.json", "{\"Items\": [{\"id\": 1}]}"), unmet(Code::SchemaMismatch));
    assert_eq!(verdict("a/1.json", "{\"Items\": []}"), unmet(Code::NoRecords));
    assert_eq!(verdict("a/1.json", "{\"items\": [{\"id\": \"1\"}]}"), unmet(Code::NoRecords));
}

#[test]
fn asking_for_no_control_passes_nothing() {
    let repo = Repo::new(PLAIN).engagement(
        "exclude: [{ control: T-1, reason: r, approved_by: p-1, approved_on: 2026-01-01 }]\n",
    );
    assert!(!repo.asked(LATER, &|_| false).passes());
}

const EXCEPTION: &str = "id: E-1, control: T-1, found_on: 2026-05-01, found_by: p-1, cause: c, extent: e, \
    compensating_control: c, response: r, owner: p-1, approver: p-2, approved_on: 2026-05-01, expires_on: 2028-01-01";
const CHECK: &str =
    "checks: { c: { each: a, require: \"!has(this.amount) || this.amount < 5.0\" } }\n";

#[test]
fn an_exception_covers_one_deviation() {
    let repo = |which: &str, text: &str| {
        Repo::new(&format!("{PLAIN}{CHECK}"))
            .file("a/1.jsonl", text)
            .exceptions(&format!("exceptions: [{{ {EXCEPTION}, {which} }}]\n"))
    };
    let one = "{\"id\":\"1\",\"amount\":9}\n";
    let two = "{\"id\":\"1\",\"amount\":9}\n{\"id\":\"2\",\"amount\":9}\n";
    repo("check: c, path: a/1.jsonl", one).verdict(LATER, Verdict::MetWithExceptions);
    repo("check: c, record: '1'", one).verdict(LATER, Verdict::MetWithExceptions);
    repo("check: c, record: '1'", one)
        .engagement("owners: { T-1: p-2 }\n")
        .fails(LATER, Code::ExceptionInvalid);
    repo("check: c, path: a/1.jsonl", two).fails(LATER, Code::ExceptionInvalid);
    repo("check: condition-failed, path: a/1.jsonl", two).fails(LATER, Code::ExceptionInvalid);
    repo("check: c, record: '1'", one).file("a/2.jsonl", one).fails(LATER, Code::ExceptionInvalid);
}

#[test]
fn exceptions_to_rules_of_a_kind_are_isolated_too() {
    let mut text = String::new();
    let mut list = String::new();
    for id in 0..12 {
        text.push_str(&format!("{{\"id\":\"{id}\",\"bad\":{}}}\n", id < 6));
        if id < 6 {
            let named = EXCEPTION.replace("E-1", &format!("E-{id}"));
            list.push_str(&format!("  - {{ {named}, check: not-bad, record: '{id}' }}\n"));
        }
    }
    Repo::new(PLAIN)
        .file("a/1.jsonl", &text)
        .exceptions(&format!("exceptions:\n{list}"))
        .fails(LATER, Code::ExceptionsNotIsolated);
}

#[test]
fn a_waiver_covers_neither_what_could_not_be_looked_at_nor_before_its_approval() {
    let waiver = |approved: &str| {
        format!(
            "waivers: [{{ id: W-1, control: T-1, reason: r, owner: p-1, approver: p-2, approved_on: {approved}, starts_on: 2026-01-01, expires_on: 2028-01-01 }}]\n"
        )
    };
    Repo::new(PLAIN).exceptions(&waiver("2026-01-01")).verdict(LATER, Verdict::Waived);
    Repo::new(PLAIN).exceptions(&waiver("2027-12-01")).fails(LATER, Code::ArtifactMissing);
    let deep = format!("{}{}\n", "[".repeat(200), "]".repeat(200));
    Repo::new(PLAIN)
        .exceptions(&waiver("2026-01-01"))
        .file("a/1.jsonl", &deep)
        .verdict(LATER, Verdict::NotEvaluable);
}

/// Two lists, the second one attested each quarter; `rows` are of the day given with them.
fn attested(check: &str, here: &str, rows: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(&format!(
        "evidence:
  a: {{ kind: item, path: a/*.jsonl }}
  b: {{ kind: item, path: b/*.jsonl, happened: day, cadence: quarterly }}
checks: {{ c: {{ {check} }} }}\n"
    ));
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (id, day) in rows {
        let text = files.entry(format!("b/{day}.jsonl")).or_default();
        text.push_str(&format!("{{\"id\":\"{id}\",\"day\":\"{day}\"}}\n"));
    }
    let repo = repo.file("a/1.jsonl", &format!("{{\"id\":\"{here}\"}}\n"));
    files.into_iter().fold(repo, |repo, (path, text)| repo.file(&path, &text))
}

const QUARTERS: [(&str, &str); 4] =
    [("1", "2026-03-30"), ("1", "2026-06-30"), ("1", "2026-09-30"), ("1", "2026-12-30")];

#[test]
fn what_the_newest_list_no_longer_holds_has_no_counterpart() {
    let check = |more: &str| format!("each: a, exists_in: b, match: {{ id: id }}{more}");
    let dropped = [QUARTERS[0], QUARTERS[1], QUARTERS[2], ("2", "2026-12-30")];
    attested(&check(""), "1", &dropped).verdict(LATER, Verdict::Met);
    let newest = check(", against: newest");
    attested(&newest, "1", &QUARTERS).verdict(LATER, Verdict::Met);
    attested(&newest, "1", &dropped).fails(LATER, Code::CounterpartMissing);
    // Two files of the newest quarter count both.
    let two = [QUARTERS[0], QUARTERS[1], QUARTERS[2], ("1", "2026-12-29"), ("2", "2026-12-30")];
    attested(&newest, "1", &two).verdict(LATER, Verdict::Met);
    let first = [QUARTERS[0], ("2", "2026-06-30"), ("2", "2026-09-30"), ("2", "2026-12-30")];
    let absent = "each: a, absent_from: b, match: { id: id }, against: newest";
    attested(absent, "1", &first).verdict(LATER, Verdict::Met);
    attested(absent, "1", &QUARTERS).fails(LATER, Code::CounterpartForbidden);
}

#[test]
fn a_newest_list_that_selects_nothing_still_is_the_newest() {
    let rule = "evidence:
  a: { kind: item, path: a/*.jsonl }
  b: { kind: item, path: b/*.jsonl, happened: day, where: '!has(this.bad) || !this.bad' }
checks: { c: { each: a, exists_in: b, match: { id: id }, against: newest } }\n";
    Repo::new(rule)
        .file("a/1.jsonl", "{\"id\":\"1\"}\n")
        .file("b/1.jsonl", "{\"id\":\"1\",\"day\":\"2026-03-01\"}\n")
        .file("b/2.jsonl", "{\"id\":\"1\",\"day\":\"2026-04-01\",\"bad\":true}\n")
        .fails(LATER, Code::CounterpartMissing);
}

#[test]
fn the_period_that_lacks_a_counterpart_is_named() {
    let check = "each: a, exists_in: b, match: { id: id }, against: every-period";
    attested(check, "1", &QUARTERS).verdict(LATER, Verdict::Met);
    let dropped = [QUARTERS[0], ("2", "2026-06-30"), QUARTERS[2], QUARTERS[3]];
    let repo = attested(check, "1", &dropped);
    repo.fails(LATER, Code::CounterpartMissing);
    let report = repo.report(LATER);
    let told: Vec<_> = report.findings.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(told, ["`1` has no counterpart in b of 2026-Q2"]);
}

#[test]
fn sets_are_compared_with_the_newest_period_or_with_each() {
    let check = |more: &str| {
        format!("same_set: [{{ evidence: a, key: [id] }}, {{ evidence: b, key: [id]{more} }}]")
    };
    let dropped = [QUARTERS[0], QUARTERS[1], QUARTERS[2], ("2", "2026-12-30")];
    let repo = attested(&check(", against: newest"), "1", &dropped);
    repo.fails(LATER, Code::SetDifference);
    let report = repo.report(LATER);
    let mut told: Vec<_> = report.findings.iter().map(|one| one.message.as_str()).collect();
    told.sort_unstable();
    let expected = ["`1` is in a and not in b of 2026-Q4", "`2` is in b of 2026-Q4 and not in a"];
    assert_eq!(told, expected);
    let early = [("2", "2026-03-30"), QUARTERS[1], QUARTERS[2], QUARTERS[3]];
    attested(&check(", against: newest"), "1", &early).verdict(LATER, Verdict::Met);
    attested(&check(", against: every-period"), "1", &early).fails(LATER, Code::SetDifference);
    attested(&check(", against: every-period"), "1", &QUARTERS).verdict(LATER, Verdict::Met);
}

#[test]
fn two_lists_by_period_are_compared_period_by_period() {
    let repo = |b: &str| {
        let rule = "evidence:
  a: { kind: item, path: a/*.jsonl, period: period, happened: day, cadence: { every: quarter, within: 1 day } }
  b: { kind: item, path: b/*.jsonl, period: period, happened: day, cadence: { every: quarter, within: 1 day } }
checks: { c: { same_set: [{ evidence: a, key: id, against: every-period }, { evidence: b, key: id, against: every-period }] } }\n";
        let rows = |ids: &str| -> String {
            let days = ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"];
            let row = |(at, id): (usize, char)| {
                let (quarter, day) = (at + 1, days[at]);
                format!("{{\"id\":\"{id}\",\"period\":\"2026-Q{quarter}\",\"day\":\"{day}\"}}\n")
            };
            ids.chars().enumerate().map(row).collect()
        };
        Repo::new(rule).file("a/1.jsonl", &rows("xyxy")).file("b/1.jsonl", &rows(b))
    };
    repo("xyxy").verdict(LATER, Verdict::Met);
    repo("yxxy").fails(LATER, Code::SetDifference);
    // What is not due yet may still come.
    repo("xyx").verdict("2026-11-01", Verdict::Met);
    repo("xyx").fails(LATER, Code::SetDifference);
}

#[test]
fn a_comparison_by_period_needs_evidence_that_says_its_period() {
    for check in [
        "each: a, exists_in: a, match: { id: id }, against: newest",
        "same_set: [{ evidence: a, key: id }, { evidence: a, key: ref, against: every-period }]",
    ] {
        let repo = Repo::new(&format!("{PLAIN}checks: {{ c: {{ {check} }} }}\n"));
        assert!(repo.refused().contains("of which period"), "{}", repo.refused());
    }
    let repo = Repo::new(&format!(
        "{PLAIN}checks: {{ c: {{ each: a, require: 'true', against: newest }} }}\n"
    ));
    assert!(repo.refused().contains("`against` belongs to"), "{}", repo.refused());
}

#[test]
fn a_snapshot_of_another_year_does_not_count() {
    let repo =
        |day: &str, more: &str| Repo::new(PLAIN).sealed("a/1.jsonl", "{\"id\":\"1\"}\n", day, more);
    repo("2026-05-01", "").verdict(LATER, Verdict::Met);
    repo("2027-01-05", ANNUAL).verdict(LATER, Verdict::Met);
    repo("2020-05-01", "").fails(LATER, Code::SelectionEmpty);
    repo("2027-05-01", "").fails(LATER, Code::OutsideWindow);
    repo("2026-05-01", "covers: { from: 2025-01-01, to: 2025-12-31 }\n")
        .fails(LATER, Code::SelectionEmpty);
    // Nor may it lend its records to the checks of one that does.
    Repo::new(
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }
checks: { c: { each: a, exists_in: b, match: { id: id } } }\n",
    )
    .file("a/1.jsonl", "{\"id\":\"1\"}\n")
    .sealed("b/1.jsonl", "{\"id\":\"1\"}\n", "2020-05-01", "")
    .sealed("b/2.jsonl", "{\"id\":\"2\"}\n", "2026-05-01", "")
    .fails(LATER, Code::CounterpartMissing);
}

#[test]
fn a_record_of_a_period_outside_the_window_does_not_count() {
    let rule = "evidence: { a: { kind: item, path: a/*.jsonl, period: period } }\n";
    let repo = |period: &str| {
        Repo::new(rule).file("a/1.jsonl", &format!("{{\"id\":\"1\",\"period\":\"{period}\"}}\n"))
    };
    repo("2026-Q1").verdict(LATER, Verdict::Met);
    repo("2025-Q4").fails(LATER, Code::SelectionEmpty);
    repo("2026-Q4").fails("2026-05-01", Code::SelectionEmpty);
    let rule = "evidence: { a: { kind: item, path: a/*.jsonl, covers: { from: from, to: to } } }\n";
    Repo::new(rule)
        .file("a/1.jsonl", "{\"id\":\"1\",\"from\":\"2024-01-01\",\"to\":\"2025-12-31\"}\n")
        .fails(LATER, Code::SelectionEmpty);
}

#[test]
fn the_review_of_the_last_quarter_is_done_after_the_window() {
    let rule = "evidence: { a: { kind: item, path: a/*.jsonl, period: period, happened: day, cadence: { every: quarter, within: 30 days } } }\n";
    let row = |quarter: u8, day: &str| {
        format!("{{\"id\":\"{quarter}\",\"period\":\"2026-Q{quarter}\",\"day\":\"{day}\"}}\n")
    };
    let first = row(1, "2026-04-02") + &row(2, "2026-07-02") + &row(3, "2026-10-02");
    let repo = |day: &str| Repo::new(rule).file("a/1.jsonl", &(first.clone() + &row(4, day)));
    repo("2027-01-09").verdict(LATER, Verdict::Met);
    repo("2027-03-09").fails(LATER, Code::EvidenceLate);
}

#[test]
fn work_of_an_unknown_day_is_not_in_time() {
    let rule = "evidence: { a: { kind: item, path: a/*.jsonl, period: period, cadence: { every: year, within: 30 days } } }\n";
    let row = "{\"id\":\"1\",\"period\":\"2026\"}\n";
    Repo::new(rule).file("a/1.jsonl", row).fails(LATER, Code::ManifestMissing);
    Repo::new(rule).file("a/1.jsonl", row).fails(LATER, Code::EvidenceLate);
    Repo::new(rule).sealed("a/1.jsonl", row, "2027-01-20", "").verdict(LATER, Verdict::Met);
    Repo::new(rule).sealed("a/1.jsonl", row, "2027-02-20", "").fails(LATER, Code::EvidenceLate);
}

#[test]
fn work_that_would_never_be_late_and_groups_of_a_population_are_refused() {
    for (slot, told) in [
        ("period: period, cadence: quarterly", "never be late"),
        ("covers: { from: from, to: to }, cadence: { every: month }", "never be late"),
        ("per: [system], population: { key: id }", "no effect"),
    ] {
        let rule = format!("evidence: {{ a: {{ kind: item, path: a/*.jsonl, {slot} }} }}\n");
        assert!(Repo::new(&rule).refused().contains(told), "{}", Repo::new(&rule).refused());
    }
}

#[test]
fn a_check_that_looks_at_nothing_says_so() {
    let repo = |check: &str| {
        Repo::new(&format!("{PLAIN}checks: {{ c: {{ {check} }} }}\n"))
            .file("a/1.jsonl", "{\"id\":\"1\"}\n")
    };
    let none = "each: a, where: this.id == 'x', require: this.id == 'y'";
    let report = repo(none).report(LATER);
    assert_eq!(report.controls[0].verdict, Verdict::Met);
    let noted = |one: &tickmark::model::Finding| {
        one.code == Code::SelectionEmpty && one.severity == Severity::Note
    };
    assert!(report.findings.iter().any(noted), "{:#?}", report.findings);
    assert_eq!(report.controls[0].checks[0].deviations, 0);
    repo(&format!("{none}, required: true")).fails(LATER, Code::SelectionEmpty);
    let sets = "same_set: [{ evidence: a, key: id, where: this.id == 'x' }, { evidence: a, key: id, where: this.id == 'x' }]";
    repo(sets).fails(LATER, Code::SelectionEmpty);
    repo(&format!("{sets}, required: false")).verdict(LATER, Verdict::Met);
    // No emergency at all is what the bound asks for.
    let report = repo("count: { evidence: a, where: this.id == 'x', max: 0 }").report(LATER);
    assert_eq!(report.findings.len(), 0, "{:#?}", report.findings);
}

#[test]
fn a_record_of_a_population_has_its_key() {
    let keyed = |key: &str| {
        Repo::new(&format!(
            "evidence: {{ a: {{ kind: item, path: a/*.jsonl, happened: day, population: {{ key: {key} }} }} }}\n"
        ))
        .sealed(
            "a/1.jsonl",
            "{\"id\":\"1\",\"day\":\"2026-03-01\"}\n",
            "2027-01-02",
            &format!("{ANNUAL}records: 1\n"),
        )
    };
    keyed("id").verdict(LATER, Verdict::Met);
    keyed("ref").fails(LATER, Code::ConditionNotEvaluable);
    keyed("[id, ref]").fails(LATER, Code::ConditionNotEvaluable);
}

#[test]
fn what_is_superseded_is_still_there() {
    for older in ["a/0.jsonl", "a/1.jsonl"] {
        Repo::new(PLAIN)
            .sealed(
                "a/1.jsonl",
                "{\"id\":\"1\"}\n",
                "2026-05-01",
                &format!("supersedes: {older}\n"),
            )
            .fails(LATER, Code::ManifestInvalid);
    }
}

#[test]
fn an_exclusion_holds_from_its_approval_and_not_for_everything() {
    let exclude = |id: &str, day: &str| {
        format!("exclude: [{{ control: {id}, reason: r, approved_by: p-1, approved_on: {day} }}]\n")
    };
    let repo = |day: &str| {
        Repo::new(PLAIN)
            .control("T-2", PLAIN)
            .file("a/1.jsonl", "{\"id\":\"1\"}\n")
            .engagement(&exclude("T-1", day))
    };
    repo("2026-01-01").verdict(LATER, Verdict::NotApplicable);
    assert!(repo("2026-01-01").report(LATER).passes());
    repo("2027-12-01").fails(LATER, Code::ExclusionInvalid);
    Repo::new(PLAIN).engagement(&exclude("T-1", "2026-01-01")).fails(LATER, Code::ExclusionInvalid);
}

#[test]
fn another_spelling_of_a_person_is_no_other_person() {
    let repo = |one: &str, other: &str| {
        Repo::new(&format!("{PLAIN}checks: {{ c: {{ each: a, require: this.id != this.ref }} }}\n"))
            .file("a/1.jsonl", &format!("{{\"id\":\"{one}\",\"ref\":\"{other}\"}}\n"))
    };
    repo("p-001", "p-002").verdict(LATER, Verdict::Met);
    repo("p-001", "p-001").fails(LATER, Code::ConditionFailed);
    for other in ["p\u{2011}001", "p-001 ", "P-001", "\u{440}-001"] {
        repo("p-001", other).fails(LATER, Code::ConditionNotEvaluable);
    }
}

#[test]
fn an_approver_is_no_other_person_than_the_author_of_a_commit_in_another_spelling() {
    let repo = |require: &str, author: &str| {
        Repo::new(&format!("{PLAIN}checks: {{ c: {{ each: a, require: \"{require}\" }} }}\n")).file(
            "a/1.jsonl",
            &format!(
                "{{\"id\":\"p-012\",\"ref\":\"{author}\",\"ins\":[{{\"name\":\"{author}\"}}]}}\n"
            ),
        )
    };
    for require in ["!(this.id in this.ins.map(i, i.name))", "!(this.id == this.ref)"] {
        repo(require, "p-013").verdict(LATER, Verdict::Met);
        repo(require, "p-012").fails(LATER, Code::ConditionFailed);
        for author in ["P-012", "p-012 ", "p\u{2011}012", "p-0\u{301}12"] {
            repo(require, author).fails(LATER, Code::ConditionNotEvaluable);
        }
    }
}

#[test]
fn a_condition_that_would_take_minutes_is_not_evaluable() {
    let rule = format!(
        "{PLAIN}checks: {{ c: {{ each: a, require: \"this.ins.all(i, this.ins.all(j, i.name + 'x' != j.name))\" }} }}\n"
    );
    let repo = |many: usize| {
        let names: Vec<String> = (0..many).map(|at| format!("{{\"name\":\"n-{at}\"}}")).collect();
        let record = format!("{{\"id\":\"1\",\"ins\":[{}]}}\n", names.join(","));
        Repo::new(&rule).file("a/1.jsonl", &record)
    };
    repo(300).verdict(LATER, Verdict::Met);
    repo(9_999).fails(LATER, Code::ConditionNotEvaluable);
}

#[test]
fn what_must_be_absent_cannot_hide_behind_another_spelling() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }
checks: { c: { each: a, absent_from: b, match: { id: ref } } }\n";
    let repo = |id: &str| {
        Repo::new(rule)
            .file("a/1.jsonl", &format!("{{\"id\":\"{id}\"}}\n"))
            .file("b/1.jsonl", "{\"id\":\"1\",\"ref\":\"p-001\"}\n")
    };
    repo("p-002").verdict(LATER, Verdict::Met);
    for id in ["p-001", "p\u{2011}001", "p-001\u{200b}", "P-001 "] {
        repo(id).fails(LATER, Code::CounterpartForbidden);
    }
}

/// A repository that lacks its evidence, with a waiver in which `change` was made.
fn waived(change: [&str; 2]) -> Repo {
    let waiver = "id: W-1, control: T-1, reason: r, owner: p-1, approver: p-2, approved_on: 2026-01-01, starts_on: 2026-01-01, expires_on: 2028-01-01";
    assert!(waiver.contains(change[0]));
    let waiver = waiver.replacen(change[0], change[1], 1);
    Repo::new(PLAIN).exceptions(&format!("waivers: [{{ {waiver} }}]\n"))
}

#[test]
fn a_waiver_is_approved_by_somebody_else_and_ends() {
    waived(["", ""]).verdict(LATER, Verdict::Waived);
    for owner in ["p-2 ", "P-2", "p\u{2011}2"] {
        waived(["owner: p-1", &format!("owner: '{owner}'")]).fails(LATER, Code::WaiverInvalid);
    }
    // Whom the engagement names as the owner of the control owns it, whatever the waiver says.
    for owned in ["T-1", "T"] {
        let owners = format!("owners: {{ {owned}: p-2 }}\n");
        waived(["", ""]).engagement(&owners).fails(LATER, Code::WaiverInvalid);
    }
    waived(["", ""]).engagement("owners: { T-1: p-1 }\n").verdict(LATER, Verdict::Waived);
    waived(["2028-01-01", "2099-12-31"]).fails(LATER, Code::WaiverInvalid);
    assert!(waived(["reason: r", "reason: ' '"]).refused().contains("pattern"));
}

#[test]
fn an_exception_is_approved_after_it_was_found() {
    let repo = |change: [&str; 2]| {
        let named = format!("{EXCEPTION}, check: c, record: '1', occurred_on: 2026-04-30");
        assert!(named.contains(change[0]));
        Repo::new(&format!("{PLAIN}{CHECK}"))
            .file("a/1.jsonl", "{\"id\":\"1\",\"amount\":9}\n")
            .exceptions(&format!(
                "exceptions: [{{ {} }}]\n",
                named.replacen(change[0], change[1], 1)
            ))
    };
    repo(["", ""]).verdict(LATER, Verdict::MetWithExceptions);
    // What is to come may be known before.
    repo(["found_on: 2026-05-01", "found_on: 2026-04-01"])
        .verdict(LATER, Verdict::MetWithExceptions);
    repo(["approved_on: 2026-05-01", "approved_on: 2026-04-30"])
        .fails(LATER, Code::ExceptionInvalid);
    repo(["expires_on: 2028-01-01", "expires_on: 2099-01-01"]).fails(LATER, Code::ExceptionInvalid);
    repo(["owner: p-1", "owner: 'p-2 '"]).fails(LATER, Code::ExceptionInvalid);
}

#[test]
fn what_cannot_be_decided_is_no_exception() {
    let repo = |which: &str, check: &str| {
        Repo::new(&format!("{PLAIN}{check}"))
            .file("a/1.jsonl", "{\"id\":\"1\"}\n")
            .exceptions(&format!("exceptions: [{{ {EXCEPTION}, record: '1', {which} }}]\n"))
    };
    let check = "checks: { c: { each: a, require: this.amount < 5.0 } }\n";
    repo("check: c", check).fails(LATER, Code::ConditionNotEvaluable);
    repo("check: condition-not-evaluable", check).fails(LATER, Code::ConditionNotEvaluable);
}

#[test]
fn a_file_without_records_beside_full_ones_is_told() {
    let repo =
        |text: &str| Repo::new(PLAIN).file("a/1.jsonl", "{\"id\":\"1\"}\n").file("a/2.jsonl", text);
    repo("{\"id\":\"2\"}\n").verdict(LATER, Verdict::Met);
    repo("\n").fails(LATER, Code::NoRecords);
    let signed =
        "records: 0\nnil_return: { statement: none, signed_by: p-2, signed_on: 2026-05-02 }\n";
    repo("{\"id\":\"2\"}\n")
        .sealed("a/3.jsonl", "\n", "2026-05-01", signed)
        .verdict(LATER, Verdict::Met);
}

#[test]
fn findings_point_at_the_field_concerned() {
    let row =
        |id: &str, day: &str| format!("{{\"system\":\"s\",\"id\":\"{id}\",\"day\":\"{day}\"}}\n");
    let join =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }
checks: { c: { each: a, exists_in: b, match: { id: id } } }\n";
    let repo = Repo::new(join).file("a/1.jsonl", &row("1", "2026-03-01"));
    let place =
        repo.file("b/1.jsonl", &row("2", "2026-03-01")).place(LATER, Code::CounterpartMissing);
    assert_eq!(place, "a/1.jsonl \"1\"");
    let fresh = "evidence: { a: { kind: item, path: a/*.jsonl, freshness: { of: day, max_age: 1 month } } }\n";
    let place = Repo::new(fresh)
        .file("a/1.jsonl", &row("1", "2026-03-01"))
        .place(LATER, Code::ArtifactStale);
    assert_eq!(place, "a/1.jsonl \"2026-03-01\"");
    let collected = fresh.replace("of: day", "of: collected");
    let repo = Repo::new(&collected).sealed("a/1.jsonl", &row("1", "2026-03-01"), "2026-04-01", "");
    let place = repo.place(LATER, Code::ArtifactStale);
    assert_eq!(place, "a/1.jsonl.evidence.yaml 2026-04-01T12:00:00Z");
    let counted = format!("{ANNUAL}records: 1\nsecond_source: {{ name: n, records: 7 }}\n");
    let repo = population("").sealed("a/1.jsonl", &row("1", "2026-03-01"), "2027-01-02", &counted);
    assert_eq!(repo.place(LATER, Code::SecondSourceMismatch), "a/1.jsonl.evidence.yaml 7");
}

#[test]
fn a_missing_period_names_its_pattern_and_the_last_file_before_it() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl, happened: day, cadence: quarterly } }\n";
    let row = |day: &str| format!("{{\"id\":\"1\",\"day\":\"{day}\"}}\n");
    let repo = Repo::new(rule)
        .file("a/1.jsonl", &row("2026-03-01"))
        .file("a/2.jsonl", &row("2026-05-01"))
        .file("a/4.jsonl", &row("2026-11-01"));
    assert_eq!(repo.place(LATER, Code::PeriodMissing), "a/2.jsonl \"2026-05-01\"");
    let said = "`a` has no evidence of 2026-Q3 in `a/*.jsonl`; the last before it is `a/2.jsonl`";
    assert_eq!(told(&repo, LATER, Code::PeriodMissing), [said]);
}

const LISTED: &str = "evidence: { a: { kind: item, path: a/*.jsonl, manifest: required } }\n";
const ROW: &str = "{\"id\":\"1\"}\n";

/// A file described by the manifest of its folder, which says these lines more of it.
fn listed(defaults: &str, more: &str) -> Repo {
    let hex: String = Sha256::digest(ROW).iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = format!(
        "defaults: {{ source: s, collected_by: p-001{defaults} }}
files:
  1.jsonl:
    sha256: {hex}
    {more}\n"
    );
    Repo::new(LISTED).file("a/1.jsonl", ROW).file("a/folder.evidence.yaml", &folder)
}

#[test]
fn a_folder_describes_its_files() {
    let day = "collected_at: 2026-05-01T12:00:00Z";
    listed("", &format!("{day}\n    records: 1")).verdict(LATER, Verdict::Met);
    listed(&format!(", {day}"), "records: 1").verdict(LATER, Verdict::Met);
    listed("", &format!("{day}\n    records: 7")).fails(LATER, Code::RecordCountMismatch);
    // What stands nearer to the file wins.
    let old = "collected_at: 2020-05-01T12:00:00Z";
    listed(&format!(", {old}"), day).verdict(LATER, Verdict::Met);
    listed(&format!(", {day}"), old).fails(LATER, Code::SelectionEmpty);
    let own = format!("{day}\nrecords: 1\n");
    listed("", &format!("{old}\n    records: 7"))
        .file("a/1.jsonl.evidence.yaml", &own)
        .verdict(LATER, Verdict::Met);
    // Defaults alone describe nobody.
    listed("", day).file("a/2.jsonl", ROW).fails(LATER, Code::ManifestMissing);
}

#[test]
fn what_is_wrong_in_the_manifest_of_a_folder_is_told_there() {
    let path = "a/folder.evidence.yaml";
    let day = "collected_at: 2026-05-01T12:00:00Z";
    let wrong = |repo: Repo, code: Code, at: &str| {
        repo.fails(LATER, code);
        assert_eq!(repo.place(LATER, code), format!("{path} {at}"));
    };
    wrong(listed("", &format!("{day}\n    records: 7")), Code::RecordCountMismatch, "7");
    wrong(listed("", &format!("{day}\n    colour: red")), Code::ManifestInvalid, "colour");
    wrong(listed("", "collected_at: yesterday"), Code::ManifestInvalid, "yesterday");
    let other = listed("", &format!("{day}\n  2.jsonl: {{ records: 1 }}"));
    wrong(other, Code::ManifestOrphan, "2.jsonl");
    let changed = listed("", day).file("a/1.jsonl", "{\"id\":\"2\"}\n");
    let hex: String = Sha256::digest(ROW).iter().map(|byte| format!("{byte:02x}")).collect();
    wrong(changed, Code::DigestMismatch, &hex);
    // What is missing is missing from the file's entry.
    let repo = listed("", "records: 1");
    repo.fails(LATER, Code::ManifestInvalid);
    assert!(repo.place(LATER, Code::ManifestInvalid).starts_with("a/folder.evidence.yaml sha256:"));
    let report = listed("", &format!("{day}\n    colour: red")).report(LATER);
    assert_eq!(report.controls[0].verdict, Verdict::Unmet);
}

#[test]
fn a_folder_holds_the_fields_of_a_binary() {
    let hex: String = Sha256::digest("scan").iter().map(|byte| format!("{byte:02x}")).collect();
    let repo = |path: &str, text: &str| {
        Repo::new("evidence: { a: { kind: paper, path: a/*.pdf, freshness: { of: day, max_age: 12 months } } }\n")
            .file("a/1.pdf", "scan")
            .file(path, text)
    };
    let said = |day: &str| {
        format!(
            "source: s, collected_by: p-001, collected_at: 2026-05-01T12:00:00Z, sha256: {hex}, attributes: {{ id: x, day: {day} }}"
        )
    };
    for (path, fill) in [
        ("a/folder.evidence.yaml", ["files: { 1.pdf: {", "} }\n"]),
        ("a/1.pdf.evidence.yaml", ["{", "}\n"]),
    ] {
        let of = |day: &str| repo(path, &format!("{}{}{}", fill[0], said(day), fill[1]));
        of("2026-05-01").verdict(LATER, Verdict::Met);
        of("2020-05-01").fails(LATER, Code::ArtifactStale);
        assert_eq!(
            of("2020-05-01").place(LATER, Code::ArtifactStale),
            format!("{path} 2020-05-01")
        );
    }
}

/// What a report says, by code.
#[track_caller]
fn told(repo: &Repo, as_of: &str, code: Code) -> Vec<String> {
    let findings = repo.report(as_of).findings;
    findings.into_iter().filter(|one| one.code == code).map(|one| one.message).collect()
}

#[test]
fn days_added_to_a_time_are_days_of_the_calendar() {
    let repo = |condition: &str| {
        let repo = Repo::new(&format!(
            "{PLAIN}checks: {{ c: {{ each: a, require: \"{condition}\" }} }}\n"
        ));
        let engagement = ENGAGEMENT.replace("UTC", "Europe/Berlin");
        Repo { engagement, ..repo }
            .file("a/1.jsonl", "{\"id\":\"1\",\"day\":\"2026-10-01\",\"to\":\"2026-10-31\"}\n")
    };
    repo("date(this.to) <= date(this.day) + days(30)").verdict(LATER, Verdict::Met);
    repo("date(this.to) - days(30) <= date(this.day)").verdict(LATER, Verdict::Met);
    repo("date(this.to) <= date(this.day) + (has(this.ref) ? hours(9) : days(30))")
        .verdict(LATER, Verdict::Met);
    // As of the end of a day, ten days earlier is the end of a day.
    repo("as_of - days(213) < date(this.to)").fails("2027-06-01", Code::ConditionFailed);
    repo("as_of - days(214) < date(this.to)").verdict("2027-06-01", Verdict::Met);
}

#[test]
fn an_exception_does_not_exist_before_its_approval_or_its_deviation() {
    let repo = |amount: u8, change: [&str; 2]| {
        let named = format!("{EXCEPTION}, check: c, record: '1', occurred_on: 2026-04-30");
        Repo::new(&format!("{PLAIN}{CHECK}"))
            .file("a/1.jsonl", &format!("{{\"id\":\"1\",\"amount\":{amount}}}\n"))
            .exceptions(&format!("exceptions: [{{ {} }}]\n", named.replace(change[0], change[1])))
    };
    let approved = ["approved_on: 2026-05-01", "approved_on: 2027-12-01"];
    let occurred = ["occurred_on: 2026-04-30", "occurred_on: 2027-12-01"];
    let period = ["record: '1'", "period: 2027-12"];
    for change in [approved, occurred, period] {
        let report = repo(1, change).report(LATER);
        assert_eq!(report.findings.len(), 0, "{:#?}", report.findings);
        repo(9, change).fails(LATER, Code::ConditionFailed);
        assert_eq!(repo(9, change).report(LATER).findings.len(), 1);
    }
    // In time it counts, and what is mistyped is told at any time.
    repo(9, ["", ""]).verdict(LATER, Verdict::MetWithExceptions);
    let mistyped = ["approved_on: 2026-05-01", "approved_on: 2062-05-01"];
    repo(9, mistyped).fails(LATER, Code::ExceptionInvalid);
    let waiver = |approved: &str, starts: &str| {
        Repo::new(PLAIN).exceptions(&format!(
            "waivers: [{{ id: W-1, control: T-1, reason: r, owner: p-1, approver: p-2, approved_on: {approved}, starts_on: {starts}, expires_on: 2028-01-01 }}]\n"
        ))
    };
    for repo in [waiver("2027-12-01", "2026-01-01"), waiver("2026-01-01", "2027-12-01")] {
        repo.fails(LATER, Code::ArtifactMissing);
        assert_eq!(repo.report(LATER).findings.len(), 1);
    }
    waiver("2026-01-01", "2062-01-01").fails(LATER, Code::WaiverInvalid);
}

const INS: &str = "evidence:
  a: { kind: item, path: a/*.jsonl }
  inner: { kind: item, path: a/*.jsonl, records: /ins }\n";

#[test]
fn a_manifest_counts_the_records_of_the_kind() {
    let text = "{\"id\":\"1\",\"ins\":[{\"name\":\"x\"},{\"name\":\"y\"}]}\n{\"id\":\"2\",\"ins\":[{\"name\":\"z\"}]}\n";
    let counted = |many: u8, second: u8| {
        let more =
            format!("records: {many}\nsecond_source: {{ name: s, records: {second} }}\n{ANNUAL}");
        Repo::new(&INS.replace("/ins }", "/ins, population: { key: name } }")).sealed(
            "a/1.jsonl",
            text,
            "2027-01-02",
            &more,
        )
    };
    counted(2, 2).verdict(LATER, Verdict::Met);
    counted(3, 2).fails(LATER, Code::RecordCountMismatch);
    counted(2, 3).fails(LATER, Code::SecondSourceMismatch);
}

#[test]
fn an_empty_list_within_records_is_not_an_empty_file() {
    let row = |id: &str, ins: &str| format!("{{\"id\":\"{id}\",\"ins\":[{ins}]}}\n");
    let one = "{\"name\":\"x\"}";
    // The records themselves are looked at by another requirement.
    Repo::new(INS).file("a/1.jsonl", &row("1", "")).verdict(LATER, Verdict::Met);
    let both = Repo::new(INS).file("a/1.jsonl", &row("1", one)).file("a/2.jsonl", &row("2", ""));
    both.verdict(LATER, Verdict::Met);
    Repo::new(INS).file("a/1.jsonl", "\n").fails(LATER, Code::NoRecords);
    // Nobody else looks.
    let alone = "evidence: { inner: { kind: item, path: a/*.jsonl, records: /ins } }\n";
    Repo::new(alone).file("a/1.jsonl", &row("1", "")).fails(LATER, Code::NoRecords);
    Repo::new(alone)
        .file("a/1.jsonl", &row("1", one))
        .file("a/2.jsonl", &row("2", ""))
        .fails(LATER, Code::NoRecords);
    // A check demands what must be there.
    let demanded = "evidence:
  a: { kind: item, path: b/*.jsonl }
  inner: { kind: item, path: a/*.jsonl, records: /ins, demanded_by: c }
checks: { c: { each: a, exists_in: inner, match: { id: name } } }\n";
    Repo::new(demanded)
        .file("b/1.jsonl", "{\"id\":\"x\"}\n")
        .file("a/1.jsonl", &row("1", one))
        .file("a/2.jsonl", &row("2", ""))
        .verdict(LATER, Verdict::Met);
}

#[test]
fn what_is_looked_at_in_files_that_are_not_due_is_not_due() {
    let rule = "evidence:
  inner: { kind: item, path: a/*.jsonl, where: has(this.ref) }
  a: { kind: item, path: a/*.jsonl, happened: day, cadence: quarterly }\n";
    let repo = Repo::new(rule);
    repo.verdict("2026-01-20", Verdict::Pending);
    repo.fails(LATER, Code::ArtifactMissing);
    // What is there already is judged.
    Repo::new(rule)
        .file("a/1.jsonl", "{\"id\":\"1\",\"day\":\"2026-01-10\"}\n")
        .fails("2026-01-20", Code::SelectionEmpty);
    let apart = rule.replacen("a/*.jsonl", "b/*.jsonl", 1);
    Repo::new(&apart).fails("2026-01-20", Code::ArtifactMissing);
}

#[test]
fn a_key_may_lie_in_a_list_of_the_other_side() {
    let rule =
        "evidence: { a: { kind: item, path: a/*.jsonl }, b: { kind: item, path: b/*.jsonl } }
checks: { c: { each: a, exists_in: b, match: { id: 'ins[].name' } } }\n";
    let repo = |id: &str| {
        Repo::new(rule)
            .file("a/1.jsonl", &format!("{{\"id\":\"{id}\"}}\n"))
            .file("b/1.jsonl", "{\"id\":\"1\",\"ins\":[{\"name\":\"x\"},{},{\"name\":\"y\"}]}\n")
    };
    repo("y").verdict(LATER, Verdict::Met);
    repo("z").fails(LATER, Code::CounterpartMissing);
}

#[test]
fn what_is_superseded_is_judged_no_more() {
    let check = "checks: { c: { each: a, require: '!has(this.amount) || this.amount < 5.0' } }\n";
    let repo = |rule: &str, old: &str, new: &str| {
        let days = "covers: { from: 2026-04-01, to: 2026-04-30 }\n";
        Repo::new(rule).sealed("a/1.jsonl", old, "2026-05-01", days).sealed(
            "a/2.jsonl",
            new,
            "2026-05-02",
            &format!("supersedes: a/1.jsonl\n{days}"),
        )
    };
    // An export of later days undoes nothing of the earlier ones.
    let april = "covers: { from: 2026-04-01, to: 2026-04-30 }\n";
    let may = "supersedes: a/1.jsonl\ncovers: { from: 2026-05-01, to: 2026-05-31 }\n";
    Repo::new(&format!("{PLAIN}{check}"))
        .sealed("a/1.jsonl", "{\"id\":\"1\",\"amount\":9}\n", "2026-05-01", april)
        .sealed("a/2.jsonl", "{\"id\":\"1\",\"amount\":1}\n", "2026-06-01", may)
        .fails(LATER, Code::ConditionFailed);
    let bad = "{\"id\":\"1\",\"amount\":9,\"bad\":true}\n";
    let repaired = repo(&format!("{PLAIN}{check}"), bad, "{\"id\":\"1\",\"amount\":1}\n");
    repaired.verdict(LATER, Verdict::Met);
    let report = repaired.report(LATER);
    assert_eq!(report.controls[0].requirements[0].artifacts.len(), 2);
    // It stays disclosed: what was repaired did happen.
    let told: Vec<_> = report.findings.iter().map(|one| (one.code, one.severity)).collect();
    let (deviation, broken) = (Code::ConditionFailed, Code::KindRuleBroken);
    assert_eq!(told, [(deviation, Severity::Warning), (broken, Severity::Warning)]);
    repaired
        .exceptions(&format!("exceptions: [{{ {EXCEPTION}, check: c, record: '1' }}]\n"))
        .verdict(LATER, Verdict::MetWithExceptions);
    assert_eq!(report.controls[0].tally.selected, 1);
    repo(&format!("{PLAIN}{check}"), "{\"id\":\"1\"}\n", bad).fails(LATER, Code::ConditionFailed);
    // Only what is replaced has what the requirement is about.
    let some = PLAIN.replace("jsonl }", "jsonl, where: has(this.ref) }");
    let with = "{\"id\":\"1\",\"ref\":\"x\"}\n";
    repo(&some, with, "{\"id\":\"1\"}\n").fails(LATER, Code::SelectionEmpty);
    repo(&some, "{\"id\":\"1\"}\n", with).verdict(LATER, Verdict::Met);
    let fresh = "evidence: { a: { kind: item, path: a/*.jsonl, freshness: { of: day, max_age: 1 month } } }\n";
    let day = |day: &str| format!("{{\"id\":\"1\",\"day\":\"{day}\"}}\n");
    repo(fresh, &day("2026-12-30"), &day("2026-03-01")).fails(LATER, Code::ArtifactStale);
}

#[test]
fn an_export_taken_early_names_the_last_day_it_claims() {
    let repo = Repo::new("evidence: { a: { kind: item, path: a/*.jsonl, population: { key: id }, cadence: monthly } }\n")
        .sealed(
            "a/1.jsonl",
            "{\"id\":\"1\"}\n",
            "2026-02-02",
            "covers: { from: 2026-02-01, to: 2026-02-28 }\nrecords: 1\n",
        );
    let expected = "the export was taken on 2026-02-02, before 2026-02-28 was over";
    assert_eq!(told(&repo, "2026-02-10", Code::EvidenceEarly), [expected]);
}

#[test]
fn what_cannot_be_excepted_says_how_it_is_waived() {
    let tile =
        format!("{PLAIN}checks: {{ c: {{ tile: {{ evidence: a, from: from, to: to }} }} }}\n");
    let count = format!("{PLAIN}checks: {{ c: {{ count: {{ evidence: a, max: 0 }} }} }}\n");
    let periodic =
        "evidence: { a: { kind: item, path: a/*.jsonl, happened: day, cadence: quarterly } }\n";
    for (rule, code) in [
        (tile.as_str(), Code::IntervalsNotTiled),
        (&count, Code::CountOutOfBounds),
        (periodic, Code::PeriodMissing),
    ] {
        let row = "{\"id\":\"1\",\"day\":\"2026-03-01\",\"from\":\"2026-03-01\"}\n";
        let report = Repo::new(rule).file("a/1.jsonl", row).report(LATER);
        let finding = report.findings.iter().find(|one| one.code == code).unwrap();
        let help = &finding.help;
        assert!(help.contains("`waivers`") && help.contains("exceptions.yaml"), "{help}");
    }
}

#[test]
fn a_side_without_any_file_is_told_once() {
    let rule = |check: &str, more: &str| {
        format!(
            "evidence: {{ a: {{ kind: item, path: a/*.jsonl }}, b: {{ kind: item, path: b/*.jsonl{more} }} }}\nchecks: {{ c: {{ {check} }} }}\n"
        )
    };
    let repo = |check: &str, more: &str| {
        let rows = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n";
        Repo::new(&rule(check, more)).file("a/1.jsonl", rows)
    };
    let join = "each: a, exists_in: b, match: { id: id }";
    let sets = "same_set: [{ evidence: a, key: id }, { evidence: b, key: id }]";
    for (check, code) in [(join, Code::CounterpartMissing), (sets, Code::SetDifference)] {
        let repo = repo(check, "");
        assert_eq!(told(&repo, LATER, Code::ArtifactMissing).len(), 1);
        let told = told(&repo, LATER, code);
        assert!(
            matches!(&told[..], [one] if one.contains("3 ") && one.contains("`b`")),
            "{told:?}"
        );
        assert_eq!(repo.report(LATER).controls[0].checks[0].deviations, 3);
    }
    // Where records demand the other side, each of them is a deviation of its own.
    assert_eq!(told(&repo(join, ", demanded_by: c"), LATER, Code::CounterpartMissing).len(), 3);
    // One record alone is shown as it is.
    let single = Repo::new(&rule(join, "")).file("a/1.jsonl", "{\"id\":\"1\"}\n");
    assert_eq!(single.place(LATER, Code::CounterpartMissing), "a/1.jsonl \"1\"");
}

#[test]
fn a_control_operated_where_any_of_its_populations_has_records() {
    let rule = "evidence:
  a: { kind: item, path: a/*.jsonl, population: { key: id } }
  b: { kind: item, path: b/*.jsonl, population: { key: id }, where: '!has(this.bad)' }\n";
    let nil = format!(
        "{ANNUAL}records: 0\nnil_return: {{ statement: none, signed_by: p-2, signed_on: 2027-01-03 }}\n"
    );
    let counted = format!("{ANNUAL}records: 1\n");
    let repo = |rule: &str| Repo::new(rule).sealed("a/1.jsonl", "", "2027-01-02", &nil);
    repo(rule).sealed("b/1.jsonl", "", "2027-01-02", &nil).verdict(LATER, Verdict::NotOperated);
    repo(rule)
        .sealed("b/1.jsonl", "{\"id\":\"1\"}\n", "2027-01-02", &counted)
        .verdict(LATER, Verdict::Met);
    // What the filter leaves out says nothing of the control, and is no proof that nothing happened.
    let other = "{\"id\":\"1\",\"bad\":false}\n";
    repo(rule)
        .sealed("b/1.jsonl", other, "2027-01-02", &counted)
        .fails(LATER, Code::SelectionEmpty);
    let demanded = rule.replace("'!has(this.bad)' }", "'!has(this.bad)', demanded_by: c }")
        + "checks: { c: { each: a, exists_in: b, match: { id: id } } }\n";
    repo(&demanded).verdict(LATER, Verdict::NotOperated);
}

#[test]
fn a_record_without_its_key_has_no_counterpart() {
    let repo = |message: &str| {
        Repo::new(&format!("evidence: {{ a: {{ kind: item, path: a/*.jsonl }}, b: {{ kind: item, path: b/*.jsonl }} }}
checks: {{ c: {{ each: a, exists_in: b, match: {{ ref: id }}{message} }} }}\n"))
        .file("a/1.jsonl", "{\"id\":\"1\"}\n{\"id\":\"2\",\"ref\":\"x\"}\n")
        .file("b/1.jsonl", "{\"id\":\"x\"}\n")
    };
    let said = told(&repo(", message: '{id} has no change'"), LATER, Code::CounterpartMissing);
    assert_eq!(said, ["1 has no change (`ref` is absent)"]);
    assert_eq!(told(&repo(""), LATER, Code::CounterpartMissing).len(), 1);
    repo("")
        .exceptions(&format!("exceptions: [{{ {EXCEPTION}, check: c, record: '1' }}]\n"))
        .verdict(LATER, Verdict::MetWithExceptions);
}

#[test]
fn a_figure_that_differs_is_shown_with_the_one_that_follows() {
    let label = |check: &str| {
        let repo = Repo::new(&format!(
            "evidence: {{ a: {{ kind: item, path: a/*.jsonl }}, b: {{ kind: item, path: b/*.jsonl }} }}
checks: {{ c: {{ each: a, message: wrong, recompute: {{ stated: amount, {check} }} }} }}\n"
        ))
        .file("a/1.jsonl", "{\"id\":\"1\",\"amount\":3}\n")
        .file("b/1.jsonl", "{\"id\":\"2\",\"ref\":\"1\"}\n");
        let report = repo.report(LATER);
        let found = report.findings.into_iter().find(|one| one.code == Code::RecomputedDiffers);
        found.unwrap().evidence[0].text.clone()
    };
    assert_eq!(label("from: 'has(this.ref) ? 1.0 : 2.0'"), "states 3, it should be 2");
    assert_eq!(label("count: { evidence: b, match: { id: ref } }"), "states 3, it should be 1");
}
