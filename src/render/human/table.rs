//! The table of controls, worst first, with the reason below each that fails.

use std::io;

use super::{Ink, causes, entry, heading, paint, paragraph};
use crate::{
    model::{Severity, Tally, Verdict},
    render::{
        Style, clean,
        layout::{columns, pad, shorten, wrap},
    },
    report::{ControlReport, Report},
};

/// Columns of one reason.
const REASON: usize = 300;
/// Columns below which titles no longer fit beside the counts and go to a line of their own.
const TITLE: usize = 24;

/// The controls of `report` from worst to best, in the order of their ids where equal.
pub(super) fn worst_first(report: &Report) -> Vec<&ControlReport> {
    let mut controls: Vec<_> = report.controls.iter().collect();
    controls.sort_by_key(|control| std::cmp::Reverse(control.verdict));
    controls
}

/// Writes the table.
pub(super) fn write(report: &Report, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    if report.controls.is_empty() {
        return Ok(());
    }
    let controls = worst_first(report);
    let ranks = causes::ranks(&report.findings);
    let rows: Vec<_> = controls.iter().map(|control| cells(report, control, style)).collect();
    let titles = ["control", "verdict", "periods", "records", "findings"].map(str::to_owned);
    let mut widths = titles.each_ref().map(|title| columns(title));
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    heading("Controls, worst first (periods covered/due, records selected/read)", style, out)?;
    let used = widths.iter().map(|width| width + 2).sum::<usize>() + 4;
    let room = style.columns().checked_sub(used).filter(|room| *room >= TITLE);
    let last = if room.is_some() { "title" } else { "" };
    writeln!(out, "{}", format!("    {}  {last}", line(&titles, widths)).trim_end())?;
    for (control, row) in controls.iter().zip(&rows) {
        let (mark, ink) = mark(control.verdict, report.strict, style);
        let row = format!("  {} {}", paint(mark, ink, style), line(row, widths));
        match room {
            Some(room) => write_titled(&row, used, &title(control, room, report, style), out)?,
            None => {
                writeln!(out, "{}", row.trim_end())?;
                let title = shorten(&clean(&control.title), REASON, style.ellipsis());
                paragraph(&title, "      ", style, out)?;
            }
        }
        if let Some(reason) = reason(report, control, &ranks) {
            let reason = shorten(&reason, REASON, style.ellipsis());
            entry("      why: ", &reason, style, out)?;
        }
    }
    Ok(())
}

/// A row with its title, whose further lines stand below the first.
fn write_titled(
    row: &str,
    used: usize,
    title: &[String],
    out: &mut impl io::Write,
) -> io::Result<()> {
    let (first, rest) = title.split_first().map_or(("", &[][..]), |(it, rest)| (it, rest));
    writeln!(out, "{row}  {first}")?;
    for line in rest {
        writeln!(out, "{}{line}", " ".repeat(used))?;
    }
    Ok(())
}

/// The title in lines of `room` columns: all of it where the control fails, one line otherwise.
fn title(control: &ControlReport, room: usize, report: &Report, style: &Style) -> Vec<String> {
    let title = clean(&control.title);
    if control.verdict.fails(report.strict) {
        wrap(&shorten(&title, REASON, style.ellipsis()), room)
    } else {
        vec![shorten(&title, room, style.ellipsis())]
    }
}

fn line(cells: &[String; 5], widths: [usize; 5]) -> String {
    let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
    padded.join("  ")
}

fn cells(report: &Report, control: &ControlReport, style: &Style) -> [String; 5] {
    let Tally { periods, due, covered, records, selected, .. } = control.tally;
    [
        shorten(&clean(&control.id), 20, style.ellipsis()),
        control.verdict.as_str().to_owned(),
        if periods == 0 { "-".to_owned() } else { format!("{covered}/{due}") },
        if records == selected { records.to_string() } else { format!("{selected}/{records}") },
        count(report, control).to_string(),
    ]
}

/// Findings of `control` that are neither notes nor covered by an exception, listed or not.
fn count(report: &Report, control: &ControlReport) -> u64 {
    let listed = report.findings.iter().filter(|finding| {
        finding.control.as_ref() == Some(&control.id)
            && finding.severity != Severity::Note
            && finding.excepted_by.is_none()
    });
    let omitted = report.omitted.iter().filter(|(id, ..)| *id == control.id);
    listed.count() as u64 + omitted.map(|(_, _, count)| count).sum::<u64>()
}

/// Why `control` fails, in a line: the first to be fixed of its findings, or the words of the
/// roll-up.
fn reason(report: &Report, control: &ControlReport, ranks: &[Option<usize>]) -> Option<String> {
    if !control.verdict.fails(false) {
        return None;
    }
    let own = report.findings.iter().zip(ranks);
    let own = own.filter(|(finding, _)| finding.control.as_ref() == Some(&control.id));
    let blocking: Vec<_> = own.filter(|(finding, _)| finding.blocks()).collect();
    let Some((first, _)) = blocking.iter().min_by_key(|(_, rank)| *rank) else {
        return control.reason.as_deref().map(clean);
    };
    Some(match blocking.len() - 1 {
        0 => clean(&first.message),
        more => format!("{} (and {more} more)", clean(&first.message)),
    })
}

/// A mark that can be found by eye; the word beside it says the same.
fn mark(verdict: Verdict, strict: bool, style: &Style) -> (&'static str, Ink) {
    let (plain, drawn, ink) = match verdict {
        Verdict::NotEvaluable => ("?", "?", Ink::Bad),
        Verdict::Unmet => ("x", "✗", Ink::Bad),
        Verdict::Waived => ("!", "!", Ink::Open),
        Verdict::MetWithExceptions => ("~", "≈", Ink::Open),
        Verdict::Pending => (".", "·", Ink::Open),
        Verdict::NotOperated => ("0", "0", Ink::Good),
        Verdict::Met => ("+", "✓", Ink::Good),
        Verdict::NotApplicable => ("-", "-", Ink::Good),
    };
    let ink = if verdict.fails(strict) { Ink::Bad } else { ink };
    (if style.unicode { drawn } else { plain }, ink)
}
