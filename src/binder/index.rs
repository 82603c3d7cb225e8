//! The indexes of a binder: which file shows what, for which item.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::manifest::Manifests;
use super::{REPOSITORY, digest, placed};
use crate::catalog::Engagement;
use crate::render::{base64, csv_cell, html_text, uri};
use crate::report::{ControlReport, Provenance, Report};

const STYLE: &str = "body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}\
                     th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top}\
                     code{overflow-wrap:anywhere;font-size:.8rem}";

/// One artifact under one requirement of one control.
pub(super) struct Row {
    items: String,
    control: String,
    criteria: String,
    description: String,
    verdict: &'static str,
    /// Path in the binder; empty where the control rests on no file.
    file: String,
    period: String,
    sha256: String,
    manifests: Vec<String>,
    /// What was redacted, or why the file is withheld.
    disclosed: Vec<String>,
    is_withheld: bool,
    requests: Vec<String>,
}

const HEAD: [&str; 11] = [
    "request",
    "item",
    "control",
    "criterion",
    "description",
    "verdict",
    "file",
    "period",
    "sha256",
    "manifest",
    "redacted or withheld",
];

impl Row {
    fn cells(&self) -> [String; 11] {
        [
            self.requests.join(" "),
            self.items.clone(),
            self.control.clone(),
            self.criteria.clone(),
            self.description.clone(),
            self.verdict.to_owned(),
            self.file.clone(),
            self.period.clone(),
            self.sha256.clone(),
            self.manifests.join(" "),
            self.disclosed.join("; "),
        ]
    }
}

/// The rows of all controls; a control without a file has one row that says so.
pub(super) fn rows(
    report: &Report,
    engagement: &Engagement,
    withheld: &BTreeSet<String>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<Row> {
    let manifests = Manifests::read(files);
    let mut rows = Vec::new();
    for control in &report.controls {
        let requests = engagement.requests_of(&control.id).into_iter().map(str::to_owned);
        let requests: Vec<String> = requests.collect();
        let bare = |description: String| Row {
            items: control.items.join(" "),
            control: control.id.clone(),
            criteria: control.criteria.join(" "),
            description,
            verdict: control.verdict.as_str(),
            file: String::new(),
            period: String::new(),
            sha256: String::new(),
            manifests: Vec::new(),
            disclosed: Vec::new(),
            is_withheld: false,
            requests: requests.clone(),
        };
        let before = rows.len();
        for requirement in &control.requirements {
            for artifact in &requirement.artifacts {
                let what =
                    format!("{}: {} ({})", control.title, requirement.name, requirement.kind);
                let said = artifact.provenance.as_ref();
                rows.push(Row {
                    file: format!("{REPOSITORY}{}", artifact.path),
                    period: said.map(period).unwrap_or_default(),
                    sha256: artifact.sha256.clone(),
                    manifests: manifests.of(&artifact.path),
                    disclosed: said.map(disclosed).unwrap_or_default(),
                    is_withheld: withheld.contains(&artifact.path),
                    ..bare(what)
                });
            }
        }
        if rows.len() == before {
            let why = control.reason.as_deref().unwrap_or("no file shows it");
            rows.push(bare(format!("{}: {why}", control.title)));
        }
    }
    rows.sort_by_cached_key(Row::cells);
    rows
}

/// The days an artifact covers, else when it was collected.
fn period(said: &Provenance) -> String {
    match &said.covers {
        Some((from, to)) => format!("{from} to {to}"),
        None => format!("collected {}", said.collected_at),
    }
}

fn disclosed(said: &Provenance) -> Vec<String> {
    let redacted = said.redactions.iter().map(|one| format!("redacted {one}"));
    let withheld = said.withheld.iter().map(|why| format!("withheld: {why}"));
    redacted.chain(withheld).collect()
}

/// All rows as CSV.
pub(super) fn csv(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| line(&row.cells()));
    line(&HEAD.map(str::to_owned)) + &lines.collect::<String>()
}

/// What `controls` rest on: their rules, artifacts and manifests.
pub(super) fn of_controls(
    controls: &[&ControlReport],
    rows: &[Row],
    files: &BTreeMap<String, Vec<u8>>,
) -> String {
    let own = |path: &str| files.get(path).map_or_else(String::new, |bytes| digest(bytes));
    let head =
        ["control", "what", "description", "file", "period", "sha256", "redacted or withheld"];
    let mut text = line(&head.map(str::to_owned));
    for control in controls {
        let rule = placed(&control.path);
        let sha256 = own(&rule);
        let none = String::new;
        let id = || control.id.clone();
        text +=
            &line(&[id(), "rule".to_owned(), control.title.clone(), rule, none(), sha256, none()]);
        let mut manifests = BTreeSet::new();
        for row in rows.iter().filter(|row| row.control == control.id && !row.file.is_empty()) {
            let what = if row.is_withheld { "withheld evidence" } else { "evidence" };
            text += &line(&[
                id(),
                what.to_owned(),
                row.description.clone(),
                row.file.clone(),
                row.period.clone(),
                row.sha256.clone(),
                row.disclosed.join("; "),
            ]);
            manifests.extend(row.manifests.iter().cloned());
        }
        for path in manifests {
            let sha256 = own(&path);
            text += &line(&[id(), "manifest".to_owned(), none(), path, none(), sha256, none()]);
        }
    }
    text
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// All rows as a page that opens offline; nothing in it runs.
pub(super) fn page(report: &Report, rows: &[Row]) -> String {
    let name = html_text(&report.organisation);
    let digest = base64(&Sha256::digest(STYLE.as_bytes()));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; \
         form-action 'none'; style-src 'sha256-{digest}'\">\n\
         <title>Binder of {name} as of {as_of}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Binder of {name}</h1>\n<p>Audit window {} to {}, as of {as_of}. \
         <a href=\"report/report.html\">Report</a></p>\n<table>\n<thead><tr>",
        html_text(&report.window.0),
        html_text(&report.window.1),
        as_of = html_text(&report.as_of),
    );
    for title in HEAD {
        page += &format!("<th scope=\"col\">{title}</th>");
    }
    page += "</tr></thead>\n<tbody>\n";
    for row in rows {
        page += "<tr>";
        for (title, cell) in HEAD.iter().zip(row.cells()) {
            page += &match *title {
                "file" if !cell.is_empty() && !row.is_withheld => {
                    format!("<td>{}</td>", link(&cell))
                }
                "manifest" => {
                    let links: Vec<String> = row.manifests.iter().map(|path| link(path)).collect();
                    format!("<td>{}</td>", links.join("<br>"))
                }
                "sha256" => format!("<td><code>{}</code></td>", html_text(&cell)),
                _ => format!("<td>{}</td>", html_text(&cell)),
            };
        }
        page += "</tr>\n";
    }
    page + "</tbody>\n</table>\n</body>\n</html>\n"
}

fn link(path: &str) -> String {
    format!("<a href=\"{}\">{}</a>", uri(path), html_text(path))
}
