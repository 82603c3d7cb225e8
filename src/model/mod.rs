//! The auditor's nouns: the types every other room speaks in.

mod code;
mod criterion;
mod finding;
mod likeness;
mod place;
pub mod time;
mod verdict;

pub use code::{Code, CodePage};
pub use criterion::Category;
pub use finding::{Excerpt, Finding, Label, Severity, Subject};
pub use likeness::{as_it_looks, is_hidden, is_same_person, looks_alike};
pub use place::{LineColumn, Place, Span};
pub use verdict::{PeriodState, Tally, Verdict};
