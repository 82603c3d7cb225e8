//! Mutants: single faults made from a tree that meets its control, without knowing the control.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;

use super::field::{Field, parts};
use super::tree::{File, Manifest, Tree};
use crate::document::Kind;

/// One fault.
#[derive(Debug, Clone)]
pub(super) struct Mutant {
    /// What was done, and where.
    pub(super) name: String,
    /// Whether a verifier that misses it is wrong, whatever the control asks.
    pub(super) must: bool,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Removed {
        path: String,
    },
    ManifestRemoved {
        path: String,
    },
    /// New text; with the number of records the manifest goes on to state.
    Text {
        path: String,
        text: String,
        records: Option<u64>,
    },
    Manifest {
        path: String,
        text: String,
    },
}

/// How many fields of one name are changed in a file: the first ones and the last.
const OF_A_NAME: usize = 4;

/// All mutants of `tree`; `required` says which outermost fields the kinds of a file demand.
pub(super) fn mutants(tree: &Tree, required: &dyn Fn(&str, &str) -> bool) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let known = contents(tree);
    for (path, file) in &tree.0 {
        if path == "exceptions.yaml" {
            continue;
        }
        let mut push = |name: String, must: bool, change: Change| {
            mutants.push(Mutant { name: format!("{path}: {name}"), must, change });
        };
        push("removed".to_owned(), true, Change::Removed { path: path.clone() });
        let sealed = file.sealed(path);
        let stated = sealed.as_deref().and_then(|manifest| number_of(manifest, "records"));
        let text =
            |text: String, records: Option<u64>| Change::Text { path: path.clone(), text, records };
        if !file.text.is_empty() {
            push("emptied".to_owned(), stated.is_some(), text(String::new(), stated));
        }
        for (share, at) in
            [("a third", file.text.len() / 3), ("two thirds", file.text.len() * 2 / 3)]
        {
            let cut = (0..=at).rev().find(|at| file.text.is_char_boundary(*at)).unwrap_or(0);
            let cut = text(file.text[..cut].to_owned(), stated);
            push(format!("cut off after {share}"), false, cut);
        }
        let parts = parts(path, &file.text);
        for record in few(&parts.records, |_| String::new(), 8) {
            let line = line(&file.text, record.start);
            let without = [&file.text[..record.start], &file.text[record.end..]].concat();
            let what = format!("the record at line {line} dropped");
            push(
                format!("{what}, its count kept"),
                stated.is_some(),
                text(without.clone(), stated),
            );
            push(what, false, text(without, None));
            let one = &file.text[record.clone()];
            let twice = [&file.text[..record.end], one, &file.text[record.end..]].concat();
            push(format!("the record at line {line} twice"), false, text(twice, None));
        }
        for element in few(&parts.elements, |_| String::new(), 12) {
            let (line, column) = place(&file.text, element.start);
            let without = [&file.text[..element.start], &file.text[element.end..]].concat();
            let what = format!("the element at line {line}, column {column} dropped");
            push(what, false, text(without, stated));
        }
        for field in few(&parts.fields, name_of, OF_A_NAME) {
            let spot = {
                let (line, column) = place(&file.text, field.span.start);
                format!("{} at {line}:{column}", field.pointer)
            };
            if let Some(whole) = &field.whole {
                let without = [&file.text[..whole.start], &file.text[whole.end..]].concat();
                let name = field.pointer.trim_start_matches('/');
                let must = field.outermost && required(path, name);
                push(format!("{spot} taken out"), must, text(without, None));
            }
            for value in values(field, &parts.fields, &known) {
                let changed = with(&file.text, field, &value);
                push(format!("{spot} becomes {value}"), false, text(changed, None));
            }
        }
        let Some(sealed) = sealed else { continue };
        push(
            "its manifest removed".to_owned(),
            false,
            Change::ManifestRemoved { path: path.clone() },
        );
        let manifest = |text: String| Change::Manifest { path: path.clone(), text };
        let parts = super::field::parts("manifest.yaml", &sealed);
        for field in &parts.fields {
            let spot = format!("manifest {}", field.pointer);
            if let Some(whole) = &field.whole {
                let without = [&sealed[..whole.start], &sealed[whole.end..]].concat();
                push(format!("{spot} taken out"), false, manifest(without));
            }
            let binds = matches!(field.pointer.as_str(), "/sha256" | "/records");
            for value in values(field, &parts.fields, &known) {
                let must = binds && value != field.content;
                let changed = manifest(with(&sealed, field, &value));
                push(format!("{spot} becomes {value}"), must, changed);
            }
        }
    }
    mutants
}

