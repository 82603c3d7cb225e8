//! What the page lists: criteria, what is to be disclosed, upcoming dates and checklist items.

use std::io;

use super::escape::e;
use super::{scroll, verdict_of};
use crate::model::{PeriodState, Verdict};
use crate::render::counted;
use crate::report::{Registered, Report, Rollup};

/// The series of the Trust Services Criteria.
const SERIES: &[(&str, &str)] = &[
    ("Common criteria (security)", "CC"),
    ("Availability", "A"),
    ("Processing integrity", "PI"),
    ("Confidentiality", "C"),
    ("Privacy", "P"),
];
/// Upcoming dates shown at once.
const SOON: usize = 12;
/// Upcoming dates listed.
const NEXT: usize = 120;

/// The criteria in scope: a picture of all, and each in words.
pub(super) fn criteria(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let all = &report.criteria;
    let open = all.iter().filter(|one| one.controls.is_empty()).count();
    let failing = |one: &&Rollup| !one.controls.is_empty() && one.verdict.fails(report.strict);
    writeln!(out, "<section id=\"criteria\"><h2>Criteria in scope</h2>")?;
    writeln!(
        out,
        "<p>{}: {} held back by a control, {open} that no control in scope supports.</p>",
        counted(all.len() as u64, "Trust Services Criterion").replace("Criterions", "Criteria"),
        all.iter().filter(failing).count(),
    )?;
    for (title, prefix) in SERIES {
        let group: Vec<&Rollup> = all.iter().filter(|one| series(&one.id) == *prefix).collect();
        picture(title, &group, out)?;
    }
    let is_other = |one: &&Rollup| SERIES.iter().all(|(_, prefix)| series(&one.id) != *prefix);
    let others: Vec<&Rollup> = all.iter().filter(is_other).collect();
    picture("Others", &others, out)?;
    writeln!(out, "<details><summary>Each criterion in words, with its controls</summary>")?;
    rollups("Criteria", "criterion", all, out)?;
    writeln!(out, "</details></section>")
}

/// The letters an id begins with.
fn series(id: &str) -> &str {
    id.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// The criteria `group` as tiles under `title`; nothing where there is none.
fn picture(title: &str, group: &[&Rollup], out: &mut impl io::Write) -> io::Result<()> {
    if group.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>{title}</h3><ul class=\"tiles\">")?;
    for one in group {
        let (class, word) = match one.controls.as_slice() {
            [] => ("v-none".to_owned(), "no control"),
            _ => (format!("v-{}", one.verdict.as_str().replace(' ', "-")), one.verdict.as_str()),
        };
        let (id, title) = (e(&one.id), e(&one.title));
        writeln!(out, "<li class=\"{class}\" title=\"{title}\"><b>{id}</b> {word}</li>")?;
    }
    writeln!(out, "</ul>")
}

/// The checklist items.
pub(super) fn items(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<section id=\"items\"><h2>Checklist items</h2>")?;
    rollups("Checklist items", "item", &report.items, out)?;
    writeln!(out, "</section>")
}

