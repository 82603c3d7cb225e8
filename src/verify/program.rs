//! What each requirement asks of a record, put together once for all records.
//!
//! Controls ask much the same of the same records: the same fields, keys and conditions. Each has a
//! number among those that are asked of the records of one kind, so that a record answers each of
//! them once (see [`Memo`](super::memo::Memo)), however many controls ask; and rows that several
//! checks keep alike are kept once.

use std::collections::HashMap;

use super::plan::{Plan, Use};
use super::probe::{HERE, ROOTS, THERE};
use crate::catalog::{
    Catalog, Check, Condition, Control, KeyPath, Keyed, Kind, KindRule, Record, Requirement,
    Selection, Slot, Test,
};
use crate::document::{Node, Selector};
use crate::expression::{Template, Variable};

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

/// What is asked of the records of a group: the numbered values, and how many keys and conditions.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    /// Fields of the record itself by the length of their names, with their numbers.
    names: Vec<Vec<(&'a str, usize)>>,
    /// All other values in the order of their numbers, and where each begins.
    others: Vec<(usize, From<'a>)>,
    /// How many values there are.
    values: usize,
    pub keys: usize,
    pub conditions: usize,
    /// How many different lists of rows are kept.
    pub lists: usize,
}

/// Where a value lies.
#[derive(Debug, Clone, Copy)]
enum From<'a> {
    Root(Variable),
    /// A field of another value.
    Field(usize, &'a str),
}

impl<'a> Layout<'a> {
    /// The values of a record, by their numbers.
    pub(super) fn values<'n>(&self, record: &Record<'n>) -> Vec<Option<Node<'n>>> {
        let mut values = vec![None; self.values];
        for (key, value) in record.this.members() {
            let name = key.as_str().unwrap_or_default();
            let alike = self.names.get(name.len()).map_or(&[][..], Vec::as_slice);
            if let Some((_, number)) = alike.iter().find(|(own, _)| *own == name) {
                // Of a key that is written twice the first counts, as everywhere.
                values[*number] = values[*number].or(Some(value));
            }
        }
        for (number, from) in &self.others {
            values[*number] = match from {
                From::Root(Variable::This) => Some(record.this),
                From::Root(Variable::Parent) => record.parent,
                From::Root(Variable::Document) => record.document,
                From::Root(Variable::Manifest) => record.manifest,
                From::Root(_) => None,
                From::Field(of, name) => values[*of].and_then(|of| of.get(name)),
            };
        }
        values
    }

    fn add(&mut self, from: From<'a>) -> usize {
        self.others.push((self.values, from));
        self.values += 1;
        self.values - 1
    }

    fn add_name(&mut self, name: &'a str) -> usize {
        let lengths = self.names.len().max(name.len() + 1);
        self.names.resize(lengths, Vec::new());
        self.names[name.len()].push((name, self.values));
        self.values += 1;
        self.values - 1
    }
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

/// What rows a step keeps: those of equal steps over the same records are the same.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Kept<'a> {
    Seek(usize, Option<usize>),
    Offer(usize, [Option<usize>; 2], bool),
    Row(usize, bool),
    Span(usize, &'a str, Option<&'a str>, bool, u8),
    Stated(usize, &'a str),
    Summand(usize, Option<usize>),
    Edge(&'a str, &'a str),
}

impl<'a> Step<'a> {
    /// What rows it keeps in `role`, where it keeps any.
    fn kept(&self, role: u8) -> Option<Kept<'a>> {
        let number = |asked: &Option<Asked<'_>>| asked.as_ref().map(|asked| asked.number);
        Some(match self {
            Self::Seek(key, at) => Kept::Seek(key.number, number(at)),
            Self::Offer { key, from, to, needed } => {
                Kept::Offer(key.number, [number(from), number(to)], *needed)
            }
            Self::Row { key, needed } => Kept::Row(key.number, *needed),
            Self::Span { key, from, to, points } => {
                let to = to.map(|to| to.path.as_str());
                Kept::Span(key.number, from.path.as_str(), to, *points, role)
            }
            Self::Stated(key, stated) => Kept::Stated(key.number, stated.path.as_str()),
            Self::Summand(key, value) => Kept::Summand(key.number, number(value)),
            Self::Edge(from, to) => Kept::Edge(from.as_str(), to.as_str()),
            Self::Require(_) | Self::Count | Self::Rate(_) | Self::Sum(_) | Self::Recompute(..) => {
                return None;
            }
        })
    }
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
        let layouts = numbers.groups.into_iter().map(|(_, _, group)| group.into_layout());
        let rules = catalog.kinds.iter().map(|(name, kind)| (name.as_str(), rules(kind)));
        let (layouts, rules) = (layouts.collect(), rules.collect());
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

