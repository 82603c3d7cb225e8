//! Where output goes: standard streams, and files that are written aside and renamed.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anstream::ColorChoice;

use super::args::{Color, SchemaName};
use super::settings::{Format, Output};
use super::{Exit, Failure};
use crate::catalog::{Problem, raw, schema_of};
use crate::evidence::{folder_schema, manifest_schema};
use crate::model::{Code, Finding, Severity, Subject};
use crate::render::{
    Since, Style, csv, github, gitlab, html, human, json, junit, markdown, oscal, sarif,
};
use crate::report::Report;

/// Bytes that are written at once.
const BUFFER: usize = 64 << 10;

/// The style of standard output.
pub(super) fn style(color: Color) -> Style {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    };
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style { color, width: width.unwrap_or(100), unicode: true, ..Style::default() }
}

/// Writes a report in every format that was asked for.
pub(super) fn write(
    report: &Report,
    since: Option<&Since>,
    outputs: &[Output],
    style: &Style,
) -> Result<(), Failure> {
    for output in outputs {
        match &output.file {
            None => {
                let mut out = io::BufWriter::with_capacity(BUFFER, io::stdout().lock());
                render(report, since, output.format, style, &mut out)?;
                out.flush()?;
            }
            Some(path) => {
                let plain = Style { color: false, ..style.clone() };
                aside(path, |out| render(report, since, output.format, &plain, out)).map_err(
                    |error| {
                        let message = format!("`{}` cannot be written: {error}", path.display());
                        Failure::plain(
                            message,
                            "the report is incomplete; an older one was not touched",
                        )
                    },
                )?;
            }
        }
    }
    Ok(())
}

fn render(
    report: &Report,
    since: Option<&Since>,
    format: Format,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render_since(report, since, style, out),
        Format::Json => json::render(report, out),
        Format::Sarif => sarif::render(report, out),
        Format::Junit => junit::render(report, out),
        Format::Github => github::render(report, out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Markdown => markdown::render(report, out),
        Format::Csv => csv::render(report, out),
        Format::Html => html::render(report, out),
        Format::Oscal => oscal::render(report, out),
    }
}

/// Writes a file beside its place and renames it once it is whole.
pub(super) fn aside(
    path: &Path,
    write: impl FnOnce(&mut io::BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = (|| {
        let mut out = io::BufWriter::with_capacity(BUFFER, File::create(&temporary)?);
        write(&mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Shows what is wrong with the policy.
pub(super) fn problems(problems: &[Problem], style: &Style) {
    let findings: Vec<Finding> = problems.iter().map(finding).collect();
    let mut out = anstream::stderr().lock();
    let title = "Nothing was verified: rule files, schemas or the engagement are wrong";
    let _ = human::render_findings(title, &findings, style, &mut out);
}

fn finding(problem: &Problem) -> Finding {
    Finding {
        code: Code::PolicyInvalid,
        severity: Severity::Error,
        control: None,
        requirement: None,
        check: None,
        message: problem.message.clone(),
        help: problem.help.clone().unwrap_or_default(),
        subject: Subject::Artifact { path: problem.label.place.path.clone() },
        evidence: vec![problem.label.clone()],
        rule: None,
        excepted_by: None,
    }
}

/// Shows a failure that has no place.
pub(super) fn plain(message: &str, help: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "error: {message}\n  help: {help}");
}

/// Prints a schema.
pub(super) fn schema(name: SchemaName) -> Result<Exit, Failure> {
    let schema = match name {
        SchemaName::Control => schema_of::<raw::RawControl>(),
        SchemaName::Engagement => schema_of::<raw::RawEngagement>(),
        SchemaName::Exceptions => schema_of::<raw::RawExceptions>(),
        SchemaName::Checklist => schema_of::<crate::catalog::Checklist>(),
        SchemaName::Test => crate::testing::schema(),
        SchemaName::Manifest => manifest_schema(),
        SchemaName::Folder => folder_schema(),
        SchemaName::Report => json::schema(),
        SchemaName::Sample => crate::sample::schema(),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &schema).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(Exit::Passes)
}

/// Tells on a terminal how far a long run is.
pub(super) fn progress() -> impl Fn(usize, usize) + Sync {
    let started = std::time::Instant::now();
    let shown = io::stderr().is_terminal();
    move |done: usize, of: usize| {
        let long = started.elapsed() > std::time::Duration::from_millis(800);
        if shown && long {
            let end = if done == of { "\r\x1b[K" } else { "" };
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\x1b[Kreading evidence: {done} of {of}{end}");
            let _ = err.flush();
        }
    }
}
