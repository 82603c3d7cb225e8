//! One control of the page: its evidence, its checks, its findings.

use std::io;

use super::escape::e;
use super::verdict_of;
use crate::model::{Finding, Label, PeriodState, Severity};
use crate::render::counted;
use crate::report::{ControlReport, RequirementReport};

/// Files listed of one requirement.
const FILES: usize = 400;

/// Writes `control` with the findings `found`, of which `room` may be written out.
pub(super) fn write(
    control: &ControlReport,
    found: &[&Finding],
    room: &mut usize,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let id = e(&control.id);
    let open = found.iter().filter(|finding| finding.blocks()).count() as u64;
    let fix =
        if open > 0 { format!(", {} to fix", counted(open, "finding")) } else { String::new() };
    writeln!(
        out,
        "<details class=\"control\" id=\"{id}\" data-verdict=\"{}\"><summary><strong>{id}</strong> {} {}\
         <span class=\"soft\">{fix}</span></summary><div>",
        control.verdict.as_str(),
        verdict_of(control.verdict),
        e(&control.title),
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
        let many = counted(requirement.artifacts.len() as u64, "file");
        writeln!(out, "<details><summary>{many} with SHA-256</summary><ul>")?;
        for (path, sha256) in requirement.artifacts.iter().take(FILES) {
            writeln!(
                out,
                "<li><code>{}</code> <code class=\"soft\">{}</code></li>",
                e(path),
                e(sha256)
            )?;
        }
        if requirement.artifacts.len() > FILES {
            writeln!(out, "<li>and {} more</li>", requirement.artifacts.len() - FILES)?;
        }
        writeln!(out, "</ul></details>")?;
    }
    Ok(())
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
        "<h3>Checks</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Checks of {}\"><table><thead><tr>\
         <th scope=\"col\">check</th><th scope=\"col\">asks</th><th scope=\"col\">checked</th>\
         <th scope=\"col\">deviations</th><th scope=\"col\">excepted</th></tr></thead><tbody>",
        e(&control.id),
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
    found: &[&Finding],
    room: &mut usize,
    out: &mut impl io::Write,
) -> io::Result<()> {
    for finding in found.iter().take(*room) {
        one(finding, out)?;
    }
    let left = found.len().saturating_sub(*room);
    *room -= found.len() - left;
    if left > 0 {
        let left = counted(left as u64, "more finding");
        writeln!(out, "<p>{left}: <code>tickmark verify --format json</code> lists them.</p>")?;
    }
    Ok(())
}

fn one(finding: &Finding, out: &mut impl io::Write) -> io::Result<()> {
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
        "<article class=\"{class}\"><h4>{}</h4><p class=\"soft\">{}{}{}</p>",
        e(&finding.message),
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
        "<pre tabindex=\"0\">{}<mark>{}</mark>{}</pre>",
        part(0..from),
        part(from..to),
        part(to..excerpt.text.len())
    )
}