/// The rules of `kind`, those about the same records together.
fn rules(kind: &Kind) -> Vec<Rules<'_>> {
    let mut selectors: Vec<&Selector> = Vec::new();
    for rule in &kind.rules {
        if !selectors.contains(&&rule.each) {
            selectors.push(&rule.each);
        }
    }
    selectors.into_iter().map(|each| rules_about(each, kind)).collect()
}

fn rules_about<'a>(each: &'a Selector, kind: &'a Kind) -> Rules<'a> {
    let mut group = Group::default();
    let own = kind.rules.iter().filter(|rule| rule.each == *each);
    let rules = own.map(|rule| Rule {
        rule,
        where_: rule.where_.as_ref().map(|where_| group.ask(where_, 0)),
        holds: group.ask(&rule.holds, 0),
        said: rule.message.as_ref().map(|template| group.say(template)),
    });
    Rules { each, rules: rules.collect(), layout: group.into_layout() }
}

/// Numbers given so far, for each group.
#[derive(Default)]
struct Numbers<'a> {
    groups: Vec<(&'a str, &'a Selector, Group<'a>)>,
}

#[derive(Default)]
struct Group<'a> {
    layout: Layout<'a>,
    /// Fields of the record itself, and all other values.
    own: HashMap<&'a str, usize>,
    values: HashMap<(Variable, Vec<&'a str>), usize>,
    keys: HashMap<Vec<&'a str>, usize>,
    conditions: HashMap<(&'a str, Option<usize>), usize>,
    /// Ways to tell which records count, and what is said about each.
    records: HashMap<Records<'a>, usize>,
    populations: HashMap<usize, usize>,
    kept: HashMap<(usize, Option<usize>, Kept<'a>), usize>,
    lists: usize,
}

/// Which records count for a requirement, and what is said about each: where two requirements agree
/// in that, their checks may keep the same rows.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Records<'a> {
    where_: Option<usize>,
    happened: Option<&'a str>,
    period: Option<&'a str>,
    covers: Option<[&'a str; 2]>,
    per: Vec<&'a str>,
    population: Option<usize>,
    /// Whether it must be fresh, another requirement dates it, it is compared by period.
    dated: [bool; 3],
}

impl<'a> Numbers<'a> {
    fn program(
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
        let population = slot.population.as_ref().map(|key| asking.key(key));
        let records = asking.records(requirement, population.as_ref());
        let population_list = population.as_ref().map(|key| asking.population(key.number));
        Program {
            control,
            requirement,
            slot,
            group,
            where_: asking.optional(slot.where_.as_ref()),
            happened: slot.happened.as_ref().map(|path| asking.field(path)),
            period: slot.period.as_ref().map(|path| asking.field(path)),
            covers: slot.covers.as_ref().map(|(a, b)| (asking.field(a), asking.field(b))),
            per: slot.per.iter().map(|path| asking.field(path)).collect(),
            fresh: slot
                .freshness
                .as_ref()
                .and_then(|(of, _)| of.as_ref())
                .map(|path| asking.field(path)),
            population,
            population_list,
            probes: asking.probes(control, records),
        }
    }
}

impl<'a> Group<'a> {
    /// The number of the value that lies `fields` down from `variable`.
    fn value(&mut self, variable: Variable, fields: &[&'a str]) -> usize {
        if let (Variable::This, [name]) = (variable, fields) {
            let layout = &mut self.layout;
            return *self.own.entry(name).or_insert_with(|| layout.add_name(name));
        }
        let way = (variable, fields.to_vec());
        if let Some(number) = self.values.get(&way) {
            return *number;
        }
        let number = match fields.split_last() {
            None => self.layout.add(From::Root(variable)),
            Some((name, above)) => {
                let above = self.value(variable, above);
                self.layout.add(From::Field(above, name))
            }
        };
        self.values.insert(way, number);
        number
    }

    /// What reads parameters is asked by its own control only: others may have other values.
    fn ask(&mut self, condition: &'a Condition, control: usize) -> Asked<'a> {
        let reads: Vec<_> = condition.expression.reads().collect();
        let params = reads.iter().any(|(variable, _)| *variable == Variable::Params);
        let next = self.conditions.len();
        let key = (condition.text.as_str(), params.then_some(control));
        let number = *self.conditions.entry(key).or_insert(next);
        Asked { condition, number, reads: self.reads(reads.into_iter()) }
    }

    fn say(&mut self, template: &'a Template) -> Said<'a> {
        Said { template, reads: self.reads(template.reads()) }
    }

    /// Numbers of what is read; parameters and times of the run have none.
    fn reads(
        &mut self,
        reads: impl Iterator<Item = (Variable, &'a [String])>,
    ) -> Vec<Option<usize>> {
        let number = |(variable, fields): (Variable, &'a [String])| match variable {
            Variable::Params | Variable::Window | Variable::AsOf => None,
            _ => {
                let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                Some(self.value(variable, &fields))
            }
        };
        reads.map(number).collect()
    }

    fn into_layout(self) -> Layout<'a> {
        Layout {
            keys: self.keys.len(),
            conditions: self.conditions.len(),
            lists: self.lists,
            ..self.layout
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
    fn field(&mut self, path: &'a KeyPath) -> Field<'a> {
        let number = path.fields().map(|(root, fields)| self.group.value(root, &fields));
        Field { path, number }
    }

    fn key(&mut self, paths: &'a [KeyPath]) -> KeyOf<'a> {
        let fields = paths.iter().map(|path| self.field(path)).collect();
        let next = self.group.keys.len();
        let names = paths.iter().map(KeyPath::as_str).collect();
        let number = *self.group.keys.entry(names).or_insert(next);
        KeyOf { paths, fields, number }
    }

    fn ask(&mut self, condition: &'a Condition) -> Asked<'a> {
        self.group.ask(condition, self.control)
    }

    fn optional(&mut self, condition: Option<&'a Condition>) -> Option<Asked<'a>> {
        condition.map(|condition| self.ask(condition))
    }

    fn new_list(&mut self) -> usize {
        self.group.lists += 1;
        self.group.lists - 1
    }

    /// The list of the population by key number `key`.
    fn population(&mut self, key: usize) -> usize {
        let known = self.group.populations.get(&key).copied();
        known.unwrap_or_else(|| {
            let list = self.new_list();
            self.group.populations.insert(key, list);
            list
        })
    }

    /// The list of what a check keeps of `records`, as far as its own condition selects them.
    fn list(&mut self, records: usize, selected: Option<usize>, kept: Kept<'a>) -> usize {
        let key = (records, selected, kept);
        let known = self.group.kept.get(&key).copied();
        known.unwrap_or_else(|| {
            let list = self.new_list();
            self.group.kept.insert(key, list);
            list
        })
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
        let next = self.group.records.len();
        *self.group.records.entry(records).or_insert(next)
    }

    fn probes(&mut self, of: &'a Control, records: usize) -> Vec<Probe<'a>> {
        let mut probes = Vec::new();
        for (at, check) in of.checks.iter().enumerate() {
            for role in [HERE, THERE, ROOTS] {
                let of = side(&check.test, role).filter(|of| self.is_about(of));
                let step = of.and_then(|_| self.step(&check.test, role));
                let Some((of, step)) = of.zip(step) else { continue };
                let where_ = self.optional(of.where_.as_ref());
                let said = check.message.as_ref().filter(|_| role == HERE);
                let said = said.map(|template| self.group.say(template));
                let selected = where_.as_ref().map(|where_| where_.number);
                let list = step.kept(role).map(|kept| match said {
                    // Rows with a message of their own are like no other.
                    Some(_) => self.new_list(),
                    None => self.list(records, selected, kept),
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
        Step::Row { key: self.key(&keyed.key), needed }
    }

    /// What a side of a check takes from each of its records.
    fn step(&mut self, test: &'a Test, role: u8) -> Option<Step<'a>> {
        Some(match (test, role) {
            (Test::Require { holds, .. }, HERE) => Step::Require(self.ask(holds)),
            (Test::Counterpart { each, as_of, .. }, HERE) => {
                let at = as_of.as_ref().map(|(at, _, _)| self.ask(at));
                Step::Seek(self.key(&each.key), at)
            }
            (Test::Counterpart { other, as_of, exactly, .. }, THERE) => Step::Offer {
                key: self.key(&other.key),
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
                let to = to.as_ref().map(|to| self.field(to));
                let (key, from) = (self.key(&each.key), self.field(from));
                Step::Span { key, from, to, points: false }
            }
            (Test::Tile { tiles, from, to, points, .. }, THERE) => {
                let to = to.as_ref().map(|to| self.field(to));
                let (key, from) = (self.key(&tiles.key), self.field(from));
                Step::Span { key, from, to, points: *points }
            }
            (Test::Count { .. }, HERE) => Step::Count,
            (Test::Rate { part, .. }, HERE) => Step::Rate(self.ask(part)),
            (Test::Sum { value, .. }, HERE) => Step::Sum(self.ask(value)),
            (Test::Recompute { stated, from, .. }, HERE) => {
                Step::Recompute(self.field(stated), self.ask(from))
            }
            (Test::Derive { each, stated, .. }, HERE) => {
                Step::Stated(self.key(&each.key), self.field(stated))
            }
            (Test::Derive { other, value, .. }, THERE) => {
                Step::Summand(self.key(&other.key), self.optional(value.as_ref()))
            }
            _ => return None,
        })
    }
}

/// The records that a check looks at in a role.
pub(super) fn side(test: &Test, role: u8) -> Option<&Selection> {
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
