//! Where a finding is shown by formats that know files of the repository and nothing else, and what
//! it is called there.

use std::collections::BTreeMap;

use super::fingerprint;
use crate::model::{Finding, LineColumn, Severity};
use crate::report::Report;

/// A file of the repository and the position of the first and one past the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At<'a> {
    pub(super) path: &'a str,
    pub(super) start: LineColumn,
    pub(super) end: LineColumn,
}

/// The engagement: stands for what lies in no file of the repository.
pub(super) const ENGAGEMENT: &str = "tickmark.yaml";

/// The evidence a finding points at; else the rule that demands it, where that is a file of the
/// repository; else the engagement.
pub(super) fn at(finding: &Finding) -> At<'_> {
    let label = finding.evidence.first().or(finding.rule.as_ref());
    match label.map(|label| &label.place) {
        Some(place) if !place.path.starts_with("builtin:") && !place.path.is_empty() => {
            let start = place.start;
            // A place of no length still marks a character.
            let next = LineColumn { line: start.line, column: start.column + 1 };
            At { path: &place.path, start, end: place.end.max(next) }
        }
        _ => At {
            path: ENGAGEMENT,
            start: LineColumn::FIRST,
            end: LineColumn { line: 1, column: 2 },
        },
    }
}

/// The ids of `findings`, in their order: fingerprints, made to differ where two findings share one.
pub(crate) fn ids(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let one = |finding: &Finding| {
        let id = fingerprint(finding);
        let count = seen.entry(id.clone()).or_default();
        *count += 1;
        if *count == 1 { id } else { super::fingerprint::of_parts(&[&id, &count.to_string()]) }
    };
    findings.iter().map(one).collect()
}

/// A finding and its id.
pub(super) type Named<'r> = (&'r Finding, String);

/// All findings of `report` in its order, each with its id.
pub(super) fn named(report: &Report) -> Vec<Named<'_>> {
    report.findings.iter().zip(ids(&report.findings)).collect()
}

/// Findings nobody has excepted, worst first, in report order where equal.
pub(super) fn worst_first(report: &Report) -> Vec<Named<'_>> {
    let mut findings = named(report);
    findings.retain(|(finding, _)| finding.excepted_by.is_none());
    findings.sort_by_key(|(finding, _)| finding.severity);
    findings
}

/// How many findings were counted by the verifier and not listed.
pub(super) fn omitted(report: &Report) -> u64 {
    report.omitted.iter().map(|(_, _, count)| count).sum()
}

/// The name of a weight.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// What a finding comes from: `CHM-01, check approver-is-independent`.
pub(super) fn origin(finding: &Finding) -> String {
    let control = finding.control.as_deref().unwrap_or("repository");
    match (&finding.check, &finding.requirement) {
        (Some(check), _) => format!("{control}, check {check}"),
        (None, Some(requirement)) => format!("{control}, evidence {requirement}"),
        (None, None) => control.to_owned(),
    }
}
