//! Where the values lie that are asked of the records of a group, and how they are found: the fields of
//! a record in one pass over its members, whoever asks for them.

use crate::catalog::Record;
use crate::document::Node;
use crate::expression::Variable;

/// What is asked of the records of a group: the numbered values, and how many keys and conditions.
#[derive(Debug, Default)]
pub(crate) struct Layout<'a> {
    /// Fields of the record itself by the length of their names, with their numbers.
    names: Vec<Vec<(&'a str, usize)>>,
    /// All other values in the order of their numbers, and where each begins.
    others: Vec<(usize, From<'a>)>,
    /// How many values there are.
    values: usize,
    pub(crate) keys: usize,
    pub(crate) conditions: usize,
    /// How many different lists of rows are kept.
    pub(crate) lists: usize,
}

/// Where a value lies.
#[derive(Debug, Clone, Copy)]
pub(super) enum From<'a> {
    Root(Variable),
    /// A field of another value.
    Field(usize, &'a str),
}

impl<'a> Layout<'a> {
    /// The values of a record, by their numbers.
    pub(crate) fn values<'n>(&self, record: &Record<'n>) -> Vec<Option<Node<'n>>> {
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

    pub(super) fn add(&mut self, from: From<'a>) -> usize {
        self.others.push((self.values, from));
        self.values += 1;
        self.values - 1
    }

    pub(super) fn add_name(&mut self, name: &'a str) -> usize {
        let lengths = self.names.len().max(name.len() + 1);
        self.names.resize(lengths, Vec::new());
        self.names[name.len()].push((name, self.values));
        self.values += 1;
        self.values - 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Arena, FaultKind, read_json};

    const NAMES: [&str; 5] = ["a", "b", "ab", "ba", ""];

    /// Objects two levels deep, in which a key may stand twice.
    fn object() -> impl Strategy<Value = String> {
        let name = || prop::sample::select(NAMES.to_vec());
        let inner = prop::collection::vec((name(), 0..9u8), 0..4).prop_map(|members| {
            let members = members.iter().map(|(name, value)| format!("\"{name}\": {value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        });
        let value = prop_oneof![Just("null".to_owned()), Just("[1]".to_owned()), inner];
        prop::collection::vec((name(), value), 0..6).prop_map(|members| {
            let members = members.iter().map(|(name, value)| format!("\"{name}\": {value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        })
    }

    proptest! {
        #[test]
        fn values_are_those_that_looking_for_each_finds(text in object()) {
            let mut layout = Layout::default();
            let mut expected: Vec<(usize, Vec<&str>)> = Vec::new();
            let root = layout.add(From::Root(Variable::This));
            expected.push((root, Vec::new()));
            for name in NAMES {
                let above = layout.add_name(name);
                expected.push((above, vec![name]));
                for below in NAMES {
                    expected.push((layout.add(From::Field(above, below)), vec![name, below]));
                }
            }
            let mut arena = Arena::new();
            let faults = read_json(&text, &mut arena, Default::default());
            prop_assert!(faults.iter().all(|fault| fault.kind == FaultKind::DuplicateKey));
            let this = arena.root(&text).unwrap();
            let record = Record { this, parent: None, document: None, manifest: None };
            let values = layout.values(&record);
            for (number, fields) in expected {
                let found = fields.iter().try_fold(this, |node, field| node.get(field));
                let slot = |node: Option<Node<'_>>| node.map(|node| node.slot());
                prop_assert_eq!(slot(values[number]), slot(found), "{:?} of {}", fields, text);
            }
        }
    }
}
