//! What the arguments mean: checked paths, the as-of date, the outputs.

use std::path::PathBuf;

use jiff::civil::Date;

use super::Failure;
use crate::model::time::Zone;
use crate::schema::suggest::nearest;

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Human,
    Json,
    Sarif,
    Junit,
    Github,
    Gitlab,
    Markdown,
    Csv,
    Html,
    Oscal,
}

impl Format {
    const ALL: [(&str, Self); 10] = [
        ("human", Self::Human),
        ("json", Self::Json),
        ("sarif", Self::Sarif),
        ("junit", Self::Junit),
        ("github", Self::Github),
        ("gitlab", Self::Gitlab),
        ("markdown", Self::Markdown),
        ("csv", Self::Csv),
        ("html", Self::Html),
        ("oscal", Self::Oscal),
    ];

    fn parse(name: &str) -> Result<Self, Failure> {
        let known = Self::ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, format)| *format).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name);
            let help = match nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("formats are {}", names.join(", ")),
            };
            Failure::plain(format!("there is no format `{name}`"), help)
        })
    }
}

/// Reads `FORMAT[=FILE]` arguments; one at most may go to standard output.
pub(super) fn outputs(texts: &[String]) -> Result<Vec<Output>, Failure> {
    let mut outputs = Vec::new();
    for text in texts {
        let (format, file) = match text.split_once('=') {
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text.as_str(), None),
        };
        outputs.push(Output { format: Format::parse(format)?, file });
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        let message = "two formats go to standard output";
        return Err(Failure::plain(
            message,
            "give all but one a file: `--format json=report.json`",
        ));
    }
    Ok(outputs)
}

/// The as-of date: as given, else today in the engagement's zone.
pub(super) fn as_of(text: Option<&str>, zone: &Zone) -> Result<Date, Failure> {
    let Some(text) = text else { return Ok(zone.date(jiff::Timestamp::now())) };
    (text.len() == 10).then(|| text.parse().ok()).flatten().ok_or_else(|| {
        Failure::plain(format!("`{text}` is not a day"), "write it as `--as-of 2026-08-15`")
    })
}
