//! Puts together what a requirement asks of each record.

use super::group::Group;
use super::layout::Layout;
use super::lists::Records;
use super::{Asked, KeyOf, Probe, Program, Step};
use crate::catalog::{Condition, Control, KeyPath, Keyed, Requirement, Selection, Slot, Test};
use crate::document::Selector;
use crate::verify::probe::{HERE, ROOTS, THERE};

/// Numbers given so far, for each group.
#[derive(Default)]
pub(super) struct Numbers<'a> {
    groups: Vec<(&'a str, &'a Selector, Group<'a>)>,
}

impl<'a> Numbers<'a> {
    /// The layouts of the groups, by their numbers.
    pub(super) fn into_layouts(self) -> Vec<Layout<'a>> {
        self.groups.into_iter().map(|(_, _, group)| group.into_layout()).collect()
    }

    pub(super) fn program(
        &mut self,
        (number, control): (usize, &'a Control),
        (at, requirement): (usize, &'a Requirement),
        slot: &'a Slot,
    ) -> Program<'a> {
        let same = |(kind, records, _): &(&str, &Selector, _)| {
            *kind == slot.kind && **records == slot.records
        };
        let group = self.groups.iter().position(same).unwrap_or_else(|| {
            self.groups.push((&slot.kind, &slot.records, Group::default()));
            self.groups.len() - 1
        });
        let mut asking = Asking { group: &mut self.groups[group].2, control: number, at, slot };
        let population = slot.population.as_ref().map(|key| asking.group.key(key));
        let records = asking.records(requirement, population.as_ref());
        let population_list =
            population.as_ref().map(|key| asking.group.lists.population(key.number));
        Program {
            control,
            requirement,
            slot,
            group,
            where_: asking.optional(slot.where_.as_ref()),
            happened: slot.happened.as_ref().map(|path| asking.group.field(path)),
            period: slot.period.as_ref().map(|path| asking.group.field(path)),
            covers: slot
                .covers
                .as_ref()
                .map(|(a, b)| (asking.group.field(a), asking.group.field(b))),
            per: slot.per.iter().map(|path| asking.group.field(path)).collect(),
            fresh: slot
                .freshness
                .as_ref()
                .and_then(|(of, _)| of.as_ref())
                .map(|path| asking.group.field(path)),
            population,
            population_list,
            probes: asking.probes(control, records),
        }
    }
}

/// A requirement that asks.
struct Asking<'g, 'a> {
    group: &'g mut Group<'a>,
    control: usize,
    at: usize,
    slot: &'a Slot,
}

