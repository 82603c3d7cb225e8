//! Controls as they are judged: everything named is resolved, every condition is compiled.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use super::keypath::KeyPath;
use super::problem::Source;
use crate::document::Selector;
use crate::evidence::PathPattern;
use crate::expression::{Expression, Template};
use crate::model::Label;
use crate::model::time::{Allowance, Cadence};

/// One control.
#[derive(Debug)]
pub struct Control {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Checklist items it serves.
    pub items: Vec<String>,
    /// Items another control claims and it adds to.
    pub adds_to: Vec<String>,
    /// Criteria it supports.
    pub criteria: Vec<String>,
    /// What it achieves.
    pub objective: String,
    /// What goes wrong without it.
    pub why: String,
    /// What good evidence looks like.
    pub good: String,
    /// Who answers for it, where the engagement says so.
    pub owner: Option<String>,
    /// The rule file.
    pub source: Arc<Source>,
    /// Parameters, the engagement's values in place.
    pub params: BTreeMap<String, Value>,
    /// Requirements by name.
    pub requirements: Vec<Requirement>,
    /// Checks by id.
    pub checks: Vec<Check>,
    /// What a person must still decide.
    pub judgement: Vec<String>,
    /// Exclusion by the engagement.
    pub excluded: Option<Exclusion>,
    /// Why none of its criteria is in scope, where that is so.
    pub out_of_scope: Option<String>,
}

/// Why a control does not apply.
#[derive(Debug, Clone)]
pub struct Exclusion {
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approved_on: Date,
    /// Where that day stands.
    pub label: Label,
}

impl Control {
    /// Whether it does not apply on `as_of`.
    #[must_use]
    pub fn is_excluded(&self, as_of: Date) -> bool {
        self.excluded.as_ref().is_some_and(|one| one.approved_on <= as_of)
    }
}

/// One evidence slot.
#[derive(Debug)]
pub struct Requirement {
    /// Name.
    pub name: String,
    /// Alternatives in order; a requirement without `any_of` has one, unnamed.
    pub slots: Vec<Slot>,
    /// The check that demands rows here; `None`: an empty slot is a finding.
    pub demanded_by: Option<String>,
    /// Whether a check compares its records by their period.
    pub by_period: bool,
    /// Where it stands in the rule file.
    pub label: Label,
}

/// One alternative of a requirement.
#[derive(Debug)]
pub struct Slot {
    /// Name of the alternative.
    pub alternative: Option<String>,
    /// Kind.
    pub kind: String,
    /// Where the artifacts lie.
    pub patterns: Vec<PathPattern>,
    /// Where the records lie in a document.
    pub records: Selector,
    /// Which records.
    pub where_: Option<Condition>,
    /// When the thing happened.
    pub happened: Option<KeyPath>,
    /// Which period the record is for.
    pub period: Option<KeyPath>,
    /// Which days the artifact covers.
    pub covers: Option<(KeyPath, KeyPath)>,
    /// Fields whose every combination needs every period.
    pub per: Vec<KeyPath>,
    /// How often.
    pub cadence: Option<Cadence>,
    /// Grace after a period has closed.
    pub within: Allowance,
    /// Largest age of the newest date; no path: the manifest's collection.
    pub freshness: Option<(Option<KeyPath>, Allowance)>,
    /// Whether another requirement of the control that reads the same files says of which day they
    /// are, while this one does not.
    pub dated_elsewhere: bool,
    /// Key of the population.
    pub population: Option<Vec<KeyPath>>,
    /// Whether every artifact needs a manifest.
    pub manifest_required: bool,
    /// Where it stands in the rule file; the `where`, cadence and population are beneath it.
    pub pointer: String,
}

