//! Samples are derived again by a script that knows nothing of the program.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::process::{Command, Output, Stdio};

use repository::{AS_OF, example};
use serde_json::Value;

/// The whole method: the first argument is the record of a sample, the second the evidence.
const SCRIPT: &str = r#"
import glob, hashlib, json, sys
sample, h = json.load(sys.stdin), lambda text: hashlib.sha256(text.encode()).hexdigest()
rows = [json.loads(line) for file in glob.glob(sys.argv[1] + "/evidence/changes/*.jsonl") for line in open(file, encoding="utf-8")]
month = {row["change_id"]: row["deployed_at"][:7] for row in rows if row["change_type"] == "model" and row["environment"] == "production"}
population = h("".join(key + "\n" for key in sorted(month)))
seed = h("".join(part + "\n" for part in ["tickmark-sample/1", sample["organisation"], *sample["window"].values(), sample["control"], sample["requirement"], population]))
ranked = {name: sorted((key for key in month if month[key] == name), key=lambda key: h(seed + key)) for name in month.values()}
turns = sorted((round, h(seed + name), key) for name, keys in ranked.items() for round, key in enumerate(keys))
print(json.dumps([population, seed, [key for _, _, key in turns[:sample["size"]]]]))
"#;

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    let Output { status, stdout, stderr } = command.arg("sample").args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn ten_lines_of_python_draw_the_same() {
    let root = example();
    let root = root.to_str().unwrap();
    let args = ["CHM-01.changes", root, "--as-of", AS_OF, "--size", "6", "--format", "json"];
    let (exit, record, told) = run(&args);
    assert_eq!(exit, Some(0), "{told}");
    let sample: Value = serde_json::from_str(&record).unwrap();
    let schema = jsonschema::validator_for(&tickmark::sample::schema()).unwrap();
    assert!(schema.is_valid(&sample), "{record}");
    let mut added = sample.clone();
    added["approved"] = true.into();
    assert!(!schema.is_valid(&added), "a record with something added to it is another record");
    assert_eq!(sample["population"]["open_findings"], 0);
    let selected = sample["selected"].as_array().unwrap();
    assert_eq!((selected.len(), sample["size"].as_u64()), (6, Some(6)));
    assert!(sample["population"]["size"].as_u64() > Some(6), "{record}");
    for one in selected {
        let file = one["file"].as_str().unwrap();
        let text = std::fs::read_to_string(example().join(file)).unwrap();
        let line = text.lines().nth(one["line"].as_u64().unwrap() as usize - 1).unwrap();
        assert!(line.contains(&format!("\"change_id\": {}", one["key"])), "{line}");
    }
    let python = Command::new("python3")
        .args(["-c", SCRIPT, root])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        eprintln!("skipped: python3 is not there");
        return;
    };
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), record.as_bytes()).unwrap();
    let derived = python.wait_with_output().unwrap();
    let derived: Value = serde_json::from_slice(&derived.stdout).unwrap();
    assert_eq!(derived[0], sample["population"]["sha256"]);
    assert_eq!(derived[1], sample["seed"]);
    let keys: Vec<&Value> = selected.iter().map(|one| &one["key"]).collect();
    assert_eq!(derived[2].as_array().unwrap().iter().collect::<Vec<_>>(), keys);
    assert_eq!(run(&args).1, record);
}

#[test]
fn the_table_says_what_it_is_and_wrong_names_are_told() {
    let root = example();
    let root = root.to_str().unwrap();
    let (exit, table, told) =
        run(&["CHM-01.changes", root, "--as-of", AS_OF, "--size", "3", "--frequency", "monthly"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(table.starts_with("Dry run:") && table.contains("2 to 5"), "{table}");
    assert_eq!(table.lines().filter(|line| line.contains("evidence/changes/")).count(), 3);
    for (args, expected) in [
        (vec!["CHM-01.chnages", root], "did you mean `CHM-01.changes`?"),
        (vec!["CHM-01.people", root], "populations of this control: CHM-01.changes"),
        (vec!["CHM-01.changes", root, "--size", "0"], "shows nothing"),
    ] {
        let (exit, _, told) = run(&args);
        assert_eq!(exit, Some(2), "{told}");
        assert!(told.contains(expected), "{told}");
    }
}
