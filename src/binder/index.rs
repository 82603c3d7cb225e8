//! The indexes of a binder: which file shows what, for which item.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::manifest::Manifests;
use super::{REPOSITORY, digest, placed};
use crate::render::{base64, csv_cell, html_text, uri};
use crate::report::{ControlReport, Report};

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
    redactions: Vec<String>,
}

const HEAD: [&str; 10] = [
    "item",
    "control",
    "criterion",
    "description",
    "verdict",
    "file",
    "period",
    "sha256",
    "manifest",
    "redactions",
];

impl Row {
    fn cells(&self) -> [String; 10] {
        [
            self.items.clone(),
            self.control.clone(),
            self.criteria.clone(),
            self.description.clone(),
            self.verdict.to_owned(),
            self.file.clone(),
            self.period.clone(),
            self.sha256.clone(),
            self.manifests.join(" "),
            self.redactions.join("; "),
        ]
    }
}

/// The rows of all controls; a control without a file has one row that says so.
pub(super) fn rows(report: &Report, files: &BTreeMap<String, Vec<u8>>) -> Vec<Row> {
    let manifests = Manifests::read(files);
    let mut rows = Vec::new();
    for control in &report.controls {
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
            redactions: Vec::new(),
        };
        let before = rows.len();
        for requirement in &control.requirements {
            for artifact in &requirement.artifacts {
                let path = &artifact.path;
                let said = manifests.described(path);
                let what =
                    format!("{}: {} ({})", control.title, requirement.name, requirement.kind);
                rows.push(Row {
                    file: format!("{REPOSITORY}{path}"),
                    period: said.period,
                    sha256: artifact.sha256.clone(),
                    manifests: said.manifests,
                    redactions: said.redactions,
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

/// All rows as CSV.
pub(super) fn csv(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| line(&row.cells()));
    line(&HEAD.map(str::to_owned)) + &lines.collect::<String>()
}

/// What one control rests on: its rule, its artifacts and their manifests.
pub(super) fn of_control(
    control: &ControlReport,
    rows: &[Row],
    files: &BTreeMap<String, Vec<u8>>,
) -> String {
    let own = |path: &str| files.get(path).map_or_else(String::new, |bytes| digest(bytes));
    let head = ["what", "description", "file", "period", "sha256", "redactions"];
    let mut text = line(&head.map(str::to_owned));
    let rule = placed(&control.path);
    let sha256 = own(&rule);
    text += &line(&[
        "rule".to_owned(),
        control.title.clone(),
        rule,
        String::new(),
        sha256,
        String::new(),
    ]);
    let mut manifests = Vec::new();
    for row in rows.iter().filter(|row| row.control == control.id && !row.file.is_empty()) {
        text += &line(&[
            "evidence".to_owned(),
            row.description.clone(),
            row.file.clone(),
            row.period.clone(),
            row.sha256.clone(),
            row.redactions.join("; "),
        ]);
        manifests.extend(row.manifests.iter().cloned());
    }
    manifests.sort();
    manifests.dedup();
    for path in manifests {
        let sha256 = own(&path);
        let (what, none) = ("manifest".to_owned(), String::new);
        text += &line(&[what, none(), path, none(), sha256, none()]);
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
                "file" if !cell.is_empty() => format!("<td>{}</td>", link(&cell)),
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
