//! The engagement and the register of exceptions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use super::control::{Control, Exclusion};
use super::problem::{Problem, Source};
use super::raw::{RawCategory, RawEngagement, RawException, RawExceptions, RawRequest, RawWaiver};
use super::resolve::Overrides;
use super::{File, generated, schema_of, source, typed};
use crate::model::Category;
use crate::model::time::{Interval, Zone};
use crate::schema::suggest::nearest;

/// The audit this repository serves.
#[derive(Debug)]
pub struct Engagement {
    /// Whose evidence.
    pub organisation: String,
    /// The audit window.
    pub window: Interval,
    /// Its zone.
    pub zone: Zone,
    /// Trust categories in scope, in order.
    pub categories: Vec<Category>,
    /// Packs it names.
    pub packs: Vec<String>,
    exclude: Vec<(String, Exclusion)>,
    owners: BTreeMap<String, String>,
    requests: BTreeMap<String, Vec<RawRequest>>,
    /// The file.
    pub source: Source,
}

/// Recorded exceptions and waivers.
#[derive(Debug, Default)]
pub struct Exceptions {
    /// Exceptions.
    pub exceptions: Vec<Exception>,
    /// Waivers.
    pub waivers: Vec<Waiver>,
    /// The file, where there is one.
    pub source: Option<Arc<Source>>,
}

/// One recorded exception.
#[derive(Debug)]
pub struct Exception {
    /// As it is written.
    pub raw: RawException,
    /// Approval.
    pub approved_on: Date,
    /// Last day.
    pub expires_on: Date,
    /// Where it stands.
    pub pointer: String,
}

/// One waiver.
#[derive(Debug)]
pub struct Waiver {
    /// As it is written.
    pub raw: RawWaiver,
    /// Approval.
    pub approved_on: Date,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub expires_on: Date,
    /// Where it stands.
    pub pointer: String,
}

impl Waiver {
    /// The first day on which it holds: it has started, and is approved.
    #[must_use]
    pub fn begins(&self) -> Date {
        self.starts_on.max(self.approved_on)
    }
}

/// Packs that are built in.
const PACKS: [&str; 1] = ["soc2-ai"];

