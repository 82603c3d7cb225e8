//! Binders: made, unpacked by other programs, checked, and damaged in every region.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use repository::{AS_OF, Repository, example};
use serde_json::Value;
use tickmark::binder::{Binder, assemble, check, digest, pack};
use tickmark::catalog::{File, Files};
use tickmark::evidence::{Inventory, Memory};

fn run(args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    let Output { status, stdout, stderr } = command.args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

/// Files by their path.
type Tree = BTreeMap<String, Vec<u8>>;

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
fn the_folders_are_those_of_the_requests_where_the_engagement_has_them() {
    let engagement = format!("{}requests: {{ NOT: [PBC-07, PBC-12] }}\n", repository::ENGAGEMENT);
    let files = made(&small().with("tickmark.yaml", engagement)).files;
    let folders: Vec<&str> =
        files.keys().filter_map(|path| path.strip_suffix("/index.csv")).collect();
    assert_eq!(folders, ["requests/PBC-07", "requests/PBC-12"]);
    let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
    assert!(text("index.csv").contains("\r\nPBC-07 PBC-12,"), "{}", text("index.csv"));
    assert!(text("requests/PBC-07/index.csv").contains("repository/evidence/notes.jsonl"));
    assert_eq!(check(&pack(&files).unwrap()).faults, [""; 0]);
}

/// The small repository, whose notes are not to leave it, and a second control over other notes.
fn with_withheld() -> Repository {
    let manifest = "repository/evidence/notes.jsonl.evidence.yaml";
    let manifest = String::from_utf8(made(&small()).files[manifest].clone()).unwrap();
    let other = "{\"id\": \"N-3\"}\n";
    let second = format!(
        "source: desk\ncollected_at: 2026-04-02T09:14:00+02:00\ncollected_by: p-011\n\
         sha256: {}\nrecords: 1\n",
        digest(other.as_bytes())
    );
    small()
        .with(
            "evidence/notes.jsonl.evidence.yaml",
            manifest + "withheld: { reason: names of patients; shown on site, by: p-003 }\n",
        )
        .with_control("NOT-02", "note", "evidence/other.jsonl")
        .with("evidence/other.jsonl", other)
        .with("evidence/other.jsonl.evidence.yaml", second)
}

#[test]
fn withheld_evidence_is_listed_as_such_and_what_rests_on_it_is_not_derived() {
    let binder = made(&with_withheld());
    let notes = "repository/evidence/notes.jsonl";
    assert!(!binder.files.contains_key(notes));
    assert!(binder.files.contains_key("repository/evidence/notes.jsonl.evidence.yaml"));
    for index in ["index.csv", "index.html", "controls/NOT-01/index.csv"] {
        let index = String::from_utf8(binder.files[index].clone()).unwrap();
        assert!(index.contains("withheld: names of patients"), "{index}");
        assert!(index.contains(&digest(b"{\"id\": \"N-1\"}\n{\"id\": \"N-2\"}\n")), "{index}");
    }
    assert!(binder.report.passes(), "it is judged where it lies");
    let checked = check(&pack(&binder.files).unwrap());
    assert_eq!(checked.faults, [""; 0]);
    let told = checked.notes.join("\n");
    assert!(told.contains("evidence/notes.jsonl") && told.contains("NOT-01"), "{told}");
    assert!(!told.contains("NOT-02"), "{told}");
    assert!(!checked.report.unwrap().passes(), "nobody can tell from the binder alone");
}

#[test]
fn nothing_can_be_called_withheld_to_hide_what_is_wrong() {
    let told = |change: &dyn Fn(&mut Tree), expected: &str| {
        let faults = forged_of(&with_withheld(), change);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
    };
    let replace = |files: &mut Tree, path: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[path].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        files.insert(path.to_owned(), text.replace(from, to).into_bytes());
    };
    let other = "repository/evidence/other.jsonl";
    // Another file is taken away and called withheld.
    told(
        &|files| {
            files.remove(other);
            let seen = "evidence/other.jsonl\",\n    \"in_binder\": true";
            let to = format!(
                "evidence/other.jsonl\",\n    \"in_binder\": false,\n    \"withheld\": \"{}\"",
                "0".repeat(64)
            );
            replace(files, "files.json", seen, &to);
        },
        "no manifest says so",
    );
    // The digest of the withheld file is another one than its manifest has.
    told(
        &|files| {
            let notes = digest(b"{\"id\": \"N-1\"}\n{\"id\": \"N-2\"}\n");
            replace(files, "files.json", &notes, &"0".repeat(64));
        },
        "no manifest says so",
    );
    // The verdict of the other control is made better than its evidence.
    told(
        &|files| drop(files.insert(other.to_owned(), b"{\"id\": 3}\n".to_vec())),
        "apart from what rests on withheld files",
    );
    told(&|files| drop(files.insert("repository/x.txt".to_owned(), vec![1])), "x.txt");
}

