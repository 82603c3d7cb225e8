//! Verdicts and tallies: what is said of a control, and the counts behind it.

use serde::{Deserialize, Serialize};

/// What is said of a requirement, a control, an item or a criterion. Ordered from best to worst, so
/// that the worst of several is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The engagement excludes the control, with reason and approver.
    NotApplicable,
    /// Every check held on evidence that was really there.
    Met,
    /// The population is proven empty: a recorded query, a count of zero and a signed nil return.
    NotOperated,
    /// Nothing is due yet at the as-of date.
    Pending,
    /// Deviations exist; each matches a valid recorded exception and they are isolated.
    MetWithExceptions,
    /// A dated waiver covers what is unmet.
    Waived,
    /// Anything required is missing, invalid, stale, late, uncovered or deviating.
    Unmet,
    /// The tool could not look.
    NotEvaluable,
}

impl Verdict {
    /// All verdicts, best first.
    pub const ALL: [Self; 8] = [
        Self::NotApplicable,
        Self::Met,
        Self::NotOperated,
        Self::Pending,
        Self::MetWithExceptions,
        Self::Waived,
        Self::Unmet,
        Self::NotEvaluable,
    ];

    /// Whether the gate fails on it. `strict` also refuses what is merely pending.
    #[must_use]
    pub fn fails(self, strict: bool) -> bool {
        match self {
            Self::Unmet | Self::NotEvaluable => true,
            Self::Pending => strict,
            _ => false,
        }
    }

    /// The verdict in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            Self::Met => "met",
            Self::NotOperated => "not operated",
            Self::Pending => "pending",
            Self::MetWithExceptions => "met with exceptions",
            Self::Waived => "waived",
            Self::Unmet => "unmet",
            Self::NotEvaluable => "not evaluable",
        }
    }
}

/// How a due, open or coming period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodState {
    /// Evidence covers the period.
    Covered,
    /// The period is due and evidence is missing.
    Missing,
    /// Not due at the as-of date.
    Pending,
}

/// The counts behind a verdict. A zero where something is needed blocks `met`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Files the patterns match.
    pub matched: u64,
    /// Of these, files that exist at the as-of date.
    pub current: u64,
    /// Of these, files that were read without a fault.
    pub parsed: u64,
    /// Records read.
    pub records: u64,
    /// Records that `where` selects, inside the window.
    pub selected: u64,
    /// Periods expected over the whole window.
    pub periods: u64,
    /// Of these, due at the as-of date.
    pub due: u64,
    /// Of the due ones, covered by evidence.
    pub covered: u64,
}

impl Tally {
    /// The sum of two tallies.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            matched: self.matched + other.matched,
            current: self.current + other.current,
            parsed: self.parsed + other.parsed,
            records: self.records + other.records,
            selected: self.selected + other.selected,
            periods: self.periods + other.periods,
            due: self.due + other.due,
            covered: self.covered + other.covered,
        }
    }
}
