//! tickmark verifies that an evidence repository shows its controls operating over an audit window.
//!
//! Data flows one way: rule files and schemas are compiled by [`catalog`], the evidence repository
//! is listed by [`evidence`], [`verify`] judges one against the other without touching the file
//! system or the clock, [`report`] rolls the findings up into verdicts and [`render`] writes them.
//! [`binder`] packs evidence, rules and report for an auditor, and derives the verdict again from them.
//! [`sample`] draws from a population in a way that can be derived again.
//! [`testing`] judges the fixtures of rule files the same way.

pub mod binder;
pub mod catalog;
pub mod cli;
pub mod document;
pub mod evidence;
pub mod explain;
pub mod expression;
pub mod model;
pub mod render;
pub mod report;
pub mod sample;
pub mod schema;
pub mod testing;
pub mod verify;
