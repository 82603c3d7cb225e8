//! The report for programs: JSON of a published, versioned shape.

mod v1;

use std::{fmt::Write, io};

use schemars::generate::SchemaSettings;
pub use v1::ReportV1;

use crate::{render::hidden, report::Report};

/// Writes `report` as one indented JSON document of shape `tickmark-report/1`, in ASCII wherever a
/// character would hide or reorder text, and ending in a line feed.
///
/// # Errors
///
/// What `out` reports.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&ReportV1::from(report))?;
    writeln!(out, "{}", escaped(&text))
}

/// The JSON Schema (draft 7) of what [`render`] writes.
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    settings.into_generator().into_root_schema_for::<ReportV1>().to_value()
}

/// `json` with hidden characters as `\u` escapes. Outside its strings JSON has none but line feeds,
/// and inside them line feeds are escaped already.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Verdict, report::sample};

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &mut out).unwrap();
        // A release must not touch every snapshot.
        let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
        String::from_utf8(out).unwrap().replacen(version, "\"version\": \"0.0.0\"", 1)
    }

    #[test]
    fn a_small_report() {
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("json_small", text(&sample::small()));
        });
    }

    #[test]
    fn a_hostile_report() {
        let out = text(&sample::hostile());
        assert!(!out.chars().any(|c| c != '\n' && hidden(c)));
        let read: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(read["organisation"], sample::HOSTILE);
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("json_hostile", out);
        });
    }

    #[test]
    fn counts_cover_every_verdict() {
        let read: serde_json::Value = serde_json::from_str(&text(&sample::hostile())).unwrap();
        let counts = read["counts"].as_object().unwrap();
        assert_eq!(counts.len(), Verdict::ALL.len());
        assert!(counts.values().all(|count| count == 1));
        assert_eq!(read["verdict"], "fail");
    }

    #[test]
    fn characters_beyond_the_basic_plane_become_pairs() {
        assert_eq!(escaped("\"\u{e0041}\u{202e}é\""), "\"\\udb40\\udc41\\u202eé\"");
    }
}
