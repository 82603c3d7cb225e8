//! Workflow commands of GitHub Actions: annotations for the worst findings, the rest counted.
//!
//! GitHub shows ten annotations of a step, so the worst come first and nothing else is written.

use std::collections::BTreeSet;
use std::io;

use super::place::{at, omitted, origin, worst_first};
use super::{clean, counted};
use crate::model::{Finding, Severity};
use crate::report::Report;

/// Annotations of each level that one step shows.
const MOST: usize = 10;

/// Writes annotations for `report`.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut findings = worst_first(report);
    // A note fails nothing and asks for nothing: the summary has it.
    findings.retain(|(finding, _)| finding.severity != Severity::Note);
    let all = findings.len();
    // The same fault is a finding of every control that reads the file: it is shown once.
    let mut seen = BTreeSet::new();
    findings.retain(|(finding, _)| {
        let at = at(finding);
        seen.insert((finding.code, finding.message.clone(), at.path.to_owned(), at.start))
    });
    findings.truncate(MOST);
    for (finding, id) in &findings {
        annotation(finding, id, out)?;
    }
    let left = (all - findings.len()) as u64 + omitted(report);
    if left > 0 {
        let text = format!(
            "{} not shown here: see the summary of the job, or run `tickmark verify`",
            counted(left, "more finding")
        );
        writeln!(out, "::notice title=tickmark::{}", message(&text))?;
    }
    Ok(())
}

fn annotation(finding: &Finding, id: &str, out: &mut impl io::Write) -> io::Result<()> {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning | Severity::Note => "warning",
    };
    let at = at(finding);
    let title = format!("{} ({})", finding.code.as_str(), origin(finding));
    let text = format!("{}\n{}\nFinding {id}", finding.message, finding.help);
    write!(out, "::{command} file={},line={}", property(at.path), at.start.line)?;
    if at.end.line == at.start.line {
        let (from, to) = (at.start.column, at.end.column.saturating_sub(1).max(at.start.column));
        write!(out, ",col={from},endColumn={to}")?;
    } else {
        write!(out, ",endLine={}", at.end.line)?;
    }
    writeln!(out, ",title={}::{}", property(&title), message(&text))
}

/// The value of a property: what would end it, or the command, is escaped.
fn property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

fn message(text: &str) -> String {
    escape(text)
}

fn escape(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| clean(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_worst_ten_are_shown_and_the_rest_is_counted() {
        let mut report = sample::small();
        insta::assert_snapshot!("github", text(&report));
        let another =
            |at: usize| Finding { message: format!("{at}"), ..report.findings[2].clone() };
        report.findings = (0..40).map(another).collect();
        let text = text(&report);
        let notices = text.lines().filter(|line| line.starts_with("::notice title=tickmark::"));
        assert_eq!((text.lines().count(), notices.count()), (MOST + 1, 1));
        assert!(text.contains("30 more findings not shown"), "{text}");
    }

    #[test]
    fn evidence_speaks_no_command() {
        let text = text(&sample::hostile());
        for line in text.lines() {
            let rest = line.strip_prefix("::").unwrap();
            let (head, message) = rest.split_once("::").unwrap();
            assert!(!message.contains("::") && !head.contains('\r'), "{line}");
        }
    }
}
