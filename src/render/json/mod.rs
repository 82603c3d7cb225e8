//! The report for programs: JSON of a published, versioned shape.

mod v1;

use std::io;

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::ser::Formatter;
pub use v1::ReportV1;

use crate::{render::hidden, report::Report};

/// Writes `report` as one indented JSON document of shape `tickmark-report/1`, in ASCII wherever a
/// character would hide or reorder text, and ending in a line feed.
///
/// # Errors
///
/// What `out` reports.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let formatter = Visible::default();
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    ReportV1::from(report).serialize(&mut serializer)?;
    writeln!(out)
}

/// The JSON Schema (draft 7) of what [`render`] writes.
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    settings.into_generator().into_root_schema_for::<ReportV1<'static>>().to_value()
}

/// Indented JSON with hidden characters as `\u` escapes.
#[derive(Default)]
struct Visible {
    depth: usize,
    /// Whether the innermost list or object holds something.
    holds: bool,
}

impl Visible {
    fn open<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.holds = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.holds {
            self.line(out, true)?;
        }
        out.write_all(bracket)
    }

    /// Begins a line, after a comma where it is not the first. As one piece: there are many.
    fn line<W: ?Sized + io::Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        const BREAK: &str = ",\n                                ";
        let spaces = 2 * self.depth;
        let at_once = spaces.min(BREAK.len() - 2);
        out.write_all(&BREAK.as_bytes()[usize::from(first)..2 + at_once])?;
        (at_once..spaces).try_for_each(|_| out.write_all(b" "))
    }
}

impl Formatter for Visible {
    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.line(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.holds = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.line(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.holds = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(hidden) {
            let (plain, from) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut characters = from.chars();
            for unit in characters.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

/// Whether `text` is ASCII that shows, as most of a report is.
fn is_plain(text: &str) -> bool {
    // Without stopping at the first that does not, so that many are looked at together.
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
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
    fn the_indents_are_those_of_serde_json() {
        let deep = (0..20).fold(serde_json::json!([]), |inner, at| {
            serde_json::json!({ "some": [1, inner, {}, []], "more": [[at], { "a": null }] })
        });
        let mut out = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, Visible::default());
        deep.serialize(&mut serializer).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string_pretty(&deep).unwrap());
    }

    #[test]
    fn characters_beyond_the_basic_plane_become_pairs() {
        let mut out = Vec::new();
        let formatter = Visible::default();
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
        "\u{e0041}\n\u{202e}é".serialize(&mut serializer).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\"\\udb40\\udc41\\n\\u202eé\"");
    }
}
