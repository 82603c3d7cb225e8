//! Which files of the built-in pack the judging of a few paths needs, told from their text alone.

use std::collections::BTreeSet;

use super::{File, Files, pack};
use crate::evidence::PathPattern;

impl Files {
    /// The same files, without the built-in ones that judging the files at `paths` does not need: a
    /// rule file none of whose patterns matches, its own or one the engagement maps it to, and a kind
    /// that nothing left names. Files of the repository are always needed.
    #[must_use]
    pub fn needed_for(&self, paths: &[&str]) -> Self {
        let engagement = self.engagement.as_ref().map_or("", text);
        let concerned =
            |text: &str| words(text).any(|word| paths.iter().any(|path| matches(word, path)));
        // Where the engagement maps evidence to one of the paths, any control it names may read it.
        let maps = concerned(engagement);
        let mapped = |id: &str| maps && engagement.contains(&format!("{id}."));
        let concerns = |file: &&File| {
            !is_built_in(file) || mapped(&name(file).to_uppercase()) || concerned(text(file))
        };
        let controls: Vec<File> = self.controls.iter().filter(concerns).cloned().collect();
        Self {
            engagement: self.engagement.clone(),
            exceptions: self.exceptions.clone(),
            // Whether every item is claimed is for `verify` to say.
            checklists: Vec::new(),
            schemas: schemas(&self.schemas, &controls),
            controls,
        }
    }
}

/// The kinds that `controls`, or kinds that are needed themselves, name.
fn schemas(all: &[File], controls: &[File]) -> Vec<File> {
    let mut needed: Vec<bool> = all.iter().map(|file| !is_built_in(file)).collect();
    let own = all.iter().filter(|file| !is_built_in(file));
    let named: BTreeSet<&str> = controls
        .iter()
        .filter(|file| is_built_in(file))
        .flat_map(|file| kinds_of(text(file)))
        .collect();
    let mut waiting = Vec::new();
    for (file, needed) in all.iter().zip(&mut needed).filter(|(file, _)| named.contains(name(file)))
    {
        *needed = true;
        waiting.push(text(file));
    }
    waiting.extend(controls.iter().filter(|file| !is_built_in(file)).map(text));
    // A kind of the repository that bears the name of a built-in one is told to do so.
    waiting.extend(own.flat_map(|file| [file.path.as_str(), text(file)]));
    while let Some(naming) = waiting.pop() {
        for (file, needed) in all.iter().zip(&mut needed).filter(|(_, needed)| !**needed) {
            if naming.contains(name(file)) {
                *needed = true;
                waiting.push(text(file));
            }
        }
    }
    all.iter().zip(needed).filter(|(_, needed)| *needed).map(|(file, _)| file.clone()).collect()
}

fn is_built_in(file: &File) -> bool {
    pack::holds(&file.path, &file.bytes)
}

/// The text of a file that is UTF-8, which built-in ones are; others are needed anyway.
fn text(file: &File) -> &str {
    str::from_utf8(&file.bytes).unwrap_or_default()
}

/// The name of a kind, or the id of a control in small letters.
fn name(file: &File) -> &str {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

/// The kinds that the requirements of a built-in rule file name, in block or in flow form.
fn kinds_of(text: &str) -> impl Iterator<Item = &str> {
    let name = |rest: &'_ str| rest.find(|one: char| !(one.is_ascii_alphanumeric() || one == '-'));
    text.split("kind: ").skip(1).map(move |rest| &rest[..name(rest).unwrap_or(rest.len())])
}

/// Every word of a rule file that could be a pattern; each pattern of a built-in one is a word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | ',' | '[' | ']')
    });
    words.filter(|word| word.contains('/'))
}

/// Whether `word` is a pattern that matches `path`. Nearly all are told apart by how they begin.
fn matches(word: &str, path: &str) -> bool {
    let literal = word.split(['*', '?', '{', '\\']).next().unwrap_or_default();
    path.starts_with(literal) && PathPattern::new(word).is_ok_and(|pattern| pattern.matches(path))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::catalog::{raw, source, typed};

    fn pack_files() -> Files {
        Files { controls: pack::controls(), schemas: pack::kinds(), ..Files::default() }
    }

    #[test]
    fn every_pattern_and_kind_of_a_built_in_rule_file_is_found_in_its_text() {
        fn written(requirement: &raw::RawRequirement) -> Vec<String> {
            let own = match &requirement.path {
                Some(Value::String(path)) => vec![path.clone()],
                Some(Value::Array(paths)) => {
                    paths.iter().map(|path| path.as_str().unwrap().to_owned()).collect()
                }
                _ => Vec::new(),
            };
            let below = requirement.any_of.iter().flatten().flat_map(|(_, below)| written(below));
            own.into_iter().chain(below).collect()
        }
        fn kinds(requirement: &raw::RawRequirement) -> Vec<String> {
            let below = requirement.any_of.iter().flatten().flat_map(|(_, below)| kinds(below));
            requirement.kind.clone().into_iter().chain(below).collect()
        }
        for file in pack::controls() {
            let found: Vec<&str> = words(text(&file)).collect();
            let raw: raw::RawControl = typed(None, &source(&file).unwrap()).unwrap();
            let named: BTreeSet<&str> = kinds_of(text(&file)).collect();
            for kind in raw.evidence.values().flat_map(kinds) {
                assert!(named.contains(kind.as_str()), "{}: `{kind}` is not found", file.path);
            }
            for path in raw.evidence.values().flat_map(written) {
                assert!(found.contains(&path.as_str()), "{}: `{path}` is not a word", file.path);
            }
        }
    }

    #[test]
    fn only_what_a_path_concerns_is_left_with_its_kinds() {
        let files = pack_files();
        let needed = files.needed_for(&["evidence/policies/access-control.md"]);
        let has = |files: &[File], wanted: &str| files.iter().any(|file| name(file) == wanted);
        assert!(has(&needed.controls, "acc-01") && has(&needed.schemas, "policy-document"));
        assert!(!has(&needed.controls, "chm-03") && !has(&needed.schemas, "postmortem"));
        assert!(files.needed_for(&["elsewhere"]).controls.is_empty());
    }

    #[test]
    fn files_of_the_repository_and_controls_the_engagement_maps_stay() {
        let mut files = pack_files();
        let mut own = files.controls[0].clone();
        own.path = "controls/own/x-01.yaml".to_owned();
        files.controls.push(own.clone());
        files.engagement = Some(File {
            path: "tickmark.yaml".to_owned(),
            bytes: b"parameters: { ACC-01.x: 2 }\nevidence: { POL-01.policy: { path: p/*.md } }"
                .to_vec(),
        });
        let left = |path: &str| {
            let needed = files.needed_for(&[path]);
            needed.controls.into_iter().map(|file| file.path).collect::<Vec<_>>()
        };
        assert_eq!(left("elsewhere/a.md"), [own.path.as_str()]);
        let mapped = left("p/a.md");
        assert!(mapped.contains(&"builtin:controls/pol/pol-01.yaml".to_owned()), "{mapped:?}");
        assert!(mapped.contains(&own.path), "{mapped:?}");
    }
}
