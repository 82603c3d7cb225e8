//! A summary in Markdown, for the page of a CI job: the answer, the coverage of each control, and the
//! worst findings. Never more than GitHub takes (1 MiB).

use std::fmt::Write as _;
use std::io;

use super::human::gate;
use super::place::{at, omitted, origin, worst_first};
use super::{READINESS_NOTICE, counted, markdown_text};
use crate::model::{PeriodState, Verdict};
use crate::report::{ControlReport, Report};

/// Bytes a summary may have; what stands below the findings needs some of them.
const LARGEST: usize = 900_000;
/// Findings that are listed.
const MOST: usize = 100;
/// Marks in one row of the picture.
const WIDE: usize = 60;

/// Writes `report` as a Markdown summary.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut text = String::new();
    let mark = if report.passes() { "✅" } else { "❌" };
    let _ = writeln!(text, "## {mark} {}\n", markdown_text(&gate(report)));
    let _ = writeln!(
        text,
        "{}, {} to {}, as of **{}**.\n",
        markdown_text(&report.organisation),
        report.window.0,
        report.window.1,
        report.as_of,
    );
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .rev()
        .filter(|verdict| report.count(**verdict) > 0)
        .map(|verdict| format!("{} {}", report.count(*verdict), verdict.as_str()))
        .collect();
    let _ = writeln!(
        text,
        "Controls: {}. Checklist items: {}.\n",
        counts.join(", "),
        report.items.len()
    );
    coverage(report, &mut text);
    findings(report, &mut text);
    let open = report.criteria.iter().filter(|one| one.controls.is_empty());
    let open: Vec<&str> = open.map(|one| one.id.as_str()).collect();
    if !open.is_empty() {
        let _ = writeln!(
            text,
            "Criteria no control in scope supports: {}.\n",
            markdown_text(&open.join(", "))
        );
    }
    let _ = writeln!(text, "{READINESS_NOTICE}");
    out.write_all(text.as_bytes())
}

/// The picture: a mark for each due or coming period of each control.
fn coverage(report: &Report, text: &mut String) {
    let _ = writeln!(
        text,
        "| control | verdict | periods: ● covered ✕ missing · pending | stated as true |"
    );
    let _ = writeln!(text, "|---|---|---|---|");
    let mut controls: Vec<&ControlReport> = report.controls.iter().collect();
    controls.sort_by_key(|control| std::cmp::Reverse(control.verdict));
    for (at, control) in controls.iter().enumerate() {
        if text.len() > LARGEST / 2 {
            let _ = writeln!(
                text,
                "\n{} not shown.",
                counted((controls.len() - at) as u64, "more control")
            );
            break;
        }
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            markdown_text(&control.id),
            control.verdict.as_str(),
            picture(control),
            markdown_text(&control.title),
        );
    }
    text.push('\n');
}

/// The periods of all requirements together, in order: a period is missing where one misses it.
fn picture(control: &ControlReport) -> String {
    let mut periods: Vec<(&str, &str, PeriodState)> = Vec::new();
    for period in control.requirements.iter().flat_map(|requirement| &requirement.periods) {
        let known = periods.iter_mut().find(|(label, _, _)| *label == period.label);
        match known {
            Some((_, _, state)) => *state = worse(*state, period.state),
            None => periods.push((&period.label, &period.due_on, period.state)),
        }
    }
    periods.sort_by_key(|(label, due, _)| (*due, *label));
    let mut marks: String = periods
        .iter()
        .take(WIDE)
        .map(|(_, _, state)| match state {
            PeriodState::Covered => '●',
            PeriodState::Missing => '✕',
            PeriodState::Pending => '·',
        })
        .collect();
    if periods.len() > WIDE {
        marks.push('…');
    }
    marks
}

fn worse(a: PeriodState, b: PeriodState) -> PeriodState {
    let rank = |state| match state {
        PeriodState::Missing => 2,
        PeriodState::Pending => 1,
        PeriodState::Covered => 0,
    };
    if rank(a) >= rank(b) { a } else { b }
}

fn findings(report: &Report, text: &mut String) {
    let findings = worst_first(report);
    let mut shown = 0;
    if !findings.is_empty() {
        let _ = writeln!(text, "### What to fix\n");
    }
    for (finding, id) in findings.iter().take(MOST) {
        let at = at(finding);
        let mut entry = String::new();
        let _ = writeln!(
            entry,
            "- **{}** {} ({}:{}), {}. {} `{id}`",
            markdown_text(&origin(finding)),
            markdown_text(&shorten(&finding.message)),
            markdown_text(at.path),
            at.start.line,
            finding.code.as_str(),
            markdown_text(&shorten(&finding.help)),
        );
        if text.len() + entry.len() > LARGEST {
            break;
        }
        text.push_str(&entry);
        shown += 1;
    }
    let left = (findings.len() - shown) as u64 + omitted(report);
    if left > 0 {
        let _ = writeln!(
            text,
            "- and {}: `tickmark verify` shows them.",
            counted(left, "more finding")
        );
    }
    text.push('\n');
}

fn shorten(text: &str) -> String {
    super::layout::shorten(text, 400, "…")
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
    fn the_answer_the_picture_and_what_to_fix() {
        insta::assert_snapshot!("markdown", text(&sample::small()));
    }

    #[test]
    fn a_summary_stays_below_a_mebibyte() {
        let mut report = sample::hostile();
        let finding = report.findings[0].clone();
        report.findings = vec![finding; 100_000];
        let control = report.controls[0].clone();
        report.controls = vec![control; 20_000];
        let text = text(&report);
        assert!(text.len() < 1 << 20, "{}", text.len());
        assert!(text.contains("more findings"));
    }

    #[test]
    fn evidence_is_no_markup() {
        let text = text(&sample::hostile());
        assert!(!text.contains("<script") && !text.contains("<img"));
    }
}
