//! SARIF 2.1.0 for code scanning: findings only, each at one place of the repository.
//!
//! Source: OASIS SARIF 2.1.0, and what GitHub code scanning reads of it. At most 25,000 results are
//! taken there; the rest is counted in a notification.

use std::collections::BTreeSet;
use std::io;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::escape::uri;
use super::place::{At, Named, at, named, omitted, origin, severity};
use crate::model::{Code, Finding};
use crate::report::Report;

/// Results code scanning takes.
const MOST: usize = 25_000;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    column_kind: &'static str,
    invocations: [Value; 1],
    results: Results<'a>,
}

/// Results, each made when it is written.
struct Results<'a> {
    named: &'a [Named<'a>],
    codes: &'a [Code],
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.named.iter().map(|(one, id)| result(one, id, self.codes)))
    }
}

/// Writes `report` as one SARIF run.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let used: BTreeSet<Code> = report.findings.iter().map(|finding| finding.code).collect();
    let codes: Vec<Code> = used.into_iter().collect();
    let mut named = named(report);
    named.sort_by_key(|(finding, _)| (finding.excepted_by.is_some(), finding.severity));
    let left = (named.len().saturating_sub(MOST)) as u64 + omitted(report);
    let mut invocation = json!({ "executionSuccessful": true });
    if left > 0 {
        let text = format!("{left} more findings were counted and are not listed here");
        invocation["toolExecutionNotifications"] =
            json!([{ "level": "warning", "message": { "text": text } }]);
    }
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "tickmark",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } }),
            automation_details: json!({ "id": "tickmark/" }),
            column_kind: "unicodeCodePoints",
            invocations: [invocation],
            results: Results { named: &named[..named.len().min(MOST)], codes: &codes },
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn rule(code: Code) -> Value {
    let page = code.page();
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": page.title },
        "fullDescription": { "text": page.meaning },
        "help": { "text": page.fix },
    })
}

fn result(finding: &Finding, id: &str, codes: &[Code]) -> Value {
    let text = format!("{} ({}). {}", finding.message, origin(finding), finding.help);
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": codes.binary_search(&finding.code).unwrap_or_default(),
        "level": severity(finding.severity),
        "message": { "text": text },
        "locations": [location(at(finding))],
        "partialFingerprints": { "primaryLocationLineHash": id },
    });
    if let Some(by) = &finding.excepted_by {
        let justification = format!("covered by {by} in exceptions.yaml");
        result["suppressions"] = json!([{ "kind": "external", "justification": justification }]);
    }
    result
}

fn location(At { path, start, end }: At<'_>) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(path), "uriBaseId": "%SRCROOT%" },
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::testing::mismatches;
    use crate::report::sample;

    #[test]
    fn the_log_is_what_the_standard_says() {
        for report in [sample::small(), sample::hostile()] {
            let Some(found) = mismatches("sarif-2.1.0.json", &log(&report)) else { return };
            assert_eq!(found, [""; 0]);
        }
    }

    fn log(report: &Report) -> Value {
        let mut out = Vec::new();
        render(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn every_finding_has_one_place_in_the_repository_and_an_id_of_its_own() {
        for report in [sample::small(), sample::hostile()] {
            let log = log(&report);
            let results = log["runs"][0]["results"].as_array().unwrap();
            assert_eq!(results.len(), report.findings.len());
            let mut ids = BTreeSet::new();
            for result in results {
                assert_eq!(result["locations"].as_array().unwrap().len(), 1);
                let place = &result["locations"][0]["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                assert!(!uri.is_empty() && !uri.starts_with("builtin:"), "{uri}");
                let region = &place["region"];
                let number = |key: &str| region[key].as_u64().unwrap();
                let start = (number("startLine"), number("startColumn"));
                assert!(start >= (1, 1) && start < (number("endLine"), number("endColumn")));
                assert!(
                    ids.insert(
                        result["partialFingerprints"]["primaryLocationLineHash"].to_string()
                    )
                );
                let index = result["ruleIndex"].as_u64().unwrap() as usize;
                let rules = &log["runs"][0]["tool"]["driver"]["rules"];
                assert_eq!(rules[index]["id"], result["ruleId"]);
            }
        }
    }
}
