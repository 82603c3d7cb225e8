//! The auditor's nouns: the types every other room speaks in.

pub mod place;
pub mod time;

pub use place::{LineColumn, Place, Span};
