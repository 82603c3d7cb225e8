//! `tickmark test`: what it must report of rule files that do not hold what they promise.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const KIND: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "tickmark:kind/grant",
  "title": "Grant", "description": "A grant of access.",
  "x-tickmark": { "unit": "record", "formats": ["jsonl"] },
  "type": "object", "additionalProperties": false, "required": ["id", "author", "approver"],
  "properties": {
    "id": { "type": "string", "minLength": 1, "description": "Id.", "examples": ["G-1"] },
    "author": { "type": "string", "description": "Who asked.", "examples": ["p-001"] },
    "approver": { "type": "string", "description": "Who approved.", "examples": ["p-002"] },
    "note": { "type": "string", "description": "A note.", "examples": ["fine"] }
  }
}"#;

const CONTROL: &str = "\
id: OWN-01
title: Grants are approved by somebody else
items: [OWN-01]
objective: Grants are approved by somebody else.
evidence:
  grants:
    kind: grant
    path: evidence/grants-*.jsonl
    cadence: { every: month, within: 14 days }
    population: { key: id }
checks:
  independent:
    each: grants
    require: this.approver != this.author
    message: \"{id} was approved by its author\"
";

const TEST: &str = r#"control: OWN-01
as_of: 2026-02-20
window: { start: 2026-01-01, end: 2026-01-31 }
met:
  evidence/grants-2026-01.jsonl:
    manifest: { source: idp, query: all grants, collected_at: 2026-02-02T09:00:00+01:00, collected_by: p-003, covers: { from: 2026-01-01, to: 2026-01-31 } }
    text: |
      {"id": "G-1", "author": "p-001", "approver": "p-002", "note": "fine"}
      {"id": "G-2", "author": "p-004", "approver": "p-002", "note": "fine"}
cases:
  - name: the author approves
    edit: { evidence/grants-2026-01.jsonl: { replace: '"author": "p-001", "approver": "p-002"', with: '"author": "p-001", "approver": "p-001"' } }
    finding: { code: condition-failed, check: independent, at: '"p-001"' }
"#;

/// A folder of rule files with one control, its kind and its test file.
fn pack(control: &str, test: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("schemas/grant.schema.json", KIND);
    write("controls/own-01.yaml", control);
    if let Some(test) = test {
        write("controls/own-01.test.yaml", test);
    }
    folder
}

