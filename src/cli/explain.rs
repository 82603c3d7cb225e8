//! `tickmark explain`: what a code, a control, an item, a criterion or a kind means, and what was found.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::settings::as_of;
use super::{Exit, Failure, files};
use crate::catalog::{Catalog, Control};
use crate::evidence::{Directory, Inventory};
use crate::explain;
use crate::model::{Code, PeriodState};
use crate::render::{Style, clean, counted};
use crate::report::{ControlReport, Report, RequirementReport};
use crate::schema::suggest::nearest;
use crate::verify::{Question, verify};

/// Findings of a control that are named; `verify --control` shows all of them.
const FINDINGS: usize = 10;

pub(super) fn run(args: &ExplainArgs, _style: &Style) -> Result<Exit, Failure> {
    let id = args.id.strip_prefix("tickmark::").unwrap_or(&args.id);
    let mut out = io::stdout().lock();
    if let Some(code) = Code::parse(id) {
        let page = code.page();
        let (title, meaning, fix) = (page.title, page.meaning, page.fix);
        writeln!(out, "{}: {title}\n\n{meaning}\n\nWhat to do\n  {fix}", code.as_str())?;
        return Ok(Exit::Passes);
    }
    let root = files::root(&args.root)?;
    let catalog = files::catalog_or_default(root, args.pack.as_deref())?;
    if let Some(control) = catalog.controls.iter().find(|control| control.id == id) {
        write!(out, "{}", explain::control(&catalog, control).to_text())?;
        if root.join("tickmark.yaml").is_file() {
            found(args, &catalog, control, &mut out)?;
        }
    } else if let Some(page) =
        explain::item(&catalog, id).or_else(|| explain::criterion(&catalog, id))
    {
        write!(out, "{}", page.to_text())?;
    } else if let Some(kind) = catalog.kinds.get(id) {
        write!(out, "{}", explain::kind(&catalog, kind).to_text())?;
    } else {
        return Err(unknown(id, &catalog));
    }
    Ok(Exit::Passes)
}

fn unknown(id: &str, catalog: &Catalog) -> Failure {
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let controls = catalog.controls.iter().map(|control| control.id.as_str());
    let kinds = catalog.kinds.keys().map(String::as_str);
    let criteria = catalog.checklist.criteria.keys().map(String::as_str);
    let items = catalog.checklist.items().map(|(_, item)| item.id.as_str());
    let known = codes.chain(controls).chain(kinds).chain(criteria).chain(items);
    let help = match nearest(id, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "name a finding code, a control, a checklist item, a criterion or a kind".to_owned()
        }
    };
    Failure::plain(format!("there is no code, control, item, criterion or kind `{id}`"), help)
}

/// What the evidence beneath the root shows of `control`, requirement by requirement.
fn found(
    args: &ExplainArgs,
    catalog: &Catalog,
    control: &Control,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let as_of = as_of(args.as_of.as_deref(), &catalog.engagement.zone)?;
    let (inventory, store) = (Inventory::walk(&args.root), Directory::new(&args.root));
    let wanted = |one: &Control| one.id == control.id;
    let question =
        Question { as_of, strict: false, wanted: &wanted, progress: &super::output::progress() };
    let report = verify(catalog, &inventory, &store, &question).map_err(Failure::Policy)?;
    let Some(judged) = report.controls.first() else { return Ok(()) };
    writeln!(out, "\nWhat was found as of {}: {}", report.as_of, judged.verdict.as_str())?;
    for requirement in &judged.requirements {
        write_requirement(requirement, out)?;
    }
    write_findings(&report, judged, out)?;
    Ok(())
}

fn write_requirement(requirement: &RequirementReport, out: &mut impl Write) -> io::Result<()> {
    let tally = requirement.tally;
    let files = counted(tally.matched, "file");
    let records = counted(tally.selected, "record");
    write!(out, "  {}: {files}, {records} selected of {}", requirement.name, tally.records)?;
    let of = |states: &[PeriodState]| {
        let chosen = requirement.periods.iter().filter(|period| states.contains(&period.state));
        let named = chosen.map(|period| match &period.group {
            Some(group) => format!("{} for {}", clean(&period.label), clean(group)),
            None => clean(&period.label),
        });
        named.collect::<Vec<_>>()
    };
    writeln!(out)?;
    for (word, states) in [
        ("covered", &[PeriodState::Covered][..]),
        ("missing", &[PeriodState::Missing]),
        ("pending", &[PeriodState::Pending]),
    ] {
        let labels = of(states);
        if !labels.is_empty() {
            let shown = labels.iter().take(24).cloned().collect::<Vec<_>>().join(", ");
            let more = labels.len().saturating_sub(24);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(out, "    {word}: {shown}{more}")?;
        }
    }
    Ok(())
}

fn write_findings(report: &Report, judged: &ControlReport, out: &mut impl Write) -> io::Result<()> {
    let open: Vec<_> = report.findings.iter().filter(|finding| finding.blocks()).collect();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {} to fix:", counted(open.len() as u64, "finding"))?;
    for finding in open.iter().take(FINDINGS) {
        let place = finding.evidence.first().map(|label| &label.place);
        let place = place.map_or_else(String::new, |place| {
            format!(" ({}:{}:{})", clean(&place.path), place.start.line, place.start.column)
        });
        writeln!(out, "    {}{place}", clean(&finding.message))?;
    }
    writeln!(out, "  More: `tickmark verify --control {}` shows each at its place.", judged.id)
}
