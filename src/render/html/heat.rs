//! The heat map: controls by month of the window.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::escape::e;
use super::{ByControl, MOST, scroll, verdict_of};
use crate::model::{Code, PeriodState, Subject, Verdict};
use crate::render::place::Named;
use crate::report::{ControlReport, PeriodReport, Report, RequirementReport};

/// How a control stands in a month, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Idle,
    Met,
    Pending,
    Exception,
    Late,
    Missing,
}

impl Cell {
    const ALL: [Self; 6] =
        [Self::Met, Self::Exception, Self::Late, Self::Missing, Self::Pending, Self::Idle];

    fn class(self) -> &'static str {
        match self {
            Self::Idle => "s-idle",
            Self::Met => "s-met",
            Self::Pending => "s-pending",
            Self::Exception => "s-exception",
            Self::Late => "s-late",
            Self::Missing => "s-missing",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Idle => "0",
            Self::Met => "✓",
            Self::Pending => "·",
            Self::Exception => "≈",
            Self::Late => "◷",
            Self::Missing => "✕",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Idle => "not operated",
            Self::Met => "covered",
            Self::Pending => "pending",
            Self::Exception => "exception",
            Self::Late => "late",
            Self::Missing => "missing",
        }
    }
}

/// Writes the map of every control that must leave evidence by period.
pub(super) fn write(
    report: &Report,
    of: &ByControl<'_>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let months = months(&report.window.0, &report.window.1);
    writeln!(out, "<section id=\"periods\"><h2>Controls by period</h2><p class=\"key\">")?;
    for cell in Cell::ALL {
        let (class, mark, word) = (cell.class(), cell.mark(), cell.word());
        writeln!(out, "<span class=\"verdict {class}\">{mark} {word}</span>")?;
    }
    writeln!(
        out,
        "</p>{}<table class=\"heat\"><thead><tr><th scope=\"col\">control</th><th scope=\"col\">verdict</th>",
        scroll("Controls by period"),
    )?;
    for month in &months {
        let (year, month) = month.split_once('-').unwrap_or_default();
        writeln!(out, "<th scope=\"col\" class=\"month\">{year}-<wbr>{month}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for control in &report.controls {
        let found = About::new(of.get(control.id.as_str()).map_or(&[], Vec::as_slice));
        let is_linked = report.findings.len() <= MOST;
        let id = e(&control.id);
        write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#{id}\" title=\"{}\">{id}</a></th><td>{}</td>",
            e(&control.title),
            verdict_of(control.verdict),
        )?;
        for month in &months {
            write_cell(control, &found, is_linked, month, out)?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div></section>")
}

/// The period of a requirement: its name, the label and the group.
type Key<'r> = (&'r str, &'r str, Option<&'r str>);

/// The findings of one control about its periods.
struct About<'r>(BTreeMap<Key<'r>, Vec<&'r Named<'r>>>);

impl<'r> About<'r> {
    fn new(found: &[&'r Named<'r>]) -> Self {
        let mut about: BTreeMap<Key<'_>, Vec<&Named<'_>>> = BTreeMap::new();
        for one in found {
            if let (Some(requirement), Subject::Period { label, group }) =
                (&one.0.requirement, &one.0.subject)
            {
                about.entry((requirement, label, group.as_deref())).or_default().push(one);
            }
        }
        Self(about)
    }

    fn of(&self, requirement: &'r RequirementReport, period: &'r PeriodReport) -> &[&'r Named<'r>] {
        let key = (requirement.name.as_str(), period.label.as_str(), period.group.as_deref());
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

fn write_cell<'r>(
    control: &'r ControlReport,
    found: &About<'r>,
    is_linked: bool,
    month: &str,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut worst: Option<Cell> = None;
    let mut first = None;
    let mut why = BTreeSet::new();
    for requirement in &control.requirements {
        for period in requirement.periods.iter().filter(|period| lies_in(period, month)) {
            let about = found.of(requirement, period);
            let cell = cell(control, period, about);
            if worst.is_none_or(|worst| cell > worst) {
                why.clear();
                worst = Some(cell);
                first = about.first().map(|(_, id)| id);
            }
            if worst == Some(cell) && cell != Cell::Met {
                why.insert(format!("{} {}", requirement.name, period.label));
            }
        }
    }
    let Some(cell) = worst else { return write!(out, "<td></td>") };
    let why: Vec<String> = why.into_iter().take(6).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
    let title = format!("{month} {}{why}", cell.word());
    let said = format!(
        "<span aria-hidden=\"true\">{}</span><span class=\"hidden-text\">{}</span>",
        cell.mark(),
        cell.word(),
    );
    let (class, title) = (cell.class(), e(&title));
    // What is not as it should be leads to the finding that says so.
    let said = match first.filter(|_| is_linked) {
        Some(id) => format!("<a href=\"#f-{id}\">{said}</a>"),
        None => said,
    };
    write!(out, "<td class=\"cell {class}\" title=\"{title}\">{said}</td>")
}

fn cell(control: &ControlReport, period: &PeriodReport, about: &[&Named<'_>]) -> Cell {
    let excepted = about.iter().any(|(finding, _)| finding.excepted_by.is_some());
    let late = about.iter().any(|(finding, _)| finding.code == Code::EvidenceLate);
    match period.state {
        _ if excepted => Cell::Exception,
        PeriodState::Missing => Cell::Missing,
        PeriodState::Pending => Cell::Pending,
        PeriodState::Covered if late => Cell::Late,
        PeriodState::Covered if control.verdict == Verdict::NotOperated => Cell::Idle,
        PeriodState::Covered => Cell::Met,
    }
}

/// Whether the period has a day in `month`, which is written `2026-03`.
fn lies_in(period: &PeriodReport, month: &str) -> bool {
    let of = |day: &str| day.get(..7).unwrap_or_default().to_owned();
    of(&period.from).as_str() <= month && month <= of(&period.to).as_str()
}

/// The months from the day `start` to the day `end`, at most sixty.
fn months(start: &str, end: &str) -> Vec<String> {
    let part = |text: &str, range: std::ops::Range<usize>| {
        text.get(range).and_then(|text| text.parse::<u32>().ok())
    };
    let (Some(mut year), Some(mut month)) = (part(start, 0..4), part(start, 5..7)) else {
        return Vec::new();
    };
    let last = end.get(..7).unwrap_or_default().to_owned();
    let mut months = Vec::new();
    while months.len() < 60 {
        let label = format!("{year:04}-{month:02}");
        if label > last {
            break;
        }
        months.push(label);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_run_over_the_end_of_a_year() {
        assert_eq!(
            months("2026-11-15", "2027-02-01"),
            ["2026-11", "2026-12", "2027-01", "2027-02"]
        );
    }
}
