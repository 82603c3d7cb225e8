//! The top of the page: the verdict, the window and the way through it.

use std::io;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::escape::{base64, e};
use super::{SCRIPT, STYLE};
use crate::model::{PeriodState, Verdict};
use crate::render::human::gate;
use crate::report::Report;

/// Writes everything above the first section.
pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    head(report, out)?;
    writeln!(out, "<a class=\"skip\" href=\"#controls\">Skip to the controls</a>\n<header>")?;
    writeln!(out, "<h1>Evidence of {}</h1>", e(&report.organisation))?;
    let class = if report.passes() { "passes" } else { "fails" };
    writeln!(out, "<div class=\"gate {class}\"><p><strong>{}</strong></p>", e(&gate(report)))?;
    writeln!(out, "<ul class=\"tiles\">")?;
    for verdict in Verdict::ALL.iter().rev().filter(|verdict| report.count(**verdict) > 0) {
        let (name, count) = (verdict.as_str(), report.count(*verdict));
        writeln!(out, "<li class=\"v-{}\"><b>{count}</b> {name}</li>", name.replace(' ', "-"))?;
    }
    writeln!(out, "</ul></div>")?;
    window(report, out)?;
    way(report, out)?;
    writeln!(out, "<nav aria-label=\"Sections\"><ul>")?;
    for (id, title) in [
        ("periods", "Controls by period"),
        ("criteria", "Criteria"),
        ("disclosed", "Exceptions and waivers"),
        ("upcoming", "Upcoming dates"),
        ("controls", "Controls and findings"),
        ("items", "Checklist items"),
    ] {
        writeln!(out, "<li><a href=\"#{id}\">{title}</a></li>")?;
    }
    writeln!(out, "</ul></nav>\n</header>\n<main>")
}

fn head(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let digest = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; \
         form-action 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'\">",
        digest(STYLE),
        digest(SCRIPT),
    )?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    let (name, as_of) = (e(&report.organisation), e(&report.as_of));
    writeln!(out, "<title>Evidence of {name} as of {as_of}</title>")?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>")
}

fn window(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let categories: Vec<&str> = report.categories.iter().map(|one| one.as_str()).collect();
    let (from, to) = &report.window;
    let strict = if report.strict { ", and what is pending fails" } else { "" };
    writeln!(out, "<dl>")?;
    for (term, said) in [
        ("Audit window", format!("{from} to {to} ({})", report.time_zone)),
        ("As of", format!("{}{}{strict}", report.as_of, day(report))),
        ("Categories in scope", categories.join(", ").replace('-', " ")),
    ] {
        writeln!(out, "<dt>{term}</dt><dd>{}</dd>", e(&said))?;
    }
    writeln!(out, "</dl>")
}

/// Which day of the window the as-of date is.
fn day(report: &Report) -> String {
    let date = |text: &str| text.parse::<Date>().ok();
    let (Some(from), Some(to), Some(now)) =
        (date(&report.window.0), date(&report.window.1), date(&report.as_of))
    else {
        return String::new();
    };
    let days = |end: Date| end.duration_since(from).as_hours() / 24 + 1;
    if now < from {
        ", before the window".to_owned()
    } else if now > to {
        ", after the window has closed".to_owned()
    } else {
        format!(", day {} of {}", days(now), days(to))
    }
}

/// How much of the evidence of the window is there, in words and as a bar.
fn way(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let requirements = report.controls.iter().flat_map(|control| &control.requirements);
    let periods: Vec<_> = requirements.flat_map(|requirement| &requirement.periods).collect();
    let of = |state| periods.iter().filter(|period| period.state == state).count();
    let parts = [
        ("s-met", "covered", of(PeriodState::Covered)),
        ("s-missing", "missing", of(PeriodState::Missing)),
        ("s-pending", "not due yet", of(PeriodState::Pending)),
    ];
    if periods.is_empty() {
        return Ok(());
    }
    let words = parts.iter().map(|(_, word, count)| format!("{count} {word}"));
    let words = words.collect::<Vec<_>>().join(", ");
    writeln!(
        out,
        "<p>Of {} periods of evidence: {words}.</p>\
         <svg class=\"way\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
        periods.len(),
    )?;
    let mut x = 0;
    for (class, _, count) in parts {
        let end = x + count;
        let at = |count: usize| count * 1000 / periods.len();
        let (left, width) = (at(x), at(end) - at(x));
        writeln!(out, "<rect class=\"{class}\" x=\"{left}\" width=\"{width}\" height=\"12\"/>")?;
        x = end;
    }
    writeln!(out, "</svg>")
}
