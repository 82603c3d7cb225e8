//! The checks that look at more than one record: joins, sets, intervals, figures and graphs.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::exceptions;
use super::facts::ProbeFacts;
use super::judge::{Gathered, Judge, Judged};
use super::probe::{HERE, THERE, close, differs};
use super::relation;
use super::rows::Row;
use crate::catalog::{Bounds, Check, Control, Selection, Test};
use crate::model::{Code, Finding, Label, Severity, Subject};
use crate::report::CheckReport;

/// Runs every check of `control` over what was gathered.
pub(crate) fn run(
    judge: &Judge<'_>,
    control: &Control,
    gathered: &[Gathered<'_>],
    judged: &mut Judged,
) {
    for (at, check) in control.checks.iter().enumerate() {
        let mut one = One { judge, control, gathered, at, check, judged, checked: 0, folded: 0 };
        if one.applies() {
            one.run();
            if one.checked == 0 {
                one.vacuous();
            }
        } else {
            one.uncompared();
        }
        if one.checked == 0 {
            one.unasked();
        }
        let (checked, folded) = (one.checked, one.folded);
        let own = |finding: &&Finding| {
            finding.severity == Severity::Error
                && finding.check.as_ref() == Some(&check.id)
                && finding.control.as_ref() == Some(&control.id)
        };
        let deviations = judged.findings.iter().filter(own).count() as u64 + folded;
        judged.checks.push(CheckReport {
            id: check.id.clone(),
            title: check.title.clone(),
            checked,
            deviations,
            excepted: 0,
        });
    }
}

/// What a rule's own help leaves out about gaps and figures.
const WAIVED: &str = "An exception cannot cover this; a waiver can: an entry under `waivers` in \
    exceptions.yaml, approved by someone other than its owner.";

/// Up to when a side of a relation must hold what is asked of it.
pub(super) struct Due<'r> {
    /// The end of its last due period.
    horizon: Option<Date>,
    /// The last day of what is there before it is due.
    reach: Option<Date>,
    /// Nothing more will come.
    is_over: bool,
    /// The last day by what the records have in common: all of the key but its last part. A list of
    /// accounts that is there lacks what it does not hold, whether it was due or not.
    heads: LazyCell<Heads<'r>, Box<dyn FnOnce() -> Heads<'r> + 'r>>,
}

type Heads<'r> = HashMap<&'r [Arc<str>], Date>;

/// What a record has in common with the others of its list: keys are written from the general to
/// the particular.
fn head(row: &Row) -> &[Arc<str>] {
    row.key.split_last().map_or(&[], |(_, head)| head)
}

/// The last day by head of `rows`.
fn heads<'r>(rows: impl Iterator<Item = &'r Row>) -> Heads<'r> {
    let mut heads = Heads::new();
    for row in rows {
        if let ([_, ..], Some(until)) = (head(row), row.about.until) {
            let last = heads.entry(head(row)).or_insert(until);
            *last = (*last).max(until);
        }
    }
    heads
}

pub(super) struct One<'o, 'a> {
    pub(super) judge: &'o Judge<'a>,
    pub(super) control: &'o Control,
    gathered: &'o [Gathered<'a>],
    at: usize,
    pub(super) check: &'o Check,
    pub(super) judged: &'o mut Judged,
    pub(super) checked: u64,
    /// Deviations that are told together with another one.
    pub(super) folded: u64,
}

