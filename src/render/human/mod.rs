//! The report for people at a terminal: a summary that is read in ten seconds, then one diagnostic
//! for each finding that keeps a control from being met, then the warnings.

mod causes;
mod changes;
mod diagnostic;
mod snippet;
mod summary;
mod table;

pub(crate) use summary::gate;

use std::{
    collections::{BTreeMap, HashMap},
    io,
};

use crate::{
    model::{Finding, Severity},
    render::{
        Since, Style, clean, counted,
        layout::{columns, pad, wrap},
        place::{Named, named},
    },
    report::Report,
};

/// Writes `report` in the manner of `style`.
///
/// # Errors
///
/// What `out` reports.
pub fn render(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    render_since(report, None, style, out)
}

/// Writes `report` as [`render`] does, with what changed since an earlier one: new findings come
/// first and are marked.
///
/// # Errors
/// What `out` reports.
pub fn render_since(
    report: &Report,
    since: Option<&Since>,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    summary::write(report, since, style, out)?;
    if let Some(since) = since {
        changes::write(since, style, out)?;
    }
    let entries: Vec<Entry<'_>> =
        named(report).into_iter().map(|one| Entry::new(one, since)).collect();
    let mut blocking: Vec<&Entry<'_>> = entries.iter().filter(|one| one.finding.blocks()).collect();
    blocking.sort_by_key(|one| !one.new);
    let warnings: Vec<_> = entries
        .iter()
        .filter(|Entry { finding, .. }| {
            finding.severity == Severity::Warning && finding.excepted_by.is_none()
        })
        .collect();
    let first = blocking.len().min(style.findings);
    let second = warnings.len().min(style.findings - first);
    let more = "`--control ID` shows those of one control, `--format json` lists all.";
    write_group("What to fix", &blocking, first, more, style, out)?;
    write_group("Warnings (they do not fail the gate)", &warnings, second, more, style, out)?;
    write_omitted(report, style, out)?;
    if first + second > 0 {
        // The end of a long output is what stays on the screen.
        heading("Result", style, out)?;
        summary::write_gate(report, since, style, out)?;
        if let Some(since) = since {
            changes::write_counts(since, style, out)?;
        }
    }
    Ok(())
}

/// Writes findings alone, without a summary: for single files and for what is wrong with the policy.
///
/// # Errors
/// When `out` cannot be written.
pub fn render_findings(
    title: &str,
    findings: &[Finding],
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let entries: Vec<Entry<'_>> =
        findings.iter().map(|finding| Entry { finding, new: false, id: None }).collect();
    let all: Vec<&Entry<'_>> = entries.iter().collect();
    let shown = all.len().min(style.findings);
    write_group(title, &all, shown, "Correct these and run it again.", style, out)
}

/// Renders findings that recorded exceptions cover, a line each: nobody has to do anything.
///
/// # Errors
/// When writing fails.
pub fn render_covered(findings: &[Finding], out: &mut impl io::Write) -> io::Result<()> {
    for finding in findings {
        let at = finding.evidence.first().map(|label| &label.place);
        let place = at.map(|at| format!("{}:{}: ", clean(&at.path), at.start.line));
        let place = place.unwrap_or_default();
        let by = clean(finding.excepted_by.as_deref().unwrap_or_default());
        writeln!(out, "{place}{} (covered by {by})", clean(&finding.message))?;
    }
    Ok(())
}

/// A finding that may be drawn.
struct Entry<'f> {
    finding: &'f Finding,
    /// An earlier report did not have to fix it.
    new: bool,
    /// What every format calls it; nothing for what is no finding of a report.
    id: Option<String>,
}

impl<'f> Entry<'f> {
    fn new((finding, id): Named<'f>, since: Option<&Since>) -> Self {
        let new = since.is_some_and(|since| since.new.contains(&id));
        Self { finding, new, id: Some(id) }
    }
}

/// An entry that is drawn, with the controls that have the same fault.
struct Drawn<'f> {
    first: &'f Entry<'f>,
    new: bool,
    others: Vec<&'f str>,
}

