//! `tickmark verify`: the main job.

use std::mem::ManuallyDrop;

use super::args::{FailOn, VerifyArgs};
use super::settings::{as_of, outputs};
use super::{Exit, Failure, baseline, files, output};
use crate::catalog::{Catalog, Control};
use crate::evidence::{Directory, Inventory, illustrate};
use crate::render::{Since, Style};
use crate::schema::suggest::nearest;
use crate::verify::{Question, Run, prepare};

pub(super) fn run(args: &VerifyArgs, style: &Style) -> Result<Exit, Failure> {
    let outputs = outputs(&args.format)?;
    // Read first: a report of this run may take its place.
    let baseline = args.baseline.as_deref().map(baseline::read).transpose()?;
    if args.fail_on == FailOn::New && baseline.is_none() {
        let help = "give the JSON report of an earlier run: `--baseline report.json --fail-on new`";
        return Err(Failure::plain("`--fail-on new` needs a baseline", help));
    }
    let root = files::root(&args.root)?;
    let (catalog, inventory) = rayon::join(
        || files::catalog(root, args.pack.as_deref()),
        || {
            prepare();
            Inventory::walk(root)
        },
    );
    // The process ends with the run: what it holds is not taken apart piece by piece before.
    let (catalog, inventory) = (ManuallyDrop::new(catalog?), ManuallyDrop::new(inventory));
    known(args, &catalog)?;
    let as_of = as_of(args.as_of.as_deref(), &catalog.engagement.zone)?;
    let store = Directory::new(root);
    let wanted = |control: &Control| wants(args, control);
    let progress = output::progress();
    let question = Question { as_of, strict: args.strict, wanted: &wanted, progress: &progress };
    let run = Run::new(&catalog, &question).map_err(Failure::Policy)?;
    let mut judged = ManuallyDrop::new(run.judge(&inventory, &store, None));
    let (report, _) = &mut *judged;
    illustrate(&mut report.findings, &store);
    let style = Style { findings: args.findings, ..style.clone() };
    let earlier = baseline.map(|baseline| baseline.of(report)).transpose()?;
    let only_new = args.fail_on == FailOn::New;
    let since = earlier.map(|earlier| Since { only_new, ..Since::new(report, &earlier) });
    match output::write(report, since.as_ref(), &outputs, &style) {
        // Whoever reads the first lines only learns the verdict from the exit status all the same.
        Err(Failure::BrokenPipe) | Ok(()) => {}
        Err(failure) => return Err(failure),
    }
    let passes = match &since {
        Some(since) if since.only_new => since.passes(report),
        _ => report.passes(),
    };
    Ok(if passes { Exit::Passes } else { Exit::Unmet })
}

fn wants(args: &VerifyArgs, control: &Control) -> bool {
    let all = args.control.is_empty() && args.item.is_empty() && args.criterion.is_empty();
    all || args.control.contains(&control.id)
        || control.items.iter().any(|item| args.item.contains(item))
        || control.criteria.iter().any(|criterion| args.criterion.contains(criterion))
}

/// A name that selects nothing would check nothing.
fn known(args: &VerifyArgs, catalog: &Catalog) -> Result<(), Failure> {
    let ids: Vec<&str> = catalog.controls.iter().map(|control| control.id.as_str()).collect();
    let items = || catalog.controls.iter().flat_map(|control| &control.items).map(String::as_str);
    let criteria =
        || catalog.controls.iter().flat_map(|control| &control.criteria).map(String::as_str);
    for (noun, asked, known) in [
        ("control", &args.control, ids),
        ("checklist item", &args.item, items().collect()),
        ("criterion", &args.criterion, criteria().collect()),
    ] {
        if let Some(unknown) = asked.iter().find(|one| !known.contains(&one.as_str())) {
            let help = match nearest(unknown, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("no control of this repository has the {noun} `{unknown}`"),
            };
            return Err(Failure::plain(format!("there is no {noun} `{unknown}`"), help));
        }
    }
    Ok(())
}