/// The exit status of `tickmark test FOLDER` and all it says.
fn run(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    let output = command.arg("test").arg(folder).args(more).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

#[track_caller]
fn fails(control: &str, test: &str, said: &str) {
    let (exit, told) = run(pack(control, Some(test)).path(), &[]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains(said), "{said}\n{told}");
}

#[track_caller]
fn refused(control: &str, test: &str, said: &str) {
    let (exit, told) = run(pack(control, Some(test)).path(), &[]);
    assert_eq!(exit, Some(2), "{told}");
    assert!(told.contains(said), "{said}\n{told}");
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn a_control_that_can_fail_in_every_part_passes() {
    let (exit, told) = run(pack(CONTROL, Some(TEST)).path(), &[]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("ok    OWN-01") && told.contains("mutation score 100.0 %"), "{told}");
    assert!(told.contains("2 of 2 checks and requirements can fail"), "{told}");
    let (exit, told) = run(pack(CONTROL, Some(TEST)).path(), &["--no-mutants"]);
    assert_eq!((exit, told.contains("mutation score")), (Some(0), false), "{told}");
}

#[test]
fn a_check_that_holds_whatever_the_evidence_says_cannot_fail() {
    let idle =
        "  idle:\n    each: grants\n    require: this.author == this.author || this.id != ''\n";
    fails(&format!("{CONTROL}{idle}"), TEST, "check idle cannot fail");
    // That a field it reads may be absent does not make it a check.
    let idle = "  idle:\n    each: grants\n    require: this.note == this.note\n";
    fails(&format!("{CONTROL}{idle}"), TEST, "check idle cannot fail");
    let idle = "  idle: { count: { evidence: grants, min: 0 } }\n";
    fails(&format!("{CONTROL}{idle}"), TEST, "check idle cannot fail");
}

#[test]
fn a_rule_of_a_kind_that_cannot_fail_is_told() {
    let rule = r#""formats": ["jsonl"], "rules": { "idle": { "require": "this.id != 'x' || this.id == 'x'" } }"#;
    let folder = pack(CONTROL, Some(TEST));
    let kind = changed(KIND, r#""formats": ["jsonl"]"#, rule);
    fs::write(folder.path().join("schemas/grant.schema.json"), kind).unwrap();
    let (exit, told) = run(folder.path(), &[]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("kind grant: idle cannot fail"), "{told}");
}

#[test]
fn what_a_test_file_says_must_be_so() {
    let case = |from: &str, to: &str| changed(TEST, from, to);
    fails(
        CONTROL,
        &case("\"p-004\", \"approver\": \"p-002\"", "\"p-004\", \"approver\": \"p-004\""),
        "the met tree is unmet",
    );
    fails(
        CONTROL,
        &case("code: condition-failed", "code: period-missing"),
        "does not give `period-missing`",
    );
    fails(CONTROL, &case("at: '\"p-001\"'", "at: '\"p-002\"'"), "at `\"p-002\"`");
    fails(
        CONTROL,
        &case(
            "with: '\"author\": \"p-001\", \"approver\": \"p-001\"'",
            "with: '\"author\": \"p-007\", \"approver\": \"p-002\"'",
        ),
        "is met, not unmet",
    );
    fails(
        CONTROL,
        &format!("{TEST}survivors: [{{ mutant: 'x: removed', because: it is spare }}]\n"),
        "`survivors` explains `x: removed`",
    );
}

#[test]
fn a_fault_that_no_control_may_miss_is_told_when_it_is_missed() {
    // Without a cadence and with two files, one of them is spare.
    let control = changed(
        CONTROL,
        "    cadence: { every: month, within: 14 days }\n    population: { key: id }\n",
        "    manifest: required\n",
    );
    let (met, cases) = TEST.split_once("cases:").unwrap();
    let file = met[met.find("  evidence/").unwrap()..]
        .replace("2026-01.jsonl", "2026-01b.jsonl")
        .replace("G-", "H-");
    let test = format!("{met}{file}cases:{cases}");
    fails(&control, &test, "missed: evidence/grants-2026-01.jsonl: removed");
    let explained = ["", "b"].map(|name| {
        format!("  - {{ mutant: 'evidence/grants-2026-01{name}.jsonl: removed', because: one of two }}\n")
    });
    let (exit, told) =
        run(pack(&control, Some(&format!("{test}survivors:\n{}", explained.concat()))).path(), &[]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("(2 explained)"), "{told}");
}

#[test]
fn a_control_without_tests_is_not_tested() {
    let (exit, told) = run(pack(CONTROL, None).path(), &[]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("there is no `controls/own-01.test.yaml`"), "{told}");
}

#[test]
fn a_test_file_that_is_wrong_stops_the_run_at_its_place() {
    let case = |from: &str, to: &str| changed(TEST, from, to);
    refused(
        CONTROL,
        &case("code: condition-failed", "code: condition-faild"),
        "did you mean `condition-failed`?",
    );
    refused(
        CONTROL,
        &case("replace: '\"author\": \"p-001\"", "replace: '\"author\": \"p-009\""),
        "occurs 0 times",
    );
    refused(CONTROL, &case("finding:", "findings:"), "findings");
    refused(
        CONTROL,
        &case("    finding: { code: condition-failed, check: independent, at: '\"p-001\"' }\n", ""),
        "names the `finding`",
    );
    refused(CONTROL, &case("control: OWN-01", "control: OWN-02"), "lies beside another control");
    refused(&changed(CONTROL, "this.approver", "this.aprover"), TEST, "aprover");
    let (exit, told) = run(tempfile::tempdir().unwrap().path(), &[]);
    assert_eq!((exit, told.contains("there is no rule file")), (Some(2), true), "{told}");
    let (exit, told) = run(pack(CONTROL, Some(TEST)).path(), &["--control", "OWN-1"]);
    assert_eq!((exit, told.contains("did you mean `OWN-01`?")), (Some(2), true), "{told}");
}
