//! All formats of one run: they name a finding by the same id, and what they leave out they count.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use repository::{AS_OF, Repository};
use serde_json::Value;

const FORMATS: [&str; 10] =
    ["human", "json", "sarif", "junit", "github", "gitlab", "markdown", "oscal", "html", "csv"];

const KIND: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
  "title": "Approval", "description": "An approval.", "required": ["id", "author", "approver"],
  "properties": {
    "id": { "type": "string", "description": "Its id." },
    "author": { "type": "string", "description": "Who made it." },
    "approver": { "type": "string", "description": "Who approved it." }
  },
  "additionalProperties": false,
  "x-tickmark": { "unit": "record", "formats": ["jsonl"] }
}"#;

/// Controls `APP-1` and so on, each over one file of `approvals` that whoever made them approved.
fn own_approvals(controls: usize, approvals: usize) -> Repository {
    let mut repository = Repository::new().with("schemas/approval.json", KIND);
    for control in 1..=controls {
        let path = format!("evidence/approvals-{control}.jsonl");
        let rule = serde_json::json!({
            "id": format!("APP-{control}"),
            "title": "Whoever approves has not made it",
            "items": ["TEST"],
            "objective": "Nobody approves what they made.",
            "evidence": { "approvals": { "kind": "approval", "path": path } },
            "checks": { "another-approves": {
                "each": "approvals",
                "require": "this.author != this.approver",
                "message": "{id} was approved by {approver}, who made it",
            } },
        });
        let row = |at: usize| {
            format!(
                "{{\"id\": \"A-{control}-{at:05}\", \"author\": \"p-1\", \"approver\": \"p-1\"}}\n"
            )
        };
        repository = repository
            .with(&format!("controls/app-{control}.yaml"), rule.to_string())
            .with(&path, (0..approvals).map(row).collect::<String>());
    }
    repository
}

/// What one run writes in every format, each to a file of its own.
struct Written(tempfile::TempDir);

impl Written {
    fn of(repository: &Repository) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repository");
        for (path, bytes) in &repository.0 {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
        command.arg("verify").arg(&root).args(["--as-of", AS_OF]);
        for format in FORMATS {
            command.arg("--format").arg(format!("{format}={}", Self::path(&folder, format)));
        }
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(output.stdout.is_empty(), "each format went to its file");
        Self(folder)
    }

    fn path(folder: &tempfile::TempDir, format: &str) -> String {
        Path::new(folder.path()).join(format).to_str().unwrap().to_owned()
    }

    fn text(&self, format: &str) -> String {
        fs::read_to_string(Self::path(&self.0, format)).unwrap()
    }

    fn json(&self, format: &str) -> Value {
        serde_json::from_str(&self.text(format)).unwrap()
    }
}

/// What stands in `text` between `before` and `after`, wherever it is an id.
fn between(text: &str, before: &str, after: &str) -> BTreeSet<String> {
    let is_id = |part: &&str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = text.split(before).skip(1).filter_map(|rest| rest.split(after).next());
    parts.filter(is_id).map(str::to_owned).collect()
}

#[test]
fn a_finding_has_the_same_id_in_every_format() {
    let written = Written::of(&own_approvals(2, 4));
    let json = written.json("json");
    let findings = json["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let to_fix = findings.iter().filter(|one| one["blocks"] == true);
    let to_fix: BTreeSet<String> = to_fix.map(|one| text(&one["id"])).collect();
    let all: BTreeSet<String> = findings.iter().map(|one| text(&one["id"])).collect();
    assert_eq!(to_fix.len(), 8);
    for (format, before, after) in [
        ("sarif", "\"primaryLocationLineHash\":\"", "\""),
        ("gitlab", "\"fingerprint\":\"", "\""),
        ("html", "id=\"f-", "\""),
        ("csv", "\r\n", ","),
        ("markdown", "`", "`"),
    ] {
        assert_eq!(between(&written.text(format), before, after), all, "{format}");
    }
    let observations = written.json("oscal");
    let observations = &observations["assessment-results"]["results"][0]["observations"];
    let props = observations.as_array().unwrap().iter().flat_map(|one| one["props"].as_array());
    let named = props.flatten().filter(|prop| prop["name"] == "finding-id");
    assert_eq!(named.map(|prop| text(&prop["value"])).collect::<BTreeSet<_>>(), all, "oscal");
    for (format, before, after) in
        [("human", "\n  id: ", "\n"), ("junit", "[", "]"), ("github", "%0AFinding ", "\n")]
    {
        assert_eq!(between(&written.text(format), before, after), to_fix, "{format}");
    }
}

/// Each check keeps a thousand findings and counts the rest.
#[test]
fn what_is_left_out_is_counted_in_every_format() {
    let (listed, unlisted) = (3 * 1_000, 3 * 1_500);
    let written = Written::of(&own_approvals(3, 2_500));
    let says = |format: &str, expected: &str, times: usize| {
        let text = written.text(format);
        assert_eq!(text.matches(expected).count(), times, "{format} does not say `{expected}`");
    };
    let json = written.json("json");
    assert_eq!(json["findings"].as_array().unwrap().len(), listed);
    let counts = json["omitted"].as_array().unwrap().iter().map(|one| one["count"].as_u64());
    assert_eq!(counts.map(Option::unwrap).sum::<u64>(), unlisted);
    says("human", "2950 more findings not printed here", 1);
    says("human", "1500 more findings counted but not listed", 3);
    let run = &written.json("sarif")["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), listed);
    says("sarif", "4500 more findings were counted", 1);
    says("junit", "(and 2499 more)", 3);
    says("junit", "\nand 2480 more\n", 3);
    assert_eq!(written.text("github").lines().count(), 11);
    says("github", "7490 more findings not shown here", 1);
    let entries = written.json("gitlab");
    assert_eq!(entries.as_array().unwrap().len(), listed + 3);
    says("gitlab", "1500 more findings counted and not listed", 3);
    says("markdown", "7400 more findings", 1);
    says("oscal", "2400 more findings counted and not listed here", 3);
    says("html", "<article", listed);
    says("html", "4500 more findings were counted", 1);
    assert_eq!(written.text("csv").lines().count(), 1 + listed + 3);
    says("csv", "1500 more findings of check another-approves were counted", 3);
}
