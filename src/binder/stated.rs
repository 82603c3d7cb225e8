//! Reads the report of a binder back, so that pages and indexes can be made of what it says.

use std::collections::HashMap;

use serde::de;
use serde_json::{Value, json};

use super::of_policy;
use crate::catalog::{Files, excerpt};
use crate::document::{Document, read_policy};
use crate::report::Report;

/// The last byte a finding may name: no file is as large.
const LARGEST_PLACE: u64 = 1 << 48;

/// The report that `stated` shows to programs.
///
/// # Errors
/// When it is not of the shape that this version writes.
pub(super) fn report(stated: &Value) -> Result<Report, serde_json::Error> {
    let mut report = stated.clone();
    if !report.is_object() {
        return serde_json::from_value(report);
    }
    report["window"] = days(&stated["window"]);
    report["files"] = stated["files"]["seen"].clone();
    report["unused"] = stated["files"]["unused"].clone();
    each(&mut report, "controls", |control| {
        each(control, "requirements", |requirement| {
            each(requirement, "artifacts", provenance);
        });
    });
    each(&mut report, "findings", |finding| {
        each(finding, "evidence", label);
        if finding.get("rule").is_some() {
            label(&mut finding["rule"]);
        }
    });
    each(&mut report, "register", |one| one["is_waiver"] = json!(one["kind"] == "waiver"));
    each(&mut report, "omitted", |one| {
        *one = json!([one["control"], one["check"], one["count"]]);
    });
    let report: Report = serde_json::from_value(report)?;
    let labels = report.findings.iter().flat_map(|one| one.evidence.iter().chain(&one.rule));
    match labels.map(|label| &label.place).find(|at| {
        let (start, end) = (at.span.start, at.span.end);
        start > end || end > LARGEST_PLACE || at.start.line == 0 || at.start.column == 0
    }) {
        Some(place) => Err(de::Error::custom(format!("`{}` has no such place", place.path))),
        None => Ok(report),
    }
}

/// Gives the places in `policy` that findings name their lines; those in evidence have none yet.
pub(super) fn quote(report: &mut Report, policy: &Files) {
    let read = |path: &str| {
        let file = of_policy(policy).find(|file| file.path == path)?;
        read_policy(path, file.bytes.clone()).0
    };
    let mut documents: HashMap<String, Option<Document>> = HashMap::new();
    for finding in &mut report.findings {
        let code = finding.code.as_str();
        let is_of_policy =
            ["exception", "waiver", "exclusion"].iter().any(|of| code.starts_with(of));
        let places = finding.evidence.iter_mut().filter(|_| is_of_policy).chain(&mut finding.rule);
        for label in places {
            let path = label.place.path.clone();
            let document = documents.entry(path).or_insert_with_key(|path| read(path)).as_ref();
            label.excerpt =
                document.map(|one| excerpt(one.text(), label.place.span, label.place.start.line));
        }
    }
}

/// First and last day, as a report holds them.
fn days(window: &Value) -> Value {
    json!([window["start"], window["end"]])
}

fn provenance(artifact: &mut Value) {
    if let Some(covers) = artifact.pointer_mut("/provenance/covers") {
        *covers = days(covers);
    }
}

fn label(place: &mut Value) {
    let span = json!({ "start": place["start_byte"], "end": place["end_byte"] });
    *place = json!({
        "place": {
            "path": place["path"], "span": span, "start": place["start"], "end": place["end"],
        },
        "text": place["text"],
    });
}

/// Does `change` to each object of the list `name` of `value`.
fn each(value: &mut Value, name: &str, mut change: impl FnMut(&mut Value)) {
    let list = value.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter(|one| one.is_object()).for_each(&mut change);
}
