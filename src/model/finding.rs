//! Findings: one diagnostic each, with the place in the evidence and the place in the rule.

use serde::{Deserialize, Serialize};

use super::{Code, Place};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The control is not met because of it.
    Error,
    /// Disclosed; the control may still be met.
    Warning,
    /// For information.
    Note,
}

/// A place with what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there, in a few words; may be empty.
    pub text: String,
    /// The source lines around the place, cropped; filled in last, `None` where there is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

impl Label {
    /// A label without its excerpt.
    #[must_use]
    pub fn new(place: Place, text: impl Into<String>) -> Self {
        Self { place, text: text.into(), excerpt: None }
    }
}

/// A few lines of source, already cropped to a bounded length. The text is as it stands in the
/// file: renderers clean control characters for their own format.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Excerpt {
    /// The text, at most a few hundred bytes.
    pub text: String,
    /// Line number of the first line of `text`, from 1.
    pub first_line: u64,
    /// Column of the first character of `text`, from 1; past 1 when the line was cropped.
    pub first_column: u64,
    /// Bytes of `text` that the label marks.
    pub mark: (usize, usize),
}

/// What a finding is about, so that an exception can name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Subject {
    /// The control as a whole, or one of its requirements.
    Requirement,
    /// A file.
    Artifact {
        /// Its path.
        path: String,
    },
    /// One record.
    Record {
        /// The file.
        path: String,
        /// Its key, or its line where it has none.
        key: String,
    },
    /// A period of the cadence, with the group that lacks it where there are groups.
    Period {
        /// The label, such as `2026-03`.
        label: String,
        /// The group, such as `system=ml-platform`.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
}

/// One diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code.
    pub code: Code,
    /// Weight; an excepted finding keeps it.
    pub severity: Severity,
    /// The control it belongs to; `None` for the repository as a whole.
    pub control: Option<String>,
    /// The requirement, where there is one.
    pub requirement: Option<String>,
    /// The check, where there is one.
    pub check: Option<String>,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do, in a sentence or two.
    pub help: String,
    /// What it is about.
    pub subject: Subject,
    /// Places in the evidence, the primary one first.
    pub evidence: Vec<Label>,
    /// The place in the rule that demands it.
    pub rule: Option<Label>,
    /// The exception or waiver that covers it.
    pub excepted_by: Option<String>,
}

impl Finding {
    /// Whether the finding keeps its control from being met.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.excepted_by.is_none()
    }

    /// The order of a report: control, then weight, then place, then the rest.
    #[must_use]
    pub fn order(&self) -> impl Ord + '_ {
        (
            self.control.as_deref().unwrap_or_default(),
            self.severity,
            self.evidence.first(),
            self.code,
            self.requirement.as_deref(),
            self.check.as_deref(),
            &self.subject,
            &self.message,
        )
    }
}
