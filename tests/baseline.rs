//! `verify --baseline` over the example, with a fault that was there before and one that was not.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use repository::{AS_OF, Repository};

fn write(repository: &Repository, root: &Path) {
    for (path, bytes) in &repository.0 {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

fn verify(root: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    command.arg("verify").arg(root).args(["--as-of", AS_OF, "--control", "CHM-01"]).args(args);
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

/// The example with the named changes approved by whoever made them; manifests are left as they
/// are, so that each file that is touched has a second finding.
fn with_own_approval(repository: &Repository, path: &str) -> Repository {
    let text = String::from_utf8(repository.0[path].clone()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.contains("\"change_type\": \"model\"")).unwrap();
    let of = |name: &str| {
        let rest = lines[at].split_once(&format!("\"{name}\": \"")).unwrap().1;
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (author, approver) = (of("author"), of("approver"));
    lines[at] = lines[at]
        .replace(&format!("\"approver\": \"{approver}\""), &format!("\"approver\": \"{author}\""));
    repository.clone().with(path, lines.join("\n") + "\n")
}

#[test]
fn only_what_is_new_fails_where_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    let report = folder.path().join("report.json");
    let known = with_own_approval(&Repository::example(), "evidence/changes/changes-2026-03.jsonl");
    write(&known, &root);
    let shown = report.to_str().unwrap();
    let (exit, told) = verify(&root, &["--format", &format!("json={shown}")]);
    assert_eq!(exit, Some(1), "{told}");

    let (exit, told) = verify(&root, &["--baseline", shown]);
    assert_eq!(exit, Some(1), "{told}");
    let (exit, told) = verify(&root, &["--baseline", shown, "--fail-on", "new"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains(": 0 new, 0 gone,"), "{told}");
    // The words say what the exit status says.
    assert!(told.starts_with("Acme AI") && !told.contains("Gate fails"), "{told}");
    assert!(told.contains("Gate passes: nothing is new to fix since 2027-01-10."), "{told}");

    let two = with_own_approval(&known, "evidence/changes/changes-2026-05.jsonl");
    write(&two, &root);
    let (exit, told) = verify(&root, &["--baseline", shown, "--fail-on", "new"]);
    assert_eq!(exit, Some(1), "{told}");
    let first = told.split("What to fix").nth(1).unwrap();
    let first = first.split("╰────").next().unwrap();
    assert!(first.contains("new:") && first.contains("2026-05"), "{first}");
    assert!(!told.contains(" 0 new,") && told.contains(" 0 gone,"), "{told}");

    write(&Repository::example(), &root);
    let (exit, told) = verify(&root, &["--baseline", shown, "--fail-on", "new"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("gone: CHM-01") && told.contains(" 0 unchanged"), "{told}");
}

#[test]
fn a_baseline_that_says_nothing_of_this_audit_is_refused_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    write(&Repository::example(), &root);
    let report = folder.path().join("report.json");
    let shown = report.to_str().unwrap();
    let (exit, told) = verify(&root, &["--format", &format!("json={shown}")]);
    assert_eq!(exit, Some(0), "{told}");
    let text = fs::read_to_string(&report).unwrap();
    for (from, to, expected) in [
        ("\"organisation\": \"Acme AI\"", "\"organisation\": \"Other\"", "another organisation"),
        ("\"start\": \"2026-01-01\"", "\"start\": \"2025-01-01\"", "another audit window"),
        ("tickmark-report/1", "tickmark-report/2", "report.json:2:"),
        ("\"as_of\"", "\"as_on\"", "as_of"),
        ("\"strict\": false,", "\"strict\": false", "report.json:"),
    ] {
        fs::write(&report, text.replacen(from, to, 1)).unwrap();
        let (exit, told) = verify(&root, &["--baseline", shown]);
        assert_eq!(exit, Some(2), "{told}");
        assert!(told.contains(expected), "{expected}: {told}");
    }
    fs::remove_file(&report).unwrap();
    let (exit, told) = verify(&root, &["--baseline", shown]);
    assert_eq!((exit, told.contains("cannot be read")), (Some(2), true), "{told}");
    let (exit, told) = verify(&root, &["--fail-on", "new"]);
    assert_eq!((exit, told.contains("needs a baseline")), (Some(2), true), "{told}");
}

#[test]
fn another_record_with_the_same_kind_of_fault_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    let report = folder.path().join("report.json");
    let path = "evidence/changes/changes-2026-03.jsonl";
    let broken = |line: usize| {
        let example = Repository::example();
        let text = String::from_utf8(example.0[path].clone()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[line] = lines[line].replacen("\"title\": \"", "\"title\": 7, \"was\": \"", 1);
        example.with(path, lines.join("\n") + "\n")
    };
    write(&broken(0), &root);
    let shown = report.to_str().unwrap();
    let (exit, told) = verify(&root, &["--format", &format!("json={shown}")]);
    assert_eq!(exit, Some(1), "{told}");
    write(&broken(5), &root);
    let (exit, told) = verify(&root, &["--baseline", shown, "--fail-on", "new"]);
    assert_eq!(exit, Some(1), "{told}");
}
