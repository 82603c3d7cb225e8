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

/// Whether `text` is, byte for byte, the built-in file at `path`. Tests hold such files to be
/// right, so that what only finds mistakes of their authors is not asked of them in every run.
#[must_use]
pub(super) fn holds(path: &str, text: &[u8]) -> bool {
    path.strip_prefix("builtin:").is_some_and(|path| {
        let checklist = [("controls/checklist.yaml", CHECKLIST)];
        let mut all = CONTROLS.iter().chain(KINDS).chain(&checklist);
        all.any(|(known, own)| *known == path && own.as_bytes() == text)
    })
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::catalog::{Problem, generated, raw, schema_of, source, typed};
    use crate::evidence::manifest_schema;
    use crate::schema::{SchemaSet, Trust};

    /// The schema `value`, linted and compiled as one of a repository is.
    fn assert_clean(set: &SchemaSet, name: &str) {
        match set.compile(name) {
            Ok((_, warnings)) => assert_eq!(warnings, [], "{name}"),
            Err(problems) => panic!("{name}: {problems:#?}"),
        }
    }

    #[test]
    fn built_in_kinds_have_nothing_for_the_lint_to_find() {
        let mut set = SchemaSet::new();
        let read = |file: &File| source(file).unwrap().document.root().to_value();
        let all: Vec<(String, Value)> =
            kinds().iter().map(|file| (file.path.clone(), read(file))).collect();
        for (path, value) in &all {
            let file = path.rsplit('/').next().unwrap();
            let vendored = value.pointer("/x-tickmark/vendored") == Some(&Value::Bool(true));
            let trust = if vendored { Trust::Vendored } else { Trust::Own };
            set.add(path, &[file], value.clone(), trust);
        }
        for (path, _) in &all {
            assert_clean(&set, path);
            assert!(set.compile_tested(path).is_ok());
        }
    }

    #[test]
    fn generated_schemas_have_nothing_for_the_lint_to_find() {
        for (name, value) in [
            ("control", schema_of::<raw::RawControl>()),
            ("engagement", schema_of::<raw::RawEngagement>()),
            ("exceptions", schema_of::<raw::RawExceptions>()),
            ("manifest", manifest_schema()),
        ] {
            let mut set = SchemaSet::new();
            set.add(name, &[], value, Trust::Own);
            assert_clean(&set, name);
        }
    }

    #[test]
    fn built_in_rule_files_have_the_shape_that_those_of_a_repository_must_have() {
        let schema = generated("control", schema_of::<raw::RawControl>()).unwrap();
        for file in controls() {
            assert!(holds(&file.path, &file.bytes));
            let checked: Result<raw::RawControl, Vec<Problem>> =
                typed(Some(&schema), &source(&file).unwrap());
            assert!(checked.is_ok(), "{checked:#?}");
        }
    }

    #[test]
    fn the_built_in_checklist_has_the_shape_of_one() {
        let schema = generated("checklist", schema_of::<crate::catalog::Checklist>()).unwrap();
        let read = source(&checklist()).unwrap();
        let checklist: crate::catalog::Checklist = typed(Some(&schema), &read).unwrap();
        assert_eq!(checklist.items().count(), 72);
        assert_eq!(checklist.criteria.len(), 61);
    }

    #[test]
    fn a_changed_file_under_a_built_in_name_is_not_trusted() {
        let file = &kinds()[0];
        let changed = [&file.bytes[..], b" "].concat();
        assert!(holds(&file.path, &file.bytes));
        assert!(!holds(&file.path, &changed));
        assert!(!holds(file.path.trim_start_matches("builtin:"), &file.bytes));
    }
}
