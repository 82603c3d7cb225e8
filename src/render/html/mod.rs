//! The report as one HTML file that opens offline: for the compliance lead and for the auditor.
//!
//! Nothing is fetched and nothing of the evidence is code: all text is escaped, and the policy of the
//! page lets no script run but the one whose digest it names.

mod control;
mod escape;
mod heat;
mod tables;
mod top;

use std::collections::BTreeMap;
use std::io;

pub(crate) use escape::{base64, e};

use super::place::{Named, named, omitted};
use super::{READINESS_NOTICE, counted};
use crate::model::Verdict;
use crate::report::Report;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Findings written out; the rest is counted.
const MOST: usize = 10_000;

/// The findings of each control by its id; those of the repository as a whole under no id.
type ByControl<'r> = BTreeMap<&'r str, Vec<&'r Named<'r>>>;

/// Writes `report` as one HTML document.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let named = named(report);
    let mut of: ByControl<'_> = BTreeMap::new();
    for one in &named {
        of.entry(one.0.control.as_deref().unwrap_or_default()).or_default().push(one);
    }
    top::write(report, out)?;
    heat::write(report, &of, out)?;
    tables::criteria(report, out)?;
    tables::disclosed(report, out)?;
    tables::upcoming(report, out)?;
    controls(report, &of, out)?;
    tables::items(report, out)?;
    writeln!(
        out,
        "</main>\n<footer><p class=\"soft\">{}</p><p class=\"soft\">tickmark {}, {} seen.</p></footer>",
        e(READINESS_NOTICE),
        env!("CARGO_PKG_VERSION"),
        counted(report.files, "file"),
    )?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// A verdict as a badge.
fn verdict_of(verdict: Verdict) -> String {
    let name = verdict.as_str();
    format!("<span class=\"verdict v-{}\">{name}</span>", name.replace(' ', "-"))
}

/// The beginning of a region that scrolls by itself, and can be scrolled with the keyboard.
fn scroll(title: &str) -> String {
    format!("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">", e(title))
}

fn controls(report: &Report, of: &ByControl<'_>, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<section id=\"controls\"><h2>Controls and findings</h2>")?;
    filters(report, out)?;
    let mut room = MOST;
    let findings_of = |id: &str| of.get(id).map_or(&[][..], Vec::as_slice);
    let whole = findings_of("");
    if !whole.is_empty() {
        writeln!(out, "<h3>The repository as a whole</h3>")?;
        control::findings(whole, &mut room, out)?;
    }
    let mut ordered: Vec<_> = report.controls.iter().collect();
    ordered.sort_by_key(|control| std::cmp::Reverse(control.verdict));
    for one in ordered {
        control::write(one, findings_of(&one.id), &mut room, out)?;
    }
    if omitted(report) > 0 {
        let left = counted(omitted(report), "more finding");
        writeln!(out, "<p>{left} were counted and are not listed.</p>")?;
    }
    writeln!(out, "</section>")
}

/// What chooses the controls that are shown.
fn filters(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
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
    )
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
