//! What each requirement asks of a record, put together once for all records.
//!
//! Controls ask much the same of the same records: the same fields, keys and conditions. Each has a
//! number among those that are asked of the records of one kind, so that a record answers each of
//! them once (see [`Memo`](super::memo::Memo)), however many controls ask; and rows that several
//! checks keep alike are kept once.

mod asking;
mod group;
mod layout;
mod lists;

use std::collections::HashMap;

use super::plan::{Plan, Use};
use crate::catalog::{
    Catalog, Check, Condition, Control, KeyPath, Kind, KindRule, Requirement, Slot,
};
use crate::document::Selector;
use crate::expression::Template;
use asking::Numbers;
pub(crate) use layout::Layout;

/// A field that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub path: &'a KeyPath,
    /// Its number; `None` where it steps through a list.
    pub number: Option<usize>,
}

/// A condition or a value that is asked for.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub condition: &'a Condition,
    pub number: usize,
    /// Numbers of the values it reads.
    pub reads: Vec<Option<usize>>,
}

/// A message that is filled in.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub template: &'a Template,
    /// Numbers of the values it shows.
    pub reads: Vec<Option<usize>>,
}

/// The fields of a key.
#[derive(Debug, Clone)]
pub(super) struct KeyOf<'a> {
    pub paths: &'a [KeyPath],
    pub fields: Vec<Field<'a>>,
    pub number: usize,
}

/// What one side of a check takes from a record.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Require(Asked<'a>),
    /// A row that asks for a counterpart, at a time.
    Seek(KeyOf<'a>, Option<Asked<'a>>),
    /// A row that may be a counterpart, and from when to when.
    Offer {
        key: KeyOf<'a>,
        from: Option<Asked<'a>>,
        to: Option<Asked<'a>>,
        /// Whether it must be comparable: what must not be found.
        needed: bool,
    },
    /// A row by its key alone.
    Row {
        key: KeyOf<'a>,
        needed: bool,
    },
    /// A row that lasts, or stands at a point.
    Span {
        key: KeyOf<'a>,
        from: Field<'a>,
        to: Option<Field<'a>>,
        points: bool,
    },
    Count,
    Rate(Asked<'a>),
    Sum(Asked<'a>),
    Recompute(Field<'a>, Asked<'a>),
    /// A row with a stated figure.
    Stated(KeyOf<'a>, Field<'a>),
    /// A row with a summand; `None` counts.
    Summand(KeyOf<'a>, Option<Asked<'a>>),
    /// Rows of an event that makes what is at the second from what is at the first.
    Edge(&'a KeyPath, &'a KeyPath),
}

/// One side of a check.
#[derive(Debug)]
pub(super) struct Probe<'a> {
    /// The check, and its number in the control.
    pub check: &'a Check,
    pub at: usize,
    pub role: u8,
    /// What is said of a record of the side that is looked at.
    pub said: Option<Said<'a>>,
    pub where_: Option<Asked<'a>>,
    pub step: Step<'a>,
    /// The list its rows are kept in, where it keeps rows: the same for all who keep the same.
    pub list: Option<usize>,
}

/// What a requirement, by the alternative that was chosen, asks of each record.
#[derive(Debug)]
pub(super) struct Program<'a> {
    pub control: &'a Control,
    pub requirement: &'a Requirement,
    pub slot: &'a Slot,
    /// Programs of one group read the same records.
    pub group: usize,
    pub where_: Option<Asked<'a>>,
    pub happened: Option<Field<'a>>,
    pub period: Option<Field<'a>>,
    pub covers: Option<(Field<'a>, Field<'a>)>,
    pub per: Vec<Field<'a>>,
    pub fresh: Option<Field<'a>>,
    pub population: Option<KeyOf<'a>>,
    /// The list its population is kept in.
    pub population_list: Option<usize>,
    /// In the order of the checks, then of the roles.
    pub probes: Vec<Probe<'a>>,
}

/// The programs of a run, by control and requirement.
#[derive(Debug)]
pub(super) struct Programs<'a> {
    programs: Vec<Program<'a>>,
    /// The number of the program of each requirement that has files, by control.
    numbers: Vec<Vec<Option<usize>>>,
    layouts: Vec<Layout<'a>>,
    rules: HashMap<&'a str, Vec<Rules<'a>>>,
}

/// Rules of a kind about the same records.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub each: &'a Selector,
    pub layout: Layout<'a>,
    pub rules: Vec<Rule<'a>>,
}

/// A rule of a kind.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub rule: &'a KindRule,
    pub where_: Option<Asked<'a>>,
    pub holds: Asked<'a>,
    pub said: Option<Said<'a>>,
}

impl<'a> Programs<'a> {
    /// The programs of `plan`.
    #[must_use]
    pub(super) fn new(catalog: &'a Catalog, plan: &Plan) -> Self {
        let mut numbers = Numbers::default();
        let mut programs = Vec::new();
        let controls = catalog.controls.iter().zip(&plan.chosen).enumerate();
        let by_control = controls.map(|(at, (control, chosen))| {
            let requirements = control.requirements.iter().zip(chosen).enumerate();
            let own = requirements.map(|(number, (requirement, chosen))| {
                if chosen.entries.is_empty() {
                    return None;
                }
                let slot = &requirement.slots[chosen.slot];
                programs.push(numbers.program((at, control), (number, requirement), slot));
                Some(programs.len() - 1)
            });
            own.collect()
        });
        let by_control = by_control.collect();
        let rules = catalog.kinds.iter().map(|(name, kind)| (name.as_str(), group::rules(kind)));
        let (layouts, rules) = (numbers.into_layouts(), rules.collect());
        Self { programs, numbers: by_control, layouts, rules }
    }

    /// The rules of a kind.
    pub(super) fn rules(&self, kind: &Kind) -> &[Rules<'a>] {
        self.rules.get(kind.name.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The program of a use.
    ///
    /// # Panics
    /// For one that is not of the plan.
    #[must_use]
    pub(super) fn of(&self, one: Use) -> &Program<'a> {
        let number = self.numbers[one.control][one.requirement];
        &self.programs[number.unwrap_or(usize::MAX)]
    }

    /// What is asked of the records of a group.
    #[must_use]
    pub(super) fn layout(&self, group: usize) -> &Layout<'a> {
        &self.layouts[group]
    }
}
