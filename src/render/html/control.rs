//! One control of the page: its evidence, its checks, its findings.

use std::io;

use super::escape::e;
use super::{scroll, verdict_of};
use crate::model::{Label, PeriodState, Severity};
use crate::render::counted;
use crate::render::place::Named;
use crate::report::{ArtifactReport, ControlReport, Provenance, RequirementReport};

/// Files listed of one requirement.
const FILES: usize = 400;

/// Writes `control` with the findings `found`, of which `room` may be written out.
pub(super) fn write(
    control: &ControlReport,
    found: &[&Named<'_>],
    room: &mut usize,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let id = e(&control.id);
    let open = found.iter().filter(|(finding, _)| finding.blocks()).count() as u64;
    let fix =
        if open > 0 { format!(", {} to fix", counted(open, "finding")) } else { String::new() };
    writeln!(
        out,
        "<details class=\"control\" id=\"{id}\" data-verdict=\"{}\"><summary><strong>{id}</strong> {}\
         <span class=\"soft\">{fix}</span> {}</summary><div>",
        control.verdict.as_str(),
        e(&control.title),
        verdict_of(control.verdict),
    )?;
    if let Some(reason) = &control.reason {
        writeln!(out, "<p><strong>{}</strong></p>", e(reason))?;
    }
    writeln!(out, "<p>{}</p>", e(&control.objective))?;
    writeln!(out, "<dl>")?;
    for (term, said) in [
        ("Why it matters", control.why.clone()),
        ("What good looks like", control.good.clone()),
        ("Checklist items", control.items.join(", ")),
        ("Criteria", control.criteria.join(", ")),
        ("Owner", control.owner.clone().unwrap_or_default()),
        ("Rule file", control.path.clone()),
    ] {
        if !said.is_empty() {
            writeln!(out, "<dt>{term}</dt><dd>{}</dd>", e(&said))?;
        }
    }
    writeln!(out, "</dl>")?;
    if !found.is_empty() {
        writeln!(out, "<h3>Findings</h3>")?;
        findings(found, room, out)?;
    }
    evidence(control, out)?;
    checks(control, out)?;
    if !control.judgement.is_empty() {
        writeln!(out, "<h3>What a person must still decide</h3><ul>")?;
        for question in &control.judgement {
            writeln!(out, "<li>{}</li>", e(question))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</div></details>")
}

fn evidence(control: &ControlReport, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<h3>Evidence</h3>")?;
    for requirement in &control.requirements {
        let tally = requirement.tally;
        let alternative = requirement.alternative.as_ref();
        let alternative = alternative.map_or_else(String::new, |name| format!(" ({})", e(name)));
        writeln!(
            out,
            "<p><strong>{}</strong>{alternative}: {} in <code>{}</code>{}. {}, {} selected of {}.{}</p>",
            e(&requirement.name),
            e(&requirement.kind),
            e(&requirement.paths.join(", ")),
            if requirement.cadence.is_empty() {
                String::new()
            } else {
                format!(", {}", e(&requirement.cadence))
            },
            counted(tally.matched, "file"),
            counted(tally.selected, "record"),
            tally.records,
            periods(requirement),
        )?;
        if requirement.artifacts.is_empty() {
            continue;
        }
        artifacts(requirement, out)?;
    }
    Ok(())
}

fn artifacts(requirement: &RequirementReport, out: &mut impl io::Write) -> io::Result<()> {
    let many = counted(requirement.artifacts.len() as u64, "file");
    writeln!(
        out,
        "<details class=\"files\"><summary>{many} with provenance and SHA-256</summary><ul>"
    )?;
    for ArtifactReport { path, sha256, provenance } in requirement.artifacts.iter().take(FILES) {
        writeln!(
            out,
            "<li><code>{}</code>{} <code class=\"hash\">{}</code></li>",
            e(path),
            provenance.as_ref().map_or_else(|| " has no manifest".to_owned(), origin),
            e(sha256),
        )?;
    }
    if requirement.artifacts.len() > FILES {
        writeln!(out, "<li>and {} more</li>", requirement.artifacts.len() - FILES)?;
    }
    writeln!(out, "</ul></details>")
}

/// Where a file came from, as a description.
fn origin(said: &Provenance) -> String {
    let Provenance { source, query, collected_at, collected_by, covers, records, .. } = said;
    let mut text = format!(" from {}", e(source));
    if let Some((from, to)) = covers {
        text += &format!(", {} to {}", e(from), e(to));
    }
    if let Some(records) = records {
        text += &format!(", {}", counted(*records, "record"));
    }
    text += &format!(", collected {} by {}", e(collected_at), e(collected_by));
    if let Some(query) = query {
        text += &format!("<br><span class=\"soft\">Query: {}</span>", e(query));
    }
    for redaction in &said.redactions {
        text += &format!("<br><strong>Redacted</strong> {}", e(redaction));
    }
    if let Some(why) = &said.withheld {
        text += &format!("<br><strong>Withheld</strong> {}", e(why));
    }
    text + "<br>"
}

/// What is missing and what is pending, in words.
fn periods(requirement: &RequirementReport) -> String {
    let of = |state: PeriodState| {
        let all = requirement.periods.iter().filter(|period| period.state == state);
        let named = all.map(|period| match &period.group {
            Some(group) => format!("{} for {}", e(&period.label), e(group)),
            None => e(&period.label),
        });
        named.collect::<Vec<_>>()
    };
    let mut said = String::new();
    for (word, labels) in
        [("Missing", of(PeriodState::Missing)), ("Pending", of(PeriodState::Pending))]
    {
        if !labels.is_empty() {
            let shown = labels.iter().take(36).cloned().collect::<Vec<_>>().join(", ");
            let more = labels.len().saturating_sub(36);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            said.push_str(&format!(" {word}: {shown}{more}."));
        }
    }
    said
}

fn checks(control: &ControlReport, out: &mut impl io::Write) -> io::Result<()> {
    if control.checks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h3>Checks</h3>{}<table><thead><tr>\
         <th scope=\"col\">check</th><th scope=\"col\">asks</th><th scope=\"col\">checked</th>\
         <th scope=\"col\">deviations</th><th scope=\"col\">excepted</th></tr></thead><tbody>",
        scroll(&format!("Checks of {}", control.id)),
    )?;
    for check in &control.checks {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            e(&check.id),
            e(&check.title),
            check.checked,
            check.deviations,
            check.excepted,
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// Writes `found`, as many as there is room for.
pub(super) fn findings(
    found: &[&Named<'_>],
    room: &mut usize,
    out: &mut impl io::Write,
) -> io::Result<()> {
    for one in found.iter().take(*room) {
        article(one, out)?;
    }
    let left = found.len().saturating_sub(*room);
    *room -= found.len() - left;
    if left > 0 {
        let left = counted(left as u64, "more finding");
        writeln!(out, "<p>{left}: <code>tickmark verify --format json</code> lists them.</p>")?;
    }
    Ok(())
}

fn article((finding, id): &Named<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let class = match (&finding.excepted_by, finding.severity) {
        (Some(_), _) => "excepted",
        (None, Severity::Error) => "error",
        (None, Severity::Warning) => "warning",
        (None, Severity::Note) => "note",
    };
    let from = finding.check.as_ref().map(|check| format!(", check {}", e(check)));
    let from =
        from.or_else(|| finding.requirement.as_ref().map(|name| format!(", evidence {}", e(name))));
    writeln!(
        out,
        "<article class=\"{class}\" id=\"f-{id}\" tabindex=\"-1\"><h4>{}</h4>\
         <p class=\"soft\">{}, {}{}{}, <a href=\"#f-{id}\">{id}</a></p>",
        e(&finding.message),
        match &finding.excepted_by {
            Some(_) => "covered",
            None => severity(finding.severity),
        },
        finding.code.as_str(),
        from.unwrap_or_default(),
        finding
            .excepted_by
            .as_ref()
            .map_or_else(String::new, |by| format!(", covered by {}", e(by))),
    )?;
    for label in &finding.evidence {
        excerpt(label, out)?;
    }
    if !finding.help.is_empty() {
        writeln!(out, "<p><strong>What to do:</strong> {}</p>", e(&finding.help))?;
    }
    if let Some(rule) = &finding.rule {
        writeln!(out, "<details><summary>The rule that asks for it</summary>")?;
        excerpt(rule, out)?;
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</article>")
}

/// What a finding of this weight asks for.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "to fix",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn excerpt(label: &Label, out: &mut impl io::Write) -> io::Result<()> {
    let place = &label.place;
    let said = if label.text.is_empty() { String::new() } else { format!(" {}", e(&label.text)) };
    writeln!(
        out,
        "<p><code>{}:{}:{}</code>{said}</p>",
        e(&place.path),
        place.start.line,
        place.start.column
    )?;
    let Some(excerpt) = &label.excerpt else { return Ok(()) };
    let (from, to) = excerpt.mark;
    let part = |range: std::ops::Range<usize>| e(excerpt.text.get(range).unwrap_or_default());
    writeln!(
        out,
        "<pre>{}<mark>{}</mark>{}</pre>",
        part(0..from),
        part(from..to),
        part(to..excerpt.text.len())
    )
}
