//! Binders: made, unpacked by other programs, checked, and damaged in every region.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use repository::{AS_OF, Repository, example};
use tickmark::binder::{Binder, assemble, check, digest, pack};
use tickmark::catalog::{File, Files};
use tickmark::evidence::{Inventory, Memory};

fn run(args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    let Output { status, stdout, stderr } = command.args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

const KIND: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
  "title": "Note", "description": "A note.", "required": ["id"],
  "properties": { "id": { "type": "string", "description": "Its id." } },
  "additionalProperties": false,
  "x-tickmark": { "unit": "record", "formats": ["jsonl"] }
}"#;

/// One control, one artifact whose manifest tells of a redaction, and a file nobody reads.
fn small() -> Repository {
    let notes = "{\"id\": \"N-1\"}\n{\"id\": \"N-2\"}\n";
    let manifest = format!(
        "source: desk\ncollected_at: 2026-04-02T09:14:00+02:00\ncollected_by: p-011\n\
         covers: {{ from: 2026-01-01, to: 2026-03-31 }}\nsha256: {}\nrecords: 2\nredactions:\n  \
         - {{ field: body, reason: personal data, method: removed, by: p-011 }}\n",
        digest(notes.as_bytes())
    );
    Repository::new()
        .with_control("NOT-01", "note", "evidence/notes.jsonl")
        .with("schemas/note.json", KIND)
        .with("evidence/notes.jsonl", notes)
        .with("evidence/notes.jsonl.evidence.yaml", manifest)
        .with("evidence/private.txt", "not asked for")
}

fn made(repository: &Repository) -> Binder {
    let file = |path: &str| File { path: path.to_owned(), bytes: repository.0[path].clone() };
    let under = |folder: &str| {
        repository.0.keys().filter(|path| path.starts_with(folder)).map(|path| file(path)).collect()
    };
    let policy = Files {
        engagement: Some(file("tickmark.yaml")),
        controls: under("controls/"),
        schemas: under("schemas/"),
        ..Files::default()
    };
    let store = Memory::new(repository.0.clone());
    let inventory = Inventory::new(repository.entries());
    assemble(&policy, &inventory, &store, AS_OF.parse().unwrap()).unwrap()
}

#[test]
fn a_binder_holds_what_the_verdict_rests_on_and_nothing_else() {
    let binder = made(&small());
    let paths: Vec<&str> = binder.files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "README.txt",
            "SHA256SUMS",
            "controls/NOT-01/index.csv",
            "files.json",
            "index.csv",
            "index.html",
            "report/report.html",
            "report/report.json",
            "report/report.oscal.json",
            "repository/controls/not-01.yaml",
            "repository/evidence/notes.jsonl",
            "repository/evidence/notes.jsonl.evidence.yaml",
            "repository/schemas/note.json",
            "repository/tickmark.yaml",
        ]
    );
    let index = String::from_utf8(binder.files["index.csv"].clone()).unwrap();
    assert!(index.contains("body: removed (personal data)"), "{index}");
    assert!(index.contains("2026-01-01 to 2026-03-31"), "{index}");
    let checked = check(&pack(&binder.files).unwrap());
    assert_eq!(checked.faults, [""; 0]);
    assert_eq!(checked.report.unwrap(), binder.report);
    assert_eq!(pack(&binder.files).unwrap(), pack(&made(&small()).files).unwrap());
}

#[test]
fn a_flipped_byte_anywhere_is_caught() {
    let packed = pack(&made(&small()).files).unwrap();
    let step = packed.len() / 400 + 1;
    let mut positions: Vec<usize> = (0..packed.len()).step_by(step).collect();
    positions.extend((0..24).chain(packed.len() - 24..packed.len()));
    let mut caught = 0;
    for at in positions {
        for mask in [0x01, 0x80, 0xff] {
            let mut flipped = packed.clone();
            flipped[at] ^= mask;
            assert!(!check(&flipped).faults.is_empty(), "byte {at}, mask {mask:02x}");
            caught += 1;
        }
    }
    eprintln!("{caught} flips of a binder of {} bytes caught", packed.len());
}

