//! A report that quotes no file that is not handed over: its findings say what is wrong by the title
//! of the check or of the code.

use std::collections::{BTreeMap, BTreeSet};

use super::{ControlReport, Report};
use crate::model::{Finding, Subject};

/// What stands in the place of a name that only a withheld file says.
const CONCEALED: &str = "withheld";

impl Report {
    /// Takes what may be a value of one of the files `withheld` out of findings and periods.
    pub fn conceal(&mut self, withheld: &BTreeSet<String>) {
        let mut titles = BTreeMap::new();
        for control in self.controls.iter_mut().filter(|control| control.rests_on(withheld)) {
            let periods = control.requirements.iter_mut().flat_map(|one| &mut one.periods);
            for group in periods.filter_map(|period| period.group.as_mut()) {
                CONCEALED.clone_into(group);
            }
            let checks = control.checks.iter();
            titles.insert(
                control.id.clone(),
                checks.map(|check| (check.id.clone(), check.title.clone())).collect(),
            );
        }
        for finding in &mut self.findings {
            let control = finding.control.as_ref().and_then(|id| titles.get(id));
            if touches(finding, withheld) || control.is_some() && !is_of_one_file(finding) {
                conceal(finding, control, withheld);
            }
        }
    }
}

impl ControlReport {
    /// Whether one of its requirements uses one of the files at `paths`.
    fn rests_on(&self, paths: &BTreeSet<String>) -> bool {
        let mut artifacts = self.requirements.iter().flat_map(|one| &one.artifacts);
        artifacts.any(|artifact| paths.contains(&artifact.path))
    }
}

/// Whether `finding` is about one of the files at `paths`, or shows a place in one.
fn touches(finding: &Finding, paths: &BTreeSet<String>) -> bool {
    let subject = match &finding.subject {
        Subject::Artifact { path } | Subject::Record { path, .. } => paths.contains(path),
        Subject::Requirement | Subject::Period { .. } => false,
    };
    subject || finding.evidence.iter().any(|label| paths.contains(&label.place.path))
}

/// Whether `finding` says what one file shows by itself: no check has looked into others.
fn is_of_one_file(finding: &Finding) -> bool {
    let is_of_file = matches!(finding.subject, Subject::Artifact { .. } | Subject::Record { .. });
    finding.check.is_none() && is_of_file
}

/// Leaves of `finding` where it is and what kind of fault it is.
fn conceal(
    finding: &mut Finding,
    titles: Option<&BTreeMap<String, String>>,
    withheld: &BTreeSet<String>,
) {
    let page = finding.code.page();
    let check = finding.check.as_ref().and_then(|check| titles?.get(check));
    finding.message = check.map_or_else(
        || format!("{} (the evidence is withheld)", page.title),
        |title| format!("{}: {title} (the evidence is withheld)", page.title),
    );
    page.fix.clone_into(&mut finding.help);
    let line = finding.evidence.first().map(|label| label.place.start.line);
    match &mut finding.subject {
        Subject::Record { path, key } if withheld.contains(path) => {
            *key = line.map_or_else(|| CONCEALED.to_owned(), |line| format!("line {line}"));
        }
        Subject::Period { group: Some(group), .. } => CONCEALED.clone_into(group),
        _ => {}
    }
    for label in finding.evidence.iter_mut().chain(&mut finding.rule) {
        label.text.clear();
    }
}
