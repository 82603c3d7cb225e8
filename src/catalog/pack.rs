//! The built-in pack, embedded in the binary.

use super::File;

include!(concat!(env!("OUT_DIR"), "/pack.rs"));

fn files(embedded: &[(&str, &str)]) -> Vec<File> {
    embedded
        .iter()
        .map(|(path, text)| File {
            path: format!("builtin:{path}"),
            bytes: text.as_bytes().to_vec(),
        })
        .collect()
}

/// The rule files of the pack `soc2-ai`.
#[must_use]
pub fn controls() -> Vec<File> {
    files(CONTROLS)
}

/// The checklist the pack `soc2-ai` answers.
#[must_use]
pub fn checklist() -> File {
    File {
        path: "builtin:controls/checklist.yaml".to_owned(),
        bytes: CHECKLIST.as_bytes().to_vec(),
    }
}

/// The kinds that are built in; every repository has them.
#[must_use]
pub fn kinds() -> Vec<File> {
    files(KINDS)
}
