//! `tickmark explain` and `tickmark matrix` as they are typed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

const ROOT: &str = "examples/acme-ai";

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

#[track_caller]
fn says(arguments: &[&str], parts: &[&str]) {
    let (exit, told) = run(arguments);
    assert_eq!(exit, Some(0), "{told}");
    for part in parts {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn a_control_says_what_it_asks_and_what_was_found() {
    let explain = ["explain", "CHM-01", "--root", ROOT, "--as-of", "2026-08-15"];
    let parts = [
        "CHM-01: Model modifications are approved before they ship",
        "What good evidence looks like",
        "approver-is-independent",
        "emergency_approval_days = 2",
        "What was found as of 2026-08-15: met",
        "covered: 2026-01, 2026-02, 2026-03, 2026-04, 2026-05, 2026-06, 2026-07",
        "pending: 2026-08, 2026-09",
    ];
    says(&explain, &parts);
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "organisation: Nobody\nwindow: { start: 2026-01-01, end: 2026-12-31 }\ntime_zone: UTC\npacks: [soc2-ai]\n";
    std::fs::write(folder.path().join("tickmark.yaml"), text).unwrap();
    let root = folder.path().to_str().unwrap();
    let parts = [
        "What was found as of 2026-04-20: unmet",
        "to fix",
        "no file matches `evidence/changes/*.jsonl`",
    ];
    says(&["explain", "CHM-01", "--root", root, "--as-of", "2026-04-20"], &parts);
}

#[test]
fn items_criteria_kinds_and_codes_are_explained_without_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let explain = |id: &'static str| ["explain", id, "--root", root];
    says(&explain("SYS-02"), &["SYS-02"]);
    says(&explain("CC8.1"), &["Criterion CC8.1: Change management", "CHM-01"]);
    says(&explain("CC1.2"), &["Board oversight", "No control supports it"]);
    says(&explain("change-record"), &["change_id", "Controls that read it"]);
    says(&explain("period-missing"), &["What to do"]);
    let (exit, told) = run(&explain("CHM-1"));
    assert_eq!((exit, told.contains("did you mean `CHM-01`?")), (Some(2), true), "{told}");
}

#[test]
fn the_matrix_has_a_row_for_each_item_and_each_criterion() {
    let rows = |more: &[&str]| {
        let matrix = ["matrix", ROOT, "--as-of", "2027-01-10", "--format", "csv"];
        let (exit, told) = run(&[&matrix[..], more].concat());
        assert_eq!(exit, Some(0), "{told}");
        told.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let items = rows(&[]);
    assert_eq!(items.len(), 1 + 72);
    assert!(
        items.iter().any(|row| row.starts_with("CHM-01,") && row.contains("CC8.1")),
        "{items:#?}"
    );
    let criteria = rows(&["--by", "criterion"]);
    assert_eq!(criteria.len(), 1 + 61);
    let open = criteria.iter().filter(|row| row.contains("no control supports it"));
    assert_eq!(open.count(), 11);
}

#[test]
fn a_pack_is_loaded_however_the_engagement_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let rest = r#""window": {"start": "2026-01-01", "end": "2026-12-31"}, "time_zone": "UTC""#;
    for packs in [r#"["soc2-ai"]"#, r#"["soc2\x2dai"]"#] {
        let text = format!("{{\"organisation\": \"Audit #2\", {rest}, \"packs\": {packs}}}\n");
        std::fs::write(folder.path().join("tickmark.yaml"), text).unwrap();
        let (exit, told) = run(&["verify", root, "--as-of", "2026-06-01"]);
        assert_eq!(exit, Some(1), "{told}");
        assert!(told.contains("of 72 controls"), "{told}");
    }
}

#[test]
fn what_is_recorded_does_not_stop_a_commit() {
    for file in ["evidence/changes/changes-2026-05.jsonl", "evidence/personnel/roster-2026-Q1.csv"]
    {
        let path = format!("{ROOT}/{file}");
        let (exit, told) = run(&["check", "--as-of", "2027-01-10", &path]);
        assert_eq!((exit, told.contains("What to fix")), (Some(0), false), "{told}");
        assert_eq!(told.contains("(covered by EX-2026-001)"), file.contains("changes"), "{told}");
    }
}
