//! Findings as CSV (RFC 4180) for spreadsheets and trackers: one row each, excepted ones as well.

use std::io;

use super::csv_cell;
use super::place::{at, named, severity};
use crate::report::Report;

const HEAD: &str = "id,control,items,owner,severity,code,requirement,check,file,line,column,message,help,excepted_by";

/// Writes the findings of `report`.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    write!(out, "{HEAD}\r\n")?;
    for (finding, id) in named(report) {
        let control = report.controls.iter().find(|one| Some(&one.id) == finding.control.as_ref());
        let (items, owner) = control.map_or_else(Default::default, |control| {
            (control.items.join(" "), control.owner.clone().unwrap_or_default())
        });
        let at = at(finding);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            id,
            text(&finding.control),
            items,
            owner,
            severity(finding.severity).to_owned(),
            finding.code.as_str().to_owned(),
            text(&finding.requirement),
            text(&finding.check),
            at.path.to_owned(),
            at.start.line.to_string(),
            at.start.column.to_string(),
            finding.message.clone(),
            finding.help.clone(),
            text(&finding.excepted_by),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        write!(out, "{}\r\n", cells.join(","))?;
    }
    for (control, check, count) in &report.omitted {
        let text =
            format!("{count} more findings of check {check} were counted and are not listed");
        let cells = ["", control, "", "", "error", "", "", check, "", "", "", &text, "", ""];
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        write!(out, "{}\r\n", cells.join(","))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_row_has_the_columns_of_the_head() {
        let mut out = Vec::new();
        let report = sample::hostile();
        render(&report, &mut out).unwrap();
        let (mut reader, header) =
            crate::document::CsvReader::begin(out.as_slice(), None, None).unwrap();
        assert!(header.faults.is_empty());
        let mut arena = crate::document::Arena::new();
        let mut rows = 0;
        while let Some(row) = reader.next_row(&mut arena).unwrap() {
            assert!(row.faults.is_empty(), "{:?}", row.faults);
            let cells: Vec<&str> = row.text.split(',').collect();
            assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '@'])));
            rows += 1;
        }
        assert_eq!(rows, report.findings.len() + report.omitted.len());
    }
}