impl Mutant {
    /// The file of `tree` this is a fault of, and what is left of it.
    pub(super) fn apply(&self, tree: &Tree) -> (&str, Option<File>) {
        let (Change::Removed { path }
        | Change::ManifestRemoved { path }
        | Change::Text { path, .. }
        | Change::Manifest { path, .. }) = &self.change;
        let mut file = tree.0.get(path).cloned();
        match (&self.change, &mut file) {
            (Change::Removed { .. }, file) => *file = None,
            (Change::ManifestRemoved { .. }, Some(file)) => file.manifest = None,
            (Change::Text { text, records, .. }, Some(file)) => {
                file.text.clone_from(text);
                if let (Some(Manifest::Keys(keys)), Some(records)) = (&mut file.manifest, records) {
                    keys.insert("records".to_owned(), (*records).into());
                }
            }
            (Change::Manifest { text, .. }, Some(file)) => {
                file.manifest = Some(Manifest::Text(text.clone()));
            }
            (_, None) => {}
        }
        (path, file)
    }
}

/// The first of each name, and the last: enough to reach every condition, few enough to be quick.
fn few<T>(all: &[T], name: impl Fn(&T) -> String, most: usize) -> Vec<&T> {
    let mut seen: BTreeMap<String, Vec<&T>> = BTreeMap::new();
    for one in all {
        seen.entry(name(one)).or_default().push(one);
    }
    seen.into_values()
        .flat_map(|mut of_name| {
            if of_name.len() > most {
                of_name.drain(most - 1..of_name.len() - 1);
            }
            of_name
        })
        .collect()
}

/// The pointer without the positions in lists.
fn name_of(field: &Field) -> String {
    let digits = |token: &str| token.chars().all(|c| c.is_ascii_digit());
    field.pointer.split('/').filter(|token| !digits(token)).collect::<Vec<_>>().join("/")
}

fn last(field: &Field) -> String {
    name_of(field).rsplit('/').next().unwrap_or_default().to_owned()
}

/// What fields of each name hold anywhere in the tree.
fn contents(tree: &Tree) -> BTreeMap<String, BTreeSet<String>> {
    let mut contents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, file) in &tree.0 {
        for field in parts(path, &file.text).fields {
            contents.entry(last(&field)).or_default().insert(field.content);
        }
    }
    contents
}

/// Other values for `field`.
fn values(
    field: &Field,
    siblings: &[Field],
    known: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let content = field.content.as_str();
    let mut values = BTreeSet::new();
    let day = content.get(..10).and_then(|day| day.parse::<Date>().ok());
    if let Some(day) = day {
        for days in [-400, -40, -2, 2, 40, 400] {
            if let Ok(moved) = day.checked_add(days.days()) {
                values.insert(format!("{moved}{}", &content[10..]));
            }
        }
    } else if field.kind == Kind::Boolean || matches!(content, "true" | "false") {
        values.insert((content != "true").to_string());
    } else if let Ok(number) = content.parse::<f64>() {
        let whole = number.fract() == 0.0 && number.abs() < 1e15;
        for other in [0.0, 1.0, -1.0, number + 1.0, number * 2.0, number * 1_000.0, number / 10.0] {
            let other = if whole { other.trunc() } else { other };
            values.insert(other.to_string());
        }
    } else if content.len() == 64 && content.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let first = if content.starts_with('0') { '1' } else { '0' };
        values.insert(format!("{first}{}", &content[1..]));
    } else {
        values.insert("other".to_owned());
        values.insert("p-999".to_owned());
        let same_name = known.get(&last(field)).into_iter().flatten();
        values.extend(same_name.take(6).cloned());
        let folder =
            |field: &Field| field.pointer.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let near = siblings.iter().filter(|other| {
            folder(other) == folder(field) && shape(&other.content) == shape(content)
        });
        values.extend(near.take(4).map(|other| other.content.clone()));
    }
    values.remove(content);
    values
}

/// Two texts of one shape may be taken for each other: `p-001` and `p-017`.
fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

fn with(text: &str, field: &Field, value: &str) -> String {
    let Range { start, end } = field.span;
    let quote = match text.as_bytes().get(start) {
        Some(b'"') => "\"",
        Some(b'\'') => "'",
        _ => "",
    };
    [&text[..start], quote, value, quote, &text[end..]].concat()
}

fn line(text: &str, at: usize) -> usize {
    place(text, at).0
}

fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn number_of(manifest: &str, key: &str) -> Option<u64> {
    let fields = parts("manifest.yaml", manifest).fields;
    fields.iter().find(|field| field.pointer == format!("/{key}"))?.content.parse().ok()
}