impl<'a> One<'_, 'a> {
    fn run(&mut self) {
        match &self.check.test {
            Test::Require { each, .. } | Test::Recompute { each, .. } => {
                self.checked = self.totals(each).0;
            }
            Test::Counterpart { each, other, against, exactly, .. } => {
                self.counterpart(&each.of, &other.of, *against, *exactly);
            }
            Test::SameSet { left, right, against } => {
                self.same_set(&left.of, &right.of, *against);
            }
            Test::Unique { of } => self.unique(&of.of),
            Test::Tile { each, tiles, points, max_gap, .. } => match each {
                Some((each, _, _)) => self.tile_each(&each.of, &tiles.of, *points, *max_gap),
                None => self.tile_window(&tiles.of, *points, *max_gap),
            },
            Test::Count { of, bounds } => {
                let (whole, _, _) = self.totals(of);
                self.checked = whole;
                let message = format!("{whole} records, expected {}", within(*bounds));
                self.bounded(of, *bounds, whole as f64, Code::CountOutOfBounds, message);
            }
            Test::Rate { of, bounds, .. } => {
                let (whole, part, _) = self.totals(of);
                self.checked = whole;
                if whole > 0 {
                    let rate = part as f64 / whole as f64;
                    let message = format!(
                        "{part} of {whole} records ({:.1} %), expected {}",
                        rate * 100.0,
                        within(*bounds)
                    );
                    self.bounded(of, *bounds, rate, Code::RateOutOfBounds, message);
                } else if bounds.min.is_some() && !self.side(of).artifacts.is_empty() {
                    let message = format!("there is no record, expected {}", within(*bounds));
                    self.bounded(of, *bounds, f64::NEG_INFINITY, Code::RateOutOfBounds, message);
                }
            }
            Test::Sum { of, bounds, .. } => {
                let (whole, _, sum) = self.totals(of);
                self.checked = whole;
                let message = format!("the sum is {sum}, expected {}", within(*bounds));
                self.bounded(of, *bounds, sum, Code::SumOutOfBounds, message);
            }
            Test::Derive { each, other, .. } => self.derive(&each.of, &other.of),
            Test::Reaches { each, edges, roots, .. } => self.reaches(&each.of, edges, &roots.of),
        }
    }

    pub(super) fn side(&self, selection: &Selection) -> &Gathered<'a> {
        &self.gathered[selection.requirement]
    }

    pub(super) fn rows(&self, selection: &Selection, role: u8) -> Vec<&'a Row> {
        let mut rows = Vec::new();
        for (_, facts, uses) in &self.side(selection).current {
            rows.extend(facts.rows(uses, self.at, role));
        }
        rows
    }

    /// What the artifacts in force left of this check.
    fn probes(&self, selection: &Selection, role: u8) -> impl Iterator<Item = &'a ProbeFacts> {
        let current = self.side(selection).current.iter();
        current.filter_map(move |(_, _, uses)| uses.probe(self.at, role))
    }

    pub(super) fn title(&self) -> &str {
        &self.check.title
    }

    pub(super) fn totals(&self, selection: &Selection) -> (u64, u64, f64) {
        self.probes(selection, HERE).fold((0, 0, 0.0), |(whole, part, sum), probe| {
            (whole + probe.whole, part + probe.part, sum + probe.sum)
        })
    }

    /// The days for which `selection`, whose records are `rows`, must hold what is asked of it.
    pub(super) fn due<'r>(
        &self,
        selection: &Selection,
        rows: impl Iterator<Item = &'r Row> + 'r,
    ) -> Due<'r> {
        let side = self.side(selection);
        // Few checks ask for them: where everything is there, nothing can be later.
        let heads = LazyCell::new(Box::new(|| heads(rows)) as Box<dyn FnOnce() -> Heads<'r>>);
        let end = self.judge.catalog.engagement.window.to();
        // Once the whole window is due, nothing more will come.
        let is_over = side.horizon.is_some_and(|horizon| horizon >= end);
        Due { horizon: side.horizon, reach: side.reach, is_over, heads }
    }

    /// A record of a day for which the other side is neither due nor there.
    pub(super) fn is_later(&self, row: &Row, due: &Due<'_>) -> bool {
        if due.is_over {
            return false;
        }
        let zone = &self.judge.catalog.engagement.zone;
        let moment = row.at().and_then(|at| Timestamp::from_microsecond(at).ok());
        let day = row.about.day.or_else(|| moment.map(|moment| zone.date(moment)));
        let Some(day) = day else { return due.horizon.is_none() };
        [due.horizon, due.reach].into_iter().flatten().all(|last| day > last)
            && due.heads.get(head(row)).is_none_or(|last| day > *last)
    }

    fn unique(&mut self, of: &Selection) {
        let rows = self.rows(of, HERE);
        self.checked = rows.len() as u64;
        for (again, first) in relation::duplicates(&rows) {
            let row = rows[again];
            let message = row.said().unwrap_or_else(|| {
                format!("{}: `{}` occurs again", self.check.title, row.key.join(" "))
            });
            let mut finding = self.finding(Code::NotUnique, of, message);
            finding.subject = self.judge.subject(row);
            finding.evidence.push(Label::new(self.judge.place(row.origin), "again here"));
            finding.evidence.push(Label::new(self.judge.place(rows[first].origin), "first here"));
            self.judged.findings.push(finding);
        }
    }

    fn bounded(&mut self, of: &Selection, bounds: Bounds, value: f64, code: Code, plain: String) {
        let low = bounds.min.is_some_and(|min| value < min && !close(value, min));
        let high =
            value.is_nan() || bounds.max.is_some_and(|max| value > max && !close(value, max));
        let side = self.side(of);
        if !(low || high) || side.pending || side.empty || (low && self.is_not_due(of)) {
            return;
        }
        let said = self.check.said.as_ref().unwrap_or(&self.check.title);
        let message = format!("{said}: {plain}");
        let mut finding = self.finding(code, of, message);
        if let Some((entry, _, _)) = side_first(self.side(of)) {
            let path = &self.judge.inventory.entries()[entry].path;
            finding.evidence.push(Label::new(crate::model::Place::file(path), ""));
        }
        self.judged.findings.push(finding);
    }

    /// Too little is no fault before anything is due.
    fn is_not_due(&self, of: &Selection) -> bool {
        self.side(of).horizon.is_none()
    }

    fn derive(&mut self, each: &Selection, other: &Selection) {
        let (left, right) = (self.rows(each, HERE), self.rows(other, THERE));
        self.checked = left.len() as u64;
        let index = relation::Index::new(&right);
        for row in &left {
            let derived: f64 = index.get(&row.key).filter_map(|at| right[at].figure()).sum();
            if row.figure().is_some_and(|stated| close(stated, derived)) {
                continue;
            }
            let stated =
                row.figure().map_or_else(|| "nothing".to_owned(), |stated| stated.to_string());
            let message = row.said().unwrap_or_else(|| {
                format!(
                    "{}: {stated} is stated, {derived} follows from the records",
                    self.check.title
                )
            });
            let mut finding = self.finding(Code::RecomputedDiffers, each, message);
            finding.subject = self.judge.subject(row);
            let text = differs(&stated, &derived.to_string());
            finding.evidence.push(Label::new(self.judge.place(row.origin), text));
            self.judged.findings.push(finding);
        }
    }

    pub(super) fn finding(&self, code: Code, side: &Selection, message: String) -> Finding {
        let fix = || code.page().fix.to_owned();
        let help = match &self.check.help {
            Some(help) if !exceptions::is_deviation(code) => format!("{help} {WAIVED}"),
            help => help.clone().unwrap_or_else(fix),
        };
        Finding {
            code,
            severity: Severity::Error,
            control: Some(self.control.id.clone()),
            requirement: Some(self.gathered[side.requirement].requirement.name.clone()),
            check: Some(self.check.id.clone()),
            message,
            help,
            subject: Subject::Requirement,
            evidence: Vec::new(),
            rule: Some(self.check.label.clone()),
            excepted_by: None,
        }
    }
}

fn side_first<'a>(
    side: &Gathered<'a>,
) -> Option<(usize, &'a super::facts::ArtifactFacts, &'a super::facts::UseFacts)> {
    side.artifacts.first().copied()
}

fn within(bounds: Bounds) -> String {
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min}"),
        (Some(min), Some(max)) => format!("between {min} and {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "anything".to_owned(),
    }
}