impl<'a> Asking<'_, 'a> {
    fn ask(&mut self, condition: &'a Condition) -> Asked<'a> {
        self.group.ask(condition, self.control)
    }

    fn optional(&mut self, condition: Option<&'a Condition>) -> Option<Asked<'a>> {
        condition.map(|condition| self.ask(condition))
    }

    /// The number of the way in which the requirement tells which records count.
    fn records(&mut self, requirement: &Requirement, population: Option<&KeyOf<'a>>) -> usize {
        let slot = self.slot;
        let records = Records {
            where_: slot.where_.as_ref().map(|where_| self.ask(where_).number),
            happened: slot.happened.as_ref().map(KeyPath::as_str),
            period: slot.period.as_ref().map(KeyPath::as_str),
            covers: slot.covers.as_ref().map(|(from, to)| [from.as_str(), to.as_str()]),
            per: slot.per.iter().map(KeyPath::as_str).collect(),
            population: population.map(|key| key.number),
            dated: [slot.freshness.is_some(), slot.dated_elsewhere, requirement.by_period],
        };
        self.group.lists.records(records)
    }

    fn probes(&mut self, of: &'a Control, records: usize) -> Vec<Probe<'a>> {
        let mut probes = Vec::new();
        for (at, check) in of.checks.iter().enumerate() {
            for role in [HERE, THERE, ROOTS] {
                let of = side(&check.test, role).filter(|of| self.is_about(of));
                let step = of.and_then(|_| self.step(&check.test, role));
                let Some((of, step)) = of.zip(step) else { continue };
                let where_ = self.optional(of.where_.as_ref());
                let said = check.message.as_ref().filter(|_| role == speaker(&check.test));
                let said = said.map(|template| self.group.say(template));
                let selected = where_.as_ref().map(|where_| where_.number);
                let list = step.kept(role).map(|kept| match said {
                    // Rows with a message of their own are like no other.
                    Some(_) => self.group.lists.add(),
                    None => self.group.lists.of(records, selected, kept),
                });
                probes.push(Probe { check, at, role, said, where_, step, list });
            }
        }
        probes
    }

    /// Whether a selection is of the records of this requirement, in the form that was chosen.
    fn is_about(&self, selection: &Selection) -> bool {
        selection.requirement == self.at
            && (selection.alternative.is_none() || selection.alternative == self.slot.alternative)
    }

    fn row(&mut self, keyed: &'a Keyed, needed: bool) -> Step<'a> {
        Step::Row { key: self.group.key(&keyed.key), needed }
    }

    /// What a side of a check takes from each of its records.
    fn step(&mut self, test: &'a Test, role: u8) -> Option<Step<'a>> {
        Some(match (test, role) {
            (Test::Require { holds, .. }, HERE) => Step::Require(self.ask(holds)),
            (Test::Counterpart { each, as_of, .. }, HERE) => {
                let at = as_of.as_ref().map(|(at, _, _)| self.ask(at));
                Step::Seek(self.group.key(&each.key), at)
            }
            (Test::Counterpart { other, as_of, exactly, .. }, THERE) => Step::Offer {
                key: self.group.key(&other.key),
                from: self.optional(as_of.as_ref().and_then(|as_of| as_of.1.as_ref())),
                to: self.optional(as_of.as_ref().and_then(|as_of| as_of.2.as_ref())),
                needed: *exactly == Some(0),
            },
            (Test::SameSet { left: keyed, .. } | Test::Unique { of: keyed }, HERE)
            | (Test::SameSet { right: keyed, .. }, THERE)
            | (Test::Reaches { each: keyed, .. }, HERE) => self.row(keyed, true),
            (Test::Reaches { from, to, .. }, THERE) => Step::Edge(from, to),
            (Test::Reaches { roots, .. }, ROOTS) => self.row(roots, false),
            (Test::Tile { each, .. }, HERE) => {
                let (each, from, to) = each.as_ref()?;
                let to = to.as_ref().map(|to| self.group.field(to));
                let (key, from) = (self.group.key(&each.key), self.group.field(from));
                Step::Span { key, from, to, points: false }
            }
            (Test::Tile { tiles, from, to, points, .. }, THERE) => {
                let to = to.as_ref().map(|to| self.group.field(to));
                let (key, from) = (self.group.key(&tiles.key), self.group.field(from));
                Step::Span { key, from, to, points: *points }
            }
            (Test::Count { .. }, HERE) => Step::Count,
            (Test::Rate { part, .. }, HERE) => Step::Rate(self.ask(part)),
            (Test::Sum { value, .. }, HERE) => Step::Sum(self.ask(value)),
            (Test::Recompute { stated, from, .. }, HERE) => {
                Step::Recompute(self.group.field(stated), self.ask(from))
            }
            (Test::Derive { each, stated, .. }, HERE) => {
                Step::Stated(self.group.key(&each.key), self.group.field(stated))
            }
            (Test::Derive { other, value, .. }, THERE) => {
                Step::Summand(self.group.key(&other.key), self.optional(value.as_ref()))
            }
            _ => return None,
        })
    }
}

/// The role whose records the message of a check is about.
fn speaker(test: &Test) -> u8 {
    if matches!(test, Test::Tile { each: None, .. }) { THERE } else { HERE }
}

/// The records that a check looks at in a role.
fn side(test: &Test, role: u8) -> Option<&Selection> {
    match (test, role) {
        (Test::Require { each, .. } | Test::Recompute { each, .. }, HERE) => Some(each),
        (Test::Count { of, .. } | Test::Rate { of, .. } | Test::Sum { of, .. }, HERE) => Some(of),
        (Test::Counterpart { each, .. } | Test::Derive { each, .. }, HERE) => Some(&each.of),
        (Test::Counterpart { other, .. } | Test::Derive { other, .. }, THERE) => Some(&other.of),
        (Test::SameSet { left, .. }, HERE) => Some(&left.of),
        (Test::SameSet { right, .. }, THERE) => Some(&right.of),
        (Test::Unique { of }, HERE) => Some(&of.of),
        (Test::Tile { each, .. }, HERE) => each.as_ref().map(|(each, _, _)| &each.of),
        (Test::Tile { tiles, .. }, THERE) => Some(&tiles.of),
        (Test::Reaches { each, .. }, HERE) => Some(&each.of),
        (Test::Reaches { edges, .. }, THERE) => Some(edges),
        (Test::Reaches { roots, .. }, ROOTS) => Some(&roots.of),
        _ => None,
    }
}
