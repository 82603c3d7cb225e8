//! What the README shows is what the program has: its commands, its links and its formats.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn there_are_exactly_two_set_up_commands_and_they_are_the_gates() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .map(str::trim)
        .collect();
    assert_eq!(commands.len(), 2);
    let gate = fs::read_to_string(root().join(".ci/run")).unwrap();
    for command in commands {
        assert!(
            gate.lines().any(|line| line.trim() == command),
            "the gate does not run `{command}`"
        );
    }
}

#[test]
fn links_lead_somewhere() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let links: Vec<&str> =
        readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 5);
    for link in links.iter().filter(|link| !link.starts_with("http")) {
        assert!(root().join(link).exists(), "{link}");
    }
}

/// The example in a folder of its own, in which one approver is replaced by the author.
fn self_approved() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples/acme-ai");
    for entry in walkdir::WalkDir::new(&example) {
        let entry = entry.unwrap();
        let there = folder.path().join(entry.path().strip_prefix(&example).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(there).unwrap();
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
    let changes = folder.path().join("evidence/changes/changes-2026-03.jsonl");
    let text = fs::read_to_string(&changes).unwrap();
    let change = |line: &str| match line.contains("CHG-2026-0088") {
        true => line.replace("\"approver\": \"p-003\"", "\"approver\": \"p-012\""),
        false => line.to_owned(),
    };
    let edited: Vec<String> = text.lines().map(change).collect();
    assert_ne!(edited.join("\n"), text.trim_end(), "nothing was replaced");
    fs::write(&changes, edited.join("\n") + "\n").unwrap();
    folder
}

#[test]
fn the_picture_is_what_is_printed() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let picture = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = self_approved();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    command.args(["verify", "--as-of", "2027-01-10"]).arg(folder.path());
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut rest = printed.as_str();
    for part in picture.split("…\n").map(str::trim) {
        let at = rest.find(part);
        rest = &rest[at.unwrap_or_else(|| panic!("not printed:\n{part}\n\nbut:\n{printed}"))..];
    }
}
