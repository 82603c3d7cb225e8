//! The report as one HTML file that opens offline: for the compliance lead and for the auditor.
//!
//! Nothing is fetched and nothing of the evidence is code: all text is escaped, and the policy of the
//! page lets no script run but the one whose digest it names.

mod control;
mod escape;
mod heat;

use std::collections::BTreeMap;
use std::io;

pub(crate) use escape::{base64, e};
use sha2::{Digest, Sha256};

use super::human::gate;
use super::place::omitted;
use super::{READINESS_NOTICE, counted};
use crate::model::{Finding, PeriodState, Verdict};
use crate::report::{Report, Rollup};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Findings written out; the rest is counted.
const MOST: usize = 10_000;
/// Upcoming dates listed.
const NEXT: usize = 60;

/// Writes `report` as one HTML document.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    head(report, out)?;
    heat::write(report, out)?;
    let mut room = MOST;
    controls(report, &mut room, out)?;
    rollup("items", "Checklist items", "item", &report.items, out)?;
    rollup("criteria", "Criteria in scope", "criterion", &report.criteria, out)?;
    disclosed(report, out)?;
    upcoming(report, out)?;
    writeln!(
        out,
        "</main>\n<footer><p class=\"soft\">{}</p><p class=\"soft\">tickmark {}, {} seen.</p></footer>",
        e(READINESS_NOTICE),
        env!("CARGO_PKG_VERSION"),
        counted(report.files, "file"),
    )?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let digest = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    let name = e(&report.organisation);
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; \
         form-action 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'\">",
        digest(STYLE),
        digest(SCRIPT),
    )?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>Evidence of {name} as of {}</title>", e(&report.as_of))?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>")?;
    writeln!(out, "<a class=\"skip\" href=\"#controls\">Skip to the controls</a>\n<header>")?;
    writeln!(out, "<h1>Evidence of {name}</h1>")?;
    let class = if report.passes() { "passes" } else { "fails" };
    writeln!(
        out,
        "<div class=\"gate {class}\"><p><strong>{}</strong></p><p>{} {}</p></div>",
        e(&gate(report)),
        counts(report),
        way(report),
    )?;
    let categories: Vec<&str> = report.categories.iter().map(|one| one.as_str()).collect();
    writeln!(
        out,
        "<dl><dt>Audit window</dt><dd>{} to {} ({})</dd><dt>As of</dt><dd>{}</dd>\
         <dt>Categories in scope</dt><dd>{}</dd></dl>",
        e(&report.window.0),
        e(&report.window.1),
        e(&report.time_zone),
        e(&report.as_of),
        e(&categories.join(", ")),
    )?;
    writeln!(out, "<nav aria-label=\"Sections\"><ul>")?;
    for (id, title) in [
        ("periods", "Controls by period"),
        ("controls", "Controls and findings"),
        ("items", "Checklist items"),
        ("criteria", "Criteria"),
        ("disclosed", "To disclose"),
        ("upcoming", "Upcoming dates"),
    ] {
        writeln!(out, "<li><a href=\"#{id}\">{title}</a></li>")?;
    }
    writeln!(out, "</ul></nav>\n</header>\n<main>")
}

fn counts(report: &Report) -> String {
    let all = Verdict::ALL.iter().rev().filter(|verdict| report.count(**verdict) > 0);
    let all = all.map(|verdict| format!("{} {}", report.count(*verdict), verdict_of(*verdict)));
    all.collect::<Vec<_>>().join(" ")
}

/// How far the window has gone by.
fn way(report: &Report) -> String {
    let periods = || report.controls.iter().flat_map(|control| &control.requirements);
    let periods = || periods().flat_map(|requirement| &requirement.periods);
    let all = periods().count();
    let covered = periods().filter(|period| period.state == PeriodState::Covered).count();
    let pending = periods().filter(|period| period.state == PeriodState::Pending).count();
    format!("Of {all} periods of evidence {covered} are covered and {pending} are not due yet.")
}

/// A verdict as a badge.
fn verdict_of(verdict: Verdict) -> String {
    let name = verdict.as_str();
    format!("<span class=\"verdict v-{}\">{name}</span>", name.replace(' ', "-"))
}

fn controls(report: &Report, room: &mut usize, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<section id=\"controls\"><h2>Controls and findings</h2>")?;
    writeln!(
        out,
        "<div class=\"filters\"><div><label for=\"search\">Search controls, evidence and findings</label>\
         <input type=\"search\" id=\"search\" autocomplete=\"off\"></div>\
         <div><label for=\"verdict\">Verdict</label><select id=\"verdict\"><option value=\"\">all</option>"
    )?;
    for verdict in Verdict::ALL.iter().rev().filter(|verdict| report.count(**verdict) > 0) {
        let (name, count) = (verdict.as_str(), report.count(*verdict));
        writeln!(out, "<option value=\"{name}\">{name} ({count})</option>")?;
    }
    writeln!(
        out,
        "</select></div><button type=\"button\" id=\"reset\">Show all</button>\
         <button type=\"button\" id=\"open\">Open or close all</button></div>\
         <p class=\"soft\" id=\"count\" role=\"status\"></p>"
    )?;
    let whole: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.control.is_none()).collect();
    if !whole.is_empty() {
        writeln!(out, "<h3>The repository as a whole</h3>")?;
        control::findings(&whole, room, out)?;
    }
    let mut ordered: Vec<_> = report.controls.iter().collect();
    ordered.sort_by_key(|control| std::cmp::Reverse(control.verdict));
    let mut of: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        of.entry(finding.control.as_deref().unwrap_or_default()).or_default().push(finding);
    }
    for one in ordered {
        let found = of.remove(one.id.as_str()).unwrap_or_default();
        control::write(one, &found, room, out)?;
    }
    if omitted(report) > 0 {
        let left = counted(omitted(report), "more finding");
        writeln!(out, "<p>{left} were counted and are not listed.</p>")?;
    }
    writeln!(out, "</section>")
}

