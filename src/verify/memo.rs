//! One record while it is read: what is asked of it is looked for once, whoever asks.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use super::evaluate::Env;
use super::locate::Locator;
use super::program::{Asked, Field, KeyOf, Sizes};
use super::rows::{About, Key, Origin, Placement};
use crate::catalog::{KeyPath, Record, key_text, keys, whole_keys};
use crate::document::Node;
use crate::expression::Computed;
use crate::model::time::{Moment, Zone};

/// What is known of a record so far.
pub(crate) struct Memo<'n> {
    pub(crate) record: Record<'n>,
    fields: Vec<OnceCell<Option<Node<'n>>>>,
    moments: Vec<OnceCell<Option<Moment>>>,
    keys: Vec<Keys>,
    conditions: Vec<OnceCell<Result<Computed, String>>>,
    name: OnceCell<Arc<str>>,
    about: RefCell<Option<Arc<About>>>,
}

/// What is known of a key.
#[derive(Default)]
struct Keys {
    /// Every key, or which field is absent.
    all: OnceCell<Result<Vec<Placement>, usize>>,
    /// Those whose fields are all there.
    whole: OnceCell<Vec<Placement>>,
    /// The one that names the record in a population, or which field is absent.
    one: OnceCell<Result<Placement, usize>>,
    name: OnceCell<Option<Arc<str>>>,
}

impl<'n> Memo<'n> {
    /// Nothing is known yet.
    pub(crate) fn new(record: Record<'n>, sizes: Sizes) -> Self {
        Self {
            record,
            fields: cells(sizes.fields),
            moments: cells(sizes.fields),
            keys: cells(sizes.keys),
            conditions: cells(sizes.conditions),
            name: OnceCell::new(),
            about: RefCell::new(None),
        }
    }

    /// The value of a field, where there is one.
    pub(super) fn node(&self, field: Field<'_>) -> Option<Node<'n>> {
        *self.fields[field.number].get_or_init(|| field.path.node(&self.record))
    }

    /// The value of a field as one text; empty where there is none.
    pub(super) fn text(&self, field: Field<'_>) -> String {
        if field.path.is_list() {
            return field.path.text(&self.record);
        }
        self.node(field).as_ref().and_then(key_text).unwrap_or_default()
    }

    /// The moment a field's text names.
    pub(super) fn moment(&self, field: Field<'_>, zone: &Zone) -> Option<Moment> {
        let read = || zone.moment(self.node(field)?.as_str()?).ok();
        *self.moments[field.number].get_or_init(read)
    }

    /// What a condition or a value says.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(super) fn told(
        &self,
        asked: Asked<'_>,
        env: &Env,
        control: usize,
    ) -> Result<&Computed, &str> {
        let told = || env.told(asked.condition, &self.record, control);
        self.conditions[asked.number].get_or_init(told).as_ref().map_err(String::as_str)
    }

    /// Every key of the record, each with its place: one, unless a field steps through a list.
    ///
    /// # Errors
    /// The field that names no value.
    pub(super) fn keys<'k, 'a>(
        &'k self,
        key: &KeyOf<'a>,
        locator: &Locator<'_>,
    ) -> Result<&'k [Placement], &'a KeyPath> {
        let all = self.keys[key.number].all.get_or_init(|| {
            if key.paths.iter().any(KeyPath::is_list) {
                let listed = keys(key.paths, &self.record).map_err(|absent| number(key, absent))?;
                return Ok(self.placed(key, listed, locator));
            }
            let part = |(at, field): (usize, &Field<'_>)| {
                let text = self.node(*field).as_ref().and_then(key_text).ok_or(at)?;
                if text.is_empty() { Err(at) } else { Ok(text.into()) }
            };
            let parts = key.fields.iter().enumerate().map(part).collect::<Result<_, _>>()?;
            Ok(vec![(Key::new(parts), self.stands(key, locator))])
        });
        all.as_deref().map_err(|at| &key.paths[*at])
    }

    /// Those keys whose fields are all there.
    pub(super) fn whole_keys(&self, key: &KeyOf<'_>, locator: &Locator<'_>) -> &[Placement] {
        let whole = || self.placed(key, whole_keys(key.paths, &self.record), locator);
        self.keys[key.number].whole.get_or_init(whole)
    }