/// The same fault is a finding of every control that reads the file; it is drawn once, with the ids
/// of the other controls. It is new where it is new to one of them.
fn distinct<'f>(entries: &[&'f Entry<'f>]) -> Vec<Drawn<'f>> {
    let mut found: Vec<Drawn<'_>> = Vec::new();
    let mut known = HashMap::new();
    for entry in entries {
        let finding = entry.finding;
        let place = finding.evidence.first().map(|label| &label.place);
        let at = *known.entry((finding.code, &finding.message, place)).or_insert(found.len());
        let control = finding.control.as_deref().unwrap_or_default();
        match found.get_mut(at) {
            None => found.push(Drawn { first: entry, new: entry.new, others: Vec::new() }),
            Some(Drawn { first, new, others }) => {
                *new |= entry.new;
                let own = first.finding.control.as_deref() == Some(control);
                if !own && !others.contains(&control) {
                    others.push(control);
                }
            }
        }
    }
    found
}

/// The first `shown` of `findings` in full, and how many more there are; `more` says how to see those.
fn write_group(
    title: &str,
    findings: &[&Entry<'_>],
    shown: usize,
    more: &str,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let distinct = distinct(findings);
    let (printed, rest) = distinct.split_at(shown.min(distinct.len()));
    // The same fault may be a finding of several controls.
    let mut count = counted(distinct.len() as u64, "finding");
    if distinct.len() < findings.len() {
        let all = counted(findings.len() as u64, "finding");
        count = format!("{} ({all})", counted(distinct.len() as u64, "fault"));
    }
    heading(&format!("{title}: {count}"), style, out)?;
    for Drawn { first, new, others } in printed {
        writeln!(out)?;
        if *new {
            writeln!(out, "{}", paint("new:", Ink::Bad, style))?;
        }
        let drawn = diagnostic::draw(first.finding, style).map_err(io::Error::other)?;
        out.write_all(drawn.as_bytes())?;
        if let Some(id) = &first.id {
            writeln!(out, "  id: {id}")?;
        }
        if !others.is_empty() {
            let text = format!("the same fault holds back {}", others.join(", "));
            paragraph(&clean(&text), "  ", style, out)?;
        }
    }
    let rest: Vec<&Finding> = rest.iter().map(|one| one.first.finding).collect();
    if rest.is_empty() {
        return Ok(());
    }
    let mut of: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &rest {
        *of.entry(finding.control.as_deref().unwrap_or("the repository as a whole"))
            .or_default() += 1;
    }
    let of: Vec<_> = of.iter().map(|(id, count)| format!("{} {count}", clean(id))).collect();
    writeln!(out)?;
    let text = format!(
        "{} not printed here ({}). {more}",
        counted(rest.len() as u64, "more finding"),
        of.join(", "),
    );
    paragraph(&text, "", style, out)
}

/// What was found beyond the limit of a check, which no format lists.
fn write_omitted(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    for (control, check, count) in &report.omitted {
        writeln!(out)?;
        let text = format!(
            "{}, check {}: {} counted but not listed. One cause is likely behind all of them: fix \
             it and run again.",
            clean(control),
            clean(check),
            counted(*count, "more finding"),
        );
        paragraph(&text, "", style, out)?;
    }
    Ok(())
}

/// An empty line and a heading.
fn heading(title: &str, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint(title, Ink::Bold, style))
}

/// Clean `text` wrapped to the width, each line after `indent`.
fn paragraph(text: &str, indent: &str, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    for line in wrap(text, style.columns().saturating_sub(columns(indent))) {
        writeln!(out, "{indent}{line}")?;
    }
    Ok(())
}

/// Clean `text` after `lead`, wrapped so that its lines stand below one another.
fn entry(lead: &str, text: &str, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let beside = columns(lead) <= style.columns() / 2;
    let indent = if beside { columns(lead) } else { 6 };
    if !beside {
        paragraph(lead, "", style, out)?;
    }
    for (number, line) in wrap(text, style.columns() - indent).iter().enumerate() {
        let before = if beside && number == 0 { lead } else { "" };
        writeln!(out, "{}{line}", pad(before, indent))?;
    }
    Ok(())
}

/// The few colours that are used; they only repeat what the words say.
#[derive(Debug, Clone, Copy)]
enum Ink {
    Bold,
    Good,
    Open,
    Bad,
}

/// `text` in colour, where colour is wanted.
fn paint(text: &str, ink: Ink, style: &Style) -> String {
    if !style.color {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Bold => "1",
        Ink::Good => "32",
        Ink::Open => "33",
        Ink::Bad => "1;31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests;