fn rollup(
    id: &str,
    title: &str,
    noun: &str,
    rollups: &[Rollup],
    out: &mut impl io::Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"{id}\"><h2>{title}</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">"
    )?;
    writeln!(
        out,
        "<table><thead><tr><th scope=\"col\">{noun}</th><th scope=\"col\">text</th>\
         <th scope=\"col\">verdict</th><th scope=\"col\">controls</th></tr></thead><tbody>"
    )?;
    for one in rollups {
        let verdict = match one.controls.as_slice() {
            [] => "<span class=\"verdict\">no control supports it</span>".to_owned(),
            _ => verdict_of(one.verdict),
        };
        let link = |id: &String| format!("<a href=\"#{0}\">{0}</a>", e(id));
        let links: Vec<String> = one.controls.iter().map(link).collect();
        let (id, title) = (e(&one.id), e(&one.title));
        writeln!(
            out,
            "<tr><th scope=\"row\">{id}</th><td>{title}</td><td>{verdict}</td><td>{}</td></tr>",
            links.join(", ")
        )?;
    }
    writeln!(out, "</tbody></table></div></section>")
}

fn disclosed(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<section id=\"disclosed\"><h2>To disclose to the auditor</h2>")?;
    let mut rows = Vec::new();
    for control in &report.controls {
        if matches!(
            control.verdict,
            Verdict::Waived | Verdict::NotOperated | Verdict::NotApplicable
        ) {
            let reason = control.reason.as_deref().unwrap_or_default();
            rows.push((control.id.as_str(), verdict_of(control.verdict), e(reason)));
        }
    }
    let mut covered: BTreeMap<(&str, &str), (u64, &str)> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(by) = &finding.excepted_by {
            let control = finding.control.as_deref().unwrap_or_default();
            covered.entry((control, by)).or_insert((0, &finding.message)).0 += 1;
        }
    }
    for ((control, by), (count, message)) in covered {
        let by = format!("exception {}", e(by));
        rows.push((control, by, format!("{}: {}", counted(count, "finding"), e(message))));
    }
    if rows.is_empty() {
        return writeln!(
            out,
            "<p>Nothing: no exception, waiver or exclusion was used.</p></section>"
        );
    }
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"To disclose\"><table><thead><tr><th scope=\"col\">control</th><th scope=\"col\">what</th><th scope=\"col\">why</th></tr></thead><tbody>"
    )?;
    for (control, what, why) in rows {
        let control = e(control);
        writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"#{control}\">{control}</a></th><td>{what}</td><td>{why}</td></tr>"
        )?;
    }
    writeln!(out, "</tbody></table></div></section>")
}

fn upcoming(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut next = Vec::new();
    for control in &report.controls {
        for requirement in &control.requirements {
            let pending =
                requirement.periods.iter().filter(|one| one.state == PeriodState::Pending);
            next.extend(pending.map(|one| (&one.due_on, &control.id, &requirement.name, one)));
        }
    }
    next.sort_by_key(|(due, control, name, one)| (*due, *control, *name, &one.label, &one.group));
    writeln!(out, "<section id=\"upcoming\"><h2>Upcoming dates</h2>")?;
    if next.is_empty() {
        return writeln!(out, "<p>Nothing is due any more in this window.</p></section>");
    }
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Upcoming dates\"><table><thead><tr><th scope=\"col\">due by</th><th scope=\"col\">control</th><th scope=\"col\">evidence</th><th scope=\"col\">period</th></tr></thead><tbody>"
    )?;
    for (due, control, name, one) in next.iter().take(NEXT) {
        let group =
            one.group.as_ref().map_or_else(String::new, |group| format!(" for {}", e(group)));
        writeln!(
            out,
            "<tr><td>{}</td><td><a href=\"#{1}\">{1}</a></td><td>{2}</td><td>{3}{group}</td></tr>",
            e(due),
            e(control),
            e(name),
            e(&one.label),
        )?;
    }
    writeln!(out, "</tbody></table></div>")?;
    if next.len() > NEXT {
        writeln!(out, "<p>and {} later.</p>", counted((next.len() - NEXT) as u64, "period"))?;
    }
    writeln!(out, "</section>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hostile_text_stays_text() {
        let page = text(&sample::hostile());
        assert_eq!(page.matches("<script").count(), 1, "only our own script");
        assert_eq!(page.matches("<style").count(), 1);
        for wrong in ["<img", "javascript:", "onerror=\"", "\u{1b}", "\u{202e}"] {
            assert!(!page.contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_control_and_every_section_can_be_reached() {
        let report = sample::small();
        let page = text(&report);
        for control in &report.controls {
            assert!(page.contains(&format!("id=\"{}\"", control.id)), "{}", control.id);
        }
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
        }
    }

    #[test]
    fn many_findings_are_counted_not_written() {
        let mut report = sample::small();
        let finding = report.findings[0].clone();
        report.findings = vec![finding; MOST + 500];
        let page = text(&report);
        assert_eq!(page.matches("<article").count(), MOST);
        assert!(page.contains("500 more findings"));
    }
}