    /// The key that names the record in a population.
    ///
    /// # Errors
    /// The field that names no value.
    pub(super) fn member<'k, 'a>(
        &'k self,
        key: &KeyOf<'a>,
        locator: &Locator<'_>,
    ) -> Result<&'k Placement, &'a KeyPath> {
        let one = self.keys[key.number].one.get_or_init(|| {
            let part = |(at, field): (usize, &Field<'_>)| {
                let text = self.text(*field);
                if text.is_empty() { Err(at) } else { Ok(text.into()) }
            };
            let parts = key.fields.iter().enumerate().map(part).collect::<Result<_, _>>()?;
            Ok((Key::new(parts), self.stands(key, locator)))
        });
        one.as_ref().map_err(|at| &key.paths[*at])
    }

    /// The record's name for people: its key in the population, else a telling field, else its
    /// line.
    pub(super) fn name(&self, population: Option<&KeyOf<'_>>, locator: &Locator<'_>) -> Arc<str> {
        let named = population.and_then(|key| {
            let name = || {
                let texts: Vec<_> = key.fields.iter().map(|field| self.text(*field)).collect();
                let named = texts.iter().any(|text| !text.is_empty());
                named.then(|| texts.join("/").into())
            };
            self.keys[key.number].name.get_or_init(name).clone()
        });
        let plain = || self.name.get_or_init(|| name_of(self.record.this, locator).into());
        named.unwrap_or_else(|| Arc::clone(plain()))
    }

    /// `about`, shared with what asked before where that was told the same.
    pub(super) fn share(&self, about: About) -> Arc<About> {
        let mut last = self.about.borrow_mut();
        match &*last {
            Some(last) if **last == about => Arc::clone(last),
            _ => Arc::clone(last.insert(Arc::new(about))),
        }
    }

    fn placed(
        &self,
        key: &KeyOf<'_>,
        listed: Vec<Vec<String>>,
        locator: &Locator<'_>,
    ) -> Vec<Placement> {
        let places = self.places(key, listed.len(), locator);
        let keys = listed.into_iter().map(|key| key.into_iter().map(String::into).collect());
        keys.map(Key::new).zip(places).collect()
    }

    /// Where the `many` keys of the record stand: each element of a list where it is, else all at
    /// the most telling field.
    fn places(&self, key: &KeyOf<'_>, many: usize, locator: &Locator<'_>) -> Vec<Origin> {
        if let [path] = key.paths
            && !path.is_of_manifest()
        {
            let nodes = path.nodes(&self.record);
            if nodes.len() == many {
                return nodes.iter().map(|node| locator.record(*node)).collect();
            }
        }
        vec![self.stands(key, locator); many]
    }

    /// Where a key stands: keys are written from the general to the particular (system, listing,
    /// account), so at the last of the record's own fields.
    fn stands(&self, key: &KeyOf<'_>, locator: &Locator<'_>) -> Origin {
        let rank = |(path, _): &(&KeyPath, _)| (path.is_of_record(), !path.is_list());
        let own = key.fields.iter().filter(|field| !field.path.is_of_manifest());
        let told = own.filter_map(|field| self.node(*field).map(|node| (field.path, node)));
        let node = told.max_by_key(rank).map_or(self.record.this, |(_, node)| node);
        locator.record(node)
    }
}

/// The name of a record that has no population key: the first member whose name ends in `id`.
pub(super) fn name_of(this: Node<'_>, locator: &Locator<'_>) -> String {
    let named = this.members().find(|(key, value)| {
        let key = key.as_str().unwrap_or_default();
        (key == "id" || key.ends_with("_id")) && value.as_str().is_some()
    });
    match named.and_then(|(_, value)| value.as_str()) {
        Some(name) => name.to_owned(),
        None => format!("line {}", locator.record(this).start.line),
    }
}

fn number(key: &KeyOf<'_>, path: &KeyPath) -> usize {
    key.paths.iter().position(|own| own == path).unwrap_or_default()
}

fn cells<T: Default>(many: usize) -> Vec<T> {
    let mut cells = Vec::new();
    cells.resize_with(many, T::default);
    cells
}
