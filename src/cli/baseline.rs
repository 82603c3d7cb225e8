//! `verify --baseline`: reads the JSON report of an earlier run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::Failure;
use crate::catalog::{File, Problem, generated, source, typed};
use crate::evidence::strip_number_formats;
use crate::render::{Earlier, Gone, json};
use crate::report::Report;

/// The part of `tickmark-report/1` that is compared.
#[derive(Deserialize)]
struct Baseline {
    organisation: String,
    window: Window,
    as_of: String,
    controls: Vec<Control>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Window {
    start: String,
    end: String,
}

#[derive(Deserialize)]
struct Control {
    id: String,
    verdict: String,
}

#[derive(Deserialize)]
struct Finding {
    id: String,
    blocks: bool,
    control: Option<String>,
    message: String,
}

/// An earlier report, read before the evidence is.
#[derive(Debug)]
pub(super) struct Before {
    organisation: (String, Problem),
    window: ((String, String), Problem),
    earlier: Earlier,
}

/// Reads the report at `path`.
pub(super) fn read(path: &Path) -> Result<Before, Failure> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| {
        Failure::plain(
            format!("the baseline `{shown}` cannot be read: {error}"),
            "name the JSON report of an earlier run: `verify --format json=report.json` writes one",
        )
    })?;
    let source = source(&File { path: shown.to_string(), bytes }).map_err(Failure::Policy)?;
    let mut schema = json::schema();
    strip_number_formats(&mut schema);
    let schema = generated("report", schema).map_err(Failure::Policy)?;
    let report: Baseline = typed(Some(&schema), &source).map_err(Failure::Policy)?;
    let other = |pointer: &str, what: &str| {
        let help =
            "compare with an earlier report of the same audit, or start anew without `--baseline`";
        let message = format!("the baseline is of another {what}");
        source.problem(pointer, message, Some(help.to_owned()))
    };
    let blocking =
        report.findings.into_iter().filter(|finding| finding.blocks).map(|finding| {
            (finding.id, Gone { control: finding.control, message: finding.message })
        });
    let window = report.window;
    Ok(Before {
        organisation: (report.organisation, other("/organisation", "organisation")),
        window: ((window.start, window.end), other("/window", "audit window")),
        earlier: Earlier {
            as_of: report.as_of,
            blocking: blocking.collect(),
            verdicts: verdicts(report.controls),
        },
    })
}

fn verdicts(controls: Vec<Control>) -> BTreeMap<String, String> {
    controls.into_iter().map(|control| (control.id, control.verdict)).collect()
}

impl Before {
    /// What is to be compared with `report`.
    ///
    /// # Errors
    /// When it is of another organisation or window.
    pub(super) fn of(self, report: &Report) -> Result<Earlier, Failure> {
        let mut problems = Vec::new();
        if self.organisation.0 != report.organisation {
            problems.push(self.organisation.1);
        }
        if self.window.0 != report.window {
            problems.push(self.window.1);
        }
        if problems.is_empty() { Ok(self.earlier) } else { Err(Failure::Policy(problems)) }
    }
}
