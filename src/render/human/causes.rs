//! What to fix first: one fault in a file that many controls read holds all of them back, so the
//! faults are few where the findings are many.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::io;

use super::{columns, entry, heading, pad, paragraph};
use crate::model::{Code, Finding, LineColumn, Subject};
use crate::render::layout::shorten;
use crate::render::{Style, clean, counted};
use crate::report::Report;

/// Faults that are listed.
const LISTED: usize = 5;
/// Columns of one fault.
const FAULT: usize = 240;

/// One fault, as its first finding tells it, with the controls it holds back.
struct Cause<'r> {
    finding: &'r Finding,
    controls: BTreeSet<&'r str>,
    /// Where it stands: a column of a wrong name is wrong in every row.
    places: BTreeSet<LineColumn>,
}

/// Writes the faults that hold back most controls, where one holds back several.
pub(super) fn write(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let (causes, _) = causes(&report.findings);
    if causes.first().is_none_or(|cause| cause.controls.len() < 2) {
        return Ok(());
    }
    heading("Fix first (faults by the number of controls they hold back)", style, out)?;
    let lead = |cause: &Cause<'_>| counted(cause.controls.len() as u64, "control");
    let listed = &causes[..causes.len().min(LISTED)];
    let width = listed.iter().map(|cause| columns(&lead(cause))).max().unwrap_or_default();
    for cause in listed {
        let mut text = shorten(&told(cause.finding), FAULT, style.ellipsis());
        if let Some(more @ 1..) = cause.places.len().checked_sub(1) {
            text.push_str(&format!(
                " (and at {} of this file)",
                counted(more as u64, "more place")
            ));
        }
        entry(&format!("  {}  ", pad(&lead(cause), width)), &text, style, out)?;
    }
    if let Some(more @ 1..) = causes.len().checked_sub(LISTED) {
        let text = format!("and {} below.", counted(more as u64, "further fault"));
        paragraph(&text, "  ", style, out)?;
    }
    Ok(())
}

/// For each finding, how early its fault is to be fixed; `None` where it holds back nothing.
pub(super) fn ranks(findings: &[Finding]) -> Vec<Option<usize>> {
    causes(findings).1
}

/// The faults of `findings`, those of most controls first, in report order where equal; and for each
/// finding the number of its fault.
fn causes(findings: &[Finding]) -> (Vec<Cause<'_>>, Vec<Option<usize>>) {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut known = HashMap::new();
    let mut of: Vec<Option<usize>> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !finding.blocks() {
            of.push(None);
            continue;
        }
        let place = finding.evidence.first().map(|label| &label.place);
        let (path, start) = (place.map(|place| &place.path), place.map(|place| place.start));
        // Requirements call the same missing file by names of their own.
        let (start, message) = match &finding.subject {
            Subject::Period { label, .. } => (start, label.as_str()),
            _ if finding.code == Code::SchemaMismatch => (None, finding.message.as_str()),
            _ if place.is_some() => (start, ""),
            _ => (None, finding.message.as_str()),
        };
        let at = *known.entry((finding.code, path, start, message)).or_insert(causes.len());
        if at == causes.len() {
            let (controls, places) = (BTreeSet::new(), BTreeSet::new());
            causes.push(Cause { finding, controls, places });
        }
        causes[at].controls.extend(finding.control.as_deref());
        causes[at].places.extend(place.map(|place| place.start));
        of.push(Some(at));
    }
    let mut order: Vec<usize> = (0..causes.len()).collect();
    order.sort_by_key(|at| Reverse(causes[*at].controls.len()));
    let mut rank = vec![0; causes.len()];
    for (number, at) in order.into_iter().enumerate() {
        rank[at] = number;
    }
    causes.sort_by_key(|cause| Reverse(cause.controls.len()));
    (causes, of.into_iter().map(|at| at.map(|at| rank[at])).collect())
}

/// The place and the message. A period that is missing is not at the place that is shown with it.
fn told(finding: &Finding) -> String {
    let message = clean(&finding.message);
    let beside = matches!(finding.subject, Subject::Period { .. });
    match finding.evidence.first().map(|label| &label.place) {
        Some(place) if !beside && place.span.start < place.span.end => {
            let start = place.start;
            format!("{}:{}:{}: {message}", clean(&place.path), start.line, start.column)
        }
        Some(place) if !beside => {
            format!("{}: {message}", clean(&place.path))
        }
        _ => message,
    }
}
