//! The manifest: the sidecar that says where an artifact came from.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::Value;

/// `<file>.evidence.yaml` beside the artifact.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The system the artifact was taken from.
    #[schemars(length(min = 1))]
    pub source: String,
    /// The query or command that produced it; needed for a population.
    pub query: Option<String>,
    /// The days it covers; needed for a population.
    pub covers: Option<Covers>,
    /// When it was collected, RFC 3339.
    pub collected_at: String,
    /// Who collected it.
    #[schemars(length(min = 1))]
    pub collected_by: String,
    /// SHA-256 of the file, 64 hex digits.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// How many records it holds; needed for a population.
    pub records: Option<u64>,
    /// What an independent source counts for the same days.
    pub second_source: Option<SecondSource>,
    /// The signed statement that there was nothing to record.
    pub nil_return: Option<NilReturn>,
    /// What was redacted.
    #[serde(default)]
    pub redactions: Vec<Redaction>,
    /// That the file is judged here and not handed over; a binder holds its manifest and digest.
    pub withheld: Option<Withheld>,
    /// Path of the artifact this one replaces.
    pub supersedes: Option<String>,
    /// The fields of the kind, for a binary; facts the format has no place for, for a text.
    #[serde(default)]
    pub attributes: BTreeMap<String, Value>,
}

/// Days, both ends included.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// First day, `2026-03-01`.
    pub from: String,
    /// Last day, `2026-03-31`.
    pub to: String,
}

/// An independent count.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondSource {
    /// Which source.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its count.
    pub records: u64,
}

/// A statement that nothing happened.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NilReturn {
    /// What is stated.
    #[schemars(length(min = 1))]
    pub statement: String,
    /// Who signed it.
    #[schemars(length(min = 1))]
    pub signed_by: String,
    /// When, `2026-04-02`.
    pub signed_on: String,
}

/// A redacted field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// Field.
    pub field: String,
    /// Why.
    pub reason: String,
    /// How: removed, hashed, replaced.
    pub method: String,
    /// Who did it.
    pub by: String,
}

/// Evidence that stays where it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// Why, and where the auditor can see it.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Who decided so.
    #[schemars(length(min = 1))]
    pub by: String,
}

/// Ending of a manifest's name.
pub const SUFFIX: &str = ".evidence.yaml";

/// The JSON Schema (draft 7) of manifests.
#[must_use]
pub fn manifest_schema() -> Value {
    plain_schema::<Manifest>()
}

/// Name of the manifest of a folder: `defaults` for the files it lists, and what it says of each
/// of them under `files`, by name. A file's own manifest wins, key by key.
pub const FOLDER: &str = "folder.evidence.yaml";

/// The JSON Schema (draft 7) of folder manifests: manifests of which nothing is required, since the
/// rest may stand elsewhere.
#[must_use]
pub fn folder_schema() -> Value {
    let mut part = manifest_schema();
    let mut definitions = Value::Null;
    if let Value::Object(members) = &mut part {
        members.remove("$schema");
        members.remove("required");
        members.insert("title".to_owned(), "Part of a manifest".into());
        members.insert("description".to_owned(), "What is said of a file here.".into());
        definitions = members.remove("definitions").unwrap_or_default();
    }
    if let Value::Object(definitions) = &mut definitions {
        definitions.insert("Part".to_owned(), part);
    }
    let one = serde_json::json!({ "$ref": "#/definitions/Part" });
    serde_json::json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "FolderManifest",
        "description": "`folder.evidence.yaml`: the manifests of the files beside it.",
        "type": "object",
        "additionalProperties": false,
        "required": ["files"],
        "properties": {
            "defaults": { "description": "What holds for every file listed.", "allOf": [one] },
            "files": {
                "description": "What is said of each file, by its name in this folder.",
                "type": "object",
                "additionalProperties": one,
            },
        },
        "definitions": definitions,
    })
}

/// The JSON Schema (draft 7, which editors read) of `T`, without the formats that only name Rust's
/// number types.
#[must_use]
pub fn plain_schema<T: JsonSchema>() -> Value {
    let mut schema =
        SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value();
    strip_number_formats(&mut schema);
    schema
}

/// Takes the formats out of `schema` that only name Rust's number types.
pub(crate) fn strip_number_formats(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let numeric = ["uint", "int", "double", "float"];
            let of_rust = members
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(|format| numeric.iter().any(|prefix| format.starts_with(prefix)));
            if of_rust {
                members.remove("format");
            }
            members.values_mut().for_each(strip_number_formats);
        }
        Value::Array(elements) => elements.iter_mut().for_each(strip_number_formats),
        _ => {}
    }
}