/// A compiled condition and where its text stands.
#[derive(Debug)]
pub struct Condition {
    /// The condition, shared by all places of a rule file that say the same.
    pub expression: Arc<Expression>,
    /// The same as it is written.
    pub text: String,
    /// JSON Pointer of its text in the rule file.
    pub pointer: String,
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// Id.
    pub id: String,
    /// What it asks.
    pub title: String,
    /// What is wrong when it breaks, filled in from the record of `each`.
    pub message: Option<Template>,
    /// The same as it is written, for checks that look at no record in particular.
    pub said: Option<String>,
    /// What to do then.
    pub help: Option<String>,
    /// Whether it is broken when there is nothing to look at.
    pub required: bool,
    /// What it does.
    pub test: Test,
    /// Where it stands in the rule file.
    pub label: Label,
}

/// Records a check looks at.
#[derive(Debug)]
pub struct Selection {
    /// Index of the requirement.
    pub requirement: usize,
    /// Only this alternative of it.
    pub alternative: Option<String>,
    /// Only these records.
    pub where_: Option<Condition>,
}

/// Records with a key.
#[derive(Debug)]
pub struct Keyed {
    /// Which records.
    pub of: Selection,
    /// Their key.
    pub key: Vec<KeyPath>,
}

/// Which periods of the evidence a relation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Against {
    /// All of them together.
    #[default]
    Any,
    /// The latest; of each group, where the requirement has groups.
    Newest,
    /// Each by itself.
    EveryPeriod,
}

/// Bounds, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// What a check does; one variant, one file in `verify`.
#[derive(Debug)]
pub enum Test {
    /// A condition on each record.
    Require {
        /// Records.
        each: Selection,
        /// Condition.
        holds: Condition,
    },
    /// Each record has (or has not) a counterpart.
    Counterpart {
        /// Records here, and their key.
        each: Keyed,
        /// Records there, and their key.
        other: Keyed,
        /// Which periods there.
        against: Against,
        /// `Some(0)`: none may exist; `None`: at least one.
        exactly: Option<u64>,
        /// When: a time of the record here, and the validity of the record there.
        as_of: Option<(Condition, Option<Condition>, Option<Condition>)>,
    },
    /// Two lists hold the same keys.
    SameSet {
        /// One list.
        left: Keyed,
        /// The other.
        right: Keyed,
        /// Which periods of each.
        against: [Against; 2],
    },
    /// Keys occur once.
    Unique {
        /// Records.
        of: Keyed,
    },
    /// Intervals or points leave no gap.
    Tile {
        /// The records that must be covered with their bounds; `None`: the window.
        each: Option<(Keyed, KeyPath, Option<KeyPath>)>,
        /// Intervals or points, keyed by group or match.
        tiles: Keyed,
        /// First day of an interval, or the point.
        from: KeyPath,
        /// Last day of an interval; `None` for points.
        to: Option<KeyPath>,
        /// Whether the records are points.
        points: bool,
        /// Largest gap.
        max_gap: Allowance,
    },
    /// A number of records within bounds.
    Count {
        /// Records.
        of: Selection,
        /// Bounds.
        bounds: Bounds,
    },
    /// A share of records within bounds.
    Rate {
        /// The whole.
        of: Selection,
        /// The part.
        part: Condition,
        /// Bounds.
        bounds: Bounds,
    },
    /// A sum within bounds.
    Sum {
        /// Records.
        of: Selection,
        /// Summand.
        value: Condition,
        /// Bounds.
        bounds: Bounds,
    },
    /// A stated figure equals the one computed on the same record.
    Recompute {
        /// Records.
        each: Selection,
        /// The figure.
        stated: KeyPath,
        /// What it follows from.
        from: Condition,
    },
    /// A stated figure equals a count or sum over records elsewhere.
    Derive {
        /// Records here, and their key.
        each: Keyed,
        /// The figure.
        stated: KeyPath,
        /// Records there, and their key.
        other: Keyed,
        /// Summand; `None`: a count.
        value: Option<Condition>,
    },
    /// Walking back along edges ends in registered sources.
    Reaches {
        /// Records with the node to start at.
        each: Keyed,
        /// Records that are edges.
        edges: Selection,
        /// Node an edge comes from.
        from: KeyPath,
        /// Node it leads to.
        to: KeyPath,
        /// Registered sources.
        roots: Keyed,
    },
}
