//! `tickmark sample`: a dry run of what an auditor may draw from a population.

use std::io::{self, Write};

use super::args::{SampleArgs, SampleFormat};
use super::settings::as_of;
use super::{Exit, Failure, files};
use crate::catalog::{Catalog, Control};
use crate::evidence::{Directory, Inventory};
use crate::render::Style;
use crate::sample::{Asked, Sample, json, table};
use crate::schema::suggest::nearest;
use crate::verify::{Question, population, verify};

pub(super) fn run(args: &SampleArgs, _style: &Style) -> Result<Exit, Failure> {
    if args.size == Some(0) {
        return Err(Failure::plain(
            "a sample of no record shows nothing",
            "give `--size` 1 or more",
        ));
    }
    let root = files::root(&args.root)?;
    let catalog = files::catalog(root, args.pack.as_deref())?;
    let as_of = as_of(args.as_of.as_deref(), &catalog.engagement.zone)?;
    let (control, requirement) = named(&args.population, &catalog)?;
    let judged = &catalog.controls[control];
    if judged.is_excluded(as_of) || judged.out_of_scope.is_some() {
        let help = "`tickmark verify` shows why";
        return Err(Failure::plain(format!("{} is not applicable here", judged.id), help));
    }
    let (inventory, store) = (Inventory::walk(root), Directory::new(root));
    let members = population(&catalog, &inventory, &store, as_of, control, requirement)
        .map_err(Failure::Policy)?;
    let name = &judged.requirements[requirement].name;
    let wanted = |one: &Control| one.id == judged.id;
    let question =
        Question { as_of, strict: false, wanted: &wanted, progress: &super::output::progress() };
    let report = verify(&catalog, &inventory, &store, &question).map_err(Failure::Policy)?;
    // Findings on the evidence itself, and on the repository; what checks find does not make the
    // population another.
    let open = report.findings.iter().filter(|finding| {
        let own = finding.control.is_none()
            || (finding.requirement.as_ref() == Some(name) && finding.check.is_none());
        own && finding.severity == crate::model::Severity::Error
    });
    let sample = Sample::draw(
        Asked {
            organisation: report.organisation.clone(),
            window: report.window.clone(),
            control: judged.id.clone(),
            requirement: name.clone(),
            as_of: report.as_of.clone(),
            frequency: args.frequency,
            size: args.size,
            open_findings: open.count(),
        },
        &members,
    );
    let text = match args.format {
        SampleFormat::Table => table(&sample),
        SampleFormat::Json => json(&sample).map_err(io::Error::from)?,
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if sample.is_of_whole_population() { Exit::Passes } else { Exit::Unmet })
}

/// The indexes of the control and the requirement that `text` names.
fn named(text: &str, catalog: &Catalog) -> Result<(usize, usize), Failure> {
    let mut known = Vec::new();
    for (at, control) in catalog.controls.iter().enumerate() {
        for (number, requirement) in control.requirements.iter().enumerate() {
            let listed = requirement.slots.iter().any(|slot| slot.population.is_some());
            known.push((format!("{}.{}", control.id, requirement.name), at, number, listed));
        }
    }
    let listed = || known.iter().filter(|one| one.3).map(|one| one.0.as_str());
    match known.iter().find(|one| one.0 == text) {
        Some((_, at, number, true)) => Ok((*at, *number)),
        Some((_, at, _, false)) => {
            let own = format!("{}.", catalog.controls[*at].id);
            let others: Vec<&str> = listed().filter(|name| name.starts_with(&own)).collect();
            let help = match others.as_slice() {
                [] => "a population has `population: { key: … }` in the rule file".to_owned(),
                others => format!("populations of this control: {}", others.join(", ")),
            };
            Err(Failure::plain(format!("`{text}` is no population: its records have no key"), help))
        }
        None => {
            let help = match nearest(text, listed()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name it as `CONTROL.requirement`, such as `CHM-01.changes`".to_owned(),
            };
            Err(Failure::plain(format!("there is no requirement `{text}`"), help))
        }
    }
}
