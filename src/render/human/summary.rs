//! The head of the human report: the gate's answer, the controls, what is due next and what must be
//! disclosed.

use std::{collections::BTreeMap, io};

use super::{Ink, causes, entry, heading, paint, paragraph, table};
use crate::{
    model::{PeriodState, Severity, Verdict},
    render::{
        READINESS_NOTICE, Since, Style, clean, counted,
        layout::{pad, shorten, wrap},
    },
    report::{ControlReport, Report, Rollup},
};

/// Periods listed as due next.
const NEXT: usize = 5;
/// Columns of one disclosed reason.
const REASON: usize = 240;

/// Writes the whole summary.
pub(super) fn write(
    report: &Report,
    since: Option<&Since>,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let head = format!(
        "{}, {} to {} ({}), as of {}",
        clean(&report.organisation),
        clean(&report.window.0),
        clean(&report.window.1),
        clean(&report.time_zone),
        clean(&report.as_of),
    );
    paragraph(&head, "", style, out)?;
    writeln!(out)?;
    write_gate(report, since, style, out)?;
    paragraph(&verdicts(report), "", style, out)?;
    paragraph(&items(report), "", style, out)?;
    paragraph(&findings(report), "", style, out)?;
    causes::write(report, style, out)?;
    write_next(report, style, out)?;
    table::write(report, style, out)?;
    write_rollups(report, style, out)?;
    write_disclosed(report, style, out)?;
    writeln!(out)?;
    paragraph(&files(report), "", style, out)?;
    writeln!(out)?;
    paragraph(READINESS_NOTICE, "", style, out)?;
    writeln!(out)?;
    paragraph(&more(report), "", style, out)
}

/// Writes the gate's answer, in colour where that is wanted.
pub(super) fn write_gate(
    report: &Report,
    since: Option<&Since>,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let only_new = since.filter(|since| since.only_new);
    let passes = only_new.map_or(report.passes(), |since| since.passes(report));
    let ink = if passes { Ink::Good } else { Ink::Bad };
    let mut text = gate(report);
    if let Some(since) = only_new.filter(|_| passes && !report.passes()) {
        let as_of = clean(&since.as_of);
        let rest = text.trim_start_matches("Gate fails: ");
        text = format!("Gate passes: nothing is new to fix since {as_of}. Still open: {rest}");
    }
    for line in wrap(&text, style.columns()) {
        writeln!(out, "{}", paint(&line, ink, style))?;
    }
    Ok(())
}

/// The gate's answer in a sentence.
pub(crate) fn gate(report: &Report) -> String {
    let controls = counted(report.controls.len() as u64, "control");
    if report.controls.is_empty() {
        return "Gate fails: no control was evaluated. Check which packs `tickmark.yaml` names and \
                what `--control`, `--item` or `--criterion` select."
            .to_owned();
    }
    if report.passes() {
        return format!("Gate passes: none of {controls} is unmet.");
    }
    let failing = |verdict: Verdict| match report.count(verdict) {
        count if verdict.fails(report.strict) => count,
        _ => 0,
    };
    let (unmet, blind, pending) =
        (failing(Verdict::Unmet), failing(Verdict::NotEvaluable), failing(Verdict::Pending));
    let mut clauses = Vec::new();
    for (count, what) in
        [(unmet, "unmet"), (blind, "not evaluable"), (pending, "pending, which --strict refuses")]
    {
        if count > 0 {
            let of = if clauses.is_empty() { format!(" of {controls}") } else { String::new() };
            clauses.push(format!("{count}{of} {} {what}", is(count)));
        }
    }
    let whole = report.findings.iter().filter(|it| it.control.is_none() && it.blocks()).count();
    if whole > 0 {
        let findings = counted(whole as u64, "finding");
        let verb = if whole == 1 { "concerns" } else { "concern" };
        clauses.push(format!("{findings} {verb} the repository as a whole"));
    }
    if clauses.is_empty() {
        let open = report.findings.iter().filter(|finding| finding.blocks()).count() as u64;
        let omitted: u64 = report.omitted.iter().map(|(_, _, many)| many).sum();
        let verb = if open + omitted == 1 { "is" } else { "are" };
        clauses.push(format!("{} {verb} to fix", counted(open + omitted, "finding")));
    }
    format!("Gate fails: {}.", clauses.join("; "))
}

