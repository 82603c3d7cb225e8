//! The auditor's nouns: the types every other room speaks in.

mod code;
mod criterion;
mod finding;
mod place;
pub mod time;
mod verdict;

pub use code::{Code, CodePage};
pub use criterion::Category;
pub use finding::{Excerpt, Finding, Label, Severity, Subject};
pub use place::{LineColumn, Place, Span};
pub use verdict::{PeriodState, Tally, Verdict};
