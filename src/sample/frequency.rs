//! How often a control operates, and how many of its operations are customarily looked at.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

/// How often a control operates. The sizes are common practice of AICPA auditors for a control of
/// moderate risk; no standard fixes them, and the auditor decides.
///
/// | frequency | sample |
/// |---|---|
/// | annual | 1 |
/// | quarterly | 2 |
/// | monthly | 2 to 5 |
/// | weekly | 5 to 15 |
/// | daily | 20 to 40 |
/// | per event | 25 to 60 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Frequency {
    /// Once a year: 1.
    Annual,
    /// Every quarter: 2.
    Quarterly,
    /// Every month: 2 to 5.
    Monthly,
    /// Every week: 5 to 15.
    Weekly,
    /// Every day: 20 to 40.
    Daily,
    /// Whenever the thing happens: 25 to 60.
    PerEvent,
}

impl Frequency {
    /// The customary sizes, from and to.
    #[must_use]
    pub fn sizes(self) -> (usize, usize) {
        match self {
            Self::Annual => (1, 1),
            Self::Quarterly => (2, 2),
            Self::Monthly => (2, 5),
            Self::Weekly => (5, 15),
            Self::Daily => (20, 40),
            Self::PerEvent => (25, 60),
        }
    }

    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Annual => "annual",
            Self::Quarterly => "quarterly",
            Self::Monthly => "monthly",
            Self::Weekly => "weekly",
            Self::Daily => "daily",
            Self::PerEvent => "per event",
        }
    }
}
