//! Unit tests for rule files: a small tree of evidence that meets a control, cases that differ from
//! it by one fault and the finding each must give, and mutants of the tree made without being asked.
//!
//! Everything is judged in memory by the verifier itself. A check or a requirement that neither a
//! case nor a mutant can break is reported: it is unable to fail.

mod field;
mod fixture;
mod mutant;
mod outcome;
mod raw;
mod target;
mod tree;

pub use fixture::Fixture;
pub use outcome::{Outcome, Survivor, run};
pub use raw::RawTest;

/// The JSON Schema of `*.test.yaml`.
#[must_use]
pub fn schema() -> serde_json::Value {
    crate::catalog::schema_of::<RawTest>()
}