/// Reads the engagement.
pub(super) fn load(file: Option<&File>) -> Result<(Engagement, Overrides), Vec<Problem>> {
    let Some(file) = file else {
        let label = crate::model::Label::new(crate::model::Place::file("tickmark.yaml"), "");
        let help = "run tickmark at the root of an evidence repository, or write `tickmark.yaml` there: \
                    organisation, window, time_zone, packs";
        let message = "there is no `tickmark.yaml`: the root does not say which audit it serves";
        return Err(vec![Problem {
            label,
            message: message.to_owned(),
            help: Some(help.to_owned()),
        }]);
    };
    let source = source(file)?;
    let schema = generated("engagement", schema_of::<RawEngagement>())?;
    let raw: RawEngagement = typed(Some(&schema), &source)?;
    let mut problems = Vec::new();
    let start = date(&source, "/window/start", &raw.window.start, &mut problems);
    let end = date(&source, "/window/end", &raw.window.end, &mut problems);
    let window = start.zip(end).and_then(|(start, end)| {
        Interval::new(start, end)
            .map_err(|error| problems.push(source.problem("/window", error.to_string(), None)))
            .ok()
    });
    let zone = raw
        .time_zone
        .parse::<Zone>()
        .map_err(|error| problems.push(source.problem("/time_zone", error.to_string(), None)))
        .ok();
    for (at, pack) in raw.packs.iter().enumerate() {
        if !PACKS.contains(&pack.as_str()) {
            let help = nearest(pack, PACKS).map(|near| format!("did you mean `{near}`?"));
            problems.push(source.problem(
                &format!("/packs/{at}"),
                format!("there is no pack `{pack}`"),
                help,
            ));
        }
    }
    let mut categories: Vec<Category> = raw.categories.iter().map(|one| (*one).into()).collect();
    if !categories.is_empty() && !categories.contains(&Category::Security) {
        let message = "`security` is missing: the common criteria are part of every SOC 2 audit";
        problems.push(source.problem("/categories", message, None));
    }
    categories.push(Category::Security);
    categories.sort();
    categories.dedup();
    let mut exclude = Vec::new();
    for (at, one) in raw.exclude.iter().enumerate() {
        let pointer = format!("/exclude/{at}/approved_on");
        if let Some(on) = date(&source, &pointer, &one.approved_on, &mut problems) {
            let exclusion = Exclusion {
                reason: one.reason.clone(),
                approved_by: one.approved_by.clone(),
                approved_on: on,
                label: source.label(&pointer),
            };
            exclude.push((one.control.clone(), exclusion));
        }
    }
    let mut overrides = Overrides { parameters: raw.parameters, ..Overrides::default() };
    for (name, mapping) in raw.evidence {
        let paths = match mapping.path {
            Value::String(path) => vec![path],
            Value::Array(paths) => {
                paths.iter().filter_map(|path| path.as_str().map(ToOwned::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        overrides.paths.insert(name, paths);
    }
    match (window, zone) {
        (Some(window), Some(zone)) if problems.is_empty() => {
            let organisation = raw.organisation;
            let packs = raw.packs;
            let owners = raw.owners;
            let requests = raw.requests;
            let engagement = Engagement {
                organisation,
                window,
                zone,
                categories,
                packs,
                exclude,
                owners,
                requests,
                source,
            };
            Ok((engagement, overrides))
        }
        _ => Err(problems),
    }
}

/// Reads the register of exceptions.
pub(super) fn exceptions(file: Option<&File>) -> Result<Exceptions, Vec<Problem>> {
    let Some(file) = file else { return Ok(Exceptions::default()) };
    let source = source(file)?;
    let schema = generated("exceptions", schema_of::<RawExceptions>())?;
    let raw: RawExceptions = typed(Some(&schema), &source)?;
    let mut problems = Vec::new();
    let mut register = Exceptions::default();
    for (at, raw) in raw.exceptions.into_iter().enumerate() {
        let pointer = format!("/exceptions/{at}");
        let named =
            [&raw.record, &raw.period, &raw.path].iter().filter(|one| one.is_some()).count();
        if named == 0 {
            let message = "the exception names no deviation: give its `record`, `period` or `path`";
            problems.push(source.problem(&pointer, message, None));
        }
        let approved =
            date(&source, &format!("{pointer}/approved_on"), &raw.approved_on, &mut problems);
        let expires =
            date(&source, &format!("{pointer}/expires_on"), &raw.expires_on, &mut problems);
        let _ = date(&source, &format!("{pointer}/found_on"), &raw.found_on, &mut problems);
        if let Some((approved_on, expires_on)) = approved.zip(expires) {
            register.exceptions.push(Exception { raw, approved_on, expires_on, pointer });
        }
    }
    for (at, raw) in raw.waivers.into_iter().enumerate() {
        let pointer = format!("/waivers/{at}");
        let starts = date(&source, &format!("{pointer}/starts_on"), &raw.starts_on, &mut problems);
        let expires =
            date(&source, &format!("{pointer}/expires_on"), &raw.expires_on, &mut problems);
        let approved =
            date(&source, &format!("{pointer}/approved_on"), &raw.approved_on, &mut problems);
        if let Some(((starts_on, expires_on), approved_on)) = starts.zip(expires).zip(approved) {
            register.waivers.push(Waiver { raw, approved_on, starts_on, expires_on, pointer });
        }
    }
    register.source = Some(Arc::new(source));
    if problems.is_empty() { Ok(register) } else { Err(problems) }
}

fn date(source: &Source, pointer: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Date> {
    let parsed = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    if parsed.is_none() {
        let message = format!("`{text}` is not a day: expected `2026-01-31`");
        problems.push(source.problem(pointer, message, None));
    }
    parsed
}

impl Engagement {
    /// Parameters and mappings that name nothing would silently change nothing.
    pub(super) fn unknown_names(
        &self,
        controls: &[Control],
        overrides: &Overrides,
    ) -> Vec<Problem> {
        let mut params = BTreeSet::new();
        let mut places = BTreeSet::new();
        for control in controls {
            for name in control.params.keys() {
                params.extend([name.clone(), format!("{}.{name}", control.id)]);
            }
            for requirement in &control.requirements {
                let place = format!("{}.{}", control.id, requirement.name);
                places.extend(requirement.slots.iter().map(|slot| match &slot.alternative {
                    Some(alternative) => format!("{place}.{alternative}"),
                    None => place.clone(),
                }));
            }
        }
        let unknown = |name: &String, known: &BTreeSet<String>, what: &str, section: &str| {
            (!known.contains(name)).then(|| {
                let help = nearest(name, known.iter().map(String::as_str));
                let help = help.map(|near| format!("did you mean `{near}`?"));
                let pointer = format!("/{section}/{}", name.replace('~', "~0").replace('/', "~1"));
                self.source.problem(&pointer, format!("there is no {what} `{name}`"), help)
            })
        };
        let values = overrides.parameters.keys();
        let values = values.filter_map(|name| unknown(name, &params, "parameter", "parameters"));
        let paths = overrides.paths.keys();
        values
            .chain(paths.filter_map(|name| unknown(name, &places, "requirement", "evidence")))
            .collect()
    }

    /// Why none of the criteria of `control` is in scope; `None` when one is, or it names none.
    fn out_of_scope(&self, control: &Control) -> Option<String> {
        let categories: Option<Vec<Category>> =
            control.criteria.iter().map(|criterion| Category::of(criterion)).collect();
        let categories: BTreeSet<Category> = categories?.into_iter().collect();
        if categories.is_empty() || categories.iter().any(|one| self.categories.contains(one)) {
            return None;
        }
        let names: Vec<&str> = categories.into_iter().map(Category::as_str).collect();
        Some(format!(
            "it supports criteria of {} alone, which is not in scope",
            names.join(" and ")
        ))
    }
    /// The auditor's requests that the control `id` answers, in order.
    #[must_use]
    pub fn requests_of(&self, id: &str) -> Vec<&str> {
        let group = id.split('-').next().unwrap_or_default();
        let named = [id, group].into_iter().filter_map(|name| self.requests.get(name)).flatten();
        let mut numbers: Vec<&str> = named.map(|request| request.0.as_str()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Applies exclusions and the scope, and refuses what names a control that does not exist.
    pub(super) fn apply(
        &self,
        controls: &mut [Control],
        exceptions: &Exceptions,
        problems: &mut Vec<Problem>,
    ) {
        let ids: Vec<String> = controls.iter().map(|control| control.id.clone()).collect();
        let unknown = |source: &Source, pointer: &str, id: &str, problems: &mut Vec<Problem>| {
            let help = nearest(id, ids.iter().map(String::as_str));
            let help = help.map(|near| format!("did you mean `{near}`?"));
            problems.push(source.problem(pointer, format!("there is no control `{id}`"), help));
        };
        for (at, (id, exclusion)) in self.exclude.iter().enumerate() {
            match controls.iter_mut().find(|control| control.id == *id) {
                Some(control) => control.excluded = Some(exclusion.clone()),
                None => unknown(&self.source, &format!("/exclude/{at}/control"), id, problems),
            }
        }
        let owners = self.owners.keys().map(|name| ("owners", name));
        for (member, name) in owners.chain(self.requests.keys().map(|name| ("requests", name))) {
            let group = |id: &String| id.split('-').next() == Some(name);
            if !ids.iter().any(|id| id == name || group(id)) {
                let pointer = format!("/{member}/{}", name.replace('~', "~0").replace('/', "~1"));
                unknown(&self.source, &pointer, name, problems);
            }
        }
        for control in controls.iter_mut() {
            let group = control.id.split('-').next().unwrap_or_default();
            let owner = self.owners.get(&control.id).or_else(|| self.owners.get(group));
            control.owner = owner.cloned();
            control.out_of_scope = self.out_of_scope(control);
        }
        let Some(source) = &exceptions.source else { return };
        for exception in &exceptions.exceptions {
            if !ids.contains(&exception.raw.control) {
                let pointer = format!("{}/control", exception.pointer);
                unknown(source, &pointer, &exception.raw.control, problems);
            }
        }
        for waiver in &exceptions.waivers {
            if !ids.contains(&waiver.raw.control) {
                unknown(
                    source,
                    &format!("{}/control", waiver.pointer),
                    &waiver.raw.control,
                    problems,
                );
            }
        }
    }
}

impl From<RawCategory> for Category {
    fn from(raw: RawCategory) -> Self {
        match raw {
            RawCategory::Security => Self::Security,
            RawCategory::Availability => Self::Availability,
            RawCategory::ProcessingIntegrity => Self::ProcessingIntegrity,
            RawCategory::Confidentiality => Self::Confidentiality,
            RawCategory::Privacy => Self::Privacy,
        }
    }
}
