//! `<control>.test.yaml` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The tests of one control: `controls/<group>/<id>.test.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTest {
    /// The control that is tested.
    pub control: String,
    /// The day the verdicts speak of.
    pub as_of: String,
    /// The audit window.
    pub window: RawWindow,
    /// Further keys of `tickmark.yaml`: `time_zone` (Europe/Berlin unless it is given), `parameters` …
    #[serde(default)]
    pub engagement: BTreeMap<String, Value>,
    /// The tree that meets the control: files by path.
    pub met: BTreeMap<String, RawFile>,
    /// What differs from it, and the finding it must give.
    #[schemars(length(min = 1))]
    pub cases: Vec<RawCase>,
    /// Mutants that rightly change nothing, with the reason.
    #[serde(default)]
    pub survivors: Vec<RawSurvivor>,
}

/// First and last day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWindow {
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
}

/// A file: its text, or its text with its manifest.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawFile {
    /// The text alone.
    Text(String),
    /// With a manifest.
    Full(RawFull),
}

/// A file with its manifest.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFull {
    /// The text.
    pub text: String,
    /// The manifest; `sha256`, and `records` of JSON lines, CSV and JSON arrays, are filled in.
    pub manifest: Option<BTreeMap<String, Value>>,
}

/// One case.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCase {
    /// What went wrong, in the words of the domain.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The difference to the met tree: edits by path.
    #[schemars(length(min = 1))]
    pub edit: BTreeMap<String, RawEdit>,
    /// The verdict, `unmet` unless it is given.
    pub verdict: Option<RawVerdict>,
    /// The finding that must be among those of the case.
    pub finding: Option<RawExpected>,
}

/// Verdicts as they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum RawVerdict {
    /// Met.
    #[serde(rename = "met")]
    Met,
    /// Met with exceptions.
    #[serde(rename = "met with exceptions")]
    MetWithExceptions,
    /// Not operated.
    #[serde(rename = "not operated")]
    NotOperated,
    /// Pending.
    #[serde(rename = "pending")]
    Pending,
    /// Waived.
    #[serde(rename = "waived")]
    Waived,
    /// Not applicable.
    #[serde(rename = "not applicable")]
    NotApplicable,
    /// Unmet.
    #[serde(rename = "unmet")]
    Unmet,
    /// Not evaluable.
    #[serde(rename = "not evaluable")]
    NotEvaluable,
}

/// A finding that is expected.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExpected {
    /// Its code.
    pub code: String,
    /// The check it comes from.
    pub check: Option<String>,
    /// The requirement it comes from.
    pub evidence: Option<String>,
    /// The file it points at.
    pub file: Option<String>,
    /// The source text under its first label.
    pub at: Option<String>,
}

/// What is done to a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawEdit {
    /// The word `removed`: the file and its manifest are gone.
    Removed(Removed),
    /// One change.
    One(RawChange),
    /// Several replacements in one file.
    Several(Vec<RawChange>),
}

/// The word `removed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Removed {
    /// Gone.
    Removed,
}

/// A change of a file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawChange {
    /// Text that occurs exactly once.
    pub replace: Option<String>,
    /// What stands there instead.
    pub with: Option<String>,
    /// A new text of the whole file.
    pub text: Option<String>,
    /// Text that is added to the end.
    pub append: Option<String>,
    /// Keys merged over the manifest, `null` removes one; or the word `removed`.
    pub manifest: Option<RawManifestEdit>,
}

/// What is done to a manifest.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawManifestEdit {
    /// Gone.
    Removed(Removed),
    /// Merged.
    Merge(BTreeMap<String, Value>),
}

/// A mutant that rightly changes nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSurvivor {
    /// As it is printed.
    #[schemars(length(min = 1))]
    pub mutant: String,
    /// Why that is right.
    #[schemars(length(min = 1))]
    pub because: String,
}
