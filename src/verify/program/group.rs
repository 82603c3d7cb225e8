//! Numbers for what is asked of the records of one kind: the same number for the same question.

use std::collections::HashMap;

use super::layout::{From, Layout};
use super::lists::Lists;
use super::{Asked, Field, KeyOf, Rule, Rules, Said};
use crate::catalog::{Condition, KeyPath, Kind};
use crate::document::Selector;
use crate::expression::{Template, Variable};

/// Numbers given so far.
#[derive(Default)]
pub(super) struct Group<'a> {
    layout: Layout<'a>,
    /// Fields of the record itself, and all other values.
    own: HashMap<&'a str, usize>,
    values: HashMap<(Variable, Vec<&'a str>), usize>,
    keys: HashMap<Vec<&'a str>, usize>,
    conditions: HashMap<(&'a str, Option<usize>), usize>,
    pub(super) lists: Lists<'a>,
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

    pub(super) fn field(&mut self, path: &'a KeyPath) -> Field<'a> {
        let number = path.fields().map(|(root, fields)| self.value(root, &fields));
        Field { path, number }
    }

    pub(super) fn key(&mut self, paths: &'a [KeyPath]) -> KeyOf<'a> {
        let fields = paths.iter().map(|path| self.field(path)).collect();
        let next = self.keys.len();
        let names = paths.iter().map(KeyPath::as_str).collect();
        let number = *self.keys.entry(names).or_insert(next);
        KeyOf { paths, fields, number }
    }

    /// What reads parameters is asked by its own control only: others may have other values.
    pub(super) fn ask(&mut self, condition: &'a Condition, control: usize) -> Asked<'a> {
        let reads: Vec<_> = condition.expression.reads().collect();
        let params = reads.iter().any(|(variable, _)| *variable == Variable::Params);
        let next = self.conditions.len();
        let key = (condition.text.as_str(), params.then_some(control));
        let number = *self.conditions.entry(key).or_insert(next);
        Asked { condition, number, reads: self.reads(reads.into_iter()) }
    }

    pub(super) fn say(&mut self, template: &'a Template) -> Said<'a> {
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

    pub(super) fn into_layout(self) -> Layout<'a> {
        let mut layout = self.layout;
        layout.keys = self.keys.len();
        layout.conditions = self.conditions.len();
        layout.lists = self.lists.len();
        layout
    }
}

/// The rules of `kind`, those about the same records together.
pub(super) fn rules(kind: &Kind) -> Vec<Rules<'_>> {
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