/// The binder of the small repository with `change` made to its files and `SHA256SUMS` in step, as
/// somebody would who wants it to be believed.
fn forged(change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Vec<String> {
    let mut files = made(&small()).files;
    change(&mut files);
    let sums = files.iter().filter(|(path, _)| *path != "SHA256SUMS");
    let sums: String = sums.map(|(path, bytes)| format!("{}  {path}\n", digest(bytes))).collect();
    files.insert("SHA256SUMS".to_owned(), sums.into_bytes());
    check(&pack(&files).unwrap()).faults
}

#[test]
fn what_does_not_follow_from_evidence_and_rules_is_caught() {
    assert_eq!(forged(|_| {}), [""; 0]);
    let told = |faults: Vec<String>, expected: &str| {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
    };
    let notes = "repository/evidence/notes.jsonl";
    told(
        forged(|files| drop(files.insert(notes.to_owned(), b"{\"id\": \"N-1\"}\n".to_vec()))),
        "report/report.json",
    );
    told(forged(|files| drop(files.remove(notes))), "report/report.json");
    told(forged(|files| drop(files.insert("extra.txt".to_owned(), vec![1]))), "extra.txt");
    let unread = "repository/evidence/private.txt".to_owned();
    told(forged(|files| drop(files.insert(unread.clone(), b"x".to_vec()))), &unread);
    told(forged(|files| drop(files.insert("index.csv".to_owned(), vec![]))), "index.csv");
    told(forged(|files| drop(files.remove("index.html"))), "index.html");
    told(forged(|files| drop(files.remove("report/report.json"))), "report/report.json");
    told(
        forged(|files| {
            let report = files.get_mut("report/report.json").unwrap();
            let text = String::from_utf8(report.clone()).unwrap();
            *report = text
                .replace("\"version\": \"", "\"version\": \"9.")
                .replace("\"met\": 1", "\"met\": 2")
                .into_bytes();
        }),
        "not the one that follows",
    );
}

#[test]
fn the_example_is_packed_unpacked_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("binder.tar.gz");
    let (root, shown) = (example(), file.to_str().unwrap());
    let make = ["binder", root.to_str().unwrap(), "--as-of", AS_OF, "--out", shown];
    let (exit, told) = run(&make);
    assert_eq!(exit, Some(0), "{told}");
    let first = fs::read(&file).unwrap();
    let (exit, told) = run(&["binder", "verify", shown]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("The binder is whole") && told.contains("Gate passes"), "{told}");
    let checksum = Command::new("sh")
        .args([
            "-c",
            "tar -xzf binder.tar.gz && cd binder && sha256sum --quiet --strict -c SHA256SUMS",
        ])
        .current_dir(folder.path())
        .status();
    match checksum {
        Ok(status) if cfg!(target_os = "linux") => assert!(status.success()),
        _ => eprintln!("skipped: tar and sha256sum are those of Linux"),
    }
    let mut damaged = first;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 4;
    fs::write(&file, damaged).unwrap();
    let (exit, told) = run(&["binder", "verify", shown]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("is not what it says"), "{told}");
}

#[test]
fn what_cannot_be_done_says_why() {
    let (exit, told) = run(&["binder", "verify", "/nowhere/binder.tar.gz"]);
    assert_eq!((exit, told.contains("cannot be read")), (Some(2), true), "{told}");
    let root = example();
    let (exit, _) = run(&["binder", root.to_str().unwrap()]);
    assert_eq!(exit, Some(2));
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in &small().0 {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    let out = folder.path().join("out.tar.gz");
    let make = ["binder", folder.path().to_str().unwrap(), "--out", out.to_str().unwrap()];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("notes.jsonl", folder.path().join("evidence/link.jsonl"))
            .unwrap();
        let (exit, told) = run(&make);
        assert_eq!((exit, told.contains("cannot go into a binder")), (Some(2), true), "{told}");
        assert!(!Path::new(&out).exists());
    }
}
