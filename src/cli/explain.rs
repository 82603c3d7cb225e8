//! `tickmark explain`: what a code, a control or a kind means.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::{Exit, Failure, files};
use crate::catalog::{Catalog, Control, Kind};
use crate::model::Code;
use crate::render::Style;
use crate::schema::suggest::nearest;

pub(super) fn run(args: &ExplainArgs, _style: &Style) -> Result<Exit, Failure> {
    let id = args.id.strip_prefix("tickmark::").unwrap_or(&args.id);
    let mut out = io::stdout().lock();
    if let Some(code) = Code::parse(id) {
        let page = code.page();
        writeln!(
            out,
            "{}: {}\n\n{}\n\nWhat to do\n  {}",
            code.as_str(),
            page.title,
            page.meaning,
            page.fix
        )?;
        return Ok(Exit::Passes);
    }
    let catalog = files::catalog(files::root(&args.root)?, args.pack.as_deref())?;
    if let Some(control) = catalog.controls.iter().find(|control| control.id == id) {
        explain_control(control, &mut out)?;
    } else if let Some(kind) = catalog.kinds.get(id) {
        explain_kind(kind, &mut out)?;
    } else {
        return Err(unknown(id, &catalog));
    }
    Ok(Exit::Passes)
}

fn unknown(id: &str, catalog: &Catalog) -> Failure {
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let controls = catalog.controls.iter().map(|control| control.id.as_str());
    let kinds = catalog.kinds.keys().map(String::as_str);
    let help = match nearest(id, codes.chain(controls).chain(kinds)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a finding code, a control or a kind".to_owned(),
    };
    Failure::plain(format!("there is no code, control or kind `{id}`"), help)
}

fn explain_control(control: &Control, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n\n{}\n", control.id, control.title, control.objective)?;
    writeln!(out, "Why\n  {}\n\nWhat good looks like\n  {}\n", control.why, control.good)?;
    writeln!(
        out,
        "Serves {}; supports {}.\n\nEvidence",
        control.items.join(", "),
        control.criteria.join(", ")
    )?;
    for requirement in &control.requirements {
        for slot in &requirement.slots {
            let name = match &slot.alternative {
                Some(alternative) => format!("{}.{alternative}", requirement.name),
                None => requirement.name.clone(),
            };
            let paths: Vec<_> = slot.patterns.iter().map(|pattern| pattern.as_str()).collect();
            let cadence = slot.cadence.map_or_else(String::new, |cadence| format!(", {cadence}"));
            writeln!(out, "  {name}: {} in {}{cadence}", slot.kind, paths.join(" or "))?;
        }
    }
    writeln!(out, "\nChecks")?;
    for check in &control.checks {
        writeln!(out, "  {}: {}", check.id, check.title)?;
        if let Some(help) = &check.help {
            writeln!(out, "    if not: {help}")?;
        }
    }
    if !control.params.is_empty() {
        writeln!(out, "\nParameters")?;
        for (name, value) in &control.params {
            writeln!(out, "  {name}: {value}")?;
        }
    }
    if !control.judgement.is_empty() {
        writeln!(out, "\nWhat a person must still decide")?;
        for question in &control.judgement {
            writeln!(out, "  {question}")?;
        }
    }
    Ok(())
}

fn explain_kind(kind: &Kind, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n\n{}\n", kind.name, kind.title, kind.description)?;
    writeln!(out, "Formats: {}\n\nFields", kind.formats.join(", "))?;
    let schema = kind.source.document.root();
    let required = schema.get("required");
    for (key, property) in schema.get("properties").iter().flat_map(|all| all.members()) {
        let name = key.as_str().unwrap_or_default();
        let needed =
            required.is_some_and(|all| all.elements().any(|one| one.as_str() == Some(name)));
        let text = property.get("description").and_then(|text| text.as_str()).unwrap_or_default();
        let example = property
            .pointer("/examples/0")
            .map_or_else(String::new, |example| format!(" Example: {}", example.to_value()));
        writeln!(out, "  {name}{}: {text}{example}", if needed { "" } else { "?" })?;
    }
    if !kind.rules.is_empty() {
        writeln!(out, "\nRules")?;
        for rule in &kind.rules {
            writeln!(out, "  {}: {}", rule.id, rule.help.as_deref().unwrap_or_default())?;
        }
    }
    Ok(())
}