fn rollups(
    title: &str,
    noun: &str,
    rollups: &[Rollup],
    out: &mut impl io::Write,
) -> io::Result<()> {
    head(title, &[noun, "text", "verdict", "controls"], out)?;
    for one in rollups {
        let verdict = match one.controls.as_slice() {
            [] => "<span class=\"verdict\">no control supports it</span>".to_owned(),
            _ => verdict_of(one.verdict),
        };
        let links: Vec<String> = one.controls.iter().map(|id| link(id)).collect();
        let (id, title) = (e(&one.id), e(&one.title));
        writeln!(
            out,
            "<tr><th scope=\"row\">{id}</th><td>{title}</td><td>{verdict}</td><td>{}</td></tr>",
            links.join(", ")
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// Exceptions and waivers with what they cover, and what else an auditor is told.
pub(super) fn disclosed(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<section id=\"disclosed\"><h2>Exceptions and waivers</h2>")?;
    if report.register.is_empty() {
        writeln!(out, "<p>The register holds none for these controls.</p>")?;
    } else {
        let columns = [
            "id",
            "control",
            "about",
            "why and what was done",
            "approved",
            "holds until",
            "covers",
        ];
        head("Exceptions and waivers", &columns, out)?;
        for one in &report.register {
            registered(report, one, out)?;
        }
        writeln!(out, "</tbody></table></div>")?;
    }
    let others = report.controls.iter().filter(|control| {
        matches!(control.verdict, Verdict::Waived | Verdict::NotOperated | Verdict::NotApplicable)
    });
    let others: Vec<_> = others.collect();
    if !others.is_empty() {
        writeln!(out, "<h3>Also to disclose</h3>")?;
        head("Also to disclose", &["control", "verdict", "why"], out)?;
        for control in others {
            let why = control.reason.as_deref().unwrap_or_default();
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                link(&control.id),
                verdict_of(control.verdict),
                e(why),
            )?;
        }
        writeln!(out, "</tbody></table></div>")?;
    }
    writeln!(out, "</section>")
}

fn registered(report: &Report, one: &Registered, out: &mut impl io::Write) -> io::Result<()> {
    let own = |by: &Option<String>| by.as_ref() == Some(&one.id);
    let covered = report.findings.iter().filter(|finding| own(&finding.excepted_by)).count();
    let kind = if one.is_waiver { "waiver" } else { "exception" };
    let response = one.response.as_deref().map_or_else(String::new, |did| format!(" {}", e(did)));
    writeln!(
        out,
        "<tr><th scope=\"row\" class=\"whole\">{}<br><span class=\"soft\">{kind}</span></th>\
         <td class=\"whole\">{}</td><td class=\"long\">{}</td><td class=\"long\">{}{response}</td>\
         <td class=\"whole\">{}<br>by {}</td><td class=\"whole\">{}</td><td>{}</td></tr>",
        e(&one.id),
        link(&one.control),
        e(&one.about),
        e(&one.reason),
        e(&one.approved_on),
        e(&one.approver),
        e(&one.expires_on),
        match covered {
            0 => "nothing".to_owned(),
            many => counted(many as u64, "finding"),
        },
    )
}

/// The next dates by which evidence is due.
pub(super) fn upcoming(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut next = Vec::new();
    for control in &report.controls {
        for requirement in &control.requirements {
            let pending =
                requirement.periods.iter().filter(|one| one.state == PeriodState::Pending);
            next.extend(pending.map(|one| (&one.due_on, &control.id, &requirement.name, one)));
        }
    }
    next.sort_by_key(|(due, control, name, one)| (*due, *control, *name, &one.label, &one.group));
    let rows = next.iter().map(|(due, control, name, one)| {
        let group = one.group.as_ref().map(|group| format!(" for {}", e(group)));
        let (due, control) = (e(due), link(control));
        let (name, label, group) = (e(name), e(&one.label), group.unwrap_or_default());
        format!("<tr><td class=\"whole\">{due}</td><td class=\"whole\">{control}</td><td>{name}</td><td>{label}{group}</td></tr>")
    });
    let rows: Vec<String> = rows.take(NEXT).collect();
    writeln!(out, "<section id=\"upcoming\"><h2>Upcoming dates</h2>")?;
    if rows.is_empty() {
        return writeln!(out, "<p>Nothing is due any more in this window.</p></section>");
    }
    let columns = ["due by", "control", "evidence", "period"];
    let (soon, later) = rows.split_at(SOON.min(rows.len()));
    head("Upcoming dates", &columns, out)?;
    writeln!(out, "{}</tbody></table></div>", soon.join("\n"))?;
    if !later.is_empty() {
        let many = counted((next.len() - soon.len()) as u64, "date");
        writeln!(out, "<details><summary>{many} later</summary>")?;
        head("Later dates", &columns, out)?;
        writeln!(out, "{}</tbody></table></div>", later.join("\n"))?;
        if let Some(more @ 1..) = next.len().checked_sub(NEXT) {
            writeln!(out, "<p>and {} after that.</p>", counted(more as u64, "period"))?;
        }
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")
}

/// The beginning of a table up to its first row.
fn head(title: &str, columns: &[&str], out: &mut impl io::Write) -> io::Result<()> {
    write!(out, "{}<table><thead><tr>", scroll(title))?;
    for column in columns {
        write!(out, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")
}

fn link(control: &str) -> String {
    format!("<a href=\"#{0}\">{0}</a>", e(control))
}
