//! The control matrix: which control answers which item, with which evidence, how often, by whom and
//! with what verdict; as a table, CSV or Markdown.

use std::io;

use super::layout::{columns, pad, shorten};
use super::{Style, clean};
use crate::report::{ControlReport, Report, Rollup};

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// One for each checklist item.
    Items,
    /// One for each criterion in scope, those that nothing supports as well.
    Criteria,
}

/// How the matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Aligned columns, the longest cut to fit.
    Table,
    /// RFC 4180, all columns; no cell begins like a formula.
    Csv,
    /// A GitHub table, all columns.
    Markdown,
}

const ITEM_HEAD: [&str; 12] = [
    "item",
    "text",
    "control",
    "verdict",
    "criteria",
    "evidence",
    "cadence",
    "owner",
    "nist_ai_rmf",
    "iso_42001",
    "eu_ai_act",
    "description_criteria",
];
const CRITERION_HEAD: [&str; 7] =
    ["criterion", "about", "verdict", "controls", "items", "evidence", "cadence"];

/// Writes the matrix of `report`.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(
    report: &Report,
    rows: Rows,
    shape: Shape,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let (head, lines): (&[&str], Vec<Vec<String>>) = match rows {
        Rows::Items => {
            (&ITEM_HEAD, report.items.iter().map(|item| of_item(report, item)).collect())
        }
        Rows::Criteria => {
            let lines = report.criteria.iter().map(|criterion| of_criterion(report, criterion));
            (&CRITERION_HEAD, lines.collect())
        }
    };
    match shape {
        Shape::Table => table(rows, head, &lines, style, out),
        Shape::Csv => csv(head, &lines, out),
        Shape::Markdown => markdown(head, &lines, out),
    }
}

fn controls<'a>(report: &'a Report, rollup: &'a Rollup) -> impl Iterator<Item = &'a ControlReport> {
    report.controls.iter().filter(|control| rollup.controls.contains(&control.id))
}

fn of_item(report: &Report, item: &Rollup) -> Vec<String> {
    let mut criteria: Vec<&str> =
        controls(report, item).flat_map(|control| &control.criteria).map(String::as_str).collect();
    criteria.sort_unstable();
    criteria.dedup();
    let mut owners: Vec<&str> =
        controls(report, item).filter_map(|control| control.owner.as_deref()).collect();
    owners.dedup();
    let (evidence, cadence) = evidence(report, item);
    let crosswalk = |framework: &str| {
        item.crosswalk.get(framework).map_or_else(String::new, |ids| ids.join("; "))
    };
    vec![
        item.id.clone(),
        item.title.clone(),
        item.controls.join("; "),
        item.verdict.as_str().to_owned(),
        criteria.join("; "),
        evidence,
        cadence,
        owners.join("; "),
        crosswalk("nist_ai_rmf"),
        crosswalk("iso_42001"),
        crosswalk("eu_ai_act"),
        crosswalk("description_criteria"),
    ]
}

fn of_criterion(report: &Report, criterion: &Rollup) -> Vec<String> {
    let mut items: Vec<&str> = controls(report, criterion)
        .flat_map(|control| &control.items)
        .map(String::as_str)
        .collect();
    items.dedup();
    let (evidence, cadence) = evidence(report, criterion);
    let verdict = match criterion.controls.as_slice() {
        [] => "no control supports it",
        _ => criterion.verdict.as_str(),
    };
    vec![
        criterion.id.clone(),
        criterion.title.clone(),
        verdict.to_owned(),
        criterion.controls.join("; "),
        items.join("; "),
        evidence,
        cadence,
    ]
}

/// The evidence of the controls of `rollup`, and how often each is left.
fn evidence(report: &Report, rollup: &Rollup) -> (String, String) {
    let mut evidence: Vec<String> = Vec::new();
    let mut cadences: Vec<String> = Vec::new();
    for requirement in controls(report, rollup).flat_map(|control| &control.requirements) {
        let one = format!("{} ({})", requirement.kind, requirement.paths.join(", "));
        if !evidence.contains(&one) {
            evidence.push(one);
        }
        if !requirement.cadence.is_empty() && !cadences.contains(&requirement.cadence) {
            cadences.push(requirement.cadence.clone());
        }
    }
    (evidence.join("; "), cadences.join("; "))
}

/// Columns of the terminal table, most needed first, and the most each may take.
fn shown(rows: Rows) -> &'static [(usize, usize)] {
    match rows {
        Rows::Items => &[(0, 8), (2, 17), (3, 19), (7, 8), (4, 24), (1, 48), (6, 30)],
        Rows::Criteria => &[(0, 9), (2, 22), (1, 34), (3, 60)],
    }
}

fn table(
    rows: Rows,
    head: &[&str],
    lines: &[Vec<String>],
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let shown = shown(rows);
    let cell = |line: &[String], (column, most): (usize, usize)| {
        shorten(&clean(&line[column]).replace("; ", " "), most, style.ellipsis())
    };
    let heading: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let all = || std::iter::once(&heading).chain(lines);
    let widths: Vec<usize> = shown
        .iter()
        .map(|of| all().map(|line| columns(&cell(line, *of))).max().unwrap_or_default())
        .collect();
    // What does not fit is in the CSV; a column cut to a few letters helps nobody.
    let mut used = 0;
    let fits = |width: &&usize| {
        used += **width + 2;
        used <= style.columns() + 2
    };
    let fitting = widths.iter().take_while(fits).count().max(3);
    let shown = &shown[..fitting];
    for line in all() {
        let cells = shown.iter().zip(&widths).map(|(of, width)| pad(&cell(line, *of), *width));
        let text = cells.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", shorten(text.trim_end(), style.columns(), style.ellipsis()))?;
    }
    Ok(())
}

fn csv(head: &[&str], lines: &[Vec<String>], out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "{}\r", head.join(","))?;
    for line in lines {
        let cells: Vec<String> = line.iter().map(|cell| super::csv_cell(cell)).collect();
        writeln!(out, "{}\r", cells.join(","))?;
    }
    Ok(())
}

fn markdown(head: &[&str], lines: &[Vec<String>], out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()))?;
    for line in lines {
        let cells: Vec<String> = line.iter().map(|cell| super::markdown_text(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn text(report: &Report, rows: Rows, shape: Shape) -> String {
        let mut out = Vec::new();
        render(report, rows, shape, &Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn items_and_criteria_have_a_row_each() {
        insta::assert_snapshot!("items_table", text(&sample::small(), Rows::Items, Shape::Table));
        insta::assert_snapshot!("items_csv", text(&sample::small(), Rows::Items, Shape::Csv));
        insta::assert_snapshot!(
            "criteria_markdown",
            text(&sample::small(), Rows::Criteria, Shape::Markdown)
        );
    }

    #[test]
    fn untrusted_text_breaks_out_of_no_cell() {
        let csv = text(&sample::hostile(), Rows::Items, Shape::Csv);
        assert!(csv.split("\r\n").skip(1).all(|line| !line.starts_with(['=', '+', '-', '@'])));
        let lines = text(&sample::hostile(), Rows::Items, Shape::Markdown);
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(lines.lines().all(|line| bars(line) == ITEM_HEAD.len() + 1), "{lines}");
    }
}