fn is(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Counts by verdict, worst first.
fn verdicts(report: &Report) -> String {
    let counts: Vec<_> = Verdict::ALL
        .iter()
        .rev()
        .map(|&verdict| (report.count(verdict), verdict.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    if counts.is_empty() { String::new() } else { format!("Controls: {}.", counts.join(", ")) }
}

/// How many items of the checklist were judged.
fn items(report: &Report) -> String {
    let of = |which: &dyn Fn(Verdict) -> bool| {
        report.items.iter().filter(|item| which(item.verdict)).count()
    };
    let held = of(&|verdict| verdict.fails(report.strict));
    let idle = of(&|verdict| verdict == Verdict::NotApplicable);
    let judged = report.items.len() - idle;
    let mut text = format!("Checklist: {} judged", counted(judged as u64, "item"));
    if held > 0 {
        text.push_str(&format!(", {held} held back"));
    }
    if idle > 0 {
        text.push_str(&format!(", {idle} not applicable"));
    }
    text + "."
}

/// Counts by weight.
fn findings(report: &Report) -> String {
    let of = |severity: Severity| {
        let open = |it: &&_| matches_open(it, severity);
        report.findings.iter().filter(open).count() as u64
    };
    let excepted = report.findings.iter().filter(|it| it.excepted_by.is_some()).count();
    let mut text = format!(
        "Findings: {} to fix, {}, {}",
        of(Severity::Error),
        counted(of(Severity::Warning), "warning"),
        counted(of(Severity::Note), "note"),
    );
    if excepted > 0 {
        text.push_str(&format!(", {excepted} covered by exceptions or waivers"));
    }
    let omitted: u64 = report.omitted.iter().map(|(_, _, count)| count).sum();
    if omitted > 0 {
        text.push_str(&format!(", and {omitted} more counted but not listed"));
    }
    text + "."
}

fn matches_open(finding: &crate::model::Finding, severity: Severity) -> bool {
    finding.severity == severity && finding.excepted_by.is_none()
}

/// The checklist items and criteria that fail, and the criteria that nothing supports.
fn write_rollups(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let failing = |rollups: &[Rollup]| {
        ids(rollups, |it| !it.controls.is_empty() && it.verdict.fails(report.strict))
    };
    let lines = [
        ("Checklist items held back: ", failing(&report.items)),
        ("Criteria held back: ", failing(&report.criteria)),
        (
            "Criteria no control in scope supports: ",
            ids(&report.criteria, |it| it.controls.is_empty()),
        ),
    ];
    if lines.iter().any(|(_, ids)| !ids.is_empty()) {
        writeln!(out)?;
    }
    for (lead, ids) in lines.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        entry(lead, &ids, style, out)?;
    }
    Ok(())
}

fn ids(rollups: &[Rollup], which: impl Fn(&Rollup) -> bool) -> String {
    let ids: Vec<_> = rollups.iter().filter(|it| which(it)).map(|it| clean(&it.id)).collect();
    ids.join(", ")
}

/// The pending periods that are due soonest.
fn write_next(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let mut next = Vec::new();
    let in_scope = |it: &&ControlReport| it.verdict != Verdict::NotApplicable;
    for control in report.controls.iter().filter(in_scope) {
        for requirement in &control.requirements {
            for period in &requirement.periods {
                if period.state == PeriodState::Pending {
                    let group = period.group.as_deref().unwrap_or_default();
                    next.push((
                        period.due_on.as_str(),
                        control.id.as_str(),
                        requirement.name.as_str(),
                        period.label.as_str(),
                        group,
                    ));
                }
            }
        }
    }
    if next.is_empty() {
        return Ok(());
    }
    next.sort_unstable();
    heading("Due next", style, out)?;
    for (due_on, control, requirement, label, group) in next.iter().take(NEXT) {
        let lead = format!("  by {}  ", clean(due_on));
        let mut what = format!("{}.{}: {}", clean(control), clean(requirement), clean(label));
        if !group.is_empty() {
            what.push_str(&format!(" for {}", clean(group)));
        }
        entry(&lead, &what, style, out)?;
    }
    if let Some(more @ 1..) = next.len().checked_sub(NEXT) {
        let text =
            format!("and {} later; `--format json` lists all.", counted(more as u64, "period"));
        paragraph(&text, "  ", style, out)?;
    }
    Ok(())
}

/// What an auditor is told though it fails nothing.
fn write_disclosed(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let mut rows = Vec::new();
    for control in &report.controls {
        if matches!(
            control.verdict,
            Verdict::Waived | Verdict::NotOperated | Verdict::NotApplicable
        ) {
            let reason = control.reason.as_deref().unwrap_or("no reason is recorded");
            let lead = format!("{} {}", clean(&control.id), control.verdict.as_str());
            rows.push((lead, clean(reason)));
        }
    }
    let mut covered: BTreeMap<(&str, &str), (u64, &str)> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(by) = &finding.excepted_by {
            let control = finding.control.as_deref().unwrap_or("repository");
            covered.entry((control, by)).or_insert((0, &finding.message)).0 += 1;
        }
    }
    for ((control, by), (count, message)) in covered {
        let first = if count == 1 { ":" } else { "; the first:" };
        let lead = shorten(&format!("{} {}", clean(control), clean(by)), 40, style.ellipsis());
        rows.push((
            lead,
            format!("covers {}{first} {}", counted(count, "finding"), clean(message)),
        ));
    }
    if rows.is_empty() {
        return Ok(());
    }
    heading("To disclose to the auditor", style, out)?;
    let width = rows.iter().map(|(lead, _)| super::columns(lead)).max().unwrap_or_default().min(40);
    for (lead, text) in rows {
        let text = shorten(&text, REASON, style.ellipsis());
        entry(&format!("  {}  ", pad(&lead, width)), &text, style, out)?;
    }
    Ok(())
}

/// How much was read.
fn files(report: &Report) -> String {
    match report.unused.as_slice() {
        [] => format!("{} seen; each is read by some control.", counted(report.files, "file")),
        [first, rest @ ..] => {
            let (verb, more) = match rest.len() {
                0 => ("is", String::new()),
                more => ("are", format!(" and {more} more")),
            };
            format!(
                "{} seen, {} of which {verb} read by no control: {}{more}. If that is meant to be \
                 evidence, compare its path with the paths in the rule.",
                counted(report.files, "file"),
                report.unused.len(),
                clean(&shorten(first, REASON, "...")),
            )
        }
    }
}

/// Where to read on.
fn more(report: &Report) -> String {
    let worst = table::worst_first(report).first().map_or("CONTROL", |control| control.id.as_str());
    format!(
        "More: `tickmark explain {}` shows what the control asks and what good evidence looks like; \
         `tickmark verify --format json` has every period and every finding.",
        clean(worst)
    )
}
