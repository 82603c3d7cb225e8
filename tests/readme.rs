//! What the README shows is what the program has: the table of controls, and its commands.

use std::path::Path;
use std::{env, fs};

use tickmark::catalog::{File, Files, load, pack};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_table_of_controls_is_current() {
    let engagement = fs::read(root().join("examples/acme-ai/tickmark.yaml")).unwrap();
    let files = Files {
        checklists: vec![pack::checklist()],
        engagement: Some(File { path: "tickmark.yaml".to_owned(), bytes: engagement }),
        exceptions: None,
        controls: pack::controls(),
        schemas: pack::kinds(),
    };
    let catalog = load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut table = String::from("| control | stated as true | criteria |\n|---|---|---|\n");
    for control in &catalog.controls {
        let criteria = control.criteria.join(", ");
        table += &format!("| {} | {} | {criteria} |\n", control.id, control.title);
    }
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("<!-- controls -->\n").unwrap();
    let (shown, after) = rest.split_once("<!-- /controls -->").unwrap();
    if env::var_os("UPDATE").is_some() {
        let updated = format!("{before}<!-- controls -->\n{table}<!-- /controls -->{after}");
        fs::write(path, updated).unwrap();
    } else {
        assert_eq!(shown, table, "run `UPDATE=1 cargo test --test readme` to rewrite the table");
    }
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
