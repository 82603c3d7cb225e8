//! Output held against the published schemas of its format.

use std::path::Path;

use serde_json::Value;

/// What of `output` breaks the schema in `file` of the corpora; `None`, said aloud, when they are not
/// there.
pub(super) fn mismatches(file: &str, output: &Value) -> Option<Vec<String>> {
    let Some(corpora) = std::env::var_os("TICKMARK_CORPORA") else {
        eprintln!("skipped: TICKMARK_CORPORA is not set");
        return None;
    };
    let text = std::fs::read_to_string(Path::new(&corpora).join(file)).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    // Both standards publish schemas of draft 7, in which formats count.
    let options = jsonschema::draft7::options().should_validate_formats(true).offline();
    let validator = options.build(&schema).unwrap();
    let found = validator.iter_errors(output);
    Some(found.map(|error| format!("{}: {error}", error.instance_path())).collect())
}