/// The small repository with `manifest` added to what is said of the notes, and `notes` as they are.
fn noted(notes: &str, added: &str) -> Repository {
    let own = "evidence/notes.jsonl.evidence.yaml";
    let before = small();
    let was = String::from_utf8(before.0[own].clone()).unwrap();
    let old = digest(&before.0["evidence/notes.jsonl"]);
    let manifest = was.replace(&old, &digest(notes.as_bytes())) + added;
    before.with("evidence/notes.jsonl", notes).with(own, manifest)
}

const WITHHELD: &str = "withheld: { reason: names of patients, by: p-003 }\n";

#[test]
fn a_fault_in_its_manifest_puts_no_withheld_file_into_the_binder() {
    let notes = "{\"id\": \"N-1\"}\n{\"id\": \"N-2\"}\n";
    let of_folder = |text: &str| {
        let mut repository = small().with("evidence/folder.evidence.yaml", text);
        repository.0.remove("evidence/notes.jsonl.evidence.yaml");
        repository
    };
    for repository in [
        noted(notes, "withheld: { reason: personal data }\n"),
        noted(notes, "withheld:\n"),
        noted(notes, &format!("{WITHHELD}unknown: true\n")),
        noted(notes, &format!("{WITHHELD}records: 2\n")),
        noted(notes, &format!("{WITHHELD}broken: [\n")),
        of_folder("files: { notes.jsonl: { withheld: { reason: personal data } } }\n"),
        of_folder("defaults: { withheld: {} }\nfiles: { notes.jsonl: { source: desk } }\n"),
        of_folder("defaults: { withheld: {} }\nfile: { notes.jsonl: { source: desk } }\n"),
        of_folder("withheld: {}\nfiles: { notes.jsonl: { source: desk } }\n"),
        of_folder("files: { notes.jsonl: { withheld: {}, withheld: {} } }\n"),
    ] {
        let binder = made(&repository);
        let paths: Vec<&String> = binder.files.keys().collect();
        assert!(!paths.iter().any(|path| path.ends_with("notes.jsonl")), "{paths:?}");
        let index = String::from_utf8(binder.files["controls/NOT-01/index.csv"].clone()).unwrap();
        assert!(index.contains("withheld evidence"), "{index}");
        let checked = check(&pack(&binder.files).unwrap());
        assert_eq!(checked.faults, [""; 0]);
        assert!(checked.notes.join("\n").contains("evidence/notes.jsonl"));
        assert!(!checked.report.unwrap().passes(), "nobody can tell from the binder alone");
    }
}

#[test]
fn nothing_in_a_binder_quotes_a_withheld_file() {
    let rule = r#"{
      "id": "NOT-01", "title": "Notes are as they should be", "items": ["TEST"],
      "objective": "The artifact is what its kind says.",
      "evidence": { "artifact": { "kind": "note", "path": "evidence/notes.jsonl" } },
      "checks": { "named": { "title": "Notes are numbered", "each": "artifact",
                             "require": "this.id == 'N-1'", "message": "{id} is no number" } }
    }"#;
    let notes = "{\"id\": \"Erika\"}\n{\"id\": \"N-2\", \"Mustermann\": 1}\n";
    let open = noted(notes, "").with("controls/not-01.yaml", rule);
    let shut = noted(notes, WITHHELD).with("controls/not-01.yaml", rule);
    let quotes = |files: &Tree| -> Vec<String> {
        let quotes = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.contains("Erika") || text.contains("Mustermann")
        };
        let quoting = files.iter().filter(|(_, bytes)| quotes(bytes));
        quoting.map(|(path, _)| path.clone()).collect()
    };
    let all = quotes(&made(&open).files);
    for path in ["report/report.html", "report/report.json", "repository/evidence/notes.jsonl"] {
        assert!(all.iter().any(|one| one == path), "{all:?}");
    }
    let binder = made(&shut);
    assert_eq!(quotes(&binder.files), [""; 0]);
    let report = String::from_utf8(binder.files["report/report.json"].clone()).unwrap();
    assert!(report.contains("Notes are numbered"), "the title says what is wrong: {report}");
    assert_eq!(check(&pack(&binder.files).unwrap()).faults, [""; 0]);
}

