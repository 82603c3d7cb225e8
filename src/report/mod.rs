//! The report: sorted findings, tallies and the roll-up from requirement to criterion.

mod conceal;
#[cfg(test)]
pub(crate) mod sample;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Category, Finding, PeriodState, Tally, Verdict};

/// Everything a run has to say. Renderers read nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whose evidence.
    pub organisation: String,
    /// First and last day of the audit window, `2026-01-01`.
    pub window: (String, String),
    /// IANA time zone.
    pub time_zone: String,
    /// Trust categories in scope.
    pub categories: Vec<Category>,
    /// The day the verdicts speak of.
    pub as_of: String,
    /// Whether `--strict` was asked for.
    pub strict: bool,
    /// Controls in the order of their ids.
    pub controls: Vec<ControlReport>,
    /// Checklist items, each the worst of the controls that claim it.
    pub items: Vec<Rollup>,
    /// Trust Services Criteria in scope, each the worst of the controls that support it; one that
    /// no control in scope supports has none.
    pub criteria: Vec<Rollup>,
    /// All findings in report order.
    pub findings: Vec<Finding>,
    /// Recorded exceptions and waivers of these controls, in the order of the register.
    #[serde(default)]
    pub register: Vec<Registered>,
    /// Findings beyond the limit of one check, counted but not listed: control, check, how many.
    pub omitted: Vec<(String, String, u64)>,
    /// Files seen beneath the root.
    pub files: u64,
    /// Of these, files that no requirement reads.
    pub unused: Vec<String>,
}

/// One control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlReport {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Where the rule file lies.
    pub path: String,
    /// What it achieves.
    pub objective: String,
    /// What goes wrong without it.
    pub why: String,
    /// What good evidence looks like.
    pub good: String,
    /// Who answers for it, where the engagement says so.
    pub owner: Option<String>,
    /// Checklist items it serves.
    pub items: Vec<String>,
    /// Criteria it supports.
    pub criteria: Vec<String>,
    /// Verdict.
    pub verdict: Verdict,
    /// Why the verdict is what it is, where that needs words (exclusion, waiver, nil return).
    pub reason: Option<String>,
    /// Sum over its requirements.
    pub tally: Tally,
    /// Requirements in rule-file order.
    pub requirements: Vec<RequirementReport>,
    /// Checks in rule-file order.
    pub checks: Vec<CheckReport>,
    /// What a person must still decide.
    pub judgement: Vec<String>,
}

/// One requirement of a control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequirementReport {
    /// Name.
    pub name: String,
    /// The alternative that was chosen, where there are several.
    pub alternative: Option<String>,
    /// Kind.
    pub kind: String,
    /// Patterns.
    pub paths: Vec<String>,
    /// Cadence in words.
    pub cadence: String,
    /// Counts.
    pub tally: Tally,
    /// Every period of the window (and group), in order.
    pub periods: Vec<PeriodReport>,
    /// The files used.
    pub artifacts: Vec<ArtifactReport>,
}

/// A file that a requirement uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArtifactReport {
    /// Its path.
    pub path: String,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// What its manifest says of it; nothing where it has none that holds.
    pub provenance: Option<Provenance>,
}

/// Where a file came from, as its manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Provenance {
    /// The system it was taken from.
    pub source: String,
    /// The query that produced it.
    pub query: Option<String>,
    /// When it was collected, as it is written.
    pub collected_at: String,
    /// Who collected it.
    pub collected_by: String,
    /// First and last day it covers.
    pub covers: Option<(String, String)>,
    /// How many records it is said to hold.
    pub records: Option<u64>,
    /// Redacted fields, each with its method and reason.
    #[serde(default)]
    pub redactions: Vec<String>,
    /// Why the file is not handed over, and who decided so.
    pub withheld: Option<String>,
}

/// An exception or a waiver of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Its id.
    pub id: String,
    /// A waiver; else an exception.
    pub is_waiver: bool,
    /// The control.
    pub control: String,
    /// What of the control: the check, and the record, period or path.
    pub about: String,
    /// Its cause, or why it was waived.
    pub reason: String,
    /// What limited the risk, what was done, and how much is concerned; not of a waiver.
    pub response: Option<String>,
    /// Who approved it.
    pub approver: String,
    /// When.
    pub approved_on: String,
    /// Last day on which it holds.
    pub expires_on: String,
}

/// One period of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodReport {
    /// Label, such as `2026-Q1`.
    pub label: String,
    /// The group, where the cadence holds for each of several.
    pub group: Option<String>,
    /// First day, `2026-01-01`.
    pub from: String,
    /// Last day, inclusive.
    pub to: String,
    /// How it stands.
    pub state: PeriodState,
    /// The last day on which the evidence is in time.
    pub due_on: String,
}

/// One check of a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Id.
    pub id: String,
    /// What it asks, in words.
    pub title: String,
    /// Records (or sets, intervals, starts) it looked at.
    pub checked: u64,
    /// Of these, how many break it.
    pub deviations: u64,
    /// Of these, how many a recorded exception covers.
    pub excepted: u64,
}

/// An item or a criterion with its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollup {
    /// Id.
    pub id: String,
    /// The text of the item; what the criterion is about, in words of our own.
    pub title: String,
    /// Where other frameworks ask for the same, by framework; empty for a criterion.
    #[serde(default)]
    pub crosswalk: BTreeMap<String, Vec<String>>,
    /// The worst verdict of the controls that serve it.
    pub verdict: Verdict,
    /// Those controls.
    pub controls: Vec<String>,
}

impl Report {
    /// Whether the gate passes: no control fails, no finding blocks and none was left out.
    #[must_use]
    pub fn passes(&self) -> bool {
        !self.controls.is_empty()
            && self.controls.iter().all(|control| !control.verdict.fails(self.strict))
            && !self.findings.iter().any(Finding::blocks)
            && self.omitted.is_empty()
    }

    /// How many controls have `verdict`.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.controls.iter().filter(|control| control.verdict == verdict).count()
    }
}
