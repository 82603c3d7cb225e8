//! Writers of the report, one file per output format. Each reads [`Report`](crate::report::Report)
//! and nothing else, and escapes untrusted text for its own format.

mod clean;
pub mod csv;
mod escape;
mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
mod layout;
pub mod markdown;
pub mod matrix;
pub mod oscal;
mod place;
pub mod sarif;
mod since;
#[cfg(test)]
mod testing;

pub(crate) use clean::{clean, hidden};
pub use escape::markdown_text;
pub(crate) use escape::{csv_cell, uri};
pub(crate) use fingerprint::fingerprint;
pub(crate) use html::{base64, e as html_text};
pub(crate) use place::ids;
pub use since::{Earlier, Gone, Since};

/// Said once in every report.
pub const READINESS_NOTICE: &str = "This is readiness information, not an audit opinion: it says \
     whether the evidence is there, is valid and agrees with itself. Whether the controls suit the \
     organisation, and whether the evidence tells the truth, is for people to judge.";

/// How text is laid out for a terminal or a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Whether marks and frames may be drawn with characters beyond ASCII.
    pub unicode: bool,
    /// Columns to fill; taken as at least 60 and at most 200.
    pub width: usize,
    /// Findings to print in full; the rest are counted.
    pub findings: usize,
}

impl Style {
    /// The columns that are really used.
    pub(crate) fn columns(&self) -> usize {
        self.width.clamp(60, 200)
    }

    /// What stands where text was cut.
    pub(crate) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, unicode: true, width: 100, findings: 50 }
    }
}

/// `count` and its noun, which takes an `s` unless there is exactly one.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