#[test]
fn one_withheld_file_exempts_nothing_else() {
    let told = |change: &dyn Fn(&mut Tree), expected: &str| {
        let faults = forged_of(&with_withheld(), change);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
    };
    assert_eq!(forged_of(&with_withheld(), |_| {}), [""; 0]);
    for path in ["evil.exe", "report/evil.exe", "rules/evil.exe", "controls/NOT-01/evil.exe"] {
        told(&|files| drop(files.insert(path.to_owned(), vec![1])), path);
    }
    let derived = [
        "report/report.html",
        "report/report.oscal.json",
        "index.csv",
        "index.html",
        "README.txt",
        "controls/NOT-01/index.csv",
    ];
    for path in derived {
        told(&|files| files.get_mut(path).unwrap().extend(b"x"), path);
        told(&|files| drop(files.remove(path)), path);
    }
    let edit = |files: &mut Tree, edit: &dyn Fn(&mut Value)| {
        let path = "report/report.json";
        let mut report: Value = serde_json::from_slice(&files[path]).unwrap();
        edit(&mut report);
        files.insert(path.to_owned(), serde_json::to_vec_pretty(&report).unwrap());
    };
    // Its maker has the other control rest on what is withheld too.
    let apart = "apart from what rests on withheld files";
    told(
        &|files| {
            edit(files, &|report| {
                let withheld = report["controls"][0]["requirements"][0]["artifacts"][0].clone();
                let artifacts = &mut report["controls"][1]["requirements"][0]["artifacts"];
                artifacts.as_array_mut().unwrap().push(withheld);
            });
        },
        apart,
    );
    // What does not depend on the content of a withheld file is compared in its control too.
    let title = "/controls/0/title";
    told(&|files| edit(files, &|report| *report.pointer_mut(title).unwrap() = "x".into()), apart);
    let path = "/controls/0/requirements/0/artifacts/0/sha256";
    told(&|files| edit(files, &|report| *report.pointer_mut(path).unwrap() = "x".into()), apart);
    // Places that cannot be are told, whatever they are said of.
    let nowhere = |report: &mut Value| {
        let place = |from: u64, line: u64| {
            let at = serde_json::json!({ "line": line, "column": 0 });
            let path = "evidence/other.jsonl";
            serde_json::json!({ "path": path, "start_byte": from, "end_byte": 1, "start": at,
                                "end": at, "text": "" })
        };
        report["findings"] = serde_json::json!([{
            "id": "0", "code": "condition-failed", "severity": "error", "blocks": true,
            "control": "NOT-01", "message": "", "help": "", "subject": { "kind": "requirement" },
            "evidence": [place(u64::MAX, 0)], "rule": place(9, 0),
        }]);
    };
    told(&|files| edit(files, &nowhere), "is not what a report is");
    // An item is no better than its controls.
    let worse = |report: &mut Value| report["controls"][0]["verdict"] = "unmet".into();
    told(&|files| edit(files, &worse), "report/report.json");
}

#[test]
fn a_fault_beside_a_withheld_file_cannot_be_kept_silent() {
    let repository = with_withheld()
        .with_control("NOT-01", "note", "evidence/*.jsonl")
        .with("evidence/other.jsonl", "{\"id\": 3}\n");
    assert_eq!(forged_of(&repository, |_| {}), [""; 0]);
    let faults = forged_of(&repository, |files| {
        let path = "report/report.json";
        let mut report: Value = serde_json::from_slice(&files[path]).unwrap();
        let findings = report["findings"].as_array_mut().unwrap();
        let before = findings.len();
        findings.retain(|one| one["control"] != "NOT-01" || one["code"] != "schema-mismatch");
        assert!(findings.len() < before);
        files.insert(path.to_owned(), serde_json::to_vec_pretty(&report).unwrap());
    });
    assert!(faults.iter().any(|fault| fault.contains("apart from what rests")), "{faults:?}");
}

#[test]
fn a_binder_with_withheld_files_is_not_said_to_follow_from_what_is_inside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("binder.tar.gz");
    fs::write(&file, pack(&made(&with_withheld()).files).unwrap()).unwrap();
    let (exit, told) = run(&["binder", "verify", file.to_str().unwrap()]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("withheld") && !told.contains("report inside follows"), "{told}");
    assert!(told.contains("does not follow"), "{told}");
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
fn forged(change: impl FnOnce(&mut Tree)) -> Vec<String> {
    forged_of(&small(), change)
}

fn forged_of(repository: &Repository, change: impl FnOnce(&mut Tree)) -> Vec<String> {
    let mut files = made(repository).files;
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
