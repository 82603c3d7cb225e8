//! A GitLab Code Quality report: one entry for each finding that nobody has excepted.

use std::io;

use serde::Serialize;
use serde::ser::Serializer as _;

use super::counted;
use super::fingerprint::of_parts;
use super::place::{ENGAGEMENT, at, named, origin};
use crate::model::{Finding, Severity};
use crate::report::Report;

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// Writes `report` as Code Quality entries.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let open = named(report).into_iter().filter(|(finding, _)| finding.excepted_by.is_none());
    let entries = open.map(|(finding, fingerprint)| entry(finding, fingerprint));
    let entries = entries.chain(report.omitted.iter().map(unlisted));
    serde_json::Serializer::new(&mut *out).collect_seq(entries)?;
    writeln!(out)
}

fn entry(finding: &Finding, fingerprint: String) -> Entry<'_> {
    let at = at(finding);
    let severity = match finding.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Note => "info",
    };
    Entry {
        description: format!("{} ({}). {}", finding.message, origin(finding), finding.help),
        check_name: finding.code.as_str(),
        fingerprint,
        severity,
        location: Location { path: at.path, lines: Lines { begin: at.start.line } },
    }
}

/// Stands for findings that were counted and are not listed: the format has no other place for it.
fn unlisted<'r>((control, check, count): &(String, String, u64)) -> Entry<'r> {
    let more = counted(*count, "more finding");
    Entry {
        description: format!("{more} counted and not listed ({control}, check {check})"),
        check_name: "findings-not-listed",
        fingerprint: of_parts(&["findings-not-listed", control, check]),
        severity: "major",
        location: Location { path: ENGAGEMENT, lines: Lines { begin: 1 } },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::sample;

    #[test]
    fn fingerprints_differ_even_where_a_finding_comes_twice() {
        let mut report = sample::small();
        report.findings = vec![report.findings[0].clone(); 3];
        let mut out = Vec::new();
        render(&report, &mut out).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let prints: BTreeSet<&str> = read
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!(prints.len(), 3);
        assert_eq!(read[0]["check_name"], report.findings[0].code.as_str());
    }
}
