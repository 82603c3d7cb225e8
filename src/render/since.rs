//! What changed since an earlier report: which of the findings to fix are new, gone and unchanged.

use std::collections::{BTreeMap, BTreeSet};

use super::place::named;
use crate::model::Finding;
use crate::report::Report;

/// What an earlier report said, as far as it is compared.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// The day it speaks of.
    pub as_of: String,
    /// Its findings to fix, by their id.
    pub blocking: BTreeMap<String, Gone>,
    /// The verdicts of its controls in the words of the JSON report, by their id.
    pub verdicts: BTreeMap<String, String>,
}

/// A finding to fix of an earlier report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its control.
    pub control: Option<String>,
    /// What was wrong.
    pub message: String,
}

/// A comparison. Findings are told apart by the ids of the JSON report.
#[derive(Debug, Clone, Default)]
pub struct Since {
    /// The day the earlier report speaks of.
    pub as_of: String,
    /// Ids of the findings to fix that the earlier report did not have to fix.
    pub new: BTreeSet<String>,
    /// What the earlier report had to fix, of what is judged now, and this one has not.
    pub gone: Vec<Gone>,
    /// Findings to fix that both have.
    pub unchanged: u64,
    /// Findings that are counted and not listed: nobody can tell which of them are new.
    pub unknown: u64,
    /// Controls that fail without a finding, and did not in the earlier report.
    pub failing: Vec<String>,
    /// Whether only what is new fails the gate.
    pub only_new: bool,
}

impl Since {
    /// Compares `report` with an earlier one.
    #[must_use]
    pub fn new(report: &Report, earlier: &Earlier) -> Self {
        let mut since = Self { as_of: earlier.as_of.clone(), ..Self::default() };
        let mut open = BTreeSet::new();
        for (finding, id) in named(report) {
            if finding.blocks() {
                if earlier.blocking.contains_key(&id) {
                    since.unchanged += 1;
                } else {
                    since.new.insert(id.clone());
                }
                open.insert(id);
            }
        }
        let judged = |control: &Option<String>| {
            control.as_ref().is_none_or(|id| report.controls.iter().any(|one| one.id == *id))
        };
        let gone = earlier.blocking.iter().filter(|(id, _)| !open.contains(*id));
        since.gone = gone.map(|(_, one)| one).filter(|one| judged(&one.control)).cloned().collect();
        since.unknown = report.omitted.iter().map(|(_, _, count)| count).sum();
        since.failing = failing(report, earlier);
        since
    }

    /// Whether nothing that fails the gate is new.
    #[must_use]
    pub fn passes(&self, report: &Report) -> bool {
        let nothing_new = self.new.is_empty() && self.failing.is_empty() && self.unknown == 0;
        nothing_new && !report.controls.is_empty()
    }
}

/// Controls whose verdict fails though no finding of theirs does, unless the earlier report had the
/// same verdict.
fn failing(report: &Report, earlier: &Earlier) -> Vec<String> {
    let mut failing = Vec::new();
    for control in report.controls.iter().filter(|one| one.verdict.fails(report.strict)) {
        let own = |finding: &Finding| finding.control.as_ref() == Some(&control.id);
        let told = report.findings.iter().any(|finding| own(finding) && finding.blocks());
        let before = earlier.verdicts.get(&control.id).map(|verdict| verdict.replace('-', " "));
        if !told && before.as_deref() != Some(control.verdict.as_str()) {
            failing.push(control.id.clone());
        }
    }
    failing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verdict;
    use crate::report::sample;

    fn earlier(report: &Report) -> Earlier {
        let open = named(report).into_iter().filter(|(finding, _)| finding.blocks());
        let gone = |finding: &Finding| Gone {
            control: finding.control.clone(),
            message: finding.message.clone(),
        };
        Earlier {
            as_of: "2026-09-01".to_owned(),
            blocking: open.map(|(finding, id)| (id, gone(finding))).collect(),
            verdicts: report
                .controls
                .iter()
                .map(|one| (one.id.clone(), one.verdict.as_str().replace(' ', "-")))
                .collect(),
        }
    }

    #[test]
    fn the_same_report_has_nothing_new() {
        let report = sample::small();
        let since = Since::new(&report, &earlier(&report));
        assert_eq!((since.new.len(), since.gone.len(), since.unchanged), (0, 0, 2));
        assert!(since.passes(&report));
    }

    #[test]
    fn a_finding_whose_exception_has_ended_is_new() {
        let before = sample::small();
        let mut now = before.clone();
        for finding in &mut now.findings {
            finding.excepted_by = None;
        }
        let since = Since::new(&now, &earlier(&before));
        assert_eq!((since.new.len(), since.unchanged), (1, 2));
        assert!(!since.passes(&now));
        let back = Since::new(&before, &earlier(&now));
        assert_eq!((back.new.len(), back.gone.len()), (0, 1));
    }

    #[test]
    fn what_is_not_listed_and_what_pends_is_not_passed_over() {
        let mut report = sample::small();
        report.omitted = vec![("CHM-01".to_owned(), "x".to_owned(), 1)];
        assert!(!Since::new(&report, &earlier(&report)).passes(&report));
        let before = sample::small();
        let mut now = before.clone();
        now.strict = true;
        now.controls[0].verdict = Verdict::Pending;
        let since = Since::new(&now, &earlier(&before));
        assert_eq!(since.failing, ["ACC-03"]);
        assert!(Since::new(&now, &earlier(&now)).passes(&now));
    }

    #[test]
    fn what_is_not_judged_now_is_not_gone() {
        let before = sample::small();
        let mut now = before.clone();
        now.controls.retain(|control| control.id != "CHM-01");
        now.findings.clear();
        assert_eq!(Since::new(&now, &earlier(&before)).gone, []);
    }
}
