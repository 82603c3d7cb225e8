//! Judges an inventory against a catalog. Pure: no file system, no clock, no printing.
//!
//! One pass reads every artifact once and keeps, for each requirement, only what its checks name:
//! dates, keys and the places of what deviates. Relations are then joined from those rows.

pub mod graph;
pub mod relation;
pub mod rows;
