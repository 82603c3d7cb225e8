//! One record while it is read: what is asked of it is looked for once, whoever asks.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use super::evaluate::Env;
use super::locate::Locator;
use super::program::{Asked, Field, KeyOf, Layout, Said};
use super::rows::{About, Key, Origin, Placement, Placements};
use crate::catalog::{KeyPath, Record, key_text, keys, whole_keys};
use crate::document::Node;
use crate::expression::{Computed, Known};
use crate::model::time::{Moment, Zone};

/// What is known of a record so far.
pub(crate) struct Memo<'n> {
    pub(crate) record: Record<'n>,
    /// Values by their number in the layout.
    values: Vec<Option<Node<'n>>>,
    moments: RefCell<Vec<(usize, Option<Moment>)>>,
    /// Every key, or which of its fields is absent.
    keys: Vec<OnceCell<Result<Placements, usize>>>,
    conditions: Vec<OnceCell<Result<Computed, String>>>,
    /// The name by the key of each population that was asked for.
    names: RefCell<Vec<(usize, Arc<str>)>>,
    name: OnceCell<Arc<str>>,
    about: RefCell<Option<Arc<About>>>,
    /// Whether its rows are in a list yet.
    listed: Vec<Cell<bool>>,
}

impl<'n> Memo<'n> {
    /// The values of a record, and nothing else yet.
    pub(crate) fn new(record: Record<'n>, layout: &Layout<'_>) -> Self {
        Self {
            record,
            values: layout.values(&record),
            moments: RefCell::default(),
            keys: cells(layout.keys),
            conditions: cells(layout.conditions),
            names: RefCell::default(),
            name: OnceCell::new(),
            about: RefCell::default(),
            listed: vec![Cell::new(false); layout.lists],
        }
    }

    /// The value of a field, where there is one.
    pub(super) fn node(&self, field: Field<'_>) -> Option<Node<'n>> {
        match field.number {
            Some(number) => self.values[number].filter(|node| !node.is_null()),
            None => field.path.node(&self.record),
        }
    }

    /// The value of a field as one text; empty where there is none.
    pub(super) fn text(&self, field: Field<'_>) -> String {
        field.path.text(&self.record)
    }

    /// The moment a field's text names.
    pub(super) fn moment(&self, field: Field<'_>, zone: &Zone) -> Option<Moment> {
        let read = || zone.moment(self.node(field)?.as_str()?).ok();
        let Some(number) = field.number else { return read() };
        let mut moments = self.moments.borrow_mut();
        if let Some((_, moment)) = moments.iter().find(|(known, _)| *known == number) {
            return *moment;
        }
        let moment = read();
        moments.push((number, moment));
        moment
    }

    /// What a condition or a value says.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(super) fn told(
        &self,
        asked: &Asked<'_>,
        env: &Env,
        control: Option<usize>,
    ) -> Result<&Computed, &str> {
        let told = || env.told(asked.condition, &self.record, control, self.known(&asked.reads));
        self.conditions[asked.number].get_or_init(told).as_ref().map_err(String::as_str)
    }

    /// A message filled in.
    pub(super) fn say(&self, said: &Said<'_>, env: &Env, control: Option<usize>) -> String {
        env.fill(said.template, &self.record, control, self.known(&said.reads))
    }

    fn known<'k>(&'k self, numbers: &'k [Option<usize>]) -> Known<'k> {
        Known { values: &self.values, numbers }
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
        let read = || {
            if key.fields.iter().all(|field| field.number.is_some()) {
                return self.only_key(key, locator).map(Placements::One);
            }
            let listed = keys(key.paths, &self.record);
            let absent = |path| key.paths.iter().position(|own| own == path).unwrap_or_default();
            Ok(Placements::Many(self.placed(key, listed.map_err(absent)?, locator)))
        };
        let all = self.keys[key.number].get_or_init(read);
        all.as_ref().map(Placements::as_slice).map_err(|at| &key.paths[*at])
    }

    /// The key of fields that step through no list, or which of them is absent.
    fn only_key(&self, key: &KeyOf<'_>, locator: &Locator<'_>) -> Result<Placement, usize> {
        let part = |(at, field): (usize, &Field<'_>)| -> Result<Arc<str>, usize> {
            let node = self.node(*field).ok_or(at)?;
            let text: Arc<str> = match node.as_str() {
                Some(text) => text.into(),
                None => key_text(&node).ok_or(at)?.into(),
            };
            if text.is_empty() { Err(at) } else { Ok(text) }
        };
        let key_of = match &key.fields[..] {
            [field] => Key::of(part((0, field))?),
            fields => Key::new(fields.iter().enumerate().map(part).collect::<Result<_, _>>()?),
        };
        Ok((key_of, self.stands(key, locator)))
    }

    /// Those keys whose fields are all there.
    pub(super) fn whole_keys(&self, key: &KeyOf<'_>, locator: &Locator<'_>) -> Vec<Placement> {
        self.placed(key, whole_keys(key.paths, &self.record), locator)
    }

    /// The key that names the record in a population.
    ///
    /// # Errors
    /// The field that names no value.
    pub(super) fn member<'a>(
        &self,
        key: &KeyOf<'a>,
        locator: &Locator<'_>,
    ) -> Result<Placement, &'a KeyPath> {
        if key.fields.iter().all(|field| field.number.is_some()) {
            return self.keys(key, locator).map(|keys| keys[0].clone());
        }
        let part = |field: &Field<'a>| {
            let text = self.text(*field);
            if text.is_empty() { Err(field.path) } else { Ok(text.into()) }
        };
        let parts = key.fields.iter().map(part).collect::<Result<_, _>>()?;
        Ok((Key::new(parts), self.stands(key, locator)))
    }

    /// The record's name for people: its key in the population, else a telling field, else its
    /// line.
    pub(super) fn name(&self, population: Option<&KeyOf<'_>>, locator: &Locator<'_>) -> Arc<str> {
        let plain = || {
            let name = || name_of(self.record.this, locator).into();
            Arc::clone(self.name.get_or_init(name))
        };
        let Some(key) = population else { return plain() };
        let mut names = self.names.borrow_mut();
        if let Some((_, name)) = names.iter().find(|(number, _)| *number == key.number) {
            return Arc::clone(name);
        }
        let texts: Vec<_> = key.fields.iter().map(|field| self.text(*field)).collect();
        let named = texts.iter().any(|text| !text.is_empty());
        let name = if named { texts.join("/").into() } else { plain() };
        names.push((key.number, Arc::clone(&name)));
        name
    }

    /// `about`, shared with what asked before where that was told the same.
    pub(super) fn share(&self, about: About) -> Arc<About> {
        let mut last = self.about.borrow_mut();
        match &*last {
            Some(last) if **last == about => Arc::clone(last),
            _ => Arc::clone(last.insert(Arc::new(about))),
        }
    }

    /// Whether the rows of the record are missing in a list; from now on they are not.
    pub(super) fn is_new_in(&self, list: usize) -> bool {
        !self.listed[list].replace(true)
    }

    fn placed(
        &self,
        key: &KeyOf<'_>,
        listed: Vec<Vec<String>>,
        locator: &Locator<'_>,
    ) -> Vec<Placement> {
        let places = self.places(key, listed.len(), locator);
        let keys = listed.into_iter().map(|key| key.into_iter().map(Into::into).collect());
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
        None => format!("line {}", locator.record(this).line()),
    }
}

fn cells<T>(many: usize) -> Vec<OnceCell<T>> {
    std::iter::repeat_with(OnceCell::new).take(many).collect()
}
